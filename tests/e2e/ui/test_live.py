"""Open pages follow what happens: new traces come by themselves, a pause holds, a lost server is survived."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.running import Project
from tests.e2e.ui.conftest import OpenScreen
from tests.e2e.ui.sending import SentSpan, make_answer, send, send_and_wait
from tests.support.pitwall_process import Clients, PitwallServer
from tests.support.telemetry import TraceBatch

GONE = ("Failed to load resource", "ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING")
HEALED_MS = 40_000


def rows(page: Page) -> Locator:
    return page.get_by_role("grid", name="Traces").get_by_role("row").filter(has=page.get_by_role("gridcell"))


def test_list_takes_in_a_new_trace(own_project: Project, open_screen: OpenScreen) -> None:
    """A list at rest shows the new row at its top; the page is not loaded again."""
    send_and_wait(own_project, [SentSpan(name="first")])
    with open_screen(own_project.server.url) as shown:
        page = shown.open(f"/traces?project={own_project.name}")
        expect(rows(page)).to_have_count(1)
        page.evaluate("window.isSamePage = true")
        send(own_project, [SentSpan(name="second")])
        expect(rows(page).first).to_contain_text("second")
        assert page.evaluate("window.isSamePage")


def test_new_traces_wait_while_somebody_reads(own_project: Project, open_screen: OpenScreen) -> None:
    """Under a chosen row nothing moves; a button says how many are new, and shows them."""
    send_and_wait(own_project, [SentSpan(name="first")])
    with open_screen(own_project.server.url) as shown:
        page = shown.open(f"/traces?project={own_project.name}")
        rows(page).first.click()
        send(own_project, [SentSpan(name="second"), SentSpan(name="third")])
        pill = page.get_by_role("button", name="2 new")
        expect(pill).to_be_visible()
        expect(rows(page)).to_have_count(1)
        pill.click()
        expect(rows(page)).to_have_count(3)


def test_filtered_list_takes_in_only_what_fits(own_project: Project, open_screen: OpenScreen) -> None:
    """New traces that the conditions leave out stay out."""
    send_and_wait(own_project, [SentSpan(name="first", error="no")])
    with open_screen(own_project.server.url) as shown:
        page = shown.open(f'/traces?project={own_project.name}&filter=["status:eq:error"]')
        expect(rows(page)).to_have_count(1)
        send(own_project, [SentSpan(name="went well"), SentSpan(name="second", error="no")])
        expect(rows(page).first).to_contain_text("second")
        expect(rows(page)).to_have_count(2)


@pytest.mark.slow
def test_overview_moves_when_a_minute_closes_and_a_paused_one_does_not(
    own_project: Project, open_screen: OpenScreen
) -> None:
    """Of two open overviews, the one that was paused still shows what it showed."""
    send_and_wait(own_project, make_answer("Where is it?"))
    path, size = f"/?project={own_project.name}", (1440, 900)
    with (
        open_screen(own_project.server.url, size=size) as live,
        open_screen(own_project.server.url, size=size) as held,
    ):
        pages = [live.open(path), held.open(path)]
        for page in pages:
            expect(slowest(page)).to_have_count(1)
        held.page.get_by_role("button", name="Stop following new data").click()
        held.page.wait_for_url("**paused=true*")
        held.settle()
        send_and_wait(own_project, make_answer("And this?", duration_ms=900))
        expect(slowest(live.page)).to_have_count(2, timeout=90_000)
        expect(slowest(live.page).first).to_contain_text("900 ms")
        expect(slowest(held.page)).to_have_count(1)


def slowest(page: Page) -> Locator:
    return page.get_by_role("region", name="Slowest requests").get_by_role("link")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PitwallServer]:
    """A server that may be killed, with ten traces."""
    with PitwallServer(tmp_path / "data") as server:
        server.start()
        send_batch(server, TraceBatch(first=1, traces=10))
        server.wait_for(lambda: server.status()["spans_total"] == 30)
        yield server


def send_batch(server: PitwallServer, batch: TraceBatch) -> None:
    assert Clients(server.url).send(batch) is None


@pytest.mark.slow
def test_open_pages_survive_a_restart(server: PitwallServer, open_screen: OpenScreen) -> None:
    """While nobody answers, pages keep what they showed and say its age; then they ask again."""
    with (
        open_screen(server.url, tolerates=GONE) as overview,
        open_screen(server.url, tolerates=GONE) as traces,
    ):
        list_page, board_page = traces.open("/traces"), overview.open("/")
        expect(rows(list_page)).to_have_count(10)
        expect(slowest(board_page)).to_have_count(5)
        server.kill()
        for page in (list_page, board_page):
            expect(freshness(page)).to_contain_text("Connection lost")
        list_page.get_by_role("button", name="Ask again").click()
        expect(list_page.get_by_text("No answer just now; this is from")).to_be_visible()
        expect(rows(list_page)).to_have_count(10)
        expect(slowest(board_page)).to_have_count(5)
        server.start()
        send_batch(server, TraceBatch(first=11, traces=1, duration_ms=2500))
        for page in (list_page, board_page):
            expect(freshness(page)).to_contain_text("Live", timeout=HEALED_MS)
        expect(rows(list_page)).to_have_count(11, timeout=HEALED_MS)
        expect(list_page.get_by_text("No answer just now")).to_be_hidden()
        expect(slowest(board_page).first).to_contain_text("2.5 s", timeout=90_000)


@pytest.mark.slow
def test_page_opened_without_a_server_shows_why_and_heals(
    server: PitwallServer, open_screen: OpenScreen
) -> None:
    """Another page chosen while nobody answers says so with a way out, and fills itself when it can."""
    with open_screen(server.url, tolerates=GONE) as shown:
        page = shown.open("/settings")
        page.get_by_role("link", name="Traces", exact=True).click()
        expect(rows(page)).to_have_count(10)
        server.kill()
        expect(freshness(page)).to_contain_text("Connection lost")
        page.get_by_text("24h", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
        server.start()
        expect(rows(page)).to_have_count(10, timeout=HEALED_MS)
        expect(page.get_by_role("alert")).to_be_hidden()


def freshness(page: Page) -> Locator:
    return page.get_by_role("button", name="Freshness of the data")
