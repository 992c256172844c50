"""Runs as they lie in the state store, without judging anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.types import (
    EvalRun,
    JudgeFacts,
    Plan,
    PlannedMetric,
    RunState,
    StoredScore,
    ThresholdFrom,
    Where,
)
from pitwall.evals.types import ScoreStatus
from pitwall.kit.ids import new_prefixed_id
from pitwall.stores.state import StateStore

Found = float | str | None
Values = Sequence[float | str | Sequence[float | str | None] | None]
"""Of each case: a value, why it has none, or one of these for each repetition."""


def store_run(
    store: StateStore,
    scores: Mapping[str, Values],
    *,
    project_id: str = "default",
    dataset: str = "faq",
    dataset_hash: str = "ab" * 16,
    dataset_version_id: str | None = None,
    state: RunState = RunState.FINISHED,
    ids: Sequence[str] | None = None,
    judge: str | None = None,
    threshold: float | None = 0.7,
    snapshot: Mapping[str, Any] | None = None,
) -> str:
    """Store a run with the scores of its metrics, and return its id."""
    suffix = "" if judge is None else f":judge={judge}"
    metrics = tuple(
        PlannedMetric(name, 1, f"{name}@1{suffix}", threshold, ThresholdFrom.DEFAULT) for name in scores
    )
    run = EvalRun(
        id=new_prefixed_id("run"),
        project_id=project_id,
        name="nightly",
        dataset=dataset,
        dataset_version_id=dataset_version_id,
        dataset_hash=dataset_hash,
        state=state,
        where=Where.CLI,
        plan=Plan(metrics=metrics, judge=None if judge is None else JudgeFacts(judge, "openai")),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        created_by="tests",
        snapshot=snapshot,
    )
    with store.session() as session:
        runs = Runs(session, project_id)
        runs.add(run)
        for metric, values in scores.items():
            cases = ids or [f"c{position}" for position in range(len(values))]
            runs.add_scores(
                run.id,
                [
                    make_score(metric, position, sample, case, value)
                    for position, (case, one) in enumerate(zip(cases, values, strict=True))
                    for sample, value in enumerate(_repeats(one))
                ],
            )
    return run.id


def _repeats(value: float | str | Sequence[Found] | None) -> Sequence[Found]:
    return [value] if isinstance(value, (float, str)) or value is None else value


def make_score(metric: str, position: int, sample: int, case: str, value: Found) -> StoredScore:
    """A score with a value, or one that says why it has none (`status:reason`)."""
    if isinstance(value, float):
        return StoredScore(metric, position, sample, case, ScoreStatus.SCORED, value, None, value >= 0.7)
    status, _, reason = (value or "error:judge_timeout").partition(":")
    return StoredScore(metric, position, sample, case, ScoreStatus(status), None, reason or None, None)
