"""Parts of the cases that are worse or better than the rest, tested for all parts and metrics together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from pitwall.evals.analysis.measuring import rounded
from pitwall.evals.analysis.testing import part_p_value
from pitwall.evals.analysis.types import MetricData, NothingToSay, Output, RunData
from pitwall.evals.comparison.slices import MOST_VALUES
from pitwall.evals.comparison.types import LEAST_CASES
from pitwall.evals.types import Direction
from pitwall.kit.i18n import Text
from pitwall.stats.multiplicity import benjamini_hochberg

ALPHA: Final = 0.05
_MOST_SHOWN: Final = 50
_MOST_NAMES: Final = 40
_NOTHING = Text(
    "No fact splits the cases into parts of at least {least} cases.",
    "케이스를 {least}개 이상의 부분으로 나눌 수 있는 속성이 없습니다.",
)
Mask = np.ndarray[Any, np.dtype[np.bool_]]


def slices(data: RunData) -> Output:
    """Test every part of at least ten cases against the rest, corrected over all parts and metrics."""
    parts, left_out = _parts(data)
    tested = [
        row
        for metric in data.metrics
        for fact, value, mask in parts
        if (row := _test(metric, fact, value, mask, data))
    ]
    if not tested:
        raise NothingToSay(Text(_NOTHING.en.format(least=LEAST_CASES), _NOTHING.ko.format(least=LEAST_CASES)))
    adjusted = benjamini_hochberg(np.array([row["p"] for row in tested])).tolist()
    for row, p in zip(tested, adjusted, strict=True):
        row["p"], row["p_adjusted"] = rounded(row["p"]), rounded(p)
        row["verdict"] = _verdict(row, p)
    tested.sort(key=lambda row: (_ORDER[row["verdict"]], row["p_adjusted"], row["p"]))
    return {
        "method": "permutation of cases, or of groups, between a part and all; Benjamini-Hochberg",
        "alpha": ALPHA,
        "least": LEAST_CASES,
        "tested": len(tested),
        "untested_facts": left_out,
        "found": [row for row in tested if row["verdict"] != "no_difference_shown"][:_MOST_SHOWN],
        "closest": [row for row in tested if row["verdict"] == "no_difference_shown"][:5],
    }


_ORDER: Final = {"worse": 0, "better": 1, "no_difference_shown": 2}


def _parts(data: RunData) -> tuple[list[tuple[str, str, Mask]], dict[str, str]]:
    parts, left_out = list[tuple[str, str, Mask]](), dict[str, str]()
    for name, labels in data.cases.facts.items():
        counts = Counter(label for label in labels if label is not None)
        if len(parts) >= _MOST_NAMES * MOST_VALUES or len(counts) > MOST_VALUES:
            left_out[name] = f"{len(counts)} values"
            continue
        parts += _of_fact(name, labels, counts)
    return parts, left_out


def _of_fact(
    name: str, labels: Sequence[str | None], counts: Counter[str]
) -> Iterator[tuple[str, str, Mask]]:
    numbers = {value: number for number, value in enumerate(counts)}
    codes = np.array([-1 if label is None else numbers[label] for label in labels])
    for value, number in numbers.items():
        if LEAST_CASES <= counts[value] < len(labels):
            yield name, value, codes == number


def _test(metric: MetricData, fact: str, value: str, mask: Mask, data: RunData) -> dict[str, Any] | None:
    there = ~np.isnan(metric.values)
    values, inside = metric.values[there], mask[there]
    n, rest = int(inside.sum()), int((~inside).sum())
    if not n or not rest:
        return None
    groups = None if data.cases.groups is None else data.cases.groups[there]
    units, in_units = _units(values, inside, groups)
    if min(in_units.sum(), (~in_units).sum()) < LEAST_CASES:
        return None
    mean, other = float(values[inside].mean()), float(values[~inside].mean())
    return {
        "fact": fact,
        "value": value,
        "metric": metric.name,
        "direction": metric.direction.value,
        "unit": metric.unit,
        "n": n,
        "units": int(in_units.sum()),
        "mean": rounded(mean),
        "rest": rounded(other),
        "difference": rounded(mean - other),
        "p": part_p_value(units, in_units, data.seed),
    }


def _units(
    values: np.ndarray[Any, np.dtype[np.float64]],
    inside: Mask,
    groups: np.ndarray[Any, np.dtype[np.int64]] | None,
) -> tuple[np.ndarray[Any, np.dtype[np.float64]], Mask]:
    """Cases of one group on one side of a split are one unit, with their mean."""
    if groups is None:
        return values, inside
    _, numbers = np.unique(groups * 2 + inside, return_inverse=True)
    counts = np.bincount(numbers)
    return np.bincount(numbers, weights=values) / counts, np.bincount(numbers, weights=inside) > 0


def _verdict(row: dict[str, Any], p: float) -> str:
    if p > ALPHA or not row["difference"]:
        return "no_difference_shown"
    is_higher_better = row["direction"] == Direction.HIGHER.value
    return "better" if (row["difference"] > 0) is is_higher_better else "worse"
