"""`/api/v1/boards`: looking at boards with the scope read, changing them with act."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.boards.errors import BoardInvalid
from pitwall.boards.schemas import (
    BoardContent,
    BoardList,
    BoardRemoval,
    BoardSave,
    BoardView,
    BoardYaml,
    ParsedBoard,
    YamlText,
)
from pitwall.boards.service import Boards
from pitwall.boards.wire import board_view
from pitwall.core.vocabulary import Scope

Reader = Annotated[Principal, requires(Scope.READ)]
Operator = Annotated[Principal, requires(Scope.ACT)]


def boards_router(boards: Boards) -> APIRouter:
    """Return the endpoints of boards; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/boards", tags=["boards"])
    _add_reading(router, boards)
    _add_changing(router, boards)
    return router


def _add_reading(router: APIRouter, boards: Boards) -> None:
    @router.get("", summary="List boards")
    def list_boards(principal: Reader) -> BoardList:
        """Return the boards of the packs, as the team changed them, and the team's own."""
        return BoardList.of(boards.list(principal.project_id))

    @router.post("/parse", summary="Read a board from YAML")
    def parse_board(_principal: Reader, text: YamlText) -> ParsedBoard:
        """Return the board that a text describes, or the lines that are wrong; nothing is saved."""
        board = boards.parse(text.yaml)
        return ParsedBoard(board=BoardContent.model_validate(board_view(board)))

    @router.get("/{name}", summary="Show a board")
    def get_board(principal: Reader, name: str) -> BoardView:
        """Return one board, and what of it cannot be answered any more."""
        return BoardView.of(boards.get(principal.project_id, name))

    @router.get("/{name}/yaml", summary="Show a board as YAML")
    def get_board_yaml(principal: Reader, name: str) -> BoardYaml:
        """Return one board as a pack would write it."""
        return BoardYaml(yaml=boards.yaml(principal.project_id, name))


def _add_changing(router: APIRouter, boards: Boards) -> None:
    @router.put("/{name}", summary="Save a board")
    def save_board(principal: Operator, name: str, body: BoardSave) -> BoardView:
        """Save a board of the project, or its version of a pack's board.

        With `revision`, 409 if somebody else saved it in the meantime.
        """
        if body.name != name:
            raise BoardInvalid(
                f"The board in the body is called {body.name!r}, the one in the address {name!r}."
            )
        return BoardView.of(boards.save(body.board(), by=principal, revision=body.revision))

    @router.delete("/{name}", summary="Delete a board")
    def delete_board(principal: Operator, name: str) -> BoardRemoval:
        """Forget what the team saved; a changed board of a pack goes back to the pack's."""
        left = boards.delete(name, by=principal)
        return BoardRemoval(board=None if left is None else BoardView.of(left))
