"""Conditions on one signal: which windows they look at, and what they say of every label set."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Protocol

from pitwall.alerts.judging import Judge, one_sided_z, steps_of
from pitwall.alerts.rules import (
    AbsentCondition,
    Against,
    AnomalyCondition,
    BandsCondition,
    BurnRateCondition,
    BurnWindow,
    ChangeCondition,
    Direction,
    Measure,
    Rule,
    SimpleCondition,
    Step,
    ThresholdCondition,
)
from pitwall.alerts.samples import (
    LabelValues,
    Origin,
    Point,
    Points,
    Reader,
    Sample,
    Samples,
    Seen,
    Wanted,
    Watch,
    Watched,
    WindowEnd,
)
from pitwall.alerts.types import Level
from pitwall.anomalies.explain import explain, format_value
from pitwall.kit.i18n import Language, Text
from pitwall.signals.catalogue import Catalogue, Signal
from pitwall.signals.expressions import Function, aggregates_of

_EXTENSIVE = frozenset({Function.COUNT, Function.RATE, Function.SUM, Function.INCREASE})
_BACK = {Against.YESTERDAY: timedelta(days=1), Against.LAST_WEEK: timedelta(days=7)}
_CHANGED = Text("{now} now, {then} before", "지금 {now}, 이전 {then}")

Known = Collection[LabelValues]


class Check(Protocol):
    """A condition that can be evaluated.

    Attributes:
        by: Labels that split it.
        levels: Those it can have.
    """

    by: tuple[str, ...]
    levels: tuple[Level, ...]

    def wanted(self) -> Iterable[Wanted]:
        """The windows it looks at."""

    def watches(self) -> Iterable[Watch]:
        """The series that detectors learn for it."""

    def evaluate(self, reader: Reader, known: Known) -> Samples:
        """What it says of every label set that has data or is waited for.

        Raises:
            PitwallError: The question cannot be answered.
        """


@dataclass(frozen=True, slots=True)
class _Simple:
    """What all conditions on one signal have."""

    signal: Signal
    by: tuple[str, ...]
    where: str
    window: timedelta
    settle: timedelta | None
    min_count: int
    levels: tuple[Level, ...]

    def want(self, length: timedelta, *, is_whole: bool = False, back: timedelta = timedelta()) -> Wanted:
        """A window of the signal; a whole one where a window that fills would mislead."""
        end = WindowEnd.COMPLETE if is_whole else WindowEnd.PRESENT
        return Wanted(self.signal.name, self.by, self.where, length, end, back, self.settle)


def make_check(rule: Rule, condition: SimpleCondition, catalogue: Catalogue) -> Check:
    """Make a condition ready to be evaluated; the rule was checked."""
    signal = catalogue.get(condition.signal)
    look = condition.look
    level = Level.of(rule.severity) if rule.severity else Level.WARNING
    least = rule.min_samples or signal.bands.min_count

    def simple(levels: Iterable[Level]) -> _Simple:
        return _Simple(
            signal,
            rule.by if look.by is None else look.by,
            rule.where if look.where is None else look.where,
            look.window or rule.window,
            rule.settle,
            least,
            tuple(levels),
        )

    def limited(steps: tuple[Step, ...]) -> tuple[_Simple, Judge]:
        z = None if rule.confidence is None else one_sided_z(rule.confidence)
        return simple(step.level for step in steps), Judge(steps, z)

    match condition:
        case BandsCondition():
            return ValueCheck(*limited(steps_of(signal.bands)))
        case ThresholdCondition(steps=steps):
            return ValueCheck(*limited(steps))
        case AbsentCondition():
            return AbsentCheck(simple([level]), level)
        case ChangeCondition(against=against, measure=measure, steps=steps):
            return ChangeCheck(simple(step.level for step in steps), Judge(steps), against, measure)
        case AnomalyCondition():
            return AnomalyCheck(simple([level]), condition, level)
        case BurnRateCondition(objective=objective, windows=windows):
            return BurnRateCheck(simple({one.level for one in windows}), objective, windows)


def is_extensive(signal: Signal) -> bool:
    """Whether a value grows while its window fills, as counts do."""
    if signal.per is not None:
        return True
    functions = [aggregate.function for aggregate in aggregates_of(signal.value)]
    return len(functions) == 1 and functions[0] in _EXTENSIVE


class _Base:
    """What all checks say of themselves."""

    def __init__(self, simple: _Simple) -> None:
        self._simple = simple
        self.by = simple.by
        self.levels = simple.levels

    def watches(self) -> Iterable[Watch]:
        """No series, as a rule."""
        return ()


class ValueCheck(_Base):
    """A value against limits."""

    def __init__(self, simple: _Simple, judge: Judge) -> None:
        super().__init__(simple)
        self._judge = judge
        is_whole = is_extensive(simple.signal) and not judge.is_worse_high
        self._wanted = simple.want(simple.window, is_whole=is_whole)

    def wanted(self) -> Iterable[Wanted]:
        """One window."""
        return (self._wanted,)

    def evaluate(self, reader: Reader, known: Known) -> Samples:
        """Judge every value."""
        origin = _origin(self._simple, self._judge.steps, reader, self._wanted)
        judge, least, is_high = self._judge, self._simple.min_count, self._judge.is_worse_high
        samples: Samples = {}
        for labels, (value, count, band) in reader.points(self._wanted).items():
            if value is None:
                samples[labels] = Sample(Seen.NOTHING, origin=origin)
            elif count < least:
                samples[labels] = Sample(
                    Seen.THIN, value=value, is_worse_high=is_high, observed_count=count, origin=origin
                )
            else:
                enters, keeps = judge(value, count)
                samples[labels] = Sample(Seen.VALUE, enters, keeps, value, is_high, count, band, origin)
        return _with_missing(samples, known, origin)


class AbsentCheck(_Base):
    """No data."""

    def __init__(self, simple: _Simple, level: Level) -> None:
        super().__init__(simple)
        self._level = level
        self._wanted = simple.want(simple.window, is_whole=True)

    def wanted(self) -> Iterable[Wanted]:
        """One window."""
        return (self._wanted,)

    def evaluate(self, reader: Reader, known: Known) -> Samples:
        """Find who is missing among those that were seen."""
        origin = _origin(self._simple, (), reader, self._wanted)
        points = reader.points(self._wanted)
        missing = Sample(Seen.VALUE, self._level, self._level, origin=origin)
        samples: Samples = {labels: missing for labels in known if labels not in points}
        for labels, (value, count, band) in points.items():
            is_there = value is not None and count > 0
            samples[labels] = (
                Sample(Seen.VALUE, value=value, observed_count=count, band=band, origin=origin)
                if is_there
                else missing
            )
        return samples


class ChangeCheck(_Base):
    """A value against what it was."""

    def __init__(self, simple: _Simple, judge: Judge, against: Against, measure: Measure) -> None:
        super().__init__(simple)
        self._judge = judge
        self._measure = measure
        is_whole = is_extensive(simple.signal)
        back = _BACK.get(against, simple.window)
        self._now = simple.want(simple.window, is_whole=is_whole)
        self._then = simple.want(simple.window, is_whole=is_whole, back=back)
        self._unit = "ratio" if measure is Measure.RATIO else simple.signal.unit

    def wanted(self) -> Iterable[Wanted]:
        """The window and the one it is compared with."""
        return (self._now, self._then)

    def evaluate(self, reader: Reader, known: Known) -> Samples:
        """Judge every change; without a value to compare with nothing can be said."""
        origin = _origin(self._simple, self._judge.steps, reader, self._now, unit=self._unit)
        before = reader.points(self._then)
        samples: Samples = {}
        for labels, point in reader.points(self._now).items():
            samples[labels] = self._sample(point, before.get(labels), origin)
        return _with_missing(samples, known, origin)

    def _sample(self, now: Point, then: Point | None, origin: Origin) -> Sample:
        least = self._simple.min_count
        if now.value is None or then is None or then.value is None:
            return Sample(Seen.NOTHING, origin=origin)
        change = self._change(now.value, then.value)
        if change is None or min(now.observed_count, then.observed_count) < least:
            return Sample(Seen.THIN, value=change, observed_count=now.observed_count, origin=origin)
        enters, keeps = self._judge(change, now.observed_count)
        text = self._explanation(now.value, then.value) if keeps else None
        return Sample(
            Seen.VALUE,
            enters,
            keeps,
            change,
            self._judge.is_worse_high,
            now.observed_count,
            now.band,
            origin,
            text,
        )

    def _change(self, now: float, then: float) -> float | None:
        if self._measure is Measure.DIFFERENCE:
            return now - then
        return (now - then) / abs(then) if then else (0.0 if now == then else None)

    def _explanation(self, now: float, then: float) -> Text:
        unit = self._simple.signal.unit
        values = {"now": format_value(now, unit), "then": format_value(then, unit)}
        return Text(_CHANGED.en.format(**values), _CHANGED.ko.format(**values))


class BurnRateCheck(_Base):
    """An error budget that is spent too fast."""

    def __init__(self, simple: _Simple, objective: float, windows: tuple[BurnWindow, ...]) -> None:
        super().__init__(simple)
        self._budget = 1.0 - objective
        self._is_failure = simple.signal.better.value == "lower"
        self._pairs = [
            (one, simple.want(one.long), simple.want(one.short))
            for one in sorted(windows, key=lambda one: (-one.level, -one.factor))
        ]
        self._limits = {one.level: f"> {one.factor:g}" for one in reversed([pair[0] for pair in self._pairs])}

    def wanted(self) -> Iterable[Wanted]:
        """Both windows of every pair."""
        return [wanted for _, long, short in self._pairs for wanted in (long, short)]

    def evaluate(self, reader: Reader, known: Known) -> Samples:
        """A level holds where both of its windows burn too fast."""
        first = self._pairs[0][1]
        origin = Origin(self._simple.signal.name, "x", (), reader.bounds(first), self._limits)
        answers = [(one, reader.points(long), reader.points(short)) for one, long, short in self._pairs]
        every = dict.fromkeys(labels for _, long, _ in answers for labels in long)
        samples = {labels: self._sample(labels, answers, origin) for labels in every}
        return _with_missing(samples, known, origin)

    def _sample(
        self, labels: LabelValues, answers: list[tuple[BurnWindow, Points, Points]], origin: Origin
    ) -> Sample:
        shown: Sample | None = None
        for window, long, short in answers:
            slow, fast = self._burn(long.get(labels)), self._burn(short.get(labels), least=1)
            if slow is None:
                continue
            point = long[labels]
            is_spent = fast is not None and slow > window.factor and fast > window.factor
            level = window.level if is_spent else Level.NONE
            sample = Sample(Seen.VALUE, level, level, slow, True, point.observed_count, point.band, origin)
            if is_spent:
                return sample
            shown = shown or sample
        return shown or Sample(Seen.THIN, origin=origin)

    def _burn(self, point: Point | None, least: int | None = None) -> float | None:
        least = self._simple.min_count if least is None else least
        if point is None or point.value is None or point.observed_count < least:
            return None
        share = point.value if self._is_failure else 1.0 - point.value
        return share / self._budget


class AnomalyCheck(_Base):
    """A value that is unusual for its series."""

    def __init__(self, simple: _Simple, condition: AnomalyCondition, level: Level) -> None:
        super().__init__(simple)
        self._level = level
        self._direction = condition.direction
        self._watch = Watch(
            simple.signal.name,
            simple.by,
            simple.where,
            simple.window,
            condition.detector,
            condition.false_alarms_per_week,
        )

    def wanted(self) -> Iterable[Wanted]:
        """Nothing: detectors look at windows of their own."""
        return ()

    def watches(self) -> Iterable[Watch]:
        """One set of series."""
        return (self._watch,)

    def evaluate(self, reader: Reader, known: Known) -> Samples:
        """Take the detector's word for every label set."""
        samples = {labels: self._sample(one) for labels, one in reader.watched(self._watch).items()}
        return _with_missing(samples, known, Origin(self._simple.signal.name, self._simple.signal.unit))

    def _sample(self, watched: Watched) -> Sample:
        signal, judgement = self._simple.signal, watched.verdict.judgement
        origin = Origin(signal.name, signal.unit, (), (watched.start, watched.end))
        if judgement.score is None or watched.value is None:
            return Sample(
                Seen.THIN, value=watched.value, observed_count=watched.observed_count, origin=origin
            )
        is_high = judgement.usual is None or (judgement.observed or 0.0) >= judgement.usual.value
        wanted_way = self._direction is Direction.BOTH or (self._direction is Direction.UP) == is_high
        level = self._level if watched.verdict.is_anomalous and wanted_way else Level.NONE
        text = _explained(watched, signal.unit, self._watch.step) if level else None
        return Sample(
            Seen.VALUE,
            level,
            level,
            watched.value,
            is_high,
            watched.observed_count,
            watched.band,
            origin,
            text,
        )


def _explained(watched: Watched, unit: str, step: timedelta) -> Text:
    def say(language: Language) -> str:
        return explain(
            watched.verdict.judgement,
            watched.start.timestamp(),
            step.total_seconds(),
            unit=unit,
            language=language,
            timezone=UTC,
        )

    return Text(say(Language.ENGLISH), say(Language.KOREAN))


def _origin(
    simple: _Simple, steps: tuple[Step, ...], reader: Reader, wanted: Wanted, *, unit: str | None = None
) -> Origin:
    return Origin(simple.signal.name, unit or simple.signal.unit, steps, reader.bounds(wanted))


def _with_missing(samples: Samples, known: Known, origin: Origin) -> Samples:
    nothing = Sample(Seen.NOTHING, origin=origin)
    for labels in known:
        if labels not in samples:
            samples[labels] = nothing
    return samples
