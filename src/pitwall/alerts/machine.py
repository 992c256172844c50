"""The state machine of one alert: a pure function, the same live, in previews and in rule tests.

Specification: the operations reference, section 1. Times are held as anchors, so that a state changes only
when something happens and `for` goes on where it was after a restart. A wall clock that is set back, or that
leaps further than an outage may last, moves the anchors with it: nothing fires because of a clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median
from typing import Any, Final, NamedTuple

from pitwall.alerts.rules import NoData, OnError, Timing
from pitwall.alerts.samples import Sample, Seen
from pitwall.alerts.types import AlertState, EventKind, Level, Reason
from pitwall.kit.durations import format_instant

OUTAGE: Final = timedelta(hours=1)
"""Time without any evaluation up to which a condition counts as having lasted; as in Prometheus."""
FORGET_AFTER: Final = timedelta(days=7)
"""After so long without data nobody waits for a series any more."""
_FLAPPING_WITHIN: Final = timedelta(hours=1)
_FLAPPING_CHANGES: Final = 4


class Phase(StrEnum):
    """Where the machine is; what people are told is `State.shown`."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"


class Transition(NamedTuple):
    """Something to tell.

    Attributes:
        sequence: Number of the event among those of the alert.
        level: Of the alert after it; for `resolved` the one it had.
        active_since: When the condition of the episode first held.
        fired_at: When people were first told in the episode.
    """

    sequence: int
    kind: EventKind
    level: Level
    at: datetime
    active_since: datetime | None
    fired_at: datetime | None
    peak: float | None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything the machine knows of an alert.

    Attributes:
        level: Of a pending, firing or recovering alert, and of what was resolved last.
        since: Anchor of the phase: how long it lasts is measured from here.
        worse_since: Anchor of a worse level that may escalate.
        easier_since: Anchor of a milder level that may ease.
        missing_since: Anchor of missing data or an error.
        told: What of that people were told.
        changes: When the alert came and went in the last hour.
        active_since: When the condition first held, for people.
        sequence: How many events there were.
        evaluated_at: When it was last stepped; two states that differ in nothing else are equal.
    """

    phase: Phase = Phase.INACTIVE
    level: Level = Level.NONE
    since: datetime | None = None
    worse_since: datetime | None = None
    easier_since: datetime | None = None
    missing_since: datetime | None = None
    told: EventKind | None = None
    changes: tuple[datetime, ...] = ()
    is_flapping: bool = False
    active_since: datetime | None = None
    fired_at: datetime | None = None
    resolved_at: datetime | None = None
    reason: Reason | None = None
    peak: float | None = None
    sequence: int = 0
    evaluated_at: datetime = field(compare=False)

    @property
    def shown(self) -> AlertState:
        """The state that people are told."""
        if self.phase in (Phase.FIRING, Phase.RECOVERING):
            return AlertState(self.phase.value)
        if self.told is not None:
            return AlertState(self.told.value)
        if self.phase is Phase.PENDING:
            return AlertState.PENDING
        return AlertState.RESOLVED if self.resolved_at is not None else AlertState.INACTIVE

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is under way and nothing has to be remembered."""
        return self.phase is Phase.INACTIVE and not (self.missing_since or self.told or self.changes)

    def to_json(self) -> dict[str, Any]:
        """The state as JSON values."""
        return {name: _written(getattr(self, name)) for name in self.__slots__}

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> State:
        """The state that `to_json` wrote; other keys are ignored."""
        values: dict[str, Any] = {name: written.get(name) for name in cls.__slots__}
        for name in _MOMENTS:
            values[name] = None if values[name] is None else datetime.fromisoformat(values[name])
        values["changes"] = tuple(map(datetime.fromisoformat, written.get("changes") or ()))
        values["phase"], values["level"] = Phase(values["phase"]), Level(values["level"])
        values["told"] = None if values["told"] is None else EventKind(values["told"])
        values["reason"] = None if values["reason"] is None else Reason(values["reason"])
        return cls(**values)


_MOMENTS = (
    "since",
    "worse_since",
    "easier_since",
    "missing_since",
    "active_since",
    "fired_at",
    "resolved_at",
    "evaluated_at",
)
_ANCHORS = ("since", "worse_since", "easier_since", "missing_since")


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, tuple):
        return [format_instant(one) for one in value]
    return value.value if isinstance(value, StrEnum | Level) else value


Stepped = tuple[State, tuple[Transition, ...]]


def step(state: State | None, sample: Sample, timing: Timing, at: datetime) -> Stepped:
    """Go on by one evaluation.

    Args:
        state: What was known; None for a label set that is new.
        sample: What the evaluation says.
        timing: How long things must last.
        at: The present.

    Returns:
        What is known now, and what has to be told.
    """
    run = _Run(_carried(state, at) if state is not None else State(evaluated_at=at), sample, timing, at)
    if sample.seen is Seen.VALUE:
        run.returned()
        run.judged()
    else:
        run.unseen()
    return run.state, tuple(run.told)


