"""What part of a change the records with one value of a dimension have; pure arithmetic.

Three kinds of values are taken apart differently:

- A **mean** (also a ratio, the mean of yes and no) is the sum over values of weight times mean. With the
  mean before as the point of reference, a value's part is `w1 (m1 - M0) - w0 (m0 - M0)`, which adds up to the
  whole change, also where values are new or gone. It falls into what became of the value itself,
  `(w0 + w1)/2 (m1 - m0)`, and what comes of more or less of all records having it.
- A **sum** (also a count) is the sum of its parts.
- A **quantile** is taken apart as a ratio: that of records beyond where the quantile was before.
- Anything else, such as a quotient, has no parts. Here a value's part is what would be missing from the
  change if there were no records with it; such parts need not add up.

What counts as chance is taken from the windows before, where these vary by more than their few records
explain.

Means of few records are drawn to the mean of all (`PRIOR_COUNT` imagined records), so that a thin value is
thought to do as all do. A value stands out if its part is larger than what it would be if all had changed
alike, by more than chance explains; a value that holds all records never does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import sqrt
from typing import Final

PRIOR_COUNT: Final = 20
"""Imagined records with the mean of all that the mean of a value is drawn to."""
MIN_EXCESS: Final = 0.2
"""Part of the change beyond its due that makes a value stand out."""
MIN_ERRORS: Final = 3.0
"""Standard errors by which it must be beyond its due."""
MIN_WINDOWS: Final = 4
"""Windows that are needed to say how much a value varies."""
MIN_CHANGE: Final = 0.1
"""Smaller changes, as part of the larger of both values, are none."""


class Kind(StrEnum):
    """How a value comes of its records."""

    RATIO = "ratio"
    MEAN = "mean"
    SUM = "sum"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Measure:
    """A value and how many records it rests on; None without data."""

    value: float | None
    count: int


NOTHING: Final = Measure(None, 0)


@dataclass(frozen=True, slots=True)
class Slice:
    """The records with one value of a dimension, before and now.

    Attributes:
        without_before: The value before of all records but these; for kinds that have no parts.
        without_now: The same now.
    """

    name: str
    before: Measure
    now: Measure
    without_before: float | None = None
    without_now: float | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a change that a slice has.

    Attributes:
        share: Of the whole change.
        due: The share it would have if all had changed alike.
        judged: The share by which it is judged; means of few records are drawn to the mean of all.
        rate_effect: Share of the change because the slice itself changed; None where there is no such thing.
        mix_effect: Share of the change because it holds more or less of all records.
        errors: Standard errors between the share that is judged and the due.
    """

    slice: Slice
    share: float
    due: float
    judged: float
    errors: float
    rate_effect: float | None = None
    mix_effect: float | None = None

    @property
    def excess(self) -> float:
        """What it has beyond its due."""
        return self.judged - self.due

    @property
    def stands_out(self) -> bool:
        """Whether it has clearly more than its due."""
        return self.excess >= MIN_EXCESS and self.errors >= MIN_ERRORS


@dataclass(frozen=True, slots=True)
class Noise:
    """How much a value varies where nothing happens.

    Attributes:
        dispersion: Variance as a multiple of what the number of records explains; at least 1.
        deviation: Standard deviation of a kind of which nothing else is known.
    """

    dispersion: float = 1.0
    deviation: float = 0.0


CALM: Final = Noise()


def noise_of(kind: Kind, windows: Sequence[Measure], count: int) -> Noise | None:
    """How much the value of so many records varies, by windows of the time before; None if too few."""
    known = [(one.value, one) for one in windows if one.value is not None and one.count]
    if len(known) < MIN_WINDOWS:
        return None if kind is Kind.OTHER else CALM
    mean = sum(value for value, _ in known) / len(known)
    squares = [(value - mean) ** 2 for value, _ in known]
    if kind is Kind.OTHER:
        scaled = [square * one.count / max(count, 1) for square, (_, one) in zip(squares, known, strict=True)]
        return Noise(deviation=sqrt(sum(scaled) / (len(known) - 1)))
    expected = sum(_variance(kind, one, mean) for _, one in known)
    factor = len(known) / (len(known) - 1)
    return Noise(max(1.0, factor * sum(squares) / expected) if expected else 1.0)


def is_change(kind: Kind, before: Measure, now: Measure, noise: Noise = CALM) -> bool:
    """Whether a value differs from before by more than chance and by enough to matter."""
    if before.value is None or now.value is None:
        return False
    difference = abs(now.value - before.value)
    if difference < MIN_CHANGE * max(abs(now.value), abs(before.value)):
        return False
    if kind is Kind.OTHER:
        return difference > MIN_ERRORS * noise.deviation
    variance = _variance(kind, before, before.value) + _variance(kind, now, now.value)
    return difference > MIN_ERRORS * sqrt(variance * noise.dispersion)


def parts(
    kind: Kind, before: Measure, now: Measure, slices: Sequence[Slice], noise: Noise = CALM
) -> list[Part]:
    """Take a change apart, the part that is most beyond its due first; empty if there is no change.

    Args:
        kind: How the value comes of its records.
        before: The whole before; of sums for as long a time as now.
        now: The whole now.
        slices: All values of the dimension; of sums likewise.
        noise: How much the whole varies by itself.
    """
    if before.value is None or now.value is None or before.value == now.value:
        return []
    change = now.value - before.value
    match kind:
        case Kind.RATIO | Kind.MEAN:
            found = [_mean_part(kind, one, before, now, change) for one in slices]
        case Kind.SUM:
            found = [_sum_part(one, before.value, change) for one in slices]
        case _:
            tried = [_other_part(one, before, now, change, noise.deviation) for one in slices]
            found = [part for part in tried if part is not None]
    found = [replace(part, errors=part.errors / sqrt(noise.dispersion)) for part in found]
    return sorted(found, key=lambda part: (-part.excess, part.slice.name))


