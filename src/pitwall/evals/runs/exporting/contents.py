"""What a report of a run shows besides its summary: how scores are spread, and the cases that failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pitwall.evals.runs.reading import JudgedCase, RunReader
from pitwall.evals.runs.types import CaseFilter, CaseQuery, EvalRun

_FAILED_SHOWN = 30
_BINS = 20


@dataclass(frozen=True, slots=True)
class Spread:
    """How many scores lie in each of some equal parts of a range."""

    low: float
    high: float
    counts: Sequence[int]


@dataclass(frozen=True, slots=True)
class Contents:
    """What a report shows.

    Attributes:
        spreads: By metric; a metric without a score has none.
        failed: The first cases that failed, with what explains their scores.
    """

    view: Mapping[str, Any]
    spreads: Mapping[str, Spread]
    failed: Sequence[JudgedCase]


def read_contents(view: Mapping[str, Any], reader: RunReader, run: EvalRun) -> Contents:
    """Read what a report shows."""
    page = reader.cases(run, CaseQuery(filter=CaseFilter.FAILED, limit=_FAILED_SHOWN))
    failed = [reader.case(run, case.position) for case in page.items]
    spreads = {}
    for metric in run.plan.metrics:
        values = [value for value in reader.columns(run, metric.name).values if value is not None]
        if values:
            spreads[metric.name] = spread(values)
    return Contents(view, spreads, failed)


def spread(values: Sequence[float]) -> Spread:
    """Count values in equal parts: of 0 to 1 if all lie there, else of the range that they span."""
    low, high = min(values), max(values)
    if low >= 0.0 and high <= 1.0:
        low, high = 0.0, 1.0
    elif low == high:
        high = low + 1.0
    counts = [0] * _BINS
    for value in values:
        counts[min(int((value - low) / (high - low) * _BINS), _BINS - 1)] += 1
    return Spread(low, high, counts)
