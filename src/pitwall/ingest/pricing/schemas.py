"""Wire shapes of prices: amounts in USD as decimals, tokens by the million."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, Field

from pitwall.ingest.pricing.book import FIRST_DAY, LAST_DAY, Price, PriceBook, Rates, to_usd

_MTOK = 10**6


class RatesView(BaseModel):
    """What a call pays."""

    input_usd_per_mtok: Decimal
    cached_input_usd_per_mtok: Decimal
    cache_write_usd_per_mtok: Decimal
    cache_write_1h_usd_per_mtok: Decimal = Field(description="Of what the provider keeps for an hour.")
    output_usd_per_mtok: Decimal
    reasoning_usd_per_mtok: Decimal
    usd_per_request: Decimal
    usd_per_second: Decimal
    source: str = Field(description="Where the price comes from, with its version.")


class ListedPriceView(RatesView):
    """The price of a model on a day; of a tiered one the lowest tier."""

    provider: str
    model: str


class PriceListView(BaseModel):
    """Today's prices of the models that are known by name."""

    version: str = Field(description="Version of the price book.")
    prices: list[ListedPriceView]

    @classmethod
    def of(cls, book: PriceBook, day: date, *, provider: str | None = None, contains: str = "") -> Self:
        """Return the prices of a day, of one provider and with a text in the name if asked."""
        listed = [
            price
            for price in _listed(book, day)
            if provider in (None, price.provider) and contains.lower() in price.model
        ]
        return cls(version=book.version, prices=listed)


class PriceTierView(RatesView):
    """What calls of a size cost between two days."""

    valid_from: date | None = Field(description="First day, UTC; null has no beginning.")
    valid_to: date | None = Field(description="Last day, UTC; null has no end.")
    above_input_tokens: int = Field(description="Calls with more input tokens pay this for all of them.")


class ModelPricesView(BaseModel):
    """What a model costs, by day and tier."""

    version: str = Field(description="Version of the price book.")
    provider: str
    model: str
    prices: list[PriceTierView]

    @classmethod
    def of(cls, book: PriceBook, provider: str, model: str) -> Self | None:
        """Return the prices found as for a span, None if there is none."""
        dated = book.prices.get(book.find(provider, model), ())
        tiers = [tier for price in dated for tier in _tiers(price)]
        return cls(version=book.version, provider=provider, model=model, prices=tiers) if tiers else None


def _listed(book: PriceBook, day: date) -> Iterator[ListedPriceView]:
    for name in sorted(book.names):
        provider, _, model = name.partition(" ")
        price = book.price_on(book.names[name], day)
        if provider and price is not None:
            rates = _rates(price, price.rates[0])
            yield ListedPriceView(provider=provider, model=model, **rates.model_dump())


def _tiers(price: Price) -> Iterator[PriceTierView]:
    first = None if price.valid_from == FIRST_DAY else price.valid_from
    last = None if price.valid_to == LAST_DAY else price.valid_to
    for start, rates in zip((0, *price.tier_starts), price.rates, strict=True):
        paid = _rates(price, rates).model_dump()
        yield PriceTierView(valid_from=first, valid_to=last, above_input_tokens=start, **paid)


def _rates(price: Price, rates: Rates) -> RatesView:
    return RatesView(
        input_usd_per_mtok=_usd(rates.input * _MTOK),
        cached_input_usd_per_mtok=_usd(rates.cache_read * _MTOK),
        cache_write_usd_per_mtok=_usd(rates.cache_write * _MTOK),
        cache_write_1h_usd_per_mtok=_usd(rates.cache_write_1h * _MTOK),
        output_usd_per_mtok=_usd(rates.output * _MTOK),
        reasoning_usd_per_mtok=_usd(rates.reasoning * _MTOK),
        usd_per_request=_usd(price.per_request),
        usd_per_second=_usd(price.per_second),
        source=price.source,
    )


def _usd(pico: int) -> Decimal:
    """Return an amount without trailing zeros."""
    amount = to_usd(pico).normalize()
    return amount.quantize(Decimal(1)) if amount == amount.to_integral() else amount
