"""What input tokens cost at today's prices, as SQL over the token columns of spans and of their rollups.

Both have the columns `provider`, `model` and the tokens, so that a signal is the same number from either. It
is for questions of what would be: what was paid is `cost_usd`, by the price of its day, tier and service.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Final

from pitwall.ingest.pricing.book import PICO, Rates
from pitwall.ingest.pricing.lookup import model_id_sql


def _rate(name: str) -> str:
    """Dollars a token at the lowest tier, 0 where there is no such price; stored in the order of `Rates`."""
    model_id = f"toUInt64({model_id_sql('provider', 'model')})"
    rates = f"dictGet('model_prices', 'rates', {model_id}, toDate(now('UTC')))[1]"
    position = [field.name for field in fields(Rates)].index(name) + 1
    return f"({rates}[{position}] / {PICO:.0e})"


_INPUT: Final = _rate("input")
_CACHE_READ: Final = _rate("cache_read")
_CACHE_WRITE: Final = _rate("cache_write")

IS_PRICED: Final = f"{_INPUT} > 0"
"""Whether a model is paid by the input token: neither unknown, nor free, nor paid by the second."""

INPUT_USD: Final = (
    f"(uncached_input_tokens * {_INPUT} + cache_read_tokens * {_CACHE_READ}"
    f" + cache_write_tokens * {_CACHE_WRITE})"
)
"""What the input costs."""

CACHEABLE_USD: Final = f"(uncached_input_tokens * greatest({_INPUT} - {_CACHE_READ}, 0))"
"""What it would cost less if everything that no cache held were read from one."""
