"""Fetches one trace with everything that belongs to it: spans, payload texts, log records, scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pitwall.core.vocabulary import SpanKind
from pitwall.ingest.mapping.values import decode_value
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.literals import id_literal, quoted
from pitwall.traces.conditions import UNIX_NANO, id_list
from pitwall.traces.engine_settings import ONE_THREAD
from pitwall.traces.scores import SCORE_COLUMNS, to_score
from pitwall.traces.spans import LITE_COLUMNS, STORED_COLUMNS, format_nano, hex_or_none, to_lite, to_span
from pitwall.traces.types import Payload, Score, SpanLite, StoredLog, StoredSpan

MAX_LOGS: Final = 1000
_LOG_COLUMNS: Final = (
    "toUnixTimestamp64Nano(at) AS unix_nano, severity, severity_text, event_name, body, span_id, service, "
    "request_id, scope_name, attributes"
)
_LOG_TEXTS: Final = ("severity", "severity_text", "event_name", "service", "request_id", "scope_name")
# A statement has a size limit; so many keys fit well into one.
_KEYS_PER_QUERY: Final = 2000
_MAX_SEARCHES: Final = 16


class OneTraceRepository:
    """Reads the parts of one trace.

    Args:
        engine: The telemetry store; its calls block.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def spans(self, project: str, trace_id: bytes, limit: int) -> list[StoredSpan] | None:
        """Fetch whole spans of a trace, each id once; None if there are more than `limit` rows."""
        rows = self._rows(project, STORED_COLUMNS, f"trace_id = {id_literal(trace_id)} LIMIT {limit + 1}")
        return None if len(rows) > limit else _last_copies(rows)

    def shape(self, project: str, trace_id: bytes, limit: int) -> list[SpanLite]:
        """Fetch what the shape and the totals of a trace need, each span once; at most `limit`."""
        newest = "ORDER BY received_at DESC, log_position DESC LIMIT 1 BY span_id"
        where = f"trace_id = {id_literal(trace_id)} {newest}"
        sql = f"SELECT {LITE_COLUMNS} FROM spans WHERE project = {{project:String}} AND {where}"
        return [to_lite(row) for row in self._query(f"{sql} LIMIT {limit}", project)]

    def some_spans(self, project: str, trace_id: bytes, spans: Sequence[SpanLite]) -> list[StoredSpan]:
        """Fetch spans of a trace by id, each once, with all their columns."""
        found: list[StoredSpan] = []
        for chunk in _chunks(spans):
            first = min(span.unix_nano for span in chunk)
            last = max(span.unix_nano for span in chunk)
            where = (
                f"trace_id = {id_literal(trace_id)} "
                f"AND span_id IN {id_list(bytes.fromhex(span.span_id) for span in chunk)} "
                f"AND started_at BETWEEN fromUnixTimestamp64Nano({first}) AND fromUnixTimestamp64Nano({last})"
            )
            found += _last_copies(self._rows(project, STORED_COLUMNS, where))
        return found

    def span(self, project: str, trace_id: bytes, span_id: bytes) -> StoredSpan | None:
        """Fetch one span, the copy that was received last."""
        where = f"trace_id = {id_literal(trace_id)} AND span_id = {id_literal(span_id)}"
        found = _last_copies(self._rows(project, STORED_COLUMNS, where))
        return found[0] if found else None

    def spans_with(self, project: str, trace_id: bytes, attribute: str) -> list[StoredSpan]:
        """Fetch the spans of a trace that have an attribute, each once."""
        where = f"trace_id = {id_literal(trace_id)} AND mapContains(attributes, {quoted(attribute)})"
        return _last_copies(self._rows(project, STORED_COLUMNS, where))

    def searches_before(self, project: str, trace_id: bytes, span: SpanLite) -> list[StoredSpan]:
        """Fetch searches and reranks that began before a span, under its parent or as its parent; the latest
        first, a few of them.
        """
        parent = id_literal(bytes.fromhex(span.parent_span_id or ""))
        where = (
            f"trace_id = {id_literal(trace_id)} AND kind IN ('{SpanKind.RETRIEVER}', '{SpanKind.RERANKER}') "
            f"AND (parent_span_id = {parent} OR span_id = {parent}) "
            f"AND span_id != {id_literal(bytes.fromhex(span.span_id))} "
            f"AND started_at <= fromUnixTimestamp64Nano({span.unix_nano}) "
            f"ORDER BY started_at DESC LIMIT {_MAX_SEARCHES}"
        )
        found = _last_copies(self._rows(project, STORED_COLUMNS, where))
        return sorted(found, key=lambda one: one.lite.unix_nano, reverse=True)

    def payloads(self, project: str, trace_id: bytes, spans: Sequence[SpanLite]) -> dict[str, Payload]:
        """Fetch the whole texts of spans of a trace by span id; what retention has removed is missing."""
        payloads: dict[str, Payload] = {}
        for chunk in _chunks(sorted({span.unix_nano for span in spans})):
            times = ", ".join(f"fromUnixTimestamp64Nano({nano}, 'UTC')" for nano in chunk)
            payloads |= self._payloads(project, trace_id, f"started_at IN ({times})")
        return payloads

    def payloads_if_small(self, project: str, trace_id: bytes, limit: int) -> dict[str, Payload] | None:
        """Fetch the whole texts of a trace whose spans are not known; None if it has more than `limit`."""
        sql = (
            f"SELECT count() AS rows, min({UNIX_NANO}) AS first, max({UNIX_NANO}) AS last FROM spans "
            f"WHERE project = {{project:String}} AND trace_id = {id_literal(trace_id)}"
        )
        (extent,) = self._query(sql, project)
        if extent["rows"] > limit:
            return None
        first, last = (f"fromUnixTimestamp64Nano({extent[end]}, 'UTC')" for end in ("first", "last"))
        return self._payloads(project, trace_id, f"started_at BETWEEN {first} AND {last}")

    def _payloads(self, project: str, trace_id: bytes, times: str) -> dict[str, Payload]:
        sql = (
            "SELECT span_id, input, output, attributes FROM payloads WHERE project = {project:String} "
            f"AND {times} AND trace_id = {id_literal(trace_id)} ORDER BY received_at, mapping_version"
        )
        return {
            row["span_id"].hex(): Payload(row["input"], row["output"], row["attributes"])
            for row in self._query(sql, project)
        }

    def logs(self, project: str, trace_id: bytes) -> list[StoredLog]:
        """Fetch the log records of a trace, oldest first; one more than `MAX_LOGS` if there are more."""
        sql = (
            f"SELECT {_LOG_COLUMNS} FROM logs WHERE project = {{project:String}} "
            f"AND trace_id = {id_literal(trace_id)} ORDER BY at, log_position LIMIT {MAX_LOGS + 1}"
        )
        return [_to_log(row) for row in self._query(sql, project)]

    def scores(self, project: str, trace_id: bytes) -> list[Score]:
        """Fetch the scores of a trace and its spans, oldest first."""
        sql = (
            f"SELECT {SCORE_COLUMNS} FROM scores WHERE project = {{project:String}} "
            f"AND trace_id = {id_literal(trace_id)} ORDER BY received_at DESC LIMIT 1 BY score_id"
        )
        scores = [to_score(row) for row in self._query(sql, project)]
        return sorted(scores, key=lambda score: (score.unix_nano, score.score_id))

    def _rows(self, project: str, columns: str, where: str) -> list[dict[str, Any]]:
        return self._query(
            f"SELECT {columns} FROM spans WHERE project = {{project:String}} AND {where}", project
        )

    def _query(self, sql: str, project: str) -> list[dict[str, Any]]:
        return self._engine.query(sql, {"project": project}, settings=ONE_THREAD).dicts()


def _last_copies(rows: Sequence[Mapping[str, Any]]) -> list[StoredSpan]:
    """Keep the copy of each span that was received last, with the number of copies."""
    newest: dict[bytes, Mapping[str, Any]] = {}
    copies: dict[bytes, int] = {}
    for row in sorted(rows, key=lambda row: (row["received_ms"], row["log_position"])):
        newest[row["span_id"]] = row
        copies[row["span_id"]] = copies.get(row["span_id"], 0) + 1
    return [to_span(row, copies=copies[span_id]) for span_id, row in newest.items()]


def _to_log(row: Mapping[str, Any]) -> StoredLog:
    span_id = hex_or_none(row["span_id"])
    columns = {
        "at": format_nano(row["unix_nano"]),
        "span_id": span_id,
        "body": decode_value(row["body"]),
        **{name: row[name] or None for name in _LOG_TEXTS},
    }
    return StoredLog(span_id, row["event_name"] or None, columns, row["attributes"])


def _chunks(keys: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (keys[at : at + _KEYS_PER_QUERY] for at in range(0, len(keys), _KEYS_PER_QUERY))
