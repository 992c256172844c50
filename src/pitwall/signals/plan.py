"""What a signal asks of the store: a selection of records, and the statement that answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pitwall.signals.expressions import Aggregate, Breakdown, Condition, Histogram, Source

BUCKET = "bucket"


@dataclass(frozen=True, slots=True)
class Selection:
    """Aggregates of the records of one source, split by labels.

    Attributes:
        condition: Which records take part; None for all.
        aggregates: What is computed of them; empty if there is a breakdown.
        by: Columns that split the answer, as they are written, in label order.
        breakdown: Counts by bucket or by the values of a dimension, instead of aggregates.
    """

    source: Source
    condition: Condition | None
    aggregates: tuple[Aggregate, ...]
    by: tuple[str, ...]
    breakdown: Breakdown | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of all labels of the answer, the breakdown's last."""
        match self.breakdown:
            case None:
                return self.by
            case Histogram():
                return (*self.by, BUCKET)
            case breakdown:
                return (*self.by, breakdown.dimension.name)


@dataclass(frozen=True, slots=True)
class Plan:
    """One statement; its rows hold the window's number, the labels, then value and count of every aggregate.

    A breakdown has one value and count per row: how many records fell in it.
    """

    tables: tuple[str, ...]
    sql: str
    parameters: Mapping[str, Any]
    labels: tuple[str, ...]
    value_count: int
