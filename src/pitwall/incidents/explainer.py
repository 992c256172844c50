"""Computes what explains an incident: its stretch of time against the time before, along every dimension."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from pitwall.alerts.types import Level
from pitwall.changes.types import ListedChange, ToldChange
from pitwall.core.errors import InvalidInput
from pitwall.incidents.decomposition import (
    NOTHING,
    PRIOR_COUNT,
    Kind,
    Measure,
    Slice,
    is_change,
    outcome_parts,
    parts,
    strongest,
)
from pitwall.incidents.dimensions import COUNTS, causes_of, kind_of, leading_aggregate, outcomes_of, widened
from pitwall.incidents.explanation import Contribution, Explanation, Status, Stretch, Subject
from pitwall.incidents.types import Incident, Member
from pitwall.signals.catalogue import Signal
from pitwall.signals.errors import UnknownSignal
from pitwall.signals.expressions import Column, Comparison, Condition, Not, Source, Truth, conjunction
from pitwall.signals.parser import parse_condition
from pitwall.signals.service import Signals, required
from pitwall.signals.sources import SOURCES, Type
from pitwall.signals.types import ExemplarQuery, SignalQuery, SignalResult
from pitwall.signals.windows import floor_to

FindChanges = Callable[[str, datetime, datetime], Sequence[ListedChange]]
"""What was changed in a project between two times."""

MAX_LENGTH: Final = timedelta(hours=1)
"""The first hour of an incident is looked at; what comes later is the same incident, not its beginning."""
_MINUTE: Final = timedelta(minutes=1)
_USUAL_WINDOW: Final = timedelta(minutes=5)
_BASELINES: Final = (timedelta(hours=1), timedelta(hours=24), timedelta(days=7))
_ENOUGH_BEFORE: Final = 200
_MAX_CONTRIBUTIONS: Final = 5
_MAX_EXAMPLES: Final = 3
_MAX_CHANGES: Final = 5
_CHANGES_BEFORE: Final = timedelta(hours=1)
_MAX_TRIED: Final = 3
"""Values of a dimension without which a quantile is computed again."""


class Explainer:
    """Explains incidents; calls block.

    Args:
        signals: Where all numbers come from.
        changes: Finds what was changed.
    """

    def __init__(self, signals: Signals, changes: FindChanges) -> None:
        self._signals = signals.with_catalogue(widened(signals.catalogue))
        self._changes = changes

    def explain(self, project_id: str, incident: Incident, now: datetime) -> Explanation:
        """Compare the beginning of an incident with the time before it.

        Raises:
            StoreUnavailable: The telemetry store does not answer.
        """
        member = _leading(incident)
        empty = Explanation(
            status=Status.NOT_APPLICABLE,
            subject=_subject(member),
            window=_window(incident, member, now),
            computed_at=now,
            fired_at=incident.opened_at,
        )
        empty = replace(empty, changes=self._changes_around(project_id, incident, empty))
        try:
            return self._compared(project_id, empty)
        except (InvalidInput, UnknownSignal):
            return empty

    def _compared(self, project_id: str, found: Explanation) -> Explanation:
        signal = self._signals.catalogue.get(found.subject.signal)
        kind = kind_of(self._signals.catalogue, signal)
        if kind is None:
            return found
        asked = _Asked(self._signals, project_id, signal, kind, _condition(signal, found.subject))
        now, baseline, before = self._totals(asked, found.window)
        found = replace(
            found,
            subject=replace(found.subject, title=signal.title, unit=signal.unit),
            baseline=baseline,
            before=before,
            now=now,
            example_trace_ids=asked.examples(found.window, None),
        )
        needed = max(PRIOR_COUNT, signal.bands.min_count)
        if now.value is None or before.value is None or now.count < needed or before.count < needed:
            return replace(found, status=Status.NOT_ENOUGH_DATA)
        if not is_change(kind, before, now):
            return replace(found, status=Status.NO_CHANGE)
        return self._taken_apart(asked, found, baseline)

    def _totals(self, asked: _Asked, window: Stretch) -> tuple[Measure, Stretch, Measure]:
        """The whole now and before; the baseline is made longer until it holds enough records."""
        now = asked.total(window, window)
        baseline, before = window, NOTHING
        for length in _BASELINES:
            baseline = Stretch(window.since - length, window.since)
            before = asked.total(baseline, window)
            if before.count >= _ENOUGH_BEFORE:
                break
        return now, baseline, before

    def _taken_apart(self, asked: _Asked, found: Explanation, baseline: Stretch) -> Explanation:
        fixed = found.subject.labels
        causes = asked.slices(causes_of(asked.signal, fixed), found.window, baseline)
        taken = {
            name: parts(asked.kind, found.before, found.now, asked.tried(found, baseline, name, slices))
            for name, slices in causes.items()
        }
        standing = strongest(taken)[:_MAX_CONTRIBUTIONS]
        contributions = [
            Contribution(name, part, False, asked.examples(found.window, (name, part.slice.name)))
            for name, part in standing
        ]
        contributions += self._outcomes(asked, found, baseline)
        status = Status.EXPLAINED if standing else Status.SPREAD
        changes = _most_telling(found.changes, contributions, found.fired_at)
        return replace(found, status=status, contributions=contributions, changes=changes)

    def _outcomes(self, asked: _Asked, found: Explanation, baseline: Stretch) -> list[Contribution]:
        """How the records ended that a ratio has more of."""
        if asked.kind is not Kind.RATIO:
            return []
        outcomes = asked.slices(outcomes_of(asked.signal, found.subject.labels), found.window, baseline)
        told = []
        for name, slices in outcomes.items():
            best = next(iter(outcome_parts(found.before, found.now, slices)), None)
            if best is not None and best.slice.name and best.share >= 0.5:
                examples = asked.examples(found.window, (name, best.slice.name))
                told.append(Contribution(name, best, True, examples))
        return told[:1]

    def _changes_around(
        self, project_id: str, incident: Incident, found: Explanation
    ) -> Sequence[ListedChange]:
        since = found.window.since - _CHANGES_BEFORE
        around = self._changes(project_id, since, max(incident.opened_at, found.window.since) + _MINUTE)
        return [one for one in around if _concerns(one, incident.labels)][:_MAX_CHANGES]


@dataclass(frozen=True, slots=True)
class _Asked:
    """One signal with its condition, asked along many dimensions."""

    signals: Signals
    project_id: str
    signal: Signal
    kind: Kind
    condition: Condition | None

    def total(self, stretch: Stretch, like: Stretch) -> Measure:
        return self._measures(self.signals.query(self._query(stretch)), stretch, like).get("", NOTHING)

    def slices(
        self, names: Sequence[str], window: Stretch, baseline: Stretch
    ) -> Mapping[str, Sequence[Slice]]:
        """Every dimension that has more than one value, with its values."""
        found: dict[str, Sequence[Slice]] = {}
        nows = self._split(names, window, window)
        befores = self._split(names, baseline, window)
        for name, now, before in zip(names, nows, befores, strict=True):
            values = dict.fromkeys([*now, *before])
            if len(values) > 1:
                found[name] = [
                    Slice(value, before.get(value, NOTHING), now.get(value, NOTHING)) for value in values
                ]
        return found

    def tried(
        self, found: Explanation, baseline: Stretch, name: str, slices: Sequence[Slice]
    ) -> Sequence[Slice]:
        """Slices of a kind that has no parts, those that may matter with what would be without them."""
        if self.kind is not Kind.OTHER:
            return slices
        return [self._without(one, name, found.window, baseline) for one in _worth_trying(found, slices)]

    def examples(self, window: Stretch, label: tuple[str, str] | None) -> tuple[str, ...]:
        query = ExemplarQuery(
            self.signal.name,
            self.project_id,
            window.since,
            window.until,
            () if label is None else (label,),
            self._where(),
            _MAX_EXAMPLES,
        )
        try:
            return tuple(one.trace_id for one in self.signals.exemplars(query).exemplars)
        except InvalidInput:  # of points, for example, there are none
            return ()

    def _split(
        self, names: Sequence[str], stretch: Stretch, like: Stretch
    ) -> Iterator[Mapping[str, Measure]]:
        answers = self.signals.query_many([self._query(stretch, by=name) for name in names])
        for name, answer in zip(names, answers, strict=True):
            yield self._measures(required(answer), stretch, like, name)

    def _without(self, one: Slice, name: str, window: Stretch, baseline: Stretch) -> Slice:
        others = Not(_equals(self.signal, name, one.name))
        before, now = (
            self.signals.query(self._query(stretch, others)).series[0].values[0]
            for stretch in (baseline, window)
        )
        return replace(one, without_before=before, without_now=now)

    def _query(
        self, stretch: Stretch, also: Condition | None = None, *, by: str | None = None
    ) -> SignalQuery:
        return SignalQuery(
            self.signal.name,
            self.project_id,
            stretch.since,
            stretch.until,
            by=() if by is None else (by,),
            where=self._where(also),
        )

    def _where(self, also: Condition | None = None) -> str:
        condition = conjunction(self.condition, also)
        return "" if condition is None else str(condition)

    def _measures(
        self, result: SignalResult, stretch: Stretch, like: Stretch, name: str = ""
    ) -> Mapping[str, Measure]:
        """Values by label; sums as they would be in a stretch as long as another one."""
        factor = 1.0
        if self.kind is Kind.SUM and self.signal.per is None:
            factor = like.seconds / stretch.seconds
        found = {}
        for series in result.series:
            value, count = series.values[0], series.counts[0]
            held = self._held(value, count, stretch)
            found[series.labels.get(name, "")] = Measure(None if value is None else value * factor, held)
        return found

    def _held(self, value: float | None, count: int, stretch: Stretch) -> int:
        """How many records make up a value: of what is counted, only those that are."""
        aggregate = leading_aggregate(self.signals.catalogue, self.signal)
        if (
            self.kind is not Kind.SUM
            or aggregate is None
            or aggregate.function not in COUNTS
            or value is None
        ):
            return count
        if self.signal.per is None:
            return round(value)
        return round(value * stretch.seconds / self.signal.per.total_seconds())


def _leading(incident: Incident) -> Member:
    """The alert that an incident is explained by: the worst, and of those the first."""
    return min(incident.members.values(), key=lambda one: (-Level.of(one.severity), one.first_fired_at))


def _subject(member: Member) -> Subject:
    facts = member.event.facts
    return Subject(facts.signal, facts.title, facts.unit, member.event.labels, facts.where)


def _window(incident: Incident, member: Member, now: datetime) -> Stretch:
    """From where the alert's first window began, for as long as it lasts but at most so long."""
    event = member.event
    facts = event.facts
    length = _USUAL_WINDOW
    if facts.window_start is not None and facts.window_end is not None:
        length = min(max(facts.window_end - facts.window_start, _MINUTE), MAX_LENGTH)
    began = min(event.active_since or member.first_fired_at, member.first_fired_at)
    since = floor_to(began - length, _MINUTE)
    until = min(incident.resolved_at or now, now, since + MAX_LENGTH + length)
    return Stretch(since, max(floor_to(until, _MINUTE) + _MINUTE, since + _MINUTE))


