"""`@observe` on every kind of function: the behaviour stays, a span is added."""

from __future__ import annotations

import asyncio
import gc
import inspect
import json
from collections.abc import AsyncIterator, Generator, Iterator

import pytest
from opentelemetry import trace

from pitwall.core.vocabulary import SpanKind
from pitwall.sdk import llm_call, observe, retrieval
from pitwall.sdk.runtime import runtime
from tests.unit.sdk.recording import Recorded


def current_name() -> str:
    return str(getattr(trace.get_current_span(), "name", ""))


def test_function_keeps_result_name_and_signature(recorded: Recorded) -> None:
    """The decorated function is the same to its callers."""

    @observe
    def add(left: int, right: int = 2) -> int:
        """Adds."""
        return left + right

    assert add(1) == 3
    assert (add.__name__, add.__doc__, str(inspect.signature(add))) == (
        "add",
        "Adds.",
        "(left: 'int', right: 'int' = 2) -> 'int'",
    )
    span = recorded[0]
    assert span.name.endswith("add")
    assert span.attributes["pitwall.span.kind"] == "chain"
    assert json.loads(span.attributes["input.value"]) == {"left": 1}
    assert (span.attributes["output.value"], span.attributes["output.mime_type"]) == ("3", "application/json")


def test_name_kind_and_attributes_can_be_given(recorded: Recorded) -> None:
    """All arguments reach the span; a kind that has a stage gets it."""

    @observe(name="search", kind=SpanKind.RETRIEVER, attributes={"team": "voc"})
    def find(query: str) -> list[str]:
        return [query]

    find("환불")
    attributes = recorded.one("search").attributes
    assert (attributes["pitwall.span.kind"], attributes["pitwall.stage"]) == ("retriever", "vector_search")
    assert attributes["team"] == "voc"
    assert attributes["input.value"] == '{"query":"환불"}'


def test_method_does_not_record_itself(recorded: Recorded) -> None:
    """`self` is neither captured nor called."""

    class Service:
        def __repr__(self) -> str:
            raise AssertionError("not asked for")

        @observe
        def ask(self, question: str) -> str:
            return question.upper()

    assert Service().ask("why") == "WHY"
    assert recorded[0].attributes["input.value"] == '{"question":"why"}'
    assert (recorded[0].attributes["output.value"], recorded[0].attributes["output.mime_type"]) == (
        "WHY",
        "text/plain",
    )


