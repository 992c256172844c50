"""Units such as `ms` or `usd/day`, with enough algebra to catch a formula that adds time to money."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from pitwall.signals.errors import ExpressionInvalid
from pitwall.signals.expressions import Operator

# What a base unit measures and how many of the first unit of that quantity it is.
_QUANTITIES: Mapping[str, tuple[str, float]] = {
    "ms": ("time", 0.001),
    "s": ("time", 1.0),
    "min": ("time", 60.0),
    "h": ("time", 3600.0),
    "day": ("time", 86400.0),
    "month": ("time", 30 * 86400.0),
    "usd": ("money", 1.0),
    "token": ("token", 1.0),
    "byte": ("byte", 1.0),
}
# Things that are counted; one may stand for another, because a request is a call is a span, depending on
# who speaks.
_COUNTED = frozenset(
    (
        "call document embedding error event hit log lookup model point request retry score session span "
        "timeout user"
    ).split()
)
_PLURALS = {"retries": "retry", "minutes": "min", "days": "day", "hours": "h"}


@dataclass(frozen=True, slots=True)
class Unit:
    """What a number measures.

    Attributes:
        powers: Quantity to exponent; empty for a ratio.
        scale: How many basic units one of these is; None if a constant factor made it unknown.
    """

    powers: Mapping[str, int] = field(default_factory=dict)
    scale: float | None = 1.0

    def combined(self, operator: Operator, other: Unit) -> Unit:
        """The unit of a product or a quotient."""
        sign = 1 if operator is Operator.MULTIPLY else -1
        powers = Counter(self.powers)
        for quantity, power in other.powers.items():
            powers[quantity] += sign * power
        scale = None if self.scale is None or other.scale is None else self.scale * other.scale**sign
        return Unit({quantity: power for quantity, power in powers.items() if power}, scale)

    def fits(self, other: Unit) -> bool:
        """Whether numbers of the two may be added or compared."""
        if dict(self.powers) != dict(other.powers):
            return False
        return self.scale is None or other.scale is None or abs(self.scale / other.scale - 1) < 1e-9


RATIO = Unit()
ITEM = Unit({"item": 1})


def parse_unit(text: str) -> Unit:
    """Read a unit such as `ms`, `ratio`, `usd/request` or `tokens/day`.

    Raises:
        ExpressionInvalid: A part of the text is no unit Pitwall knows.
    """
    if text == "ratio":
        return RATIO
    numerator, *denominators = text.split("/")
    unit = _base(numerator, text)
    for denominator in denominators:
        unit = unit.combined(Operator.DIVIDE, _base(denominator, text))
    return unit


def _base(name: str, text: str) -> Unit:
    singular = _PLURALS.get(name, name.removesuffix("s") if len(name) > 2 else name)
    if singular in _COUNTED:
        return ITEM
    if singular not in _QUANTITIES:
        known = ", ".join(["ratio", *_QUANTITIES, *sorted(_COUNTED)])
        raise ExpressionInvalid(f"Unit {text!r} has an unknown part {name!r}.", hint=f"Known are {known}.")
    quantity, scale = _QUANTITIES[singular]
    return Unit({quantity: 1}, scale)
