"""The user's price file: what it may say, and what an error says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.core.errors import InvalidInput
from pitwall.ingest.pricing.assemble import assemble, book_version
from pitwall.ingest.pricing.book import Price, Rates, Usage, to_usd
from pitwall.ingest.pricing.user_file import load_user_prices


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "prices.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_local_model_is_priced_by_the_second(tmp_path: Path) -> None:
    """What a second of the machine costs, for every model of a pattern."""
    path = _file(
        tmp_path, 'prices:\n  - provider: ollama\n    model: "qwen2.5:*"\n    usd_per_second: 0.0002\n'
    )
    book = assemble(path)
    price = book.price_on(book.find("ollama", "Qwen2.5:7B"), date(2026, 1, 1))
    assert price is not None
    assert str(to_usd(price.cost_pico(Usage(duration_ms=1500.0)))) == "0.000300000000"
    assert book.find("ollama", "llama3") == 0


def test_user_prices_win_over_packaged_ones(tmp_path: Path) -> None:
    """A negotiated price replaces the list price, also of names that are listed exactly."""
    path = _file(tmp_path, "prices:\n  - provider: openai\n    model: gpt-4o*\n    input_usd_per_mtok: 1\n")
    ours, theirs = assemble(path), assemble()
    price = ours.price_on(ours.find("openai", "gpt-4o-mini"), date(2026, 1, 1))
    assert price is not None
    assert price.rates == (
        Rates(input=1_000_000, cache_read=1_000_000, cache_write=1_000_000, cache_write_1h=1_000_000),
    )
    assert price.source.startswith("prices.yaml@")
    assert ours.find("anthropic", "claude-sonnet-4-5") == theirs.find("anthropic", "claude-sonnet-4-5")


def test_days_decide_between_entries(tmp_path: Path) -> None:
    """Prices change on a day; a later entry for the same model fills the days that are left."""
    path = _file(
        tmp_path,
        "prices:\n"
        "  - {model: m, input_usd_per_mtok: 2, valid_from: 2026-07-01, valid_to: 2026-12-31}\n"
        "  - {model: m, input_usd_per_mtok: 1}\n",
    )
    book = assemble(path)
    model_id = book.find("anyone", "m")
    inputs = {
        day: book.price_on(model_id, day) for day in (date(2026, 6, 30), date(2026, 7, 1), date(2027, 1, 1))
    }
    assert [price.rates[0].input if price else None for price in inputs.values()] == [
        1_000_000,
        2_000_000,
        1_000_000,
    ]


def test_a_day_outside_every_entry_is_unpriced(tmp_path: Path) -> None:
    """A price that has not begun is no price, and the packaged one does not come back."""
    path = _file(
        tmp_path,
        "prices:\n  - {provider: openai, model: gpt-4o, input_usd_per_mtok: 2, valid_from: 2026-07-01}\n",
    )
    book = assemble(path)
    assert book.price_on(book.find("openai", "gpt-4o"), date(2026, 6, 30)) is None


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("price:\n", 1, "there is no list `prices`"),
        ("prices:\n  - just text\n", 2, "not a mapping"),
        ("prices:\n  - model: m\n", 2, "no price"),
        ("prices:\n  - input_usd_per_mtok: 1\n", 2, "names no model"),
        ("prices:\n  - model: m\n    input_usd_per_mtok: -1\n", 3, "'-1' is not a price"),
        ("prices:\n  - model: m\n    input_usd_per_mtok: cheap\n", 3, "'cheap' is not a price"),
        ("prices:\n  - model: m\n    input_per_mtok: 1\n", 3, "'input_per_mtok' is not a known key"),
        ("prices:\n  - model: m\n    usd_per_second: 1\n    valid_from: soon\n", 4, "'soon' is not a day"),
        (
            "prices:\n  - {model: m, usd_per_second: 1, valid_from: 2026-02-01, valid_to: 2026-01-01}\n",
            2,
            "is before",
        ),
        ("prices:\n  - model: [a]\n    usd_per_second: 1\n", 2, "is not a text"),
    ],
)
def test_an_error_names_file_and_line(tmp_path: Path, text: str, line: int, problem: str) -> None:
    """Every mistake says where it is and how to put it right."""
    path = _file(tmp_path, text)
    with pytest.raises(InvalidInput) as caught:
        load_user_prices(path)
    assert caught.value.message.startswith(f"{path}:{line}: ")
    assert problem in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("text", ["prices: [", "\tprices:\n"])
def test_broken_yaml_is_an_error_not_a_crash(tmp_path: Path, text: str) -> None:
    """The parser's own words are kept; they have the line."""
    with pytest.raises(InvalidInput, match=r"(?s)prices\.yaml cannot be read.*line 1"):
        load_user_prices(_file(tmp_path, text))


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    """A path that leads nowhere is said, not ignored."""
    with pytest.raises(InvalidInput, match=r"nowhere\.yaml cannot be read"):
        load_user_prices(tmp_path / "nowhere.yaml")


def test_empty_file_has_no_prices(tmp_path: Path) -> None:
    """An empty file says nothing."""
    assert load_user_prices(_file(tmp_path, "")) == []


def test_version_follows_the_content(tmp_path: Path) -> None:
    """A changed file is another book; the same file is the same."""
    first = book_version(_file(tmp_path, "prices: []\n"))
    assert first == book_version(_file(tmp_path, "prices: []\n"))
    assert first != book_version(_file(tmp_path, "prices:\n  - {model: m, usd_per_second: 1}\n"))


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_cost_is_the_sum_of_its_classes(uncached: int, read: int, output: int) -> None:
    """Costs are exact: no float is involved for tokens."""
    price = Price(rates=(Rates(input=3_000_000, cache_read=300_000, output=15_000_000),))
    usage = Usage(uncached_input_tokens=uncached, cache_read_tokens=read, output_tokens=output)
    assert price.cost_pico(usage) == uncached * 3_000_000 + read * 300_000 + output * 15_000_000


def test_a_tier_is_paid_for_all_tokens_of_the_call() -> None:
    """Above the threshold the higher rate holds from the first token."""
    price = Price(rates=(Rates(input=1), Rates(input=2)), tier_starts=(200,))
    assert [price.cost_pico(Usage(uncached_input_tokens=n)) for n in (200, 201)] == [200, 402]
