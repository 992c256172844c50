"""Secrets by reference, and the reasons not to start in production."""

from __future__ import annotations

from pathlib import Path

import pytest

from pitwall.core.errors import InvalidInput
from pitwall.settings import check_production, load_settings, refuse_unsafe_production
from pitwall.settings.production import UnsafeProduction, is_loopback_host
from pitwall.settings.secrets import mask_url, resolve_reference

SAFE = {
    "PITWALL_PROFILE": "prod",
    "PITWALL_TELEMETRY_STORE__URL": "clickhouse://pit:long-and-random-1@ch:8123/telemetry",
    "PITWALL_STATE_STORE__URL": "sqlite://",
    "PITWALL_SERVER__ALLOWED_ORIGINS": "https://pitwall.example.com",
}


def problems(**changes: str) -> set[str]:
    environ = {**SAFE, **changes}
    return {problem.setting for problem in check_production(load_settings(environ=environ))}


def test_secret_comes_from_a_variable_or_a_file(tmp_path: Path) -> None:
    """The reference is replaced when settings load; a line end in the file is not part of the secret."""
    file = tmp_path / "password"
    file.write_text("from-file\n", "utf-8")
    environ = {
        "CH_SECRET": "from-variable",
        "PITWALL_TELEMETRY_STORE__PASSWORD": "secret://env/CH_SECRET",
        "PITWALL_STATE_STORE__PASSWORD": f"secret://file{file}",
    }
    settings = load_settings(environ=environ)
    assert settings.telemetry_store.password is not None
    assert settings.telemetry_store.password.get_secret_value() == "from-variable"
    assert settings.state_store.password is not None
    assert settings.state_store.password.get_secret_value() == "from-file"


@pytest.mark.parametrize(
    "reference",
    ["secret://env/NOT_SET", "secret://file/nowhere/x", "secret://vault/x", "secret://env/", "secret://"],
)
def test_reference_to_nothing_is_told_with_the_setting(reference: str) -> None:
    """An empty secret is never used in its place."""
    with pytest.raises(InvalidInput, match="alert_webhook_url"):
        load_settings(environ={"PITWALL_ALERT_WEBHOOK_URL": reference})


def test_empty_or_binary_secret_file_is_refused(tmp_path: Path) -> None:
    """A mounted file that is empty is a mistake of deployment."""
    empty, binary = tmp_path / "empty", tmp_path / "binary"
    empty.write_text("\n", "utf-8")
    binary.write_bytes(b"\xff\xfe")
    for file, words in ((empty, "is empty"), (binary, "not UTF-8")):
        with pytest.raises(ValueError, match=words):
            resolve_reference(f"secret://file{file}", {})


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("chdb://", "chdb://"),
        ("clickhouse://u:hunter2@h:8123/db?token=hunter2", "clickhouse://u:********@h:8123/db?********"),
        ("postgresql://u@h/db", "postgresql://u@h/db"),
        ("clickhouse://u:hun@ter2@h/db", "clickhouse://u:********@h/db"),
    ],
)
def test_store_address_is_shown_without_its_password(url: str, shown: str) -> None:
    """Also when the password was not escaped."""
    assert mask_url(url) == shown


def test_safe_production_has_no_problems_and_other_profiles_are_not_judged() -> None:
    """The check is about production only."""
    assert problems() == set()
    assert check_production(load_settings(environ={"PITWALL_SERVER__ALLOWED_ORIGINS": "*"})) == []


@pytest.mark.parametrize(
    ("change", "setting"),
    [
        ({"PITWALL_ACCESS__ANONYMOUS": "loopback"}, "access.anonymous"),
        ({"PITWALL_SERVER__ALLOWED_ORIGINS": "*"}, "server.allowed_origins"),
        ({"PITWALL_SERVER__ALLOWED_ORIGINS": "https://*.example.com"}, "server.allowed_origins"),
        ({"PITWALL_SERVER__ALLOWED_ORIGINS": "http://localhost:5173"}, "server.allowed_origins"),
        ({"PITWALL_SERVER__ALLOWED_ORIGINS": "http://[::1]:80"}, "server.allowed_origins"),
        ({"PITWALL_TELEMETRY_STORE__URL": ""}, "telemetry_store.url"),
        ({"PITWALL_STATE_STORE__URL": ""}, "state_store.url"),
        ({"PITWALL_TELEMETRY_STORE__URL": "clickhouse://u@h/d"}, "telemetry_store.password"),
        ({"PITWALL_TELEMETRY_STORE__URL": "clickhouse://u:short@h/d"}, "telemetry_store.password"),
        ({"PITWALL_STATE_STORE__URL": "postgresql://u:Postgres@h/d"}, "state_store.password"),
    ],
)
def test_each_unsafe_setting_is_a_reason(change: dict[str, str], setting: str) -> None:
    """One change from the safe settings, one reason."""
    assert problems(**change) == {setting}


def test_all_reasons_are_told_at_once_without_secrets() -> None:
    """Nobody has to start five times to learn five things."""
    environ = {
        **SAFE,
        "PITWALL_ACCESS__ANONYMOUS": "loopback",
        "PITWALL_SERVER__ALLOWED_ORIGINS": "*",
        "PITWALL_STATE_STORE__URL": "postgresql://u:hunter2@h/d",
    }
    with pytest.raises(UnsafeProduction) as caught:
        refuse_unsafe_production(load_settings(environ=environ), has_api_keys=False)
    told = str(caught.value)
    for words in (
        "access.anonymous",
        "API keys",
        "pitwall keys create",
        "allowed_origins",
        "state_store.password",
    ):
        assert words in told
    assert "hunter2" not in told + repr(caught.value.details)
    refuse_unsafe_production(load_settings(environ=SAFE), has_api_keys=True)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("127.8.8.8", True),
        ("[::1]", True),
        ("app.localhost", True),
        ("10.0.0.1", False),
        ("h", False),
    ],
)
def test_loopback_is_recognised_in_all_its_forms(host: str, loopback: bool) -> None:
    """Names and addresses of this machine, and no others."""
    assert is_loopback_host(host) is loopback
