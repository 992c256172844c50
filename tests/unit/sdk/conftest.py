"""Spans that end in a list instead of a server."""

from __future__ import annotations

import pytest

from pitwall.sdk.runtime import runtime
from pitwall.sdk.tracer import LeanTracerProvider
from tests.unit.sdk.recording import Recorded


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """Let the helpers record into a list."""
    spans = Recorded()
    monkeypatch.setattr(runtime, "tracer", LeanTracerProvider(spans).get_tracer("test"))
    monkeypatch.setattr(runtime, "capture_content", True)
    return spans
