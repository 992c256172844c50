"""What a run's result says to people."""

from __future__ import annotations

from typing import Any

import pytest

from pitwall.evals.runs.results_table import verdict_lines
from pitwall.kit.i18n import Language


def stopped(**budget: float) -> dict[str, Any]:
    """A run that its budget stopped before anything was judged."""
    limits = {"max_calls": None, "max_cost_usd": None, "max_minutes": None}
    return {
        "state": "stopped",
        "summary": None,
        "progress": {"cases": 2, "cases_done": 0},
        "plan": {"budget": limits | budget},
        "stop_reason": "The budget is used up.",
        "error": None,
        "resume": "pitwall eval run --resume run_1",
    }


@pytest.mark.parametrize(
    ("budget", "options"),
    [
        ({"max_calls": 1}, "--max-calls N"),
        ({"max_cost_usd": 0.1, "max_minutes": 1.0}, "--max-cost N --max-minutes N"),
    ],
)
def test_stopped_run_names_the_budget_to_raise(budget: dict[str, float], options: str) -> None:
    """The same command without a larger budget would stop at once."""
    *_, english = verdict_lines(stopped(**budget), Language.ENGLISH)
    *_, korean = verdict_lines(stopped(**budget), Language.KOREAN)
    assert english == f"Go on with a larger budget: pitwall eval run --resume run_1 {options}"
    assert korean.endswith(f"run_1 {options}")
