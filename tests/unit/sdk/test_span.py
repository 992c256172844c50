"""The lean span keeps OpenTelemetry's promises."""

from __future__ import annotations

import pytest
from opentelemetry.trace import SpanContext, Status, StatusCode, TraceFlags

from pitwall.sdk import span as span_module
from pitwall.sdk.span import MAX_ATTRIBUTES, MAX_EVENTS, MAX_LINKS, MAX_VALUE_CHARS, RecordingSpan
from pitwall.sdk.tracer import LeanTracerProvider
from tests.unit.sdk.recording import Recorded


@pytest.fixture
def span(recorded: Recorded) -> RecordingSpan:
    started = LeanTracerProvider(recorded).get_tracer("test").start_span("work")
    assert isinstance(started, RecordingSpan)
    return started


class Hostile:
    """An object whose text cannot be had."""

    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


def test_value_is_a_copy(span: RecordingSpan) -> None:
    """A list changed after it was set does not change the span."""
    items = ["a"]
    span.set_attribute("one", items)
    span.set_attributes({"two": items})
    items.append("b")
    assert span.attributes == {"one": ("a",), "two": ("a",)}


@pytest.mark.parametrize("value", [Hostile(), {"deep": [Hostile()]}, object(), {1: {2, 3}}])
def test_no_value_makes_it_raise(span: RecordingSpan, value: object) -> None:
    """Whatever an application passes is kept somehow."""
    span.set_attribute("one", value)
    span.set_attributes({"two": value})
    span.add_event("event", {"three": value})  # type: ignore[dict-item]
    assert set(span.attributes) == {"one", "two"}


def test_none_is_left_out(span: RecordingSpan) -> None:
    """An absent value stays absent."""
    span.set_attribute("one", None)
    span.set_attributes({"two": None, "three": 3})
    assert span.attributes == {"three": 3}


def test_changes_after_the_end_are_ignored(span: RecordingSpan, recorded: Recorded) -> None:
    """An ended span is read by another thread; it does not change any more, and it is delivered once."""
    span.end(end_time=span.start_time + 5)
    span.set_attribute("late", 1)
    span.set_attributes({"late": 1})
    span.add_event("late")
    span.add_link(SpanContext(1, 2, is_remote=False))
    span.set_status(StatusCode.ERROR)
    span.update_name("late")
    span.end()
    assert (span.attributes, span.events, span.links, span.name) == ({}, (), (), "work")
    assert span.status.is_unset
    assert (len(recorded), span.end_time, span.is_recording()) == (1, span.start_time + 5, False)


def test_limits_count_what_they_leave_out(span: RecordingSpan) -> None:
    """Attributes, events and links are bounded, and the span says how many are missing."""
    span.set_attributes({f"key-{number}": number for number in range(MAX_ATTRIBUTES + 7)})
    span.set_attribute("key-0", "replaced")
    for _ in range(MAX_EVENTS + 2):
        span.add_event("event")
    for _ in range(MAX_LINKS + 3):
        span.add_link(SpanContext(1, 2, is_remote=False))
    assert (len(span.attributes), span.dropped_attributes, span.attributes["key-0"]) == (
        MAX_ATTRIBUTES,
        7,
        "replaced",
    )
    assert (len(span.events), span.dropped_events) == (MAX_EVENTS, 2)
    assert (len(span.links), span.dropped_links) == (MAX_LINKS, 3)


def test_far_too_long_text_is_cut(span: RecordingSpan) -> None:
    """One prompt of megabytes does not cost its whole batch; the cut is visible."""
    span.set_attribute("prompt", "가" * (MAX_VALUE_CHARS + 10))
    span.end()
    text = span.attributes["prompt"]
    assert text.startswith("가" * 100)
    assert text.endswith("... [10 more characters]")
    assert span.size < MAX_VALUE_CHARS + 10_000


def test_link_without_context_is_ignored(span: RecordingSpan) -> None:
    """An invalid context without attributes says nothing."""
    span.add_link(SpanContext(0, 0, is_remote=False))
    assert span.links == ()


def test_ok_is_final_and_unset_changes_nothing(span: RecordingSpan) -> None:
    """OpenTelemetry's rules for the status."""
    span.set_status(StatusCode.ERROR, "first")
    span.set_status(StatusCode.UNSET)
    assert span.status.description == "first"
    span.set_status(Status(StatusCode.OK))
    span.set_status(StatusCode.ERROR, "late")
    assert (span.status_code, span.status_message) == (StatusCode.OK.value, None)


def test_clock_that_jumps_back_does_not_make_time_negative(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wall clock goes back by an hour while the span runs; its duration stays the real one."""
    span = LeanTracerProvider(recorded).get_tracer("test").start_span("work")
    monkeypatch.setattr(span_module, "time_ns", lambda: 0)
    span.end()
    ended = recorded.one("work")
    assert ended.end_time is not None
    assert 0 < ended.end_time - ended.start_time < 60_000_000_000


def test_explicit_start_without_end_is_never_negative(recorded: Recorded) -> None:
    """A start in the future, given by the caller, ends no earlier than it began."""
    future = 2**62
    LeanTracerProvider(recorded).get_tracer("test").start_span("work", start_time=future).end()
    assert recorded.one("work").end_time == future


def test_exception_is_recorded_even_when_it_has_no_text(span: RecordingSpan) -> None:
    """An exception whose message fails is still recorded, with type and stack."""

    class Broken(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    try:
        raise Broken
    except Broken as error:
        span.record_exception(error)
    attributes = span.events[0].attributes
    assert attributes["exception.type"].endswith("Broken")
    assert "raise Broken" in attributes["exception.stacktrace"]


def test_with_block_ends_and_marks(recorded: Recorded) -> None:
    """A span used as a context manager ends, and an exception is on it."""
    tracer = LeanTracerProvider(recorded).get_tracer("test")
    with pytest.raises(ValueError, match="odd"), tracer.start_span("work"):
        raise ValueError("odd")
    ended = recorded.one("work")
    assert ended.status.description == "ValueError: odd"
    assert ended.events[0].attributes["exception.type"] == "ValueError"


def test_reads_like_the_span_of_the_opentelemetry_sdk(recorded: Recorded) -> None:
    """Span processors of other libraries read these names."""
    provider = LeanTracerProvider(recorded, resource="resource")
    tracer = provider.get_tracer("scope", "1")
    with tracer.start_as_current_span("parent") as parent, tracer.start_as_current_span("child"):
        pass
    child = recorded.one("child")
    assert child.parent is not None
    assert child.parent.span_id == parent.get_span_context().span_id
    assert child.context.trace_flags == TraceFlags.SAMPLED
    assert (child.instrumentation_scope.name, child.instrumentation_scope.version) == ("scope", "1")
    assert (recorded.one("parent").parent, child.resource) == (None, "resource")
