"""Profiles of slow requests: a sample, on the span, bounded, and never in the way."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.middleware.base import BaseHTTPMiddleware

import pitwall
from pitwall.sdk import ProfileMiddleware, RequestContextMiddleware, profile
from pitwall.sdk import profiling as profiling_module
from pitwall.sdk.flames import folded_stacks
from tests.unit.sdk.recording import Recorded

pytest.importorskip("pyinstrument")
STACKS = "pitwall.profile.stacks"
EVERY_ONE: dict[str, Any] = {"slower_than_ms": 20, "sample_ratio": 1.0, "interval_ms": 1}


def burn(seconds: float) -> None:
    """Keep the processor busy in a frame with a name."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        sum(range(500))


def stacks_of(text: str) -> dict[tuple[str, ...], int]:
    """The lines of a folded profile: function names, and microseconds."""
    lines = (line.rpartition(" ") for line in text.splitlines())
    return {tuple(frame.split(" (")[0] for frame in stack.split(";")): int(us) for stack, _, us in lines}


def time_in(text: str, function: str) -> float:
    """Seconds spent in and below a function."""
    return sum(us for stack, us in stacks_of(text).items() if function in stack) / 1e6


def test_slow_block_leaves_its_profile_on_the_request(recorded: Recorded) -> None:
    """On the root span, whatever span was current; the lines add up to what was measured."""
    with pitwall.tool_call("outer"), profile(**EVERY_ONE), pitwall.tool_call("inner"):
        burn(0.08)
    outer, inner = recorded.one("execute_tool outer"), recorded.one("execute_tool inner")
    assert STACKS not in inner.attributes
    text = outer.attributes[STACKS]
    whole = sum(stacks_of(text).values()) / 1e6
    assert 0.07 < time_in(text, "burn") <= whole
    assert whole == pytest.approx(outer.attributes["pitwall.profile.duration_ms"] / 1000, rel=0.2)
    assert outer.attributes["pitwall.profile.samples"] > 2
    assert outer.attributes["pitwall.profile.cpu_ms"] > 0


def test_fast_block_leaves_nothing(recorded: Recorded) -> None:
    """Only what was slow is worth its bytes."""
    with pitwall.tool_call("t"), profile(slower_than_ms=1_000, sample_ratio=1.0):
        burn(0.005)
    assert STACKS not in recorded[0].attributes


@pytest.mark.parametrize(("drawn", "is_kept"), [(0.0499, True), (0.05, False)])
def test_sample_decides_before_anything_is_slow(recorded: Recorded, drawn: float, is_kept: bool) -> None:
    """Profiling costs time, so most requests are not looked at."""
    with pitwall.tool_call("t"), profile(slower_than_ms=5, rng=lambda: drawn):
        burn(0.02)
    assert (STACKS in recorded[0].attributes) is is_kept


def test_functions_of_both_kinds_can_be_decorated(recorded: Recorded) -> None:
    """Result, exception and name are the function's own."""

    @profile(**EVERY_ONE)
    def plain(value: int) -> int:
        burn(0.04)
        return value

    @profile(**EVERY_ONE)
    async def waiting() -> None:
        burn(0.04)
        raise KeyError("mine")

    with pitwall.tool_call("plain"):
        assert plain(7) == 7
    with pitwall.tool_call("waiting"), pytest.raises(KeyError):
        asyncio.run(waiting())
    assert (plain.__name__, waiting.__name__) == ("plain", "waiting")
    assert time_in(recorded[0].attributes[STACKS], "plain") > 0.02
    assert time_in(recorded[1].attributes[STACKS], "waiting") > 0.02


