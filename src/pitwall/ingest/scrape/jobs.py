"""Scrapes every target by its own schedule, on one thread; a slow page keeps no other waiting."""

from __future__ import annotations

import asyncio
import threading
import zlib
from contextlib import AsyncExitStack, suppress

import httpx
import structlog

from pitwall.ingest.scrape.service import Key, Scraping, new_client
from pitwall.ingest.scrape.types import Target
from pitwall.kit.clock import Clock
from pitwall.work.leases import Lease

log = structlog.get_logger(__name__)

_LOOK_SECONDS = 5.0


class ScrapeLoop:
    """A component of the server that scrapes.

    Args:
        scraping: The targets.
        clock: What intervals are measured with.
        lease: Which process of several may scrape; None for every process.
    """

    name = "scrape"

    def __init__(self, scraping: Scraping, clock: Clock, *, lease: Lease | None = None) -> None:
        self._scraping = scraping
        self._clock = clock
        self._lease = lease
        self._tasks: dict[Key, tuple[Target, asyncio.Task[None]]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()
        self._is_stopping = False
        self._client: httpx.AsyncClient | None = None
        self._thread = threading.Thread(target=self._run_thread, name="pitwall-scrape", daemon=True)
        self.failures = 0

    def start(self) -> None:
        """Begin to scrape."""
        self._scraping.on_change = self.wake
        self._thread.start()

    def wake(self) -> None:
        """Look at the targets now; may be called from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    def stop(self, timeout_seconds: float) -> None:
        """Give up what is under way, and let another process take over."""
        self._is_stopping = True
        self.wake()
        self._thread.join(timeout_seconds)
        if self._lease is not None and self._lease.token:
            self._lease.release()

    def _run_thread(self) -> None:
        asyncio.run(self._run())

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with AsyncExitStack() as stack:
            while not self._is_stopping:
                self._woken.clear()
                await self._look(stack)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), _LOOK_SECONDS)
            await self._end(list(self._tasks))

    async def _look(self, stack: AsyncExitStack) -> None:
        """Have one task for every target there is now, if this process is the one that scrapes."""
        try:
            wanted = await asyncio.to_thread(self._wanted)
        except Exception:  # the state store may be away for a while; what runs goes on
            self.failures += 1
            log.exception("scrape.targets_failed")
            return
        await self._end([key for key, (target, _) in self._tasks.items() if wanted.get(key) != target])
        if wanted and self._client is None:  # loads certificates, which a server without targets need not
            self._client = await stack.enter_async_context(new_client())
        for key, target in wanted.items():
            if key not in self._tasks and self._client is not None:
                task = asyncio.create_task(self._repeat(self._client, key, target))
                self._tasks[key] = (target, task)

    def _wanted(self) -> dict[Key, Target]:
        if self._lease is not None and not self._lease.hold():
            return {}
        return self._scraping.targets()

    async def _end(self, keys: list[Key]) -> None:
        tasks = [self._tasks.pop(key)[1] for key in keys]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _repeat(self, client: httpx.AsyncClient, key: Key, target: Target) -> None:
        """Scrape at the beats of a grid; a beat that a slow page missed is not made up for."""
        next_at = self._clock.monotonic() + _phase(key) * min(target.every_seconds, _LOOK_SECONDS)
        was_up = True
        while True:
            await asyncio.sleep(max(0.0, next_at - self._clock.monotonic()))
            report = await self._scraping.scrape(client, key, target)
            if report.is_up != was_up:
                log.info(
                    "scrape.up" if report.is_up else "scrape.down", target=target.name, error=report.error
                )
            was_up = report.is_up
            late = max(0.0, self._clock.monotonic() - next_at)
            next_at += target.every_seconds * (1 + late // target.every_seconds)


def _phase(key: Key) -> float:
    """Where in its interval a target begins, so that not all begin at once."""
    return zlib.crc32("/".join(key).encode()) / 2**32
