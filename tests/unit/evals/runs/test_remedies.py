"""What helps when scores failed."""

from __future__ import annotations

import pytest

from pitwall.evals.runs.remedies import remedies
from pitwall.kit.i18n import Language
from pitwall.llm.types import CallFailure


@pytest.mark.parametrize("language", list(Language))
def test_every_failure_of_a_judge_has_a_way_out(language: Language) -> None:
    """Once, however many metrics met it; a spent budget ends the run and is told there."""
    failures = [f"judge_{failure}" for failure in CallFailure if failure is not CallFailure.BUDGET]
    lines = remedies([*failures, *failures, "no_contexts", "of_a_plugin"], language)
    assert [line.partition(":")[0] for line in lines] == failures
