"""Where a slow request spent its time: pyinstrument on a sample, its flame graph on the request's span."""

from __future__ import annotations

import asyncio
import functools
import inspect
import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field, replace
from types import TracebackType
from typing import Any, Self, TypeVar

from opentelemetry.trace import Span

from pitwall.sdk import names
from pitwall.sdk.context import request_span
from pitwall.sdk.flames import folded_stacks
from pitwall.sdk.middleware import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger("pitwall.sdk")
Target = TypeVar("Target", bound=Callable[..., Any])
# A profiler slows what it looks at; one at a time keeps that to one request.
_busy = threading.Lock()


@dataclass(slots=True)
class profile:  # noqa: N801  # used like a function: `with pitwall.profile():`, `@pitwall.profile()`
    """Profile a sample of what runs inside, and keep the profile when it was slow.

    The profile stands on the span of the request as `pitwall.profile.stacks`, in the folded form that flame
    graph tools read: a stack and its microseconds a line. Works as `with` block, `async with` block and
    decorator. One profile is taken at a time. Never raises; without pyinstrument it does nothing but say so
    in the log.

    Args:
        slower_than_ms: What took less is not kept.
        sample_ratio: Share that is profiled, from 0 to 1.
        interval_ms: How often the stack is looked at.
        max_bytes: Size of the stacks; short frames are added to their callers until they fit.
        rng: A number from 0 to 1 per request.
    """

    slower_than_ms: float = 1_000.0
    sample_ratio: float = 0.05
    _: KW_ONLY
    interval_ms: float = 5.0
    max_bytes: int = 64_000
    rng: Callable[[], float] = random.random
    _running: _Running | None = field(default=None, init=False, repr=False)

    def __enter__(self) -> Self:
        try:
            self._running = self._begin()
        except Exception:  # noqa: BLE001  # profiling must not break the application
            _log.exception("sdk.profile_not_started")
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the profile before the block does; the end of the block then changes nothing."""
        running, self._running = self._running, None
        if running is None:
            return
        try:
            running.finish(self.slower_than_ms, self.max_bytes)
        except Exception:  # noqa: BLE001  # profiling must not break the application
            _log.exception("sdk.profile_not_kept")
        finally:
            _busy.release()

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        self.__exit__(exc_type, exc_val, exc_tb)

    def __call__(self, target: Target) -> Target:
        """Decorate a function or a coroutine function."""
        if inspect.iscoroutinefunction(target):

            @functools.wraps(target)
            async def waiting(*args: Any, **kwargs: Any) -> Any:
                with replace(self):
                    return await target(*args, **kwargs)

            return waiting  # type: ignore[return-value]

        @functools.wraps(target)
        def plain(*args: Any, **kwargs: Any) -> Any:
            with replace(self):
                return target(*args, **kwargs)

        return plain  # type: ignore[return-value]

    def _begin(self) -> _Running | None:
        if self.rng() >= self.sample_ratio:
            return None
        span = request_span()
        profiler_kind = _profiler_kind() if span.is_recording() else None
        if profiler_kind is None or not _busy.acquire(blocking=False):
            return None
        try:
            profiler = profiler_kind(interval=self.interval_ms / 1000, async_mode=_async_mode())
            profiler.start()
        except BaseException:
            _busy.release()
            raise
        return _Running(profiler, span)


class _Running:
    """A profiler at work."""

    def __init__(self, profiler: Any, span: Span) -> None:
        self._profiler = profiler
        self._span = span
        self._began = time.perf_counter()

    def finish(self, slower_than_ms: float, max_bytes: int) -> None:
        session = self._profiler.stop()
        duration_ms = (time.perf_counter() - self._began) * 1000
        if duration_ms < slower_than_ms or not self._span.is_recording():
            return
        root = session.root_frame()
        if root is None:
            return
        self._span.set_attribute(names.PROFILE_STACKS, folded_stacks(root, max_bytes))
        self._span.set_attribute(names.PROFILE_DURATION_MS, round(duration_ms, 3))
        self._span.set_attribute(names.PROFILE_CPU_MS, round(session.cpu_time * 1000, 3))
        self._span.set_attribute(names.PROFILE_SAMPLES, int(session.sample_count))


class ProfileMiddleware:
    """`profile` around every HTTP request; put it inside of `RequestContextMiddleware`.

    It sees what runs on the event loop. A plain `def` endpoint runs in a thread of its own: decorate it.

    Args:
        app: The application.
        options: Those of `profile`.
    """

    def __init__(self, app: ASGIApp, /, **options: Any) -> None:
        self._app = app
        self._profile = profile(**options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        taken = replace(self._profile)

        async def sending(message: Message) -> None:
            # Frameworks that trace end their span with the last byte; after that there is no place for it.
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                taken.stop()
            await send(message)

        async with taken:
            await self._app(scope, receive, sending)


def _async_mode() -> str:
    """Inside of a task only its own frames count, not those of other requests on the loop."""
    try:
        return "enabled" if asyncio.current_task() is not None else "disabled"
    except RuntimeError:  # no loop in this thread
        return "disabled"


@functools.cache
def _profiler_kind() -> Any:
    try:
        from pyinstrument import Profiler
    except ImportError:
        _log.warning('sdk.profile_unavailable: pyinstrument is not installed; pip install "pitwall[profile]"')
        return None
    return Profiler
