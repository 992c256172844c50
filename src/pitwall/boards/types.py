"""Boards as values: tiles that show one number, charts that show series, and who last changed them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pitwall.kit.i18n import Text


class Last(StrEnum):
    """The stretch of time a tile shows whatever the range of the page; days and months are those of UTC."""

    FIVE_MINUTES = "5m"
    HOUR = "1h"
    DAY = "24h"
    TODAY = "today"
    MONTH = "month"


class ChartKind(StrEnum):
    """How a chart draws its series."""

    LINES = "lines"
    BARS = "bars"
    SHARE = "share"


class ChartSize(StrEnum):
    """How much of the width a chart takes."""

    HALF = "half"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Tile:
    """One number.

    Attributes:
        title: None for the signal's own.
        last: None for the range of the page.
        where: Condition on the records; empty for none.
    """

    signal: str
    title: Text | None = None
    last: Last | None = None
    where: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Series over the range of the page; `by` are the labels that split every one of its signals."""

    title: Text
    kind: ChartKind
    signals: tuple[str, ...]
    by: tuple[str, ...] = ()
    where: str = ""
    size: ChartSize = ChartSize.HALF


@dataclass(frozen=True, slots=True)
class Board:
    """Tiles and charts in the order they are shown."""

    name: str
    title: Text
    description: Text
    tiles: tuple[Tile, ...]
    charts: tuple[Chart, ...]


@dataclass(frozen=True, slots=True)
class PackBoard:
    """A board that a pack brings."""

    pack: str
    board: Board


@dataclass(frozen=True, slots=True)
class StoredBoard:
    """A board that a team saved."""

    board: Board
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, slots=True)
class BoardProblem:
    """Something on a board that cannot be answered; `where` is a path such as `tiles.0`."""

    where: str
    text: Text


@dataclass(frozen=True, slots=True)
class BoardState:
    """A board as it is in force.

    Attributes:
        pack: Which pack brings a board of this name; None for a board of the team alone.
        stored: What the team saved; None for a pack's board that nobody touched.
        revision: Changes when the content does.
        problems: What of it cannot be answered, by the catalogue of now.
    """

    board: Board
    pack: str | None
    stored: StoredBoard | None
    is_changed: bool
    revision: str
    problems: tuple[BoardProblem, ...]
