"""Bands: where a value stands, and whether there is enough data to say so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pitwall.core.vocabulary import Band
from pitwall.signals.errors import ExpressionInvalid

_LIMIT = re.compile(r"\s*(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*")


class Better(StrEnum):
    """Which way a signal improves."""

    HIGHER = "higher"
    LOWER = "lower"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Limit:
    """A half line of values: `< 0.6`."""

    operator: str
    threshold: float

    def __str__(self) -> str:
        return f"{self.operator} {self.threshold:.12g}"

    @property
    def is_upper(self) -> bool:
        """Whether it holds for large values."""
        return self.operator.startswith(">")

    def holds(self, value: float) -> bool:
        """Whether a value lies in the half line."""
        match self.operator:
            case "<":
                return value < self.threshold
            case "<=":
                return value <= self.threshold
            case ">":
                return value > self.threshold
            case _:
                return value >= self.threshold

    def meets(self, other: Limit) -> bool:
        """Whether some value lies in both half lines."""
        if self.is_upper == other.is_upper:
            return True
        low, high = (self, other) if self.is_upper else (other, self)
        if low.threshold == high.threshold:
            return low.operator == ">=" and high.operator == "<="
        return low.threshold < high.threshold

    def is_within(self, other: Limit) -> bool:
        """Whether every value of this half line lies in the other, too."""
        if self.is_upper != other.is_upper:
            return False
        if self.threshold == other.threshold:
            return len(self.operator) <= len(other.operator)
        return self.threshold > other.threshold if self.is_upper else self.threshold < other.threshold


@dataclass(frozen=True, slots=True)
class Bands:
    """The limits of a signal.

    Attributes:
        min_count: Observations that are needed before it is judged at all.
        normal: The edge of the good zone. A value between it and `warning` is `normal`, too, but nobody is
            at ease yet: an alert that fires is over only once this limit is met.
    """

    warning: Limit | None = None
    critical: Limit | None = None
    min_count: int = 1
    normal: Limit | None = None

    def judge(self, value: float | None, count: int) -> Band:
        """Where a value stands: `no_data` when it is absent or rests on too few observations."""
        if value is None or count < self.min_count:
            return Band.NO_DATA
        if self.critical is not None and self.critical.holds(value):
            return Band.CRITICAL
        if self.warning is not None and self.warning.holds(value):
            return Band.WARNING
        return Band.NORMAL


def parse_limit(text: str) -> Limit:
    """Read `< 0.6`, `>= 1500` and the like.

    Raises:
        ExpressionInvalid: The text is no such limit.
    """
    match = _LIMIT.fullmatch(text)
    if match is None:
        raise ExpressionInvalid(f"{text!r} is no limit.", hint="Write for example '< 0.6' or '> 1500'.")
    return Limit(match[1], float(match[2]))


def problems_of(bands: Bands, better: Better, *, low: float | None, high: float | None) -> list[str]:
    """Why bands cannot work; empty if they can.

    Args:
        bands: The limits.
        better: Which way the signal improves.
        low: The least value the signal can take; None if there is no such bound.
        high: The greatest value it can take; None if there is no such bound.
    """
    problems = []
    for name, limit in (("warning", bands.warning), ("critical", bands.critical)):
        if limit is None:
            continue
        if better is not Better.NEUTRAL and limit.is_upper != (better is Better.LOWER):
            problems.append(
                f"band {name} '{limit}' points at the better values of a signal that is better {better}"
            )
        if not _can_hold(limit, low, high):
            problems.append(
                f"band {name} '{limit}' can never trigger: values lie between {_range(low, high)}"
            )
        elif _always_holds(limit, low, high):
            problems.append(f"band {name} '{limit}' always triggers: values lie between {_range(low, high)}")
    if bands.warning and bands.critical and bands.warning.is_within(bands.critical):
        problems.append(
            f"band warning '{bands.warning}' can never trigger: '{bands.critical}' is already critical; "
            "a warning must come before"
        )
    return [*problems, *_normal_problems(bands, low, high)]


def _normal_problems(bands: Bands, low: float | None, high: float | None) -> Iterator[str]:
    normal, first = bands.normal, bands.warning or bands.critical
    if normal is None:
        return
    if first is None:
        yield f"band normal '{normal}' needs a warning or critical beside it"
    elif normal.meets(first):
        yield f"band normal '{normal}' must lie outside '{first}', which is not normal"
    if not _can_hold(normal, low, high):
        yield f"band normal '{normal}' can never be met: values lie between {_range(low, high)}"


def _can_hold(limit: Limit, low: float | None, high: float | None) -> bool:
    if limit.is_upper:
        return high is None or limit.holds(high)
    return low is None or limit.holds(low)


def _always_holds(limit: Limit, low: float | None, high: float | None) -> bool:
    edge = low if limit.is_upper else high
    return edge is not None and limit.holds(edge)


def _range(low: float | None, high: float | None) -> str:
    return " and ".join("any number" if bound is None else f"{bound:g}" for bound in (low, high))
