"""Pieces of SQL: conditions with bound parameters, aggregates with an optional condition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from pitwall.signals.expressions import (
    And,
    Column,
    Comparison,
    Condition,
    IsNull,
    Membership,
    Not,
    Or,
    Scalar,
    Source,
    Truth,
)
from pitwall.signals.sources import SOURCES, Type
from pitwall.signals.windows import EPOCH

ColumnSql = Callable[[Column], str]


class Parameters:
    """Server-side parameters of one statement; `bind` returns the placeholder of a value."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def bind(self, value: Scalar) -> str:
        """Keep a literal under a fresh name."""
        kind = "Bool" if isinstance(value, bool) else "String" if isinstance(value, str) else "Float64"
        return self.named(f"p{len(self.values)}", value, kind)

    def named(self, name: str, value: Scalar | int, kind: str) -> str:
        """Keep a value under a name of its own."""
        self.values[name] = value
        return f"{{{name}:{kind}}}"


def unix_nano(moment: datetime) -> int:
    """Nanoseconds since 1970."""
    return round((moment - EPOCH) / timedelta(microseconds=1)) * 1000


def records_between(
    time: str, project: str, start: datetime, end: datetime, parameters: Parameters
) -> list[str]:
    """Conditions on raw records: those of a project that happened in `[start, end)`."""
    since = parameters.named("since", unix_nano(start), "Int64")
    until = parameters.named("until", unix_nano(end), "Int64")
    return [
        f"project = {parameters.named('project', project, 'String')}",
        f"{time} >= fromUnixTimestamp64Nano({since}, 'UTC')",
        f"{time} < fromUnixTimestamp64Nano({until}, 'UTC')",
    ]


def condition_sql(condition: Condition, column_sql: ColumnSql, parameters: Parameters) -> str:
    """Write a checked condition in SQL; NULL means that the record does not know."""

    def write(part: Condition) -> str:
        return condition_sql(part, column_sql, parameters)

    match condition:
        case And(parts):
            return "(" + " AND ".join(write(part) for part in parts) + ")"
        case Or(parts):
            return "(" + " OR ".join(write(part) for part in parts) + ")"
        case Not(part):
            return f"(NOT {write(part)})"
        case Comparison(column, "~" | "!~" as operator, value):
            # The whole text has to match, and `.` is any character, as Prometheus means it.
            matches = f"match({column_sql(column)}, {parameters.bind(f'^(?s:{value})$')})"
            return matches if operator == "~" else f"(NOT {matches})"
        case Comparison(column, operator, value):
            return f"({column_sql(column)} {operator} {parameters.bind(value)})"
        case Membership(column, values):
            listed = ", ".join(parameters.bind(value) for value in values)
            return f"({column_sql(column)} IN ({listed}))"
        case IsNull(column):
            return f"({column_sql(column)} IS NULL)"
        case Truth(column):
            return f"({column_sql(column)})"


def raw_column(source: Source, parameters: Parameters) -> ColumnSql:
    """How a column of raw records is written; a missing key of a map column reads as an empty text."""

    def write(column: Column) -> str:
        spec = SOURCES[source].columns[column.name]
        return spec.sql if column.key is None else f"{spec.sql}[{parameters.bind(column.key)}]"

    return write


def label_sql(source: Source, column: Column, expression: str) -> str:
    """How a dimension is written where it splits: always a text."""
    is_truth = SOURCES[source].columns[column.name].type is Type.TRUTH
    return f"toString({expression})" if is_truth else expression


def bucket_sql(argument: str, bounds: Sequence[float], parameters: Parameters) -> str:
    """How the number of the histogram bucket that a value falls in is written, from 0."""
    cases = [f"{argument} <= {parameters.bind(bound)}, {number}" for number, bound in enumerate(bounds)]
    return f"multiIf({', '.join(cases)}, {len(bounds)})"


def aggregated(function: str, argument: str, condition: str | None, *, levels: str = "") -> str:
    """`function(argument)` of the records for which the condition holds."""
    if condition is None:
        return f"{function}{levels}({argument})"
    listed = f"{argument}, {condition}" if argument else condition
    return f"{function}If{levels}({listed})"


def both(*conditions: str | None) -> str | None:
    """Conditions joined with AND; None if there is none."""
    present = [condition for condition in conditions if condition is not None]
    return " AND ".join(present) or None
