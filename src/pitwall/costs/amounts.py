"""Amounts on the wire: decimal strings of USD."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from pitwall.kit.money import usd

# Picodollars are what the store counts in; what floats add beyond them is noise.
_PICO: Final = Decimal(1).scaleb(-12)


def written_usd(amount: float | None) -> str | None:
    """An amount as the API writes it; None stays None."""
    if amount is None:
        return None
    written = f"{usd(amount).quantize(_PICO):f}"
    return written.rstrip("0").rstrip(".") or "0"
