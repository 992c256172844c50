"""Links that lead nowhere and filters without sense: each page says what is wrong and shows a way out."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.running import Project, RunningPitwall
from tests.e2e.ui.conftest import OpenScreen
from tests.e2e.ui.sending import make_answer, send_and_wait

REFUSED = ("404", "422", "400")
NEVER = "since=2096-01-01T00:00:00Z&until=2096-01-02T00:00:00Z"
LONG_AGO = "since=2016-01-01T00:00:00Z&until=2016-01-02T00:00:00Z"
NOWHERE = "0123456789abcdef" * 2


@pytest.fixture(scope="module")
def project(pitwall_server: RunningPitwall) -> Project:
    """A project with one trace."""
    project = pitwall_server.project("bad-input")
    send_and_wait(project, make_answer("Where is it?"))
    return project


@pytest.mark.parametrize(
    ("path", "said", "way_out", "leads_to"),
    [
        (f"/traces/{NOWHERE}", "This trace is not here", "All traces", "/traces"),
        ("/traces/not-a-trace", "This is no trace id", "All traces", "/traces"),
        ("/traces/<b>bold", "This is no trace id", "All traces", "/traces"),
        ("/traces/%00%ff", "There is no such page", "To the overview", "/"),
        ("/sessions/nobody", "This session is not here", "All sessions", "/sessions"),
        ("/users/nobody", "This user is not here", "All users", "/users"),
        ("/signals/requests.removed", "There is no such signal", "Show all signals", "/signals"),
        ("/alerts/nothing", "There is no such alert", "All alerts", "/alerts"),
        ("/alerts/rules/removed", "There is no rule “removed”", "All rules", "/alerts/rules"),
        ("/incidents/nothing", "There is no such incident", "All incidents", "/incidents"),
        ("/?board=removed", "There is no board “removed”", "Show the first board", "/"),
        ("/wall?board=removed", "There is no board “removed”", "Back to the overview", "/"),
        (f"/compare?left={NOWHERE}&right={NOWHERE[::-1]}", "This trace is not here", "All traces", "/traces"),
    ],
)
def test_unknown_thing_is_explained(
    project: Project, open_screen: OpenScreen, path: str, said: str, way_out: str, leads_to: str
) -> None:
    """An id that nobody has: why it may be missing, and a link to what there is."""
    with open_screen(project.server.url, tolerates=REFUSED) as shown:
        page = shown.open(f"{path}{'&' if '?' in path else '?'}project={project.name}")
        explained = page.get_by_role("heading", name=said, level=2)
        expect(explained).to_be_visible()
        shown.settle()
        page.get_by_role("link", name=way_out).or_(page.get_by_role("button", name=way_out)).first.click()
        page.wait_for_url(re.compile(rf"{re.escape(project.server.url)}{leads_to}\?.*"))
        expect(explained).to_be_hidden()


def test_comparison_with_no_id_asks_for_one(project: Project, open_screen: OpenScreen) -> None:
    """What is no id stands in the form with what an id looks like."""
    with open_screen(project.server.url) as shown:
        page = shown.open(f"/compare?project={project.name}&left={NOWHERE}&right=nonsense")
        expect(page.get_by_role("textbox", name="Right")).to_have_value("nonsense")
        expect(page.get_by_text("A trace id has 32 hexadecimal digits.")).to_be_visible()
        expect(page.get_by_role("button", name="Compare", exact=True)).to_be_disabled()


@pytest.mark.parametrize(
    "path", ["/", "/traces", "/sessions", "/users", "/signals", "/signals/requests.count", "/wall"]
)
def test_range_in_the_future_is_explained(project: Project, open_screen: OpenScreen, path: str) -> None:
    """A time that has not come shows so, and one click leads back."""
    with open_screen(project.server.url, tolerates=REFUSED) as shown:
        page = shown.open(f"{path}?project={project.name}&{NEVER}")
        said = page.get_by_text(re.compile(r"not happened yet|in the future|has not come yet|has not begun"))
        expect(said.first).to_be_visible()
        shown.settle()
        page.get_by_role("main").get_by_role(
            "button", name=re.compile("Show the last|Look at the last")
        ).first.click()
        expect(said).to_have_count(0)
        assert "2096" not in page.url


def test_filters_without_hits_say_which_one_is_to_blame(project: Project, open_screen: OpenScreen) -> None:
    """Each condition with what there would be without it; one click drops it."""
    filters = quote('["service:eq:shop","model:eq:gone"]')
    with open_screen(project.server.url) as shown:
        page = shown.open(f"/traces?project={project.name}&filter={filters}")
        expect(page.get_by_text("Nothing fits these conditions")).to_be_visible()
        guilty = page.get_by_role("listitem").filter(has_text="Model is gone")
        expect(guilty).to_contain_text("1 matches")
        guilty.get_by_role("button", name="Remove").click()
        expect(grid_rows(page)).to_have_count(1)


@pytest.mark.parametrize("broken", ["colour:eq:red", "duration_ms:gt:soon", "no filter at all", "status:eq:"])
def test_filter_that_makes_no_sense_is_left_out_and_said(
    project: Project, open_screen: OpenScreen, broken: str
) -> None:
    """The list follows the other filters; the wrong one is named with a button that removes it."""
    filters = quote(f'["service:eq:shop","{broken}"]')
    with open_screen(project.server.url, tolerates=REFUSED) as shown:
        page = shown.open(f"/traces?project={project.name}&filter={filters}")
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("is left out")
        expect(grid_rows(page)).to_have_count(1)
        alert.get_by_role("button", name="Remove").click()
        expect(alert).to_be_hidden()
        expect(grid_rows(page)).to_have_count(1)


@pytest.mark.parametrize(
    "search",
    [
        "filter=%5B%22&cols=%00&sort=banana&level=7&preview=%3Cb%3E&view=gone",
        "filter=%7B%7D&q=%F0%9F%98%80&range=-5m",
        "cols=nonsense,service&preview=zzz",
        f"filter={quote('[[1]]')}&since=2026-13-45&until=x",
        "%E0%A4%A&filter=%",
    ],
)
def test_garbled_link_still_shows_the_list(project: Project, open_screen: OpenScreen, search: str) -> None:
    """What cannot be understood of an address is left out; the page stands and can be used."""
    with open_screen(project.server.url, tolerates=REFUSED) as shown:
        page = shown.open(f"/traces?project={project.name}&{search}")
        expect(page.get_by_role("button", name="Choose columns")).to_be_visible()
        shown.settle()
        expect(page.get_by_text("Something went wrong on this page")).to_be_hidden()
        expect(grid_rows(page).first.or_(page.get_by_text("Nothing fits these conditions"))).to_be_visible()


def test_range_without_data_leads_to_where_there_is_some(project: Project, open_screen: OpenScreen) -> None:
    """Old ranges are no error: lists and signals say that nothing happened and where to look."""
    with open_screen(project.server.url) as shown:
        page = shown.open(f"/traces?project={project.name}&{LONG_AGO}")
        expect(page.get_by_text("Nothing happened in this time range")).to_be_visible()
        page.get_by_role("button", name="Look at the last 24 hours").click()
        expect(grid_rows(page)).to_have_count(1)
        page = shown.open(f"/signals/requests.count?project={project.name}&{LONG_AGO}")
        expect(page.get_by_role("region", name="Why there is no data")).to_be_visible()
        page.get_by_role("button", name=re.compile("Go to the last|last seen|newest", re.IGNORECASE)).click()
        page.wait_for_url(lambda url: "2016" not in url)


@pytest.mark.parametrize("where", ["status = ", "colour = 'red'", "1; DROP TABLE spans", "'"])
def test_condition_that_makes_no_sense_is_explained(
    project: Project, open_screen: OpenScreen, where: str
) -> None:
    """A wrong condition of a signal stands under its input, and can be removed."""
    with open_screen(project.server.url, tolerates=REFUSED) as shown:
        page = shown.open(f"/signals/requests.count?project={project.name}&where={quote(where)}")
        expect(page.get_by_role("alert").first).to_contain_text("Correct the condition above")
        shown.settle()
        page.get_by_role("main").get_by_role("button", name="Remove the condition").last.click()
        expect(page.get_by_role("alert")).to_have_count(0)


def test_board_with_a_removed_signal_shows_the_rest(project: Project, open_screen: OpenScreen) -> None:
    """A stored board outlives a signal of it: the tile says that it is gone, the others have their values."""
    put_board(project, "old_times", "requests.count", "llm.timeouts")
    take_signal_away(project, "llm.timeouts", "requests.gone")
    with open_screen(project.server.url, tolerates=REFUSED) as shown:
        page = shown.open(f"/?project={project.name}&board=old_times")
        tiles = page.get_by_role("list", name="Tiles").get_by_role("listitem")
        expect(tiles.nth(0)).to_contain_text("n 1")
        expect(tiles.nth(1)).to_contain_text("requests.gone")
        tiles.nth(1).get_by_role("link").click()
        expect(page.get_by_role("heading", name="There is no such signal", level=2)).to_be_visible()
        expect(page.get_by_role("link", name="Show all signals")).to_be_visible()


def grid_rows(page: Page) -> Locator:
    return page.get_by_role("grid").get_by_role("row").filter(has=page.get_by_role("gridcell"))


def put_board(project: Project, name: str, *signals: str) -> None:
    """Save a board as the editor does."""
    tiles = [{"signal": signal, "title": None, "last": None, "where": None} for signal in signals]
    title = {"en": name, "ko": name}
    body = {
        "name": name,
        "title": title,
        "description": title,
        "tiles": tiles,
        "charts": [],
        "revision": None,
    }
    url = f"{project.server.url}/api/v1/boards/{name}"
    answer = httpx.put(url, params={"project": project.name}, json=body, trust_env=False)
    assert answer.is_success, answer.text


def take_signal_away(project: Project, stored: str, gone: str) -> None:
    """Let stored boards name a signal that no pack has, as after an update of a pack."""
    with closing(sqlite3.connect(project.server.data_dir / "state.db", timeout=10)) as state, state:
        state.execute("UPDATE boards SET content = replace(content, ?, ?)", (stored, gone))
