"""Which part of the cases lost: by language, group, length and type of question, and plain metadata."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pitwall.evals.comparison.comparing import smallest_p
from pitwall.evals.comparison.pairing import Pairing
from pitwall.evals.comparison.question_types import question_type
from pitwall.evals.comparison.types import LEAST_CASES, Comparison, MetricColumns, Verdict
from pitwall.evals.types import Direction, Example
from pitwall.stats.clusters import FloatArray, IntArray, count_units
from pitwall.stats.intervals import FEW, Interval
from pitwall.stats.multiplicity import benjamini_hochberg
from pitwall.stats.paired import difference_interval, differences_of, sign_flip_test

MOST_VALUES: Final = 30
"""A fact with more different values than this is no way to split cases."""
_GROUP: Final = "group"
_BANDS: Final = (20, 40, 80, 160)
"""Characters of a question; Korean says as much in half of them, but a slice is of one language mostly."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the cases: those for which a fact has one value."""

    fact: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceComparison:
    """What two runs say of one metric within a slice.

    Attributes:
        rest: Mean difference of all other cases; None if there are none.
        p_adjusted: By Benjamini and Hochberg over all slices and metrics that were tested.
    """

    slice: Slice
    metric: str
    direction: Direction
    unit: str
    n: int
    mean_a: float
    mean_b: float
    difference: float
    interval: Interval | None
    rest: float | None
    p: float
    p_adjusted: float
    verdict: Verdict


def facts_of(example: Example) -> dict[str, str]:
    """Return what cases can be split by."""
    facts = {
        "language": example.language,
        "question_type": question_type(example.question).value,
        "question_length": _band(len(example.question)),
    }
    if example.group is not None:
        facts[_GROUP] = example.group
    return facts | {
        f"metadata.{key}": _plain(value)
        for key, value in example.metadata.items()
        if isinstance(value, (str, bool, int)) and len(str(value)) <= 100
    }


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _band(length: int) -> str:
    """The band of a length; its name sorts as the lengths do."""
    for low, high in zip((0, *_BANDS), _BANDS, strict=False):
        if length <= high:
            return f"{low + 1 if low else 0:03d}-{high:03d}"
    return f"{_BANDS[-1] + 1}+"


def find_slices(
    comparison: Comparison, facts: Mapping[str, Mapping[str, str]], *, least: int = LEAST_CASES
) -> tuple[SliceComparison, ...]:
    """Compare two runs within every slice that is large enough, those that lost most first.

    Args:
        facts: Of each case, by its id (`facts_of`).
        least: Pairs that a slice needs.
    """
    pairing = Pairing({**comparison.a.groups, **comparison.b.groups})
    sorting = _Sorting(facts)
    alpha = comparison.options.alpha
    found: list[SliceComparison] = []
    for row in comparison.metrics:
        a, b = comparison.a.metrics[row.metric], comparison.b.metrics[row.metric]
        pairs = pairing.of(a.case_ids, b.case_ids)
        values_a, values_b = a.values[pairs.rows_a], b.values[pairs.rows_b]
        both = ~(np.isnan(values_a) | np.isnan(values_b))
        codes = None if pairs.groups is None else pairs.groups[both]
        within = _Within(b, values_a[both], values_b[both], codes, comparison.options.seed)
        masks = sorting.masks(b.case_ids, pairs.rows_b[both], least)
        found += [within.compare(one, mask) for one, mask in masks if within.can_show(one, mask, alpha)]
    return _judge(found, alpha)


