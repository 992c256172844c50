"""What can be asked of a span: every column a filter may name, its type, and when it has a value at all.

An absent value (an empty text, NULL, token counts nobody reported) is never 0 and never equal to anything: it
matches `is_null` only.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from pitwall.core.errors import InvalidInput
from pitwall.core.vocabulary import CostSource, ErrorClass, SpanKind, TokenSource


class Operator(StrEnum):
    """How a column is compared with a value."""

    EQ = "eq"
    NE = "ne"
    IN = "in"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    CONTAINS = "contains"
    PREFIX = "prefix"
    IS_NULL = "is_null"


class ValueType(StrEnum):
    """What a column holds."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    TIME = "time"
    ID = "id"


_ORDERED: Final = (Operator.GT, Operator.GTE, Operator.LT, Operator.LTE)
_SUBSTRING: Final = (Operator.CONTAINS, Operator.PREFIX)
_EQUALITY: Final = (Operator.EQ, Operator.NE, Operator.IN)
_OPERATORS: Final[Mapping[ValueType, tuple[Operator, ...]]] = {
    ValueType.TEXT: (*_EQUALITY, *_SUBSTRING, Operator.IS_NULL),
    ValueType.NUMBER: (*_EQUALITY, *_ORDERED, Operator.IS_NULL),
    ValueType.FLAG: (Operator.EQ, Operator.NE, Operator.IS_NULL),
    ValueType.TIME: (*_EQUALITY, *_ORDERED, Operator.IS_NULL),
    ValueType.ID: (*_EQUALITY, Operator.IS_NULL),
}
_MAP_PREFIXES: Final = ("attributes.", "resource_attributes.")
_FEW_VALUED: Final = frozenset(
    "http_status retry_count top_k document_count rerank_input_count embedding_count embedding_dimensions "
    "mapping_version masked_count".split()
)
_TOKENS_KNOWN: Final = "token_source IN ('provider', 'estimated')"


