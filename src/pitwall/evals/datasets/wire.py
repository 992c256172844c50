"""Datasets as the API writes them."""

from __future__ import annotations

from typing import Any

from pitwall.evals.datasets.appending import Appended
from pitwall.evals.datasets.canonical import answer_json, example_json
from pitwall.evals.datasets.differences import Difference
from pitwall.evals.datasets.errors import problem_view
from pitwall.evals.datasets.types import Dataset, DatasetVersion, Imported
from pitwall.evals.types import Example
from pitwall.kit.durations import format_instant

View = dict[str, Any]

_EXAMPLE = dict.fromkeys(
    (
        *("group", "reference", "reference_contexts", "relevance", "reference_tool_calls", "answer"),
        *("trace_id", "span_id"),
    )
)
_ANSWER = dict.fromkeys(
    (
        *("text", "contexts", "tool_calls", "latency_ms", "input_tokens", "output_tokens", "cost_usd"),
        *("trace_id", "error"),
    )
)


def dataset_view(dataset: Dataset) -> View:
    """A dataset of a list."""
    return {
        "name": dataset.name,
        "version_count": dataset.version_count,
        "created_at": format_instant(dataset.created_at),
        "created_by": dataset.created_by,
        "latest": version_view(dataset.latest),
    }


def version_view(version: DatasetVersion) -> View:
    """A version without its examples."""
    return {
        "id": version.id,
        "number": version.number,
        "label": version.label,
        "content_hash": version.content_hash,
        "example_count": version.example_count,
        "fields": dict(version.facts.fields),
        "languages": dict(version.facts.languages),
        "thresholds": dict(version.thresholds),
        "source": dict(version.source),
        "created_at": format_instant(version.created_at),
        "created_by": version.created_by,
    }


def example_view(position: int, example: Example) -> View:
    """An example with its place in the version, from 0."""
    answer = None if example.answer is None else {**_ANSWER, "turns": [], **answer_json(example.answer)}
    return {"position": position, **_EXAMPLE, "metadata": {}, **example_json(example), "answer": answer}


def imported_view(imported: Imported) -> View:
    """What became of an import."""
    return {
        "dataset": dataset_view(imported.dataset),
        "version": version_view(imported.version),
        "is_new": imported.is_new,
        "skipped": [problem_view(problem) for problem in imported.skipped],
        "skipped_count": imported.skipped_count,
    }


def appended_view(appended: Appended) -> View:
    """What was added to a dataset."""
    counts = appended.counts
    return {
        "dataset": dataset_view(appended.dataset),
        "version": version_view(appended.version),
        "is_new": appended.is_new,
        "considered": counts.considered,
        "added": counts.added,
        "left_out": counts.left_out,
    }


def difference_view(difference: Difference, limit: int) -> View:
    """What changed, with as many ids of each kind as asked for."""
    kinds = {"added": difference.added, "removed": difference.removed, "changed": difference.changed}
    return {
        "before": version_view(difference.before),
        "after": version_view(difference.after),
        **{name: list(ids[:limit]) for name, ids in kinds.items()},
        **{f"{name}_count": len(ids) for name, ids in kinds.items()},
        "equal_count": difference.equal_count,
    }
