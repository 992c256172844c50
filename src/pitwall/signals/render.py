"""Signals in a terminal: values with their units, a small chart."""

from __future__ import annotations

from collections.abc import Sequence

from pitwall.kit.sparkline import GAP, TICKS

ABSENT = "–"
_CHART_ROWS = 8
_CHART_COLUMNS = 100


def show_number(value: float | None, unit: str) -> str:
    """Write a value with its unit for people: `98.7 %`, `1,240 ms`, `$0.0042`; a dash without data."""
    if value is None:
        return ABSENT
    if unit == "ratio":
        return f"{value * 100:.4g} %" if value < 1 else f"{value * 100:,.0f} %"
    if unit == "usd" or unit.startswith("usd/"):
        return f"${value:,.4g}{unit.removeprefix('usd')}"
    return f"{_rounded(value)} {unit}"


def chart(values: Sequence[float | None], unit: str) -> list[str]:
    """Lines of a column chart of the latest windows, highest value first; empty if there is no data."""
    shown = list(values)[-_CHART_COLUMNS:]
    known = [value for value in shown if value is not None]
    if not known:
        return []
    low, high = min(0.0, *known), max(known)
    labels = {_CHART_ROWS - 1: show_number(high, unit), 0: show_number(low, unit)}
    width = max(map(len, labels.values()))
    eighths = [None if value is None else _eighths(value, low, high - low) for value in shown]
    return [
        f"{labels.get(row, ''):>{width}} ┤" + "".join(_cell(height, row) for height in eighths)
        for row in reversed(range(_CHART_ROWS))
    ]


def _eighths(value: float, low: float, span: float) -> int:
    """Height of a column in eighths of a row; a value that is there has at least one."""
    return max(1, round((value - low) / span * _CHART_ROWS * 8)) if span else 1


def _cell(height: int | None, row: int) -> str:
    if height is None:
        return GAP if row == 0 else " "
    filled = min(8, height - row * 8)
    return TICKS[filled - 1] if filled > 0 else " "


def _rounded(value: float) -> str:
    if abs(value) >= 1000 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.4g}"
