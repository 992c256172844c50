"""JSONL chunks: one JSON object a line, an event, a span in Pitwall's own form, or an OTLP/JSON request."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import orjson

from pitwall.core.errors import InvalidInput
from pitwall.ingest.files.batch import Batch, Line
from pitwall.ingest.files.column_map import ColumnMap
from pitwall.ingest.files.errors import BadLine, LineReason
from pitwall.ingest.files.events import read_mapped, read_object
from pitwall.ingest.files.spans import write_span
from pitwall.ingest.files.types import Chunk
from pitwall.ingest.json_text import load_json
from pitwall.ingest.otlp_json import parse_json
from pitwall.ingest.wire import LOGS, METRICS, TRACES

_OTLP = {
    "resourceSpans": TRACES,
    "resource_spans": TRACES,
    "resourceMetrics": METRICS,
    "resource_metrics": METRICS,
    "resourceLogs": LOGS,
    "resource_logs": LOGS,
}


def read_jsonl(chunk: Chunk, batch: Batch, column_map: ColumnMap | None, *, max_records: int) -> None:
    """Read the lines of a chunk into a batch; empty lines are nothing.

    Args:
        column_map: How to understand the lines; None if they say it themselves.
        max_records: Most records of an OTLP request.
    """
    for line in _lines(chunk):
        try:
            _read_line(line, batch, column_map, max_records)
        except BadLine as bad:
            batch.add_problem(line, bad.reason, bad.message)


def _lines(chunk: Chunk) -> Iterator[Line]:
    offset = chunk.offset
    for number, raw in enumerate(chunk.data.split(b"\n"), chunk.first_line):
        content = raw.strip()
        if content and content != b"\xef\xbb\xbf":
            yield Line(number, offset, content.removeprefix(b"\xef\xbb\xbf"))
        offset += len(raw) + 1


def _read_line(line: Line, batch: Batch, column_map: ColumnMap | None, max_records: int) -> None:
    document, repairs = _parse(line.raw)
    if column_map is not None:
        record = read_mapped(document, column_map)
    elif (stream := next((_OTLP[key] for key in document if key in _OTLP), None)) is not None:
        try:
            batch.add_otlp(line, stream, parse_json(stream, line.raw, max_records=max_records))
        except InvalidInput as error:
            raise BadLine(LineReason.MALFORMED, error.message) from None
        return
    else:
        record = read_object(document)
    batch.add_span(line, record, partial(_fill, record))
    batch.repaired += len(repairs)


def _fill(record: dict[str, Any], span: Any, position: str) -> None:
    write_span(span, record, position)


def _parse(raw: bytes) -> tuple[dict[str, Any], tuple[str, ...]]:
    try:
        # A file in another encoding is refused: repaired, all its texts would be lost.
        document, repairs = load_json(raw, with_invalid_utf8=False)
    except orjson.JSONDecodeError as error:
        raise BadLine(LineReason.MALFORMED, f"it is no JSON: {error}") from None
    if type(document) is not dict:
        raise BadLine(LineReason.MALFORMED, f"it is a JSON {_name(document)}, not an object")
    return document, repairs


def _name(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "truth value"
        case int() | float():
            return "number"
        case str():
            return "string"
        case _:
            return "array"
