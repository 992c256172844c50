"""What fails, most frequent first: failed spans by class, type, and message without what differs each time.

An error that spans hand up to their parents counts once, where it happened: at a failed span none of whose
children failed. Messages are compared in the engine: each of a thousand may hold an id of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.literals import quoted
from pitwall.traces.conditions import UNIX_NANO, selected
from pitwall.traces.engine_settings import QUERY_SETTINGS
from pitwall.traces.types import Selection

_MAX_MESSAGE: Final = 500
# Applied in this order; RE2, so they take time in proportion to the text.
_REPLACED: Final = (
    (r"[a-z][a-z0-9+.-]*://[^\s\"'`<>)\]]+", "<url>"),
    (r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", "<email>"),
    # What stands in quotes; an apostrophe inside a word is none.
    (r"\"[^\"\n]*\"", '"<value>"'),
    (r"`[^`\n]*`", "`<value>`"),
    (r"(^|[^\w])'[^'\n]*'", r"\1'<value>'"),
    (r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b", "<id>"),
    (r"\b(?:0x[0-9a-fA-F]+|[0-9a-fA-F]{12,})\b", "<id>"),
    (r"\b(?:[A-Za-z]+[-_])?[A-Za-z0-9]{5,}[0-9][A-Za-z0-9]{5,}\b", "<id>"),
    (r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b", "<address>"),
    (r"\[[0-9a-fA-F]*:[0-9a-fA-F:.]+\](?::\d+)?", "<address>"),
    (r"\d+(?:[.,:]\d+)*", "<n>"),
    (r"\s+", " "),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorGroup:
    """Failures that are alike; what spans do not say is None.

    Attributes:
        message: With `<n>`, `<id>`, `<url>`, `<address>`, `<email>` and `<value>` for what differs.
        previous_count: In the time of equal length before.
        example_trace_id: Of the newest one; so `example_span_id`.
    """

    error_class: str | None
    error_type: str | None
    message: str | None
    service: str | None
    model: str | None
    name: str
    count: int
    previous_count: int
    first_nano: int
    last_nano: int
    example_trace_id: str
    example_span_id: str


class ErrorRepository:
    """Failures over the telemetry store.

    Args:
        engine: The telemetry store; its calls block.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def groups(
        self, selection: Selection, since_nano: int, until_nano: int, limit: int
    ) -> tuple[list[ErrorGroup], int]:
        """Group the failures of a selection, whose limits these are.

        Returns:
            At most `limit` groups, the most frequent first, and how many failures there are in all.
        """
        both = replace(selection, since_nano=since_nano - (until_nano - since_nano))
        where = selected(both)
        anywhere = selected(replace(both, filters=(), until_nano=None))
        sql = (
            f"SELECT {_KEYS}, countIf(is_now) AS now, countIf(NOT is_now), minIf(at, is_now), "
            "maxIf(at, is_now), argMaxIf((trace_id, span_id), at, is_now), sum(now) OVER () "
            f"FROM (SELECT {_RAW_KEYS}, trace_id, span_id, {UNIX_NANO} AS at, at >= {since_nano} AS is_now "
            f"FROM spans WHERE {where.text} AND status = 'error' AND (trace_id, span_id) NOT IN "
            f"(SELECT trace_id, parent_span_id FROM spans WHERE {anywhere.text} AND status = 'error') "
            "ORDER BY received_at DESC LIMIT 1 BY trace_id, span_id) "
            f"GROUP BY {_KEYS} HAVING now > 0 ORDER BY now DESC, maxIf(at, is_now) DESC LIMIT {limit}"
        )
        parameters = {**anywhere.parameters, **where.parameters}
        rows = self._engine.query(sql, parameters, settings=QUERY_SETTINGS).rows
        return [_group(row) for row in rows], rows[0][-1] if rows else 0


def normalised(message: str) -> str:
    """SQL of a message without what differs each time."""
    sql = f"substringUTF8({message}, 1, {_MAX_MESSAGE})"
    for pattern, replacement in _REPLACED:
        sql = f"replaceRegexpAll({sql}, {quoted(pattern)}, {quoted(replacement)})"
    return f"trimBoth({sql})"


_KEYS: Final = "error_class, error_type, message, service, model, name"
_RAW_KEYS: Final = f"error_class, error_type, {normalised('status_message')} AS message, service, model, name"


def _group(row: tuple[Any, ...]) -> ErrorGroup:
    error_class, error_type, message, service, model, name, count, previous, first, last, example, _ = row
    return ErrorGroup(
        error_class=error_class or None,
        error_type=error_type or None,
        message=message or None,
        service=service or None,
        model=model or None,
        name=name,
        count=count,
        previous_count=previous,
        first_nano=first,
        last_nano=last,
        example_trace_id=example[0].hex(),
        example_span_id=example[1].hex(),
    )
