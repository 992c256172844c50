"""How far two or more raters agree, and what a rate is once a judge's known mistakes are taken out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pitwall.stats.clusters import FloatArray, IntArray
from pitwall.stats.distributions import normal_quantile
from pitwall.stats.intervals import Interval, Method, wilson


class Weights(StrEnum):
    """How much a disagreement of ordered categories counts."""

    NONE = "none"
    """Any disagreement counts alike."""
    LINEAR = "linear"
    QUADRATIC = "quadratic"


class Level(StrEnum):
    """What the numbers of a rating mean."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"


@dataclass(frozen=True, slots=True)
class Kappa:
    """Agreement beyond chance: 1 is perfect, 0 what chance gives.

    Attributes:
        value: None if both raters used one and the same category only, so that nothing can be said.
        agreement: Share of cases on which both agree.
    """

    value: float | None
    interval: Interval | None
    agreement: float
    n: int


def confusion_matrix(a: Sequence[int], b: Sequence[int], categories: int) -> IntArray:
    """Count cases by the category of the first rater (rows) and of the second (columns)."""
    cells = np.asarray(a, dtype=np.int64) * categories + np.asarray(b, dtype=np.int64)
    return np.bincount(cells, minlength=categories * categories).reshape(categories, categories)


def cohens_kappa(table: IntArray, *, weights: Weights = Weights.NONE, level: float = 0.95) -> Kappa | None:
    """Return Cohen's kappa of a confusion matrix; None without a case.

    Source: Fleiss, Cohen and Everitt 1969, Large Sample Standard Errors of Kappa and Weighted Kappa.
    """
    n = int(table.sum())
    if not n:
        return None
    shares = table / n
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    weight = _agreement_weights(table.shape[0], weights)
    seen, expected = float((weight * shares).sum()), float(rows @ weight @ columns)
    agreement = float(np.trace(shares))
    if math.isclose(expected, 1.0):
        return Kappa(None, None, agreement, n)
    kappa = (seen - expected) / (1.0 - expected)
    marginal = (weight @ columns)[:, None] + (weight.T @ rows)[None, :]
    squares = float((shares * (weight - marginal * (1.0 - kappa)) ** 2).sum())
    variance = (squares - (kappa - expected * (1.0 - kappa)) ** 2) / (n * (1.0 - expected) ** 2)
    half = normal_quantile(0.5 + level / 2.0) * math.sqrt(max(0.0, variance))
    interval = Interval(max(-1.0, kappa - half), min(1.0, kappa + half), Method.DELTA) if half else None
    return Kappa(kappa, interval, agreement, n)


def _agreement_weights(categories: int, weights: Weights) -> FloatArray:
    if weights is Weights.NONE or categories < 2:
        return np.eye(categories)
    steps = np.arange(categories, dtype=np.float64)
    distance = np.abs(steps[:, None] - steps[None, :]) / (categories - 1)
    return 1.0 - (distance if weights is Weights.LINEAR else distance**2)


def krippendorff_alpha(ratings: FloatArray, level: Level = Level.NOMINAL) -> float | None:
    """Return Krippendorff's alpha: agreement beyond chance of any number of raters.

    Args:
        ratings: (raters, cases); NaN is a case that the rater did not rate.

    Returns:
        1 for perfect agreement, 0 for chance; None if no case has two ratings or all ratings are equal.

    Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability.
    """
    rated = ~np.isnan(ratings)
    pairable = ratings[:, rated.sum(axis=0) >= 2]
    if not pairable.size:
        return None
    values, codes = np.unique(pairable[~np.isnan(pairable)], return_inverse=True)
    if values.size < 2:
        return None
    cases = np.nonzero(~np.isnan(pairable))[1]
    counts = np.zeros((pairable.shape[1], values.size))
    np.add.at(counts, (cases, codes), 1.0)
    per_case = counts.sum(axis=1, keepdims=True)
    coincidences = (counts / (per_case - 1.0)).T @ counts - np.diag((counts / (per_case - 1.0)).sum(axis=0))
    totals = coincidences.sum(axis=1)
    distances = _distances(values, totals, level)
    expected = float(totals @ distances @ totals) / float(totals.sum() - 1.0)
    return 1.0 - float((coincidences * distances).sum()) / expected


