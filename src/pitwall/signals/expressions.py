"""The expression language as values: conditions on a record, aggregates of records, arithmetic.

`str(node)` writes a node in its one normal spelling; the parser reads that spelling back to an equal node.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

Scalar = str | float | bool


class Source(StrEnum):
    """The telemetry a signal looks at."""

    SPANS = "spans"
    POINTS = "points"
    LOGS = "logs"
    SCORES = "scores"


class Function(StrEnum):
    """What an aggregate computes of the records of one window."""

    COUNT = "count"
    RATE = "rate"
    RATIO = "ratio"
    SUM = "sum"
    MEAN = "mean"
    QUANTILE = "quantile"
    MIN = "min"
    MAX = "max"
    LAST = "last"
    DISTINCT = "distinct"
    INCREASE = "increase"


class Operator(StrEnum):
    """Arithmetic between aggregates or signals."""

    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"


@dataclass(frozen=True, slots=True)
class Column:
    """A typed column, or one key of a map column such as `attributes['tenant']`."""

    name: str
    key: str | None = None

    def __str__(self) -> str:
        return self.name if self.key is None else f"{self.name}[{_literal(self.key)}]"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`column op value`; op is one of = != < <= > >= ~ !~, the last two for a regular expression."""

    column: Column
    operator: str
    value: Scalar

    def __str__(self) -> str:
        return f"{self.column} {self.operator} {_literal(self.value)}"


@dataclass(frozen=True, slots=True)
class Membership:
    """`column in (...)`."""

    column: Column
    values: tuple[Scalar, ...]

    def __str__(self) -> str:
        return f"{self.column} in ({', '.join(_literal(value) for value in self.values)})"


@dataclass(frozen=True, slots=True)
class IsNull:
    """`column is null`: the record does not know it."""

    column: Column

    def __str__(self) -> str:
        return f"{self.column} is null"


@dataclass(frozen=True, slots=True)
class Truth:
    """A boolean column by itself."""

    column: Column

    def __str__(self) -> str:
        return str(self.column)


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition

    def __str__(self) -> str:
        return f"not {_nested(self.part)}"


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Condition, ...]

    def __str__(self) -> str:
        return " and ".join(_nested(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Condition, ...]

    def __str__(self) -> str:
        return " or ".join(_nested(part) for part in self.parts)


Condition = Comparison | Membership | IsNull | Truth | Not | And | Or


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One number of the records of a window.

    Attributes:
        function: What is computed.
        argument: The column it is computed of; None for count, rate and ratio.
        condition: What is counted by count, rate and ratio; which records take part for the others.
        base: `of` in `ratio(a of b)`: the records the share is taken of.
        level: The p of `quantile(p, column)`, between 0 and 1.
        across: For `last(column, sum)`: how the last values of several series of points are put together.
    """

    function: Function
    argument: Column | None = None
    condition: Condition | None = None
    base: Condition | None = None
    level: float | None = None
    across: Function | None = None

    def __str__(self) -> str:
        return f"{self.function}({self._arguments()})"

    def _arguments(self) -> str:
        if self.argument is None:
            shown = "" if self.condition is None else str(self.condition)
            return shown if self.base is None else f"{shown} of {self.base}"
        parts = [str(self.argument)]
        if self.level is not None:
            parts.insert(0, _literal(self.level))
        if self.across is not None:
            parts.append(str(self.across))
        listed = ", ".join(parts)
        return listed if self.condition is None else f"{listed} where {self.condition}"


@dataclass(frozen=True, slots=True)
class Reference:
    """Another signal by its name."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Number:
    value: float

    def __str__(self) -> str:
        return _literal(self.value)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    operator: Operator
    left: Value
    right: Value

    def __str__(self) -> str:
        return f"{_operand(self.left)} {self.operator} {_operand(self.right)}"


@dataclass(frozen=True, slots=True)
class MovingMean:
    """The mean of the known values of the last `windows` windows, this one included."""

    windows: int
    value: Value

    def __str__(self) -> str:
        return f"moving_mean({self.windows}, {self.value})"


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts by bucket: `histogram(hits, 0, 1, 5)` has the buckets 0, 1, 2-5 and 6+."""

    argument: Column
    bounds: tuple[float, ...]
    condition: Condition | None = None

    def __str__(self) -> str:
        listed = ", ".join([str(self.argument), *(_literal(bound) for bound in self.bounds)])
        return f"histogram({listed}{_where(self.condition)})"


@dataclass(frozen=True, slots=True)
class TopK:
    """Counts by the values of a dimension; all but the `size` most frequent ones are `(other)`."""

    size: int
    dimension: Column
    condition: Condition | None = None

    def __str__(self) -> str:
        return f"topk({self.size}, {self.dimension}{_where(self.condition)})"


@dataclass(frozen=True, slots=True)
class Share:
    """The part that each value of a dimension has in the count of all: `share(model)`."""

    dimension: Column
    condition: Condition | None = None

    def __str__(self) -> str:
        return f"share({self.dimension}{_where(self.condition)})"


Breakdown = Histogram | TopK | Share
Value = Aggregate | Reference | Number | Arithmetic | MovingMean | Breakdown


@dataclass(frozen=True, slots=True)
class Over:
    """Which records a signal looks at."""

    source: Source
    condition: Condition | None = None

    def __str__(self) -> str:
        return f"{self.source}{_where(self.condition)}"


def conjunction(*conditions: Condition | None) -> Condition | None:
    """Join conditions with `and`, flattening and dropping the absent ones; None if none is left."""
    parts: list[Condition] = []
    for condition in conditions:
        parts += conjuncts(condition)
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def conjuncts(condition: Condition | None) -> list[Condition]:
    """The parts that must all hold."""
    if condition is None:
        return []
    if isinstance(condition, And):
        return [leaf for part in condition.parts for leaf in conjuncts(part)]
    return [condition]


def columns_of(condition: Condition | None) -> Iterator[Column]:
    """Every column a condition reads, in reading order."""
    match condition:
        case None:
            return
        case And(parts) | Or(parts):
            for part in parts:
                yield from columns_of(part)
        case Not(part):
            yield from columns_of(part)
        case _:
            yield condition.column


def aggregates_of(value: Value) -> Iterator[Aggregate]:
    """Every aggregate of a value, left to right."""
    match value:
        case Aggregate():
            yield value
        case Arithmetic(_, left, right):
            yield from aggregates_of(left)
            yield from aggregates_of(right)
        case MovingMean(_, inner):
            yield from aggregates_of(inner)
        case _:
            return


def references_of(value: Value) -> Iterator[str]:
    """Every signal a value refers to, left to right."""
    match value:
        case Reference(name):
            yield name
        case Arithmetic(_, left, right):
            yield from references_of(left)
            yield from references_of(right)
        case MovingMean(_, inner):
            yield from references_of(inner)
        case _:
            return


def _nested(condition: Condition) -> str:
    return f"({condition})" if isinstance(condition, And | Or) else str(condition)


def _operand(value: Value) -> str:
    return f"({value})" if isinstance(value, Arithmetic) else str(value)


def _where(condition: Condition | None) -> str:
    return "" if condition is None else f" where {condition}"


def _literal(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(int(value)) if value == int(value) else repr(value)
