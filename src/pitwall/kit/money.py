"""US dollars as exact decimals; an unknown amount stays None and is never shown as 0."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

ABSENT = "–"
_CENT = Decimal("0.01")
_SMALL_DIGITS = 3


class InvalidAmount(ValueError):
    """The value is no finite amount of money."""


def usd(value: Decimal | int | float | str) -> Decimal:
    """Return an exact amount; a float is taken as it prints, so `usd(0.1)` is one tenth.

    Raises:
        InvalidAmount: The value is no number, infinite or not a number.
    """
    try:
        amount = Decimal(str(value))
    except InvalidOperation as error:
        raise InvalidAmount(f"{value!r} is no amount of US dollars") from error
    if not amount.is_finite():
        raise InvalidAmount(f"{value!r} is no finite amount of US dollars")
    return amount


def total_usd(amounts: Iterable[Decimal | None]) -> tuple[Decimal | None, int]:
    """Add what is known.

    Returns:
        The sum of the known amounts (None if there is none) and how many were unknown.
    """
    known, unknown = [], 0
    for amount in amounts:
        if amount is None:
            unknown += 1
        else:
            known.append(amount)
    return (sum(known, Decimal(0)) if known else None), unknown


def format_usd(amount: Decimal | None) -> str:
    """Write an amount for people: `$1,234.50`, `$0.00123` (three digits below a dollar), `–` for unknown."""
    if amount is None:
        return ABSENT
    sign = "-" if amount < 0 else ""
    size = abs(amount)
    if size == 0 or size >= 1:
        return f"{sign}${size.quantize(_CENT, ROUND_HALF_EVEN):,}"
    exponent = size.adjusted() - _SMALL_DIGITS + 1
    rounded = size.quantize(Decimal((0, (1,), min(exponent, -2))), ROUND_HALF_EVEN)
    return f"{sign}${rounded:f}"
