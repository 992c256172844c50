"""What a period will have cost when it is over: what was spent, and what its remaining days are like to cost.

The remaining days are simulated. With three weeks of history a day costs the level of the last week (robust,
so that one odd day changes nothing) times the factor of its weekday, and differs from that as past days did;
the level itself drifts as it did from week to week, without a trend. With less history, or where many days
cost nothing, days are drawn from those that were. The projection is the middle of the simulated periods, the
interval holds eight of ten.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pitwall.costs.types import CONFIDENCE, MAX_DAYS, MIN_DAYS, Method, Projection, Range

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_DAYS_FOR_WEEKDAYS: Final = 21
_WEEK: Final = 7
_DRAWS: Final = 4000
_LOW, _MIDDLE, _HIGH = (0.5 - CONFIDENCE / 2, 0.5, 0.5 + CONFIDENCE / 2)
# How far the level of a week is from that of the week before; counts as much as three weeks of history.
_USUAL_DRIFT: Final = 0.15
_USUAL_DRIFT_WEEKS: Final = 3
_MOST_IDLE: Final = 0.3
_FAINT_FACTOR: Final = 0.2
_LEAST_FACTOR: Final = 1e-3
_DEVIATION_OF_MAD: Final = 1.4826


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a period and of the days before.

    Attributes:
        days: Cost of each complete day, oldest first, without the day on which it all began.
        weekdays: Weekday of each of them; Monday is 0.
        spent: What the period cost so far, today included.
        today: Weekday of today; None if the period is over.
        today_left: Which part of a day's cost usually comes after this time of the day.
        remaining: Weekdays of the days of the period after today.
    """

    days: FloatArray
    weekdays: IntArray
    spent: float
    today: int | None
    today_left: float
    remaining: IntArray


def project_costs(history: History, rng: np.random.Generator) -> Projection | None:
    """Project a period; None if there are too few days to tell.

    Args:
        history: Amounts in USD.
        rng: Draws the days; the same one gives the same projection.
    """
    parts = _parts_of_days(history)
    if not parts.size:
        return Projection(None, Range(history.spent, history.spent, history.spent), [])
    if history.days.size < MIN_DAYS:
        return None
    days, weekdays = history.days[-MAX_DAYS:], history.weekdays[-MAX_DAYS:]
    method = _method(days)
    if method is Method.WEEKDAYS:
        today = () if history.today is None else (history.today,)
        drawn = _by_weekday(days, weekdays, np.array([*today, *history.remaining], np.int64), rng)
    else:
        # Whole weeks, so that each weekday is in it as often.
        drawn = rng.choice(days[days.size % _WEEK :], (_DRAWS, parts.size))
    costs = drawn * _drift(days, parts.size, rng) * parts
    total = history.spent + costs.sum(axis=1)
    return Projection(method, _range(total), [_range(costs[:, number]) for number in range(parts.size)])


def _parts_of_days(history: History) -> FloatArray:
    """Which part of each remaining day is still to come."""
    whole = np.ones(history.remaining.size)
    return whole if history.today is None else np.append([history.today_left], whole)


def _method(days: FloatArray) -> Method:
    is_idle = np.mean(days == 0) > _MOST_IDLE or np.median(days[-_WEEK:]) == 0
    return Method.PAST_DAYS if days.size < _DAYS_FOR_WEEKDAYS or is_idle else Method.WEEKDAYS


def _by_weekday(
    days: FloatArray, weekdays: IntArray, ahead: IntArray, rng: np.random.Generator
) -> FloatArray:
    """Draw days that cost the level times the factor of their weekday and differ as past days did."""
    factors = weekday_factors(days, weekdays)
    departures = _departures(days, factors[weekdays])
    drawn = rng.choice(departures, (_DRAWS, ahead.size))
    # What a week tells of its level, it tells with the noise of its days.
    spread = float(np.median(np.abs(departures - np.median(departures)))) * _DEVIATION_OF_MAD
    level = _level(days, factors[weekdays]) * np.exp(rng.normal(0.0, spread / np.sqrt(_WEEK), (_DRAWS, 1)))
    costs = level * (factors[ahead] + np.sqrt(factors[ahead]) * drawn)
    return np.asarray(np.maximum(costs, 0.0), np.float64)


