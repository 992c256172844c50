"""Is the process alive, and may traffic come in: `/health/live` and `/health/ready`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Literal

import structlog
from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from pitwall.core.errors import PitwallError

log = structlog.get_logger(__name__)

Check = Callable[[], None]
"""Returns if the part is well, raises a PitwallError that says why not."""


class Live(BaseModel):
    """The process answers."""

    status: Literal["live"] = "live"


class CheckResult(BaseModel):
    """How one part is."""

    ok: bool = Field(description="Whether the part works.")
    detail: str | None = Field(default=None, description="Why it does not.")


class Ready(BaseModel):
    """Whether requests are served, with each check."""

    status: Literal["ready", "starting", "failing"]
    checks: dict[str, CheckResult]


def health_router(*, is_started: Callable[[], bool], checks: Mapping[str, Check]) -> APIRouter:
    """Return the health endpoints; they need no principal and tell no secrets.

    Args:
        is_started: Whether everything that has to start has done so.
        checks: What has to work for requests to be served, by name.
    """
    router = APIRouter(prefix="/health", tags=["health"])

    @router.get("/live", summary="Whether the process answers")
    async def live() -> Live:
        """Answer 200 as long as the process answers anything, whatever state its parts are in."""
        return Live()

    @router.get(
        "/ready",
        summary="Whether requests are served",
        responses={503: {"model": Ready, "description": "Starting, or a check fails"}},
    )
    async def ready(response: Response) -> Ready:
        """Answer 200 once the stores are open and migrated and every check passes, else 503 and why not."""
        if not is_started():
            response.status_code = 503
            return Ready(status="starting", checks={name: CheckResult(ok=False) for name in checks})
        results = await asyncio.gather(
            *(asyncio.to_thread(_run, name, check) for name, check in checks.items())
        )
        found = dict(zip(checks, results, strict=True))
        if all(result.ok for result in found.values()):
            return Ready(status="ready", checks=found)
        response.status_code = 503
        return Ready(status="failing", checks=found)

    return router


def _run(name: str, check: Check) -> CheckResult:
    try:
        check()
    except PitwallError as error:
        return CheckResult(ok=False, detail=error.message)
    except Exception:
        log.exception("health.check.failed", check=name)
        return CheckResult(ok=False, detail="The check itself failed; see the server's log.")
    return CheckResult(ok=True)
