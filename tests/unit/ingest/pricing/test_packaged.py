"""The packaged prices, held against the package's own calculator."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from genai_prices import Usage as TheirUsage
from genai_prices.data_snapshot import get_snapshot

from pitwall.ingest.pricing.assemble import assemble
from pitwall.ingest.pricing.book import UNPRICED, PriceBook, Usage, to_usd
from pitwall.ingest.pricing.packaged import MAKERS, PROVIDERS

_DAY = date(2026, 11, 20)
_AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
_SIZES = (Usage(1_000, 200, 100, 500, 50), Usage(150_000, 90_000, 30_000, 2_000, 0), Usage(7, 0, 0, 0, 0))


@pytest.fixture(scope="module")
def book() -> PriceBook:
    return assemble()


def _names() -> Iterator[tuple[str, str]]:
    """Every provider of the package with every name that its models are listed under."""
    for provider in get_snapshot().providers:
        for model in provider.models:
            if _is_priced_by_time_of_day(model):
                continue
            for clause in _clauses(model.match):
                for name in ("equals", "starts_with", "contains", "ends_with"):
                    if text := getattr(clause, name, None):
                        yield provider.id, text


def _is_priced_by_time_of_day(model: Any) -> bool:
    prices = model.prices if isinstance(model.prices, list) else []
    return any(hasattr(entry.constraint, "start_time") for entry in prices)


def _clauses(clause: Any) -> Iterator[Any]:
    inner = getattr(clause, "or_", None)
    if inner is None:
        yield clause
    else:
        for part in inner:
            yield from _clauses(part)


def _their_usd(provider: str, name: str, usage: Usage) -> Decimal | None:
    """What the package asks for a call; None when it does not price tokens or requests of the model."""
    owner, model = get_snapshot().find_provider_model(name, None, provider, None)
    prices = vars(model.get_prices(_AT))
    known = {key for key, value in prices.items() if value is not None}
    if not known & {"input_mtok", "output_mtok", "requests_kcount"}:
        return None
    theirs = TheirUsage(
        input_tokens=usage.input_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        output_tokens=usage.output_tokens,
        **({"output_reasoning_tokens": usage.reasoning_tokens} if "output_reasoning_mtok" in known else {}),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.calc_price(theirs, owner, genai_request_timestamp=_AT).total_price


def test_costs_equal_those_of_the_package(book: PriceBook) -> None:
    """Every sixth listed name: the same model is found, and it costs the same, tiers and caches included.

    The package calculates with the digits it has; a price that is no whole number of picodollars a token is
    rounded here, which is less than a millionth of the cost.
    """
    outcome: Counter[str] = Counter()
    for provider, name in list(_names())[::6]:
        usage = _SIZES[len(name) % len(_SIZES)]
        theirs = _their_usd(provider, name, usage)
        price = book.price_on(book.find(provider, name), _DAY)
        ours = None if price is None else to_usd(price.cost_pico(usage))
        is_equal = ours == theirs or (ours and theirs and abs(ours - theirs) < theirs / 1_000_000)
        outcome["equal" if is_equal else f"{provider} {name}: {ours} != {theirs}"] += 1
    assert outcome["equal"] > 550
    assert len(outcome) == 1, outcome


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("ollama", "deepseek-r1:7b"),
        ("openai", "qwen2.5:7b"),
        ("openai", "deepseek-r1:latest"),
        ("", "llama3.2:3b-instruct-q4"),
        ("vllm", "gpt-4o"),
        ("", "text-embedding-nomic-embed-text-v1.5"),
        ("", "ada"),
        ("", "moderation"),
        ("openai", "our-own-model"),
        ("", ""),
    ],
)
def test_unknown_and_local_models_are_not_guessed(book: PriceBook, provider: str, model: str) -> None:
    """A model that runs on one's own machine never gets a vendor's price."""
    assert book.find(provider, model) == UNPRICED


@pytest.mark.parametrize(
    ("provider", "model", "like"),
    [
        ("azure.ai.openai", "gpt-4o", ("openai", "gpt-4o")),
        ("openai", "claude-sonnet-4-5-20250929", ("anthropic", "claude-sonnet-4-5")),
        ("", "gemini-2.0-flash", ("google", "gemini-2.0-flash")),
        ("gcp.vertex_ai", "claude-sonnet-4-5", ("google", "claude-sonnet-4-5")),
        ("openai", "GPT-4o-Mini", ("openai", "gpt-4o-mini")),
        ("", "text-embedding-3-small", ("openai", "text-embedding-3-small")),
        ("", "text-embedding-3-large", ("openai", "text-embedding-3-large")),
        ("", "text-embedding-ada-002", ("openai", "text-embedding-ada-002")),
        ("", "chatgpt-4o-latest", ("openai", "chatgpt-4o-latest")),
        ("", "ft:gpt-4o-mini-2024-07-18:shop::a1", ("openai", "ft:gpt-4o-mini-2024-07-18:shop::a1")),
        ("openai", "embed-v4.0", ("cohere", "embed-v4.0")),
        ("", "voyage-3-large", ("voyageai", "voyage-3-large")),
        ("", "amazon.nova-lite-v1:0", ("aws.bedrock", "amazon.nova-lite-v1:0")),
        ("", "sonar-pro", ("perplexity", "sonar-pro")),
    ],
)
def test_the_maker_is_found_behind_gateways(
    book: PriceBook, provider: str, model: str, like: tuple[str, str]
) -> None:
    """Clouds and OpenAI-compatible gateways sell other companies' models under their names."""
    assert book.find(provider, model) == book.find(*like) != UNPRICED


def test_every_alias_leads_to_a_provider_of_the_package() -> None:
    """A provider that the package dropped would silently lose its prices."""
    known = {provider.id for provider in get_snapshot().providers}
    assert set(PROVIDERS.values()) | MAKERS.keys() <= known


def test_patterns_are_understood_by_the_engine(book: PriceBook) -> None:
    """RE2 knows neither look-around nor back-references."""
    for pattern in book.patterns:
        assert not re.search(r"\(\?[=!<]|\\[1-9]", pattern.expression), pattern


def test_prices_of_a_model_do_not_overlap(book: PriceBook) -> None:
    """One day has one price."""
    for prices in book.prices.values():
        for earlier, later in pairwise(prices):
            assert earlier.valid_to < later.valid_from
