"""From a number that burns to the prompt that failed: the VOC example with a model that refuses."""

from __future__ import annotations

import os
from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from examples.processes import free_port
from tests.e2e.running import Project, RunningPitwall
from tests.e2e.ui.conftest import OpenScreen
from tests.e2e.voc_example import DEMO_PYTHON, model_simulator, run_ingest, voc_service

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not DEMO_PYTHON.exists() and not os.environ.get("CI"),
        reason="needs .venv-demo with chromadb; `make setup-demo` creates it",
    ),
]
WELL, NEW = "제주도 추가 배송비가 있나요?", "신용카드 환불은 며칠 걸리나요?"
REQUESTS = 20


@dataclass(slots=True)
class Finger:
    """Clicks, and counts them."""

    page: Page
    clicks: int = 0

    def click(self, target: Locator) -> None:
        self.clicks += 1
        target.click()


@pytest.fixture(scope="module")
def project(pitwall_server: RunningPitwall, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Requests that went well, then some whose model refused, then some that failed for their embedding."""
    project = pitwall_server.project("voc-refused")
    with model_simulator() as model:
        env = {
            "CHROMA_DIR": str(tmp_path_factory.mktemp("voc") / "chroma"),
            "OLLAMA_BASE_URL": str(model.base_url),
            "PITWALL_ENDPOINT": pitwall_server.otlp_url,
            "PITWALL_API_KEY": project.token,
            "VOC_MODEL_ATTEMPTS": "1",
        }
        run_ingest(env)
        with voc_service(env, free_port(0)) as voc:
            for _ in range(REQUESTS):
                voc.post("/voc/chat", json={"question": WELL}).raise_for_status()
            _refuse(model, "qwen*")
            for _ in range(REQUESTS + 2):
                voc.post("/voc/chat", json={"question": WELL}).raise_for_status()
            _refuse(model, "bge*")
            for number in range(REQUESTS):
                voc.post("/voc/chat", json={"question": f"{NEW} ({number})"})
    return project


def _refuse(model: httpx.Client, pattern: str) -> None:
    fault = {"mode": "status_429", "match_model": pattern, "seconds": 0.01}
    model.post("/__simulator__/faults", json=fault).raise_for_status()


def test_top_error_leads_to_the_prompt(project: Project, open_screen: OpenScreen) -> None:
    """Error, trace, span: three clicks, and there is the failed call with its error and what it was asked."""
    with open_screen(project.server.url) as shown:
        page = shown.open(f"/?project={project.name}")
        finger = Finger(page)
        errors = page.get_by_role("region", name="Top errors")
        expect(errors.get_by_role("link").first).to_contain_text("rate_limit")
        finger.click(errors.get_by_role("link").first)
        expect(page.get_by_role("status").filter(has_text=f"{REQUESTS + 2} traces")).to_be_visible()
        finger.click(page.get_by_role("row").filter(has_text=WELL).first)
        preview = page.get_by_role("complementary").filter(has_text="Failed in")
        expect(preview).to_contain_text("rate_limit")
        finger.click(preview.get_by_role("link", name="Open"))
        see_the_guilty_call(page, "chat qwen2.5:7b")
        expect(span_panel(page).get_by_role("article").filter(has_text=WELL).first).to_be_visible()
        assert finger.clicks == 3


def test_red_tile_leads_to_the_failed_call(project: Project, open_screen: OpenScreen) -> None:
    """Tile, trace, span: the signal of the tile has its failed requests first, and a failed span says why."""
    with open_screen(project.server.url) as shown:
        page = shown.open(f"/?project={project.name}")
        finger = Finger(page)
        tile = page.get_by_role("link", name="Error rate Critical")
        finger.click(tile)
        finger.click(first_exemplar(page))
        finger.click(failed_row(page, "embeddings bge-m3"))
        see_the_guilty_call(page, "embeddings bge-m3")
        assert finger.clicks == 3


def test_point_of_a_chart_leads_to_its_traces(project: Project, open_screen: OpenScreen) -> None:
    """A click on a window of the chart lists the traces behind it; the link keeps that window."""
    with open_screen(project.server.url) as shown:
        page = shown.open(f"/signals/requests.error_rate?project={project.name}&range=15m")
        click_a_point(page)
        page.wait_for_url("**at=*")
        expect(page.get_by_role("button", name="Whole range")).to_be_visible()
        expect(first_exemplar(page)).to_be_visible()
        page.get_by_role("link", name="All in the list").click()
        page.wait_for_url("**/traces?**since=**")
        expect(page.get_by_role("row").nth(1)).to_be_visible()


def first_exemplar(page: Page) -> Locator:
    return (
        page.get_by_role("region", name="Traces behind").get_by_role("link").and_(page.locator("td a")).first
    )


def failed_row(page: Page, name: str) -> Locator:
    return page.get_by_role("treegrid").get_by_role("row").filter(has_text=name)


def span_panel(page: Page) -> Locator:
    return page.get_by_role("region", name="Chosen span")


def see_the_guilty_call(page: Page, name: str) -> None:
    panel = span_panel(page)
    expect(panel.get_by_role("heading", name=name)).to_be_visible()
    expect(panel.get_by_text("rate_limit").first).to_be_visible()
    expect(panel.get_by_text("429").first).to_be_visible()


def box_of(chart: Locator) -> FloatRect:
    """Where a chart stands; one that is drawn anew just now stands nowhere for a moment."""
    for _ in range(50):
        box = chart.bounding_box()
        if box is not None:
            return box
        chart.page.wait_for_timeout(100)
    raise AssertionError("the chart is not drawn")


def click_a_point(page: Page) -> None:
    """Move over the chart from its right end to the first window that has a value, and click there."""
    chart = page.locator(".u-over").first
    expect(chart).to_be_visible()
    box = box_of(chart)
    readout = page.get_by_role("figure").first.locator("[aria-live]")
    for x in range(int(box["width"]) - 2, 0, -8):
        page.mouse.move(box["x"] + x, box["y"] + box["height"] / 2)
        if "%" in (readout.text_content() or ""):
            page.mouse.click(box["x"] + x, box["y"] + box["height"] / 2)
            return
    raise AssertionError("no window of the chart has a value")
