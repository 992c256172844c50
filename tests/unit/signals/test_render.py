"""How numbers are written for people: with units, as sparklines and charts."""

from __future__ import annotations

import pytest

from pitwall.kit.sparkline import sparkline
from pitwall.signals.render import chart, show_number


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "ms", "–"),
        (0.987, "ratio", "98.7 %"),
        (1.0, "ratio", "100 %"),
        (1240.4, "ms", "1,240 ms"),
        (0.00423, "usd", "$0.00423"),
        (0.5, "usd/request", "$0.5/request"),
        (3.0, "calls", "3 calls"),
    ],
)
def test_number_is_written_with_its_unit(value: float | None, unit: str, text: str) -> None:
    """Nobody has to guess what a number measures."""
    assert show_number(value, unit) == text


def test_sparkline_shows_gaps_as_gaps() -> None:
    """A window without data is a dot, never the lowest tick."""
    assert sparkline([0.0, None, 7.0]) == "▁·█"
    assert sparkline([None, None]) == "··"
    assert sparkline([5.0, 5.0]) == "▁▁"


def test_chart_of_nothing_is_empty() -> None:
    """Without data there is nothing to draw."""
    assert chart([None, None], "ms") == []
