"""Runs as columns, made of a few numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pitwall.evals.comparison.types import MetricColumns, RunColumns
from pitwall.evals.types import Direction


def make_metric(
    values: Sequence[float | None],
    *,
    name: str = "faithfulness",
    ids: Sequence[str] | None = None,
    identity: str | None = None,
    direction: Direction = Direction.HIGHER,
    unit: str = "ratio",
    threshold: float | None = 0.7,
    reasons: Mapping[int, str] | None = None,
) -> MetricColumns:
    """Scores of a metric; None is a case whose judge did not answer in time."""
    missing = {row: "error:judge_timeout" for row, value in enumerate(values) if value is None}
    return MetricColumns(
        name=name,
        identity=identity or f"{name}@1",
        direction=direction,
        unit=unit,
        threshold=threshold,
        case_ids=list(ids) if ids is not None else [f"c{row}" for row in range(len(values))],
        values=np.array([np.nan if value is None else value for value in values], dtype=np.float64),
        reasons=missing | dict(reasons or {}),
    )


def make_run(*metrics: MetricColumns, run_id: str = "run_a", **facts: Any) -> RunColumns:
    """A run of some metrics."""
    facts = {"name": run_id, "dataset": "faq", "dataset_hash": "00112233445566", **facts}
    return RunColumns(id=run_id, metrics={metric.name: metric for metric in metrics}, **facts)
