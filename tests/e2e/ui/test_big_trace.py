"""A trace of 5,000 spans: only what is in sight exists on the page, and its last span is one key away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.running import Project, RunningPitwall
from tests.e2e.ui.conftest import OpenScreen
from tests.e2e.ui.sending import SentSpan, send_and_wait

TRACE = "c" * 32
SPANS = 5_000
MOST_ROWS = 150


@pytest.fixture(scope="module")
def project(pitwall_server: RunningPitwall) -> Project:
    """An agent's run of fifty steps with nearly a hundred calls each; the last call failed."""
    project = pitwall_server.project("big-trace")
    spans = list(run_of_an_agent())
    for first in range(0, SPANS, 500):
        send_and_wait(project, spans[first : first + 500])
    return project


def run_of_an_agent() -> Iterator[SentSpan]:
    root = SentSpan(name="agent run", trace_id=TRACE, age_seconds=600, duration_ms=500_000)
    yield root
    for step in range(50):
        above = replace(root.below(f"step {step}"), age_seconds=600 - step * 10, duration_ms=9_900)
        yield above
        for call in range(97 if step == 49 else 99):
            age_seconds = above.age_seconds - call / 10
            yield replace(above.below(f"call {step}.{call}"), age_seconds=age_seconds, duration_ms=90)
    yield replace(above.below("last call"), age_seconds=100.1, duration_ms=50, error="out of patience")


def rows(page: Page) -> Locator:
    return page.get_by_role("treegrid", name="Spans").get_by_role("row")


def wait_for_all(page: Page) -> None:
    """Until every page of the trace has come; the first is shown long before."""
    grid = page.get_by_role("treegrid", name="Spans")
    expect(grid).to_have_attribute("aria-rowcount", str(SPANS + 1))


@pytest.mark.slow
def test_long_trace_opens_scrolls_and_ends(project: Project, open_screen: OpenScreen) -> None:
    """Few rows exist at any time; End goes to the last span and its error, Home back to the root."""
    with open_screen(project.server.url) as shown:
        page = shown.open(f"/traces/{TRACE}?project={project.name}")
        expect(rows(page).nth(1)).to_contain_text("agent run")
        wait_for_all(page)
        assert rows(page).count() < MOST_ROWS
        page.get_by_role("treegrid", name="Spans").focus()
        page.keyboard.press("End")
        expect(rows(page).filter(has_text="last call")).to_be_in_viewport()
        expect(page.get_by_role("region", name="Chosen span")).to_contain_text("out of patience")
        assert rows(page).count() < MOST_ROWS
        page.keyboard.press("Home")
        expect(rows(page).filter(has_text="agent run")).to_be_in_viewport()


@pytest.mark.slow
def test_error_in_a_long_trace_is_a_key_away(project: Project, open_screen: OpenScreen) -> None:
    """`e` goes to the failed span though all is folded; a search finds one call of thousands."""
    with open_screen(project.server.url) as shown:
        page = shown.open(f"/traces/{TRACE}?project={project.name}")
        wait_for_all(page)
        page.get_by_role("button", name="Fold or unfold all").click()
        expect(page.get_by_role("status").filter(has_text="51 spans").first).to_be_visible()
        page.keyboard.press("e")
        expect(rows(page).filter(has_text="last call")).to_be_in_viewport()
        page.get_by_role("textbox", name="Find in this trace").fill("call 31.44")
        expect(page.get_by_role("status").filter(has_text="1 found")).to_be_visible()
        expect(rows(page).filter(has_text="call 31.44")).to_be_in_viewport()
