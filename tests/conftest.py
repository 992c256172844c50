"""What every test gets: no settings and no colours from the machine it runs on; or a telemetry store."""

from __future__ import annotations

import os
import signal
import ssl
import uuid
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from httpx import create_ssl_context
from httpx._transports import default as httpx_transports
from hypothesis import HealthCheck, settings

from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.support.stores import PromptEngine, prepare

_PREFIXES = ("PITWALL_", "AI_ASSIST_", "OLLAMA_", "CHROMA_", "OTEL_")
_TRUST = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_NAMES = ("TRACE_DIR", "TRACE_ENABLE", "DOCS_DIR", "NO_COLOR", "FORCE_COLOR")


def pytest_configure() -> None:
    """Read the system's certificates once, let Ctrl-C work, and let no property fail for its time.

    httpx reads them for every client, which costs a hundred times what a request to a server here does; a
    test that asks again and again whether a server is ready would keep a core from that server.
    """
    httpx_transports.create_ssl_context = _shared_ssl_context  # type: ignore[attr-defined]  # httpx has no way in
    # A job in the background of a shell ignores Ctrl-C, and so would every program that is started here.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # How long an example takes says how busy the machine is.
    settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("any machine")


def _shared_ssl_context(verify: Any = True, cert: Any = None, trust_env: bool = True) -> ssl.SSLContext:
    return _make_ssl_context(verify, cert, trust_env, tuple(map(os.environ.get, _TRUST)))


@cache
def _make_ssl_context(
    verify: Any, cert: Any, trust_env: bool, _trusted: tuple[str | None, ...]
) -> ssl.SSLContext:
    return create_ssl_context(verify, cert, trust_env)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with files of tests that take long, so that no worker is left alone with one at the end.

    The tests of a file stay together: what they share is set up once.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


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
    engine = PromptEngine(tmp_path_factory.mktemp("store") / "telemetry").open()
    yield prepare(engine)
    engine.close()


@pytest.fixture
def project() -> str:
    """Return the name of a project that no other test uses."""
    return f"project-{uuid.uuid4().hex[:12]}"
