"""The wire shapes of boards, and the limits of what may be saved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from pitwall.boards.types import Board, BoardState, ChartKind, ChartSize, Last
from pitwall.boards.wire import board_view, read_board, text_view
from pitwall.kit.text import check_line
from pitwall.signals.schemas import Name

MAX_TILES = 48
MAX_CHARTS = 24
MAX_YAML = 256 * 1024
_MAX_SIGNALS = 8
_MAX_LABELS = 3

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Phrase = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(check_line)
]
Sentence = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=400), AfterValidator(check_line)
]
Where = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000), AfterValidator(check_line)]
_WHERE = Field(default=None, description="Condition on the records, such as `service = 'shop-chat'`.")


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class TitleBody(_Written):
    """A title in both languages."""

    en: Phrase
    ko: Phrase


class DescriptionBody(_Written):
    """A description in both languages; may be empty."""

    en: Sentence = ""
    ko: Sentence = ""


class TileBody(_Written):
    """One number."""

    signal: Name = Field(description="Which signal.")
    title: TitleBody | None = Field(default=None, description="Null for the signal's own.")
    last: Annotated[Last, Field(strict=False)] | None = Field(
        default=None,
        description="Stretch of time, whatever the range of the page; `today` and `month` begin in UTC. "
        "Null for the page's range.",
    )
    where: Where | None = _WHERE


class ChartBody(_Written):
    """Series over the range of the page."""

    title: TitleBody
    kind: Annotated[ChartKind, Field(strict=False)]
    signals: Annotated[list[Name], Field(min_length=1, max_length=_MAX_SIGNALS)]
    by: Annotated[list[str], Field(max_length=_MAX_LABELS)] = Field(
        default=[], description="Labels that split every signal of the chart."
    )
    where: Where | None = _WHERE
    size: Annotated[ChartSize, Field(strict=False)] = ChartSize.HALF


class BoardBody(_Written):
    """A board as people write it."""

    name: Slug = Field(description="Names the board in addresses: a-z, 0-9, - and _.")
    title: TitleBody
    description: DescriptionBody = DescriptionBody()
    tiles: Annotated[list[TileBody], Field(max_length=MAX_TILES)] = []
    charts: Annotated[list[ChartBody], Field(max_length=MAX_CHARTS)] = []

    def board(self) -> Board:
        """Return the board."""
        return read_board(self.model_dump(mode="json"))


class PackBoardBody(BoardBody):
    """A board in a file of a pack."""

    order: int = Field(default=100, description="Boards of packs are listed by this, then by name.")


class BoardSave(BoardBody):
    """A board to save."""

    revision: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        default=None,
        description="The revision that was edited, so that nobody's work is overwritten: empty for a board "
        "that is to be new, null to replace whatever there is.",
    )


class ProblemView(BaseModel):
    """Something on a board that cannot be answered."""

    where: str = Field(description="Path into the board, such as `tiles.0` or `charts.1.signals.0`.")
    text: dict[str, str] = Field(description="By language, `en` and `ko`.")


class BoardView(BaseModel):
    """A board as it is in force."""

    name: str
    title: dict[str, str] = Field(description="By language, `en` and `ko`.")
    description: dict[str, str]
    tiles: list[TileView]
    charts: list[ChartView]
    origin: Literal["pack", "team"] = Field(description="`team` for what somebody saved.")
    pack: str | None = Field(description="The pack that brings a board of this name.")
    is_changed: bool = Field(description="Whether it is the team's version of a pack's board.")
    revision: str = Field(description="Changes when the content does; a save names the one it edited.")
    updated_at: datetime | None
    updated_by: str | None
    problems: list[ProblemView] = Field(
        description="What cannot be answered any more, such as a signal that is gone."
    )

    @classmethod
    def of(cls, state: BoardState) -> Self:
        """Return the view of a board."""
        return cls.model_validate(
            {
                **board_view(state.board),
                "origin": "pack" if state.stored is None else "team",
                "pack": state.pack,
                "is_changed": state.is_changed,
                "revision": state.revision,
                "updated_at": state.stored and state.stored.updated_at,
                "updated_by": state.stored and state.stored.updated_by,
                "problems": [
                    {"where": problem.where, "text": text_view(problem.text)} for problem in state.problems
                ],
            }
        )


class TileView(BaseModel):
    """One number."""

    signal: str
    title: dict[str, str] | None = Field(description="Null for the signal's own.")
    last: Last | None = Field(description="Null for the page's range.")
    where: str | None


class ChartView(BaseModel):
    """Series over the range of the page."""

    title: dict[str, str]
    kind: ChartKind
    signals: list[str]
    by: list[str]
    where: str | None
    size: ChartSize


class BoardList(BaseModel):
    """Boards: those of packs first, in their order, then the team's own by name."""

    boards: list[BoardView]

    @classmethod
    def of(cls, states: Iterable[BoardState]) -> Self:
        """Return the view of several boards."""
        return cls(boards=[BoardView.of(state) for state in states])


class BoardRemoval(BaseModel):
    """What a deletion left."""

    board: BoardView | None = Field(description="The pack's board that is in force again; null if none is.")


class BoardYaml(BaseModel):
    """A board as YAML."""

    yaml: str


class YamlText(BaseModel):
    """YAML to read as a board."""

    model_config = ConfigDict(extra="forbid")

    yaml: Annotated[str, StringConstraints(max_length=MAX_YAML)]


class ParsedBoard(BaseModel):
    """The board of a YAML text; nothing is saved."""

    board: BoardContent


class BoardContent(BaseModel):
    """A board as it can be saved."""

    name: str
    title: dict[str, str]
    description: dict[str, str]
    tiles: list[TileView]
    charts: list[ChartView]