class _Sorting:
    """Sorts cases into slices; the facts of a list of cases are looked up once.

    Args:
        facts: Of each case, by its id.
    """

    def __init__(self, facts: Mapping[str, Mapping[str, str]]) -> None:
        self._facts = facts
        self._known: list[tuple[Sequence[str], Mapping[str, tuple[list[str], IntArray]]]] = []

    def masks(
        self, cases: Sequence[str], rows: IntArray, least: int
    ) -> Iterator[tuple[Slice, NDArray[np.bool_]]]:
        """Yield every slice of enough of some rows that is neither all of them nor one of too many."""
        for name, (values, codes) in self._codes(cases).items():
            mine = codes[rows]
            counts = np.bincount(mine[mine >= 0], minlength=len(values))
            for number in np.flatnonzero((counts >= least) & (counts < rows.size)).tolist():
                yield Slice(name, values[number]), mine == number

    def _codes(self, cases: Sequence[str]) -> Mapping[str, tuple[list[str], IntArray]]:
        """By fact, its values and the number of the value of each case, -1 for none."""
        for known, codes in self._known:
            if known is cases:
                return codes
        names = dict.fromkeys(name for case in cases for name in self._facts.get(case, ()))
        found = {name: self._number(cases, name) for name in names}
        kept = {
            name: coded for name, coded in found.items() if name == _GROUP or len(coded[0]) <= MOST_VALUES
        }
        self._known.append((cases, kept))
        return kept

    def _number(self, cases: Sequence[str], name: str) -> tuple[list[str], IntArray]:
        numbers: dict[str, int] = {}
        codes = np.full(len(cases), -1, dtype=np.int64)
        for row, case in enumerate(cases):
            value = self._facts.get(case, {}).get(name)
            if value is not None:
                codes[row] = numbers.setdefault(value, len(numbers))
        return list(numbers), codes


@dataclass(frozen=True, slots=True)
class _Within:
    """The pairs of a metric, to be compared a part at a time."""

    metric: MetricColumns
    a: FloatArray
    b: FloatArray
    codes: IntArray | None
    seed: int

    def can_show(self, part: Slice, mask: NDArray[np.bool_], alpha: float) -> bool:
        """Whether so many independent pairs could show anything; a test that cannot only costs the others."""
        return smallest_p(count_units(int(mask.sum()), self._clusters(part, mask))) <= alpha

    def compare(self, part: Slice, mask: NDArray[np.bool_]) -> SliceComparison:
        all_differences = differences_of(self.a, self.b)
        differences, others = all_differences[mask], ~mask
        codes = self._clusters(part, mask)
        rng = np.random.default_rng(self.seed)
        return SliceComparison(
            slice=part,
            metric=self.metric.name,
            direction=self.metric.direction,
            unit=self.metric.unit,
            n=differences.size,
            mean_a=float(self.a[mask].mean()),
            mean_b=float(self.b[mask].mean()),
            difference=float(differences.mean()),
            interval=difference_interval(differences, codes, rng=rng),
            rest=float(all_differences[others].mean()) if others.any() else None,
            # There may be hundreds of slices, and of a few hundred pairs the sum is Gaussian enough.
            p=sign_flip_test(differences, codes, rng=rng, most_drawn=FEW).p,
            p_adjusted=1.0,
            verdict=Verdict.NO_DIFFERENCE_SHOWN,
        )

    def _clusters(self, part: Slice, mask: NDArray[np.bool_]) -> IntArray | None:
        """Clusters within a slice; of a slice that is one cluster the cases are asked about themselves."""
        return None if self.codes is None or part.fact == _GROUP else self.codes[mask]


def _judge(found: Sequence[SliceComparison], alpha: float) -> tuple[SliceComparison, ...]:
    adjusted = benjamini_hochberg(np.array([one.p for one in found])).tolist()
    judged = [
        replace(one, p_adjusted=p, verdict=_verdict(one, p, alpha))
        for one, p in zip(found, adjusted, strict=True)
    ]
    return tuple(sorted(judged, key=lambda one: (_ORDER[one.verdict], one.p_adjusted, _improvement(one))))


_ORDER: Final = {
    Verdict.WORSE: 0,
    Verdict.BETTER: 1,
    Verdict.NO_DIFFERENCE_SHOWN: 2,
    Verdict.NOT_ENOUGH_DATA: 3,
}


def _improvement(one: SliceComparison) -> float:
    return one.difference if one.direction is Direction.HIGHER else -one.difference


def _verdict(one: SliceComparison, p: float, alpha: float) -> Verdict:
    if p > alpha or one.difference == 0.0:
        return Verdict.NO_DIFFERENCE_SHOWN
    return Verdict.BETTER if _improvement(one) > 0.0 else Verdict.WORSE
