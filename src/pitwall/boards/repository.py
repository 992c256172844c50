"""All SQL about boards that teams saved."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from pitwall.boards.errors import BoardChanged
from pitwall.boards.types import StoredBoard
from pitwall.boards.wire import board_view, read_board
from pitwall.stores.state.tables import boards


class StoredBoards:
    """Boards of one project, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def list(self) -> list[StoredBoard]:
        """Return all of them by name."""
        query = select(boards).where(boards.c.project_id == self._project_id).order_by(boards.c.name)
        return [_stored(row) for row in self._connection.execute(query).mappings()]

    def find(self, name: str, *, will_change: bool = False) -> StoredBoard | None:
        """Return one, or None; `will_change` keeps others from changing it until the transaction ends."""
        query = select(boards).where(self._is(name))
        row = self._connection.execute(query.with_for_update() if will_change else query).mappings().first()
        return None if row is None else _stored(row)

    def count(self) -> int:
        """Return how many there are."""
        query = select(func.count()).where(boards.c.project_id == self._project_id)
        return self._connection.execute(query).scalar_one()

    def add(self, stored: StoredBoard) -> None:
        """Store a board of a name that has none.

        Raises:
            BoardChanged: Somebody else stored one a moment ago.
        """
        key = {"project_id": self._project_id, "name": stored.board.name}
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(boards).values(**key, **_values(stored)))
        except IntegrityError as exc:
            raise BoardChanged(f"Somebody else has just made the board {stored.board.name!r}.") from exc

    def replace(self, stored: StoredBoard) -> None:
        """Store another content for a board."""
        self._connection.execute(update(boards).where(self._is(stored.board.name)).values(**_values(stored)))

    def remove(self, name: str) -> None:
        """Forget a board."""
        self._connection.execute(delete(boards).where(self._is(name)))

    def _is(self, name: str) -> ColumnElement[bool]:
        return (boards.c.project_id == self._project_id) & (boards.c.name == name)


def _values(stored: StoredBoard) -> dict[str, object]:
    return {
        "content": board_view(stored.board),
        "updated_at": stored.updated_at,
        "updated_by": stored.updated_by,
    }


def _stored(row: RowMapping) -> StoredBoard:
    return StoredBoard(read_board(row["content"]), row["updated_at"], row["updated_by"])
