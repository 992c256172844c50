"""Runs as JSON objects: the same in the API and on the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pitwall.evals.datasets.canonical import answer_json, example_json
from pitwall.evals.judging.prompts import Prompts
from pitwall.evals.runs.distribution import Distribution
from pitwall.evals.runs.preparing import PreparedRun
from pitwall.evals.runs.reading import JudgedCase
from pitwall.evals.runs.stored import plan_json, progress_json, summary_json
from pitwall.evals.runs.types import (
    EvalRun,
    RunState,
    StoredScore,
)
from pitwall.evals.trackers.types import TrackerLink
from pitwall.evals.trackers.wire import links_view
from pitwall.kit.durations import format_instant
from pitwall.kit.paging import Page

Json = dict[str, Any]


def run_view(run: EvalRun, now: datetime) -> Json:
    """A run as a JSON object."""
    state = run.seen_at(now)
    return {
        "id": run.id,
        "name": run.name,
        "dataset": run.dataset,
        "dataset_version_id": run.dataset_version_id,
        "dataset_hash": run.dataset_hash,
        "state": state.value,
        "where": run.where.value,
        "plan": plan_json(run.plan),
        "created_at": format_instant(run.created_at),
        "created_by": run.created_by,
        "started_at": _instant(run.started_at),
        "finished_at": _instant(run.finished_at),
        "heartbeat_at": _instant(run.heartbeat_at),
        "progress": progress_json(run.progress),
        "summary": None if run.summary is None else summary_json(run.summary),
        "stop_reason": run.stop_reason,
        "error": run.error,
        "resume": resume_command(run) if state in _RESUMABLE else None,
    }


def run_detail(
    run: EvalRun, now: datetime, calibration: Mapping[str, Any], links: Sequence[TrackerLink]
) -> Json:
    """A run that is looked at by itself: what is known of its judges, and where it was sent."""
    return {**run_view(run, now), "calibration": calibration, "trackers": links_view(links)}


_RESUMABLE = (RunState.STOPPED, RunState.FAILED, RunState.CANCELLED, RunState.INTERRUPTED)


def resume_command(run: EvalRun) -> str:
    """What goes on with a run on the command line."""
    return f"pitwall eval run --resume {run.id}"


def score_view(score: StoredScore) -> Json:
    """A score as a JSON object."""
    content = score.content or {}
    return {
        **_short_score(score),
        "explanation": content.get("explanation"),
        "evidence": content.get("evidence"),
        "calls": content.get("calls", []),
    }


def case_view(case: JudgedCase) -> Json:
    """A case in a list as a JSON object."""
    example, answer = case.example, case.answer
    return {
        "position": case.position,
        "example_id": case.example_id,
        "question": None if example is None else example.question,
        "answer": None if answer is None else answer.text,
        "answer_error": None if answer is None else answer.error,
        "language": None if example is None else example.language,
        "group": None if example is None else example.group,
        "trace_id": trace_of(case),
        "passed": case.passed,
        "scores": [_short_score(score) for score in case.scores],
    }


def distributions_view(run: EvalRun, found: Mapping[str, Distribution]) -> Json:
    """How the scores of a run are spread, as a JSON object."""
    return {"run_id": run.id, "metrics": {name: asdict(one) for name, one in found.items()}}


def case_detail(case: JudgedCase) -> Json:
    """A case with everything that explains its scores."""
    return {
        **case_view(case),
        "example": None if case.example is None else example_json(case.example),
        "judged_answer": None if case.answer is None else answer_json(case.answer),
        "scores": [score_view(score) for score in case.scores],
    }


def trace_of(case: JudgedCase) -> str | None:
    """The trace that shows how the answer came about: the target's, else the one the example was made of."""
    if case.answer is not None and case.answer.trace_id is not None:
        return case.answer.trace_id
    return None if case.example is None else case.example.trace_id


def _short_score(score: StoredScore) -> Json:
    return {
        "metric": score.metric,
        "sample": score.sample,
        "status": score.status.value,
        "value": score.value,
        "reason": score.reason,
        "passed": score.passed,
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else format_instant(at)


def runs_view(page: Page[EvalRun], now: datetime) -> Json:
    """A page of runs as a JSON object."""
    return {"runs": [run_view(run, now) for run in page.items], "next_cursor": page.next_cursor}


def cases_view(run: EvalRun, page: Page[JudgedCase]) -> Json:
    """A page of cases as a JSON object."""
    cases = [case_view(case) for case in page.items]
    return {"run_id": run.id, "cases": cases, "next_cursor": page.next_cursor}


def run_prompts_view(run: EvalRun, prompts: Prompts) -> Json:
    """The prompts that a run asks with instead of Pitwall's own, as a JSON object."""
    return {"run_id": run.id, "hash": prompts.hash, "prompts": dict(prompts.own)}


def prepared_view(prepared: PreparedRun) -> Json:
    """A plan and what it takes as a JSON object."""
    return {"plan": plan_json(prepared.plan), "estimate": asdict(prepared.expected)}
