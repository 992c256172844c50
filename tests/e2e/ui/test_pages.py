"""Every page in both languages and themes: accessible, never wider than its window, kept as a picture.

The pictures under `build/screens/` are there to be looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from tests.e2e.running import RunningPitwall, running_pitwall
from tests.e2e.ui.browser import DESKTOP, PHONE, Screen, screen
from tests.e2e.ui.pages import ON_DESKTOP, ON_PHONE, Case
from tests.e2e.ui.world import World, build_world

THEMES = ("light", "dark")
EXAMINED = {"en": "light", "ko": "dark"}
"""The theme in which axe-core looks at a page in each language: contrast has no language, labels no theme."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningPitwall, World]]:
    """A server that has received the world, and has a project that received nothing."""
    with running_pitwall(tmp_path_factory.mktemp("world") / "data") as server:
        server.project("empty")
        yield server, build_world(server)


@dataclass(frozen=True, slots=True)
class Window:
    """A browser window that all pages are opened in, one after another."""

    screen: Screen
    world: World
    language: str

    def look(self, case: Case, prefix: str = "") -> None:
        """Open a page, take its picture in both themes and check what no page may have."""
        shown = self.screen
        shown.failures.clear()
        shown.prefer(THEMES[0])
        page = shown.open(case.address(self.world))
        shown.settle()
        if case.press:
            case.press(page, self.language)
        page.locator(case.shows).locator("visible=true").first.wait_for()
        shown.settle()
        assert not shown.is_wider_than_window()
        faults = []
        for theme in THEMES:
            shown.wear(theme)
            shown.shoot(f"{prefix}{case.name}-{self.language}-{theme}")
            if theme == EXAMINED[self.language]:
                faults = shown.faults()
        assert faults == []
        failures = [text for text in shown.failures if not case.tolerates or case.tolerates not in text]
        shown.failures.clear()
        assert failures == []


def _windows(
    request: pytest.FixtureRequest,
    browser: Browser,
    told: tuple[RunningPitwall, World],
    size: tuple[int, int],
) -> Iterator[Window]:
    server, world = told
    with screen(browser, server.url, language=request.param, size=size) as shown:
        yield Window(shown, world, request.param)


@pytest.fixture(scope="module", params=EXAMINED)
def desktop(
    request: pytest.FixtureRequest, browser: Browser, told: tuple[RunningPitwall, World]
) -> Iterator[Window]:
    """A window of 1440 px for each language."""
    yield from _windows(request, browser, told, DESKTOP)


@pytest.fixture(scope="module", params=EXAMINED)
def phone(
    request: pytest.FixtureRequest, browser: Browser, told: tuple[RunningPitwall, World]
) -> Iterator[Window]:
    """A window of 390 px for each language."""
    yield from _windows(request, browser, told, PHONE)


@pytest.mark.parametrize("case", ON_DESKTOP, ids=lambda case: case.name)
def test_page_is_fit_to_be_seen(case: Case, desktop: Window) -> None:
    """axe-core finds nothing serious or critical, nothing sticks out, and the page's code made no error."""
    desktop.look(case)


@pytest.mark.parametrize("case", ON_PHONE, ids=lambda case: case.name)
def test_page_fits_a_phone(case: Case, phone: Window) -> None:
    """The same at 390 px."""
    phone.look(case, "phone-")
