"""Failed spans where they failed, each once, with their messages without what differs each time.

An error that spans hand up to their parents counts once, where it happened: at a failed span none of whose
children failed. Messages are compared in the engine: each of a thousand may hold an id of its own.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Final

from pitwall.stores.telemetry.literals import quoted
from pitwall.traces.conditions import NANOS_PER_HOUR, UNIX_NANO, joined, selected
from pitwall.traces.filters import Sql
from pitwall.traces.types import Selection

_MAX_MESSAGE: Final = 500
_LONGEST_NANO: Final = 24 * NANOS_PER_HOUR
"""So much later than its parent may a failed child start."""
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
PLACEHOLDERS: Final = ("<url>", "<email>", "<value>", "<id>", "<address>", "<n>")
"""What stands in messages for what differs each time."""
_ID_DIGITS: Final = 32
_SEPARATOR: Final = "\x1f"


def failures(selection: Selection, columns: str, narrowed: Sql | None = None) -> Sql:
    """Write a SELECT of some columns of the failures in a selection.

    Args:
        narrowed: What must hold besides.
    """
    where = joined([selected(selection), *([narrowed] if narrowed else [])])
    anywhere = joined([selected(replace(selection, filters=(), until_nano=None)), *_reached(selection)])
    text = (
        f"SELECT {columns} FROM spans WHERE {where.text} AND status = 'error' AND (trace_id, span_id) NOT IN "
        f"(SELECT trace_id, parent_span_id FROM spans WHERE {anywhere.text} AND status = 'error') "
        "ORDER BY received_at DESC LIMIT 1 BY trace_id, span_id"
    )
    return Sql(text, {**anywhere.parameters, **where.parameters})


def _reached(selection: Selection) -> list[Sql]:
    """Where the children of what is selected may be, at the latest."""
    if selection.until_nano is None:
        return []
    return [Sql(f"started_at < fromUnixTimestamp64Nano({selection.until_nano + _LONGEST_NANO}, 'UTC')")]


def group_id(error_class: str, error_type: str, message: str, service: str) -> str:
    """The id of a group of alike failures: 32 digits of SHA-256 over what makes them alike, '' for absent."""
    told = _SEPARATOR.join((error_class, error_type, message, service))
    return hashlib.sha256(told.encode()).hexdigest()[:_ID_DIGITS]


def normalised(message: str) -> str:
    """SQL of a message without what differs each time."""
    sql = f"substringUTF8({message}, 1, {_MAX_MESSAGE})"
    for pattern, replacement in _REPLACED:
        sql = f"replaceRegexpAll({sql}, {quoted(pattern)}, {quoted(replacement)})"
    return f"trimBoth({sql})"


GROUP_KEYS: Final = "error_class, error_type, message, service"
"""What makes failures alike."""
GROUP_ID: Final = (
    "lower(substring(hex(SHA256(concat("
    f"{f', {quoted(_SEPARATOR)}, '.join(GROUP_KEYS.split(', '))}))), 1, {_ID_DIGITS}))"
)
"""SQL of what `group_id` makes of the keys."""
AT: Final = f"{UNIX_NANO} AS at"
MESSAGE: Final = f"{normalised('status_message')} AS message"
