"""What teams save of boards and views, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.boards.errors import BoardChanged
from pitwall.boards.pack_files import load_boards
from pitwall.boards.service import Boards
from pitwall.boards.types import Board, Tile
from pitwall.core.errors import Conflict, NotFound, PitwallError
from pitwall.kit.clock import ManualClock
from pitwall.kit.i18n import Text
from pitwall.signals.catalogue import core_pack, load_catalogue
from pitwall.stores.state import AuditLog, Projects, StateStore
from pitwall.views.service import Views
from pitwall.views.types import NewView

CATALOGUE = load_catalogue([core_pack()])
PACKS = load_boards([core_pack()], CATALOGUE)
SHOP = LOCAL_OPERATOR.on_project("shop")


def make_board(name: str = "mine", *, signal: str = "llm.requests") -> Board:
    return Board(name, Text("Mine", "내 보드"), Text("", ""), (Tile(signal, where="model = 'gpt-4o'"),), ())


@pytest.fixture
def boards(any_store: StateStore, state_clock: ManualClock) -> Boards:
    with any_store.session() as session:
        Projects(session).create("shop", "Shop", now=state_clock.now())
    return Boards(any_store, PACKS, CATALOGUE, state_clock)


@pytest.fixture
def views(boards: Boards, any_store: StateStore, state_clock: ManualClock) -> Views:
    return Views(any_store, state_clock)


def test_board_comes_back_as_it_was_saved(boards: Boards, state_clock: ManualClock) -> None:
    """Content, author and time are kept; another project sees nothing of it."""
    board = make_board()
    saved = boards.save(board, by=SHOP)
    assert boards.get("shop", "mine") == saved
    assert saved.stored is not None
    assert (saved.board, saved.stored.updated_by, saved.stored.updated_at) == (
        board,
        SHOP.actor,
        state_clock.now(),
    )
    assert [one.board.name for one in boards.list("shop")] == ["real_time", "quality", "cost", "mine"]
    assert [one.board.name for one in boards.list("default")] == ["real_time", "quality", "cost"]


def test_second_of_two_savers_is_told(boards: Boards) -> None:
    """Who edited an older revision loses nothing of the other's work, and learns who it was."""
    first = boards.save(make_board(), by=SHOP, revision="")
    boards.save(make_board(signal="llm.errors"), by=SHOP, revision=first.revision)
    with pytest.raises(BoardChanged, match="local saved the board 'mine' in the meantime"):
        boards.save(make_board(signal="llm.tokens"), by=SHOP, revision=first.revision)
    assert boards.get("shop", "mine").board.tiles[0].signal == "llm.errors"


def test_of_many_who_make_one_board_at_once_one_wins(boards: Boards) -> None:
    """Nobody overwrites a board that was made in the same moment."""
    refused = _at_once(8, lambda number: boards.save(make_board(), by=SHOP, revision=""))
    assert [type(error) for error in refused] == [BoardChanged] * 7


def test_of_many_who_edit_one_revision_one_wins(boards: Boards) -> None:
    """The check of the revision and the write are one step."""
    revision = boards.save(make_board(), by=SHOP).revision
    names = ["llm.errors", "llm.tokens", "llm.retries", "llm.timeouts", "requests.count", "cost.usd"]

    def save(number: int) -> None:
        board = replace(make_board(), tiles=(Tile(names[number]),))
        boards.save(board, by=SHOP, revision=revision)

    assert [type(error) for error in _at_once(len(names), save)] == [BoardChanged] * (len(names) - 1)


def _at_once(count: int, act: Callable[[int], object]) -> list[PitwallError]:
    """Run something on many threads; returns the errors."""
    barrier, errors = threading.Barrier(count), list[PitwallError]()

    def run(number: int) -> None:
        barrier.wait()
        try:
            act(number)
        except PitwallError as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_changes_of_boards_are_in_the_audit_log(boards: Boards, any_store: StateStore) -> None:
    """Who saved and deleted which board of which project."""
    boards.save(make_board(), by=SHOP)
    boards.delete("mine", by=SHOP)
    with any_store.session(read_only=True) as session:
        entries = AuditLog(session).list(project_id="shop")
    assert [(one.action, one.object, one.actor) for one in reversed(entries)] == [
        ("board.saved", "board:mine", SHOP.actor),
        ("board.deleted", "board:mine", SHOP.actor),
    ]


def test_board_of_no_project_is_refused(boards: Boards) -> None:
    """A project that nobody made holds nothing."""
    with pytest.raises(NotFound, match="'nowhere'"):
        boards.save(make_board(), by=LOCAL_OPERATOR.on_project("nowhere"))


def test_view_is_kept_listed_and_forgotten(views: Views, any_store: StateStore) -> None:
    """Views are of one page and one project; changes are in the audit log."""
    view = views.save(NewView("느린 요청", "traces", {"filter": "duration_ms:gt:20000"}), by=SHOP)
    views.save(NewView("느린 요청", "signals", {}), by=SHOP)
    assert views.list("shop", "traces") == [view]
    assert [one.page for one in views.list("shop")] == ["signals", "traces"]
    assert views.list("default") == []
    with pytest.raises(NotFound):
        views.delete(view.id, by=LOCAL_OPERATOR)
    assert views.delete(view.id, by=SHOP) == view
    assert views.list("shop", "traces") == []
    with any_store.session(read_only=True) as session:
        actions = [entry.action for entry in AuditLog(session).list(project_id="shop")]
    assert sorted(actions) == ["view.deleted", "view.saved", "view.saved"]


def test_name_of_a_view_is_given_once_per_page(views: Views) -> None:
    """A second view of that name is a conflict that names it."""
    views.save(NewView("slow", "traces", {}), by=SHOP)
    with pytest.raises(Conflict, match="'slow' of traces"):
        views.save(NewView("slow", "traces", {"q": "x"}), by=SHOP)
