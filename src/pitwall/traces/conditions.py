"""The WHERE clauses of lists: a selection, a place in the list and a text, as SQL over `spans`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pitwall.kit.text import normalise
from pitwall.traces.filters import Sql, compile_filters, lower_ascii
from pitwall.traces.types import Selection, SpanKey

NANOS_PER_HOUR: Final = 3_600_000_000_000
UNIX_NANO: Final = "toUnixTimestamp64Nano(started_at)"
_LIKE_SPECIAL: Final = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


def joined(conditions: Iterable[Sql]) -> Sql:
    """All of the conditions, with the parameters of each."""
    parts = list(conditions)
    text = " AND ".join(part.text for part in parts if part.text != "1") or "1"
    return Sql(text, {name: value for part in parts for name, value in part.parameters.items()})


def instant(name: str) -> str:
    """A bound time in nanoseconds as the store compares it."""
    return f"fromUnixTimestamp64Nano({{{name}:Int64}}, 'UTC')"


def literal(value: bytes) -> str:
    """An id as a literal: every byte is escaped, so nothing can be smuggled in.

    Skip indexes do not see through bound arrays, and fifty calls of `unhex` cost more than the reading.
    """
    return "'" + "".join(f"\\x{byte:02x}" for byte in value) + "'"


def id_list(ids: Iterable[bytes]) -> str:
    """Ids as the right side of IN."""
    return f"({', '.join(map(literal, ids))})"


def selected(selection: Selection) -> Sql:
    """Project, time range, what had been received, and the filters; not the text."""
    conditions = [Sql("project = {project:String}", {"project": selection.project})]
    if selection.since_nano is not None:
        conditions.append(Sql(f"started_at >= {instant('since')}", {"since": selection.since_nano}))
    if selection.until_nano is not None:
        conditions.append(Sql(f"started_at < {instant('until')}", {"until": selection.until_nano}))
    return joined([*conditions, received(selection), compile_filters(selection.filters)])


def received(selection: Selection) -> Sql:
    """What had been received when the first page was asked for; true if this is the first page."""
    if selection.received_by_ms is None:
        return Sql("1")
    text = "received_at <= fromUnixTimestamp64Milli({received_by:Int64}, 'UTC')"
    return Sql(text, {"received_by": selection.received_by_ms})


def below(key: SpanKey | None) -> Sql:
    """Spans that come after a key in a list; without ids, all that started before."""
    if key is None:
        return Sql("1")
    if not key.span_id:
        return Sql(f"started_at < {instant('below')}", {"below": key.unix_nano})
    ids = f"({literal(key.span_id)}, {literal(key.trace_id)})"
    text = (
        f"(started_at <= {instant('below')} AND NOT (started_at = {instant('below')} "
        f"AND (span_id, trace_id) >= {ids}))"
    )
    return Sql(text, {"below": key.unix_nano})


def between(first_nano: int | None, last_nano: int | None) -> Sql:
    """Spans that started in a closed range; None is no limit."""
    conditions = []
    if first_nano is not None:
        conditions.append(Sql(f"started_at >= {instant('first')}", {"first": first_nano}))
    if last_nano is not None:
        conditions.append(Sql(f"started_at <= {instant('last')}", {"last": last_nano}))
    return joined(conditions)


def text_in_hours(text: str, first_nano: int, last_nano: int) -> Sql:
    """Spans whose input or output holds a text, looked for in the payloads of the hours of a time range."""
    hours = Sql(
        "hour >= toDateTime({first_hour:Int64}, 'UTC') AND hour <= toDateTime({last_hour:Int64}, 'UTC')",
        {"first_hour": _hour(first_nano), "last_hour": _hour(last_nano)},
    )
    return _has_payload(text, hours)


def text_of_spans(text: str, spans: Sql) -> Sql:
    """Spans whose input or output holds a text; `spans` bounds those that are looked at."""
    keys = (
        "(hour, hash) IN (SELECT toStartOfHour(started_at), arrayJoin([input_hash, output_hash]) "
        f"FROM spans WHERE {spans.text})"
    )
    return _has_payload(text, Sql(keys, spans.parameters))


def _has_payload(text: str, where: Sql) -> Sql:
    needles = list(dict.fromkeys([text, normalise(text)]))
    parameters = {f"text{i}": f"%{lower_ascii(n).translate(_LIKE_SPECIAL)}%" for i, n in enumerate(needles)}
    match = " OR ".join(f"lower(text) LIKE {{{name}:String}}" for name in parameters)
    hashes = f"(SELECT hash FROM payloads WHERE project = {{project:String}} AND {where.text} AND ({match}))"
    return Sql(f"(input_hash IN {hashes} OR output_hash IN {hashes})", {**parameters, **where.parameters})


def _hour(unix_nano: int) -> int:
    return unix_nano // NANOS_PER_HOUR * 3600
