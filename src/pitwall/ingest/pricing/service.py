"""Answers what models cost, from the price book that an owner names."""

from __future__ import annotations

from collections.abc import Callable

from pitwall.core.errors import NotFound
from pitwall.ingest.pricing.book import PriceBook
from pitwall.ingest.pricing.schemas import ModelPricesView, PriceListView
from pitwall.kit.clock import Clock


class Prices:
    """Looks prices up; calls may block.

    Args:
        read_book: Returns the book: the one in the telemetry store, or the one a server would start with.
        clock: Tells which day's prices are listed.
    """

    def __init__(self, read_book: Callable[[], PriceBook], clock: Clock) -> None:
        self._read_book = read_book
        self._clock = clock

    def list(self, provider: str | None = None, contains: str = "") -> PriceListView:
        """Return today's prices of the models that are known by name; of tiered ones the lowest."""
        today = self._clock.now().date()
        return PriceListView.of(self._read_book(), today, provider=provider, contains=contains)

    def find(self, provider: str, model: str) -> ModelPricesView:
        """Return what a call of a model costs, by day and tier, found as for a span.

        Raises:
            NotFound: It has no price.
        """
        found = ModelPricesView.of(self._read_book(), provider, model)
        if found is None:
            of = f" of provider {provider!r}" if provider else ""
            raise NotFound(
                f"Model {model!r}{of} has no price.",
                code="prices.unpriced",
                hint="Name the provider, or add the model to a file of your own and set prices.file.",
            )
        return found
