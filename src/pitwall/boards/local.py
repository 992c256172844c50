"""Boards in the state store itself, for when no server runs; answers are in the API's shape."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.boards.errors import BoardInvalid
from pitwall.boards.pack_files import load_boards
from pitwall.boards.schemas import BoardList, BoardSave, BoardView
from pitwall.boards.service import Boards
from pitwall.boards.wire import board_view
from pitwall.kit.clock import Clock
from pitwall.signals.catalogue import load_catalogue
from pitwall.stores.state import StateStore


class LocalBoards:
    """Boards in the state store; whoever may write to it is the operator."""

    def __init__(self, state: StateStore, clock: Clock, packs: Sequence[Path], project: str | None) -> None:
        catalogue = load_catalogue(packs)
        self._boards = Boards(state, load_boards(packs, catalogue), catalogue, clock)
        self._operator = LOCAL_OPERATOR.on_project(project)

    def list(self) -> dict[str, Any]:
        """Return boards as `GET /api/v1/boards` does."""
        return BoardList.of(self._boards.list(self._operator.project_id)).model_dump(mode="json")

    def get(self, name: str) -> dict[str, Any]:
        """Return a board as `GET /api/v1/boards/{name}` does."""
        return _view(BoardView.of(self._boards.get(self._operator.project_id, name)))

    def yaml(self, name: str) -> str:
        """Return a board as YAML."""
        return self._boards.yaml(self._operator.project_id, name)

    def parse(self, text: str) -> dict[str, Any]:
        """Return the board of a YAML text."""
        return board_view(self._boards.parse(text))

    def save(self, body: dict[str, Any]) -> dict[str, Any]:
        """Save a board as `PUT /api/v1/boards/{name}` does.

        Raises:
            InvalidInput: The body is no board.
        """
        try:
            wanted = BoardSave.model_validate(body)
        except ValidationError as exc:
            first = exc.errors(include_url=False, include_input=False)[0]
            raise BoardInvalid(f"{'.'.join(map(str, first['loc']))}: {first['msg']}.") from exc
        return _view(
            BoardView.of(self._boards.save(wanted.board(), by=self._operator, revision=wanted.revision))
        )

    def delete(self, name: str) -> dict[str, Any]:
        """Delete a board as `DELETE /api/v1/boards/{name}` does."""
        left = self._boards.delete(name, by=self._operator)
        return {"board": None if left is None else _view(BoardView.of(left))}


def _view(view: BoardView) -> dict[str, Any]:
    return view.model_dump(mode="json")
