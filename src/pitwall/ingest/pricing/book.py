"""The price book: which price applies to a model of a provider on a day, and what a call costs at it.

Money is counted in picodollars (1e-12 USD): a price per million tokens with six decimals is a whole number of
them per token, so costs are exact integers and fit the `Decimal(18, 12)` of the store.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

PICO: Final = 10**12
FIRST_DAY: Final = date(1970, 1, 1)
LAST_DAY: Final = date(2149, 6, 6)
UNPRICED: Final = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """What one call used: disjoint input classes and output, with their parts, and how long it took."""

    uncached_input_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    cache_write_1h_tokens: int = 0
    duration_ms: float = 0.0

    @property
    def input_tokens(self) -> int:
        return self.uncached_input_tokens + self.cache_read_tokens + self.cache_write_tokens


@dataclass(frozen=True, slots=True)
class Rates:
    """Prices in picodollars, per token unless the name says otherwise."""

    input: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs from `valid_from` to `valid_to`, both included.

    Attributes:
        rates: Base rates, then those of each tier. tier_starts: A call with more input tokens than
        `tier_starts[n]` pays `rates[n + 1]` for all of its tokens. per_request, per_second: Picodollars on
        top of the tokens. source: Where the price comes from, with its version.
    """

    rates: tuple[Rates, ...]
    tier_starts: tuple[int, ...] = ()
    per_request: int = 0
    per_second: int = 0
    valid_from: date = FIRST_DAY
    valid_to: date = LAST_DAY
    source: str = ""

    def cost_pico(self, usage: Usage) -> int:
        """The cost of one call in picodollars."""
        rates = self.rates[sum(usage.input_tokens > start for start in self.tier_starts)]
        return (
            usage.uncached_input_tokens * rates.input
            + usage.cache_read_tokens * rates.cache_read
            + (usage.cache_write_tokens - usage.cache_write_1h_tokens) * rates.cache_write
            + usage.cache_write_1h_tokens * rates.cache_write_1h
            + (usage.output_tokens - usage.reasoning_tokens) * rates.output
            + usage.reasoning_tokens * rates.reasoning
            + self.per_request
            + int(self.per_second * (usage.duration_ms / 1000))
        )


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression over `provider model` (lower case, one blank) and the model it means; 0 stops the
    search.
    """

    expression: str
    model_id: int


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Every known price, ready to be looked up.

    Attributes:
        version: Changes when anything in it does.
        names: `provider model` in lower case -> model id.
        patterns: For names not listed, tried in order.
        prices: Model id -> its prices, days not overlapping.
    """

    version: str
    names: Mapping[str, int] = field(default_factory=dict)
    patterns: Sequence[Pattern] = ()
    prices: Mapping[int, Sequence[Price]] = field(default_factory=dict)

    def find(self, provider: str, model: str) -> int:
        """Id of the priced model, `UNPRICED` when there is none."""
        name = lookup_name(provider, model)
        if (known := self.names.get(name)) is not None:
            return known
        for pattern in self.patterns:
            if re.search(pattern.expression, name):
                return pattern.model_id
        return UNPRICED

    def price_on(self, model_id: int, day: date) -> Price | None:
        """The price of a model on a day (UTC)."""
        for price in self.prices.get(model_id, ()):
            if price.valid_from <= day <= price.valid_to:
                return price
        return None

    def rows(self) -> Iterator[tuple[int, Price]]:
        """Every price with the id of its model."""
        for model_id, prices in self.prices.items():
            for price in prices:
                yield model_id, price


def lookup_name(provider: str, model: str) -> str:
    """The text under which a model is looked up."""
    return f"{provider} {model}".lower()


def pico_per_token(usd_per_mtok: Decimal) -> int:
    """Picodollars a token for a price in USD per million tokens, rounded to the nearest whole one."""
    return int((usd_per_mtok * (PICO // 10**6)).to_integral_value())


def to_usd(pico: int) -> Decimal:
    """Picodollars as USD."""
    return Decimal(pico).scaleb(-12)
