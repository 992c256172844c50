"""The lean tracer behind OpenTelemetry's interface."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, TraceState

from pitwall.sdk.context import request_context
from pitwall.sdk.span import RecordingSpan
from pitwall.sdk.tracer import LeanTracer, LeanTracerProvider
from tests.unit.sdk.recording import Recorded


@pytest.fixture
def tracer(recorded: Recorded) -> LeanTracer:
    return LeanTracerProvider(recorded).get_tracer("test")


def test_children_share_the_trace(tracer: LeanTracer, recorded: Recorded) -> None:
    """Nesting follows the current span, and ends with it."""
    with tracer.start_as_current_span("root"):
        with tracer.start_as_current_span("child"):
            pass
        with tracer.start_as_current_span("sibling"):
            pass
    with tracer.start_as_current_span("other"):
        pass
    root, other = recorded.one("root"), recorded.one("other")
    for name in ("child", "sibling"):
        assert (recorded.one(name).trace_id, recorded.one(name).parent_span_id) == (
            root.trace_id,
            root.span_id,
        )
    assert other.trace_id != root.trace_id
    assert (root.parent_span_id, other.parent_span_id) == (0, 0)


def test_parent_from_another_process_is_followed(tracer: LeanTracer, recorded: Recorded) -> None:
    """A remote context gives trace id, parent and trace state."""
    remote = SpanContext(0xABC, 0xDEF, True, TraceFlags(1), TraceState([("vendor", "x")]))
    tracer.start_span("work", trace.set_span_in_context(NonRecordingSpan(remote))).end()
    span = recorded.one("work")
    assert (span.trace_id, span.parent_span_id, span.parent_is_remote) == (0xABC, 0xDEF, True)
    assert span.get_span_context().trace_state == remote.trace_state


def test_span_wrapped_by_an_instrumentation_is_a_parent_too(tracer: LeanTracer, recorded: Recorded) -> None:
    """Instrumentations put a proxy of the span into the context; children still find their parent."""

    class Wrapped(NonRecordingSpan):
        pass

    with tracer.start_as_current_span("parent") as parent:
        context = trace.set_span_in_context(Wrapped(parent.get_span_context()))
        tracer.start_span("child", context).end()
    assert recorded.one("child").parent_span_id == recorded.one("parent").span_id


def test_unsampled_parent_means_unsampled_child(tracer: LeanTracer, recorded: Recorded) -> None:
    """The caller's decision holds, and goes on to those we call."""
    remote = SpanContext(0xABC, 0xDEF, True, TraceFlags(0))
    span = tracer.start_span("work", trace.set_span_in_context(NonRecordingSpan(remote)))
    span.end()
    assert (span.is_recording(), recorded) == (False, [])
    assert (span.get_span_context().trace_id, span.get_span_context().trace_flags) == (0xABC, 0)


@pytest.mark.parametrize("ratio", [0.0, 0.25, 1.0])
def test_sample_ratio_keeps_whole_traces(recorded: Recorded, ratio: float) -> None:
    """About that share of traces is recorded, each of them with its child."""
    tracer = LeanTracerProvider(recorded, sample_ratio=ratio).get_tracer("test")
    for _ in range(2_000):
        with tracer.start_as_current_span("root"), tracer.start_as_current_span("child"):
            pass
    roots = recorded.names.count("root")
    assert roots == recorded.names.count("child")
    assert abs(roots / 2_000 - ratio) < 0.05  # five standard deviations


def test_ids_do_not_follow_the_applications_seed(tracer: LeanTracer) -> None:
    """`random.seed(0)` in every worker of an application must not give them the same trace ids."""
    ids = set()
    for _ in range(2):
        random.seed(0)
        ids.add(tracer.start_span("work").get_span_context().trace_id)
    assert len(ids) == 2


def test_error_leaves_the_block_as_it_was(tracer: LeanTracer, recorded: Recorded) -> None:
    """The exception goes on, the span has it, and the context is as before."""
    error = ValueError("odd")
    with pytest.raises(ValueError, match="odd") as caught, tracer.start_as_current_span("work"):
        raise error
    assert caught.value is error
    assert recorded.one("work").status.description == "ValueError: odd"
    assert trace.get_current_span() is trace.INVALID_SPAN


def test_cancellation_is_no_error_of_the_span(tracer: LeanTracer, recorded: Recorded) -> None:
    """As in OpenTelemetry, only `Exception` is recorded."""
    with pytest.raises(asyncio.CancelledError), tracer.start_as_current_span("work"):
        raise asyncio.CancelledError
    assert recorded.one("work").status.is_unset


