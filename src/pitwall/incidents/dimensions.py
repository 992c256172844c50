"""Along which dimensions a signal is taken apart, beyond those that it may be split by in charts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from pitwall.incidents.decomposition import Kind
from pitwall.kit.i18n import Text
from pitwall.signals.catalogue import Catalogue, Signal
from pitwall.signals.expressions import (
    Aggregate,
    And,
    Arithmetic,
    Column,
    Comparison,
    Condition,
    Function,
    MovingMean,
    Number,
    Operator,
    Reference,
    Source,
    Value,
    references_of,
)
from pitwall.signals.sources import dimensions
from pitwall.traces.column_titles import TITLES

CAUSES: Final = (
    *("model", "version", "prompt_version", "variant", "service", "environment", "provider", "component"),
    *(
        "prompt_name",
        "tool_name",
        "agent",
        "workflow",
        "name",
        "request_model",
        "response_model",
        "evaluator",
    ),
    *("source", "event_name", "company", "experiment", "operation", "scope_name"),
)
"""What records were, the most telling first: of two that explain as much the first one is told."""
OUTCOMES: Final = ("error_class", "error_type", "finish_reason", "label", "severity")
"""How records ended."""

_SUMS: Final = frozenset({Function.COUNT, Function.RATE, Function.SUM, Function.INCREASE})
COUNTS: Final = frozenset({Function.COUNT, Function.RATE})


_DOCUMENT_SOURCE: Final = Text("Document source", "문서 출처")
_OF_RETRIEVERS: Final = Comparison(Column("kind"), "=", "retriever")


def widened(catalogue: Catalogue) -> Catalogue:
    """The same signals, each of which can be split by every dimension of its records."""
    return Catalogue(replace(signal, by=_splits(catalogue, signal)) for signal in catalogue)


def kind_of(catalogue: Catalogue, signal: Signal) -> Kind | None:
    """How the value of a signal comes of its records; None if it has many values at once."""
    return _kind(catalogue, signal.value)


def leading_aggregate(catalogue: Catalogue, signal: Signal) -> Aggregate | None:
    """The aggregate that a signal is, whatever numbers it is multiplied with; None if it is another thing."""
    value = signal.value
    while True:
        match value:
            case Aggregate():
                return value
            case MovingMean(_, inner) | Arithmetic(_, inner, Number()) | Arithmetic(_, Number(), inner):
                value = inner
            case Reference(name):
                value = catalogue.get(name).value
            case _:
                return None


def causes_of(signal: Signal, fixed: Iterable[str]) -> list[str]:
    """The dimensions that may explain a widened signal, without those that its alert fixes."""
    return [name for name in CAUSES if name in signal.by and name not in fixed]


def outcomes_of(signal: Signal, fixed: Iterable[str]) -> list[str]:
    """The dimensions that say how its records ended."""
    return [name for name in OUTCOMES if name in signal.by and name not in fixed]


def title_of(signal: Signal, name: str) -> Text:
    """What a dimension is called for people; the component of a search is where its documents come from."""
    if name == "component" and signal.over is not None and _OF_RETRIEVERS in _all_of(signal.over.condition):
        return _DOCUMENT_SOURCE
    known = TITLES.get(name)
    return Text(name, name) if known is None else known.text


def _all_of(condition: Condition | None) -> tuple[Condition | None, ...]:
    return condition.parts if isinstance(condition, And) else (condition,)


def _kind(catalogue: Catalogue, value: Value) -> Kind | None:
    match value:
        case Aggregate(function=Function.RATIO):
            return Kind.RATIO
        case Aggregate(function=Function.MEAN):
            return Kind.MEAN
        case Aggregate(function=function):
            return Kind.SUM if function in _SUMS else Kind.OTHER
        case Reference(name):
            return _kind(catalogue, catalogue.get(name).value)
        case MovingMean(_, inner):
            return _kind(catalogue, inner)
        case Arithmetic(Operator.MULTIPLY | Operator.DIVIDE, inner, Number()):
            return _scaled(_kind(catalogue, inner))
        case Arithmetic(Operator.SUBTRACT, Number(1.0), inner) if _kind(catalogue, inner) is Kind.RATIO:
            return Kind.RATIO
        case Arithmetic(Operator.ADD, left, right) if _are_sums(catalogue, left, right):
            return Kind.SUM
        case Arithmetic():
            return Kind.OTHER
        case _:
            return None


def _scaled(kind: Kind | None) -> Kind | None:
    """A ratio times a number need not lie between 0 and 1, but is a mean."""
    return Kind.MEAN if kind is Kind.RATIO else kind


def _are_sums(catalogue: Catalogue, *values: Value) -> bool:
    return all(_kind(catalogue, value) is Kind.SUM for value in values)


def _splits(catalogue: Catalogue, signal: Signal) -> tuple[str, ...]:
    sources = _sources(catalogue, signal)
    everywhere = [set(dimensions(source)) for source in sources]
    found = [name for name in dimensions(next(iter(sources))) if all(name in one for one in everywhere)]
    return tuple(dict.fromkeys([*signal.by, *found]))


def _sources(catalogue: Catalogue, signal: Signal) -> set[Source]:
    if signal.over is not None:
        return {signal.over.source}
    return {
        source for name in references_of(signal.value) for source in _sources(catalogue, catalogue.get(name))
    }
