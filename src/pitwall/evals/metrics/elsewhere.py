"""Metrics of another tool whose names Pitwall has not: what comes nearest, and why it is not the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_POINTS: Final = (
    "`required_points:field=summary_tags` judges whether a summary tells what the example's tags name."
)

ELSEWHERE: Final[Mapping[str, str]] = {
    "insurance_term_accuracy": (
        "EvalVault looks for words of a list. `faithfulness` judges whether the contexts support what the "
        "answer says, terms included; `number_consistency` checks its amounts and periods without a model."
    ),
    "summary_accuracy": (
        "`summary_faithfulness` judges whether the contexts support the summary; `number_consistency` checks "
        "its numbers and dates without a model."
    ),
    "summary_risk_coverage": _POINTS,
    "summary_needs_followup": f"{_POINTS} The tag `needs_followup` is one of them.",
    "summary_non_definitive": (
        "EvalVault looks for words of a list. `overstatement` judges whether a summary states as certain "
        "what the contexts hold under conditions; lower is better."
    ),
    "confidence_score": (
        "Answers state no confidence, and one that is guessed from their words measures nothing. `abstained` "
        "and `no_answer_accuracy` say where an answer declines and whether it should; `offline_groundedness` "
        "how much of it stands in the contexts."
    ),
}
"""By the other tool's name; a value of the same name that means something else would be worse than none."""
