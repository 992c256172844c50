"""The web application called from a blocking client, and the command line on top of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import httpx
from click.testing import CliRunner, Result

from pitwall.cli.main import root


class InProcess(httpx.BaseTransport):
    """Calls an application as a client on this machine."""

    def __init__(self, app: Any) -> None:
        self._app = httpx.ASGITransport(app, client=("127.0.0.1", 1))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        copy = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
        response = await self._app.handle_async_request(copy)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())


def run_command(
    transport: InProcess, *arguments: str, language: str = "en", environ: Mapping[str, str] | None = None
) -> Result:
    """Run `pitwall` with what it reaches put in place of a data directory."""
    runner = CliRunner(env={"PITWALL_LANG": language, **(environ or {})})
    return runner.invoke(root, arguments, obj=lambda *_: nullcontext(transport))
