"""Real Chromium on real pages: each screen has its own profile and notes what a user must never meet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request

ROOT = Path(__file__).resolve().parents[3]
AXE = ROOT / "ui" / "node_modules" / "axe-core" / "axe.min.js"
SCREENS = ROOT / "build" / "screens"
CHROMIUM = "/usr/bin/chromium"
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
DESKTOP = (1440, 900)
PHONE = (390, 844)
PATIENCE_MS = 20_000
# The theme is on the page, and what is drawn on canvases has been drawn again.
_WEARS = """async (theme) => {
    if (document.documentElement.dataset.mantineColorScheme !== theme) return false;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return true;
}"""
# Only what is wrong leaves the browser: all that axe has looked at is megabytes. A rule's impact is that of
# all that it finds, so those that find nothing severe need not run; nor need style sheets be loaded once more
# for rules that look at media.
_FAULTS = """async (severe) => {
    const mild = axe._audit.rules.filter(({impact}) => impact && !severe.includes(impact));
    const rules = Object.fromEntries(mild.map(({id}) => [id, {enabled: false}]));
    const {violations} = await axe.run(document, {rules, preload: false, resultTypes: ['violations']});
    return violations.filter(({impact}) => severe.includes(impact)).flatMap(({id, nodes}) => nodes.map(
        ({html, failureSummary}) => `${id}: ${failureSummary}: ${html.slice(0, 200)}`));
}"""
# What is out of sight may not be laid out, and axe would judge it by where it is not.
_ALL_LAID_OUT = "* { content-visibility: visible !important; }"
_SEVERE = ("serious", "critical")


def launch(playwright: Playwright) -> Browser:
    """Start the system's Chromium."""
    return playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(_FLAGS))


@dataclass(slots=True)
class Screen:
    """One browser window on a running server.

    Attributes:
        url: The server.
        failures: Errors of the page's own code, with where they happened.
        strangers: Addresses outside this server that the page asked for.
    """

    page: Page
    url: str
    failures: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def open(self, path: str = "/") -> Page:
        """Go to a page and wait until its frame stands."""
        self.page.goto(f"{self.url}{path}")
        self.page.get_by_role("heading", level=1).first.wait_for(state="attached")
        return self.page

    def settle(self) -> None:
        """Wait until nothing loads any more."""
        self.page.wait_for_function("() => !document.querySelector('[aria-busy=true]')")

    def prefer(self, theme: str) -> None:
        """Let the system prefer a theme, for the page that is opened next."""
        self.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")

    def wear(self, theme: str) -> None:
        """Let the system prefer a theme; what stands on the page follows at once."""
        self.prefer(theme)
        if self.page.url.startswith(self.url):
            self.page.wait_for_function(_WEARS, arg=theme)

    def faults(self) -> list[str]:
        """What axe-core finds serious or critical on the page as it is, with the element."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE.read_text("utf-8"))
            self.page.add_style_tag(content=_ALL_LAID_OUT)
        found: list[str] = self.page.evaluate(_FAULTS, list(_SEVERE))
        return found

    def shoot(self, name: str) -> Path:
        """Keep a picture of the window under `build/screens/`."""
        path = SCREENS / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)
        return path

    def is_wider_than_window(self) -> bool:
        """Whether the page as a whole scrolls sideways."""
        wide: bool = self.page.evaluate(
            "() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"
        )
        return wide


@contextmanager
def screen(
    browser: Browser,
    url: str,
    *,
    language: str = "en",
    theme: str = "light",
    size: tuple[int, int] = DESKTOP,
    tolerates: tuple[str, ...] = (),
) -> Iterator[Screen]:
    """Open a window; at the end the page's own code must have made no error and asked no other host.

    Args:
        tolerates: Texts of console errors that the test provokes, such as those of a server that is gone.
    """
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale={"en": "en-US", "ko": "ko-KR"}[language],
        timezone_id="Asia/Seoul",
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    shown = Screen(page, url)
    _watch(context, page, shown, tolerates)
    try:
        yield shown
    finally:
        context.close()
    assert shown.failures == [], shown.failures
    assert shown.strangers == [], shown.strangers


def _watch(context: BrowserContext, page: Page, shown: Screen, tolerates: tuple[str, ...]) -> None:
    host = urlsplit(shown.url).netloc

    def note_stranger(request: Request) -> None:
        if urlsplit(request.url).netloc not in (host, ""):
            shown.strangers.append(request.url)

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(text in message.text for text in tolerates):
            shown.failures.append(f"{message.text} {json.dumps(message.location)}")

    # Only noted: a route would turn the cache off, and nothing outside this machine has an address here.
    context.on("request", note_stranger)
    page.on("console", note)
    page.on("pageerror", lambda error: shown.failures.append(str(error)))
