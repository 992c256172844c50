"""An expression of PromQL as a condition of an alert rule, and the signals that it looks at.

In PromQL a comparison lets label sets through; what is left at the end fires. Here the same label sets meet
the same comparisons, joined by `all`, `any` and `unless`.
"""

from __future__ import annotations

import math
import operator as operators
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import promql_parser as promql

from pitwall.alerts.prometheus import values
from pitwall.alerts.prometheus.types import Reason, Refused
from pitwall.alerts.prometheus.values import LOOK_BACK, Vector
from pitwall.kit.durations import format_duration

_COMPARISONS = frozenset({"==", "!=", ">", "<", ">=", "<="})
_SCALARS: Mapping[str, Callable[[float, float], float]] = {
    "+": operators.add,
    "-": operators.sub,
    "*": operators.mul,
    "/": operators.truediv,
    "%": math.fmod,
    "^": math.pow,
}
_FLIPPED = {"==": "==", "!=": "!=", ">": "<", "<": ">", ">=": "<=", "<=": ">="}
_SETS = frozenset({"and", "or", "unless"})
_ZERO_DENOMINATOR = (
    "where a denominator is 0 Prometheus compares with infinity, and Pitwall has no value, which never fires"
)
_NEWEST_OF_GROUP = "of several series with the same {labels} the newest sample is compared"
_SHORT_LOOK = "{metrics}: a sample of the present may be {window} old, in Prometheus 5m"
_FEW_SAMPLES = "an increase counts from the last sample before the range on, which Prometheus extrapolates"

When = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filtered:
    """A vector, and what its label sets had to meet so far."""

    vector: Vector
    conditions: tuple[When, ...] = ()


@dataclass(slots=True)
class Translation:
    """What an expression becomes.

    Attributes:
        signals: `over`-less entries by the name that conditions have for them: value, labels, per and so on.
        by: Labels of the alerts.
    """

    when: When
    by: tuple[str, ...]
    signals: dict[str, dict[str, Any]]
    notes: tuple[str, ...]


def translate(expression: promql.Expr, *, name: str, level: str) -> Translation:
    """Translate the expression of an alert rule.

    Args:
        expression: As `promql_parser` reads it.
        name: What the signals are called, below `prometheus.`.
        level: `info`, `warning` or `critical`.

    Raises:
        Refused: Its meaning cannot be kept.
    """
    translator = _Translator(name, level)
    when, by = translator.condition(expression)
    return Translation(when, by, translator.signals, tuple(dict.fromkeys(translator.notes)))


