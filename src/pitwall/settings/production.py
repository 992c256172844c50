"""What must hold before Pitwall may run in production; every reason is told at once."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from pitwall.core.errors import PitwallError
from pitwall.settings.fields import Profile
from pitwall.settings.groups import Settings
from pitwall.settings.store_groups import StoreGroup

MIN_SECRET_CHARACTERS = 12
_WELL_KNOWN = frozenset(
    "admin changeit changeme clickhouse default letmein password pitwall postgres qwerty root secret test"
    " change-me-please changemeplease password1234 123456789012".split()
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason not to start.

    Attributes:
        setting: Path of the setting, or the thing that is missing.
        message: What is wrong, one sentence; never holds a secret.
        hint: The way out, one sentence.
    """

    setting: str
    message: str
    hint: str


class UnsafeProduction(PitwallError):
    """Pitwall will not start with the prod profile until all problems are solved."""

    exit_code = 3
    default_code = "settings.unsafe_production"


def check_production(settings: Settings, *, has_api_keys: bool | None = None) -> list[Problem]:
    """Return all reasons why these settings must not run in production; empty outside the prod profile.

    Args:
        settings: The settings to judge.
        has_api_keys: Whether the state store holds a usable key; None if that is not known yet.
    """
    if settings.profile is not Profile.PROD:
        return []
    return [
        *_check_access(settings, has_api_keys),
        *_check_origins(settings.server.allowed_origins),
        *_check_store("telemetry_store", settings.telemetry_store),
        *_check_store("state_store", settings.state_store),
    ]


def refuse_unsafe_production(settings: Settings, *, has_api_keys: bool | None = None) -> None:
    """Raise if these settings must not run in production.

    Raises:
        UnsafeProduction: With every reason in the message and in `details["problems"]`.
    """
    problems = check_production(settings, has_api_keys=has_api_keys)
    if problems:
        lines = [f"  {problem.setting}: {problem.message} {problem.hint}" for problem in problems]
        raise UnsafeProduction(
            "\n".join(["Refusing to start with profile prod:", *lines]),
            details={
                "problems": [{"setting": p.setting, "message": p.message, "hint": p.hint} for p in problems]
            },
        )


def _check_access(settings: Settings, has_api_keys: bool | None) -> list[Problem]:
    problems = []
    if settings.access.anonymous != "never":
        problems.append(
            Problem(
                "access.anonymous",
                f"is {settings.access.anonymous!r}, so callers on this machine need no key.",
                "Set it to 'never'.",
            )
        )
    if has_api_keys is False:
        problems.append(
            Problem(
                "API keys",
                "there is none, so nobody could sign in.",
                "Make one: pitwall keys create --name ops --project default --scopes ingest,read,act.",
            )
        )
    return problems


def _check_origins(origins: tuple[str, ...]) -> list[Problem]:
    return [
        Problem("server.allowed_origins", f"holds {origin!r}.", "Name the exact origin of the UI.")
        for origin in origins
        if "*" in origin or is_loopback_host(urlsplit(origin).hostname or origin)
    ]


def _check_store(name: str, store: StoreGroup) -> list[Problem]:
    if "url" not in store.model_fields_set:
        default = store.url.get_secret_value()
        return [
            Problem(
                f"{name}.url",
                "is not set.",
                f"Name the server, or say {default!r} to keep it in data_dir on purpose.",
            )
        ]
    if store.is_embedded:
        return []
    weakness = _secret_weakness(unquote(urlsplit(store.connection_url()).password or ""))
    if weakness is None:
        return []
    return [
        Problem(
            f"{name}.password", weakness, "Use a generated one, for example secret://file/run/secrets/store."
        )
    ]


def _secret_weakness(secret: str) -> str | None:
    if not secret:
        return "is not set."
    if secret.lower() in _WELL_KNOWN:
        return "is a well-known default."
    if len(secret) < MIN_SECRET_CHARACTERS:
        return f"has {len(secret)} characters, fewer than {MIN_SECRET_CHARACTERS}."
    return None


def is_loopback_host(host: str) -> bool:
    """Tell whether a host name or address means this machine only."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