def test_what_to_note_on_an_error_is_the_callers_choice(tracer: LeanTracer, recorded: Recorded) -> None:
    """Both switches of the interface work."""
    with (
        pytest.raises(ValueError, match="odd"),
        tracer.start_as_current_span("work", record_exception=False, set_status_on_exception=False),
    ):
        raise ValueError("odd")
    assert recorded.one("work").events == ()
    assert recorded.one("work").status.is_unset


def test_end_on_exit_can_be_left_to_the_caller(tracer: LeanTracer, recorded: Recorded) -> None:
    """A span that outlives its block ends when it is told to."""
    with tracer.start_as_current_span("work", end_on_exit=False) as span:
        pass
    assert recorded == []
    span.end()
    assert recorded.names == ["work"]


async def test_decorator_makes_a_span_for_every_call(tracer: LeanTracer, recorded: Recorded) -> None:
    """As OpenTelemetry's own context manager does, for functions and coroutines."""

    @tracer.start_as_current_span("plain")
    def plain(value: int) -> int:
        return value

    @tracer.start_as_current_span("waiting")
    async def waiting(value: int) -> int:
        await asyncio.sleep(0)
        return value

    assert [plain(1), plain(2), await waiting(3)] == [1, 2, 3]
    assert recorded.names == ["plain", "plain", "waiting"]
    assert recorded[0].span_id != recorded[1].span_id


async def test_tasks_do_not_mix_their_spans(tracer: LeanTracer, recorded: Recorded) -> None:
    """Concurrent tasks each have a current span of their own."""

    async def work(name: str) -> None:
        with tracer.start_as_current_span(f"parent {name}"):
            await asyncio.sleep(0.001)
            with tracer.start_as_current_span(f"child {name}"):
                await asyncio.sleep(0)

    await asyncio.gather(*(work(str(number)) for number in range(20)))
    for number in range(20):
        assert recorded.one(f"child {number}").parent_span_id == recorded.one(f"parent {number}").span_id


def test_request_reaches_a_span_with_a_context_of_its_own(tracer: LeanTracer, recorded: Recorded) -> None:
    """An instrumentation that passes a context without the request does not lose the request."""
    with request_context(request_id="r-1"):
        tracer.start_span("given", otel_context.Context()).end()
        tracer.start_span("current").end()
    tracer.start_span("outside").end()
    assert [span.attributes.get("pitwall.request.id") for span in recorded] == ["r-1", "r-1", None]


class Processor:
    """A span processor as another library would add it."""

    def __init__(self, *, broken: bool = False) -> None:
        self.seen: list[tuple[str, str]] = []
        self.broken = broken

    def on_start(self, span: Any, parent_context: Any = None) -> None:
        self.seen.append(("start", span.name))
        span.set_attribute("added", True)
        if self.broken:
            raise RuntimeError("foreign")

    def on_end(self, span: Any) -> None:
        self.seen.append(("end", span.name))

    def shutdown(self) -> None:
        self.seen.append(("shutdown", ""))


def test_processors_of_other_libraries_see_every_span(recorded: Recorded) -> None:
    """`add_span_processor` works as on the OpenTelemetry SDK; a failing one breaks nothing."""
    provider = LeanTracerProvider(recorded)
    good, broken = Processor(), Processor(broken=True)
    provider.add_span_processor(broken)
    provider.add_span_processor(good)
    provider.get_tracer("test").start_span("work").end()
    provider.shutdown()
    assert good.seen == [("start", "work"), ("end", "work"), ("shutdown", "")]
    assert recorded.one("work").attributes == {"added": True}


def test_without_a_sink_nothing_is_recorded(tracer: LeanTracer, recorded: Recorded) -> None:
    """After shutdown tracers go on working, at almost no cost."""
    tracer.provider.retarget(None)
    with tracer.start_as_current_span("work") as span:
        assert not span.is_recording()
    assert recorded == []


@given(st.lists(st.sampled_from(["open", "close"]), max_size=60))
def test_any_nesting_builds_the_tree_it_shows(steps: list[str]) -> None:
    """Whatever opens and closes in order, every span's parent is the one open around it."""
    recorded = Recorded()
    tracer = LeanTracerProvider(recorded).get_tracer("test")
    blocks: list[Any] = []
    expected: dict[int, int] = {}
    for step in steps:
        if step == "open":
            above = trace.get_current_span().get_span_context().span_id
            blocks.append(tracer.start_as_current_span("span"))
            span = blocks[-1].__enter__()
            assert isinstance(span, RecordingSpan)
            expected[span.span_id] = above
        elif blocks:
            blocks.pop().__exit__(None, None, None)
    while blocks:
        blocks.pop().__exit__(None, None, None)
    assert {span.span_id: span.parent_span_id for span in recorded} == expected
    assert trace.get_current_span() is trace.INVALID_SPAN
