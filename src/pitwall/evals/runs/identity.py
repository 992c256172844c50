"""Under what a score is known outside of its run."""

from __future__ import annotations

from pitwall.evals.runs.types import EvalRun, StoredScore
from pitwall.kit.hashing import json_hash


def score_id(run: EvalRun, score: StoredScore) -> str:
    """The id of a score, made of what it is a score of: one that is sent again replaces the earlier one."""
    return json_hash(["eval", run.id, score.metric, score.position, score.sample])
