"""A newcomer's first minute: an empty project says how to send a trace, and turns into the overview."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.running import Project, bare_environ
from tests.e2e.ui.conftest import OpenScreen


def test_empty_project_says_how_to_send_the_first_trace(
    own_project: Project, open_screen: OpenScreen
) -> None:
    """Five lines for each way, with the addresses of this very server."""
    with open_screen(own_project.server.url) as shown:
        page = shown.open(f"/?project={own_project.name}")
        expect(page.get_by_role("heading", name="Send the first trace")).to_be_visible()
        assert f'endpoint="{own_project.server.otlp_url}"' in lines_of(page, "Python")
        assert f"OTLP_ENDPOINT={own_project.server.otlp_url}" in lines_of(page, "OpenTelemetry")
        assert f"--url {own_project.server.url}" in lines_of(page, "JSONL file")
        expect(page.get_by_text("Waiting for the first trace.")).to_be_visible()


def test_first_trace_turns_the_page_into_the_overview(
    own_project: Project, open_screen: OpenScreen, tmp_path: Path
) -> None:
    """The lines, copied and run as they are, bring the overview by itself; it leads to their trace."""
    with open_screen(own_project.server.url) as shown:
        page = shown.open(f"/?project={own_project.name}")
        code = copy_lines(page.context, page)
        assert len(code.splitlines()) == 5
        run_as_newcomer(code, own_project, tmp_path)
        expect(page.get_by_role("button", name="Board: Real time")).to_be_visible()
        expect(page.get_by_text("The first trace has arrived.")).to_be_visible()
        page.get_by_role("link", name="Look at it").click()
        page.wait_for_url("**/traces/*")
        expect(page.get_by_text("Hello, this is the first trace.").first).to_be_visible()
        expect(page.get_by_text("Hello?").first).to_be_visible()


def lines_of(page: Page, way: str) -> str:
    page.get_by_role("tab", name=way).click()
    return page.get_by_role("region", name="the lines").inner_text()


def copy_lines(context: BrowserContext, page: Page) -> str:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the lines").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied: str = page.evaluate("() => navigator.clipboard.readText()")
    return copied


def run_as_newcomer(code: str, project: Project, folder: Path) -> None:
    """Run the lines as a script of somebody whose project is chosen by a key in the environment."""
    script = folder / "my_app.py"
    script.write_text(code, "utf-8")
    environ = bare_environ(PITWALL_API_KEY=project.token)
    subprocess.run([sys.executable, script], env=environ, cwd=folder, check=True, timeout=60)
