"""One round over all rules of a project: ask once, step every alert, write changes in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from pitwall.alerts.machine import FORGET_AFTER, Phase, State, Transition, end, step
from pitwall.alerts.monitors import Monitors
from pitwall.alerts.readings import Readings
from pitwall.alerts.recording import Tracked, alert_of, event_of
from pitwall.alerts.repository import Alerts, StoredAlert
from pitwall.alerts.rulebook import Compiled, RuleBook
from pitwall.alerts.rules import OnError
from pitwall.alerts.rules_repository import ROUND, Evaluated, Evaluations, StoredRules
from pitwall.alerts.samples import LabelValues, Sample, Samples, Seen
from pitwall.alerts.types import AlertEvent, Level, Reason, alert_id
from pitwall.core.errors import PitwallError
from pitwall.kit.clock import Clock
from pitwall.signals.service import Signals
from pitwall.signals.watermark import Present
from pitwall.stores.state import StateStore
from pitwall.stores.telemetry.engine import StoreUnavailable

log = structlog.get_logger(__name__)

_NOTE_EVERY: Final = timedelta(minutes=1)
_REFRESH_EVERY: Final = timedelta(minutes=1)
_MAX_REFRESHED: Final = 2_000
"""At most so many values of alerts whose state did not change are written in a round."""
RULE_ITSELF: Final[LabelValues] = ()
"""Label values of the alert that tells of a rule which cannot be evaluated."""


@dataclass(slots=True)
class Round:
    """What one round did.

    Attributes:
        questions: How many questions it asked.
        series: Label sets it evaluated.
        dropped_series: Label sets beyond a rule's `max_series`.
        failed_rules: Rules that could not be evaluated.
        events: What there was to tell.
    """

    rules: int = 0
    questions: int = 0
    series: int = 0
    dropped_series: int = 0
    failed_rules: int = 0
    written: int = 0
    events: int = 0
    duration_ms: float = 0.0


@dataclass(slots=True)
class _Changes:
    """What a round will write, and what it will remember once that is committed."""

    tracked: dict[tuple[str, LabelValues], Tracked | None] = field(default_factory=dict)
    alerts: list[StoredAlert] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    events: list[AlertEvent] = field(default_factory=list)
    evaluated: list[Evaluated] = field(default_factory=list)


class ProjectEvaluator:
    """Evaluates the rules of one project, round after round; used on one thread.

    What it knows is in the state store whenever something depends on it: another process may go on at any
    time. A round that could not be written has not happened, and the next one does it again.

    Args:
        project_id: Whose rules.
        state: Keeps rules and alerts.
        signals: Has the numbers.
        book: Knows the packs.
        clock: Measures how long a round takes.
    """

    def __init__(
        self, project_id: str, state: StateStore, signals: Signals, book: RuleBook, clock: Clock
    ) -> None:
        self.project_id = project_id
        self._state = state
        self._signals = signals
        self._book = book
        self._clock = clock
        self._version: str | None = None
        self._is_loaded = False
        self._rules: dict[str, Compiled] = {}
        self._broken: dict[str, str] = {}
        self._tracked: dict[str, dict[LabelValues, Tracked]] = {}
        self._gone: list[tuple[str, Tracked]] = []
        self._noted: dict[str, Evaluated] = {}
        self._monitors = Monitors(project_id, state, signals)

    @property
    def has_rules(self) -> bool:
        """Whether there is anything to evaluate, or to end."""
        return bool(self._rules or self._gone or self._broken)

    @property
    def is_waiting(self) -> bool:
        """Whether an alert is under way or a label set is waited for, or nothing was read yet."""
        return not self._is_loaded or bool(self._gone) or any(self._tracked.values())

    def forget(self) -> None:
        """Read everything anew in the next round: another process may have gone on meanwhile."""
        self._is_loaded = False

    def run(self) -> Round:
        """Evaluate all rules once.

        Raises:
            StateUnavailable: Nothing could be read or written; the next round does it.
        """
        started = self._clock.monotonic()
        self._load()
        done = Round()
        if self.has_rules:
            present = self._signals.watermark.present()
            changes = self._evaluate(present, done)
            done.duration_ms = (self._clock.monotonic() - started) * 1000
            self._write(changes, present.now, done)
        return done

    def close(self) -> None:
        """Keep what detectors have learnt."""
        self._monitors.save()

    # What there is to evaluate.

    def _load(self) -> None:
        """Read rules and alerts, if a rule was changed or another process may have gone on."""
        with self._state.session(read_only=True) as session:
            rules = StoredRules(session, self.project_id)
            version = rules.version()
            if self._is_loaded and version == self._version:
                return
            states = self._book.states(rules.all())
            stored = Alerts(session, self.project_id).stored()
            noted = Evaluations(session, self.project_id).by_rule()
        self._rules = {
            one.name: self._book.compiled(one.rule)
            for one in states
            if one.rule is not None and one.is_enabled and not one.problems
        }
        self._broken = {
            one.name: one.problems[0].text.en
            for one in states
            if one.problems and (one.rule is None or one.is_enabled)
        }
        self._noted = noted
        self._restore(stored)
        self._monitors.keep({watch for one in self._rules.values() for watch in one.check.watches()})
        self._version, self._is_loaded = version, True

    def _restore(self, stored: Sequence[StoredAlert]) -> None:
        """Take up alerts where the last round left them, and set aside those whose rule is gone."""
        last = self._noted.get(ROUND)
        self._tracked, self._gone = {}, []
        for one in stored:
            name, tracked = one.alert.rule, Tracked.of(one)
            if last is not None and last.at > tracked.state.evaluated_at:
                tracked = replace(tracked, state=replace(tracked.state, evaluated_at=last.at))
            rule = self._rules.get(name)
            labels = _values(rule, tracked.labels)
            if rule is not None and labels is not None and tracked.state.is_quiet:
                tracked = replace(tracked, essence=rule.essence)
            if rule is not None and labels is not None and tracked.essence == rule.essence:
                self._tracked.setdefault(name, {})[labels] = tracked
            elif not tracked.state.is_quiet and name not in self._broken:
                self._gone.append((name, tracked))

    # One round.

    def _evaluate(self, present: Present, done: Round) -> _Changes:
        changes = _Changes()
        self._end_gone(changes, present.now)
        readings, failure = self._read(present, done)
        done.rules = len(self._rules) + len(self._broken)
        for rule in self._rules.values():
            started = self._clock.monotonic()
            error, series, dropped = failure, 0, 0
            if error is None:
                try:
                    series, dropped = self._evaluate_rule(rule, readings, present.now, changes)
                except PitwallError as exc:
                    error = str(exc)
                except Exception as exc:  # a rule that breaks leaves the others going
                    log.exception("alerts.rule_failed", rule=rule.rule.name, project=self.project_id)
                    error = f"{type(exc).__name__}: {exc}"
            self._tell_error(rule, error, present.now, changes)
            took = (self._clock.monotonic() - started) * 1000
            self._note(Evaluated(rule.rule.name, present.now, took, series, dropped, error), changes, done)
        for name, problem in self._broken.items():
            self._note(Evaluated(name, present.now, 0.0, 0, 0, problem), changes, done)
        return changes

    def _read(self, present: Present, done: Round) -> tuple[Readings, str | None]:
        """Ask everything at once; what failed as a whole is told for every rule."""
        watches = [watch for rule in self._rules.values() for watch in rule.check.watches()]
        failure = None
        try:
            watched = self._monitors.update(watches, present)
        except StoreUnavailable as error:
            watched, failure = {}, str(error)
        readings = Readings(self._signals, self.project_id, present, watched)
        if failure is None:
            try:
                done.questions = readings.ask(
                    wanted for rule in self._rules.values() for wanted in rule.check.wanted()
                )
            except StoreUnavailable as error:
                failure = str(error)
        return readings, failure

    def _evaluate_rule(
        self, rule: Compiled, readings: Readings, now: datetime, changes: _Changes
    ) -> tuple[int, int]:
        name = rule.rule.name
        mine = self._tracked.get(name, {})
        awaited = [labels for labels, one in mine.items() if self._is_awaited(rule, labels, one)]
        samples = rule.check.evaluate(readings, awaited)
        samples, dropped = contained(samples, mine, rule.rule.max_series)
        remembers = rule.rule.remembers
        for labels, sample in samples.items():
            tracked = mine.get(labels)
            if sample.seen is Seen.VALUE:
                if not sample.enters and (not remembers if tracked is None else tracked.state.is_quiet):
                    continue
            elif tracked is None and not remembers:
                continue
            self._step(rule, labels, sample, tracked, now, changes)
        return len(samples), dropped

    def _is_awaited(self, rule: Compiled, labels: LabelValues, tracked: Tracked) -> bool:
        if len(labels) != len(rule.rule.by):
            return False  # of the rule itself
        return rule.rule.remembers or not tracked.state.is_quiet

    def _step(
        self,
        rule: Compiled,
        labels: LabelValues,
        sample: Sample,
        tracked: Tracked | None,
        now: datetime,
        changes: _Changes,
    ) -> None:
        before = None if tracked is None else tracked.state
        state, told = step(before, sample, rule.timing, now)
        is_over = labels and _is_forgotten(state, sample, now)
        if is_over:
            state, also = end(state, now, Reason.NO_DATA)
            told = (*told, *also)
        if tracked is not None and state == before and not told:
            self._refresh(rule, labels, sample, replace(tracked, state=state), now, changes)
            return
        self._changed(rule, labels, sample, state, told, tracked, now, changes)
        if is_over:
            changes.tracked[(rule.rule.name, labels)] = None

    def _changed(
        self,
        rule: Compiled,
        labels: LabelValues,
        sample: Sample,
        state: State,
        told: Sequence[Transition],
        tracked: Tracked | None,
        now: datetime,
        changes: _Changes,
    ) -> None:
        name = rule.rule.name
        id_ = tracked.id if tracked is not None else self._id(rule, labels)
        if state.sequence == 0 and state.is_quiet and not rule.rule.remembers:
            changes.tracked[(name, labels)] = None
            if tracked is not None:
                changes.removed.append(id_)
            return
        alert = alert_of(rule, id_, self._labels(rule, labels), state, sample, changed_at=now)
        changes.events += [event_of(alert, one, sample) for one in told]
        kept = Tracked(id_, rule.essence, state, alert.facts, alert.labels, written_at=now, changed_at=now)
        changes.tracked[(name, labels)] = kept
        changes.alerts.append(kept.stored(alert))

    def _refresh(
        self,
        rule: Compiled,
        labels: LabelValues,
        sample: Sample,
        tracked: Tracked,
        now: datetime,
        changes: _Changes,
    ) -> None:
        """Let people see the value of now, once in a while."""
        is_due = abs(now - tracked.written_at) >= _REFRESH_EVERY
        if is_due and tracked.state.phase is not Phase.INACTIVE and len(changes.alerts) < _MAX_REFRESHED:
            alert = alert_of(rule, tracked.id, tracked.labels, tracked.state, sample, changed_at=None)
            alert = replace(alert, changed_at=tracked.changed_at)
            tracked = replace(tracked, facts=alert.facts, written_at=now)
            changes.alerts.append(tracked.stored(alert))
        changes.tracked[(rule.rule.name, labels)] = tracked

    def _tell_error(self, rule: Compiled, error: str | None, now: datetime, changes: _Changes) -> None:
        """A rule that cannot be evaluated is an alert of its own, if the rule wants to be told."""
        tracked = self._tracked.get(rule.rule.name, {}).get(RULE_ITSELF)
        if error is not None and rule.timing.on_error is OnError.ALERT:
            sample = Sample(Seen.ERROR)
        elif error is None and tracked is not None and rule.rule.by:
            sample = Sample(Seen.VALUE)
        else:
            return
        self._step(rule, RULE_ITSELF, sample, tracked, now, changes)

    def _end_gone(self, changes: _Changes, now: datetime) -> None:
        for name, tracked in self._gone:
            state, told = end(tracked.state, now, Reason.RULE_CHANGED)
            alert = tracked.ended(name, state, now)
            changes.events += [event_of(alert, one, None) for one in told]
            if not state.sequence:
                changes.removed.append(tracked.id)
                continue
            rule = self._rules.get(name)
            kept = replace(tracked, state=state, essence=tracked.essence if rule is None else rule.essence)
            changes.alerts.append(kept.stored(alert))
            labels = _values(rule, tracked.labels)
            if labels is not None:  # what comes next goes on counting events where this one ended
                self._tracked.setdefault(name, {})[labels] = kept

    def _note(self, evaluated: Evaluated, changes: _Changes, done: Round) -> None:
        done.series += evaluated.series
        done.dropped_series += evaluated.dropped_series
        done.failed_rules += evaluated.error is not None
        known = self._noted.get(evaluated.rule)
        if (
            known is None
            or (known.error, known.dropped_series) != (evaluated.error, evaluated.dropped_series)
            or abs(evaluated.at - known.at) >= _NOTE_EVERY
        ):
            changes.evaluated.append(evaluated)

    # What it leaves.

    def _write(self, changes: _Changes, now: datetime, done: Round) -> None:
        with self._state.session() as session:
            alerts = Alerts(session, self.project_id)
            alerts.remove(changes.removed)
            alerts.write(changes.alerts)
            done.events = alerts.tell(changes.events)
            whole = Evaluated(ROUND, now, done.duration_ms, done.series, done.dropped_series)
            Evaluations(session, self.project_id).write([*changes.evaluated, whole])
        done.written = len(changes.alerts)
        self._gone = []
        self._noted |= {one.rule: one for one in changes.evaluated}
        for (name, labels), tracked in changes.tracked.items():
            if tracked is None:
                self._tracked.get(name, {}).pop(labels, None)
            else:
                self._tracked.setdefault(name, {})[labels] = tracked

    def _id(self, rule: Compiled, labels: LabelValues) -> str:
        return alert_id(self.project_id, rule.rule.name, self._labels(rule, labels))

    @staticmethod
    def _labels(rule: Compiled, labels: LabelValues) -> Mapping[str, str]:
        return dict(zip(rule.rule.by, labels, strict=False))


def contained(samples: Samples, tracked: Mapping[LabelValues, Tracked], limit: int) -> tuple[Samples, int]:
    """At most so many label sets: those that something is known of first, then the busiest."""
    if len(samples) <= limit:
        return samples, 0

    def rank(labels: LabelValues) -> tuple[bool, int, LabelValues]:
        known = tracked.get(labels)
        return (known is None or known.state.is_quiet, -samples[labels].observed_count, labels)

    chosen = sorted(samples, key=rank)[:limit]
    return {labels: samples[labels] for labels in chosen}, len(samples) - limit


def _values(rule: Compiled | None, labels: Mapping[str, str]) -> LabelValues | None:
    """The values of labels in the order of a rule; None if it has other labels."""
    if rule is None:
        return None
    if not labels:
        return RULE_ITSELF
    if set(labels) != set(rule.rule.by):
        return None
    return tuple(labels[name] for name in rule.rule.by)


def _is_forgotten(state: State, sample: Sample, now: datetime) -> bool:
    """Whether a label set has been without data for so long that nobody waits for it."""
    if sample.seen in (Seen.NOTHING, Seen.THIN):
        return state.missing_since is not None and now - state.missing_since >= FORGET_AFTER
    is_absent = sample.seen is Seen.VALUE and sample.value is None and sample.enters is not Level.NONE
    return is_absent and state.since is not None and now - state.since >= FORGET_AFTER
