"""What calls to a model endpoint cost, where its profile does not say: from the price book, never guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pitwall.ingest.pricing.assemble import assemble
from pitwall.ingest.pricing.book import Price, PriceBook, to_usd
from pitwall.llm.profiles import ModelProfile
from pitwall.llm.types import Api, ModelEndpoint

_PER_MILLION: Final = 10**6
# Whose prices apply at an address. At any other only entries of the user's file that name no provider do: a
# model is not billed as the paid one that it is called like.
_PROVIDERS: Final = {"api.openai.com": "openai"}


def with_prices(
    endpoint: ModelEndpoint, day: date, *, user_file: Path | None = None, book: PriceBook | None = None
) -> ModelEndpoint:
    """Return the endpoint with the prices of the book, unchanged where it has its own or the book has none.

    Args:
        day: When it is asked (UTC).
        user_file: The setting `prices.file`.
        book: The book, if the caller has it; reading it takes a while.

    Raises:
        InvalidInput: The user's file has an error.
    """
    has_prices = endpoint.input_usd_per_million is not None or endpoint.output_usd_per_million is not None
    if has_prices or endpoint.api is Api.SIMULATED:
        return endpoint
    provider = _provider(endpoint)
    if book is None and user_file is None and provider not in _PROVIDERS.values():
        return endpoint  # the packaged book prices no models of one's own
    known = book or assemble(user_file)
    price = known.price_on(known.find(provider, endpoint.model), day)
    if price is None or not _is_by_token(price):
        return endpoint
    rates = price.rates[0]
    return replace(
        endpoint,
        input_usd_per_million=to_usd(rates.input * _PER_MILLION),
        output_usd_per_million=to_usd(rates.output * _PER_MILLION),
    )


def priced(profile: ModelProfile, day: date, *, user_file: Path | None) -> ModelProfile:
    """Return a profile whose models have the prices of the book, where they have none of their own.

    Raises:
        InvalidInput: The user's file has an error.
    """
    embedding = profile.embedding
    return replace(
        profile,
        judge=with_prices(profile.judge, day, user_file=user_file),
        embedding=None if embedding is None else with_prices(embedding, day, user_file=user_file),
    )


def _provider(endpoint: ModelEndpoint) -> str:
    if endpoint.api is Api.OLLAMA:
        return endpoint.api.value
    host = urlsplit(endpoint.base_url).hostname or "unknown"
    return _PROVIDERS.get(host, host)


def _is_by_token(price: Price) -> bool:
    """Whether tokens are all that is paid for; seconds of a machine cannot be told from tokens."""
    return not (price.per_request or price.per_second)
