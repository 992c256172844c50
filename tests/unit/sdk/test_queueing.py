"""The bounded queue loses nothing without counting it."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pitwall.sdk.queueing import EXPORT_FAILED, QUEUE_FULL, REJECTED, BoundedQueue

MAX_ITEMS, MAX_BYTES = 5, 100


@dataclass(frozen=True)
class Item:
    number: int
    size: int


class QueueMachine(RuleBasedStateMachine):
    """Offers, takes and settlements in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.queue: BoundedQueue[Item] = BoundedQueue(MAX_ITEMS, MAX_BYTES)
        self.model: deque[Item] = deque()
        self.offered = 0
        self.in_flight = 0

    @rule(size=st.integers(1, 150))
    def offer(self, size: int) -> None:
        item = Item(self.offered, size)
        self.offered += 1
        if self.queue.offer(item):
            self.model.append(item)

    @rule(items=st.integers(1, 4), size=st.integers(1, 120))
    def take(self, items: int, size: int) -> None:
        batch = self.queue.take(items, size)
        assert batch == [self.model.popleft() for _ in batch]
        assert bool(batch) == bool(batch or self.model)
        assert len(batch) <= items
        assert len(batch) <= 1 or sum(item.size for item in batch) <= size
        self.in_flight += len(batch)

    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        exported = data.draw(st.integers(0, self.in_flight))
        rejected = data.draw(st.integers(0, self.in_flight - exported))
        self.queue.settle(exported, rejected, REJECTED)
        self.queue.settle(0, self.in_flight - exported - rejected, EXPORT_FAILED)
        self.in_flight = 0

    @invariant()
    def everything_offered_is_somewhere(self) -> None:
        tally = self.queue.tally()
        assert tally.exported + tally.dropped_total + tally.queued + self.in_flight == self.offered
        assert tally.accepted + tally.dropped.get(QUEUE_FULL, 0) == self.offered
        assert self.queue.settled == tally.accepted - tally.queued - self.in_flight

    @invariant()
    def memory_is_bounded(self) -> None:
        assert len(self.model) <= MAX_ITEMS
        assert sum(item.size for item in self.model) <= max(
            MAX_BYTES, max((i.size for i in self.model), default=0)
        )


QueueMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestQueue = QueueMachine.TestCase


def test_threads_lose_nothing() -> None:
    """Eight threads offer while one takes; every item is either taken, in each thread's order, or counted."""
    queue: BoundedQueue[Item] = BoundedQueue(500, 10**9)
    taken: list[Item] = []
    done = threading.Event()

    def produce(base: int) -> None:
        for number in range(5_000):
            queue.offer(Item(base + number, 1))

    def consume() -> None:
        while not done.is_set() or queue.tally().queued:
            taken.extend(queue.take(100, 10**6))

    consumer = threading.Thread(target=consume)
    producers = [threading.Thread(target=produce, args=(base * 10_000,)) for base in range(8)]
    for thread in (consumer, *producers):
        thread.start()
    for thread in producers:
        thread.join()
    done.set()
    consumer.join()
    assert len(taken) + queue.tally().dropped.get(QUEUE_FULL, 0) == 40_000
    for base in range(8):
        own = [item.number for item in taken if item.number // 10_000 == base]
        assert own == sorted(own)
