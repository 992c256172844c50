"""Arguments over environment over defaults; nothing that is wrong raises."""

from __future__ import annotations

from pathlib import Path

import pytest

from pitwall.sdk.config import DEFAULT_ENDPOINT, build_resource, resolve_config


def test_default_is_the_server_on_this_machine() -> None:
    """Five lines are enough to start."""
    config = resolve_config(service="s", environ={})
    assert (config.endpoint, config.trace_dir, config.headers, config.compress) == (
        DEFAULT_ENDPOINT,
        None,
        {},
        False,
    )


def test_environment_fills_what_the_call_leaves_open() -> None:
    """Deployment decides address, key and environment without a change of code."""
    environ = {
        "PITWALL_ENDPOINT": "https://pitwall.example:4318",
        "PITWALL_API_KEY": "key",
        "PITWALL_ENVIRONMENT": "prod",
        "PITWALL_SERVICE_VERSION": "7",
    }
    config = resolve_config(service="s", environ=environ)
    assert (config.endpoint, config.environment, config.version) == (
        "https://pitwall.example:4318",
        "prod",
        "7",
    )
    assert (config.headers, config.compress) == ({"authorization": "Bearer key"}, True)
    given = resolve_config(
        service="s", endpoint="http://127.0.0.1:1", api_key="own", environment="dev", environ=environ
    )
    assert (given.endpoint, given.environment) == ("http://127.0.0.1:1", "dev")
    assert given.headers == {"authorization": "Bearer own"}


@pytest.mark.parametrize(
    ("endpoint", "environ", "expected"),
    [
        (None, {"TRACE_DIR": "/t"}, (None, Path("/t"))),
        ("http://127.0.0.1:1", {"TRACE_DIR": "/t"}, ("http://127.0.0.1:1", Path("/t"))),
        (None, {"TRACE_DIR": "/t", "PITWALL_ENDPOINT": "http://h:1"}, ("http://h:1", Path("/t"))),
        (None, {"TRACE_DIR": "/t", "TRACE_ENABLE": "0"}, (DEFAULT_ENDPOINT, None)),
        (None, {"TRACE_DIR": "/t", "TRACE_ENABLE": "1"}, (None, Path("/t"))),
        (None, {"PITWALL_SDK_DISABLED": "true", "TRACE_DIR": "/t"}, (None, None)),
    ],
)
def test_server_or_files(
    endpoint: str | None, environ: dict[str, str], expected: tuple[str | None, Path | None]
) -> None:
    """A trace directory alone means files only: nothing is counted twice by accident."""
    config = resolve_config(service="s", endpoint=endpoint, environ=environ)
    assert (config.endpoint, config.trace_dir) == expected


@pytest.mark.parametrize(
    "endpoint", ["localhost:4318", "http://", "ftp://h", "http://h:99999", "http://[", "x"]
)
def test_unusable_address_is_told_and_turns_recording_off(
    endpoint: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A typing error in a deployment file must not stop the application."""
    config = resolve_config(service="s", endpoint=endpoint, environ={})
    assert not config.enabled
    assert endpoint in caplog.text


def test_resource_names_the_process() -> None:
    """Two processes of one service can be told apart; absent values are left out."""
    config = resolve_config(service="s", environment="dev", resource_attributes={"team": ["a"]}, environ={})
    first, second = build_resource(config, "1"), build_resource(config, "1")
    assert first["service.instance.id"] != second["service.instance.id"]
    assert (first["service.name"], first["deployment.environment.name"], first["team"]) == (
        "s",
        "dev",
        ("a",),
    )
    assert first["telemetry.sdk.name"] == "pitwall"
    assert "service.version" not in first
