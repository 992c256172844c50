"""Filters on spans: written `column:operator:value`, checked, and turned into SQL with bound values.

    model:eq:qwen2.5:7b          kind:in:llm,tool            duration_ms:gte:1500
    name:contains:chat           session_id:prefix:web-      ttft_ms:is_null
    attributes.http.route:eq:/voc/chat                       attributes.temperature:lt:0.5

Everything after the second colon is the value. `in` takes values separated by commas; `\\,` is a comma in
a value and `\\\\` a backslash. `is_null` takes `true` (the default) or `false`. `contains` and `prefix`
ignore the case of ASCII letters, all else is exact. A list column matches if one of its values does. Several
filters hold for the same span.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pitwall.core.errors import InvalidInput
from pitwall.kit.durations import InvalidInstant, parse_instant
from pitwall.traces.columns import Column, Operator, ValueType, find_column, nearest

MAX_FILTERS: Final = 32
_COMPARISONS: Final = {
    Operator.EQ: "=",
    Operator.NE: "!=",
    Operator.GT: ">",
    Operator.GTE: ">=",
    Operator.LT: "<",
    Operator.LTE: "<=",
}
_ORDERED: Final = frozenset({Operator.GT, Operator.GTE, Operator.LT, Operator.LTE})
_ESCAPED: Final = re.compile(r"\\([\\,])|,")
_FLAGS: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_PARAMETER_TYPES: Final = {
    ValueType.TEXT: "String",
    ValueType.NUMBER: "Float64",
    ValueType.FLAG: "Bool",
    ValueType.TIME: "DateTime64(9, 'UTC')",
}
_SPLIT = "\x00"


class FilterInvalid(InvalidInput):
    """A filter cannot be understood; the message names the column, the operator and the valid ones."""

    default_code = "traces.filter_invalid"


@dataclass(frozen=True, slots=True)
class Filter:
    """One checked condition; `values` are texts as written, one for every operator but `in`."""

    column: Column
    operator: Operator
    values: tuple[str, ...]


@dataclass(slots=True)
class Sql:
    """A condition and the parameters it names.

    Attributes:
        text: SQL that is 0 or 1 for every span.
    """

    text: str
    parameters: dict[str, Any] = field(default_factory=dict)


def parse_filter(text: str, *, now: datetime) -> Filter:
    """Read `column:operator:value`.

    Raises:
        UnknownColumn: Spans have no such column.
        FilterInvalid: The operator or the value does not fit the column.
    """
    name, operator, value = _cut(text)
    if operator == Operator.IN:
        return make_filter(name, operator, _split_values(value), now=now)
    return make_filter(name, operator, [value] if value else [], now=now)


def make_filter(name: str, operator: str, values: Sequence[str], *, now: datetime) -> Filter:
    """Check a condition whose parts are known.

    Args:
        name: Column.
        values: One text; several for `in`; none or `true` / `false` for `is_null`.
        now: What `now` in a time means.

    Raises:
        UnknownColumn: Spans have no such column.
        FilterInvalid: The operator or a value does not fit the column.
    """
    column = find_column(name)
    known = _operator(column, operator)
    if known is Operator.IS_NULL:
        return Filter(column, known, (_flag(column, known, values[0] if values else "true"),))
    if not values or any(value == "" for value in values):
        raise _invalid(column, operator, "has an empty value", "To find spans without one, use is_null.")
    if known is not Operator.IN and len(values) > 1:
        raise _invalid(column, operator, f"takes one value, not {len(values)}", "Use the operator in.")
    return Filter(column, known, tuple(_checked(column, known, value, now) for value in values))


def compile_filters(filters: Sequence[Filter]) -> Sql:
    """Turn filters into one condition; without filters it is true."""
    conditions = [_condition(item, f"f{index}_") for index, item in enumerate(filters)]
    text = " AND ".join(condition.text for condition in conditions) or "1"
    return Sql(text, {name: value for c in conditions for name, value in c.parameters.items()})


def _cut(text: str) -> tuple[str, str, str]:
    name, colon, rest = text.partition(":")
    operator, _, value = rest.partition(":")
    if not colon or not operator:
        raise FilterInvalid(
            f"{text!r} is no filter.",
            hint="Write column:operator:value, such as model:eq:qwen2.5:7b or ttft_ms:is_null.",
            details={"filter": text},
        )
    return name.strip(), operator.strip(), value


def _split_values(text: str) -> list[str]:
    unescaped = _ESCAPED.sub(lambda match: match[1] or _SPLIT, text.replace(_SPLIT, ""))
    return [value for value in unescaped.split(_SPLIT) if value]


def _operator(column: Column, name: str) -> Operator:
    operators = column.operators
    if name in operators:
        return Operator(name)
    what = "is no operator" if name not in list(Operator) else f"does not fit {column.name}"
    raise FilterInvalid(
        f"Operator {name!r} of the filter on {column.name} {what}.",
        hint=f"{column.name} takes {', '.join(operators)}; nearest: {', '.join(nearest(name, operators))}.",
        details={"column": column.name, "operator": name, "operators": list(operators)},
    )


def _checked(column: Column, operator: Operator, value: str, now: datetime) -> str:
    """Return the value in the form that is bound."""
    if column.map_key is not None:
        return _number(column, operator, value) if operator in _ORDERED else value
    match column.type:
        case ValueType.NUMBER:
            return _number(column, operator, value)
        case ValueType.FLAG:
            return _flag(column, operator, value)
        case ValueType.TIME:
            return _instant(column, operator, value, now)
        case ValueType.ID:
            return _id(column, operator, value)
        case ValueType.TEXT:
            return _choice(column, operator, value) if column.choices else value


def _number(column: Column, operator: str, value: str) -> str:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise _invalid(column, operator, f"has {value!r}, which is no number", "Write it like 1500 or 0.25.")
    return repr(number)


def _flag(column: Column, operator: str, value: str) -> str:
    flag = _FLAGS.get(value.lower())
    if flag is None:
        raise _invalid(column, operator, f"has {value!r}", "Write true or false.")
    return str(flag).lower()


def _instant(column: Column, operator: str, value: str, now: datetime) -> str:
    try:
        moment = parse_instant(value, now=now)
    except InvalidInstant as error:
        raise _invalid(column, operator, f"has a value that is no time: {error}", "") from error
    return sql_instant(moment)


def sql_instant(moment: datetime) -> str:
    """Write an aware UTC datetime as the store reads it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def _id(column: Column, operator: str, value: str) -> str:
    digits = value.strip().replace("-", "").lower()
    if len(digits) != 2 * column.id_bytes or re.fullmatch(r"[0-9a-f]+", digits) is None:
        raise _invalid(
            column, operator, f"has {value!r}", f"An id here has {2 * column.id_bytes} hexadecimal digits."
        )
    return digits


