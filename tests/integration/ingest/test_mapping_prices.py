"""The engine prices a call as the price book does."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pitwall.ingest.pricing.book import PriceBook
from pitwall.ingest.pricing.lookup import install_prices, read_book
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.ingest.mapping_rows import SpanMapping, make_request


def _call(model: str, provider: str, at: datetime, **usage: int) -> dict[str, Any]:
    start = int(at.timestamp()) * 10**9
    attributes: dict[str, Any] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": model,
    }
    attributes |= {f"gen_ai.usage.{name}": count for name, count in usage.items()}
    return {"attributes": attributes, "start": start, "end": start + 1_234_567_000}


def test_book_in_the_store_reads_as_it_was_written(
    telemetry_engine: TelemetryEngine, price_book: PriceBook
) -> None:
    """What the store prices with is what anyone who asks for a price is told."""
    stored = read_book(telemetry_engine)
    assert (stored.version, stored.names) == (price_book.version, price_book.names)
    assert list(stored.patterns) == list(price_book.patterns)
    by_day = {
        model_id: sorted(prices, key=lambda price: price.valid_from)
        for model_id, prices in price_book.prices.items()
    }
    assert stored.prices == by_day


def test_models_of_every_kind_cost_what_the_book_says(mapping: SpanMapping, price_book: PriceBook) -> None:
    """Hundreds of names, exact and by pattern, on two days, with and without tiers: SQL and book agree."""
    names = list(price_book.names)[::15]
    calls = [
        _call(
            name.partition(" ")[2] + ("" if number % 3 else "-20260101"),
            name.partition(" ")[0],
            datetime(2024 + number % 3, 6, 1, tzinfo=UTC),
            input_tokens=(1_000, 250_000)[number % 2],
            output_tokens=300,
        )
        for number, name in enumerate(names)
    ]
    rows = mapping.assert_agrees(make_request(*calls))
    sources = {row["cost_source"] for row in rows}
    assert sources == {"computed", "unpriced"}
    assert sum(row["cost_source"] == "computed" for row in rows) > 200


def test_long_context_is_paid_at_the_higher_tier(mapping: SpanMapping) -> None:
    """Above 200,000 input tokens every token costs more."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    rows = mapping.assert_agrees(
        make_request(
            _call("claude-sonnet-4-5", "anthropic", at, input_tokens=200_000),
            _call("claude-sonnet-4-5", "anthropic", at, input_tokens=200_001),
        )
    )
    assert [row["cost_usd"] for row in rows] == [Decimal("0.6"), Decimal("1.200006")]


def test_cost_stays_exact_for_a_single_token(mapping: SpanMapping) -> None:
    """A cost far below a cent keeps every digit."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    [row] = mapping.assert_agrees(
        make_request(_call("gpt-4o-mini", "openai", at, input_tokens=1, output_tokens=1))
    )
    assert row["cost_usd"] == Decimal("0.00000075")


def test_installing_the_same_book_again_changes_nothing(telemetry_engine: TelemetryEngine) -> None:
    """A start with current prices does not touch the tables."""
    before = telemetry_engine.query("SELECT count(), max(installed_at) FROM price_books").rows
    install_prices(telemetry_engine)
    assert telemetry_engine.query("SELECT count(), max(installed_at) FROM price_books").rows == before
