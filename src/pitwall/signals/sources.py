"""The columns that signals may read, per source: their types, units and meaning in SQL.

A column's SQL is what its name means on a raw record; NULL there is "not known", and no aggregate ever
counts it. Columns marked as dimensions have few values and may split a signal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pitwall.core.vocabulary import CostSource, ErrorClass, SpanKind, TokenSource
from pitwall.signals.expressions import Source
from pitwall.signals.prices import CACHEABLE_USD, INPUT_USD, IS_PRICED


class Type(StrEnum):
    """What a column holds."""

    TEXT = "text"
    NUMBER = "number"
    TRUTH = "truth"
    MAP = "map"


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column of a source.

    Attributes:
        sql: Its meaning on a raw record.
        unit: Of a number.
        nullable: Whether a record may not know it.
        is_dimension: Whether it has few values, so that it may split a signal.
        values: All values a closed vocabulary has; empty for an open one.
    """

    name: str
    type: Type
    sql: str
    unit: str = ""
    nullable: bool = False
    is_dimension: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A table of raw records: its time column and the columns signals may read."""

    source: Source
    table: str
    time: str
    columns: Mapping[str, ColumnSpec]


def _dimensions(*names: str) -> list[ColumnSpec]:
    return [ColumnSpec(name, Type.TEXT, name, is_dimension=True) for name in names]


def _texts(*names: str) -> list[ColumnSpec]:
    return [ColumnSpec(name, Type.TEXT, name) for name in names]


def _maps(*names: str) -> list[ColumnSpec]:
    return [ColumnSpec(name, Type.MAP, name) for name in names]


def _closed(name: str, values: Iterable[str]) -> ColumnSpec:
    return ColumnSpec(name, Type.TEXT, f"toString({name})", is_dimension=True, values=tuple(values))


def _vocabulary(name: str, values: Iterable[str]) -> ColumnSpec:
    return ColumnSpec(name, Type.TEXT, name, is_dimension=True, values=tuple(values))


def _known_bool(name: str) -> ColumnSpec:
    return ColumnSpec(name, Type.TRUTH, name, nullable=True)


def _not_zero(name: str, unit: str = "") -> ColumnSpec:
    # A number that is never 0 where it is known; 0 is stored where nobody said.
    return ColumnSpec(name, Type.NUMBER, f"nullIf({name}, 0)", unit, nullable=True)


# Tokens count once, on the span that did the work, and only where somebody reported or estimated them.
_TOKENS_KNOWN = "token_source IN ('provider', 'estimated') AND NOT is_usage_rollup"


def _tokens(name: str) -> ColumnSpec:
    return ColumnSpec(name, Type.NUMBER, f"if({_TOKENS_KNOWN}, {name}, NULL)", "token", nullable=True)


def _at_todays_price(name: str, amount: str) -> ColumnSpec:
    sql = f"if({_TOKENS_KNOWN} AND {IS_PRICED}, {amount}, NULL)"
    return ColumnSpec(name, Type.NUMBER, sql, "usd", nullable=True)


_SPAN_COLUMNS = [
    _vocabulary("kind", SpanKind),
    _vocabulary("error_class", ["", *ErrorClass]),
    _closed("status", ("unset", "ok", "error")),
    _closed("token_source", TokenSource),
    _closed("cost_source", CostSource),
    *_dimensions(
        "environment", "service", "version", "provider", "model", "component", "experiment", "variant"
    ),
    *_dimensions(
        "name", "operation", "error_type", "request_model", "response_model", "finish_reason", "company"
    ),
    *_dimensions("agent", "workflow", "tool_name", "prompt_name", "prompt_version", "scope_name", "dialect"),
    *_texts("session_id", "user_id", "request_id", "response_id", "run_id", "status_message"),
    ColumnSpec("is_root", Type.TRUTH, "toBool(parent_span_id = toFixedString('', 8))", is_dimension=True),
    ColumnSpec("duration_ms", Type.NUMBER, "duration_ms", "ms", nullable=True),
    ColumnSpec("ttft_ms", Type.NUMBER, "ttft_ms", "ms", nullable=True),
    *(
        _tokens(f"{name}_tokens")
        for name in ("input", "uncached_input", "cache_read", "cache_write", "output", "reasoning")
    ),
    ColumnSpec(
        "has_tokens",
        Type.TRUTH,
        "multiIf(token_source = 'missing', false, token_source = 'none' OR is_usage_rollup, NULL, true)",
        nullable=True,
    ),
    ColumnSpec("cost_usd", Type.NUMBER, "if(is_usage_rollup, NULL, cost_usd)", "usd", nullable=True),
    _at_todays_price("input_usd", INPUT_USD),
    _at_todays_price("cacheable_usd", CACHEABLE_USD),
    ColumnSpec(
        "is_priced",
        Type.TRUTH,
        "multiIf(is_usage_rollup, NULL, cost_usd IS NOT NULL, true, cost_source = 'unpriced', false, NULL)",
        nullable=True,
    ),
    ColumnSpec("hits", Type.NUMBER, "document_count", "document", nullable=True),
    ColumnSpec("top_k", Type.NUMBER, "top_k", "document", nullable=True),
    _not_zero("embedding_count", "embedding"),
    ColumnSpec("retry_count", Type.NUMBER, "retry_count", "retry", nullable=True),
    _not_zero("http_status"),
    *(_known_bool(name) for name in ("rerank_enabled", "cache_hit", "parse_ok", "is_fallback")),
    *_maps("attributes", "resource_attributes"),
]

# What tells a series of points from others of its name, as Prometheus writes labels; `job` and `instance` are
# the names it has for the service and its process.
_SERIES = (
    "arrayStringConcat(arrayMap((k, v) -> concat(k, '=\"', v, '\"'), "
    "mapKeys(identity), mapValues(identity)), ', ')"
)
_IDENTITY = (
    "mapSort(mapUpdate(CAST(attributes, 'Map(String, String)'), "
    "map('job', toString(service), 'instance', resource_attributes['service.instance.id'])))"
)

_POINT_COLUMNS = [
    ColumnSpec("series", Type.TEXT, _SERIES.replace("identity", _IDENTITY), is_dimension=True),
    *_dimensions("environment", "service", "version", "name", "unit"),
    # The name of a budget whose use Pitwall recorded; empty for every other point.
    ColumnSpec("budget", Type.TEXT, "attributes['budget']", is_dimension=True),
    # The anchors, metric and judge of what Pitwall found about its judges; empty for every other point.
    ColumnSpec("anchors", Type.TEXT, "attributes['anchors']", is_dimension=True),
    ColumnSpec("eval_metric", Type.TEXT, "attributes['eval.metric']", is_dimension=True),
    ColumnSpec("judge", Type.TEXT, "attributes['eval.judge']", is_dimension=True),
    # The names of Pitwall's own probes; empty for every other point.
    ColumnSpec("probe", Type.TEXT, "attributes['probe']", is_dimension=True),
    ColumnSpec("probe_kind", Type.TEXT, "attributes['probe.kind']", is_dimension=True),
    _closed("type", ("gauge", "sum", "histogram", "exponential_histogram", "summary")),
    _closed("temporality", ("unspecified", "delta", "cumulative")),
    ColumnSpec("value", Type.NUMBER, "value", nullable=True),
    ColumnSpec("count", Type.NUMBER, "if(type IN ('gauge', 'sum'), NULL, count)", nullable=True),
    ColumnSpec("sum", Type.NUMBER, "sum", nullable=True),
    *_maps("attributes", "resource_attributes"),
]

_LOG_COLUMNS = [
    *_dimensions("environment", "service", "version", "severity", "event_name"),
    *_texts("body", "request_id"),
    _not_zero("severity_number"),
    *_maps("attributes", "resource_attributes"),
]

_SCORE_COLUMNS = [
    *_dimensions("environment", "service", "name", "label", "source", "evaluator", "error_type"),
    *_texts("session_id", "run_id"),
    ColumnSpec("value", Type.NUMBER, "value", nullable=True),
    *_maps("attributes"),
]


def _source(source: Source, table: str, time: str, columns: list[ColumnSpec]) -> SourceSpec:
    return SourceSpec(source, table, time, {column.name: column for column in columns})


SOURCES: Mapping[Source, SourceSpec] = {
    spec.source: spec
    for spec in (
        _source(Source.SPANS, "spans", "started_at", _SPAN_COLUMNS),
        _source(Source.POINTS, "points", "at", _POINT_COLUMNS),
        _source(Source.LOGS, "logs", "at", _LOG_COLUMNS),
        # The same score sent again replaces the first; only FINAL counts it once.
        _source(Source.SCORES, "scores FINAL", "at", _SCORE_COLUMNS),
    )
}


def dimensions(source: Source) -> list[str]:
    """The columns of a source that may split a signal, in table order."""
    return [column.name for column in SOURCES[source].columns.values() if column.is_dimension]
