"""The command that runs a run again. Pure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pitwall.evals.runs.types import EvalRun, Mode, Plan, ThresholdFrom

_QUESTION_BODY: Final = {"question": "{question}"}
_DEFAULTS: Final[Mapping[str, Any]] = {
    "answer": "answer",
    "contexts": None,
    "tool_calls": None,
    "usage": None,
    "timeout_seconds": 60.0,
    "retries": 2,
    "concurrency": 8,
}
_FLAGS: Final[Mapping[str, str]] = {
    "answer": "--target-answer",
    "contexts": "--target-contexts",
    "tool_calls": "--target-tool-calls",
    "usage": "--target-usage",
    "timeout_seconds": "--target-timeout",
    "retries": "--target-retries",
    "concurrency": "--target-concurrency",
}


def command_again(run: EvalRun, version: int | None, metric_files: Iterable[Path] = ()) -> str:
    """Return what begins the same run on the command line.

    Args:
        version: Number of the dataset's version; None takes the newest.
        metric_files: Where metrics of the user stand.
    """
    dataset = run.dataset if version is None else f"{run.dataset}@{version}"
    files = [part for file in metric_files for part in ("--metric-file", str(file))]
    prompts = [] if run.plan.prompts is None else ["--prompts", run.id]
    return shlex.join(["pitwall", "eval", "run", dataset, *_arguments(run.plan), *files, *prompts])


def _arguments(plan: Plan) -> Iterator[str]:
    if plan.mode is Mode.FULL:
        yield from ("--metrics", ",".join(metric.name for metric in plan.metrics))
    else:
        yield from ("--mode", plan.mode.value)
    for metric in plan.metrics:
        if metric.threshold is not None and metric.threshold_from is not ThresholdFrom.DEFAULT:
            yield from ("--threshold", f"{metric.name}={metric.threshold:g}")
    if plan.profile is not None:
        yield from ("--profile", plan.profile)
    if plan.is_fresh:
        yield "--fresh"
    yield from _target(plan.target)
    yield from _limits(plan)


def _limits(plan: Plan) -> Iterator[str]:
    budget = plan.budget
    given: Sequence[tuple[str, float | int | None]] = (
        ("--limit", plan.limit),
        ("--seed", plan.seed),
        ("--repeats", plan.repeats if plan.repeats != 1 else None),
        ("--max-calls", budget.max_calls),
        ("--max-cost", budget.max_cost_usd),
        ("--max-minutes", budget.max_minutes),
    )
    for flag, value in given:
        if value is not None:
            yield from (flag, f"{value:g}" if isinstance(value, float) else str(value))


def _retriever(target: Mapping[str, Any]) -> Iterator[str]:
    retriever = target.get("retriever")
    if retriever is None:
        return
    yield from ("--retriever", retriever["kind"], "--retriever-docs", retriever["path"])
    for name, flag in (
        ("top_k", "--retriever-top-k"),
        ("chunk_size", "--chunk-size"),
        ("chunk_overlap", "--chunk-overlap"),
    ):
        yield from (flag, str(retriever[name]))
    if retriever["replaces"]:
        yield "--replace-contexts"


def _target(target: Mapping[str, Any]) -> Iterator[str]:
    match target.get("kind"):
        case "http":
            yield from ("--target", str(target["url"]))
            if target.get("body") not in (None, _QUESTION_BODY):
                yield from ("--target-body", json.dumps(target["body"], ensure_ascii=False))
            for name, value in (target.get("headers") or {}).items():
                yield from ("--target-header", f"{name}={value}")
        case "python":
            yield from ("--target", str(target["function"]))
        case _:
            yield from _retriever(target)
            return
    for name, default in _DEFAULTS.items():
        if name in target and target[name] != default:
            value = target[name]
            yield from (_FLAGS[name], f"{value:g}" if isinstance(value, float) else str(value))
