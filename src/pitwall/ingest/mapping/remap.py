"""Stored spans through the mapping again: after a fix of the tables, or with a newer price book.

Nothing is written here. `remap_select` gives the rows as the current mapping would make them from what is
stored (raw attributes, with long values fetched from `payloads`; what masking or retention removed stays
removed). `recost_select` gives the cost columns alone, from the token columns. Whoever replaces rows must
rebuild the rollups of the hours they touch.
"""

from __future__ import annotations

from typing import Final

from pitwall.ingest.mapping.flatten import pairs_sql, slots_sql
from pitwall.ingest.mapping.normal import cost_columns, facts_select, price_columns, spans_in_select
from pitwall.ingest.mapping.sql import select
from pitwall.ingest.mapping.values import PAYLOAD_MARK

_MARK: Final = f"char({ord(PAYLOAD_MARK)})"
_STATUS_CODES: Final = "transform(toString(status), ['unset', 'ok', 'error'], [0, 1, 2], 0)"
_KEY: Final = ("project", "trace_id", "span_id", "log_position")


def remap_select(condition: str, *, mapping_version: int) -> str:
    """SELECT with the columns of `spans_in` for the stored spans that fulfil `condition` (over `spans`)."""
    rows = select(_row_columns(), f"({_paired(condition)})")
    return spans_in_select(f"({facts_select(f'({rows})')})", mapping_version=mapping_version)


def recost_select(condition: str) -> str:
    """SELECT with the key of each stored span that fulfils `condition` and its cost columns at current
    prices.
    """
    spans = f"(SELECT *, token_source IN ('provider', 'estimated') AS has_usage FROM spans WHERE {condition})"
    priced = select({"*": "*", **price_columns("toDate(started_at)")}, spans)
    costs = cost_columns("reported_cost_usd")
    return select({**{name: name for name in _KEY}, **costs}, f"({priced})")


def _paired(condition: str) -> str:
    """Stored spans with the arrays that `span_rows_in` has."""
    resolved = f"arrayMap(v -> if(startsWith(v, {_MARK}), texts[v], v), mapValues(attributes))"
    event_maps = "tupleElement(events, 'attributes')"
    arrays = {
        "*": "*",
        "keys": "mapKeys(attributes)",
        "vals": resolved,
        "event_keys": f"arrayFlatten(arrayMap(m -> mapKeys(m), {event_maps}))",
        "event_vals": f"arrayFlatten(arrayMap(m -> mapValues(m), {event_maps}))",
    }
    return select(
        {"*": "*", "pairs": pairs_sql("keys", "vals")}, f"({select(arrays, _with_texts(condition))})"
    )


def _with_texts(condition: str) -> str:
    """Stored spans with `texts`: their long values by reference."""
    references = f"arrayFilter(v -> startsWith(v, {_MARK}), mapValues(attributes))"
    key = ", ".join(_KEY)
    wanted = (
        f"SELECT {key}, toStartOfHour(started_at) AS hour, arrayJoin({references}) AS reference "
        f"FROM spans WHERE {condition}"
    )
    found = (
        f"SELECT {key}, mapFromArrays(groupArray(reference), groupArray(text)) AS texts "
        f"FROM ({wanted}) AS wanted "
        "INNER JOIN (SELECT DISTINCT project, hour, hash, text FROM payloads) AS kept "
        "ON wanted.project = kept.project AND wanted.hour = kept.hour "
        f"AND toFixedString(unhex(substring(wanted.reference, 2)), 16) = kept.hash GROUP BY {key}"
    )
    return f"(SELECT * FROM spans WHERE {condition}) AS stored LEFT JOIN ({found}) AS found USING ({key})"


def _row_columns() -> dict[str, str]:
    return {
        "project": "project",
        "log_position": "log_position",
        "received_unix_nano": "toUInt64(toUnixTimestamp64Milli(received_at)) * 1000000",
        "resource": "resource_attributes",
        "service": "service",
        "environment": "environment",
        "version": "version",
        "scope_name": "scope_name",
        "scope_version": "scope_version",
        "trace_id": "trace_id",
        "span_id": "span_id",
        "parent_span_id": "parent_span_id",
        "name": "name",
        "span_kind": "0",
        "start_unix_nano": "toUnixTimestamp64Nano(started_at)",
        "end_unix_nano": "toUnixTimestamp64Nano(started_at) + toInt64(round(duration_ms * 1e6))",
        "status_code": _STATUS_CODES,
        "status_message": "status_message",
        "keys": "keys",
        "vals": "vals",
        **slots_sql("pairs"),
        "masked": "masked_count",
        # What a request showed of wrappers is kept: a span alone cannot tell.
        "wraps_usage": "is_usage_rollup",
        "event_keys": "event_keys",
        "event_vals": "event_vals",
        "events": "events",
        "links": "links",
    }
