"""One price book out of the packaged prices and the user's file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from pitwall.ingest.pricing.book import Pattern, Price, PriceBook
from pitwall.ingest.pricing.packaged import load_packaged_prices, packaged_version
from pitwall.ingest.pricing.user_file import UserPrice, file_version, load_user_prices

# Raise it when the same data gives other rows.
_FORM: Final = "form 3"


def book_version(user_file: Path | None = None) -> str:
    """Version of the book that `assemble` would make, without making it."""
    parts = [packaged_version(), *([file_version(user_file)] if user_file else []), _FORM]
    return ", ".join(parts)


def assemble(user_file: Path | None = None) -> PriceBook:
    """Build the book.

    Raises:
        InvalidInput: The user's file has an error; the message names file and line.
    """
    packaged = load_packaged_prices()
    entries = load_user_prices(user_file) if user_file else []
    prices: dict[int, list[Price]] = dict(packaged.prices)
    names = dict(packaged.names)
    next_id = max(prices, default=0) + 1
    patterns: list[Pattern] = []
    for expression, group in _grouped(entries).items():
        prices[next_id] = _without_overlap(group)
        patterns.append(Pattern(expression, next_id))
        _override(names, prices, expression, next_id)
        next_id += 1
    return PriceBook(book_version(user_file), names, [*patterns, *packaged.patterns], prices)


def _grouped(entries: Iterable[UserPrice]) -> dict[str, list[Price]]:
    groups: dict[str, list[Price]] = {}
    for entry in entries:
        groups.setdefault(entry.expression, []).append(entry.price)
    return groups


def _override(names: dict[str, int], prices: dict[int, list[Price]], expression: str, model_id: int) -> None:
    """Point the listed names that an entry covers to it, unless an earlier entry took them."""
    first_user_id = min(
        (known for known, dated in prices.items() if "@" in dated[0].source), default=model_id
    )
    for name, known in names.items():
        if known < first_user_id and re.search(expression, name):
            names[name] = model_id


def _without_overlap(prices: list[Price]) -> list[Price]:
    """The same prices cut so that each day has one: the first in the file."""
    done: list[Price] = []
    for price in prices:
        for first, last in _free_days(done, price.valid_from, price.valid_to):
            done.append(_cut(price, first, last))
    return done


def _free_days(taken: list[Price], first: date, last: date) -> list[tuple[date, date]]:
    free = [(first, last)]
    for price in taken:
        free = [
            piece for start, end in free for piece in _minus(start, end, price.valid_from, price.valid_to)
        ]
    return free


def _minus(start: date, end: date, taken_first: date, taken_last: date) -> list[tuple[date, date]]:
    if taken_last < start or end < taken_first:
        return [(start, end)]
    pieces = []
    if start < taken_first:
        pieces.append((start, taken_first - timedelta(days=1)))
    if taken_last < end:
        pieces.append((taken_last + timedelta(days=1), end))
    return pieces


def _cut(price: Price, first: date, last: date) -> Price:
    return Price(
        price.rates, price.tier_starts, price.per_request, price.per_second, first, last, price.source
    )
