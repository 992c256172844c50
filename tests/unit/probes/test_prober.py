"""The schedule of probes: paces with jitter, changes at once, and nobody waits for anybody."""

from __future__ import annotations

import random
import threading
import time

import pytest

from pitwall.core.errors import Unavailable
from pitwall.kit.clock import ManualClock
from pitwall.probes.jobs import Prober
from pitwall.probes.types import Probe, TcpProbe


def _probe(name: str, every_seconds: float = 30) -> Probe:
    return TcpProbe(name=name, address="127.0.0.1:1", every_seconds=every_seconds)


class Team:
    """Probes that can change, and a note of what ran."""

    def __init__(self, *probes: Probe) -> None:
        self.probes = list(probes)
        self.revision = 0
        self.is_away = False
        self.ran: list[str] = []
        self.hold = threading.Event()
        self.hold.set()
        self.clock = ManualClock()
        self.prober = Prober(
            lambda: [("default", probe) for probe in self.probes],
            self._revision,
            self._run,
            self.clock,
            random.Random(7),
        )

    def _revision(self) -> int:
        if self.is_away:
            raise Unavailable("away")
        return self.revision

    def _run(self, _project: str, probe: Probe) -> None:
        self.ran.append(probe.name)
        if probe.name == "stuck":
            self.hold.wait(30)

    def pass_time(self, seconds: float, step: float = 1.0) -> None:
        for _ in range(round(seconds / step)):
            self.clock.advance(step)
            self.prober.tick()
            deadline = time.monotonic() + 5
            while self._busy() and time.monotonic() < deadline:
                time.sleep(0.001)

    def _busy(self) -> bool:
        threads = [thread.name for thread in threading.enumerate()]
        return any(name.startswith("pitwall-probing-") and "stuck" not in name for name in threads)


def test_probe_runs_at_its_pace_give_or_take_a_tenth() -> None:
    """Ten minutes of a probe every 30 s are 20 runs, not 10 and not 40; every 10 s are 60."""
    team = Team(_probe("slow"), _probe("fast", 10))
    team.pass_time(600)
    assert team.ran.count("slow") == pytest.approx(20, abs=2)
    assert team.ran.count("fast") == pytest.approx(60, abs=5)


def test_hundred_probes_do_not_start_together() -> None:
    """Their first runs are spread, so that no tick starts more than a good part of them."""
    team = Team(*(_probe(f"p{number}") for number in range(100)))
    begun = []
    for _ in range(6):
        before = len(team.ran)
        team.pass_time(1)
        begun.append(len(team.ran) - before)
    assert sum(begun) == 100
    assert max(begun) < 40


def test_probe_that_hangs_stops_no_other_and_runs_once() -> None:
    """While it hangs the others go on at their pace, and it is not begun a second time."""
    team = Team(_probe("stuck", 5), _probe("well", 5))
    team.hold.clear()
    team.pass_time(120)
    assert team.ran.count("stuck") == 1
    assert team.ran.count("well") >= 20
    assert not team.prober.wait(0.01)
    team.hold.set()
    assert team.prober.wait(5)


def test_new_and_changed_probes_run_within_seconds_and_removed_ones_no_more() -> None:
    """A change counts from the next tick; what did not change keeps its time."""
    team = Team(_probe("old", 600))
    team.pass_time(10)
    assert team.ran == ["old"]
    team.probes, team.revision = [_probe("old", 600), _probe("new", 600)], 1
    team.pass_time(10)
    assert team.ran == ["old", "new"]
    team.probes, team.revision = [_probe("old", 500)], 2
    team.pass_time(10)
    assert team.ran == ["old", "new", "old"]


def test_known_probes_go_on_while_the_state_store_is_away() -> None:
    """A database that does not answer stops no probe that is known."""
    team = Team(_probe("p", 5))
    team.pass_time(10)
    before = len(team.ran)
    team.is_away = True
    team.pass_time(20)
    assert len(team.ran) >= before + 3


def test_failing_run_is_logged_and_the_next_comes() -> None:
    """Whatever a run raises is its own trouble."""
    clock, ran = ManualClock(), []

    def run(_project: str, probe: Probe) -> None:
        ran.append(probe.name)
        raise RuntimeError

    prober = Prober(lambda: [("default", _probe("p", 5))], lambda: 0, run, clock, random.Random(1))
    for _ in range(30):
        clock.advance(1)
        prober.tick()
        assert prober.wait(5)
    assert len(ran) >= 4