@dataclass(slots=True)
class _Translator:
    name: str
    level: str
    signals: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    # Conditions

    def condition(self, expression: promql.Expr) -> tuple[When, tuple[str, ...]]:
        """The condition under which an expression leaves label sets over, and their labels."""
        expression = _bare(expression)
        if isinstance(expression, promql.BinaryExpr) and str(expression.op) in _SETS:
            return self._set_condition(expression)
        if isinstance(expression, promql.Call) and expression.func.name in ("absent", "absent_over_time"):
            return self._absent(expression), ()
        found = self._filtered(expression)
        if isinstance(found, float):
            raise Refused(Reason.NOT_A_RULE, "it is a number, which has no labels to fire for")
        conditions = found.conditions or (self._presence(found.vector),)
        return _joined("all", conditions), found.vector.by

    def _set_condition(self, expression: promql.BinaryExpr) -> tuple[When, tuple[str, ...]]:
        operator, labels = str(expression.op), _on_labels(expression)
        left, by = self.condition(expression.lhs)
        if labels is None:
            right, right_by = self.condition(expression.rhs)
            by = self._same_split(operator, by, right_by)
        else:
            if operator == "or":
                raise Refused(Reason.MATCHING, "`or on(...)` lets two kinds of label sets through")
            right, by = self._on(expression.rhs, labels, by)
        if operator == "unless":
            return {**_group(left), "unless": right}, by
        return _joined("all" if operator == "and" else "any", (left, right)), by

    def _same_split(self, operator: str, left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
        """The labels of two sides that match by all of theirs; series stay what they are by more names."""
        whole = values.WHOLE_SERIES
        if left[: len(whole)] == right[: len(whole)] == whole:
            both = tuple(dict.fromkeys((*left, *right)))
            self._split_more(both)
            return both
        if left != right:
            raise Refused(Reason.MATCHING, f"the two sides of `{operator}` are split by different labels")
        return left

    def _on(
        self, expression: promql.Expr, labels: tuple[str, ...], by: tuple[str, ...]
    ) -> tuple[When, tuple[str, ...]]:
        """The right side of `and on(labels)`: whether any label set that shares the labels passes."""
        found = self._filtered(_bare(expression))
        if isinstance(found, float) or len(found.conditions) != 1:
            raise Refused(Reason.MATCHING, "the right side of `on(...)` is no single comparison")
        shared = tuple(dict.fromkeys(values.label_of(name)[0] for name in labels))
        self._share(found.conditions[0], labels, shared)
        for condition in _leaves(found.conditions[0]):
            condition["by"] = list(shared)
        whole = (*by, *(label for label in shared if label not in by))
        self._split_more(whole)
        return found.conditions[0], whole

    def _share(self, when: When, labels: tuple[str, ...], shared: tuple[str, ...]) -> None:
        """Let the signals of a condition be split by the labels that two sides share."""
        for condition in _leaves(when):
            signal = self.signals[condition["signal"]]
            if tuple(signal["by"]) == values.WHOLE_SERIES and not signal["value"].startswith(
                "last(value where "
            ):
                raise Refused(Reason.MATCHING, "the right side of `on(...)` is no plain sample")
            limits = [key for key in ("info", "warning", "critical") if key in condition]
            is_upper = condition[limits[0]].startswith(">")
            across = "max" if is_upper else "min"
            if len(_leaves(when)) > 1:
                self.notes.append(_NEWEST_OF_GROUP.format(labels=", ".join(labels)))
            else:
                signal["value"] = signal["value"].replace(
                    "last(value where", f"last(value, {across} where", 1
                )
            signal["by"] = list(shared)
            signal["labels"] = _label_columns(labels)

    def _split_more(self, by: tuple[str, ...]) -> None:
        """Let every signal of whole series be split by further labels, too."""
        for signal in self.signals.values():
            if tuple(signal["by"][: len(values.WHOLE_SERIES)]) == values.WHOLE_SERIES:
                signal["by"] = list(by)
                names = [label for label in by if label not in values.WHOLE_SERIES]
                signal["labels"] |= _label_columns(names)

    def _absent(self, expression: promql.Call) -> When:
        argument = _bare(expression.args[0])
        if isinstance(argument, promql.MatrixSelector):
            selector, window = values.selector_of(argument.vector_selector), argument.range
        elif isinstance(argument, promql.VectorSelector):
            selector, window = values.selector_of(argument), LOOK_BACK
        else:
            raise Refused(Reason.FUNCTION, "absent() of something else than a selector")
        vector = Vector(f"count({selector.where()})", (), frozenset({selector.metric}), frozenset({window}))
        return {"absent": {"signal": self._signal(vector), "window": _window(vector)}}

    def _presence(self, vector: Vector) -> When:
        """Without a comparison every label set that has a value fires."""
        return self._compared(vector, "any", (">", "<="), 0.0)

    # Vectors

    def _filtered(self, expression: promql.Expr) -> Filtered | float:
        expression = _bare(expression)
        match expression:
            case promql.NumberLiteral():
                return _finite(expression.val)
            case promql.UnaryExpr():
                return self._negated(expression)
            case promql.VectorSelector():
                return Filtered(values.sample(expression))
            case promql.Call():
                return Filtered(values.call(expression))
            case promql.AggregateExpr():
                return Filtered(self._aggregated(expression))
            case promql.BinaryExpr():
                return self._binary(expression)
            case promql.SubqueryExpr():
                raise Refused(Reason.SUBQUERY, "it has a subquery")
        raise Refused(Reason.FUNCTION, f"{type(expression).__name__} has no meaning in a condition")

    def _negated(self, expression: promql.UnaryExpr) -> Filtered | float:
        found = self._filtered(expression.expr)
        if isinstance(found, float):
            return -found
        return replace(found, vector=values.with_number("*", found.vector, -1.0, is_first=False))

    def _aggregated(self, expression: promql.AggregateExpr) -> Vector:
        operator = str(expression.op)
        if expression.modifier is not None and expression.modifier.type == promql.AggModifierType.Without:
            raise Refused(
                Reason.WITHOUT,
                "`without (...)` keeps all other labels, and which they are only the data knows",
            )
        labels = () if expression.modifier is None else tuple(expression.modifier.labels)
        if "le" in labels:
            raise Refused(Reason.HISTOGRAM, "it puts buckets of a histogram together")
        inner = _bare(expression.expr)
        scale = _scale(inner)
        found = self._filtered(inner if scale is None else scale[0])
        if isinstance(found, float) or found.conditions:
            raise Refused(Reason.AGGREGATION, f"{operator}() puts together what a comparison let through")
        vector = _labelled(values.aggregate(operator, found.vector, labels), labels)
        return vector if scale is None else values.with_number(scale[1], vector, scale[2], is_first=False)

    def _binary(self, expression: promql.BinaryExpr) -> Filtered | float:
        operator = str(expression.op)
        if operator in _SETS:
            raise Refused(Reason.MATCHING, f"it computes with what `{operator}` let through")
        if expression.modifier is not None and expression.modifier.return_bool:
            raise Refused(
                Reason.BOOL, f"`{operator} bool` gives 0 or 1 instead of letting label sets through"
            )
        left, right = self._filtered(expression.lhs), self._filtered(expression.rhs)
        if isinstance(left, float) and isinstance(right, float):
            return _folded(operator, left, right)
        if operator in _COMPARISONS:
            return self._comparison(operator, left, right, expression)
        conditions = (*_conditions(left), *_conditions(right))
        return Filtered(_arithmetic(operator, left, right, expression), conditions)

    def _comparison(
        self, operator: str, left: Filtered | float, right: Filtered | float, expression: promql.BinaryExpr
    ) -> Filtered:
        if isinstance(left, float):
            assert isinstance(right, Filtered)
            compared = self._limit(right.vector, _FLIPPED[operator], left)
            return Filtered(right.vector, (*right.conditions, compared))
        if isinstance(right, float):
            compared = self._limit(left.vector, operator, right)
            return Filtered(left.vector, (*left.conditions, compared))
        difference = _arithmetic("-", left, right, expression)
        compared = self._limit(difference, operator, 0.0)
        kept = replace(left.vector, by=difference.by)
        return Filtered(kept, (*left.conditions, *right.conditions, compared))

    def _limit(self, vector: Vector, operator: str, number: float) -> When:
        match operator:
            case "==":
                return self._compared(vector, "all", (">=", "<="), number)
            case "!=":
                return self._compared(vector, "any", (">", "<"), number)
            case _:
                return self._compared(vector, "all", (operator,), number)

    def _compared(self, vector: Vector, how: str, operators: tuple[str, ...], number: float) -> When:
        """One threshold per operator on the same signal."""
        self._note(vector, operators, number)
        signal, window = self._signal(vector), _window(vector)
        thresholds: list[When] = [
            {"threshold": {"signal": signal, "window": window, self.level: f"{operator} {_digits(number)}"}}
            for operator in operators
        ]
        return _joined(how, thresholds)

    def _note(self, vector: Vector, operators: tuple[str, ...], number: float) -> None:
        self.notes += vector.notes
        is_safe = vector.is_ratio and set(operators) <= {"<", "<="} and number >= 0
        if vector.divides and not is_safe:
            self.notes.append(_ZERO_DENOMINATOR)
        if "increase(" in vector.text:
            self.notes.append(_FEW_SAMPLES)
        window = values.window_of(vector)
        if values.has_present_samples(vector) and window != LOOK_BACK:
            metrics = ", ".join(sorted(vector.metrics))
            self.notes.append(_SHORT_LOOK.format(metrics=metrics, window=format_duration(window)))

    def _signal(self, vector: Vector) -> str:
        """The name of a signal with this value, made if there is none yet."""
        text, is_per_second = values.per_second_text(vector)
        written: dict[str, Any] = {
            "over": f"points where name in ({', '.join(map(values.quoted, sorted(vector.metrics)))})",
            "value": text,
            "by": list(vector.by),
            "labels": dict(vector.labels)
            if vector.by != values.WHOLE_SERIES
            else _label_columns(("instance",)),
            "unit": "points/s" if is_per_second else "ratio" if vector.is_ratio else "points",
            **({"per": "1s"} if is_per_second else {}),
        }
        for name, known in self.signals.items():
            if known == written:
                return name
        name = (
            f"prometheus.{self.name}"
            if not self.signals
            else f"prometheus.{self.name}.v{len(self.signals) + 1}"
        )
        self.signals[name] = written
        return name


def _arithmetic(
    operator: str, left: Filtered | float, right: Filtered | float, expression: promql.BinaryExpr
) -> Vector:
    if isinstance(left, float):
        assert isinstance(right, Filtered)
        return values.with_number(operator, right.vector, left, is_first=True)
    if isinstance(right, float):
        return values.with_number(operator, left.vector, right, is_first=False)
    labels = _on_labels(expression)
    if labels is None:
        return values.combine(operator, left.vector, right.vector)
    shared = tuple(dict.fromkeys(values.label_of(name)[0] for name in labels))
    sides = [_labelled(replace(side.vector, by=shared), labels) for side in (left, right)]
    if any(side.conditions for side in (left, right)):
        raise Refused(Reason.MATCHING, "it matches on(...) what a comparison let through")
    return values.combine(operator, *sides)


def _on_labels(expression: promql.BinaryExpr) -> tuple[str, ...] | None:
    """The labels of `on(...)`; None if the two sides match by all of their labels."""
    modifier = expression.modifier
    if modifier is None or modifier.matching is None:
        return None
    if modifier.card in (promql.VectorMatchCardinality.ManyToOne, promql.VectorMatchCardinality.OneToMany):
        raise Refused(Reason.MATCHING, "group_left and group_right match many series with one")
    if modifier.matching.type == promql.LabelModifierType.Exclude:
        raise Refused(
            Reason.MATCHING, "`ignoring(...)` keeps all other labels, and which they are only the data knows"
        )
    return tuple(modifier.matching.labels)


def _scale(expression: promql.Expr) -> tuple[promql.Expr, str, float] | None:
    """A vector times or divided by a number above 0, which every aggregation keeps as a factor."""
    if not isinstance(expression, promql.BinaryExpr) or str(expression.op) not in ("*", "/"):
        return None
    number = _bare(expression.rhs)
    if isinstance(number, promql.NumberLiteral) and number.val > 0:
        return expression.lhs, str(expression.op), number.val
    return None


def _labelled(vector: Vector, labels: tuple[str, ...]) -> Vector:
    return replace(vector, labels=tuple(_label_columns(labels).items()))


def _label_columns(names: Any) -> dict[str, str]:
    """What labels read that have another name than their column."""
    columns = {}
    for name in names:
        label, column = values.label_of(name)
        if column is not None:
            columns[label] = column
    return columns


def _bare(expression: promql.Expr) -> promql.Expr:
    while isinstance(expression, promql.ParenExpr):
        expression = expression.expr
    return expression


def _conditions(side: Filtered | float) -> tuple[When, ...]:
    return () if isinstance(side, float) else side.conditions


def _folded(operator: str, left: float, right: float) -> float:
    if operator in _COMPARISONS:
        raise Refused(Reason.NOT_A_RULE, "it compares two numbers")
    try:
        result = _SCALARS[operator](left, right)
    except (KeyError, ArithmeticError, ValueError) as error:
        raise Refused(Reason.FUNCTION, f"{left:g} {operator} {right:g} is no number") from error
    return _finite(result)


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise Refused(Reason.FUNCTION, f"{number} is no limit")
    return number


def _digits(number: float) -> str:
    return repr(int(number)) if number == int(number) and abs(number) < 1e15 else repr(number)


def _window(vector: Vector) -> str:
    window = values.window_of(vector)
    if window > timedelta(days=35):
        raise Refused(Reason.WINDOWS, "its range is longer than 35 days")
    return format_duration(window)


def _joined(how: str, parts: Any) -> When:
    """Conditions joined; one alone stays alone, and what is joined alike already becomes one list."""
    listed: list[When] = []
    for part in parts:
        listed += part[how] if set(part) == {how} else [part]
    return listed[0] if len(listed) == 1 else {how: listed}


def _group(when: When) -> When:
    return when if set(when) <= {"all", "any"} else {"all": [when]}


def _leaves(when: When) -> list[dict[str, Any]]:
    """The single conditions on a signal within a condition."""
    for how in ("all", "any"):
        if how in when:
            return [leaf for part in when[how] for leaf in _leaves(part)]
    return [next(iter(when.values()))]
