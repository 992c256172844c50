"""What a page shows is in its address: after a reload, and in a window of somebody else, it is the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.running import Project, RunningPitwall
from tests.e2e.ui.conftest import OpenScreen
from tests.e2e.ui.sending import SentSpan, make_answer, send_and_wait

TRACE, OTHER = "a" * 32, "b" * 32
DAY = "since=2026-01-01T00:00:00.000Z&until=2026-01-02T00:00:00.000Z"
Look = Callable[[Page], None]


@pytest.fixture(scope="module")
def project(pitwall_server: RunningPitwall) -> Project:
    """Two traces of the same shape, and one that failed."""
    project = pitwall_server.project("deep-links")
    spans = [*make_answer("Where is it?", trace_id=TRACE), *make_answer("And this?", trace_id=OTHER)]
    failed = SentSpan(name="broken", error="no answer", environment="test")
    send_and_wait(project, [*spans, failed])
    return project


def reopen(shown_url: str, open_screen: OpenScreen, page: Page, look: Look) -> None:
    """Look at the page, load it again, open its address in a window without history, and look each time."""
    look(page)
    address = page.url
    page.reload()
    look(page)
    with open_screen(shown_url) as fresh:
        fresh.page.goto(address)
        look(fresh.page)
        assert parse_qs(urlsplit(fresh.page.url).query) == parse_qs(urlsplit(address).query)


def test_list_of_traces(project: Project, open_screen: OpenScreen) -> None:
    """Filters, text, order, columns, level and preview."""

    def look(page: Page) -> None:
        expect(page.get_by_role("button", name="Change filter: Service is shop")).to_be_visible()
        expect(page.get_by_text("text contains “Where is it”")).to_be_visible()
        expect(page.get_by_role("radio", name="Spans")).to_be_checked()
        expect(page.get_by_role("combobox", name="Order")).to_have_value("Slowest first")
        heads = page.get_by_role("grid").get_by_role("columnheader")
        expect(heads.filter(has_text="Service")).to_be_visible()
        expect(heads.filter(has_text="Cost")).to_have_count(0)
        expect(page.get_by_role("complementary").filter(has_text="Where is it?")).to_be_visible()

    with open_screen(project.server.url) as shown:
        page = shown.open(f'/traces?project={project.name}&filter=["service:eq:shop"]&q=Where+is+it')
        page.get_by_text("Spans", exact=True).first.click()
        page.get_by_role("combobox", name="Order").click()
        page.get_by_role("option", name="Slowest first").click()
        choose_columns(page)
        page.get_by_role("row").filter(has_text="answer").first.click()
        page.wait_for_url("**preview=*")
        reopen(project.server.url, open_screen, page, look)


def choose_columns(page: Page) -> None:
    """Without the cost, with the service."""
    page.get_by_role("button", name="Choose columns").click()
    chooser = page.get_by_role("dialog")
    chooser.get_by_role("checkbox", name="Cost", exact=True).click()
    page.wait_for_url(lambda url: "cost_usd" not in url and "cols=" in url)
    chooser.get_by_role("checkbox", name="Service", exact=True).click()
    page.wait_for_url(lambda url: "service" in parse_qs(urlsplit(url).query)["cols"][0])
    page.keyboard.press("Escape")


def test_page_of_a_trace(project: Project, open_screen: OpenScreen) -> None:
    """The chosen span, its tab, the order of spans and what is looked for."""

    def look(page: Page) -> None:
        panel = page.get_by_role("region", name="Chosen span")
        expect(panel.get_by_role("heading", name="search")).to_be_visible()
        expect(panel.get_by_role("tab", name="Attributes")).to_have_attribute("aria-selected", "true")
        expect(page.get_by_role("radio", name="Timeline")).to_be_checked()
        expect(page.get_by_role("textbox", name="Find in this trace")).to_have_value("sea")

    with open_screen(project.server.url) as shown:
        page = shown.open(f"/traces/{TRACE}?project={project.name}")
        page.get_by_role("treegrid").get_by_role("row").filter(has_text="search").click()
        page.get_by_role("tab", name="Attributes").click()
        page.get_by_text("Timeline", exact=True).click()
        page.get_by_role("textbox", name="Find in this trace").fill("sea")
        page.wait_for_url("**find=sea*")
        reopen(project.server.url, open_screen, page, look)


def test_comparison_of_traces(project: Project, open_screen: OpenScreen) -> None:
    """Both traces, and the pair of spans whose texts are shown."""

    def look(page: Page) -> None:
        expect(page.get_by_role("heading", name="Input of answer")).to_be_visible()
        expect(page.get_by_text("And this?").first).to_be_visible()

    with open_screen(project.server.url) as shown:
        page = shown.open(f"/traces/{TRACE}?project={project.name}")
        page.get_by_role("button", name="Compare with…").click()
        page.get_by_role("textbox", name="Id of the other trace").fill(OTHER)
        page.get_by_role("button", name="Compare", exact=True).click()
        expect(page.get_by_role("heading", name="Compare traces")).to_be_visible()
        page.get_by_role("row").filter(has_text="answer").first.click()
        page.wait_for_url("**at=*")
        reopen(project.server.url, open_screen, page, look)


def test_explorer_of_a_signal(project: Project, open_screen: OpenScreen) -> None:
    """Split, comparison, window length, condition, form and scope."""

    def look(page: Page) -> None:
        expect(page.get_by_role("checkbox", name="service")).to_be_checked()
        expect(page.get_by_role("switch", name="Previous period")).to_be_checked()
        expect(page.get_by_role("radio", name="Table")).to_be_checked()
        expect(page.get_by_role("combobox", name="Length of a window")).to_have_value("Windows: 5m")
        expect(page.get_by_role("textbox", name="Condition on the records")).to_have_value("duration_ms > 1")
        expect(page.get_by_role("combobox", name="Environment")).to_have_value("prod")

    with open_screen(project.server.url) as shown:
        page = shown.open(f"/signals/requests.count?project={project.name}&env=prod&range=15m")
        page.get_by_text("service", exact=True).click()
        page.get_by_role("switch", name="Previous period").click()
        page.get_by_text("Table", exact=True).click()
        page.get_by_role("combobox", name="Length of a window").click()
        page.get_by_role("option", name="Windows: 5m", exact=True).click()
        page.get_by_role("textbox", name="Condition on the records").fill("duration_ms > 1")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("where="))
        reopen(project.server.url, open_screen, page, look)


def test_board_of_the_overview(project: Project, open_screen: OpenScreen) -> None:
    """The board, its scope and a range between two instants."""

    def look(page: Page) -> None:
        expect(page.get_by_role("button", name="Board: Cost")).to_be_visible()
        expect(page.get_by_role("button", name="Jan 1, 2026")).to_be_visible()
        expect(page.get_by_role("combobox", name="Service")).to_have_value("shop")

    with open_screen(project.server.url) as shown:
        page = shown.open(f"/?project={project.name}&service=shop&{DAY}")
        page.get_by_role("button", name="Board: Real time").click()
        page.get_by_role("menuitem", name="Cost").click()
        page.wait_for_url("**board=cost*")
        reopen(project.server.url, open_screen, page, look)


def test_lists_of_owners_and_signals(project: Project, open_screen: OpenScreen) -> None:
    """What is typed to find a session, a user or a signal."""
    with open_screen(project.server.url) as shown:
        for path, label, text in (
            ("/sessions", "Part of a session id", "session-1"),
            ("/users", "Part of a user id", "kim"),
            ("/signals", "Find a signal", "error rate"),
        ):
            page = shown.open(f"{path}?project={project.name}&range=24h")
            shown.settle()
            page.get_by_label(label).fill(text)
            page.wait_for_url(re.compile("(q|find)="))

            def look(page: Page, label: str = label, text: str = text) -> None:
                expect(page.get_by_label(label)).to_have_value(text)
                expect(page.get_by_role("radio", name="24h")).to_be_checked()

            reopen(project.server.url, open_screen, page, look)
