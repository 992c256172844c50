"""Plans, progress and summaries of runs as the state store has them, which is how the API says them, too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pitwall.evals.runs.types import (
    JudgeFacts,
    MetricSummary,
    Mode,
    Plan,
    PlannedMetric,
    PlannedPrompts,
    Progress,
    RunBudget,
    RunSummary,
    ThresholdFrom,
)
from pitwall.evals.types import Direction

Json = dict[str, Any]


def plan_json(plan: Plan) -> Json:
    """A plan as JSON."""
    return asdict(plan) | {
        "metrics": [asdict(metric) for metric in plan.metrics],
        "target": dict(plan.target),
    }


def read_plan(content: Mapping[str, Any]) -> Plan:
    """The plan of its JSON."""
    judge = content["judge"]
    return Plan(
        metrics=tuple(_planned(metric) for metric in content["metrics"]),
        mode=Mode(content["mode"]),
        profile=content["profile"],
        judge=None if judge is None else JudgeFacts(**judge),
        target=content["target"],
        budget=RunBudget(**content["budget"]),
        available=content["available"],
        limit=content["limit"],
        seed=content["seed"],
        repeats=content["repeats"],
        is_fresh=content.get("is_fresh", False),
        language=content["language"],
        prompts=None if content.get("prompts") is None else PlannedPrompts(**content["prompts"]),
    )


def _planned(content: Mapping[str, Any]) -> PlannedMetric:
    origin = content["threshold_from"]
    return PlannedMetric(
        **{
            **content,
            "threshold_from": None if origin is None else ThresholdFrom(origin),
            "direction": Direction(content["direction"]),
        }
    )


def progress_json(progress: Progress) -> Json:
    """Progress as JSON."""
    return asdict(progress)


def read_progress(content: Mapping[str, Any]) -> Progress:
    """The progress of its JSON."""
    return Progress(**content)


def summary_json(summary: RunSummary) -> Json:
    """A summary as JSON."""
    return asdict(summary)


def read_summary(content: Mapping[str, Any] | None) -> RunSummary | None:
    """The summary of its JSON."""
    if content is None:
        return None
    metrics = {
        name: MetricSummary(**{**metric, "direction": Direction(metric["direction"])})
        for name, metric in content["metrics"].items()
    }
    return RunSummary(**{**content, "metrics": metrics})