async def test_middleware_profiles_the_request_alone(recorded: Recorded) -> None:
    """What another request burns on the same loop is not in the profile; waiting is told as such."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        burn(0.03)
        await asyncio.sleep(0.06)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def another() -> None:
        await asyncio.sleep(0.035)
        other_request_burns()

    def other_request_burns() -> None:
        burn(0.03)

    wrapped = RequestContextMiddleware(ProfileMiddleware(app, **EVERY_ONE))
    transport = httpx.ASGITransport(app=wrapped)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        _, answer = await asyncio.gather(another(), client.get("/chat"))
    assert answer.status_code == 200
    text = recorded.one("GET").attributes[STACKS]
    assert time_in(text, "other_request_burns") == 0
    assert time_in(text, "app") > 0.08


async def test_profile_stands_on_the_span_of_a_framework_that_traces(recorded: Recorded) -> None:
    """FastAPI begins the server span and ends it with the last byte; other middleware may stand between."""
    app = FastAPI()

    @app.get("/slow")
    async def slow() -> None:
        burn(0.04)

    class Between(BaseHTTPMiddleware):
        async def dispatch(self, request: Any, call_next: Any) -> Any:
            return await call_next(request)

    app.add_middleware(Between)
    app.add_middleware(ProfileMiddleware, **EVERY_ONE)
    app.add_middleware(Between)
    app.add_middleware(RequestContextMiddleware)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        await client.get("/slow")
    assert time_in(recorded.one("GET /slow").attributes[STACKS], "slow") > 0.02


async def test_one_profile_is_taken_at_a_time(recorded: Recorded) -> None:
    """Two slow requests at once: one has a profile, the other its speed."""

    async def request(name: str) -> None:
        with pitwall.tool_call(name):
            async with profile(**EVERY_ONE):
                await asyncio.sleep(0.05)

    await asyncio.gather(request("a"), request("b"))
    await request("c")
    kept = [STACKS in recorded.one(f"execute_tool {name}").attributes for name in "abc"]
    assert sorted(kept[:2]) == [False, True]
    assert kept[2]


def test_without_a_span_nothing_is_profiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """There would be no place for it."""
    monkeypatch.setattr(profiling_module, "_profiler_kind", lambda: pytest.fail("a profiler was made"))
    with profile(**EVERY_ONE):
        burn(0.02)


def test_missing_library_is_said_once_and_breaks_nothing(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The application runs, and the log names what to install."""
    monkeypatch.setitem(sys.modules, "pyinstrument", None)
    profiling_module._profiler_kind.cache_clear()
    try:
        for _ in range(2):
            with pitwall.tool_call("t"), profile(**EVERY_ONE):
                burn(0.025)
    finally:
        profiling_module._profiler_kind.cache_clear()
    assert caplog.text.count("pitwall[profile]") == 1
    assert STACKS not in recorded[0].attributes


def test_profiler_that_fails_reaches_nobody(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither at its start nor at its end; the next profile works."""

    class Broken:
        def __init__(self, **_: Any) -> None: ...
        def start(self) -> None:
            raise RuntimeError("no timer")

    with monkeypatch.context() as patch:
        patch.setattr(profiling_module, "_profiler_kind", lambda: Broken)
        with pitwall.tool_call("t"), profile(**EVERY_ONE):
            pass
    assert "sdk.profile_not_started" in caplog.text
    with pitwall.tool_call("t"), profile(**EVERY_ONE):
        burn(0.03)
    assert STACKS in recorded[1].attributes


class Frame:
    """A tree of frames with known times."""

    file_path_short = "shop/chat.py"

    def __init__(self, function: str, own: float, *children: Frame) -> None:
        self.function, self.children = function, children
        self.time: float = own + sum(child.time for child in children)


def test_folded_stacks_have_one_line_per_stack_and_its_own_time() -> None:
    """The form that flame graph tools read; separators inside of names are replaced."""
    root = Frame("main", 0.5, Frame("a;b", 0.25, Frame("leaf", 0.125)), Frame("idle", 0.0))
    assert folded_stacks(root, 10_000) == (
        "main (shop/chat.py) 500000\n"
        "main (shop/chat.py);a,b (shop/chat.py) 250000\n"
        "main (shop/chat.py);a,b (shop/chat.py);leaf (shop/chat.py) 125000"
    )


def test_calls_of_one_function_are_one_frame() -> None:
    """pyinstrument tells every call; a flame graph wants them together, and its own marks left out."""
    calls = [Frame("embed", 0.1, Frame("[self]", 0.15)), Frame("ask", 0.25), Frame("embed", 0.25)]
    assert stacks_of(folded_stacks(Frame("main", 0.0, *calls), 10_000)) == {
        ("main", "embed"): 500_000,
        ("main", "ask"): 250_000,
    }


def test_profile_that_fits_nowhere_is_left_out() -> None:
    """A limit below one line."""
    assert folded_stacks(Frame("main", 1.0), 5) == ""


def test_profile_that_is_too_large_loses_its_small_frames_and_no_time() -> None:
    """Short frames are added to their callers until it fits."""
    leaves = [Frame(f"leaf_{number}", 0.001 * (number % 10 + 1)) for number in range(2_000)]
    root = Frame("main", 0.0, *(Frame(f"part_{n}", 0.1, *leaves[n * 20 : n * 20 + 20]) for n in range(100)))
    whole, cut = folded_stacks(root, 10**9), folded_stacks(root, 8_000)
    assert len(whole) > 100_000
    assert 0 < len(cut.encode()) <= 8_000
    assert sum(stacks_of(cut).values()) == pytest.approx(sum(stacks_of(whole).values()), abs=len(leaves))
