"""What input tokens cost at today's prices, as SQL over the token columns of spans and of their rollups.

Both have the columns `provider`, `model` and the tokens, so that a signal is the same number from either. It
is for questions of what would be: what was paid is `cost_usd`, by the price of its day, tier and service.
"""

from __future__ import annotations

from typing import Final

from pitwall.ingest.pricing.lookup import rate_usd_sql

_INPUT: Final = rate_usd_sql("input", "provider", "model")
_CACHE_READ: Final = rate_usd_sql("cache_read", "provider", "model")
_CACHE_WRITE: Final = rate_usd_sql("cache_write", "provider", "model")

IS_PRICED: Final = f"{_INPUT} > 0"
"""Whether a model is paid by the input token: neither unknown, nor free, nor paid by the second."""

INPUT_USD: Final = (
    f"(uncached_input_tokens * {_INPUT} + cache_read_tokens * {_CACHE_READ}"
    f" + cache_write_tokens * {_CACHE_WRITE})"
)
"""What the input costs."""

CACHEABLE_USD: Final = f"(uncached_input_tokens * greatest({_INPUT} - {_CACHE_READ}, 0))"
"""What it would cost less if everything that no cache held were read from one."""