def _departures(days: FloatArray, factors: FloatArray) -> FloatArray:
    """How far days were from what the level of the week around them and their weekday say.

    In levels; a day that usually costs a quarter departs by half as much.
    """
    half = _WEEK // 2
    spans = [slice(max(0, day - half), day + half + 1) for day in range(days.size)]
    levels = np.array([_level(days[span], factors[span]) for span in spans])
    known = (levels > 0) & (factors > 0)
    away = days[known] - levels[known] * factors[known]
    # A day is one of the seven that its level is taken of.
    return np.asarray(away / (levels[known] * np.sqrt(factors[known] * (1 - 1 / _WEEK))), np.float64)


def weekday_factors(days: FloatArray, weekdays: IntArray) -> FloatArray:
    """What a day of each weekday costs, relative to the week around it; 1 on the average.

    Factors that differ no more than chance makes them are drawn to 1.
    """
    ratios = _ratios_to_week(days)
    groups = [ratios[(weekdays == weekday) & np.isfinite(ratios)] for weekday in range(_WEEK)]
    raw = np.array([np.median(group) if group.size else 1.0 for group in groups])
    spread = np.concatenate([group - middle for group, middle in zip(groups, raw, strict=True)])
    noise = float(np.mean(spread**2)) / max(1.0, days.size / _WEEK - 1)
    signal = max(0.0, float(np.var(raw)) - noise)
    weight = signal / (signal + noise) if signal else 0.0
    factors = np.maximum(1 + weight * (raw - 1), 0.0)
    return np.asarray(factors / factors.mean(), np.float64)


def _ratios_to_week(days: FloatArray) -> FloatArray:
    """Each day relative to the mean of the seven days around it; NaN where those cost nothing."""
    means = np.convolve(days, np.ones(_WEEK) / _WEEK, "valid")
    around = np.concatenate([np.repeat(means[0], 3), means, np.repeat(means[-1], 3)])
    ratios: FloatArray = np.divide(days, around, out=np.full(days.size, np.nan), where=around > 0)
    return ratios


def _level(days: FloatArray, factors: FloatArray) -> float:
    """The cost of an average day of the last week, whatever an odd day did: the median mean of two days.

    Source: Hodges and Lehmann 1963, Estimates of Location Based on Rank Tests.
    """
    days, factors = days[-_WEEK:], factors[-_WEEK:]
    telling = factors >= min(_FAINT_FACTOR, float(factors.max()))
    flat = days[telling] / np.maximum(factors[telling], _LEAST_FACTOR)
    return float(np.median((flat[:, None] + flat)[np.triu_indices(flat.size)] / 2))


def _drift(days: FloatArray, ahead: int, rng: np.random.Generator) -> FloatArray:
    """How the level goes on: a walk in logarithms, with the steps that weeks took."""
    weeks = days[days.size % _WEEK :].reshape(-1, _WEEK)
    medians = np.median(weeks, axis=1)
    steps = np.diff(np.log(medians[medians > 0]))
    usual = _USUAL_DRIFT_WEEKS * _USUAL_DRIFT**2
    variance = (float(np.sum(steps**2)) + usual) / (steps.size + _USUAL_DRIFT_WEEKS)
    daily = rng.normal(0.0, np.sqrt(variance / _WEEK), (_DRAWS, ahead))
    return np.asarray(np.exp(np.cumsum(daily, axis=1)), np.float64)


def _range(amounts: FloatArray) -> Range:
    low, middle, high = np.quantile(amounts, (_LOW, _MIDDLE, _HIGH))
    return Range(float(middle), float(low), float(high))
