"""When rounds begin: soon after data, anyway once in a while, and never more than a share of a core."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from pitwall.alerts.jobs import AlertJob, AlertJobParts
from pitwall.kit.clock import ManualClock


@dataclass
class Looks:
    """A job whose rounds take a known time, and when they began."""

    clock: ManualClock = field(default_factory=ManualClock)
    arrived: int = 0
    took: float = 0.1
    rounds: list[float] = field(default_factory=list)

    def job(self, monkeypatch: pytest.MonkeyPatch, state: Any = None) -> AlertJob:
        parts = AlertJobParts(
            state=state,
            signals=None,  # type: ignore[arg-type]
            book=None,  # type: ignore[arg-type]
            clock=self.clock,
            projects=list,
            arrived=lambda: self.arrived,
        )
        job = AlertJob(parts)
        began = self.clock.monotonic()

        def run() -> int:
            self.rounds.append(round(self.clock.monotonic() - began, 1))
            self.clock.advance(self.took)
            return 0

        monkeypatch.setattr(job, "run", run)
        return job

    def look(self, job: AlertJob, seconds: int, *, arriving: bool = False) -> list[float]:
        """Look once a second; the times at which rounds began."""
        self.rounds.clear()
        for _ in range(seconds):
            self.arrived += arriving
            job._look()
            self.clock.advance(1.0)
        return self.rounds


def test_without_data_rounds_are_rare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every fifteen seconds, as absence and `for` need."""
    looks = Looks()
    rounds = looks.look(looks.job(monkeypatch), 60)
    assert 4 <= len(rounds) <= 5


def test_data_that_arrives_is_evaluated_within_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """While data comes in there is a round every two seconds or so."""
    looks = Looks()
    rounds = looks.look(looks.job(monkeypatch), 30, arriving=True)
    assert 10 <= len(rounds) <= 15


def test_long_rounds_take_a_fifth_of_a_core_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """A round of four seconds is followed by a pause, however much arrives."""
    looks = Looks(took=4.0)
    began = looks.clock.monotonic()
    rounds = looks.look(looks.job(monkeypatch), 60, arriving=True)
    lasted = looks.clock.monotonic() - began
    assert len(rounds) * 4.0 / lasted <= 0.25


def test_changed_rule_is_evaluated_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who saves a rule does not wait for the next round."""
    looks = Looks()
    job = looks.job(monkeypatch)
    looks.look(job, 1)
    job.wake()
    assert len(looks.look(job, 1)) == 1
