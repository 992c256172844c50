"""One round over all rules of a project: ask once, step every alert, write changes in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from pitwall.alerts.machine import end
from pitwall.alerts.monitors import Monitors
from pitwall.alerts.readings import LongAnswers, Readings
from pitwall.alerts.recording import Tracked, event_of
from pitwall.alerts.repository import Alerts, StoredAlert
from pitwall.alerts.rulebook import Compiled, RuleBook
from pitwall.alerts.rules_repository import ROUND, Evaluated, Evaluations, StoredRules
from pitwall.alerts.samples import LabelValues
from pitwall.alerts.stepping import RULE_ITSELF, Changes, RuleSteps, Stepping
from pitwall.alerts.types import Reason
from pitwall.core.errors import PitwallError
from pitwall.kit.clock import Clock
from pitwall.signals.service import Signals
from pitwall.signals.watermark import Present
from pitwall.stores.state import StateStore
from pitwall.stores.telemetry.engine import StoreUnavailable

log = structlog.get_logger(__name__)

_NOTE_EVERY: Final = timedelta(minutes=1)


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
        self._long = LongAnswers()

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
        self._long.retain({wanted for one in self._rules.values() for wanted in one.check.wanted()})
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

    def _evaluate(self, present: Present, done: Round) -> Changes:
        changes = Changes()
        stepping = Stepping(present.now, changes)
        self._end_gone(changes, present.now)
        readings, failure = self._read(present, done)
        done.rules = len(self._rules) + len(self._broken)
        for rule in self._rules.values():
            self._evaluate_rule(rule, readings, failure, stepping, done)
        for name, problem in self._broken.items():
            self._note(Evaluated(name, present.now, 0.0, 0, 0, problem), changes, done)
        return changes

    def _evaluate_rule(
        self, rule: Compiled, readings: Readings, failure: str | None, stepping: Stepping, done: Round
    ) -> None:
        """Evaluate one rule; if that fails, it is told and the others go on."""
        name, started = rule.rule.name, self._clock.monotonic()
        steps = RuleSteps(self.project_id, rule, self._tracked.get(name, {}), stepping)
        error, series, dropped = failure, 0, 0
        if error is None:
            try:
                series, dropped = steps.evaluate(readings)
            except PitwallError as exc:
                error = str(exc)
            except Exception as exc:  # a rule that breaks leaves the others going
                log.exception("alerts.rule_failed", rule=name, project=self.project_id)
                error = f"{type(exc).__name__}: {exc}"
        steps.tell_error(error)
        took = (self._clock.monotonic() - started) * 1000
        self._note(Evaluated(name, stepping.now, took, series, dropped, error), stepping.changes, done)

    def _read(self, present: Present, done: Round) -> tuple[Readings, str | None]:
        """Ask everything at once; what failed as a whole is told for every rule."""
        watches = [watch for rule in self._rules.values() for watch in rule.check.watches()]
        failure = None
        try:
            watched = self._monitors.update(watches, present)
        except StoreUnavailable as error:
            watched, failure = {}, str(error)
        readings = Readings(self._signals, self.project_id, present, watched, self._long)
        if failure is None:
            try:
                done.questions = readings.ask(
                    wanted for rule in self._rules.values() for wanted in rule.check.wanted()
                )
            except StoreUnavailable as error:
                failure = str(error)
        return readings, failure

    def _end_gone(self, changes: Changes, now: datetime) -> None:
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

    def _note(self, evaluated: Evaluated, changes: Changes, done: Round) -> None:
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

    def _write(self, changes: Changes, now: datetime, done: Round) -> None:
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


def _values(rule: Compiled | None, labels: Mapping[str, str]) -> LabelValues | None:
    """The values of labels in the order of a rule; None if it has other labels."""
    if rule is None:
        return None
    if not labels:
        return RULE_ITSELF
    if set(labels) != set(rule.rule.by):
        return None
    return tuple(labels[name] for name in rule.rule.by)
