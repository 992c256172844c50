"""A month in a terminal: a column per day, what was spent filled, what is like to come in outline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pitwall.kit.i18n import Language, Text
from pitwall.signals.render import show_number

_ROWS: Final = 8
_TICKS: Final = "▁▂▃▄▅▆▇█"
_COMING: Final = "░"
_GAP: Final = "·"
_LEGEND: Final = Text(
    "█ spent  ░ expected  · nothing with a price", "█ 쓴 비용  ░ 예상 비용  · 단가를 아는 호출 없음"
)
Day = Mapping[str, Any]


def month_plot(days: Sequence[Day], language: Language) -> list[str]:
    """Lines of the plot, highest amounts first; none if nothing was spent and nothing is expected."""
    spent = [float(day["cost_usd"] or 0) for day in days]
    coming = [float(day["ahead"]["usd"]) if day["ahead"] else 0.0 for day in days]
    highest = max(map(sum, zip(spent, coming, strict=True)), default=0.0)
    if not highest:
        return []
    labels = {_ROWS - 1: show_number(highest, "usd"), 0: "$0"}
    width = max(map(len, labels.values()))
    lines = [
        f"{labels.get(row, ''):>{width}} ┤"
        + "".join(
            _cell(row, done * _ROWS / highest, (done + left) * _ROWS / highest, day)
            for done, left, day in zip(spent, coming, days, strict=True)
        )
        for row in reversed(range(_ROWS))
    ]
    first, last = days[0]["date"], days[-1]["date"]
    lines.append(f"{'':>{width}}  {first[5:]}{last[5:]:>{max(1, 2 * len(days) - len(first[5:]))}}")
    return [*lines, f"{'':>{width}}  {_LEGEND.say(language)}"]


def _cell(row: int, spent: float, expected: float, day: Day) -> str:
    """Two terminal columns of one day in one row; heights are in rows."""
    if spent > row:
        tick = _TICKS[min(7, max(0, round((spent - row) * 8) - 1))]
        return tick + " "
    if expected > row:
        return _COMING + " "
    return (_GAP if row == 0 and day["cost_usd"] is None and day["is_complete"] else " ") + " "
