"""What every test gets: no settings and no colours from the machine it runs on."""

from __future__ import annotations

import os

import pytest

_PREFIXES = ("PITWALL_", "AI_ASSIST_", "OLLAMA_", "CHROMA_", "OTEL_")
_NAMES = ("TRACE_DIR", "TRACE_ENABLE", "DOCS_DIR", "NO_COLOR", "FORCE_COLOR")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove settings of the developer's shell, so that a test sees only what it sets itself."""
    for name in list(os.environ):
        if name.startswith(_PREFIXES) or name in _NAMES:
            monkeypatch.delenv(name)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
