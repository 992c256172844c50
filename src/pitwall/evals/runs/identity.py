"""Under what a score is known outside of its run."""

from __future__ import annotations

from pitwall.evals.runs.types import EvalRun, StoredScore
from pitwall.kit.hashing import json_hash


def score_id(run: EvalRun, score: StoredScore) -> str:
    """The id of a score, made of what it is a score of: one that is sent again replaces the earlier one."""
    return json_hash(["eval", run.id, score.metric, score.position, score.sample])


def is_judged(run: EvalRun, identity: str) -> bool:
    """Whether a model gave the scores of this identity, not code."""
    judge = run.plan.judge
    return judge is not None and f"judge={judge.model}" in identity
