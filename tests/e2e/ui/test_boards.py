"""Boards and views are made, changed and saved in the browser; two who save at once lose nothing unseen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.running import Project
from tests.e2e.ui.conftest import OpenScreen
from tests.e2e.ui.sending import make_answer, send_and_wait

REFUSED = ("409", "422")


@pytest.fixture
def project(own_project: Project) -> Project:
    """A project with one trace and the boards of the packs."""
    send_and_wait(own_project, make_answer("Where is it?"))
    return own_project


def tiles(page: Page) -> Locator:
    return page.get_by_role("list", name="Tiles").get_by_role("listitem")


def count_tiles(page: Page) -> int:
    """How many the board has, once it has come."""
    expect(tiles(page).first).to_be_visible()
    return tiles(page).count()


def edit(page: Page) -> None:
    page.get_by_role("button", name="Edit", exact=True).click()
    expect(page.get_by_role("button", name="Add a tile")).to_be_visible()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()


def add_tile(page: Page, words: str, signal: str) -> None:
    page.get_by_role("button", name="Add a tile").click()
    page.get_by_role("textbox", name="Search the catalogue").fill(words)
    page.get_by_role("list", name="Signals").get_by_role("button", name=signal).first.click()


def test_board_is_changed_and_kept(project: Project, open_screen: OpenScreen) -> None:
    """A tile found by words and moved to the front by keys, another removed: it stays so, for everybody."""
    with open_screen(project.server.url) as shown:
        page = shown.open(f"/?project={project.name}&board=cost")
        edit(page)
        count = count_tiles(page)
        add_tile(page, "hit_rate", "rag.hit_rate")
        expect(tiles(page)).to_have_count(count + 1)
        tiles(page).last.get_by_role("button", name="move with the arrow keys").focus()
        page.keyboard.press("Home")
        expect(tiles(page).first).to_contain_text("hit rate")
        expect(page.get_by_text("is now 1 of")).to_be_attached()
        tiles(page).nth(1).get_by_role("button", name="remove").click()
        expect(tiles(page)).to_have_count(count)
        save(page)
        expect(page.get_by_role("button", name="Edit", exact=True)).to_be_visible()
        page.reload()
        expect(tiles(page).first).to_contain_text("hit rate")
        expect(tiles(page)).to_have_count(count)
    with open_screen(project.server.url) as other:
        page = other.open(f"/?project={project.name}&board=cost")
        expect(tiles(page).first).to_contain_text("hit rate")
        page.get_by_role("button", name="More for this board").click()
        page.get_by_role("menuitem", name="Back to the pack's version").click()
        page.get_by_role("button", name="Take back").click()
        expect(tiles(page).filter(has_text="hit rate")).to_have_count(0)


def test_new_board_is_made_found_and_deleted(project: Project, open_screen: OpenScreen) -> None:
    """From nothing to a board of one's own with an address, and away again."""
    with open_screen(project.server.url) as shown:
        page = shown.open(f"/?project={project.name}")
        page.get_by_role("button", name="Board: Real time").click()
        page.get_by_role("menuitem", name="New board").click()
        add_tile(page, "requests", "requests.count")
        page.get_by_role("button", name="Save …").click()
        dialog = page.get_by_role("dialog", name="Save as a new board")
        dialog.get_by_role("textbox", name="Title").first.fill("Night watch")
        dialog.get_by_role("textbox", name="Name in addresses").fill("night_watch")
        dialog.get_by_role("button", name="Save").click()
        page.wait_for_url("**board=night_watch*")
        expect(tiles(page)).to_have_count(1)
        page.get_by_role("button", name="More for this board").click()
        page.get_by_role("menuitem", name="Delete board").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(page.get_by_role("button", name="Board: Real time")).to_be_visible()


