"""Runs in a line: whatever changes the ruler breaks it, and only that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pitwall.evals.comparison.trends import Break, BreakKind, TrendRun, line_up
from pitwall.evals.runs.types import (
    EvalRun,
    MetricSummary,
    Plan,
    PlannedMetric,
    RunState,
    RunSummary,
    ThresholdFrom,
    Where,
)
from pitwall.evals.types import Direction

START = datetime(2026, 1, 1, tzinfo=UTC)
IDENTITY = "faithfulness@1:judge=a:prompts=p1"


def _metric(identity: str, mean: float | None, threshold: float | None) -> MetricSummary:
    return MetricSummary(
        identity=identity,
        n_total=10,
        n_scored=0 if mean is None else 10,
        n_errors=0,
        reasons={},
        mean=mean,
        low=None,
        high=None,
        method=None,
        pass_rate=None,
        pass_low=None,
        pass_high=None,
        threshold=threshold,
        direction=Direction.HIGHER,
        unit="ratio",
    )


def _run(
    number: int,
    identity: str = IDENTITY,
    *,
    mean: float | None = 0.5,
    threshold: float | None = 0.7,
    dataset_hash: str = "ab" * 16,
    limit: int | None = None,
    seed: int | None = None,
) -> EvalRun:
    """A run of one metric."""
    planned = PlannedMetric("faithfulness", 1, identity, threshold, ThresholdFrom.DEFAULT)
    summary = RunSummary(
        cases=10,
        metrics={"faithfulness": _metric(identity, mean, threshold)},
        decided_cases=10,
        passed_cases=5,
        pass_rate=0.5,
        pass_low=0.2,
        pass_high=0.8,
        duration_s=1.0,
        cost_usd=None,
        calls=0,
    )
    return EvalRun(
        id=f"run_{number}",
        project_id="default",
        name="nightly",
        dataset="qa",
        dataset_version_id=None,
        dataset_hash=dataset_hash,
        state=RunState.FINISHED,
        where=Where.CLI,
        plan=Plan(metrics=(planned,), available=10, limit=limit, seed=seed),
        created_at=START + timedelta(days=number),
        created_by="tests",
        summary=summary,
    )


def _line(runs: Sequence[EvalRun]) -> tuple[TrendRun, ...]:
    return line_up("qa", runs).runs


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (_run(2), ()),
        (_run(2, "faithfulness@2:judge=a:prompts=p1"), (Break(BreakKind.VERSION, "1", "2"),)),
        (_run(2, "faithfulness@1:judge=b:prompts=p1"), (Break(BreakKind.JUDGE, "a", "b"),)),
        (_run(2, "faithfulness@1:judge=a:prompts=p2"), (Break(BreakKind.PROMPTS, "p1", "p2"),)),
        (_run(2, dataset_hash="cd" * 16), (Break(BreakKind.DATASET, "abababab", "cdcdcdcd"),)),
        (_run(2, limit=5, seed=3), (Break(BreakKind.CASES, "10", "5 (seed 3)"),)),
    ],
)
def test_another_ruler_breaks_the_line(after: EvalRun, found: tuple[Break, ...]) -> None:
    """Judge, prompts, version, contents and sample, each under its name; also of the pass rate."""
    line = _line([_run(1), after])
    assert line[1].breaks == found
    assert line[1].passing_breaks == found


def test_threshold_breaks_the_pass_rate_alone() -> None:
    """Means do not know thresholds."""
    line = _line([_run(1), _run(2, threshold=0.9)])
    assert line[1].breaks == ()
    assert line[1].passing_breaks == (Break(BreakKind.THRESHOLD, "0.7", "0.9"),)


def test_run_without_a_mean_has_no_point_and_hides_no_change() -> None:
    """What follows is held against the last run that has one."""
    line = _line([_run(1), _run(2, mean=None), _run(3, "faithfulness@2:judge=a:prompts=p1")])
    assert line[1].summary is None
    assert line[2].breaks == (Break(BreakKind.VERSION, "1", "2"),)


def test_metric_of_most_runs_is_taken() -> None:
    """Unless one is named; without any run there is none."""
    other = replace(_run(2), plan=replace(_run(2).plan, metrics=()))
    assert line_up("qa", [_run(1), other]).metric == "faithfulness"
    assert line_up("qa", []).metric is None