def _condition(signal: Signal, subject: Subject) -> Condition | None:
    """The records that the alert looks at: those of its rule, with its labels."""
    where = parse_condition(subject.where) if subject.where.strip() else None
    return conjunction(where, *(_equals(signal, name, value) for name, value in subject.labels.items()))


def _equals(signal: Signal, name: str, value: str) -> Condition:
    source = Source.SPANS if signal.over is None else signal.over.source
    spec = SOURCES[source].columns.get(name)
    column = Column(name)
    if spec is not None and spec.type is Type.TRUTH:
        return Truth(column) if value == "true" else Not(Truth(column))
    return Comparison(column, "=", value)


def _worth_trying(found: Explanation, slices: Sequence[Slice]) -> list[Slice]:
    """Values that changed as the whole did, or hold more of it, those with the most records first."""
    assert found.before.value is not None  # there is a change
    assert found.now.value is not None
    direction = 1 if found.now.value > found.before.value else -1
    before = found.before.value

    def pull(one: Slice) -> float:
        return 0.0 if one.now.value is None else direction * (one.now.value - before) * one.now.count

    able = [one for one in slices if one.now.count >= PRIOR_COUNT and pull(one) > 0]
    return sorted(able, key=pull, reverse=True)[:_MAX_TRIED]


def _concerns(change: ListedChange, labels: Mapping[str, str]) -> bool:
    """Whether a change may have to do with labels: it names none of them otherwise."""
    facts = change.change.facts if isinstance(change.change, ToldChange) else change.change
    told = {"service": facts.service, "environment": facts.environment}
    return all(value is None or labels.get(name, value) == value for name, value in told.items())


def _most_telling(
    changes: Sequence[ListedChange], contributions: Sequence[Contribution], fired_at: datetime
) -> Sequence[ListedChange]:
    """Changes whose new value is one that explains come first, then those closest before the alert."""
    values = {one.part.slice.name for one in contributions}
    fired = fired_at.timestamp() * 1e9

    def order(change: ListedChange) -> tuple[bool, float]:
        facts = change.change.facts if isinstance(change.change, ToldChange) else change.change
        return facts.after not in values, abs(fired - change.at_nano)

    return sorted(changes, key=order)
