"""What tests of analyses share: runs as data, made of columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pitwall.evals.analysis.types import CaseData, CaseText, MetricData, RunData
from pitwall.evals.types import Direction


def make_metric(name: str, values: Sequence[float | None], **fields: Any) -> MetricData:
    """A ratio with threshold 0.7; None is not scored."""
    column = np.array(values, dtype=np.float64)
    known = {
        "identity": f"{name}@1",
        "direction": Direction.HIGHER,
        "unit": "ratio",
        "threshold": 0.7,
        **dict.fromkeys(("failed", "unanswered", "unknown"), np.zeros(column.size, dtype=np.bool_)),
    }
    return MetricData(name=name, values=column, **{**known, **fields})


def make_data(
    *metrics: MetricData,
    questions: Sequence[str | None] | None = None,
    facts: Mapping[str, Sequence[str | None]] | None = None,
    numbers: Mapping[str, Sequence[float]] | None = None,
    groups: Sequence[int] | None = None,
    texts: Sequence[CaseText] = (),
    **fields: Any,
) -> RunData:
    """A run of metrics over cases `e0`, `e1` ..."""
    n = metrics[0].values.size if metrics else len(questions or ())
    cases = CaseData(
        ids=[f"e{row}" for row in range(n)],
        questions=questions or [f"Question {row}?" for row in range(n)],
        facts=facts or {},
        numbers={name: np.array(values, dtype=np.float64) for name, values in (numbers or {}).items()},
        groups=None if groups is None else np.array(groups, dtype=np.int64),
    )
    known = {"run_id": "run_1", "name": "test", "dataset": "qa", "dataset_hash": "h", "judge": None}
    return RunData(metrics=metrics, cases=cases, texts=texts, **{**known, **fields})
