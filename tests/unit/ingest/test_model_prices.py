"""Prices of model endpoints come from the price book, or nowhere."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pitwall.ingest.pricing.model_prices import with_prices
from pitwall.llm.types import Api, ModelEndpoint

DAY = date(2026, 11, 28)
OPENAI = "https://api.openai.com/v1"
HERE = "http://127.0.0.1:9/v1"


def prices(endpoint: ModelEndpoint, **options: Any) -> tuple[Decimal | None, Decimal | None]:
    """Input and output of the endpoint, a million tokens."""
    priced = with_prices(endpoint, DAY, **options)
    return priced.input_usd_per_million, priced.output_usd_per_million


def test_a_model_of_the_provider_has_its_packaged_price() -> None:
    """gpt-4o-mini costs what it costs, in exact dollars."""
    endpoint = ModelEndpoint(Api.OPENAI, "gpt-4o-mini", OPENAI)
    assert prices(endpoint) == (Decimal("0.15"), Decimal("0.6"))


@pytest.mark.parametrize(
    "endpoint",
    [
        ModelEndpoint(Api.OPENAI, "gpt-4o-mini", HERE),
        ModelEndpoint(Api.OPENAI, "house-model", OPENAI),
        ModelEndpoint(Api.OLLAMA, "qwen2.5:7b", "http://127.0.0.1:11434"),
    ],
    ids=["of that name elsewhere", "unknown", "local"],
)
def test_what_the_book_does_not_know_stays_unpriced(endpoint: ModelEndpoint) -> None:
    """A model that is only called like a paid one is not billed as it."""
    assert prices(endpoint) == (None, None)


def test_prices_of_the_profile_win() -> None:
    """The book is not even read."""
    endpoint = ModelEndpoint(Api.OPENAI, "gpt-4o-mini", OPENAI, input_usd_per_million=Decimal(1))
    assert prices(endpoint, user_file=Path("/nowhere.yaml")) == (Decimal(1), None)


def test_the_users_file_prices_models_of_the_house(tmp_path: Path) -> None:
    """By token at any address; a price by the second is none of tokens."""
    file = tmp_path / "prices.yaml"
    file.write_text(
        "prices:\n"
        "  - {model: house-model, input_usd_per_mtok: 1.5, output_usd_per_mtok: 6}\n"
        "  - {provider: ollama, model: 'qwen2.5:*', usd_per_second: 0.0001}\n"
    )
    house = ModelEndpoint(Api.OPENAI, "house-model", HERE)
    local = ModelEndpoint(Api.OLLAMA, "qwen2.5:7b", "http://127.0.0.1:11434")
    assert prices(house, user_file=file) == (Decimal("1.5"), Decimal(6))
    assert prices(local, user_file=file) == (None, None)