class UnknownColumn(InvalidInput):
    """There is no such column to filter by."""

    default_code = "traces.unknown_column"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of spans as filters see it.

    Attributes:
        name: As the user writes it.
        type: What a single value is.
        sql: Expression of the value, of an array if `is_list`.
        known: Condition under which there is a value.
        is_list: The column holds several values; it matches if one of them does.
        choices: All values there are; empty if any value may occur.
        id_bytes: Length of an id.
        map_key: Key in the map column that `sql` names.
    """

    name: str
    type: ValueType
    sql: str
    known: str
    is_list: bool = False
    choices: tuple[str, ...] = ()
    id_bytes: int = 0
    map_key: str | None = None

    @property
    def operators(self) -> tuple[Operator, ...]:
        """The operators that make sense here."""
        if self.map_key is not None:
            return (*_EQUALITY, *_ORDERED, *_SUBSTRING, Operator.IS_NULL)
        if self.choices:
            return (*_EQUALITY, Operator.IS_NULL)
        operators = _OPERATORS[self.type]
        return tuple(o for o in operators if o is not Operator.NE) if self.is_list else operators

    @property
    def has_facet(self) -> bool:
        """Whether counting its values tells anything: not for ids, times, measures and lists."""
        is_counted = self.type in (ValueType.TEXT, ValueType.FLAG) or self.name in _FEW_VALUED
        return is_counted and not self.is_list


def _text(name: str, choices: Iterable[str] = ()) -> Column:
    return Column(name, ValueType.TEXT, name, f"{name} != ''", choices=tuple(choices))


def _enum(name: str, choices: Iterable[str]) -> Column:
    return Column(name, ValueType.TEXT, name, "1", choices=tuple(choices))


def _number(name: str, known: str = "1", sql: str | None = None) -> Column:
    return Column(name, ValueType.NUMBER, sql or name, known)


def _nullable(name: str, sql: str | None = None) -> Column:
    return _number(name, f"{name} IS NOT NULL", sql)


def _flag(name: str, known: str = "1", sql: str | None = None) -> Column:
    return Column(name, ValueType.FLAG, sql or name, known)


def _id(name: str, id_bytes: int) -> Column:
    return Column(name, ValueType.ID, name, f"{name} != toFixedString('', {id_bytes})", id_bytes=id_bytes)


def _list(name: str, type_: ValueType, sql: str, id_bytes: int = 0) -> Column:
    return Column(name, type_, sql, f"notEmpty({sql})", is_list=True, id_bytes=id_bytes)


_COLUMNS: Final = (
    _id("trace_id", 16),
    _id("span_id", 8),
    _id("parent_span_id", 8),
    _flag("is_root", sql="parent_span_id = toFixedString('', 8)"),
    *map(_text, ("environment", "service", "version", "name")),
    _text("kind", SpanKind),
    *map(_text, ("operation", "component")),
    Column("started_at", ValueType.TIME, "started_at", "1"),
    Column("received_at", ValueType.TIME, "received_at", "1"),
    _nullable("duration_ms"),
    _enum("status", ("unset", "ok", "error")),
    _text("error_class", ErrorClass),
    *map(_text, ("error_type", "status_message", "provider", "request_model", "response_model", "model")),
    _number("input_tokens", _TOKENS_KNOWN),
    _number("uncached_input_tokens", _TOKENS_KNOWN),
    _number("cache_read_tokens", _TOKENS_KNOWN),
    _number("cache_write_tokens", _TOKENS_KNOWN),
    _number("cache_write_1h_tokens", _TOKENS_KNOWN),
    _number("output_tokens", _TOKENS_KNOWN),
    _number("reasoning_tokens", _TOKENS_KNOWN),
    _enum("token_source", TokenSource),
    _flag("is_usage_rollup"),
    _nullable("cost_usd", "toFloat64(cost_usd)"),
    _enum("cost_source", CostSource),
    _nullable("reported_cost_usd", "toFloat64(reported_cost_usd)"),
    _text("price_version"),
    _nullable("ttft_ms"),
    *map(_text, ("finish_reason", "session_id", "user_id", "company", "request_id", "response_id")),
    *map(_text, ("agent", "workflow", "tool_name", "tool_call_id", "prompt_name", "prompt_version")),
    *map(_text, ("experiment", "variant", "run_id")),
    _nullable("top_k"),
    _nullable("document_count"),
    _list("document_ids", ValueType.TEXT, "document_ids"),
    _list("document_scores", ValueType.NUMBER, "document_scores"),
    _flag("rerank_enabled", "rerank_enabled IS NOT NULL"),
    _nullable("rerank_input_count"),
    _number("embedding_count", "embedding_count > 0"),
    _number("embedding_dimensions", "embedding_dimensions > 0"),
    _flag("cache_hit", "cache_hit IS NOT NULL"),
    _flag("parse_ok", "parse_ok IS NOT NULL"),
    _flag("is_fallback", "is_fallback IS NOT NULL"),
    _nullable("retry_count"),
    _number("http_status", "http_status > 0"),
    _number("input_bytes", "input_bytes > 0"),
    _number("output_bytes", "output_bytes > 0"),
    *map(_text, ("input_preview", "output_preview", "scope_name", "scope_version")),
    _list("event_names", ValueType.TEXT, "events.name"),
    _list("linked_trace_ids", ValueType.ID, "links.trace_id", 16),
    _number("masked_count"),
    _text("dialect"),
    _number("mapping_version"),
    _number("log_position"),
)
COLUMNS: Final[Mapping[str, Column]] = MappingProxyType({column.name: column for column in _COLUMNS})


def find_column(name: str) -> Column:
    """Return a column by the name a user gave.

    `attributes.KEY` and `resource_attributes.KEY` reach into the maps.

    Raises:
        UnknownColumn: There is none; names the nearest ones.
    """
    for prefix in _MAP_PREFIXES:
        if name.startswith(prefix) and len(name) > len(prefix):
            return Column(name, ValueType.TEXT, prefix[:-1], "", map_key=name.removeprefix(prefix))
    column = COLUMNS.get(name)
    if column is None:
        near = nearest(name, COLUMNS)
        raise UnknownColumn(
            f"Spans have no column {name!r} to filter by.",
            hint=f"Nearest: {', '.join(near)}. Raw attributes are attributes.KEY.",
            details={"column": name, "nearest": near, "columns": sorted(COLUMNS)},
        )
    return column


def nearest(word: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return the known words that look most like a word, best first; always at least one if there are any."""
    words = list(known)
    return difflib.get_close_matches(word, words, count, cutoff=0.4) or difflib.get_close_matches(
        word, words, 1, cutoff=0.0
    )
