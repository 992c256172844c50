"""Routers that take long to import: added once requests are served, or by the first request for them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence

from fastapi import APIRouter, FastAPI
from starlette.types import Receive, Scope, Send


class LateRouters:
    """Stands behind the routes of an application, where requests come that none of them takes.

    Args:
        build: Imports and returns the routers; called once, on any thread.
    """

    def __init__(self, api: FastAPI, build: Callable[[], Sequence[APIRouter]]) -> None:
        self._api = api
        self._build = build
        self._lock = threading.Lock()
        self._is_done = False
        self._not_found = api.router.default
        api.router.default = self

    def add(self) -> None:
        """Add the routers, unless that is done."""
        with self._lock:
            if not self._is_done:
                for router in self._build():
                    self._api.include_router(router)
                self._is_done = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request that no route took: once everything is there, by all of them."""
        if self._is_done:
            await self._not_found(scope, receive, send)
            return
        await asyncio.to_thread(self.add)
        await self._api.router(scope, receive, send)
