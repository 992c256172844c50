"""Static checks of expressions against the columns of a source: names, types, vocabularies, units."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import NoReturn

from pitwall.signals.errors import ExpressionInvalid
from pitwall.signals.expressions import (
    Aggregate,
    And,
    Arithmetic,
    Breakdown,
    Column,
    Comparison,
    Condition,
    Function,
    Histogram,
    IsNull,
    Membership,
    MovingMean,
    Not,
    Number,
    Operator,
    Or,
    Reference,
    Scalar,
    Share,
    Source,
    TopK,
    Truth,
    Value,
)
from pitwall.signals.sources import SOURCES, ColumnSpec, Type, dimensions
from pitwall.signals.units import ITEM, RATIO, Unit, parse_unit

_BEYOND_RE2 = re.compile(r"\(\?(?:[=!]|<[=!]|P=|>)|\\[1-9]|[*+?}]\+")
_POINTS_ONLY = frozenset({Function.INCREASE})
_NUMERIC = frozenset(
    {
        Function.SUM,
        Function.MEAN,
        Function.QUANTILE,
        Function.MIN,
        Function.MAX,
        Function.LAST,
        Function.INCREASE,
    }
)


def find_column(source: Source, column: Column) -> ColumnSpec:
    """The specification of a column.

    Raises:
        ExpressionInvalid: The source has no such column; the nearest name is in the hint.
    """
    columns = SOURCES[source].columns
    spec = columns.get(column.name)
    if spec is None:
        raise ExpressionInvalid(
            f"{source} have no column {column.name!r}.", hint=suggestion(column.name, columns)
        )
    if (spec.type is Type.MAP) != (column.key is not None):
        form = f"{column.name}['some key']" if spec.type is Type.MAP else column.name
        raise ExpressionInvalid(f"Column {column} of {source} is written {form}.")
    return spec


def nearest_names(name: str, known: Iterable[str]) -> list[str]:
    """The known names that are spelt most like a name, at most three."""
    return get_close_matches(name, list(known), n=3, cutoff=0.5)


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known names; empty if none is near."""
    near = nearest_names(name, known)
    return f"Did you mean {' or '.join(near)}?" if near else ""