def outcome_parts(before: Measure, now: Measure, slices: Sequence[Slice]) -> list[Part]:
    """Take the change of a ratio apart by an outcome, such as the class of errors.

    Records with one outcome all count or all do not, so only what they add to the whole says anything:
    the part is the difference of their shares in all records.
    """
    if before.value is None or now.value is None or before.value == now.value:
        return []
    change = now.value - before.value
    found = []
    for one in slices:
        held_before = (one.before.value or 0.0) * one.before.count
        held_now = (one.now.value or 0.0) * one.now.count
        added = held_now / now.count - held_before / before.count
        due = held_before / (before.value * before.count) if before.value else 0.0
        error = sqrt(held_now + 1) / now.count + sqrt(held_before + 1) / before.count
        share = added / change
        found.append(Part(one, share, due, share, abs(added - due * change) / error))
    return sorted(found, key=lambda part: (-part.share, part.slice.name))


def _mean_part(kind: Kind, one: Slice, before: Measure, now: Measure, change: float) -> Part:
    assert before.value is not None  # the caller has a change
    assert now.value is not None
    w0, w1 = one.before.count / before.count, one.now.count / now.count
    m0, m1 = _drawn(one.before, before.value), _drawn(one.now, now.value)
    added = w1 * (m1 - before.value) - w0 * (m0 - before.value)
    due = (w0 + w1) / 2
    error = sqrt(w1**2 * _variance(kind, one.now, m1) + w0**2 * _variance(kind, one.before, m0))
    rate, mix = _effects(one, w0, w1, before.value)
    return Part(
        one,
        share=(rate + mix) / change,
        due=due,
        judged=added / change,
        errors=_errors(added - due * change, error, change),
        rate_effect=rate / change,
        mix_effect=mix / change,
    )


def _effects(one: Slice, w0: float, w1: float, reference: float) -> tuple[float, float]:
    """What comes of the slice's own change, and of its weight; a new or gone slice has only the latter."""
    m0, m1 = one.before.value, one.now.value
    if m0 is None or m1 is None:
        gained = 0.0 if m1 is None else w1 * (m1 - reference)
        lost = 0.0 if m0 is None else w0 * (m0 - reference)
        return 0.0, gained - lost
    return (w0 + w1) / 2 * (m1 - m0), ((m0 + m1) / 2 - reference) * (w1 - w0)


def _sum_part(one: Slice, before: float, change: float) -> Part:
    """A slice without records has a sum of 0, as long as the whole has one."""
    x0, x1 = one.before.value or 0.0, one.now.value or 0.0
    due = x0 / before if before else 0.0
    error = sqrt(_sum_variance(x0, one.before.count) + _sum_variance(x1, one.now.count))
    added = x1 - x0
    share = added / change
    return Part(one, share, due, share, _errors(added - due * change, error, change))


def _other_part(one: Slice, before: Measure, now: Measure, change: float, deviation: float) -> Part | None:
    """What is missing from the change without the slice; None if that cannot be said."""
    if one.without_before is None or one.without_now is None or not now.count or not before.count:
        return None
    rest = one.without_now - one.without_before
    due = (one.before.count / before.count + one.now.count / now.count) / 2
    beyond = change - rest - due * change
    is_thin = one.now.count < PRIOR_COUNT
    errors = 0.0 if is_thin else _errors(beyond, deviation, change)
    share = 1 - rest / change
    return Part(one, share, due, share, errors)


def _drawn(measure: Measure, mean: float) -> float:
    if measure.value is None:
        return mean
    return (measure.count * measure.value + PRIOR_COUNT * mean) / (measure.count + PRIOR_COUNT)


def _variance(kind: Kind, measure: Measure, value: float) -> float:
    """Of a value; records of a mean that is no ratio are taken to spread as far as their mean."""
    if not measure.count:
        return 0.0
    match kind:
        case Kind.RATIO:
            held = min(max((value * measure.count + 0.5) / (measure.count + 1), 0.0), 1.0)
            return held * (1 - held) / measure.count
        case Kind.MEAN:
            return value**2 / measure.count
        case _:
            return _sum_variance(value, measure.count)


def _sum_variance(value: float, count: int) -> float:
    """Of a sum of a random number of records that spread as far as their mean."""
    return 2 * value**2 / count if count else 0.0


def _errors(beyond: float, error: float, change: float) -> float:
    """Standard errors beyond the due, in the direction of the change."""
    towards = beyond if change > 0 else -beyond
    return towards / error if error else (0.0 if towards <= 0 else MIN_ERRORS)


def strongest(by_dimension: Mapping[str, Sequence[Part]]) -> list[tuple[str, Part]]:
    """Parts that stand out, of all dimensions, the one that is most beyond its due first.

    Dimensions that call the same records by the same name, as the requested model often does, count once.
    """
    found = [(name, part) for name, parts_ in by_dimension.items() for part in parts_ if part.stands_out]
    order = list(by_dimension)
    found.sort(key=lambda pair: (-round(pair[1].excess, 3), order.index(pair[0])))
    first: dict[tuple[str, int, int], tuple[str, Part]] = {}
    for name, part in found:
        first.setdefault((part.slice.name, part.slice.before.count, part.slice.now.count), (name, part))
    return list(first.values())
