"""Prices of models today, as advice needs them."""

from __future__ import annotations

from datetime import date

from pitwall.costs.advice.types import Rates
from pitwall.ingest.pricing.book import PICO, PriceBook


class TodaysPrices:
    """Looks up what tokens of a model cost now, at the lowest tier.

    Args:
        book: The prices that telemetry is priced with.
        today: Whose prices count.
    """

    def __init__(self, book: PriceBook, today: date) -> None:
        self._book = book
        self._today = today
        self._known: dict[tuple[str, str], Rates | None] = {}

    def rates(self, provider: str, model: str) -> Rates | None:
        """Prices of a model that is paid by the token; None for others."""
        key = (provider, model)
        if key not in self._known:
            self._known[key] = self._find(provider, model)
        return self._known[key]

    def _find(self, provider: str, model: str) -> Rates | None:
        price = self._book.price_on(self._book.find(provider, model), self._today)
        if price is None or not price.rates[0].input:
            return None
        rates = price.rates[0]
        return Rates(
            *(pico / PICO for pico in (rates.input, rates.cache_read, rates.cache_write, rates.output))
        )
