"""The written form of a board: the same in the API, in YAML and in the state store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from pitwall.boards.types import Board, Chart, ChartKind, ChartSize, Last, Tile
from pitwall.kit.i18n import Text

_WIDTH = 110


def board_view(board: Board) -> dict[str, Any]:
    """A board as a JSON object."""
    return {
        "name": board.name,
        "title": text_view(board.title),
        "description": text_view(board.description),
        "tiles": [_tile_view(tile) for tile in board.tiles],
        "charts": [_chart_view(chart) for chart in board.charts],
    }


def read_board(written: Mapping[str, Any]) -> Board:
    """The board of a JSON object that was checked when it came in; limits of today do not matter to it."""
    return Board(
        name=written["name"],
        title=_text(written["title"]),
        description=_text(written["description"]),
        tiles=tuple(map(_tile, written["tiles"])),
        charts=tuple(map(_chart, written["charts"])),
    )


def board_yaml(board: Board) -> str:
    """A board as YAML that a pack may hold or that can be imported; what is as by default is left out."""
    view = board_view(board)
    for part in (*view["tiles"], *view["charts"]):
        for key in [key for key, value in part.items() if value in (None, [])]:
            del part[key]
    return yaml.safe_dump(view, allow_unicode=True, sort_keys=False, width=_WIDTH)


def text_view(text: Text) -> dict[str, str]:
    """Both languages of a text."""
    return {"en": text.en, "ko": text.ko}


def _tile_view(tile: Tile) -> dict[str, Any]:
    return {
        "signal": tile.signal,
        "title": None if tile.title is None else text_view(tile.title),
        "last": None if tile.last is None else tile.last.value,
        "where": tile.where or None,
    }


def _chart_view(chart: Chart) -> dict[str, Any]:
    return {
        "title": text_view(chart.title),
        "kind": chart.kind.value,
        "signals": list(chart.signals),
        "by": list(chart.by),
        "where": chart.where or None,
        "size": chart.size.value,
    }


def _tile(written: Mapping[str, Any]) -> Tile:
    title, last = written["title"], written["last"]
    return Tile(
        signal=written["signal"],
        title=None if title is None else _text(title),
        last=None if last is None else Last(last),
        where=written["where"] or "",
    )


def _chart(written: Mapping[str, Any]) -> Chart:
    return Chart(
        title=_text(written["title"]),
        kind=ChartKind(written["kind"]),
        signals=tuple(written["signals"]),
        by=tuple(written["by"]),
        where=written["where"] or "",
        size=ChartSize(written["size"]),
    )


def _text(written: Mapping[str, str]) -> Text:
    return Text(written["en"], written["ko"])
