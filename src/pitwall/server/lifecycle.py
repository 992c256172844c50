"""The parts of a running server: started in order, stopped in reverse within a time limit."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import structlog

from pitwall import __version__
from pitwall.kit.clock import Clock
from pitwall.settings import Settings

if TYPE_CHECKING:
    from pitwall.access.service import AccessService
    from pitwall.server.web import WebFeatures
    from pitwall.stores.state import StateStore

log = structlog.get_logger(__name__)


class Mode(StrEnum):
    """What one server process does."""

    UP = "up"
    """Everything: HTTP, gRPC and background work."""
    SERVE = "serve"
    """HTTP only."""
    OFFLINE = "offline"
    """A command at work on a data directory: stores and ingest, no ports and no background work."""


class Component(Protocol):
    """A part of the server with a life of its own: threads, files, a port.

    `start` and `stop` run on a worker thread and may block. One that needs the event loop returns an
    awaitable, which is awaited on it. `stop` is called only if `start` succeeded, with the seconds left.
    """

    @property
    def name(self) -> str:
        """Name for logs."""
        ...

    def start(self) -> Awaitable[None] | None:
        """Begin to work; raises PitwallError if that is not possible."""
        ...

    def stop(self, timeout_seconds: float) -> Awaitable[None] | None:
        """Finish what was begun and let go of everything."""
        ...


class Lifecycle:
    """Starts components in order and stops those that were started, last first.

    Args:
        components: What to run; later ones may use earlier ones.
    """

    def __init__(self, components: Sequence[Component]) -> None:
        self._components = tuple(components)
        self._started: list[Component] = []

    async def start(self) -> None:
        """Start every component; if one fails, those before it are stopped and its error is raised."""
        for component in self._components:
            log.debug("component.starting", component=component.name)
            result = await _in_thread(component.start)
            if inspect.isawaitable(result):
                await result
            self._started.append(component)

    async def stop(self, timeout_seconds: float) -> list[str]:
        """Stop every started component; one that fails or hangs does not keep the others from stopping.

        Args:
            timeout_seconds: For all of them together; once it is over, each still gets a moment.

        Returns:
            Names of the components that did not stop in time.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_seconds
        late = []
        while self._started:
            component = self._started.pop()
            left = max(deadline - loop.time(), 0.1)
            try:
                await asyncio.wait_for(_stop(component, left), left + 0.1)
            except TimeoutError:
                log.error("component.stop.timeout", component=component.name)
                late.append(component.name)
            except Exception:
                log.exception("component.stop.failed", component=component.name)
        return late


async def _stop(component: Component, seconds: float) -> None:
    result = await _in_thread(lambda: component.stop(seconds))
    if inspect.isawaitable(result):
        await result


async def _in_thread(function: Callable[[], Awaitable[None] | None]) -> Awaitable[None] | None:
    """Run on a daemon thread of its own: one that hangs must not keep the process from ending."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Awaitable[None] | None] = loop.create_future()

    def settle(result: Awaitable[None] | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def run() -> None:
        try:
            result, error = function(), None
        except BaseException as exc:  # noqa: BLE001 - handed over to the caller, who raises it
            result, error = None, exc
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name="pitwall-lifecycle", daemon=True).start()
    return await future


@dataclass(kw_only=True)
class Pitwall:
    """Everything one server process is made of.

    Attributes:
        mode: What this process does.
        state: The open state store.
        components: What to start, in order, before requests are served: stores and doors.
        background: What to start, in order, from then on: the first work of twenty jobs would compete with
            the rest of the start.
        web: Returns what features add to the web application; called once, while the components start.
        addresses: Where the server listens, by door.
        before_drain: What ends answers that would never end by themselves; called when the server begins to
            stop, on its event loop.
    """

    settings: Settings
    mode: Mode
    clock: Clock
    state: StateStore
    access: AccessService
    components: Sequence[Component]
    web: Callable[[Pitwall], WebFeatures]
    background: Sequence[Component] = ()
    addresses: dict[str, str] = field(default_factory=dict)
    before_drain: list[Callable[[], None]] = field(default_factory=list)
    version: str = __version__
    started_at: datetime = field(init=False)
    is_started: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.started_at = self.clock.now()
        self._started_monotonic = self.clock.monotonic()
        self._lifecycle = Lifecycle(self.components)
        self._background = Lifecycle(self.background)

    @property
    def uptime_seconds(self) -> float:
        """Seconds since this process was put together."""
        return self.clock.monotonic() - self._started_monotonic

    async def start(self) -> None:
        """Start what requests need; they are served from then on."""
        await self._lifecycle.start()
        self.is_started = True

    async def start_background(self) -> None:
        """Start the work beside requests."""
        await self._background.start()

    async def stop(self, timeout_seconds: float) -> list[str]:
        """Stop everything and close the state store; returns the names of those that were too slow."""
        self.is_started = False
        deadline = self.clock.monotonic() + timeout_seconds
        late = await self._background.stop(timeout_seconds)
        late += await self._lifecycle.stop(deadline - self.clock.monotonic())
        self.state.close()
        return late