def test_content_is_not_captured_when_told_so(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    """Per function and for the whole process."""

    @observe(name="off", capture_input=False, capture_output=False)
    def off(secret: str) -> str:
        return secret

    @observe(name="on")
    def on(secret: str) -> str:
        return secret

    off("s")
    monkeypatch.setattr(runtime, "capture_content", False)
    on("s")
    for span in recorded:
        assert not {"input.value", "output.value"} & span.attributes.keys()


def test_exception_goes_on_unchanged(recorded: Recorded) -> None:
    """Type, class and stack are recorded; the very same exception arrives."""
    error = TimeoutError("slow")

    @observe(name="work")
    def work() -> None:
        raise error

    with pytest.raises(TimeoutError) as caught:
        work()
    assert caught.value is error
    span = recorded.one("work")
    assert (span.attributes["error.type"], span.attributes["pitwall.error.class"]) == (
        "TimeoutError",
        "timeout",
    )
    assert span.status.is_ok is False
    assert "raise error" in span.events[0].attributes["exception.stacktrace"]


@pytest.mark.parametrize("argument", [object(), float("nan"), {1, 2}, b"\xff", "\ud800"])
def test_odd_arguments_do_no_harm(recorded: Recorded, argument: object) -> None:
    """What JSON cannot hold is described, and the function gets it as it is."""

    @observe(name="work")
    def work(value: object) -> bool:
        return value is argument

    assert work(argument)
    json.loads(recorded.one("work").attributes["input.value"])


def test_wrong_call_fails_like_the_plain_function(recorded: Recorded) -> None:
    """The TypeError is the function's own."""

    @observe(name="work")
    def work(value: int) -> int:
        return value

    with pytest.raises(TypeError, match="positional argument"):
        work(1, 2)  # type: ignore[call-arg]
    assert recorded.one("work").attributes["error.type"] == "TypeError"


async def test_coroutine_runs_inside_its_span(recorded: Recorded) -> None:
    """Children that start after an await find their parent."""

    @observe(name="outer")
    async def outer() -> str:
        await asyncio.sleep(0)
        with retrieval(name="inner"):
            return current_name()

    assert inspect.iscoroutinefunction(outer)
    assert await outer() == "inner"
    assert recorded.one("inner").parent_span_id == recorded.one("outer").span_id


async def test_cancelled_coroutine_is_recorded_as_cancelled(recorded: Recorded) -> None:
    """A task that is cancelled ends its span with that class."""

    @observe(name="work")
    async def work() -> None:
        await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert recorded.one("work").attributes["pitwall.error.class"] == "cancelled"


def test_generator_span_covers_the_iteration(recorded: Recorded) -> None:
    """It begins with the first item and ends with the last; the items are its output."""

    @observe(name="stream")
    def stream() -> Iterator[str]:
        yield "가"
        yield "나"

    items = stream()
    assert recorded == []
    assert list(items) == ["가", "나"]
    assert recorded.one("stream").attributes["output.value"] == "가나"


def test_consumer_of_a_generator_is_not_inside_its_span(recorded: Recorded) -> None:
    """Between two items the consumer's own span is current, in the body the generator's."""
    seen_inside = []

    @observe(name="stream")
    def stream() -> Iterator[int]:
        for number in range(3):
            seen_inside.append(current_name())
            yield number

    with retrieval(name="consumer"):
        seen_outside = [current_name() for _ in stream()]
    assert (seen_inside, seen_outside) == (["stream"] * 3, ["consumer"] * 3)
    assert recorded.one("stream").parent_span_id == recorded.one("consumer").span_id


def test_block_around_a_yield_keeps_its_context(recorded: Recorded) -> None:
    """A `with` in the body that is open across a yield is still the parent after it."""

    @observe(name="stream")
    def stream() -> Iterator[int]:
        with llm_call(model="m", name="model"):
            yield 1
            with retrieval(name="after"):
                pass
        with retrieval(name="last"):
            yield 2

    assert list(stream()) == [1, 2]
    assert recorded.one("after").parent_span_id == recorded.one("model").span_id
    assert recorded.one("last").parent_span_id == recorded.one("stream").span_id


def test_generator_protocol_is_kept(recorded: Recorded) -> None:
    """send, throw, return value and yield from work as without the decorator."""

    @observe(name="stream")
    def stream() -> Generator[object, str, str]:
        received = yield "first"
        try:
            yield received
        except KeyError as error:
            yield error
        return "done"

    generator = stream()
    assert next(generator) == "first"
    assert generator.send("sent") == "sent"
    thrown = KeyError("thrown")
    assert generator.throw(thrown) is thrown
    with pytest.raises(StopIteration) as stop:
        next(generator)
    assert stop.value.value == "done"
    assert recorded.one("stream").status.is_unset


def test_abandoned_generator_ends_its_span_without_an_error(recorded: Recorded) -> None:
    """A consumer that stops early, by close or by forgetting, is no failure; cleanup code runs."""
    cleaned = []

    @observe(name="stream")
    def stream() -> Iterator[int]:
        try:
            yield 1
            yield 2
        finally:
            cleaned.append(current_name())

    closed = stream()
    next(closed)
    closed.close()  # type: ignore[attr-defined]
    forgotten = stream()
    next(forgotten)
    del forgotten
    gc.collect()
    assert cleaned == ["stream", "stream"]
    assert [span.status.is_unset for span in recorded] == [True, True]
    assert trace.get_current_span() is trace.INVALID_SPAN


def test_failing_generator_is_recorded(recorded: Recorded) -> None:
    """An exception in the body, also one thrown in by the consumer, ends the span as failed."""

    @observe(name="stream")
    def stream() -> Iterator[int]:
        yield 1
        raise ConnectionError("cut")

    with pytest.raises(ConnectionError):
        list(stream())
    thrown_into = stream()
    next(thrown_into)
    with pytest.raises(KeyError):
        thrown_into.throw(KeyError("thrown"))  # type: ignore[attr-defined]
    assert [span.attributes["pitwall.error.class"] for span in recorded] == ["network", "internal"]


async def test_async_generator_covers_the_iteration(recorded: Recorded) -> None:
    """The same promises for async generators: context, children, output."""
    seen = []

    @observe(name="stream")
    async def stream() -> AsyncIterator[str]:
        with llm_call(model="m", name="model"):
            yield "a"
            await asyncio.sleep(0)
            seen.append(current_name())
            yield "b"

    with retrieval(name="consumer"):
        outside = [(item, current_name()) async for item in stream()]
    assert (outside, seen) == ([("a", "consumer"), ("b", "consumer")], ["model"])
    assert recorded.one("stream").attributes["output.value"] == "ab"
    assert recorded.one("model").parent_span_id == recorded.one("stream").span_id


async def test_async_generator_left_early_is_closed(recorded: Recorded) -> None:
    """aclose, and asyncio closing a forgotten one, end the span; a thrown error fails it."""

    @observe(name="stream")
    async def stream() -> AsyncIterator[int]:
        try:
            yield 1
            yield 2
        finally:
            await asyncio.sleep(0)

    closed = stream()
    assert await anext(closed) == 1
    await closed.aclose()  # type: ignore[attr-defined]
    async for _ in stream():
        break
    gc.collect()
    await asyncio.sleep(0.01)
    thrown_into = stream()
    await anext(thrown_into)
    with pytest.raises(ValueError, match="odd"):
        await thrown_into.athrow(ValueError("odd"))  # type: ignore[attr-defined]
    assert [span.status.is_unset for span in recorded] == [True, True, False]
    assert trace.get_current_span() is trace.INVALID_SPAN


async def test_failing_async_generator_is_recorded(recorded: Recorded) -> None:
    """The exception reaches the consumer, type and class the span."""

    @observe(name="stream")
    async def stream() -> AsyncIterator[int]:
        yield 1
        raise TimeoutError

    with pytest.raises(TimeoutError):
        _ = [item async for item in stream()]
    assert recorded.one("stream").attributes["pitwall.error.class"] == "timeout"


def test_endless_generator_keeps_a_bounded_output(recorded: Recorded) -> None:
    """The span of a generator of many items does not hold them all."""

    @observe(name="stream")
    def stream() -> Iterator[int]:
        yield from range(50_000)

    assert sum(1 for _ in stream()) == 50_000
    assert len(json.loads(recorded.one("stream").attributes["output.value"])) == 1_000