def test_yaml_says_what_is_wrong_at_its_line(project: Project, open_screen: OpenScreen) -> None:
    """A board is changed as YAML; a mistake is marked at its line and nothing is lost."""
    with open_screen(project.server.url, tolerates=REFUSED) as shown:
        page = shown.open(f"/?project={project.name}&board=cost")
        edit(page)
        before = count_tiles(page)
        page.get_by_role("button", name="YAML").click()
        text = page.get_by_role("textbox", name="Board as YAML")
        good = text.input_value()
        lines = good.splitlines()
        wrong = next(number for number, line in enumerate(lines) if "signal:" in line)
        lines[wrong] = lines[wrong].replace("signal:", "sginal:")
        text.fill("\n".join(lines))
        dialog = page.get_by_role("dialog", name="Board as YAML")
        dialog.get_by_role("button", name="Apply").click()
        expect(dialog.get_by_role("alert")).to_contain_text(f"Line {wrong + 1}")
        text.fill(good.replace("last: today", "last: 1h", 1))
        dialog.get_by_role("button", name="Apply").click()
        expect(dialog).to_be_hidden()
        expect(tiles(page)).to_have_count(before)
        save(page)
        expect(tiles(page).filter(has_text="1 h").first).to_be_visible()
        page.get_by_role("button", name="More for this board").click()
        page.get_by_role("menuitem", name="Show as YAML").click()
        expect(page.get_by_role("textbox", name="Board as YAML")).to_have_value(
            good.replace("last: today", "last: 1h", 1)
        )


@pytest.mark.parametrize(("choice", "winner"), [("Save mine", "Mine"), ("Take theirs", "Theirs")])
def test_second_of_two_savers_is_asked(
    project: Project, open_screen: OpenScreen, choice: str, winner: str
) -> None:
    """Who saves later is told that somebody else did, and chooses whose board stays."""
    path = f"/?project={project.name}&board=cost"
    with (
        open_screen(project.server.url) as first,
        open_screen(project.server.url, tolerates=REFUSED) as second,
    ):
        theirs, mine = first.open(path), second.open(path)
        for page, title in ((theirs, "Theirs"), (mine, "Mine")):
            edit(page)
            page.get_by_role("textbox", name="Title").fill(title)
        save(theirs)
        expect(theirs.get_by_role("button", name="Board: Theirs")).to_be_visible()
        save(mine)
        dialog = mine.get_by_role("dialog", name="Somebody else saved this board")
        dialog.get_by_role("button", name=choice).click()
        expect(dialog).to_be_hidden()
        if choice == "Take theirs":
            expect(mine.get_by_role("textbox", name="Title")).to_have_value("Theirs")
            mine.get_by_role("button", name="Cancel").click()
        expect(mine.get_by_role("button", name=f"Board: {winner}")).to_be_visible()
        theirs.reload()
        expect(theirs.get_by_role("button", name=f"Board: {winner}")).to_be_visible()


def test_unsaved_changes_are_not_lost_by_a_wrong_key(project: Project, open_screen: OpenScreen) -> None:
    """Leaving with changes asks; who stays finds them as they were, who leaves finds the board as it was."""
    with open_screen(project.server.url) as shown:
        page = shown.open(f"/?project={project.name}&board=cost")
        edit(page)
        page.get_by_role("textbox", name="Title").fill("Half done")
        page.get_by_role("link", name="Signals").click()
        dialog = page.get_by_role("dialog", name="Changes are not saved")
        dialog.get_by_role("button", name="Keep editing").click()
        expect(page.get_by_role("textbox", name="Title")).to_have_value("Half done")
        page.get_by_role("link", name="Signals").click()
        dialog.get_by_role("button", name="Leave without saving").click()
        page.wait_for_url("**/signals*")
        page.get_by_role("link", name="Overview", exact=True).click()
        expect(page.get_by_role("button", name="Board: Real time")).to_be_visible()


def test_views_of_traces_are_saved_picked_and_deleted(project: Project, open_screen: OpenScreen) -> None:
    """Filters and order under a name, for everybody; a change shows, and deleting asks once more."""
    with open_screen(project.server.url) as shown:
        page = shown.open(f'/traces?project={project.name}&filter=["service:eq:shop"]&sort=duration')
        page.get_by_role("button", name="Saved views").click()
        page.get_by_role("textbox", name="Name for this view").fill("Slow shop")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Slow shop")).to_be_visible()
        page.get_by_role("button", name="Remove filter").click()
        expect(page.get_by_role("button", name="Slow shop")).to_contain_text("modified")
    with open_screen(project.server.url) as other:
        page = other.open(f"/traces?project={project.name}")
        page.get_by_role("button", name="Saved views").click()
        page.get_by_role("dialog").get_by_role("button", name="Slow shop", exact=True).click()
        expect(page.get_by_role("button", name="Change filter: Service is shop")).to_be_visible()
        expect(page.get_by_role("combobox", name="Order")).to_have_value("Slowest first")
        page.get_by_role("button", name="Slow shop").click()
        page.get_by_role("button", name="Delete Slow shop").click()
        page.get_by_role("button", name="Really delete").click()
        expect(page.get_by_text("None yet.")).to_be_visible()
        assert project.get("/views", page="traces")["views"] == []
