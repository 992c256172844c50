"""Computes what explains an incident: its stretch of time against the time before, along every dimension."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from pitwall.changes.types import ListedChange, ToldChange
from pitwall.core.errors import InvalidInput
from pitwall.core.vocabulary import Severity
from pitwall.incidents.asking import Asked, equals
from pitwall.incidents.decomposition import (
    NOTHING,
    PRIOR_COUNT,
    Kind,
    Measure,
    Noise,
    Part,
    Slice,
    is_change,
    noise_of,
    outcome_parts,
    parts,
    strongest,
)
from pitwall.incidents.dimensions import causes_of, kind_of, outcomes_of, title_of, widened
from pitwall.incidents.explanation import PLACES, Contribution, Explanation, Status, Stretch, Subject
from pitwall.incidents.types import Incident, Member
from pitwall.signals.catalogue import Signal
from pitwall.signals.errors import UnknownSignal
from pitwall.signals.expressions import And, Condition, Not, conjunction
from pitwall.signals.parser import parse_condition
from pitwall.signals.rollups import DIMENSIONS
from pitwall.signals.service import Signals
from pitwall.signals.windows import floor_to

FindChanges = Callable[[str, datetime, datetime], Sequence[ListedChange]]
"""What was changed in a project between two times."""

MAX_LENGTH: Final = timedelta(hours=1)
"""The first hour of an incident is looked at; what comes later is the same incident, not its beginning."""
_SEVERITIES: Final = list(Severity)
_MINUTE: Final = timedelta(minutes=1)
_USUAL_WINDOW: Final = timedelta(minutes=5)
_BASELINES: Final = (timedelta(hours=1), timedelta(hours=24), timedelta(days=7))
_RAW_WITHIN: Final = timedelta(hours=24)
"""Dimensions that rollups do not have are left out of longer baselines, which may hold very many records."""
_ENOUGH_BEFORE: Final = 200
_MAX_CONTRIBUTIONS: Final = 5
_MAX_CHANGES: Final = 5
_CHANGES_BEFORE: Final = timedelta(hours=1)
_MAX_TRIED: Final = 3
"""Values of a dimension without which a value that has no parts is computed again."""
_MOST: Final = 0.5
"""Part of what was added that ended alike, to be told."""


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
        empty = self._empty(incident, Status.NOT_APPLICABLE, now)
        empty = replace(empty, changes=self._changes_around(project_id, incident, empty.window))
        try:
            return self._compared(project_id, empty)
        except (InvalidInput, UnknownSignal):
            return empty

    def failed(self, incident: Incident, now: datetime) -> Explanation:
        """What is told of an incident whose explanation cannot be computed."""
        return self._empty(incident, Status.FAILED, now)

    def _empty(self, incident: Incident, status: Status, now: datetime) -> Explanation:
        member = _leading(incident)
        return Explanation(
            status=status,
            subject=_subject(member),
            window=_window(incident, member, now),
            computed_at=now,
            fired_at=incident.opened_at,
        )

    def _compared(self, project_id: str, found: Explanation) -> Explanation:
        signal = self._signals.catalogue.get(found.subject.signal)
        kind = kind_of(self._signals.catalogue, signal)
        if kind is None:
            return found
        asked = Asked(self._signals, project_id, signal, kind, _condition(signal, found.subject))
        now, baseline, before = _totals(asked, found.window)
        found = replace(
            found,
            subject=replace(found.subject, title=signal.title, unit=signal.unit),
            baseline=baseline,
            before=before,
            now=now,
            elsewhere=_elsewhere(asked, found, baseline),
            is_scaled=kind is Kind.SUM and signal.per is None,
            example_trace_ids=asked.examples(found.window, None),
        )
        needed = max(PRIOR_COUNT, signal.bands.min_count)
        if now.value is None or before.value is None or now.count < needed or before.count < needed:
            return replace(found, status=Status.NOT_ENOUGH_DATA)
        return _Comparison(asked, found, baseline, before.value, now.value).result()

    def _changes_around(self, project_id: str, incident: Incident, window: Stretch) -> Sequence[ListedChange]:
        until = max(incident.opened_at, window.since) + _MINUTE
        around = self._changes(project_id, window.since - _CHANGES_BEFORE, until)
        return [one for one in around if _concerns(one, incident.labels)][:_MAX_CHANGES]


@dataclass(frozen=True, slots=True)
class _Comparison:
    """A signal that has enough data in both stretches, to be taken apart."""

    asked: Asked
    found: Explanation
    baseline: Stretch
    value_before: float
    value_now: float

    def result(self) -> Explanation:
        asked, before, now = self.asked, self.found.before, self.found.now
        beyond = asked.beyond(self.value_before, is_above=self.value_now > self.value_before)
        if beyond is not None and is_change(Kind.OTHER, before, now):
            # A quantile has no parts, the share of records beyond its earlier value has.
            window = self.found.window
            asked, before, now = beyond, beyond.total(self.baseline, window), beyond.total(window, window)
        noise = noise_of(asked.kind, asked.windows(self.baseline, self.found.window), now.count)
        if noise is None:
            return replace(self.found, status=Status.NOT_ENOUGH_DATA)
        if not is_change(asked.kind, before, now, noise):
            return replace(self.found, status=Status.NO_CHANGE)
        standing = self._standing(asked, before, now, noise)
        contributions = [*map(self._contribution, standing), *self._outcomes()]
        changes = _most_telling(self.found.changes, contributions, self.found.fired_at)
        return replace(
            self.found,
            status=Status.EXPLAINED if standing else Status.SPREAD,
            contributions=contributions,
            changes=changes,
            is_quantile=asked is beyond,
        )

    def _standing(self, asked: Asked, before: Measure, now: Measure, noise: Noise) -> list[tuple[str, Part]]:
        """Values that stand out, with their dimensions."""
        names = causes_of(asked.signal, self.found.subject.labels)
        if self.baseline.seconds > _RAW_WITHIN.total_seconds():
            names = [name for name in names if name in DIMENSIONS]
        causes = asked.slices(names, self.found.window, self.baseline)
        taken = {
            name: parts(asked.kind, before, now, self._tried(asked, name, slices), noise)
            for name, slices in causes.items()
        }
        return strongest(taken)[:_MAX_CONTRIBUTIONS]

    def _tried(self, asked: Asked, name: str, slices: Sequence[Slice]) -> Sequence[Slice]:
        """Slices of a kind that has no parts: those that may matter, with what would be without them."""
        if asked.kind is not Kind.OTHER:
            return slices
        return [
            replace(
                one,
                without_before=asked.without(name, one.name, self.baseline),
                without_now=asked.without(name, one.name, self.found.window),
            )
            for one in self._worth_trying(slices)
        ]

    def _worth_trying(self, slices: Sequence[Slice]) -> list[Slice]:
        """Values that are where the whole went, those with the most records first."""
        direction = 1 if self.value_now > self.value_before else -1

        def pull(one: Slice) -> float:
            if one.now.value is None:
                return 0.0
            return direction * (one.now.value - self.value_before) * one.now.count

        able = [one for one in slices if one.now.count >= PRIOR_COUNT and pull(one) > 0]
        return sorted(able, key=pull, reverse=True)[:_MAX_TRIED]

    def _contribution(self, standing: tuple[str, Part]) -> Contribution:
        """What is told of a value: its own values of the signal, and what the whole would be without it."""
        name, part = standing
        asked, window, value = self.asked, self.found.window, part.slice.name
        if asked.kind is Kind.OTHER:
            own = asked.slices([name], window, self.baseline).get(name, ())
            part = replace(part, slice=next((one for one in own if one.name == value), part.slice))
        without = None if asked.kind is Kind.SUM else asked.without(name, value, window)
        title, examples = title_of(asked.signal, name), asked.examples(window, (name, value))
        return Contribution(name, title, part, False, without, examples)

    def _outcomes(self) -> list[Contribution]:
        """How the records ended that a ratio has more of."""
        asked, found = self.asked, self.found
        if asked.kind is not Kind.RATIO:
            return []
        outcomes = asked.slices(outcomes_of(asked.signal, found.subject.labels), found.window, self.baseline)
        for name, slices in outcomes.items():
            best = next(iter(outcome_parts(found.before, found.now, slices)), None)
            if best is not None and best.slice.name and best.share >= _MOST:
                examples = asked.examples(found.window, (name, best.slice.name))
                return [Contribution(name, title_of(asked.signal, name), best, True, None, examples)]
        return []


def _elsewhere(asked: Asked, found: Explanation, baseline: Stretch) -> tuple[Measure, Measure] | None:
    """The same before and now of the same service, but without what else the alert's labels say."""
    labels = found.subject.labels
    narrow = [equals(asked.signal, name, value) for name, value in labels.items() if name not in PLACES]
    if not narrow:
        return None
    wide = replace(found.subject, labels={name: labels[name] for name in PLACES if name in labels})
    rest = And(tuple(narrow)) if len(narrow) > 1 else narrow[0]
    condition = conjunction(_condition(asked.signal, wide), Not(rest))
    others = replace(asked, condition=condition)
    return others.total(baseline, found.window), others.total(found.window, found.window)


