"""Prices in the telemetry store: the tables behind the price dictionaries, and the SQL that uses them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pitwall.ingest.pricing.assemble import assemble, book_version
from pitwall.ingest.pricing.book import Pattern, Price, PriceBook, Rates
from pitwall.stores.telemetry.engine import TelemetryEngine

_ROWS_PER_INSERT: Final = 5_000
# Rates of a price in the order they are stored, and the amount of a span that each is paid for.
_AMOUNTS: Final = {
    "input": "uncached_input_tokens",
    "cache_read": "cache_read_tokens",
    "cache_write": "cache_write_tokens - cache_write_1h_tokens",
    "cache_write_1h": "cache_write_1h_tokens",
    "output": "output_tokens - reasoning_tokens",
    "reasoning": "reasoning_tokens",
}
_PRICE_COLUMNS: Final = (
    "model_id", "valid_from", "valid_to", "tier_starts", "rates", "per_request", "per_second", "source",
)  # fmt: skip
_PATTERN_COLUMNS: Final = ("id", "parent_id", "regexp", "keys", "values")
_DICTIONARIES: Final = ("model_names", "model_patterns", "model_prices")


def install_prices(engine: TelemetryEngine, *, user_file: Path | None = None) -> str:
    """Make the store price telemetry with the current book; quick when it already does.

    Returns:
        The version of the book.

    Raises:
        InvalidInput: The user's file has an error.
    """
    version = book_version(user_file)
    if _installed_version(engine) != version:
        _replace(engine, assemble(user_file))
    return version


def read_book(engine: TelemetryEngine) -> PriceBook:
    """Return the book that telemetry is priced with now."""
    patterns = engine.query("SELECT regexp, toUInt32(values[1]) FROM price_patterns ORDER BY id").rows
    prices: dict[int, list[Price]] = {}
    columns = ", ".join(_PRICE_COLUMNS)
    for row in engine.query(f"SELECT {columns} FROM prices ORDER BY model_id, valid_from").dicts():
        prices.setdefault(row["model_id"], []).append(_price(row))
    return PriceBook(
        version=_installed_version(engine) or "",
        names=dict(engine.query("SELECT name, model_id FROM price_names").rows),
        patterns=[Pattern(expression, model_id) for expression, model_id in patterns],
        prices=prices,
    )


def _installed_version(engine: TelemetryEngine) -> str | None:
    rows = engine.query("SELECT version FROM price_books ORDER BY installed_at DESC LIMIT 1").rows
    return str(rows[0][0]) if rows else None


def _price(row: Mapping[str, Any]) -> Price:
    return Price(
        rates=tuple(Rates(*rates) for rates in row["rates"]),
        tier_starts=tuple(row["tier_starts"]),
        per_request=row["per_request"],
        per_second=row["per_second"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        source=row["source"],
    )


def _replace(engine: TelemetryEngine, book: PriceBook) -> None:
    names = [[name, model_id] for name, model_id in book.names.items()]
    patterns = [
        [number, 0, pattern.expression, ["model_id"], [str(pattern.model_id)]]
        for number, pattern in enumerate(book.patterns, start=1)
    ]
    _fill(engine, "price_names", ("name", "model_id"), names)
    _fill(engine, "price_patterns", _PATTERN_COLUMNS, patterns)
    _fill(engine, "prices", _PRICE_COLUMNS, _price_rows(book))
    for dictionary in _DICTIONARIES:
        engine.command(f"SYSTEM RELOAD DICTIONARY {dictionary}")
    engine.insert_rows("price_books", ["version"], [[book.version]])


def _fill(engine: TelemetryEngine, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    # Dictionaries keep the old content in memory until they are reloaded.
    engine.command(f"TRUNCATE TABLE {table}")
    for start in range(0, len(rows), _ROWS_PER_INSERT):
        engine.insert_rows(table, columns, rows[start : start + _ROWS_PER_INSERT])


def _price_rows(book: PriceBook) -> list[list[Any]]:
    return [
        [
            model_id,
            price.valid_from.isoformat(),
            price.valid_to.isoformat(),
            list(price.tier_starts),
            [[getattr(rates, name) for name in _AMOUNTS] for rates in price.rates],
            price.per_request,
            price.per_second,
            price.source,
        ]
        for model_id, price in book.rows()
    ]


def model_id_sql(provider: str, model: str) -> str:
    """UInt32 id of the priced model, 0 when there is none.

    Of low cardinality, so that both dictionaries are asked once for each distinct model of a block.
    """
    name = f"toLowCardinality(lower(concat({provider}, ' ', {model})))"
    by_pattern = f"dictGet('model_patterns', 'model_id', {name})"
    return f"if(dictHas('model_names', {name}), dictGet('model_names', 'model_id', {name}), {by_pattern})"


def price_sql(model_id: str, day: str) -> str:
    """Tuple of the price of a model on a day; no rates when there is none."""
    attributes = ", ".join(f"'{name}'" for name in _PRICE_COLUMNS[3:])
    return f"dictGet('model_prices', ({attributes}), toUInt64({model_id}), {day})"


def price_member(price: str, name: str) -> str:
    """One member of the tuple of `price_sql`."""
    return f"tupleElement({price}, {_PRICE_COLUMNS[3:].index(name) + 1})"


def cost_pico_sql(price: str) -> str:
    """Int64 picodollars of a span at a price; over the token columns and `duration_ms`.

    The same sum as `Price.cost_pico`.
    """
    tier = f"arrayCount(s -> input_tokens > s, {price_member(price, 'tier_starts')}) + 1"
    tokens = f"arrayDotProduct({price_member(price, 'rates')}[{tier}], [{', '.join(_AMOUNTS.values())}])"
    seconds = f"toUInt64({price_member(price, 'per_second')} * (ifNull(duration_ms, 0) / 1000))"
    return f"toInt64({tokens} + {price_member(price, 'per_request')} + {seconds})"
