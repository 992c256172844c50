"""Detectors of a project's watched series: they learn window by window, and go on after a restart."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, delete, insert, select

from pitwall.alerts.samples import LabelValues, Watch, Watched
from pitwall.anomalies.monitor import SeriesMonitor, StateUnreadable
from pitwall.anomalies.types import Observation
from pitwall.core.errors import PitwallError
from pitwall.kit.durations import format_duration
from pitwall.kit.hashing import json_hash
from pitwall.signals.errors import QuestionInvalid
from pitwall.signals.service import Signals, required
from pitwall.signals.types import SignalQuery, SignalResult
from pitwall.signals.watermark import Present
from pitwall.signals.windows import floor_to
from pitwall.stores.state import StateStore
from pitwall.stores.state.tables import alert_monitors
from pitwall.stores.telemetry.engine import StoreUnavailable

log = structlog.get_logger(__name__)

LEARNT_WINDOWS: Final = 2_016
"""So many windows of history a new watch learns: a week of five minutes."""
MAX_SERIES: Final = 2_000
"""Series of a watch that are learnt; further ones are told as not known yet, so that a rule counts them."""
_MAX_AT_ONCE: Final = 288
_SAVE_EVERY: Final = timedelta(minutes=10)


@dataclass(slots=True)
class _Learner:
    """One series."""

    monitor: SeriesMonitor
    latest: Watched | None = None


@dataclass(slots=True)
class _Watching:
    """All series of a watch.

    Attributes:
        seen_until: End of the last window that was learnt.
        learners: Those that are learnt, those not seen for the longest time first.
        unlearnt: Those of the last window for which there was no room.
    """

    seen_until: datetime | None = None
    learners: dict[LabelValues, _Learner] = field(default_factory=dict)
    unlearnt: dict[LabelValues, Watched] = field(default_factory=dict)
    is_changed: bool = False


class Monitors:
    """The detectors of one project.

    Args:
        project_id: Whose series.
        state: Keeps what was learnt.
        signals: Has the series.
        max_series: Of one watch, at most.
    """

    def __init__(
        self, project_id: str, state: StateStore, signals: Signals, *, max_series: int = MAX_SERIES
    ) -> None:
        self._max_series = max_series
        self._project_id = project_id
        self._state = state
        self._signals = signals
        self._watching: dict[Watch, _Watching] = {}
        self._saved_at: datetime | None = None

    def keep(self, watches: Collection[Watch]) -> None:
        """Take up what is watched now, and forget what is not any more."""
        new = [watch for watch in watches if watch not in self._watching]
        self._watching = {watch: one for watch, one in self._watching.items() if watch in watches}
        if new:
            with self._state.session(read_only=True) as session:
                self._watching |= {watch: self._stored(session, watch) for watch in new}

    def update(
        self, watches: Sequence[Watch], present: Present
    ) -> Mapping[Watch, Mapping[LabelValues, Watched] | PitwallError]:
        """Learn what has become complete, and return the latest verdicts.

        Raises:
            StoreUnavailable: The store cannot be reached.
        """
        found: dict[Watch, Mapping[LabelValues, Watched] | PitwallError] = {}
        for watch in dict.fromkeys(watches):
            try:
                self._learn(watch, present)
            except StoreUnavailable:
                raise
            except PitwallError as error:
                found[watch] = error
                continue
            watching = self._watching[watch]
            latest = {labels: one.latest for labels, one in watching.learners.items() if one.latest}
            found[watch] = {**latest, **watching.unlearnt}
        if watches and (self._saved_at is None or abs(present.now - self._saved_at) >= _SAVE_EVERY):
            self.save()
            self._saved_at = present.now
        return found

    def save(self) -> None:
        """Write what was learnt since the last time."""
        changed = {watch: one for watch, one in self._watching.items() if one.is_changed}
        if not changed:
            return
        with self._state.session() as session:
            for watch, watching in changed.items():
                self._write(session, watch, watching)
        for watching in changed.values():
            watching.is_changed = False

    def _learn(self, watch: Watch, present: Present) -> None:
        watching = self._watching.setdefault(watch, _Watching())
        until = floor_to(present.watermark, watch.step)
        since = watching.seen_until or until - LEARNT_WINDOWS * watch.step
        since = max(since, until - LEARNT_WINDOWS * watch.step)
        if since >= until:
            return
        until = min(until, since + _MAX_AT_ONCE * watch.step)
        result = self._ask(watch, since, until)
        self._observe(watch, watching, result)
        watching.seen_until = result.until
        watching.is_changed = True

    def _ask(self, watch: Watch, since: datetime, until: datetime) -> SignalResult:
        """Ask for some windows, for fewer where there are too many series."""
        query = SignalQuery(watch.signal, self._project_id, since, until, watch.step, watch.by, watch.where)
        try:
            return required(self._signals.query_many([query])[0])
        except QuestionInvalid:
            if until - since <= watch.step:
                raise
            half = floor_to(since + (until - since) / 2, watch.step)
            return self._ask(watch, since, max(half, since + watch.step))

    def _observe(self, watch: Watch, watching: _Watching, result: SignalResult) -> None:
        present = {tuple(one.labels.values()): one for one in result.series}
        for labels in watching.learners.keys() - present.keys():
            watching.learners[labels].latest = None
        self._make_room(watching, len(present.keys() - watching.learners.keys()))
        watching.unlearnt = {}
        for labels, series in present.items():
            known = watching.learners.pop(labels, None)
            has_room = known is not None or len(watching.learners) < self._max_series
            learner = known or _Learner(self._monitor(watch))
            windows = list(zip(result.windows, series.values, series.counts, strict=True))
            for window, value, count in windows if has_room else windows[-1:]:
                verdict = learner.monitor.observe(Observation(window.start.timestamp(), value, count))
            learner.latest = Watched(verdict, value, count, series.bands[-1], window.start, window.end)
            if has_room:
                watching.learners[labels] = learner
            else:
                watching.unlearnt[labels] = learner.latest
        if watching.unlearnt:
            log.warning("alerts.monitor_full", signal=watch.signal, left_out=len(watching.unlearnt))

    def _make_room(self, watching: _Watching, wanted: int) -> None:
        """Forget series that have no data now, those gone for the longest time first."""
        excess = len(watching.learners) + wanted - self._max_series
        gone = [labels for labels, one in watching.learners.items() if one.latest is None]
        for labels in gone[: max(excess, 0)]:
            del watching.learners[labels]

    @staticmethod
    def _monitor(watch: Watch) -> SeriesMonitor:
        return SeriesMonitor(
            watch.step.total_seconds(),
            detector=watch.detector,
            false_alarms_per_week=watch.false_alarms_per_week,
        )

    def _stored(self, session: Connection, watch: Watch) -> _Watching:
        watching = _Watching()
        mine = (alert_monitors.c.project_id == self._project_id) & (alert_monitors.c.watch == _key(watch))
        for row in session.execute(select(alert_monitors).where(mine)).mappings():
            monitor = self._monitor(watch)
            try:
                monitor.load(row["state"])
            except StateUnreadable as error:
                log.warning("alerts.monitor_lost", signal=watch.signal, error=str(error))
                return _Watching()
            watching.learners[tuple(row["labels"])] = _Learner(monitor)
            watching.seen_until = row["seen_until"]
        return watching

    def _write(self, session: Connection, watch: Watch, watching: _Watching) -> None:
        key = _key(watch)
        mine = (alert_monitors.c.project_id == self._project_id) & (alert_monitors.c.watch == key)
        session.execute(delete(alert_monitors).where(mine))
        rows: list[dict[str, Any]] = [
            {
                "project_id": self._project_id,
                "watch": key,
                "id": json_hash(list(labels)),
                "labels": list(labels),
                "seen_until": watching.seen_until,
                "state": one.monitor.dump(),
            }
            for labels, one in watching.learners.items()
        ]
        if rows:
            session.execute(insert(alert_monitors), rows)


def _key(watch: Watch) -> str:
    return json_hash([*watch[:3], format_duration(watch.step), *watch[4:]])
