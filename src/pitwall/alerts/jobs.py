"""Evaluates the alert rules of all projects: soon after data arrived, and every few seconds anyway."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog

from pitwall.alerts.evaluator import ProjectEvaluator, Round
from pitwall.alerts.repository import Alerts
from pitwall.alerts.rulebook import RuleBook
from pitwall.core.errors import PitwallError
from pitwall.kit.clock import Clock
from pitwall.signals.service import Signals
from pitwall.stores.state import StateStore
from pitwall.work.jobs import PeriodicJob
from pitwall.work.leases import Lease

log = structlog.get_logger(__name__)

_LOOK_EVERY_SECONDS: Final = 0.5
_AFTER_DATA_SECONDS: Final = 2.0
_ANYWAY_SECONDS: Final = 15.0
_SHARE_OF_A_CORE: Final = 0.2
KEPT: Final = timedelta(days=30)
"""So long an alert that is over can be looked at."""
_IDLE_AFTER: Final = timedelta(days=1)
_PRUNE_EVERY_SECONDS: Final = 3600.0


@dataclass(frozen=True, kw_only=True)
class AlertJobParts:
    """What the job works with.

    Attributes:
        projects: Whose rules are evaluated.
        arrived: Grows whenever data has been stored.
        told: Called after a round with events, to wake those who tell people.
        lease: Which process may do it; None for this one.
    """

    state: StateStore
    signals: Signals
    book: RuleBook
    clock: Clock
    projects: Callable[[], Sequence[str]]
    arrived: Callable[[], int]
    told: list[Callable[[], None]] = field(default_factory=list)
    lease: Lease | None = None


@dataclass(slots=True)
class AlertCounters:
    """What the job has done since the start; for the metrics of the server itself."""

    rounds: int = 0
    failed_rounds: int = 0
    events: int = 0
    seconds: float = 0.0
    last: dict[str, Round] = field(default_factory=dict)


class AlertJob:
    """A component of the server: rounds of evaluation on a thread of its own.

    A round begins two seconds after the last one if data arrived, else after fifteen, and later where rounds
    are so long that they would take more than a fifth of a core.
    """

    name = "alerts"

    def __init__(self, parts: AlertJobParts) -> None:
        self.counters = AlertCounters()
        self._parts = parts
        self._job = PeriodicJob(
            self.name, _LOOK_EVERY_SECONDS, self._look, lease=parts.lease, clock=parts.clock
        )
        self._evaluators: dict[str, ProjectEvaluator] = {}
        self._next_at = 0.0
        self._due_at = 0.0
        self._arrived = -1
        self._token = 0
        self._prune_at = 0.0
        self._is_due = threading.Event()

    @property
    def told(self) -> list[Callable[[], None]]:
        """What is called after a round with events: append what wakes those who tell people."""
        return self._parts.told

    def start(self) -> None:
        """Begin; the first round comes at once."""
        self._job.start()

    def wake(self) -> None:
        """Evaluate now, as after a rule was changed; may be called from any thread."""
        self._is_due.set()
        self._job.wake()

    def stop(self, timeout_seconds: float) -> None:
        """End after the round under way and keep what was learnt."""
        self._job.stop(timeout_seconds)
        for evaluator in self._evaluators.values():
            try:
                evaluator.close()
            except PitwallError as error:
                log.warning("alerts.close_failed", project=evaluator.project_id, error=str(error))

    def _look(self) -> None:
        """Run a round if it is time for one."""
        now = self._parts.clock.monotonic()
        arrived = self._parts.arrived()
        is_woken = self._is_due.is_set()
        is_time = now >= self._due_at or (arrived != self._arrived and now >= self._next_at)
        if not (is_time or is_woken):
            return
        self._is_due.clear()
        self._arrived = arrived
        self.run()
        took = self._parts.clock.monotonic() - now
        pause = max(_AFTER_DATA_SECONDS, took / _SHARE_OF_A_CORE)
        self._next_at = now + pause
        self._due_at = now + max(_ANYWAY_SECONDS, pause)

    def run(self) -> int:
        """Evaluate every project once; returns how many events there were."""
        self._follow_lease()
        started = self._parts.clock.monotonic()
        events = 0
        projects = self._parts.projects()
        for project_id in self._worth_a_round(projects):
            events += self._round(project_id)
        for gone in self._evaluators.keys() - set(projects):
            del self._evaluators[gone]
        self._prune(projects)
        self.counters.rounds += 1
        self.counters.events += events
        self.counters.seconds += self._parts.clock.monotonic() - started
        if events:
            for tell in self._parts.told:
                tell()
        return events

    def _worth_a_round(self, projects: Sequence[str]) -> list[str]:
        """Leave out projects in which nothing has happened for a day, unless something is waited for."""
        idle = [one for one in projects if one in self._evaluators and not self._evaluators[one].is_waiting]
        if not idle:
            return list(projects)
        try:
            active = self._parts.signals.active_projects(idle, within=_IDLE_AFTER)
        except PitwallError:
            return list(projects)
        return [one for one in projects if one not in idle or one in active]

    def _round(self, project_id: str) -> int:
        evaluator = self._evaluators.get(project_id)
        if evaluator is None:
            parts = self._parts
            evaluator = ProjectEvaluator(project_id, parts.state, parts.signals, parts.book, parts.clock)
            self._evaluators[project_id] = evaluator
        try:
            done = evaluator.run()
        except PitwallError as error:
            log.warning("alerts.round_failed", project=project_id, error=str(error))
        except Exception:
            log.exception("alerts.round_failed", project=project_id)
            evaluator.forget()
        else:
            self.counters.last[project_id] = done
            return done.events
        self.counters.failed_rounds += 1
        return 0

    def _prune(self, projects: Sequence[str]) -> None:
        """Forget, once in a while, what has been over for so long that nobody looks at it."""
        now = self._parts.clock.monotonic()
        if now < self._prune_at:
            return
        self._prune_at = now + _PRUNE_EVERY_SECONDS
        before = self._parts.clock.now() - KEPT
        for project_id in projects:
            with self._parts.state.session() as session:
                removed = Alerts(session, project_id).forget(before)
            if removed and project_id in self._evaluators:
                self._evaluators[project_id].forget()

    def _follow_lease(self) -> None:
        """After another process held the lease, what is remembered is out of date."""
        token = self._parts.lease.token if self._parts.lease is not None else 0
        if token != self._token:
            self._token = token
            for evaluator in self._evaluators.values():
                evaluator.forget()
