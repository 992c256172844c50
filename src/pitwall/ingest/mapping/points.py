"""The view that turns staged OTLP metrics into rows of `points_in`: one a data point, whatever its type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pitwall.ingest.mapping.flatten import (
    RESOURCE_COLUMNS,
    attribute_map_sql,
    fixed_sql,
    masked_name_sql,
    resource_scopes_select,
)
from pitwall.ingest.mapping.masking import Rule
from pitwall.ingest.mapping.sql import element, select


@dataclass(frozen=True, slots=True)
class _Kind:
    """One arm of the oneof `Metric.data`, and where its points keep what the columns need."""

    member: str
    number: int
    has_temporality: bool = False
    is_number: bool = False
    has_range: bool = False
    is_histogram: bool = False
    is_exponential: bool = False
    is_summary: bool = False


_KINDS: Final = (
    _Kind("gauge", 1, is_number=True),
    _Kind("sum", 2, has_temporality=True, is_number=True),
    _Kind("histogram", 3, has_temporality=True, has_range=True, is_histogram=True),
    _Kind("exponential_histogram", 4, has_temporality=True, has_range=True, is_exponential=True),
    _Kind("summary", 5, is_summary=True),
)
_NO_NUMBER: Final = "CAST(NULL, 'Nullable(Float64)')"
_NO_COUNTS: Final = "CAST([], 'Array(UInt64)')"
_NO_EXEMPLARS: Final = (
    "CAST([], 'Array(Tuple(DateTime64(9, \\'UTC\\'), Float64, FixedString(16), FixedString(8)))')"
)
_FIELDS: Final = (
    "kind", "temporality", "is_monotonic", "attributes", "started", "at",
    "value", "count", "sum", "min", "max", "bucket_bounds", "bucket_counts", "scale", "zero_count",
    "positive_offset", "positive_counts", "negative_offset", "negative_counts", "quantiles", "exemplars",
)  # fmt: skip


def points_select(source: str, rules: tuple[Rule, ...]) -> str:
    """SELECT with the columns of `points_in` from staged metric requests of `source`."""
    header = {name: name for name in ("project", "log_position", "received_unix_nano")}
    scopes = resource_scopes_select(
        f"SELECT * FROM {source}", "resource_metrics", "scope_metrics", header, rules
    )
    metrics = select(
        {
            **header,
            **RESOURCE_COLUMNS,
            "scope_name": masked_name_sql(element("group", "scope", "name"), rules),
            "scope_version": masked_name_sql(element("group", "scope", "version"), rules),
            "m": f"arrayJoin({element('group', 'metrics')})",
        },
        f"({scopes})",
    )
    lists = ", ".join(_points_sql(kind) for kind in _KINDS)
    points = select({"*": "*", "p": f"arrayJoin(arrayConcat({lists}))"}, f"({metrics})")
    return select(_columns(rules), f"({points})")


def _points_sql(kind: _Kind) -> str:
    """Array of uniform tuples, one for each data point of the kind."""
    data = element("m", kind.member)
    # Values that belong to the metric, not to the point, are captured by the lambda.
    members = {
        name: f"tupleElement(d, '{name}')"
        for name in ("attributes", "start_time_unix_nano", "time_unix_nano")
    }
    values = [
        str(kind.number),
        f"toUInt8({element(data, 'aggregation_temporality')})" if kind.has_temporality else "toUInt8(0)",
        element(data, "is_monotonic") if kind.member == "sum" else "false",
        *members.values(),
        *_value_members(kind),
    ]
    return f"arrayMap(d -> tuple({', '.join(values)}), {element(data, 'data_points')})"


def _value_members(kind: _Kind) -> list[str]:
    def of(*path: str) -> str:
        return element("d", *path)

    exponential = kind.is_exponential
    return [
        f"ifNull({of('as_double')}, toFloat64({of('as_int')}))" if kind.is_number else _NO_NUMBER,
        "toUInt64(0)" if kind.is_number else of("count"),
        _NO_NUMBER if kind.is_number else f"toNullable({of('sum')})",
        of("min") if kind.has_range else _NO_NUMBER,
        of("max") if kind.has_range else _NO_NUMBER,
        of("explicit_bounds") if kind.is_histogram else "CAST([], 'Array(Float64)')",
        of("bucket_counts") if kind.is_histogram else _NO_COUNTS,
        of("scale") if exponential else "toInt32(0)",
        of("zero_count") if exponential else "toUInt64(0)",
        of("positive", "offset") if exponential else "toInt32(0)",
        of("positive", "bucket_counts") if exponential else _NO_COUNTS,
        of("negative", "offset") if exponential else "toInt32(0)",
        of("negative", "bucket_counts") if exponential else _NO_COUNTS,
        of("quantile_values")
        if kind.is_summary
        else "CAST([], 'Array(Tuple(quantile Float64, value Float64))')",
        _NO_EXEMPLARS if kind.is_summary else _exemplars_sql(of("exemplars")),
    ]


def _exemplars_sql(exemplars: str) -> str:
    value = f"ifNull({element('e', 'as_double')}, toFloat64({element('e', 'as_int')}))"
    items = (
        f"fromUnixTimestamp64Nano(toInt64({element('e', 'time_unix_nano')}), 'UTC'), ifNull({value}, nan), "
        f"{fixed_sql(element('e', 'trace_id'), 16)}, {fixed_sql(element('e', 'span_id'), 8)}"
    )
    return f"arrayMap(e -> tuple({items}), {exemplars})"


def _columns(rules: tuple[Rule, ...]) -> dict[str, str]:
    p = {name: f"tupleElement(p, {position})" for position, name in enumerate(_FIELDS, start=1)}

    return {
        "project": "project",
        "environment": "environment",
        "service": "service",
        "version": "version",
        **{name: masked_name_sql(element("m", name), rules) for name in ("name", "unit", "description")},
        "type": p["kind"],
        "temporality": p["temporality"],
        "is_monotonic": p["is_monotonic"],
        "started_at": f"fromUnixTimestamp64Nano(toInt64({p['started']}), 'UTC')",
        "at": f"fromUnixTimestamp64Nano(toInt64({p['at']}), 'UTC')",
        "received_at": "fromUnixTimestamp64Milli(intDiv(toInt64(received_unix_nano), 1000000), 'UTC')",
        **{name: p[name] for name in _FIELDS[6:]},
        "attributes": attribute_map_sql(p["attributes"], rules),
        "resource_attributes": "resource",
        "scope_name": "scope_name",
        "scope_version": "scope_version",
        "log_position": "log_position",
    }
