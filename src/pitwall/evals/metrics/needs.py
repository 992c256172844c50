"""Whether a case has what a metric needs, and the score of one that has not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pitwall.evals.metrics.types import MetricSpec, Needs
from pitwall.evals.types import Case, Score, ScoreStatus

TARGET_FAILED: Final = "target_failed"
EMPTY_ANSWER: Final = "empty_answer"


def missing(case: Case, spec: MetricSpec) -> Score | None:
    """Return the score of a case that a metric cannot judge, None if it can.

    A target that failed and an empty answer are errors; a field that the case never had makes the metric
    not applicable (`no_<field>`). An empty list of contexts or of tool calls is a finding, not a lack.
    """
    if case.answer.error is not None:
        return Score(spec.name, ScoreStatus.ERROR, reason=TARGET_FAILED, explanation=case.answer.error)
    for need in Needs:  # in the order of the enum, so that the reason is always the same one
        if need in spec.needs and not _HAS[need](case):
            return Score(spec.name, ScoreStatus.NOT_APPLICABLE, reason=f"no_{need.value}")
    if Needs.ANSWER in spec.needs and not (case.answer.text or "").strip():
        return Score(spec.name, ScoreStatus.ERROR, reason=EMPTY_ANSWER)
    return None


def has(case: Case, need: Needs) -> bool:
    """Whether a case has a field."""
    return _HAS[need](case)


def _has_relevance(case: Case) -> bool:
    return any(gain > 0 for gain in (case.example.relevance or {}).values())


_HAS: Final[Mapping[Needs, Callable[[Case], bool]]] = {
    Needs.ANSWER: lambda case: case.answer.text is not None,
    Needs.CONTEXTS: lambda case: case.answer.contexts is not None,
    Needs.REFERENCE: lambda case: bool((case.example.reference or "").strip()),
    Needs.REFERENCE_CONTEXTS: lambda case: bool(case.example.reference_contexts),
    Needs.RELEVANCE: _has_relevance,
    Needs.TOOL_CALLS: lambda case: case.answer.tool_calls is not None,
    Needs.REFERENCE_TOOL_CALLS: lambda case: case.example.reference_tool_calls is not None,
    Needs.TURNS: lambda case: bool(case.answer.turns),
    Needs.LATENCY: lambda case: case.answer.latency_ms is not None,
    Needs.COST: lambda case: case.answer.cost_usd is not None,
    Needs.TOKENS: lambda case: case.answer.input_tokens is not None or case.answer.output_tokens is not None,
}
