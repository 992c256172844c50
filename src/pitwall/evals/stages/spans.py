"""Spans of a run as stage events: the same stages, seen by telemetry."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from pitwall.core.vocabulary import SpanKind
from pitwall.evals.stages.types import (
    ANSWER_VALIDATION,
    OUTPUT,
    RERANK,
    RETRIEVAL,
    SAFETY_CHECK,
    StageEvent,
)
from pitwall.kit.clock import from_unix_nano
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.literals import id_literal
from pitwall.traces.engine_settings import QUERY_SETTINGS

MAX_SPANS: Final = 20_000
"""So many spans of a run are looked at, the first ones."""
_MAX_TRACES: Final = 1_000
_TRACE_ID: Final = re.compile("[0-9a-f]{32}")
_KNOWN_TOKENS: Final = frozenset({"provider", "estimated"})

SPAN_STAGES: Final[Mapping[str, str]] = {
    SpanKind.RETRIEVER: RETRIEVAL,
    SpanKind.RERANKER: RERANK,
    SpanKind.LLM: OUTPUT,
    SpanKind.GUARDRAIL: SAFETY_CHECK,
    SpanKind.PARSER: ANSWER_VALIDATION,
    SpanKind.EMBEDDING: "embedding",
    SpanKind.TOOL: "tool",
    SpanKind.CACHE: "cache",
}
"""Stage by kind of span; workflows, chains and agents hold stages and are none, and evaluators judge them."""

_COLUMNS: Final = (
    "trace_id, span_id, parent_span_id, name, kind, toUnixTimestamp64Nano(started_at) AS unix_nano, "
    "duration_ms, status, error_class, top_k, document_count, document_ids, document_scores, "
    "rerank_input_count, input_tokens, output_tokens, token_source, parse_ok, run_id, model"
)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RunSpans:
    """The spans of a run that are stages.

    Attributes:
        is_cut: There are more than were looked at.
    """

    events: tuple[StageEvent, ...]
    is_cut: bool = False


NO_SPANS: Final = RunSpans(())
FindSpans = Callable[[str, str, Collection[str]], RunSpans]
"""Finds the spans of a run: project, run, and traces that its events name."""


class StageSpans:
    """Reads spans of runs from the telemetry store; calls block."""

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def find(self, project: str, run_id: str, trace_ids: Collection[str] = ()) -> RunSpans:
        """Return the spans that carry the id of a run, and those of traces that its stage events name.

        Raises:
            StoreUnavailable: The telemetry store does not answer.
        """
        named = [bytes.fromhex(one) for one in sorted(trace_ids) if _TRACE_ID.fullmatch(one)][:_MAX_TRACES]
        in_traces = f" OR trace_id IN ({', '.join(map(id_literal, named))})" if named else ""
        sql = (
            f"SELECT {_COLUMNS} FROM spans WHERE project = {{project:String}} "
            f"AND (run_id = {{run:String}}{in_traces}) "
            "ORDER BY received_at DESC, log_position DESC LIMIT 1 BY trace_id, span_id"
        )
        ordered = f"SELECT * FROM ({sql}) ORDER BY unix_nano, span_id LIMIT {MAX_SPANS + 1}"
        parameters = {"project": project, "run": run_id}
        rows = self._engine.query(ordered, parameters, settings=QUERY_SETTINGS).dicts()
        return RunSpans(tuple(_events(rows[:MAX_SPANS], run_id)), len(rows) > MAX_SPANS)


def _events(rows: Sequence[Row], run_id: str) -> Iterable[StageEvent]:
    judging = _below_evaluators(rows)
    return [
        stage_event(row, run_id)
        for row in rows
        if row["kind"] in SPAN_STAGES and (row["trace_id"], row["span_id"]) not in judging
    ]


def _below_evaluators(rows: Iterable[Row]) -> set[tuple[bytes, bytes]]:
    """Spans inside of an evaluator: calls of a judge are no stage of the pipeline."""
    known = {(row["trace_id"], row["span_id"]): row for row in rows}
    judging: dict[tuple[bytes, bytes], bool] = {}
    for key in known:
        path: dict[tuple[bytes, bytes], None] = {}
        place = key
        while place in known and place not in judging and place not in path:
            path[place] = None
            place = (place[0], known[place]["parent_span_id"])
        is_inside = judging.get(place, False)
        for place in reversed(path):
            is_inside = is_inside or known[place]["kind"] == SpanKind.EVALUATOR
            judging[place] = is_inside
    return {key for key, is_inside in judging.items() if is_inside}


def stage_event(row: Row, run_id: str) -> StageEvent:
    """The stage event that a span amounts to."""
    started, length = from_unix_nano(row["unix_nano"]), row["duration_ms"]
    parent = row["parent_span_id"]
    return StageEvent(
        run_id=run_id,
        stage_id=row["span_id"].hex(),
        stage_type=SPAN_STAGES[row["kind"]],
        stage_name=row["name"] or None,
        parent_stage_id=parent.hex() if any(parent) else None,
        status="error" if row["status"] == "error" else "success",
        started_at=started,
        finished_at=None if length is None else started + timedelta(milliseconds=length),
        duration_ms=length,
        attributes=_attributes(row),
        trace_id=row["trace_id"].hex(),
        span_id=row["span_id"].hex(),
    )


def _attributes(row: Row) -> dict[str, Any]:
    """What a span says, under the names of stage events; what it does not say is left out."""
    said: dict[str, Any] = {}
    match row["kind"]:
        case SpanKind.RETRIEVER:
            said = {"top_k": row["top_k"], **_documents(row)}
        case SpanKind.RERANKER:
            kept = row["document_count"]
            said = {
                "input_count": row["rerank_input_count"],
                "output_count": len(row["document_ids"]) or None if kept is None else kept,
                **_documents(row),
            }
        case SpanKind.LLM if row["token_source"] in _KNOWN_TOKENS:
            said = {"tokens_in": row["input_tokens"], "tokens_out": row["output_tokens"]}
        case SpanKind.PARSER:
            said = {"passed": row["parse_ok"]}
        case SpanKind.GUARDRAIL:
            said = {"blocked": True if row["error_class"] == "guardrail" else None}
    return {
        name: value for name, value in {**said, "model": row["model"] or None}.items() if value is not None
    }


def _documents(row: Row) -> dict[str, Any]:
    ids, scores, count = row["document_ids"], row["document_scores"], row["document_count"]
    return {
        "doc_ids": list(ids) if ids or count == 0 else None,
        "scores": [round(score, 7) for score in scores] or None,
        "result_count": count,
    }
