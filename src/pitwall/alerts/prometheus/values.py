"""Vectors of PromQL as values of the signal language.

A vector is one number per label set. Pitwall computes the same number of the points of a window, split by the
same labels: by every label of a series where PromQL keeps them all, else by those that it names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import promql_parser as promql

from pitwall.alerts.prometheus.types import Reason, Refused
from pitwall.signals.expressions import Source
from pitwall.signals.sources import SOURCES

LOOK_BACK = timedelta(minutes=5)
"""How old a sample may be that Prometheus takes for the present one."""

WHOLE_SERIES = ("service", "instance", "series")
_COLUMNS = frozenset(SOURCES[Source.POINTS].columns)
_ACROSS = {"sum": "sum", "min": "min", "max": "max", "avg": "mean"}
_OVER_TIME = {
    "avg_over_time": "mean",
    "min_over_time": "min",
    "max_over_time": "max",
    "sum_over_time": "sum",
    "last_over_time": "last",
}
_INSTANCE = "resource_attributes['service.instance.id']"
_PARTS_OF_HISTOGRAMS = re.compile(r"_(bucket|count|sum)$")
_IF_PART = "if {metric} is a part of a histogram or summary, which is one metric here, it has no data"
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,63}")
_OF_TIME = frozenset({"time", "timestamp", "hour", "minute", "month", "year", "day_of_week", "day_of_month"})
_OPERATORS = (
    (promql.MatchOp.Equal, "="),
    (promql.MatchOp.NotEqual, "!="),
    (promql.MatchOp.Re, "~"),
    (promql.MatchOp.NotRe, "!~"),
)


@dataclass(frozen=True, slots=True)
class Vector:
    """A value per label set.

    Attributes:
        text: The value in the signal language, tight enough to stand in a product.
        by: Labels that split it; `WHOLE_SERIES` for each series by itself.
        metrics: Names of the metrics it looks at.
        windows: The ranges it looks at; none for samples of the present.
        per_second: How often it was divided by the seconds of its range.
        is_ratio: Whether it is one vector by another and nothing else.
        divides: Whether it has a denominator that may be 0.
        only_increases: Whether it is computed of increases alone.
        labels: What labels of `by` read that are no columns.
        function: `last` or `increase` of the points that meet `condition`, if it is nothing else.
        notes: Where the value may differ from what Prometheus has.
    """

    text: str
    by: tuple[str, ...]
    metrics: frozenset[str]
    windows: frozenset[timedelta] = frozenset()
    per_second: int = 0
    only_increases: bool = False
    is_ratio: bool = False
    divides: bool = False
    function: str = ""
    condition: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selector:
    """Which points a selector takes, as a condition."""

    metric: str
    condition: str

    def where(self) -> str:
        """The condition with the name of the metric."""
        name = f"name = {quoted(self.metric)}"
        return f"{name} and {self.condition}" if self.condition else name


def label_of(name: str) -> tuple[str, str | None]:
    """What a Prometheus label is called here, and what it reads if it is no column."""
    if name == "job":
        return "service", None
    if name == "instance":
        return "instance", _INSTANCE
    if not _LABEL.fullmatch(name):
        raise Refused(Reason.LABEL, f"the label {name!r} is no name")
    label = f"{name}_label" if name in _COLUMNS else name
    return label, f"attributes[{quoted(name)}]"


def column_of(name: str) -> str:
    """The column that a Prometheus label is in."""
    label, column = label_of(name)
    return column or label


def quoted(text: str) -> str:
    """A text literal."""
    return "'" + text.replace("'", "''") + "'"


def selector_of(expression: promql.VectorSelector) -> Selector:
    """Read a selector.

    Raises:
        Refused: It has an offset, a moment, alternatives, or no fixed name.
    """
    if expression.offset is not None or expression.at is not None:
        raise Refused(Reason.OFFSET, "it compares with another time (offset or @)")
    if expression.matchers.or_matchers:
        raise Refused(Reason.LABEL, "its selector has alternatives (or)")
    if not expression.name:
        raise Refused(Reason.METRIC_NAME, "it selects metrics by a pattern of their names")
    return Selector(expression.name, " and ".join(map(_matcher, expression.matchers.matchers)))


def _matcher(matcher: promql.Matcher) -> str:
    if matcher.name == "__name__":
        raise Refused(Reason.METRIC_NAME, "it selects metrics by a pattern of their names")
    if matcher.name in ("le", "quantile"):
        raise Refused(Reason.HISTOGRAM, f"it selects {matcher.name} of a histogram or summary")
    operator = next(text for kind, text in _OPERATORS if kind == matcher.op)
    return f"{column_of(matcher.name)} {operator} {quoted(matcher.value)}"


def sample(expression: promql.VectorSelector) -> Vector:
    """The present sample of each series."""
    selector = selector_of(expression)
    if selector.metric.endswith("_bucket"):
        raise Refused(
            Reason.HISTOGRAM, f"{selector.metric} is a part of a histogram, which is one metric here"
        )
    is_part = _PARTS_OF_HISTOGRAMS.search(selector.metric) is not None
    return Vector(
        text=f"last(value where {selector.where()})",
        by=WHOLE_SERIES,
        metrics=frozenset({selector.metric}),
        function="last",
        condition=selector.where(),
        notes=(_IF_PART.format(metric=selector.metric),) if is_part else (),
    )


def call(expression: promql.Call) -> Vector:
    """A function of a range of each series."""
    name = expression.func.name
    if name in ("rate", "increase"):
        return _increase(expression.args[0], is_rate=name == "rate")
    if name in _OVER_TIME:
        selector, window = _range(expression.args[0])
        text = f"{_OVER_TIME[name]}(value where {selector.where()})"
        return Vector(text, WHOLE_SERIES, frozenset({selector.metric}), frozenset({window}))
    if name == "count_over_time":
        selector, window = _range(expression.args[0])
        return Vector(
            f"count({selector.where()})", WHOLE_SERIES, frozenset({selector.metric}), frozenset({window})
        )
    if name == "quantile_over_time":
        return _quantile(expression)
    if name.startswith("histogram_"):
        raise Refused(Reason.HISTOGRAM, f"{name}() reads buckets, which the signal language does not")
    if name in _OF_TIME:
        raise Refused(Reason.TIME, f"{name}() computes with the time of the clock")
    raise Refused(Reason.FUNCTION, f"there is nothing like {name}() in the signal language")


def _quantile(expression: promql.Call) -> Vector:
    level = expression.args[0]
    if not isinstance(level, promql.NumberLiteral) or not 0 < level.val < 1:
        raise Refused(Reason.FUNCTION, "quantile_over_time() needs a number between 0 and 1")
    selector, window = _range(expression.args[1])
    text = f"quantile({level.val!r}, value where {selector.where()})"
    return Vector(text, WHOLE_SERIES, frozenset({selector.metric}), frozenset({window}))


def _increase(argument: Any, *, is_rate: bool) -> Vector:
    selector, window = _range(argument)
    if _PARTS_OF_HISTOGRAMS.search(selector.metric):
        raise Refused(
            Reason.HISTOGRAM,
            f"{selector.metric} is a part of a histogram or summary, which is one metric here",
        )
    return Vector(
        text=f"increase(value where {selector.where()})",
        by=WHOLE_SERIES,
        metrics=frozenset({selector.metric}),
        windows=frozenset({window}),
        per_second=int(is_rate),
        only_increases=True,
        function="increase",
        condition=selector.where(),
    )


def _range(argument: Any) -> tuple[Selector, timedelta]:
    while isinstance(argument, promql.ParenExpr):
        argument = argument.expr
    if isinstance(argument, promql.SubqueryExpr):
        raise Refused(Reason.SUBQUERY, "it has a subquery")
    if not isinstance(argument, promql.MatrixSelector):
        raise Refused(Reason.FUNCTION, "a function of a range is given something else")
    selector = selector_of(argument.vector_selector)
    if selector.metric.endswith("_bucket"):
        raise Refused(
            Reason.HISTOGRAM, f"{selector.metric} is a part of a histogram, which is one metric here"
        )
    return selector, argument.range


def aggregate(operator: str, inner: Vector, labels: tuple[str, ...]) -> Vector:
    """A vector put together over all series that share labels.

    Raises:
        Refused: What is put together is not one sample or one increase of each series.
    """
    by = tuple(dict.fromkeys(label_of(name)[0] for name in labels))
    if operator == "count" and inner.function == "last":
        return replace(inner, text=f"distinct(series where {inner.condition})", by=by, function="")
    if operator == "sum" and inner.function == "increase":
        return replace(inner, by=by, function="")
    if operator in _ACROSS and inner.function == "last":
        text = f"last(value, {_ACROSS[operator]} where {inner.condition})"
        return replace(inner, text=text, by=by, function="")
    raise Refused(
        Reason.AGGREGATION,
        f"{operator}() puts together what the signal language computes for whole series only",
    )


def with_number(operator: str, vector: Vector, number: float, *, is_first: bool) -> Vector:
    """A vector and a number."""
    if operator not in ("+", "-", "*", "/"):
        raise Refused(Reason.FUNCTION, f"there is no operator {operator} in the signal language")
    if operator in "+-" and vector.per_second:
        vector = _divided(vector)
    left, right = (repr(number), vector.text) if is_first else (vector.text, repr(number))
    power = -vector.per_second if is_first and operator == "/" else vector.per_second
    return replace(
        vector,
        text=f"({left} {operator} {right})",
        per_second=power,
        is_ratio=False,
        divides=vector.divides or (is_first and operator == "/"),
        function="",
    )


def combine(operator: str, left: Vector, right: Vector) -> Vector:
    """Two vectors, label set by label set."""
    if operator not in ("+", "-", "*", "/"):
        raise Refused(Reason.FUNCTION, f"there is no operator {operator} in the signal language")
    if left.by != right.by:
        raise Refused(Reason.MATCHING, "its two sides are split by different labels")
    if operator in "+-" and left.per_second != right.per_second:
        left, right = _divided(left), _divided(right)
    power = {"*": left.per_second + right.per_second, "/": left.per_second - right.per_second}
    notes = tuple(dict.fromkeys((*left.notes, *right.notes)))
    return Vector(
        text=f"({left.text} {operator} {right.text})",
        by=left.by,
        metrics=left.metrics | right.metrics,
        windows=left.windows | right.windows,
        per_second=power.get(operator, left.per_second),
        only_increases=left.only_increases and right.only_increases,
        is_ratio=operator == "/",
        divides=operator == "/" or left.divides or right.divides,
        labels=tuple(dict.fromkeys((*left.labels, *right.labels))),
        notes=notes,
    )


def window_of(vector: Vector) -> timedelta:
    """The one window that everything in a value is computed of.

    Raises:
        Refused: It looks at two ranges, or at one that is no window.
    """
    if len(vector.windows) > 1:
        raise Refused(Reason.WINDOWS, "one comparison looks at ranges of different lengths")
    window = next(iter(vector.windows), LOOK_BACK)
    if window < timedelta(minutes=1) or window % timedelta(minutes=1):
        raise Refused(
            Reason.WINDOWS, f"its range of {window.total_seconds():g} s is no whole number of minutes"
        )
    return window


def has_present_samples(vector: Vector) -> bool:
    """Whether a value with a range also looks at samples of the present."""
    return bool(vector.windows) and "last(value" in vector.text


def per_second_text(vector: Vector) -> tuple[str, bool]:
    """The value, and whether the signal is to be given per second."""
    if vector.per_second == 0:
        return vector.text, False
    if vector.per_second == 1 and vector.only_increases:
        return vector.text, True
    return _divided(vector).text, False


def _divided(vector: Vector) -> Vector:
    if vector.per_second == 0:
        return vector
    if vector.per_second != 1:
        raise Refused(Reason.FUNCTION, "it multiplies rates, or divides by one")
    seconds = window_of(vector).total_seconds()
    text = f"({vector.text} / {seconds!r})"
    return replace(vector, text=text, per_second=0, only_increases=False, function="")
