"""One browser per test process; windows are opened by tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.running import ROOT
from tests.e2e.ui.browser import PATIENCE_MS, Screen, launch, screen

OpenScreen = Callable[..., AbstractContextManager[Screen]]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, and a built user interface to show in it."""
    assert (ROOT / "src/pitwall/server/ui/index.html").exists(), "The UI is not built; run `make ui`."
    expect.set_options(timeout=PATIENCE_MS)  # live pages ask again only every few seconds
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def open_screen(browser: Browser) -> OpenScreen:
    """`open_screen(url, language=..., theme=..., size=...)`, a context manager."""
    return partial(screen, browser)