def suggestion(name: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known names, or all of them."""
    names = sorted(known)
    return nearest(name, names) or f"Known are {', '.join(names)}."


def check_condition(source: Source, condition: Condition | None) -> None:
    """Check names, types and vocabularies of a condition.

    Raises:
        ExpressionInvalid: A column is unknown, a comparison mixes types, or a value can never occur.
    """
    match condition:
        case None:
            return
        case And(parts) | Or(parts):
            for part in parts:
                check_condition(source, part)
        case Not(part):
            check_condition(source, part)
        case IsNull(column):
            find_column(source, column)
        case Truth(column):
            if find_column(source, column).type is not Type.TRUTH:
                raise ExpressionInvalid(f"Column {column} is not true or false; compare it with something.")
        case Comparison(column, operator, value):
            _check_comparison(find_column(source, column), operator, [value])
        case Membership(column, values):
            _check_comparison(find_column(source, column), "in", values)


def check_dimension(source: Source, name: str) -> None:
    """Check that a column may split a signal.

    Raises:
        ExpressionInvalid: It is unknown or has too many values for that.
    """
    if not find_column(source, Column(name)).is_dimension:
        raise ExpressionInvalid(
            f"Column {name!r} of {source} has too many values to split by.",
            hint=f"Dimensions are {', '.join(dimensions(source))}.",
        )


def check_value(source: Source, value: Value) -> None:
    """Check a value expression over a source.

    Raises:
        ExpressionInvalid: A column or its type is wrong, or the expression refers to other signals.
    """
    match value:
        case Aggregate():
            _check_aggregate(source, value)
        case Arithmetic(_, left, right):
            _check_operand(source, left)
            _check_operand(source, right)
        case MovingMean(_, inner):
            _check_operand(source, inner)
        case Histogram(argument, _, condition):
            _require_number(source, argument, "histogram")
            check_condition(source, condition)
        case TopK(_, dimension, condition) | Share(dimension, condition):
            check_dimension(source, dimension.name)
            check_condition(source, condition)
        case Reference(name):
            raise ExpressionInvalid(
                f"{name!r} is no aggregate of {source}.",
                hint="A formula over other signals has no `over`; an aggregate is written like count().",
            )
        case Number():
            return


def _check_operand(source: Source, value: Value) -> None:
    if isinstance(value, Breakdown):
        raise ExpressionInvalid(f"{value} has many values per window and can only stand alone.")
    check_value(source, value)


def unit_of(source: Source | None, value: Value, unit_of_signal: Callable[[str], Unit | None]) -> Unit | None:
    """Derive the unit of a value; None if it cannot be known.

    Args:
        source: What aggregates look at; None in a formula over signals.
        value: A checked value.
        unit_of_signal: Unit of another signal by its name.

    Raises:
        ExpressionInvalid: Numbers of different units are added or subtracted.
    """
    match value:
        case Aggregate():
            return _unit_of_aggregate(source, value)
        case Reference(name):
            return unit_of_signal(name)
        case Number():
            return Unit({}, None)
        case MovingMean(_, inner):
            return unit_of(source, inner, unit_of_signal)
        case Histogram() | TopK():
            return ITEM
        case Share():
            return RATIO
        case Arithmetic(operator, left, right):
            return _combine(
                value,
                operator,
                unit_of(source, left, unit_of_signal),
                unit_of(source, right, unit_of_signal),
            )


def _combine(value: Value, operator: Operator, left: Unit | None, right: Unit | None) -> Unit | None:
    if left is None or right is None:
        return None
    if operator in (Operator.MULTIPLY, Operator.DIVIDE):
        return left.combined(operator, right)
    if not left.fits(right):
        raise ExpressionInvalid(
            f"Units do not match in {value}: both sides of {operator} must measure the same."
        )
    return left


def _unit_of_aggregate(source: Source | None, aggregate: Aggregate) -> Unit | None:
    if aggregate.function is Function.RATIO:
        return RATIO
    if aggregate.function in (Function.COUNT, Function.RATE, Function.DISTINCT):
        return ITEM
    if source is None or aggregate.argument is None:
        return None
    unit = find_column(source, aggregate.argument).unit
    return parse_unit(unit) if unit else None


def _check_aggregate(source: Source, aggregate: Aggregate) -> None:
    check_condition(source, aggregate.condition)
    check_condition(source, aggregate.base)
    if aggregate.function in _POINTS_ONLY and source is not Source.POINTS:
        raise ExpressionInvalid(f"{aggregate.function}() is for points, not for {source}.")
    if aggregate.across is not None and source is not Source.POINTS:
        raise ExpressionInvalid(f"{aggregate} puts series of points together; {source} have none.")
    if aggregate.argument is None:
        return
    if aggregate.function in _NUMERIC:
        _require_number(source, aggregate.argument, str(aggregate.function))
    else:
        find_column(source, aggregate.argument)


def _require_number(source: Source, column: Column, function: str) -> None:
    if find_column(source, column).type is not Type.NUMBER:
        raise ExpressionInvalid(f"{function}() needs a number; column {column} of {source} is none.")


def _check_comparison(spec: ColumnSpec, operator: str, values: Iterable[Scalar]) -> None:
    expected = {Type.TEXT: str, Type.MAP: str, Type.NUMBER: float, Type.TRUTH: bool}[spec.type]
    for value in values:
        if operator in ("~", "!~"):
            _check_pattern(spec, value)
            continue
        if type(value) is not expected:
            _mismatch(spec, value)
        if spec.values and value not in spec.values:
            raise ExpressionInvalid(
                f"{spec.name} {operator} {value!r} makes no sense: {spec.name} never has that value.",
                hint=f"Its values are {', '.join(repr(known) for known in spec.values)}.",
            )
    if spec.type is Type.TRUTH and operator not in ("=", "!="):
        raise ExpressionInvalid(
            f"Column {spec.name} is true or false; it cannot be compared with {operator}."
        )


def _check_pattern(spec: ColumnSpec, value: Scalar) -> None:
    """Refuse what the store's regular expressions (RE2) cannot do, and what is none."""
    if spec.type not in (Type.TEXT, Type.MAP) or not isinstance(value, str):
        raise ExpressionInvalid(f"Column {spec.name} holds a {spec.type}; ~ is for texts.")
    try:
        re.compile(value)
    except re.error as error:
        raise ExpressionInvalid(f"{value!r} is no regular expression: {error}.") from error
    if _BEYOND_RE2.search(value):
        raise ExpressionInvalid(f"{value!r} looks around or back, which regular expressions here cannot.")


def _mismatch(spec: ColumnSpec, value: Scalar) -> NoReturn:
    kind = "text" if spec.type is Type.MAP else spec.type
    raise ExpressionInvalid(f"Column {spec.name} holds a {kind}, which cannot be compared with {value!r}.")
