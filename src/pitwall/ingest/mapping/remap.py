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
from pitwall.ingest.mapping.sql import quote, select
from pitwall.ingest.mapping.values import INPUT_REFERENCE, OUTPUT_REFERENCE, PAYLOAD_MARK

_STATUS_CODES: Final = "transform(toString(status), ['unset', 'ok', 'error'], [0, 1, 2], 0)"
_KEY: Final = ("project", "trace_id", "span_id", "log_position")
_SPAN: Final = ("project", "started_at", "trace_id", "span_id")


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
    whole = {
        INPUT_REFERENCE: "whole_input",
        OUTPUT_REFERENCE: "whole_output",
        PAYLOAD_MARK: "long_attributes[k]",
    }
    arms = ", ".join(f"v = {quote(mark)}, {text}" for mark, text in whole.items())
    resolved = f"arrayMap((k, v) -> multiIf({arms}, v), mapKeys(attributes), mapValues(attributes))"
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
    """Stored spans with their whole texts."""
    key = ", ".join(_SPAN)
    spans = f"SELECT * FROM spans WHERE {condition}"
    found = (
        f"SELECT {key}, input AS whole_input, output AS whole_output, attributes AS long_attributes "
        f"FROM payloads WHERE ({key}) IN (SELECT {key} FROM spans WHERE {condition}) "
        f"ORDER BY received_at DESC, mapping_version DESC LIMIT 1 BY {key}"
    )
    return f"({spans}) AS stored LEFT JOIN ({found}) AS found USING ({key})"


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
        "end_unix_nano": "toUnixTimestamp64Nano(started_at) + toInt64(round(ifNull(duration_ms, 0) * 1e6))",
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
