"""Charts of a report as SVG text: no script, no font, no file beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pitwall.evals.runs.exporting.contents import Spread


_WIDTH = 720
_LABEL = 190
_VALUE = 90
_ROW = 30
_BAR = 12
_HEIGHT = 96


def means_chart(metrics: Mapping[str, Mapping[str, Any]], title: str) -> str:
    """Means of ratios as bars with their intervals and thresholds, a row for each metric."""
    shown = {
        name: metric
        for name, metric in metrics.items()
        if metric["unit"] == "ratio" and metric["mean"] is not None
    }
    if not shown:
        return ""
    rows = [_mean_row(name, metric, index) for index, (name, metric) in enumerate(shown.items())]
    return _svg(_ROW * len(rows) + 8, title, rows)


def spread_chart(spread: Spread, title: str, cases: str) -> str:
    """Counts as columns over the range that they cover."""
    highest = max(spread.counts)
    width = (_WIDTH - 60) / len(spread.counts)
    columns = [
        _column(index, count, highest, width, _range(spread, index), cases)
        for index, count in enumerate(spread.counts)
    ]
    base = _HEIGHT - 18
    axis = [
        f'<line x1="30" y1="{base}" x2="{_WIDTH - 30}" y2="{base}" class="axis"/>',
        f'<text x="30" y="{_HEIGHT - 4}" class="small">{spread.low:g}</text>',
        f'<text x="{_WIDTH - 30}" y="{_HEIGHT - 4}" class="small end">{spread.high:g}</text>',
    ]
    return _svg(_HEIGHT, title, [*columns, *axis])


def _mean_row(name: str, metric: Mapping[str, Any], index: int) -> str:
    y = index * _ROW + _ROW / 2 + 4
    top = y - _BAR / 2
    mean, low, high, threshold = (metric[key] for key in ("mean", "low", "high", "threshold"))
    parts = [
        f'<text x="{_LABEL - 8}" y="{y + 4}" class="label end">{escape(name)}</text>',
        f'<rect x="{_LABEL}" y="{top}" width="{_x(1) - _LABEL}" height="{_BAR}" class="track"/>',
        f'<rect x="{_LABEL}" y="{top}" width="{_x(mean) - _LABEL:.1f}" height="{_BAR}" class="bar"/>',
    ]
    if low is not None and high is not None:
        parts.append(f'<line x1="{_x(low):.1f}" y1="{y}" x2="{_x(high):.1f}" y2="{y}" class="interval"/>')
        parts += [
            f'<line x1="{_x(end):.1f}" y1="{y - 5}" x2="{_x(end):.1f}" y2="{y + 5}" class="interval"/>'
            for end in (low, high)
        ]
    if threshold is not None:
        x = _x(threshold)
        parts.append(f'<line x1="{x:.1f}" y1="{y - 10}" x2="{x:.1f}" y2="{y + 10}" class="threshold"/>')
    parts.append(f'<text x="{_WIDTH - _VALUE + 12}" y="{y + 4}" class="value">{mean:.3f}</text>')
    return "".join(parts)


def _x(value: float) -> float:
    """Where a value from 0 to 1 stands."""
    return _LABEL + min(max(value, 0.0), 1.0) * (_WIDTH - _LABEL - _VALUE)


def _column(index: int, count: int, highest: int, width: float, where: str, cases: str) -> str:
    height = count / highest * (_HEIGHT - 30) if highest else 0.0
    x, y = 30 + index * width, _HEIGHT - 18 - height
    title = f"<title>{where}: {count} {escape(cases)}</title>"
    return (
        f'<rect x="{x + 1:.1f}" y="{y:.1f}" width="{width - 2:.1f}" height="{height:.1f}" class="bar">'
        f"{title}</rect>"
    )


def _range(spread: Spread, index: int) -> str:
    step = (spread.high - spread.low) / len(spread.counts)
    return f"{spread.low + index * step:.2f} – {spread.low + (index + 1) * step:.2f}"


def _svg(height: float, title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height:g}" role="img" aria-label="{escape(title, quote=True)}">'
        f"{''.join(parts)}</svg>"
    )
