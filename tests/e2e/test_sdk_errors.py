"""What the unmodified clients of models really raise: its class by the exception, and by its text alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from pitwall.core.error_rules import classify_text
from tests.e2e.running import ROOT, SCRIPTS, run_program, sdk_bin, seen_by
from tests.support.services import free_port, running_simulator

pytestmark = pytest.mark.sdk_env
MODELS = ("busy-model", "broken-model", "slow-model")
FAULTS = ("status_429", "status_500", "slow")
EXPECTED = {
    "openai rate limit": "rate_limit",
    "openai server error": "provider",
    "openai unknown model": "validation",
    "openai timeout": "timeout",
    "openai down": "network",
    "openai in a wrapper": "rate_limit",
    "anthropic down": "network",
    "anthropic overloaded": "provider",
    "anthropic rate limit": "rate_limit",
    "anthropic key": "auth",
    "anthropic bad request": "validation",
    "google quota": "rate_limit",
    "google overloaded": "provider",
    "google too long": "token_limit",
    "ollama unknown model": "validation",
    "ollama rate limit": "rate_limit",
    "ollama server error": "provider",
    "ollama timeout": "timeout",
    "ollama down": "network",
    "httpx down": "network",
    "httpx status": "validation",
    "httpx timeout": "timeout",
    "requests down": "network",
    "requests status": "validation",
    "requests no json": "parse",
    "requests timeout": "timeout",
    "grpc down": "network",
    "tenacity gave up": "rate_limit",
    "asyncio timeout": "timeout",
    "asyncio group": "timeout",
    "json": "parse",
    "pydantic field": "validation",
    "pydantic json": "parse",
    "jsonschema": "validation",
    "a bug": "internal",
}
# Only the exception itself leads to its cause.
HAS_NO_TEXT = {"openai in a wrapper", "asyncio group"}


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, dict[str, Any]]]:
    """What the script saw, against a model server whose models fail in their ways."""
    python = sdk_bin("application") / "python"
    named = [option for model in MODELS for option in ("--model", model)]
    with running_simulator(*named) as url:
        for model, mode in zip(MODELS, FAULTS, strict=True):
            fault: dict[str, Any] = {"mode": mode, "match_model": model}
            fault |= {"seconds": 1} if mode == "slow" else {}
            httpx.post(f"{url}/__simulator__/faults", json=fault, trust_env=False).raise_for_status()
        environ = {
            "MODEL_URL": url,
            "NOWHERE_URL": f"http://127.0.0.1:{free_port()}",
            "PYTHONPATH": str(ROOT / "src"),
        }
        folder = tmp_path_factory.mktemp("failing")
        yield seen_by(run_program([python, SCRIPTS / "failing_app.py"], environ, folder))


def test_every_failure_gets_its_class(failures: Mapping[str, dict[str, Any]]) -> None:
    """Exceptions of ten libraries, most of them raised by a real call."""
    assert {name: told["error_class"] for name, told in failures.items()} == EXPECTED


def test_server_would_say_the_same_of_the_text(failures: Mapping[str, dict[str, Any]]) -> None:
    """Another SDK sends type, message and status; the class is the one that the exception itself has."""
    by_text = {
        name: classify_text(told["type"], told["text"], told["status"])
        for name, told in failures.items()
        if name not in HAS_NO_TEXT
    }
    assert by_text == {name: told for name, told in EXPECTED.items() if name not in HAS_NO_TEXT}
