"""Boards in force: a pack's, the team's version of it, the team's own, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pitwall.access import Principal, PrincipalKind, Role
from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.boards import service
from pitwall.boards.errors import BoardChanged, BoardInvalid, BoardNotFound
from pitwall.boards.pack_files import load_boards
from pitwall.boards.service import Boards
from pitwall.boards.types import Board, Tile
from pitwall.core.errors import Conflict, InvalidInput, NotPermitted
from pitwall.core.vocabulary import Scope
from pitwall.kit.clock import ManualClock
from pitwall.kit.i18n import Text
from pitwall.signals.catalogue import Catalogue, core_pack, load_catalogue
from pitwall.stores.state import StateStore

CATALOGUE = load_catalogue([core_pack()])
PACKS = load_boards([core_pack()], CATALOGUE)
READER = Principal(PrincipalKind.API_KEY, "k", "default", frozenset({Scope.READ}), Role.VIEWER)


def make_board(name: str = "mine", *, signal: str = "llm.requests") -> Board:
    return Board(name, Text("Mine", "내 보드"), Text("", ""), (Tile(signal),), ())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StateStore]:
    store = StateStore.in_directory(tmp_path).open()
    yield store
    store.close()


@pytest.fixture
def boards(store: StateStore) -> Boards:
    return Boards(store, PACKS, CATALOGUE, ManualClock())


def test_pack_board_is_changed_and_goes_back(boards: Boards) -> None:
    """The team's version stands in the pack's place until it is deleted."""
    original = boards.get("default", "cost")
    assert (original.pack, original.stored, original.is_changed) == ("core", None, False)
    mine = replace(original.board, tiles=original.board.tiles[:1])
    changed = boards.save(mine, by=LOCAL_OPERATOR, revision=original.revision)
    assert (changed.pack, changed.is_changed) == ("core", True)
    assert [one.board.name for one in boards.list("default")] == ["real_time", "quality", "cost"]
    assert boards.delete("cost", by=LOCAL_OPERATOR) == original
    assert boards.get("default", "cost") == original


def test_pack_board_that_was_upgraded_meanwhile_is_not_overwritten(boards: Boards, store: StateStore) -> None:
    """A revision is the content, so that a newer pack counts as somebody else's change."""
    edited = boards.get("default", "cost")
    newer = [replace(one, board=replace(one.board, tiles=())) for one in PACKS]
    with pytest.raises(BoardChanged, match="'cost' in the meantime"):
        Boards(store, newer, CATALOGUE, ManualClock()).save(
            edited.board, by=LOCAL_OPERATOR, revision=edited.revision
        )


def test_unchanged_pack_board_cannot_be_deleted(boards: Boards) -> None:
    """There is nothing of the team to delete."""
    with pytest.raises(Conflict, match="comes with the pack core"):
        boards.delete("cost", by=LOCAL_OPERATOR)


@pytest.mark.parametrize("name", ["nothing", "Not A Slug", "a\x00b", ""])
def test_unknown_board_is_named_with_the_way_out(boards: Boards, name: str) -> None:
    """Whatever stands in an address, the answer is the same."""
    with pytest.raises(BoardNotFound, match="pitwall boards list"):
        boards.get("default", name)
    with pytest.raises(BoardNotFound):
        boards.delete(name, by=LOCAL_OPERATOR)


def test_signal_that_does_not_exist_names_the_tile_and_the_nearest(boards: Boards) -> None:
    """What nobody could answer is not saved."""
    with pytest.raises(
        BoardInvalid, match=r"Tile 1: There is no signal llm\.request\. Did you mean llm\.requests"
    ):
        boards.save(make_board(signal="llm.request"), by=LOCAL_OPERATOR)
    with pytest.raises(BoardNotFound):
        boards.get("default", "mine")


def test_board_is_served_with_what_is_wrong_after_a_signal_is_gone(boards: Boards, store: StateStore) -> None:
    """A pack without the signal must not hide the team's board."""
    boards.save(make_board(), by=LOCAL_OPERATOR)
    smaller = Catalogue(signal for signal in CATALOGUE if signal.name != "llm.requests")
    later = Boards(store, (), smaller, ManualClock())
    (state,) = later.list("default")
    assert state.board == make_board()
    (problem,) = state.problems
    assert problem.where == "tiles.0"
    assert problem.text.en.startswith(
        "Tile 1: There is no signal llm.requests. Did you mean llm.requests_per_"
    )
    assert problem.text.ko.startswith(
        "타일 1: 이름이 llm.requests인 신호가 없습니다. 비슷한 이름: llm.requests_per_"
    )


def test_new_board_takes_no_name_that_is_taken(boards: Boards) -> None:
    """Neither a team's nor a pack's."""
    boards.save(make_board(), by=LOCAL_OPERATOR, revision="")
    for name in ("mine", "cost"):
        with pytest.raises(BoardChanged, match=f"board '{name}' already"):
            boards.save(make_board(name), by=LOCAL_OPERATOR, revision="")


def test_reader_changes_nothing(boards: Boards) -> None:
    """Looking needs read, changing act."""
    with pytest.raises(NotPermitted):
        boards.save(make_board(), by=READER)
    with pytest.raises(NotPermitted):
        boards.delete("cost", by=READER)


def test_project_has_room_for_so_many(boards: Boards, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full project still takes changes of the boards it has."""
    monkeypatch.setattr(service, "MAX_BOARDS", 1)
    boards.save(make_board(), by=LOCAL_OPERATOR)
    with pytest.raises(InvalidInput, match="at most 1"):
        boards.save(make_board("other"), by=LOCAL_OPERATOR)
    boards.save(make_board(signal="llm.errors"), by=LOCAL_OPERATOR)
