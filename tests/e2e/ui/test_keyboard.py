"""A person without a mouse: from the overview to the documents of a search, and dialogs that behave."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.running import Project, RunningPitwall
from tests.e2e.ui.conftest import OpenScreen
from tests.e2e.ui.sending import make_answer, send_and_wait


@pytest.fixture(scope="module")
def project(pitwall_server: RunningPitwall) -> Project:
    """A project with one trace."""
    project = pitwall_server.project("keyboard")
    send_and_wait(project, make_answer("Where is it?"))
    return project


def test_documents_are_reached_by_keys_alone(project: Project, open_screen: OpenScreen) -> None:
    """Overview, list, preview, trace, span, documents: keys only, and one always sees where the focus is."""
    with open_screen(project.server.url) as shown:
        page = shown.open(f"/?project={project.name}")
        expect(page.get_by_role("list", name="Tiles")).to_be_visible()
        press(page, "g", "t")
        page.wait_for_url("**/traces?**")
        expect(page.get_by_role("grid").get_by_role("gridcell").first).to_be_visible()
        press(page, "j")
        assert focus_is_seen(page)
        press(page, "Enter")
        expect(page.get_by_role("region", name="Preview")).to_be_visible()
        press(page, "o")
        page.wait_for_url("**/traces/*")
        grid = page.get_by_role("treegrid", name="Spans")
        expect(grid.get_by_role("row", selected=True)).to_contain_text("chat")
        tab_to(page, "treegrid")
        assert focus_is_seen(page)
        press(page, "ArrowDown")
        expect(grid.get_by_role("row", selected=True)).to_contain_text("search")
        press(page, "Enter")
        expect(page.get_by_role("tab", name="Documents")).to_be_visible()
        tab_to(page, "tab")
        assert focus_is_seen(page)
        expect(page.get_by_role("tab", name="Documents")).to_be_focused()
        press(page, "ArrowRight", "ArrowLeft", "Tab")
        expect(page.get_by_role("tabpanel")).to_be_focused()
        expect(page.get_by_role("tabpanel")).to_contain_text("Refunds take three to five working days.")


def test_first_key_skips_to_the_content(project: Project, open_screen: OpenScreen) -> None:
    """Tab offers to skip what is the same on every page; the next Tab is in the content."""
    with open_screen(project.server.url) as shown:
        page = shown.open(f"/sessions?project={project.name}")
        expect(page.get_by_role("link", name="session-1")).to_be_visible()
        press(page, "Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        press(page, "Enter", "Tab")
        assert page.evaluate("() => document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize("opener", ["Search", "Choose a time range", "Edit", "More for this board"])
def test_dialog_keeps_the_focus_and_gives_it_back(
    project: Project, open_screen: OpenScreen, opener: str
) -> None:
    """Tab goes round inside what was opened; Escape closes it and the focus is where it was."""
    with open_screen(project.server.url) as shown:
        page = shown.open(f"/?project={project.name}")
        if opener == "Edit":
            page.get_by_role("button", name="Edit", exact=True).press("Enter")
            opener = "Add a tile"
        button = page.get_by_role("button", name=opener).first
        button.press("Enter")
        layer = page.get_by_role("dialog").or_(page.get_by_role("menu"))
        expect(layer).to_be_visible()
        for _ in range(12):
            press(page, "Tab")
            assert page.evaluate(
                "() => !!document.activeElement.closest('[role=dialog], [role=menu], [data-portal]')"
            )
        press(page, "Escape")
        expect(layer).to_be_hidden()
        expect(button).to_be_focused()


def test_chart_is_read_and_opened_by_keys(project: Project, open_screen: OpenScreen) -> None:
    """Arrow keys move the cross-hair and say the value; Enter opens the traces of the window."""
    with open_screen(project.server.url) as shown:
        page = shown.open(f"/signals/requests.count?project={project.name}&range=15m")
        page.get_by_role("group", name="Arrow keys move through time").focus()
        read = page.get_by_role("figure").first.locator("[aria-live]")
        walk_to(page, read, "1 request")
        expect(read).to_contain_text("1 request")
        press(page, "Enter")
        page.wait_for_url("**at=*")
        expect(page.get_by_role("region", name="Traces behind it").get_by_role("row").nth(1)).to_be_visible()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def walk_to(page: Page, read: Locator, value: str, rounds: int = 20) -> None:
    """Walk back from the newest window until the chart says the value; a new round sees what came since."""
    for _ in range(rounds):
        for key in ("End", *["ArrowLeft"] * 15):
            press(page, key)
            if value in (read.text_content() or ""):
                return
        page.wait_for_timeout(500)


def tab_to(page: Page, role: str, most: int = 60) -> None:
    """Press Tab until an element of the role has the focus."""
    for _ in range(most):
        if page.evaluate("() => document.activeElement.getAttribute('role')") == role:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no {role} within {most} steps of Tab")


def focus_is_seen(page: Page) -> bool:
    """Whether the focused element, or the row that it names as the one at hand, is drawn differently."""
    seen: bool = page.evaluate(
        """() => {
          const focused = document.activeElement;
          const style = getComputedStyle(focused);
          const isOutlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
          return focused !== document.body && (isOutlined || style.boxShadow !== 'none');
        }"""
    )
    return seen
