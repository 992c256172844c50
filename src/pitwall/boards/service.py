"""Which boards a project has: those of the packs, changed or not, and its own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pitwall.access.types import Principal, require
from pitwall.boards.checks import problems_of
from pitwall.boards.errors import BoardChanged, BoardInvalid, BoardNotFound
from pitwall.boards.pack_files import parse_board
from pitwall.boards.repository import StoredBoards
from pitwall.boards.types import Board, BoardState, PackBoard, StoredBoard
from pitwall.boards.wire import board_view, board_yaml, text_view
from pitwall.core.errors import Conflict, InvalidInput
from pitwall.core.revisions import check_revision
from pitwall.core.vocabulary import Scope
from pitwall.kit.clock import Clock
from pitwall.kit.hashing import json_hash
from pitwall.signals.catalogue import Catalogue
from pitwall.stores.state import AuditEntry, AuditLog, Projects, StateStore

MAX_BOARDS = 200
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class Boards:
    """Looks at boards and changes them; calls block.

    Args:
        state: Keeps what teams save.
        packs: What the packs bring, in their order.
        catalogue: The signals that can be asked for.
        clock: When something was saved.
    """

    def __init__(
        self, state: StateStore, packs: Sequence[PackBoard], catalogue: Catalogue, clock: Clock
    ) -> None:
        self._state = state
        self._packs = {one.board.name: one for one in packs}
        self._catalogue = catalogue
        self._clock = clock

    def list(self, project_id: str) -> list[BoardState]:
        """Return the boards of packs in their order, then the team's own by name."""
        with self._state.session(read_only=True) as session:
            stored = {one.board.name: one for one in StoredBoards(session, project_id).list()}
        names = dict.fromkeys([*self._packs, *stored])
        return [self._in_force(name, stored.get(name)) for name in names]

    def get(self, project_id: str, name: str) -> BoardState:
        """Return one board.

        Raises:
            BoardNotFound: The project has none of that name.
        """
        stored = None
        if _SLUG.fullmatch(name):
            with self._state.session(read_only=True) as session:
                stored = StoredBoards(session, project_id).find(name)
        if stored is None and name not in self._packs:
            raise _not_found(name)
        return self._in_force(name, stored)

    def yaml(self, project_id: str, name: str) -> str:
        """Return one board as YAML.

        Raises:
            BoardNotFound: The project has none of that name.
        """
        return board_yaml(self.get(project_id, name).board)

    def parse(self, text: str) -> Board:
        """Read a board that somebody wrote as YAML; nothing is saved.

        Raises:
            BoardInvalid: It is none, with the line.
        """
        return parse_board(text, self._catalogue)

    def save(self, board: Board, *, by: Principal, revision: str | None = None) -> BoardState:
        """Save a board for the caller's project.

        Args:
            board: What it is to be.
            by: Whose project, and who is named in the audit log.
            revision: The one that was edited; empty if the board is to be new, None to replace whatever
                there is.

        Raises:
            NotPermitted: The caller may not act.
            BoardInvalid: A tile or a chart cannot be answered, as with an unknown signal.
            BoardChanged: Somebody else saved the board in the meantime, or made one of that name.
            InvalidInput: The project has as many boards as it may.
        """
        require(by, Scope.ACT)
        self._check(board)
        stored = StoredBoard(board, self._clock.now(), by.actor)
        with self._state.session() as session:
            project = Projects(session).get(by.project_id)
            found = StoredBoards(session, project.id)
            before = found.find(board.name, will_change=True)
            self._check_revision(board.name, before, revision)
            if before is not None:
                found.replace(stored)
            else:
                _check_room(found.count())
                found.add(stored)
            AuditLog(session).record(self._audit("board.saved", board, by))
        return self._in_force(board.name, stored)

    def delete(self, name: str, *, by: Principal) -> BoardState | None:
        """Forget what the team saved; returns the pack's board of that name, which is in force again.

        Raises:
            NotPermitted: The caller may not act.
            BoardNotFound: The project has no board of that name.
            Conflict: It is a pack's board that nobody changed.
        """
        require(by, Scope.ACT)
        if not _SLUG.fullmatch(name):
            raise _not_found(name)
        with self._state.session() as session:
            found = StoredBoards(session, by.project_id)
            stored = found.find(name, will_change=True)
            if stored is None:
                raise self._nothing_to_delete(name)
            found.remove(name)
            AuditLog(session).record(self._audit("board.deleted", stored.board, by))
        return self._in_force(name, None) if name in self._packs else None

    def _in_force(self, name: str, stored: StoredBoard | None) -> BoardState:
        pack = self._packs.get(name)
        if stored is not None:
            board = stored.board
        else:
            assert pack is not None  # callers name what is stored or in a pack
            board = pack.board
        return BoardState(
            board=board,
            pack=None if pack is None else pack.pack,
            stored=stored,
            is_changed=pack is not None and board != pack.board,
            revision=json_hash(board_view(board)),
            problems=problems_of(board, self._catalogue),
        )

    def _check(self, board: Board) -> None:
        problems = problems_of(board, self._catalogue)
        if not problems:
            return
        more = f" ({len(problems) - 1} more in details)" if len(problems) > 1 else ""
        raise BoardInvalid(
            f"{problems[0].text.en}{more}",
            hint="`pitwall signals list` names the signals, `pitwall signals show NAME` what splits one.",
            details={"problems": [{"where": one.where, "text": text_view(one.text)} for one in problems]},
        )

    def _check_revision(self, name: str, before: StoredBoard | None, revision: str | None) -> None:
        exists = before is not None or name in self._packs
        current = self._in_force(name, before).revision if exists else ""
        saved_by = None if before is None else before.updated_by
        check_revision("board", name, current, revision, saved_by=saved_by, error=BoardChanged)

    def _nothing_to_delete(self, name: str) -> BoardNotFound | Conflict:
        if name not in self._packs:
            return _not_found(name)
        return Conflict(
            f"Board {name!r} comes with the pack {self._packs[name].pack} and nobody changed it.",
            code="board.from_pack",
            hint="Nothing needs to be deleted.",
        )

    def _audit(self, action: str, board: Board, by: Principal) -> AuditEntry:
        return AuditEntry(
            at=self._clock.now(),
            actor=by.actor,
            action=action,
            object=f"board:{board.name}",
            project_id=by.project_id,
            details={
                "revision": json_hash(board_view(board)),
                "tiles": len(board.tiles),
                "charts": len(board.charts),
            },
        )


def _check_room(count: int) -> None:
    if count >= MAX_BOARDS:
        raise InvalidInput(
            f"A project has at most {MAX_BOARDS} boards of its own.",
            code="board.too_many",
            hint="Delete one that nobody uses: `pitwall boards delete NAME`.",
        )


def _not_found(name: str) -> BoardNotFound:
    return BoardNotFound(f"There is no board {name!r}.", hint="See `pitwall boards list`.")
