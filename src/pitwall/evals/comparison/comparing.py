"""What two runs say of each metric, over the pairs of cases that both scored."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from pitwall.evals.comparison.notices import find_notices
from pitwall.evals.comparison.pairing import Pairing
from pitwall.evals.comparison.passing import compare_cases, compare_passes
from pitwall.evals.comparison.types import (
    CompareOptions,
    Comparison,
    MetricColumns,
    MetricComparison,
    Needed,
    Pairs,
    RunColumns,
    Side,
    Unpaired,
    Verdict,
)
from pitwall.evals.types import Direction
from pitwall.stats.clusters import FloatArray, IntArray
from pitwall.stats.intervals import mean_interval
from pitwall.stats.multiplicity import holm
from pitwall.stats.paired import PairedDifference, differences_of, paired_difference
from pitwall.stats.power import cases_needed, detectable_difference

_NO_SIDE = Side(None, None)
_DEFAULT = CompareOptions()


def compare(a: RunColumns, b: RunColumns, options: CompareOptions = _DEFAULT) -> Comparison:
    """Compare two runs, the second against the first.

    Args:
        a: The run before, or the baseline.
        b: The run that is asked about.

    Raises:
        ComparisonInvalid: A case id comes twice in one run.
    """
    names = shared_metrics(a, b, options)
    pairing = Pairing({**a.groups, **b.groups})
    level = 1.0 - options.alpha
    rows = []
    for name in names:
        left, right = a.metrics[name], b.metrics[name]
        pairs = pairing.of(left.case_ids, right.case_ids)
        rows.append(_compare_metric(left, right, pairs, options, level))
    metrics = _judge(_adjust(rows), options.alpha)
    cases = compare_cases(a, b, names, pairing)
    return Comparison(
        a=a, b=b, options=options, metrics=metrics, cases=cases, notices=find_notices(a, b, names, metrics)
    )


def shared_metrics(a: RunColumns, b: RunColumns, options: CompareOptions) -> Sequence[str]:
    """Return the metrics that both runs have, in the order of the second."""
    wanted = options.metrics or tuple(b.metrics)
    return [name for name in wanted if name in a.metrics and name in b.metrics]


def _compare_metric(
    a: MetricColumns, b: MetricColumns, pairs: Pairs, options: CompareOptions, level: float
) -> MetricComparison:
    values_a, values_b = a.values[pairs.rows_a], b.values[pairs.rows_b]
    both = ~(np.isnan(values_a) | np.isnan(values_b))
    groups = None if pairs.groups is None else pairs.groups[both]
    scored_a, scored_b = values_a[both], values_b[both]
    found = _difference(differences_of(scored_a, scored_b), groups, options.seed, level)
    margin = options.margin_of(b)
    wins, losses = _wins(found, b.direction)
    return MetricComparison(
        metric=b.name,
        identity_a=a.identity,
        identity_b=b.identity,
        direction=b.direction,
        unit=b.unit,
        margin=margin,
        verdict=Verdict.NOT_ENOUGH_DATA,
        n=int(both.sum()),
        units=found.units if found else 0,
        a=_side(scored_a, groups, options.seed, level),
        b=_side(scored_b, groups, options.seed, level),
        difference=found.mean if found else None,
        interval=found.interval if found else None,
        p=found.test.p if found else None,
        p_adjusted=None,
        method=found.test.method.value if found else None,
        effect_size=found.effect_size if found else None,
        wins=wins,
        ties=found.outcomes.equal if found else 0,
        losses=losses,
        detectable=_detectable(found, options),
        needed=_needed(found, margin, options),
        passes=compare_passes(scored_a, scored_b, b),
        unpaired=_unpaired(a, b, pairs, values_a, values_b),
    )


def _difference(
    differences: FloatArray, groups: IntArray | None, seed: int, level: float
) -> PairedDifference | None:
    if not differences.size:
        return None
    return paired_difference(differences, groups, rng=np.random.default_rng(seed), level=level)


def _side(values: FloatArray, groups: IntArray | None, seed: int, level: float) -> Side:
    if not values.size:
        return _NO_SIDE
    rng = np.random.default_rng(seed)
    return Side(float(values.mean()), mean_interval(values, groups, rng=rng, level=level))


def _wins(found: PairedDifference | None, direction: Direction) -> tuple[int, int]:
    if found is None:
        return 0, 0
    above, below = found.outcomes.above, found.outcomes.below
    return (above, below) if direction is Direction.HIGHER else (below, above)


def _detectable(found: PairedDifference | None, options: CompareOptions) -> float | None:
    if found is None or not found.standard_error > 0.0:
        return None
    return detectable_difference(found.standard_error, power=options.power, alpha=options.alpha)


def _needed(found: PairedDifference | None, margin: float, options: CompareOptions) -> Needed | None:
    """How many more cases a difference of the size of the margin, or of the one seen, would take.

    Clusters are taken to stay as large as they are: the error shrinks with the number of cases.
    """
    if found is None or not found.standard_error > 0.0:
        return None
    target = margin or abs(found.mean)
    deviation = found.standard_error * math.sqrt(found.n)
    cases = cases_needed(target, deviation, power=options.power, alpha=options.alpha)
    if cases is None:
        return None
    return Needed(target, "margin" if margin else "observed", max(0, cases - found.n))


def _unpaired(
    a: MetricColumns, b: MetricColumns, pairs: Pairs, values_a: FloatArray, values_b: FloatArray
) -> Unpaired:
    missing_a, missing_b = np.isnan(values_a), np.isnan(values_b)
    return Unpaired(
        only_in_a=pairs.only_in_a,
        only_in_b=pairs.only_in_b,
        unscored_a=int((missing_a & ~missing_b).sum()),
        unscored_b=int((missing_b & ~missing_a).sum()),
        unscored_both=int((missing_a & missing_b).sum()),
        reasons_a=_reasons(a.reasons, pairs.rows_a[missing_a]),
        reasons_b=_reasons(b.reasons, pairs.rows_b[missing_b]),
    )


def _reasons(reasons: Mapping[int, str], rows: IntArray) -> Mapping[str, int]:
    return dict(Counter(reasons.get(row, "unknown") for row in rows.tolist()).most_common())


def _adjust(rows: Sequence[MetricComparison]) -> list[MetricComparison]:
    """Put in the p-values adjusted by Holm over all metrics, of differences and of passes."""
    differences = _holm(row.p for row in rows)
    passes = _holm(None if row.passes is None else row.passes.p for row in rows)
    return [
        replace(
            row,
            p_adjusted=difference,
            passes=row.passes and replace(row.passes, p_adjusted=row.passes.p if one is None else one),
        )
        for row, difference, one in zip(rows, differences, passes, strict=True)
    ]


def _holm(p_values: Iterable[float | None]) -> list[float | None]:
    known = np.array([math.nan if p is None else p for p in p_values])
    return [None if math.isnan(p) else p for p in holm(known).tolist()]


def _judge(rows: Sequence[MetricComparison], alpha: float) -> tuple[MetricComparison, ...]:
    reachable = holm(np.array([smallest_p(row.units) for row in rows])).tolist() if rows else []
    return tuple(
        replace(row, verdict=verdict_of(row, alpha, best)) for row, best in zip(rows, reachable, strict=True)
    )


def verdict_of(row: MetricComparison, alpha: float, best: float) -> Verdict:
    """What can be said: only what neither chance (test and interval) nor the margin explains.

    Args:
        best: The smallest adjusted p-value that so many pairs, beside so many other metrics, could have had.
    """
    if row.p_adjusted is None or row.difference is None or best > alpha:
        return Verdict.NOT_ENOUGH_DATA
    if row.p_adjusted > alpha:
        return Verdict.NO_DIFFERENCE_SHOWN
    low, high = improvement_bounds(row)
    if low > row.margin:
        return Verdict.BETTER
    if high < -row.margin:
        return Verdict.WORSE
    return Verdict.NO_DIFFERENCE_SHOWN


def smallest_p(units: int) -> float:
    """The smallest p-value that so many pairs can have: if all of them differ the same way."""
    return 2.0 ** (1 - units) if units else 1.0


def improvement_bounds(row: MetricComparison) -> tuple[float, float]:
    """The interval of the difference, up for better whatever the direction of the metric.

    Differences that are all of one size have no interval; then both bounds are that difference.
    """
    if row.interval is None:
        low = high = row.difference if row.difference is not None else math.nan
    else:
        low, high = row.interval.low, row.interval.high
    return (low, high) if row.direction is Direction.HIGHER else (-high, -low)


def least_pairs(alpha: float, metrics: int = 1) -> int:
    """How many pairs it takes at least for a finding: so many coins fall alike less often than `alpha`.

    Args:
        metrics: That are compared together, so that each is held to a part of `alpha`.
    """
    pairs = 1
    while smallest_p(pairs) * metrics > alpha:
        pairs += 1
    return pairs