def _distances(values: FloatArray, totals: FloatArray, level: Level) -> FloatArray:
    if level is Level.NOMINAL:
        return 1.0 - np.eye(values.size)
    if level is Level.INTERVAL:
        return (values[:, None] - values[None, :]) ** 2
    middles = np.cumsum(totals) - totals / 2.0
    return (middles[:, None] - middles[None, :]) ** 2


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of cases with its interval; the value is None without a case."""

    successes: int
    n: int

    @property
    def value(self) -> float | None:
        """The share."""
        return self.successes / self.n if self.n else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's interval at 95 %."""
        return wilson(self.successes, self.n)


@dataclass(frozen=True, slots=True)
class JudgeErrors:
    """How often a judge says pass where people do, and fail where people do.

    Attributes:
        true_positive: Of the cases that people pass, how many it passes (sensitivity).
        true_negative: Of the cases that people fail, how many it fails (specificity).
    """

    true_positive: Rate
    true_negative: Rate


def judge_errors(judged: Sequence[bool], labelled: Sequence[bool]) -> JudgeErrors:
    """Count what a judge got right, separately for what people pass and fail."""
    pairs = list(zip(judged, labelled, strict=True))
    passes = [judge for judge, label in pairs if label]
    fails = [judge for judge, label in pairs if not label]
    return JudgeErrors(Rate(sum(passes), len(passes)), Rate(len(fails) - sum(fails), len(fails)))


@dataclass(frozen=True, slots=True)
class CorrectedRate:
    """A pass rate with a judge's measured mistakes taken out, and where it lies."""

    value: float
    interval: Interval


def corrected_rate(passed: Rate, errors: JudgeErrors, *, level: float = 0.95) -> CorrectedRate | None:
    """Return the pass rate that people would give, from a judge's and from how often it is wrong.

    The interval counts in that the judge's mistakes are themselves only known from so many labels.

    Returns:
        None if there is no case, no label of one kind, or the judge is no better than a coin.

    Source: Rogan and Gladen 1978; Lang and Reiczigel 2014, Confidence Limits for Prevalence of Disease
    Adjusted for Estimated Sensitivity and Specificity.
    """
    right, wrong = errors.true_positive, errors.true_negative
    if passed.value is None or right.value is None or wrong.value is None:
        return None
    informed = right.value + wrong.value - 1.0
    if informed <= 0.0:
        return None
    value = min(1.0, max(0.0, (passed.value + wrong.value - 1.0) / informed))
    interval = _corrected_interval(passed, errors, level)
    return CorrectedRate(
        value, Interval(min(interval.low, value), max(interval.high, value), interval.method)
    )


def _corrected_interval(passed: Rate, errors: JudgeErrors, level: float) -> Interval:
    z = normal_quantile(0.5 + level / 2.0)
    n = passed.n + z * z
    rate = (passed.successes + z * z / 2.0) / n
    sensitivity, sensitivity_variance = _shrunk(errors.true_positive)
    specificity, specificity_variance = _shrunk(errors.true_negative)
    informed = sensitivity + specificity - 1.0
    if informed <= 0.0:
        return Interval(0.0, 1.0, Method.DELTA)
    value = (rate + specificity - 1.0) / informed
    shift = 2.0 * z * z * (value * sensitivity_variance - (1.0 - value) * specificity_variance)
    variance = (
        rate * (1.0 - rate) / n + value**2 * sensitivity_variance + (1.0 - value) ** 2 * specificity_variance
    ) / informed**2
    half = z * math.sqrt(variance)
    return Interval(
        min(1.0, max(0.0, value + shift - half)), max(0.0, min(1.0, value + shift + half)), Method.DELTA
    )


def _shrunk(rate: Rate) -> tuple[float, float]:
    """A rate drawn towards one half by one success and one failure, and its variance."""
    n = rate.n + 2.0
    value = (rate.successes + 1.0) / n
    return value, value * (1.0 - value) / n
