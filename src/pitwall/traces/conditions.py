"""The WHERE clauses of lists: a selection, a place in the list and a text, as SQL over `spans`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from pitwall.kit.text import normalise
from pitwall.stores.telemetry.literals import id_literal
from pitwall.traces.filters import Sql, compile_filters, lower_ascii
from pitwall.traces.logged import CONTENT_EVENTS, DETAILS_KEYS, INSTRUCTIONS_KEY
from pitwall.traces.types import Selection, SpanKey

NANOS_PER_HOUR: Final = 3_600_000_000_000
UNIX_NANO: Final = "toUnixTimestamp64Nano(started_at)"
MINUTE: Final = "toStartOfMinute(started_at)"
"""What `spans` and `payloads` are sorted by within a project."""
_LAST_HOUR: Final = (2**32 - 1) // 3600
_LOGGED_AFTER_NANO: Final = NANOS_PER_HOUR
_LOGGED_KEYS: Final = (*DETAILS_KEYS.values(), INSTRUCTIONS_KEY)
_LIKE_SPECIAL: Final = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


def any_of(*conditions: Sql) -> Sql:
    """At least one of the conditions."""
    text = " OR ".join(condition.text for condition in conditions)
    return Sql(f"({text})", {name: value for c in conditions for name, value in c.parameters.items()})


def joined(conditions: Iterable[Sql]) -> Sql:
    """All of the conditions, with the parameters of each."""
    parts = list(conditions)
    text = " AND ".join(part.text for part in parts if part.text != "1") or "1"
    return Sql(text, {name: value for part in parts for name, value in part.parameters.items()})


def instant(name: str) -> str:
    """A bound time in nanoseconds as the store compares it."""
    return f"fromUnixTimestamp64Nano({{{name}:Int64}}, 'UTC')"


def hour(hours: int) -> str:
    """The start of an hour, counted since 1970, as rollups have it: within what seconds in 32 bits reach."""
    return f"toDateTime({min(max(hours, 0), _LAST_HOUR) * 3600}, 'UTC')"


def id_list(ids: Iterable[bytes]) -> str:
    """Ids as the right side of IN."""
    return f"({', '.join(map(id_literal, ids))})"


def selected(selection: Selection) -> Sql:
    """Project, time range, when received, and the filters; not the text."""
    conditions = [Sql("project = {project:String}", {"project": selection.project})]
    if selection.since_nano is not None:
        conditions.append(Sql(f"started_at >= {instant('since')}", {"since": selection.since_nano}))
    if selection.until_nano is not None:
        conditions.append(Sql(f"started_at < {instant('until')}", {"until": selection.until_nano}))
    if selection.received_after_ms is not None:
        text = "received_at > fromUnixTimestamp64Milli({received_after:Int64}, 'UTC')"
        conditions.append(Sql(text, {"received_after": selection.received_after_ms}))
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
    ids = f"({id_literal(key.span_id)}, {id_literal(key.trace_id)})"
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


def text_between(text: str, first_nano: int | None, last_nano: int | None) -> Sql:
    """Spans whose input or output holds a text, looked for in the payloads of a closed time range."""
    return _has_text(text, between(first_nano, last_nano))


def text_of_spans(text: str, spans: Sql, times: Sql) -> Sql:
    """Spans whose input or output holds a text; `spans` and `times` bound those that are looked at."""
    keys = f"(started_at, span_id) IN (SELECT started_at, span_id FROM spans WHERE {spans.text})"
    # From the keys alone the engine would not see where in the payloads they are.
    return _has_text(text, joined([times, Sql(keys, spans.parameters)]))


def logs_with_text(text: str, where: Sql) -> Sql:
    """SELECT of the spans (trace id, span id) of which a log record of `where` holds a text as content."""
    values = ", ".join(map(_searchable, ("body", *(f"attributes['{key}']" for key in _LOGGED_KEYS))))
    match = _like(text, f"lower(arrayStringConcat([{values}], '\\n'))")
    events = ", ".join(f"'{event}'" for event in CONTENT_EVENTS)
    sql = (
        f"SELECT trace_id, span_id FROM logs WHERE project = {{project:String}} AND event_name IN ({events}) "
        f"AND {where.text} AND ({match.text})"
    )
    return Sql(sql, {**match.parameters, **where.parameters})


def logged_between(first_nano: int | None, last_nano: int | None) -> Sql:
    """Log records of spans that started in a time range; they come with the end of a span at the latest."""
    conditions = []
    if first_nano is not None:
        conditions.append(Sql(f"at >= {instant('logged_first')}", {"logged_first": first_nano}))
    if last_nano is not None:
        logged_last = last_nano + _LOGGED_AFTER_NANO
        conditions.append(Sql(f"at <= {instant('logged_last')}", {"logged_last": logged_last}))
    return joined(conditions)


def _searchable(value: str) -> str:
    # Structured values are protobuf in base64; the texts in it stand there as they are.
    return f"if(startsWith({value}, '\\x02'), tryBase64Decode(substring({value}, 3)), {value})"


def _has_text(text: str, where: Sql) -> Sql:
    sides = [_like(text, f"lower({side})") for side in ("input", "output")]
    match = " OR ".join(side.text for side in sides)
    found = f"SELECT trace_id, span_id FROM payloads WHERE project = {{project:String}} AND {where.text}"
    parameters = {**sides[0].parameters, **where.parameters}
    return Sql(f"(trace_id, span_id) IN ({found} AND ({match}))", parameters)


def _like(text: str, lowered: str) -> Sql:
    """Whether a text in lower case holds another one: as written, composed, or as JSON writes it."""
    spellings = [text, normalise(text)]
    spellings += [json.dumps(spelling, ensure_ascii=False)[1:-1] for spelling in spellings]
    spellings += [spelling.replace("/", "\\/") for spelling in spellings]
    needles = list(dict.fromkeys(map(lower_ascii, spellings)))
    parameters = {f"text{i}": f"%{needle.translate(_LIKE_SPECIAL)}%" for i, needle in enumerate(needles)}
    return Sql(" OR ".join(f"{lowered} LIKE {{{name}:String}}" for name in parameters), parameters)