def _totals(asked: Asked, window: Stretch) -> tuple[Measure, Stretch, Measure]:
    """The whole now and before; the baseline is made longer until it holds enough records."""
    now = asked.total(window, window)
    baseline, before = window, NOTHING
    for length in _BASELINES:
        baseline = Stretch(window.since - length, window.since)
        before = asked.total(baseline, window)
        if before.count >= _ENOUGH_BEFORE:
            break
    return now, baseline, before


def _leading(incident: Incident) -> Member:
    """The alert that an incident is explained by: of the worst that with the fewest labels, the first.

    What a label says already is no explanation any more.
    """

    def order(one: Member) -> tuple[int, int, datetime]:
        return -_SEVERITIES.index(one.severity), len(one.event.labels), one.first_fired_at

    return min(incident.members.values(), key=order)


def _subject(member: Member) -> Subject:
    facts = member.event.facts
    return Subject(facts.signal, facts.title, facts.unit, member.event.labels, facts.records)


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
    return conjunction(where, *(equals(signal, name, value) for name, value in subject.labels.items()))


def _concerns(change: ListedChange, labels: Mapping[str, str]) -> bool:
    """Whether a change may have to do with labels: it names none of them otherwise."""
    facts = change.change.facts if isinstance(change.change, ToldChange) else change.change
    told = {"service": facts.service, "environment": facts.environment}
    return all(value is None or labels.get(name, value) == value for name, value in told.items())


def _most_telling(
    changes: Sequence[ListedChange], contributions: Sequence[Contribution], fired_at: datetime
) -> Sequence[ListedChange]:
    """Changes whose new value is one that explains come first, then those closest to the alert."""
    values = {one.part.slice.name for one in contributions}
    fired = fired_at.timestamp() * 1e9

    def order(change: ListedChange) -> tuple[bool, float]:
        facts = change.change.facts if isinstance(change.change, ToldChange) else change.change
        return facts.after not in values, abs(fired - change.at_nano)

    return sorted(changes, key=order)
