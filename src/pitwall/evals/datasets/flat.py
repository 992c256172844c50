"""An example as a flat row: what EvalVault's form, CSV, workbooks and Parquet hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from pitwall.evals.datasets.canonical import answer_json, example_json
from pitwall.evals.types import Example, Json

ALWAYS: Final = ("id", "question", "answer", "contexts", "ground_truth")
"""EvalVault's columns, in its order."""
OPTIONAL: Final[Mapping[str, str]] = {
    "language": "language",
    "group": "group",
    "reference_contexts": "reference_contexts",
    "relevance": "relevance",
    "retrieved_ids": "context_ids",
    "tool_calls": "tool_calls",
    "reference_tool_calls": "reference_tool_calls",
    "turns": "turns",
    "latency_ms": "latency_ms",
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cost_usd": "cost_usd",
    "trace_id": "trace_id",
    "span_id": "span_id",
    "metadata": "metadata",
}
"""Further columns, in their order."""


def flat_row(example: Example) -> dict[str, Json]:
    """An example without nesting; what it does not have is missing.

    Scores of the retriever and why a system gave no answer are left out: JSON lines keep everything.
    """
    own = example_json(example)
    answer = answer_json(example.answer) if example.answer is not None else {}
    contexts = answer.get("contexts")
    row: dict[str, Json] = {
        **{name: own.get(name) for name in OPTIONAL if name in own},
        **{name: answer.get(name) for name in OPTIONAL if name in answer and name != "trace_id"},
        "id": example.id,
        "question": example.question,
        "answer": answer.get("text"),
        "contexts": None if contexts is None else [one["text"] for one in contexts],
        "ground_truth": example.reference,
        "retrieved_ids": _ids(contexts),
    }
    return {name: row[name] for name in (*ALWAYS, *OPTIONAL) if row.get(name) is not None}


def cells(row: Mapping[str, Json], columns: tuple[str, ...]) -> list[Json]:
    """A row as cells: lists and objects as JSON."""
    return [_cell(row.get(column)) for column in columns]


def _ids(contexts: list[dict[str, Json]] | None) -> list[Json] | None:
    """The ids of chunks if all have one."""
    ids = [one.get("id") for one in contexts or ()]
    return ids if ids and all(ids) else None


def _cell(value: Json) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, list | dict) else value
