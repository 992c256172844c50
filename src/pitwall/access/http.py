"""Reading the caller out of HTTP headers; shared by FastAPI endpoints and raw ASGI doors."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from pitwall.access.service import AccessService
from pitwall.access.types import Principal
from pitwall.core.errors import NotPermitted
from pitwall.settings.production import is_loopback_host

RawHeaders = Iterable[tuple[bytes, bytes]]
SESSION_COOKIE = "pitwall_session"
UI_HEADER = "x-pitwall-ui"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_READ = frozenset(
    {b"authorization", b"x-api-key", b"api_key", b"host", b"origin", b"cookie", UI_HEADER.encode()}
)
_FORWARDED = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip", b"via"})


class Caller(NamedTuple):
    """What the headers say about who calls.

    Attributes:
        credential: The `Authorization` header, else `x-api-key`, else `api_key` (as Phoenix clients send it).
        host: The `Host` header.
        origin: The `Origin` header: the web page that makes a browser call, if one does.
        is_forwarded: Whether a proxy says it stands in between.
        session: Token of the browser's session, from its cookie.
        is_ui: Whether the UI itself says that it makes the call; no other web page can say so.
    """

    credential: str | None
    host: str | None
    origin: str | None
    is_forwarded: bool
    session: str | None
    is_ui: bool


def read_caller(headers: RawHeaders) -> Caller:
    """Read the caller out of raw ASGI headers (lower-case names) in one pass."""
    found: dict[bytes, str] = {}
    is_forwarded = False
    for name, value in headers:
        if name in _READ:
            found[name] = value.decode("latin-1")
        elif name in _FORWARDED:
            is_forwarded = True
    credential = found.get(b"authorization") or found.get(b"x-api-key") or found.get(b"api_key")
    return Caller(
        credential,
        found.get(b"host"),
        found.get(b"origin"),
        is_forwarded,
        _session(found.get(b"cookie")),
        found.get(UI_HEADER.encode()) == "1",
    )


def _session(cookies: str | None) -> str | None:
    for cookie in (cookies or "").split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == SESSION_COOKIE and value:
            return value
    return None


def is_direct(caller: Caller, allowed_origins: Collection[str] = ()) -> bool:
    """Whether the connection's end is the caller itself.

    Not so behind a proxy, and not for a web page of somewhere else that makes the user's browser call this
    machine (its `Origin` tells), also when it got its own name resolved to this machine (`Host` tells).
    """
    if caller.is_forwarded:
        return False
    if caller.host is not None and not _is_loopback_authority(caller.host):
        return False
    if caller.origin is None or caller.origin in allowed_origins:
        return True
    return _is_loopback_authority(urlsplit(caller.origin).netloc)


@lru_cache(maxsize=256)  # callers name this machine in a handful of ways, and every request asks
def _is_loopback_authority(authority: str) -> bool:
    try:
        hostname = urlsplit(f"//{authority}").hostname
    except ValueError:
        return False
    return hostname is not None and is_loopback_host(hostname)


async def authenticate_headers(
    access: AccessService, headers: RawHeaders, *, allowed_origins: Collection[str] = ()
) -> Principal:
    """Find out who sent a request; what every HTTP door calls first. Sessions of the UI send no telemetry.

    Raises:
        NotAuthenticated: No credential where one is needed, or a bad one.
        StateUnavailable: The state store does not answer.
    """
    caller = read_caller(headers)
    return await access.authenticate_async(caller.credential, is_direct=is_direct(caller, allowed_origins))


async def authenticate_request(
    access: AccessService, headers: RawHeaders, *, method: str, allowed_origins: Collection[str] = ()
) -> Principal:
    """Find out who asks the API: by key, else a browser by its session, else nobody in particular.

    A session counts for a change only if the UI itself makes the call: browsers add the cookie to whatever
    a page of the same site sends, but let no other page add this header.

    Raises:
        NotAuthenticated: No credential where one is needed, or a bad one.
        NotPermitted: A change by a session without the header of the UI.
        StateUnavailable: The state store does not answer.
    """
    caller = read_caller(headers)
    direct = is_direct(caller, allowed_origins)
    if caller.credential is None and caller.session is not None:
        principal = await access.authenticate_session(caller.session, is_direct=direct)
        if principal is not None:
            if method not in _SAFE_METHODS:
                require_ui(caller)
            return principal
    return await access.authenticate_async(caller.credential, is_direct=direct)


def require_ui(caller: Caller) -> None:
    """Refuse a change by a browser's session that the UI does not make itself.

    Raises:
        NotPermitted: The header of the UI is missing.
    """
    if not caller.is_ui:
        raise NotPermitted(
            "A session of the UI changes something only with the header `X-Pitwall-UI: 1`.",
            code="access.ui_header_missing",
            hint="Programs send an API key instead of the cookie.",
        )
