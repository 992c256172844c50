"""`@observe`: a span around any function, coroutine, generator or async generator."""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextvars import Token
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, TypeVar, cast, overload

from opentelemetry.context import Context
from opentelemetry.trace import Span

from pitwall.core.vocabulary import SpanKind
from pitwall.sdk import names
from pitwall.sdk.context import attach, context_of, current_context, detach
from pitwall.sdk.operation import Operation
from pitwall.sdk.runtime import runtime
from pitwall.sdk.values import content_text

F = TypeVar("F", bound=Callable[..., Any])
_log = logging.getLogger("pitwall.sdk")
_MAX_ITEMS_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class _Observation:
    """What `@observe` was told about one function."""

    name: str
    kind: str
    capture_input: bool
    capture_output: bool
    signature: inspect.Signature | None
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def operation(self) -> Operation:
        return Operation(self.name, self.kind, self.attributes)

    def record_input(self, span: Span, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if not (self.capture_input and runtime.capture_content and span.is_recording()):
            return
        _record(span, names.INPUT_VALUE, names.INPUT_MIME_TYPE, self._arguments(args, kwargs))

    def record_output(self, span: Span, value: Any) -> None:
        if self.capture_output and runtime.capture_content and value is not None and span.is_recording():
            _record(span, names.OUTPUT_VALUE, names.OUTPUT_MIME_TYPE, value)

    def _arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        if self.signature is None:
            return {"args": args, **kwargs}
        try:
            bound = self.signature.bind_partial(*args, **kwargs).arguments
        except TypeError:
            return {"args": args, **kwargs}
        return {key: value for key, value in bound.items() if key not in {"self", "cls"}}


def _record(span: Span, key: str, mime_key: str, value: Any) -> None:
    span.set_attribute(key, content_text(value))
    span.set_attribute(mime_key, "text/plain" if isinstance(value, str) else "application/json")


@overload
def observe(function: F, /) -> F: ...


@overload
def observe(
    *,
    name: str | None = None,
    kind: SpanKind | str = SpanKind.CHAIN,
    capture_input: bool = True,
    capture_output: bool = True,
    attributes: Mapping[str, Any] | None = None,
) -> Callable[[F], F]: ...


def observe(
    function: F | None = None,
    /,
    *,
    name: str | None = None,
    kind: SpanKind | str = SpanKind.CHAIN,
    capture_input: bool = True,
    capture_output: bool = True,
    attributes: Mapping[str, Any] | None = None,
) -> F | Callable[[F], F]:
    """Record every call of a function as a span.

    Works for functions, coroutines, generators and async generators; for the latter two the span covers the
    iteration from the first item to the last, also when the consumer stops early. An exception marks the span
    as failed and goes on as it was.

    Args:
        function: The function, when used as `@observe` without arguments.
        name: Name of the span; default the function's qualified name.
        kind: What the span is: chain, retriever, llm, tool, agent...
        capture_input: Record the arguments, unless `init(capture_content=False)`.
        capture_output: Record the result, or the items of a generator.
        attributes: Set on every span.
    """

    def decorate(target: F) -> F:
        observation = _Observation(
            name or str(getattr(target, "__qualname__", type(target).__name__)),
            str(kind),
            capture_input,
            capture_output,
            _signature(target),
            attributes or {},
        )
        return cast("F", _wrap(target, observation))

    return decorate if function is None else decorate(function)


def _signature(target: Callable[..., Any]) -> inspect.Signature | None:
    try:
        return inspect.signature(target)
    except (TypeError, ValueError):
        return None


def _wrap(target: Callable[..., Any], observation: _Observation) -> Callable[..., Any]:
    if inspect.isasyncgenfunction(target):
        return _wrap_async_generator(target, observation)
    if inspect.isgeneratorfunction(target):
        return _wrap_generator(target, observation)
    if inspect.iscoroutinefunction(target):
        return _wrap_coroutine(target, observation)

    @functools.wraps(target)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with observation.operation() as operation:
            observation.record_input(operation.span, args, kwargs)
            result = target(*args, **kwargs)
            observation.record_output(operation.span, result)
            return result

    return wrapper


def _wrap_coroutine(target: Callable[..., Any], observation: _Observation) -> Callable[..., Any]:
    @functools.wraps(target)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        with observation.operation() as operation:
            observation.record_input(operation.span, args, kwargs)
            result = await target(*args, **kwargs)
            observation.record_output(operation.span, result)
            return result

    return wrapper


class _Iteration:
    """The span of a generator, current only while the generator's own code runs.

    The context of the generator's body is put aside between two items, so that the consumer never sees the
    span as its own and a `with` block around a `yield` in the body finds its context again.
    """

    def __init__(self, observation: _Observation, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._observation = observation
        self._operation = observation.operation().start()
        self._context = context_of(self._operation.span)
        self._token: Token[Context] | None = None
        self._items: list[Any] = []
        observation.record_input(self._operation.span, args, kwargs)

    def __enter__(self) -> None:
        self._token = attach(self._context)

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        self._context = current_context()
        if self._token is not None:
            detach(self._token)
        if exc_val is not None:
            ended = isinstance(exc_val, (StopIteration, StopAsyncIteration))
            self.end(None if ended else exc_val)

    def keep(self, item: Any) -> None:
        if len(self._items) < _MAX_ITEMS_KEPT:
            self._items.append(item)

    def end(self, error: BaseException | None = None) -> None:
        items = self._items
        text = all(isinstance(item, str) for item in items)
        self._observation.record_output(
            self._operation.span, ("".join(items) if text else items) if items else None
        )
        self._operation.end(error)


def _wrap_generator(target: Callable[..., Any], observation: _Observation) -> Callable[..., Any]:
    @functools.wraps(target)
    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        generator: Generator[Any, Any, Any] = target(*args, **kwargs)
        iteration = _Iteration(observation, args, kwargs)
        resume: Callable[[Any], Any] = generator.send
        argument: Any = None
        while True:
            try:
                with iteration:
                    item = resume(argument)
            except StopIteration as stop:
                return stop.value
            iteration.keep(item)
            try:
                argument = yield item
                resume = generator.send
            except GeneratorExit:
                with iteration:
                    generator.close()
                iteration.end()
                raise
            except BaseException as thrown:  # noqa: BLE001  # the generator's to handle
                argument = thrown
                resume = generator.throw

    return wrapper


def _wrap_async_generator(target: Callable[..., Any], observation: _Observation) -> Callable[..., Any]:
    @functools.wraps(target)
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        generator: AsyncGenerator[Any, Any] = target(*args, **kwargs)
        iteration = _Iteration(observation, args, kwargs)
        resume: Callable[[Any], Any] = generator.asend
        argument: Any = None
        while True:
            try:
                with iteration:
                    item = await resume(argument)
            except StopAsyncIteration:
                return
            iteration.keep(item)
            try:
                argument = yield item
                resume = generator.asend
            except GeneratorExit:
                with iteration:
                    await generator.aclose()
                iteration.end()
                raise
            except BaseException as thrown:  # noqa: BLE001  # the generator's to handle
                argument = thrown
                resume = generator.athrow

    return wrapper
