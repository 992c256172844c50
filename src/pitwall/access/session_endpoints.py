"""`/api/v1/session`: who the caller is, and how a browser logs in and out."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Request, Response

from pitwall.access.dependencies import who_calls
from pitwall.access.http import SESSION_COOKIE, read_caller, require_ui
from pitwall.access.schemas import NewSession, UiSessionView
from pitwall.access.service import AccessService
from pitwall.core.errors import NotAuthenticated

# The server ends a session that nobody uses; the browser only has to keep it that long.
_COOKIE_SECONDS: Final = round(timedelta(days=30).total_seconds())


def session_router(access: AccessService) -> APIRouter:
    """Return the endpoints of the caller's session; none of them needs a principal."""
    router = APIRouter(prefix="/api/v1/session", tags=["session"])

    @router.get("", summary="Who the caller is")
    async def show_session(request: Request) -> UiSessionView:
        """Say whether the caller is known, let in without a key, or has to log in first."""
        try:
            principal = await who_calls(request)
        except NotAuthenticated:
            return UiSessionView.of(None)
        return UiSessionView.of(principal, await asyncio.to_thread(access.name_of, principal))

    @router.post("", summary="Log in")
    def log_in(request: Request, response: Response, body: NewSession) -> UiSessionView:
        """Begin a session with an API key, kept in the cookie `pitwall_session`; replaces an earlier one.

        It works as the key does, ends with it, and after twelve hours without use. What changes something
        needs the header `X-Pitwall-UI: 1` besides the cookie. After ten wrong keys an address waits a minute.
        """
        address = request.client.host if request.client else ""
        before = read_caller(request.scope["headers"]).session
        started = access.sessions.start(body.key, address=address, instead_of=before)
        _set_cookie(response, request, started.token, _COOKIE_SECONDS)
        return UiSessionView.of(started.key.principal(), started.key.name)

    @router.delete("", status_code=204, summary="Log out")
    def log_out(request: Request, response: Response) -> None:
        """End the browser's session; nothing happens if there is none. Needs `X-Pitwall-UI: 1`."""
        caller = read_caller(request.scope["headers"])
        if caller.session is not None:
            require_ui(caller)
            access.sessions.end(caller.session)
        _set_cookie(response, request, "", 0)

    return router


def _set_cookie(response: Response, request: Request, token: str, seconds: int) -> None:
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="strict",
        secure=_is_https(request),
    )


def _is_https(request: Request) -> bool:
    """Whether the browser speaks TLS, to this server or to a proxy before it.

    A caller who lies about it decides no more than where its own cookie goes.
    """
    forwarded = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    return request.url.scheme == "https" or forwarded == "https"
