"""The gate: many together, or one alone."""

from __future__ import annotations

import threading
import time

from pitwall.kit.gate import Gate

PATIENCE = 10


def test_many_pass_together() -> None:
    """Each of the two waits inside for the other; neither would get through if one had to be alone."""
    gate, both = Gate(), threading.Barrier(2)

    def pass_through() -> None:
        with gate.together():
            both.wait(PATIENCE)

    threads = [threading.Thread(target=pass_through) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not both.broken


def test_alone_means_alone() -> None:
    """Nobody is ever inside with the one that passes alone, and everybody gets through."""
    gate, inside, seen = Gate(), set[int](), list[int]()

    def pass_together(number: int) -> None:
        for _ in range(50):
            with gate.together():
                inside.add(number)
                time.sleep(0)
                inside.discard(number)

    def pass_alone() -> None:
        for _ in range(50):
            with gate.alone():
                seen.append(len(inside))

    threads = [threading.Thread(target=pass_together, args=(number,)) for number in range(3)]
    threads += [threading.Thread(target=pass_alone) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert seen == [0] * 100


def test_who_waits_to_be_alone_is_next() -> None:
    """Later comers wait behind it, so a stream of them cannot keep it out."""
    gate, order = Gate(), list[str]()

    def pass_alone() -> None:
        with gate.alone():
            order.append("alone")

    def pass_together() -> None:
        with gate.together():
            order.append("together")

    with gate.together():
        alone = threading.Thread(target=pass_alone)
        alone.start()
        while not gate._is_closed:
            time.sleep(0.001)
        together = threading.Thread(target=pass_together)
        together.start()
        together.join(0.05)
        assert order == []
    alone.join(PATIENCE)
    together.join(PATIENCE)
    assert order == ["alone", "together"]


def test_error_inside_opens_the_gate_again() -> None:
    """A failure leaves nothing locked."""
    gate = Gate()
    for passing in (gate.alone, gate.together):
        try:
            with passing():
                raise ValueError
        except ValueError:
            pass
    with gate.alone():
        pass
