"""The public names of the SDK, and what a client without a server does."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

import pitwall
from pitwall import sdk

GUIDES = Path(__file__).resolve().parents[3] / "docs" / "guides"


def test_every_public_name_resolves_to_the_same_object_from_the_root() -> None:
    """`pitwall.x` is `pitwall.sdk.x`, and nothing public is missing at the root."""
    assert set(sdk.__all__) <= set(pitwall.__all__)
    for name in sdk.__all__:
        assert getattr(pitwall, name) is getattr(sdk, name)
        assert getattr(sdk, name).__doc__


@pytest.mark.parametrize("guide", ["sdk.md", "sdk.ko.md"])
def test_guide_has_every_public_name(guide: str) -> None:
    """What an application may use is explained, and so is every argument and limit of `init`."""
    text = (GUIDES / guide).read_text("utf-8")
    limits = [field.name for field in fields(pitwall.Limits)]
    names = [*pitwall.__all__, *inspect.signature(pitwall.init).parameters, *limits]
    assert [name for name in names if not re.search(rf"\b{name}\b", text)] == []


def test_first_use_imports_nothing_heavy() -> None:
    """What an application does not use costs it nothing: no client, no event loop, no optional library."""
    code = "import sys, pitwall; pitwall.init, pitwall.observe, pitwall.classify_error; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"asyncio", "fastapi", "httpx", "limits", "numpy", "pydantic", "pyinstrument", "structlog"}
    own = {f"pitwall.sdk.{name}" for name in ("errors", "health", "log_setup", "profiling", "rate_limits")}
    assert set(done.stdout.split()) & (heavy | own) == set()


def test_unknown_name_is_an_attribute_error() -> None:
    """As with any module."""
    with pytest.raises(AttributeError, match="no_such_name"):
        sdk.no_such_name  # noqa: B018


@pytest.mark.parametrize("arguments", [{"endpoint": "nonsense"}, {"endpoint": "http://h:1", "limits": "odd"}])
def test_init_never_raises(arguments: dict[str, object], caplog: pytest.LogCaptureFixture) -> None:
    """A mistake in the set-up turns recording off, is logged, and every helper goes on working."""
    client = pitwall.init(service="s", **arguments)  # type: ignore[arg-type]
    assert not client.enabled
    assert caplog.records
    with pitwall.llm_call(model="m", input="x") as call:
        call.set_output("y").set_usage(input_tokens=1)
    assert pitwall.observe(lambda: 7)() == 7
    assert not pitwall.score("thumb", 1)
    assert client.flush() is client.shutdown() is True
    assert client.tally().accepted == 0
