"""The forms in which other tools write scores: what of a record is a score, and what is left of it. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pitwall.evals.datasets.fields import FIELDS
from pitwall.evals.imports.types import ForeignScore, Tool

_NAMED: Final = frozenset(name for names in FIELDS.values() for name in names)
_RAGAS: Final = frozenset(
    {
        *("llm_context_precision_with_reference", "llm_context_precision_without_reference"),
        *("non_llm_context_precision_with_reference", "non_llm_context_recall", "context_utilization"),
        *("answer_similarity", "nv_accuracy", "nv_context_relevance", "nv_response_groundedness"),
        *("noise_sensitivity_relevant", "noise_sensitivity_irrelevant", "aspect_critic", "topic_adherence"),
        *("agent_goal_accuracy", "tool_call_accuracy", "tool_call_f1", "domain_specific_rubrics"),
        *("non_llm_string_similarity", "string_present", "bleu_score", "rouge_score", "chrf_score"),
        *("datacompy_score", "llm_sql_equivalence", "multi_modal_faithfulness", "multi_modal_relevance"),
    }
)
"""Columns of Ragas that no metric of ours is called by."""
_EVALVAULT_REST: Final = frozenset({"metrics", "all_passed", "tokens_used"})
_DEEPEVAL_REST: Final = frozenset(
    {"metricsData", "metrics_data", "success", "runDuration", "evaluationCost", "order", "flaky"}
)


@dataclass(frozen=True, slots=True)
class Peeled:
    """A record without its scores.

    Attributes:
        values: What is left: the fields of an example.
        numbers: Names of what could be a metric and was not taken for one.
    """

    tool: Tool
    values: Mapping[str, Any]
    scores: Sequence[ForeignScore]
    numbers: Sequence[str] = ()


def peel(values: Mapping[str, Any], known: Collection[str], tool: Tool | None = None) -> Peeled:
    """Take the scores off a record.

    Args:
        known: Names of metrics, without options.
        tool: Whose record it is; None finds out.
    """
    match tool or find_tool(values):
        case Tool.DEEPEVAL:
            return _peel_deepeval(values)
        case Tool.EVALVAULT:
            return _peel_evalvault(values)
        case found:
            return _peel_columns(values, known, found)


def find_tool(values: Mapping[str, Any]) -> Tool:
    """Whose record it is, by the members that only one tool writes."""
    if "metricsData" in values or "metrics_data" in values:
        return Tool.DEEPEVAL
    if isinstance(values.get("metrics"), list):
        return Tool.EVALVAULT
    if "user_input" in values or "retrieved_contexts" in values:
        return Tool.RAGAS
    return Tool.OTHER


def metric_name(text: str) -> str:
    """A name as metrics have it: `Answer Relevancy` of DeepEval is `answer_relevancy`."""
    return re.sub(r"[^\w@]+", "_", text.strip().lower()).strip("_")


def _peel_deepeval(values: Mapping[str, Any]) -> Peeled:
    written = values.get("metricsData") or values.get("metrics_data") or ()
    scores = [
        ForeignScore(
            metric=metric_name(str(one.get("name", ""))),
            value=_number(one.get("score")),
            threshold=_number(one.get("threshold")),
            passed=_flag(one.get("success")),
            explanation=_text(one.get("reason")),
            judge=_text(one.get("evaluationModel") or one.get("evaluation_model")),
            error=_text(one.get("error")),
        )
        for one in written
        if isinstance(one, dict)
    ]
    return Peeled(Tool.DEEPEVAL, _without(values, _DEEPEVAL_REST), scores)


def _peel_evalvault(values: Mapping[str, Any]) -> Peeled:
    scores = [
        ForeignScore(
            metric=metric_name(str(one.get("name", ""))),
            value=_number(one.get("score")),
            threshold=_number(one.get("threshold")),
            passed=_flag(one.get("passed")),
            explanation=_text(one.get("reason")),
        )
        for one in values.get("metrics") or ()
        if isinstance(one, dict)
    ]
    return Peeled(Tool.EVALVAULT, _without(values, _EVALVAULT_REST), scores)


def _peel_columns(values: Mapping[str, Any], known: Collection[str], tool: Tool) -> Peeled:
    """Each column that is called as a metric is one; an empty cell is a score without a value."""
    metrics = [name for name in values if _is_metric(name, known)]
    scores = [ForeignScore(metric=metric_name(name), value=_number(values[name])) for name in metrics]
    rest = _without(values, frozenset(metrics))
    numbers = [name for name, value in rest.items() if name not in _NAMED and _number(value) is not None]
    return Peeled(tool, rest, scores, numbers)


def _is_metric(name: str, known: Collection[str]) -> bool:
    """Ragas writes options behind a name: `factual_correctness(mode=f1)`."""
    base = metric_name(name.partition("(")[0])
    return name in known or ((base in known or base in _RAGAS) and name not in _NAMED)


def _without(values: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def _number(value: Any) -> float | None:
    """A number, also of a cell of a table; NaN, infinity and everything else is none."""
    if isinstance(value, bool):
        return float(value)
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None