def _choice(column: Column, operator: str, value: str) -> str:
    if value not in column.choices:
        raise _invalid(
            column,
            operator,
            f"has {value!r}, which does not occur",
            f"Nearest: {', '.join(nearest(value, column.choices))}; all: {', '.join(column.choices)}.",
        )
    return value


def _invalid(column: Column, operator: str, what: str, hint: str) -> FilterInvalid:
    return FilterInvalid(
        f"Filter {column.name}:{operator} {what}.",
        hint=hint or None,
        details={"column": column.name, "operator": str(operator), "operators": list(column.operators)},
    )


def _condition(item: Filter, prefix: str) -> Sql:
    column = item.column
    parameters: dict[str, Any] = {}
    sql, known = column.sql, column.known
    if column.map_key is not None:
        parameters[f"{prefix}key"] = column.map_key
        sql = f"{column.sql}[{{{prefix}key:String}}]"
        known = f"{sql} != ''"
    if item.operator is Operator.IS_NULL:
        wanted = f"NOT ({known})" if item.values[0] == "true" else known
        return Sql(f"({wanted})", parameters)
    comparison = _comparison(item, "x" if column.is_list else sql, prefix, parameters)
    if column.is_list:
        comparison = f"arrayExists(x -> {comparison}, {sql})"
    return Sql(comparison if _implies_known(item) else f"({known} AND {comparison})", parameters)


def _implies_known(item: Filter) -> bool:
    """Whether a match is a value anyway; a needless condition would hide the comparison from skip indexes."""
    is_text = item.column.type is ValueType.TEXT and not item.column.is_list
    return item.column.known == "1" or (is_text and item.operator is not Operator.NE)


def _comparison(item: Filter, sql: str, prefix: str, parameters: dict[str, Any]) -> str:
    operator = item.operator
    if operator in (Operator.CONTAINS, Operator.PREFIX):
        parameters[f"{prefix}0"] = lower_ascii(item.values[0])
        function = "position({}, {}) > 0" if operator is Operator.CONTAINS else "startsWith({}, {})"
        return function.format(f"lower({sql})", f"{{{prefix}0:String}}")
    values = []
    is_number = item.column.map_key is not None and operator in _ORDERED
    for index, value in enumerate(item.values):
        name = f"{prefix}{index}"
        if item.column.type is ValueType.ID:
            values.append(f"toFixedString(unhex('{value}'), {item.column.id_bytes})")
            continue
        parameters[name] = value
        type_ = "Float64" if is_number else _PARAMETER_TYPES[item.column.type]
        values.append(f"{{{name}:{type_}}}")
    if operator is Operator.IN:
        return f"{sql} IN ({', '.join(values)})"
    if is_number:
        return f"ifNull(toFloat64OrNull({sql}) {_COMPARISONS[operator]} {values[0]}, 0)"
    return f"{sql} {_COMPARISONS[operator]} {values[0]}"


def lower_ascii(text: str) -> str:
    """Lower ASCII letters only, as the engine's `lower` does."""
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)
