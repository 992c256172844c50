"""What is stored can be mapped and priced again, with the same result while nothing changed."""

from __future__ import annotations

from typing import Any

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.mapping.remap import recost_select, remap_select
from tests.integration.ingest.mapping_rows import RECEIVED, Stages, make_request

_LONG = "긴 질문 " * 60
_SPANS: tuple[dict[str, Any], ...] = (
    {
        "attributes": {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4o-mini",
            "gen_ai.usage.input_tokens": 100,
            "gen_ai.usage.output_tokens": 20,
            "gen_ai.input.messages": _LONG,
            "gen_ai.output.messages": "짧은 답",
        },
        "events": [("First Token Stream Event", 1_789_999_998_200_000_000, {"x": 1})],
    },
    {
        "attributes": {
            "openinference.span.kind": "RETRIEVER",
            "retrieval.documents.0.document.id": "a",
            "retrieval.documents.0.document.content": _LONG,
            "retrieval.documents.1.document.id": "b",
        },
    },
    {"attributes": {"tool.name": "t"}, "code": 2, "message": "Connection refused"},
    {"attributes": {"pitwall.duration.known": False}, "start": RECEIVED, "end": RECEIVED},
)
_KEPT = (
    "kind",
    "operation",
    "model",
    "input_tokens",
    "output_tokens",
    "token_source",
    "is_usage_rollup",
    "cost_usd",
    "cost_source",
    "price_version",
    "ttft_ms",
    "document_count",
    "document_ids",
    "error_class",
    "status",
    "dialect",
    "attributes",
    "duration_ms",
    "started_at",
    "trace_id",
    "span_id",
    "log_position",
)


def _by_name(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: row["span_id"])


def test_remapping_unchanged_spans_changes_nothing(stages: Stages) -> None:
    """Every normalised column, and the long texts behind it, come back as they were."""
    stages.insert(TelemetryType.TRACES, make_request(*_SPANS).SerializeToString())
    stored = _by_name(stages.rows("spans"))
    condition = f"project = '{stages.project}'"
    again = _by_name(stages.engine.query(remap_select(condition, mapping_version=99)).dicts())
    assert [{name: row[name] for name in _KEPT} for row in again] == [
        {name: row[name] for name in _KEPT} for row in stored
    ]
    assert [row["mapping_version"] for row in again] == [99] * len(_SPANS)
    assert (again[0]["input"], again[0]["output"]) == (_LONG, "짧은 답")


def test_recosting_at_the_same_prices_changes_nothing(stages: Stages) -> None:
    """The cost of a stored span follows from its stored tokens."""
    stages.insert(TelemetryType.TRACES, make_request(*_SPANS).SerializeToString())
    names = ("span_id", "cost_usd", "cost_source", "price_version")
    stored = _by_name(stages.rows("spans"))
    again = _by_name(stages.engine.query(recost_select(f"project = '{stages.project}'")).dicts())
    assert [{name: row[name] for name in names} for row in again] == [
        {name: row[name] for name in names} for row in stored
    ]
    assert again[0]["cost_source"] == "computed"
