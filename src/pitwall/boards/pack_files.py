"""Reads boards from YAML: those of packs, and one that somebody wrote; every problem has its line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from pitwall.boards.checks import problems_of
from pitwall.boards.errors import BoardInvalid, BoardPackInvalid
from pitwall.boards.schemas import BoardBody, PackBoardBody
from pitwall.boards.types import Board, PackBoard
from pitwall.signals.catalogue import Catalogue
from pitwall.signals.errors import CatalogueInvalid
from pitwall.signals.pack_files import (
    Document,
    Problem,
    parse_document,
    place_of,
    read_document,
    validation_problems,
)

Body = TypeVar("Body", bound=BoardBody)

_TEXT = "board.yaml"
_NO_BOARD = "a board is a mapping with name, title, tiles and charts"


def load_boards(packs: Sequence[Path], catalogue: Catalogue) -> tuple[PackBoard, ...]:
    """Load the boards of packs: every `boards/*.yaml` below each directory is one.

    Args:
        packs: Directories; their names are those of the packs.
        catalogue: The signals that boards may name.

    Returns:
        Boards in their order.

    Raises:
        BoardPackInvalid: Anything is wrong; every problem is named with its file and line.
    """
    loader = _Loader(catalogue)
    for pack in packs:
        for path in sorted((pack / "boards").glob("*.yaml")):
            loader.read(pack.name, path)
    return loader.finish()


def parse_board(text: str, catalogue: Catalogue) -> Board:
    """Read one board that somebody wrote as YAML.

    Raises:
        BoardInvalid: It is none; `details` has the line of the first problem, and all of them.
    """
    try:
        document = parse_document(text, _TEXT)
    except CatalogueInvalid as error:
        line, problem = error.details["line"], error.details["problem"]
        raise _invalid([{"line": line, "where": "", "message": problem}]) from error
    written, wrong = _read(document, BoardBody, catalogue)
    if written is None or wrong:
        raise _invalid(document.listed(wrong))
    return written.board()


class _Loader:
    """Collects boards and problems; nothing is returned unless there is no problem at all."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._found: dict[str, tuple[int, PackBoard]] = {}
        self._problems: list[str] = []

    def read(self, pack: str, path: Path) -> None:
        try:
            document = read_document(path)
        except CatalogueInvalid as error:
            self._problems.append(error.message)
            return
        written, wrong = _read(document, PackBoardBody, self._catalogue)
        if written is not None and written.name in self._found:
            wrong.append(Problem(("name",), f"there is a board {written.name} already"))
        elif written is not None:
            self._found[written.name] = (written.order, PackBoard(pack, written.board()))
        self._problems += map(document.told, wrong)

    def finish(self) -> tuple[PackBoard, ...]:
        if self._problems:
            raise BoardPackInvalid(
                "The boards of the packs cannot be loaded:\n  " + "\n  ".join(self._problems),
                details={"problems": self._problems},
            )
        ordered = sorted(self._found.values(), key=lambda found: (found[0], found[1].board.name))
        return tuple(board for _, board in ordered)


def _read(document: Document, form: type[Body], catalogue: Catalogue) -> tuple[Body | None, list[Problem]]:
    if not isinstance(document.data, dict):
        return None, [Problem((), _NO_BOARD)]
    try:
        written = form.model_validate(document.data)
    except ValidationError as error:
        return None, validation_problems(error)
    return written, [
        Problem(place_of(problem.where), problem.text.en)
        for problem in problems_of(written.board(), catalogue)
    ]


def _invalid(problems: Sequence[dict[str, str | int]]) -> BoardInvalid:
    first = problems[0]
    more = f" ({len(problems) - 1} more in details)" if len(problems) > 1 else ""
    return BoardInvalid(
        f"Line {first['line']}: {first['message']}{more}.".replace("..", "."),
        hint="`pitwall boards export` shows how a board is written.",
        details={"line": first["line"], "problems": list(problems)},
    )