def end(state: State, at: datetime, reason: Reason) -> Stepped:
    """End an alert for a reason that is no recovery, as when its rule was edited."""
    run = _Run(_carried(state, at), Sample(Seen.NOTHING), Timing(), at)
    if state.shown in (AlertState.FIRING, AlertState.RECOVERING, AlertState.NO_DATA, AlertState.ERROR):
        run.resolve(reason)
    run.set(phase=Phase.INACTIVE, changes=(), is_flapping=False, missing_since=None, told=None, **_NO_ANCHORS)
    return run.state, tuple(run.told)


_NO_ANCHORS: Final[dict[str, Any]] = {"since": None, "worse_since": None, "easier_since": None}


def _carried(state: State, at: datetime) -> State:
    """The state with its anchors moved by a leap of the clock."""
    gap = at - state.evaluated_at
    if timedelta() <= gap <= OUTAGE:
        return replace(state, evaluated_at=at) if gap else state
    moved: dict[str, Any] = {
        name: moment + gap for name in _ANCHORS if (moment := getattr(state, name)) is not None
    }
    if gap < timedelta():
        moved["changes"] = tuple(moment + gap for moment in state.changes)
    return replace(state, evaluated_at=at, **moved)


class _Run:
    """One evaluation under way."""

    __slots__ = ("at", "sample", "state", "timing", "told")

    def __init__(self, state: State, sample: Sample, timing: Timing, at: datetime) -> None:
        self.state = state
        self.sample = sample
        self.timing = timing
        self.at = at
        self.told: list[Transition] = []

    def set(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)

    def tell(self, kind: EventKind, level: Level, reason: Reason | None = None) -> None:
        self.set(sequence=self.state.sequence + 1)
        now = self.state
        self.told.append(
            Transition(now.sequence, kind, level, self.at, now.active_since, now.fired_at, now.peak, reason)
        )

    def judged(self) -> None:
        """A value that rests on enough observations."""
        match self.state.phase:
            case Phase.INACTIVE:
                self._inactive()
            case Phase.PENDING:
                self._pending()
            case Phase.FIRING:
                self._note_peak()
                self._firing()
            case Phase.RECOVERING:
                self._recovering()

    def returned(self) -> None:
        """Data is back."""
        if self.state.told is not None and self.state.phase in (Phase.INACTIVE, Phase.PENDING):
            self.tell(EventKind.RESOLVED, self.timing.level, Reason.DATA_RETURNED)
            self.set(resolved_at=self.at, reason=Reason.DATA_RETURNED)
        if self.state.missing_since is not None or self.state.told is not None:
            self.set(missing_since=None, told=None)

    def unseen(self) -> None:
        """No data, too few observations, or an error: the alert stays as it is, for a while."""
        if self.state.missing_since is None:
            self.set(missing_since=self.at)
        missing = self.at - (self.state.missing_since or self.at)
        is_error = self.sample.seen is Seen.ERROR
        if missing >= self.timing.nodata_after:
            if is_error and self.timing.on_error is OnError.ALERT:
                self._tell_unseen(EventKind.ERROR)
            elif not is_error and self.timing.nodata is NoData.ALERT:
                self._tell_unseen(EventKind.NO_DATA)
            elif not is_error and self.timing.nodata is NoData.OK:
                self._give_up()
        if missing >= FORGET_AFTER and not is_error and self.timing.nodata is NoData.KEEP:
            self._give_up()

    def resolve(self, reason: Reason) -> None:
        """End the episode."""
        self.tell(EventKind.RESOLVED, self.state.level or self.timing.level, reason)
        self.set(phase=Phase.INACTIVE, resolved_at=self.at, reason=reason, **_NO_ANCHORS)

    def _tell_unseen(self, kind: EventKind) -> None:
        if self.state.told is not kind:
            if self.state.phase is Phase.INACTIVE:
                self.set(
                    level=self.timing.level,
                    active_since=self.state.missing_since,
                    fired_at=self.at,
                    resolved_at=None,
                    reason=None,
                    peak=None,
                )
            self.tell(kind, max(self.timing.level, self.state.level if self._is_told else Level.NONE))
            self.set(told=kind)

    @property
    def _is_told(self) -> bool:
        return self.state.phase in (Phase.FIRING, Phase.RECOVERING)

    def _give_up(self) -> None:
        if self._is_told or self.state.told is not None:
            self.resolve(Reason.NO_DATA)
        self.set(phase=Phase.INACTIVE, told=None, changes=(), is_flapping=False, **_NO_ANCHORS)

    def _inactive(self) -> None:
        self._expire_changes()
        if self.sample.enters is Level.NONE:
            return
        self.set(
            phase=Phase.PENDING,
            level=self.sample.enters,
            since=self.at,
            worse_since=self.at,
            active_since=self.at,
            fired_at=None,
            resolved_at=None,
            reason=None,
            peak=self.sample.value,
        )
        self._pending()

    def _pending(self) -> None:
        entered = self.sample.enters
        if entered is Level.NONE:
            self.set(phase=Phase.INACTIVE, level=Level.NONE, active_since=None, peak=None, **_NO_ANCHORS)
            return
        self._note_peak()
        if entered is not self.state.level:
            is_worse = entered > self.state.level
            self.set(level=entered, worse_since=self.at if is_worse else self.state.since)
        mildest = min(self.timing.levels)
        if self._lasted(self.state.worse_since) >= self._hold_of(entered):
            self._fire(entered)
        elif mildest < entered and self._lasted(self.state.since) >= self._hold_of(mildest):
            self._fire(mildest)

    def _hold_of(self, level: Level) -> timedelta:
        return self.timing.hold_critical if level is Level.CRITICAL else self.timing.hold

    def _fire(self, level: Level) -> None:
        worse = self.state.worse_since if self.sample.enters > level else None
        self.set(
            phase=Phase.FIRING,
            level=level,
            since=self.at,
            worse_since=worse,
            fired_at=self.at,
            resolved_at=None,
            reason=None,
        )
        self._note_change()
        self.tell(EventKind.FIRED, level)
        self._warn_of_flapping()

    def _firing(self) -> None:
        sample, state = self.sample, self.state
        if sample.keeps is Level.NONE:
            self._leave()
        elif sample.enters > state.level:
            self._worse()
        elif sample.keeps < state.level:
            self._easier()
        elif state.worse_since is not None or state.easier_since is not None:
            self.set(worse_since=None, easier_since=None)

    def _worse(self) -> None:
        if self.state.worse_since is None:
            self.set(worse_since=self.at, easier_since=None)
        if self._lasted(self.state.worse_since) >= self.timing.hold_critical:
            self.set(level=self.sample.enters, worse_since=None)
            self.tell(EventKind.ESCALATED, self.state.level)

    def _easier(self) -> None:
        if self.state.easier_since is None:
            self.set(easier_since=self.at, worse_since=None)
        if self._lasted(self.state.easier_since) >= self.timing.recover:
            self.set(level=self.sample.keeps, easier_since=None)
            self.tell(EventKind.EASED, self.state.level)

    def _leave(self) -> None:
        self._note_change()
        self.set(phase=Phase.RECOVERING, since=self.at, worse_since=None, easier_since=None)
        self._warn_of_flapping()
        self._settle()

    def _recovering(self) -> None:
        if self.sample.enters is not Level.NONE:
            self.set(phase=Phase.FIRING, since=self.at)
            self._note_change()
            self._note_peak()
            self._warn_of_flapping()
            self._firing()
        elif self.sample.keeps is not Level.NONE:
            if self.state.since is not None:
                self.set(since=None)  # neither bad nor good: the time of quiet begins anew
        else:
            self._settle()

    def _settle(self) -> None:
        if self.state.since is None:
            self.set(since=self.at)
        if self._lasted(self.state.since) < self._recovery():
            return
        self.resolve(Reason.RECOVERED)
        if self.state.is_flapping:
            self.set(is_flapping=False, changes=())

    def _recovery(self) -> timedelta:
        """How long it must be quiet: longer for what flaps, by the pace at which it does."""
        if not self.state.is_flapping:
            return self.timing.recover
        pace = median((later - earlier).total_seconds() for earlier, later in pairwise(self.state.changes))
        return max(self.timing.recover, timedelta(seconds=2 * pace))

    def _note_change(self) -> None:
        self._expire_changes()
        self.set(changes=(*self.state.changes, self.at)[-2 * _FLAPPING_CHANGES :])

    def _expire_changes(self) -> None:
        changes = self.state.changes
        if changes and not self.state.is_flapping and changes[0] <= self.at - _FLAPPING_WITHIN:
            self.set(changes=tuple(one for one in changes if one > self.at - _FLAPPING_WITHIN))

    def _warn_of_flapping(self) -> None:
        if not self.state.is_flapping and len(self.state.changes) >= _FLAPPING_CHANGES:
            self.set(is_flapping=True)
            self.tell(EventKind.FLAPPING, self.state.level)

    def _lasted(self, anchor: datetime | None) -> timedelta:
        return timedelta() if anchor is None else self.at - anchor

    def _note_peak(self) -> None:
        value, peak = self.sample.value, self.state.peak
        if value is None or value == peak:
            return
        if peak is None or (value > peak) == self.sample.is_worse_high:
            self.set(peak=value)
