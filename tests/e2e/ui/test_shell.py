"""The frame around every page: language, theme, keys, palette, freshness, log-in, a server that goes away."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.running import COMMAND, ROOT, RunningPitwall, run_program, running_pitwall
from tests.e2e.ui.browser import PHONE
from tests.e2e.ui.conftest import OpenScreen
from tests.support.pitwall_process import PitwallServer

GONE = ("Failed to load resource", "ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING")


def test_page_is_quick_and_small(pitwall_server: RunningPitwall, open_screen: OpenScreen) -> None:
    """The script of the first load is under 300 kB as it is sent."""
    with open_screen(pitwall_server.url) as shown:
        sent: list[int] = []
        shown.page.on("requestfinished", lambda request: sent.append(_script_bytes(request)))
        shown.open("/")
        shown.settle()
        assert 0 < sum(sent) < 300_000


def _script_bytes(request: object) -> int:
    response = request.response()  # type: ignore[attr-defined]
    is_script = "javascript" in (response.headers.get("content-type") or "")
    return int(response.headers["content-length"]) if is_script else 0


def test_language_switches_without_loading_again(
    pitwall_server: RunningPitwall, open_screen: OpenScreen
) -> None:
    """The browser's language comes first; what a person chooses stays, also for the next visit."""
    with open_screen(pitwall_server.url, language="ko") as shown:
        page = shown.open("/settings")
        expect(page.get_by_role("heading", level=1)).to_have_text("설정")
        page.get_by_role("button", name="언어").click()
        page.get_by_role("menuitem", name="English").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
        assert page.evaluate("document.documentElement.lang") == "en"
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text("Settings")


def test_everything_is_reached_by_keys(pitwall_server: RunningPitwall, open_screen: OpenScreen) -> None:
    """`g` and a letter change the page, `?` shows the sheet, Ctrl-K finds a signal; focus is never lost."""
    with open_screen(pitwall_server.url) as shown:
        page = shown.open("/settings")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()
        page.keyboard.press("g")
        page.keyboard.press("s")
        page.wait_for_url("**/signals*")
        page.keyboard.press("Control+k")
        page.get_by_role("combobox", name="Search and go").fill("error rate")
        expect(page.get_by_role("option").first).to_contain_text("rror rate")
        page.keyboard.press("Enter")
        page.wait_for_url("**/signals/*error_rate*")


def test_range_and_scope_are_in_the_address(pitwall_server: RunningPitwall, open_screen: OpenScreen) -> None:
    """What is chosen survives a reload and a change of page."""
    with open_screen(pitwall_server.url) as shown:
        page = shown.open("/settings?env=prod&service=shop")
        page.get_by_text("24h", exact=True).click()
        page.wait_for_url("**range=24h*")
        page.get_by_role("link", name="Signals").click()
        page.wait_for_url("**/signals?**")
        assert all(part in page.url for part in ("env=prod", "service=shop", "range=24h"))
        page.reload()
        expect(page.get_by_role("radio", name="24h")).to_be_checked()
        expect(page.get_by_role("combobox", name="Environment")).to_have_value("prod")


def test_unknown_address_has_a_way_out(pitwall_server: RunningPitwall, open_screen: OpenScreen) -> None:
    """A page that is not there says so and leads home; strange ranges in the address do no harm."""
    with open_screen(pitwall_server.url) as shown:
        page = shown.open("/no/such/page?range=banana&since=x&until=%00")
        expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")
        page.get_by_role("link", name="To the overview", exact=True).click()
        page.wait_for_url(f"{pitwall_server.url}/*")
        expect(page.get_by_role("radio", name="1h")).to_be_checked()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_phone_shows_the_whole_frame(
    pitwall_server: RunningPitwall, open_screen: OpenScreen, language: str
) -> None:
    """At 390 px nothing makes the page scroll sideways, and the menu opens and closes."""
    menu = {"en": "Menu", "ko": "메뉴"}[language]
    with open_screen(pitwall_server.url, language=language, size=PHONE) as shown:
        page = shown.open("/settings")
        assert not shown.is_wider_than_window()
        page.get_by_role("button", name=menu).click()
        page.get_by_role("link", name={"en": "Signals", "ko": "신호"}[language]).click()
        page.wait_for_url("**/signals*")


@pytest.mark.slow
def test_lost_server_shows_and_heals(tmp_path: Path, open_screen: OpenScreen) -> None:
    """A page says that the connection is lost, and goes on by itself when the server is back."""
    with (
        PitwallServer(tmp_path / "data") as server,
        open_screen(server.start().url, tolerates=GONE) as shown,
    ):
        page = shown.open("/settings")
        status = page.get_by_role("button", name="Freshness of the data")
        expect(status).to_contain_text("Live")
        server.kill()
        expect(status).to_contain_text("Connection lost")
        server.start()
        expect(status).to_contain_text("Live", timeout=30_000)


@pytest.mark.slow
def test_key_is_asked_for_where_one_is_needed(tmp_path: Path, open_screen: OpenScreen) -> None:
    """A wrong key is explained, a good one opens the pages and all on them, and log-out closes them."""
    environ = {"PITWALL_ACCESS__ANONYMOUS": "never"}
    tolerates = ("401",)
    with (
        running_pitwall(tmp_path / "data", environ=environ) as server,
        open_screen(server.url, tolerates=tolerates) as shown,
    ):
        key = _make_key(server)
        page = shown.open("/settings")
        page.get_by_label("API key").fill("pw_wrong")
        page.get_by_role("button", name="Enter").click()
        expect(page.get_by_role("alert")).to_contain_text("no API key")
        page.get_by_label("API key").fill(key)
        page.get_by_role("button", name="Enter").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
        expect(page.get_by_role("button", name="Freshness of the data")).to_contain_text("Live")
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Pitwall needs a key")


def _make_key(server: RunningPitwall) -> str:
    command = ["keys", "create", "--name", "ui", "--scopes", "read,act", "--output", "json"]
    made = run_program([*COMMAND, *command, "--data-dir", str(server.data_dir)], {}, ROOT)
    token: str = httpx.Response(200, text=made.stdout).json()["token"]
    return token


def test_frame_has_no_accessibility_fault(pitwall_server: RunningPitwall, open_screen: OpenScreen) -> None:
    """axe-core finds nothing serious or critical, in both languages and themes."""
    for language in ("en", "ko"):
        for theme in ("light", "dark"):
            with open_screen(pitwall_server.url, language=language, theme=theme) as shown:
                shown.open("/settings")
                shown.settle()
                assert shown.faults() == []
                shown.shoot(f"settings-{language}-{theme}")
