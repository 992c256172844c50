"""Whether the number of observations behind a value says how far to trust it."""

from __future__ import annotations

from typing import Final

from pitwall.signals.catalogue import Catalogue, Signal
from pitwall.signals.expressions import (
    Aggregate,
    Arithmetic,
    Function,
    Histogram,
    MovingMean,
    Number,
    Operator,
    Reference,
    TopK,
    Value,
)

_AMOUNTS: Final = frozenset(
    {Function.COUNT, Function.RATE, Function.SUM, Function.LAST, Function.DISTINCT, Function.INCREASE}
)


def rests_on_count(catalogue: Catalogue, signal: Signal) -> bool:
    """Tell a share, mean or quantile, which few observations make noisy, from a number that is an amount.

    Of requests per minute a low count is the value itself and no reason for doubt.
    """
    return _rests(catalogue, signal.value)


def _rests(catalogue: Catalogue, value: Value) -> bool:
    match value:
        case Aggregate(function=function):
            return function not in _AMOUNTS
        case Reference(name):
            return rests_on_count(catalogue, catalogue.get(name))
        case MovingMean(_, inner):
            return _rests(catalogue, inner)
        case Arithmetic(_, left, Number()):
            return _rests(catalogue, left)
        case Arithmetic(Operator.DIVIDE, _, _):
            return True
        case Arithmetic(_, left, right):
            return _rests(catalogue, left) or _rests(catalogue, right)
        case Histogram() | TopK() | Number():
            return False
        case _:  # a share
            return True
