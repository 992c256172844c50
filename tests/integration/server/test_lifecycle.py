"""Components start in order and stop in reverse, whatever one of them does."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from pitwall.core.errors import Unavailable
from pitwall.kit.clock import SystemClock
from pitwall.server.lifecycle import Lifecycle, Mode, Pitwall
from pitwall.stores.state import StateStore

Events = list[str]


@dataclass
class Part:
    """A component that writes down what happens to it."""

    name: str
    events: Events
    start_error: Exception | None = None
    stop_error: Exception | None = None
    hangs: bool = False

    def start(self) -> None:
        self.events.append(f"start {self.name}")
        if self.start_error:
            raise self.start_error

    def stop(self, timeout_seconds: float) -> None:
        self.events.append(f"stop {self.name}")
        if self.hangs:
            time.sleep(30)
        if self.stop_error:
            raise self.stop_error


@dataclass
class LoopPart:
    """A component that lives on the event loop."""

    name: str
    events: Events

    def start(self) -> Awaitable[None]:
        return self._note("start")

    def stop(self, timeout_seconds: float) -> Awaitable[None]:
        return self._note("stop")

    async def _note(self, what: str) -> None:
        asyncio.get_running_loop()
        assert threading.current_thread() is threading.main_thread()
        self.events.append(f"{what} {self.name}")


async def test_components_stop_in_reverse_order() -> None:
    """Later components use earlier ones, so they go first; threads and loop parts mix."""
    events: Events = []
    lifecycle = Lifecycle([Part("a", events), LoopPart("b", events), Part("c", events)])
    await lifecycle.start()
    assert await lifecycle.stop(5) == []
    assert events == ["start a", "start b", "start c", "stop c", "stop b", "stop a"]


async def test_failed_start_stops_what_had_started() -> None:
    """The error of the part that failed comes out; the ones before it are stopped, others are not."""
    events: Events = []
    lifecycle = Lifecycle(
        [Part("a", events), Part("b", events, start_error=Unavailable("no b")), Part("c", events)]
    )
    with pytest.raises(Unavailable, match="no b"):
        await lifecycle.start()
    await lifecycle.stop(5)
    assert events == ["start a", "start b", "stop a"]


async def test_hanging_stop_keeps_nobody_else_waiting() -> None:
    """A part that hangs is given up at the limit and named; the others still stop."""
    events: Events = []
    lifecycle = Lifecycle([Part("a", events), Part("b", events, hangs=True), LoopPart("c", events)])
    await lifecycle.start()
    began = time.monotonic()
    assert await lifecycle.stop(0.3) == ["b"]
    assert time.monotonic() - began < 5
    assert events[-1] == "stop a"


async def test_failing_stop_keeps_nobody_from_stopping() -> None:
    """An error while stopping is logged; it neither hides the others nor escapes."""
    events: Events = []
    lifecycle = Lifecycle([Part("a", events), Part("b", events, stop_error=ValueError("b"))])
    await lifecycle.start()
    assert await lifecycle.stop(5) == []
    assert events[-1] == "stop a"


async def test_stop_twice_does_nothing_more() -> None:
    """Stopping what is stopped is harmless."""
    events: Events = []
    lifecycle = Lifecycle([Part("a", events)])
    await lifecycle.start()
    await lifecycle.stop(5)
    await lifecycle.stop(5)
    assert events == ["start a", "stop a"]


async def test_jobs_begin_once_requests_are_served(tmp_path: Path) -> None:
    """Their first work would hold up the start; they end before what they use."""
    events: Events = []
    nothing = cast(Any, None)
    pitwall = Pitwall(
        settings=nothing,
        mode=Mode.UP,
        clock=SystemClock(),
        state=StateStore(f"sqlite:///{tmp_path}/state.db"),
        access=nothing,
        components=[Part("door", events)],
        web=nothing,
        background=[Part("job", events)],
    )
    await pitwall.start()
    assert (pitwall.is_started, events) == (True, ["start door"])
    await pitwall.start_background()
    assert await pitwall.stop(5) == []
    assert events == ["start door", "start job", "stop job", "stop door"]
