"""What every test gets: no settings and no colours from the machine it runs on; or a telemetry store."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest

from pitwall.stores.telemetry.clickhouse import open_embedded
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.support.stores import prepare

_PREFIXES = ("PITWALL_", "AI_ASSIST_", "OLLAMA_", "CHROMA_", "OTEL_")
_NAMES = ("TRACE_DIR", "TRACE_ENABLE", "DOCS_DIR", "NO_COLOR", "FORCE_COLOR")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove settings of the developer's shell, so that a test sees only what it sets itself."""
    for name in list(os.environ):
        if name.startswith(_PREFIXES) or name in _NAMES:
            monkeypatch.delenv(name)
    monkeypatch.setenv("LANG", "en_US.UTF-8")


@pytest.fixture(scope="session")
def telemetry_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TelemetryEngine]:
    """Return the embedded store of this test process, migrated and with all views.

    Everybody shares it, because chDB opens one directory per process: keep to rows of your own `project`.
    """
    engine = open_embedded(tmp_path_factory.mktemp("store") / "telemetry")
    yield prepare(engine)
    engine.close()


@pytest.fixture
def project() -> str:
    """Return the name of a project that no other test uses."""
    return f"project-{uuid.uuid4().hex[:12]}"
