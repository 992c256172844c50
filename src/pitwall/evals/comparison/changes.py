"""What is known to have changed from one run to another, beside the numbers that changed with it."""

from __future__ import annotations

from pitwall.evals.comparison.types import Change
from pitwall.evals.runs.types import EvalRun
from pitwall.evals.snapshots.diff import compare


def changes_between(a: EvalRun, b: EvalRun) -> tuple[Change, ...] | None:
    """Return what differs between what two runs ran on, in the order of what it may do to scores.

    It says what changed together with the scores, not what changed them. None where a run kept nothing of
    what it ran on.
    """
    if a.snapshot is None or b.snapshot is None:
        return None
    return tuple(
        Change(one.part.value, one.what, one.before, one.after, one.is_known, one.text)
        for one in compare(a.snapshot, b.snapshot)
    )
