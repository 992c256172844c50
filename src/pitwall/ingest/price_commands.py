"""`pitwall prices`: what models cost, by the packaged prices and the user's own file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import click

from pitwall.core.errors import NotFound
from pitwall.ingest.pricing.assemble import assemble
from pitwall.ingest.pricing.book import FIRST_DAY, LAST_DAY, UNPRICED, Price, PriceBook, Rates, to_usd
from pitwall.kit.cli_options import Target, local_target_options, output_option
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.clock import SystemClock
from pitwall.settings import load_settings

_MTOK = 10**6
_RATE_COLUMNS = [
    Column("input_usd_per_mtok", "input $/Mtok", "right"),
    Column("cached_input_usd_per_mtok", "cached", "right"),
    Column("cache_write_usd_per_mtok", "cache write", "right"),
    Column("cache_write_1h_usd_per_mtok", "1h write", "right"),
    Column("output_usd_per_mtok", "output $/Mtok", "right"),
    Column("reasoning_usd_per_mtok", "reasoning", "right"),
    Column("usd_per_request", "$/request", "right"),
    Column("usd_per_second", "$/s", "right"),
]
_NO_NAME = "No listed name fits; models that a pattern covers are found by `pitwall prices show MODEL`."
_SOURCE = Column("source", "source")
_LIST_COLUMNS = [Column("provider", "provider"), Column("model", "model"), *_RATE_COLUMNS, _SOURCE]
_SHOW_COLUMNS = [
    Column("valid_from", "from"),
    Column("valid_to", "to"),
    Column("above_input_tokens", "above input tokens", "right"),
    *_RATE_COLUMNS,
    _SOURCE,
]


@click.group()
def prices() -> None:
    """Look up what models cost.

    \b
    Example:
      pitwall prices list --contains gpt-4o
      pitwall prices show gpt-4o-mini --provider openai
    """


@prices.command("list")
@click.option("--provider", help="Only of this provider.")
@click.option("--contains", default="", help="Only models whose name contains this text.")
@output_option
@local_target_options
def list_(target: Target, provider: str | None, contains: str, output: OutputFormat) -> None:
    """List today's prices of the models that are known by name; of tiered ones the lowest.

    \b
    Example:
      pitwall prices list --provider anthropic
      pitwall prices list --contains gpt-4o --output json
    """
    book, today = _open_book(target), SystemClock().now().date()
    rows = [
        row
        for row in _listed(book, today)
        if provider in (None, row["provider"]) and contains.lower() in row["model"]
    ]
    payload = {"version": book.version, "prices": rows}
    emit(rows, _LIST_COLUMNS, output, payload=payload, empty=_NO_NAME)


@prices.command()
@click.argument("model")
@click.option("--provider", default="", help="As spans name it, such as openai or aws.bedrock.")
@output_option
@local_target_options
def show(target: Target, model: str, provider: str, output: OutputFormat) -> None:
    """Show what a call of MODEL costs, by day and tier, found as for a span.

    \b
    Example:
      pitwall prices show gpt-4o-mini --provider openai
      pitwall prices show qwen2.5:7b --provider ollama --output json
    """
    book = _open_book(target)
    model_id = book.find(provider, model)
    if model_id == UNPRICED:
        of = f" of provider {provider!r}" if provider else ""
        raise NotFound(
            f"Model {model!r}{of} has no price.",
            code="prices.unpriced",
            hint="Name the provider, or add the model to a file of your own and set prices.file.",
        )
    rows = [row for price in book.prices[model_id] for row in _tiers(price)]
    payload = {"version": book.version, "provider": provider, "model": model, "prices": rows}
    emit(rows, _SHOW_COLUMNS, output, payload=payload)


def _open_book(target: Target) -> PriceBook:
    settings = load_settings(environ=target.environ, config=target.config, flags=target.setting_flags())
    return assemble(settings.prices.file)


def _listed(book: PriceBook, day: date) -> Iterator[dict[str, Any]]:
    for name in sorted(book.names):
        provider, _, model = name.partition(" ")
        price = book.price_on(book.names[name], day)
        if provider and price is not None:
            yield {"provider": provider, "model": model, **_rates(price, price.rates[0])}


def _tiers(price: Price) -> Iterator[dict[str, Any]]:
    days = {
        "valid_from": None if price.valid_from == FIRST_DAY else price.valid_from.isoformat(),
        "valid_to": None if price.valid_to == LAST_DAY else price.valid_to.isoformat(),
    }
    for start, rates in zip((0, *price.tier_starts), price.rates, strict=True):
        yield {**days, "above_input_tokens": start, **_rates(price, rates)}


def _rates(price: Price, rates: Rates) -> dict[str, Any]:
    return {
        "input_usd_per_mtok": _usd(rates.input * _MTOK),
        "cached_input_usd_per_mtok": _usd(rates.cache_read * _MTOK),
        "cache_write_usd_per_mtok": _usd(rates.cache_write * _MTOK),
        "cache_write_1h_usd_per_mtok": _usd(rates.cache_write_1h * _MTOK),
        "output_usd_per_mtok": _usd(rates.output * _MTOK),
        "reasoning_usd_per_mtok": _usd(rates.reasoning * _MTOK),
        "usd_per_request": _usd(price.per_request),
        "usd_per_second": _usd(price.per_second),
        "source": price.source,
    }


def _usd(pico: int) -> Decimal:
    """Return an amount without trailing zeros."""
    amount = to_usd(pico).normalize()
    return amount.quantize(Decimal(1)) if amount == amount.to_integral() else amount
