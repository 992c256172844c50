"""The names that files use for the fields of an example: one table for all forms.

Ragas, DeepEval, EvalVault, promptfoo and Pitwall's own. The first name of a field that a record has counts;
what no field takes goes into the metadata under its own name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pitwall.core.errors import InvalidInput

PROMPTFOO_REFERENCE: Final = "__expected"
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "example_id", "case_id", "test_id", "test_case_id", "query_id", "question_id", "qid", "_id"),
    "question": ("question", "user_input", "input", "query", "user_query", "prompt", "질문"),
    "answer": (
        *("answer", "response", "actual_output", "actualOutput", "output", "generated_answer"),
        *("prediction", "답변"),
    ),
    "contexts": (
        *("contexts", "retrieved_contexts", "retrieval_context", "retrievalContext", "passages", "context"),
        "문맥",
    ),
    "reference": (
        *("reference", "ground_truth", "expected_output", "expectedOutput", "expected", "reference_answer"),
        *("gold_answer", "ideal", "ground_truths", PROMPTFOO_REFERENCE, "정답"),
    ),
    "reference_contexts": ("reference_contexts", "ground_truth_contexts", "gold_contexts"),
    "relevance": (
        *("relevance", "relevant_docs", "relevant_ids", "relevant_doc_ids", "relevant_document_ids"),
        *("reference_context_ids", "qrels", "gold_ids"),
    ),
    "retrieved_ids": (
        *("retrieved_ids", "retrieved_docs", "retrieved_doc_ids", "retrieved_document_ids"),
        "retrieved_context_ids",
    ),
    "tool_calls": ("tool_calls", "tools_called", "toolsCalled", "actual_tool_calls"),
    "reference_tool_calls": (
        "reference_tool_calls",
        "expected_tools",
        "expectedTools",
        "expected_tool_calls",
    ),
    "turns": ("turns", "messages", "conversation"),
    "language": ("language", "lang", "locale"),
    "group": ("group", "group_id", "conversation_id", "thread_id"),
    "trace_id": ("trace_id",),
    "span_id": ("span_id",),
    "latency_ms": ("latency_ms", "latencyMs"),
    "input_tokens": ("input_tokens", "prompt_tokens"),
    "output_tokens": ("output_tokens", "completion_tokens"),
    "cost_usd": ("cost_usd", "token_cost", "tokenCost"),
    "metadata": ("metadata", "additional_metadata"),
}
"""Names by field, the strongest first."""

LISTS: Final = (
    *("test_cases", "testCases", "examples", "cases", "samples", "data", "rows", "items", "goldens", "tests"),
    "results",
)
"""Members of a JSON object that may hold the examples."""

_PLACES: Final = {name: (field_, rank) for field_, names in FIELDS.items() for rank, name in enumerate(names)}
_DEEPEVAL: Final = frozenset(
    {
        *("actual_output", "expected_output", "retrieval_context"),
        *("actualOutput", "expectedOutput", "retrievalContext"),
    }
)
"""Beside one of these, `context` holds the chunks that should have been found."""


def read_columns(written: Sequence[str]) -> dict[str, str]:
    """Columns by field out of `field=column`; without a column the field is not in the file.

    Raises:
        InvalidInput: A pair names no field.
    """
    pairs = [pair.partition("=") for pair in written]
    for field_, _, _ in pairs:
        if field_ not in FIELDS:
            raise InvalidInput(
                f"There is no field {field_!r}.",
                code="dataset.map_invalid",
                hint=f"Write field=column; fields are {', '.join(FIELDS)}.",
            )
    return {field_: column for field_, _, column in pairs}


def sort_fields(
    values: Mapping[str, Any], chosen: Mapping[str, str]
) -> tuple[dict[str, tuple[str, Any]], dict[str, Any]]:
    """Tell the fields of a record from the rest.

    Args:
        values: What a file says, by its own names; None is absent, and so is a blank text, but for an answer.
        chosen: Names in the file by field, instead of all others; empty for none.

    Returns:
        By field the name in the file and the value; and what no field takes, by name.
    """
    rest = {name: value for name, value in values.items() if value is not None}
    found: dict[str, tuple[str, Any]] = {}
    for field_, column in chosen.items():
        if column in rest:
            found[field_] = (column, rest.pop(column))
    if "context" in rest and not _DEEPEVAL.isdisjoint(values) and "reference_contexts" not in chosen:
        found["reference_contexts"] = ("context", rest.pop("context"))
    for field_, name in _strongest(rest, chosen).items():
        found[field_] = (name, rest.pop(name))
    _take_conversation(found)
    return found, {name: value for name, value in rest.items() if not (name in _PLACES and _is_blank(value))}


def _strongest(values: Mapping[str, Any], chosen: Mapping[str, str]) -> dict[str, str]:
    """By field the strongest of its names that says something."""
    strongest: dict[str, str] = {}
    for name, value in values.items():
        field_, rank = _PLACES.get(name, ("", 0))
        if not field_ or field_ in chosen or (field_ != "answer" and _is_blank(value)):
            continue
        if field_ not in strongest or rank < _PLACES[strongest[field_]][1]:
            strongest[field_] = name
    return strongest


def has_question(names: frozenset[str], chosen: Mapping[str, str]) -> bool:
    """Whether a heading has a column for the question."""
    if "question" in chosen:
        return chosen["question"] in names
    return not names.isdisjoint((*FIELDS["question"], *FIELDS["turns"]))


def _take_conversation(found: dict[str, tuple[str, Any]]) -> None:
    """Ragas puts the messages of a conversation where one question stands otherwise."""
    name, value = found.get("question", ("", None))
    if isinstance(value, list) and "turns" not in found:
        found["turns"] = (name, value)
        del found["question"]


def _is_blank(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()
