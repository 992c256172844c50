"""What all helpers share: a span around a `with` or `async with` block, which never raises itself."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping
from contextvars import Token
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from opentelemetry.context import Context
from opentelemetry.trace import INVALID_SPAN, Span, SpanKind, StatusCode

from pitwall.core.vocabulary import ErrorClass
from pitwall.core.vocabulary import SpanKind as Kind
from pitwall.sdk import names
from pitwall.sdk.context import attach, context_of, detach
from pitwall.sdk.failures import note_failure
from pitwall.sdk.runtime import runtime
from pitwall.sdk.values import content_text, describe

P = ParamSpec("P")
SomeOperation = TypeVar("SomeOperation", bound="Operation")
_log = logging.getLogger("pitwall.sdk")
# The stages whose times a RAG service is steered by.
_STAGE_BY_KIND: dict[str, str] = {
    Kind.EMBEDDING: "embedding",
    Kind.RETRIEVER: "vector_search",
    Kind.RERANKER: "rerank",
    Kind.LLM: "llm",
    Kind.PARSER: "parse",
}


def safely(
    method: Callable[Concatenate[SomeOperation, P], SomeOperation],
) -> Callable[Concatenate[SomeOperation, P], SomeOperation]:
    """Log what a method of an operation raises instead of letting it reach the application."""

    @functools.wraps(method)
    def wrapper(self: SomeOperation, /, *args: P.args, **kwargs: P.kwargs) -> SomeOperation:
        try:
            return method(self, *args, **kwargs)
        except Exception:  # noqa: BLE001  # recording must not break the application
            _log.exception("sdk.not_recorded method=%s", method.__qualname__)
            return self

    return wrapper


class Operation:
    """One timed operation of a kind.

    Args:
        name: Name of the span.
        kind: What the span is.
        attributes: Set at the start; None values are left out.
        remote: Whether the operation calls another service.
    """

    __slots__ = ("_attributes", "_kind", "_name", "_remote", "_token", "span")

    def __init__(self, name: str, kind: str, attributes: Mapping[str, Any], *, remote: bool = False) -> None:
        self._name = name
        self._kind = kind
        self._attributes = attributes
        self._remote = remote
        self._token: Token[Context] | None = None
        self.span: Span = INVALID_SPAN

    def start(self) -> Self:
        """Start the span without making it current, for code without a block; finish with `end`."""
        try:
            self._open()
        except Exception:  # noqa: BLE001  # recording must not break the application
            _log.exception("sdk.span_not_started name=%r", self._name)
        return self

    def end(self, error: BaseException | None = None) -> None:
        """End what `start` started; `error` marks it as failed, leaving a generator early does not."""
        try:
            if error is not None and not isinstance(error, GeneratorExit):
                note_failure(self.span, error)
            self._close()
            self.span.end()
        except Exception:  # noqa: BLE001  # recording must not break the application
            _log.exception("sdk.span_not_ended name=%r", self._name)

    def __enter__(self) -> Self:
        self.start()
        self._token = attach(context_of(self.span))
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        if self._token is not None:
            detach(self._token)
        self.end(exc_val)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        self.__exit__(exc_type, exc_val, exc_tb)

    def _open(self) -> None:
        attributes = {names.SPAN_KIND: self._kind}
        stage = _STAGE_BY_KIND.get(self._kind)
        if stage is not None:
            attributes[names.STAGE] = stage
        attributes.update((key, value) for key, value in self._attributes.items() if value is not None)
        span_kind = SpanKind.CLIENT if self._remote else SpanKind.INTERNAL
        self.span = runtime.tracer.start_span(self._name, kind=span_kind, attributes=attributes)

    def _close(self) -> None:
        """Last chance of a subclass to set attributes."""

    def set_attribute(self, key: str, value: Any) -> Self:
        """Set any attribute; None is ignored."""
        if value is not None:
            self.span.set_attribute(key, value)
        return self

    def set_error(self, error: BaseException | str, error_class: ErrorClass | str | None = None) -> Self:
        """Mark as failed without an exception leaving the block.

        Args:
            error: The exception that was handled, or a short error type such as `"empty_answer"`.
            error_class: Overrules the class found from the exception.
        """
        if isinstance(error, BaseException):
            note_failure(self.span, error)
        else:
            self.span.set_attribute(names.ERROR_TYPE, error)
            self.span.set_status(StatusCode.ERROR, error)
        if error_class is not None:
            self.span.set_attribute(names.ERROR_CLASS, describe(error_class))
        return self

    def _set_content(self, key: str, value: Any) -> None:
        """Set text or JSON of captured content, unless content is not to be captured."""
        if value is not None and runtime.capture_content and self.span.is_recording():
            self.span.set_attribute(key, content_text(value))


class RetryableOperation(Operation):
    """An operation on another service that may be tried again inside the same block."""

    __slots__ = ("_retries",)

    def __init__(self, name: str, kind: str, attributes: Mapping[str, Any]) -> None:
        super().__init__(name, kind, attributes, remote=True)
        self._retries = 0

    def set_retries(self, count: int) -> Self:
        """Say how often the call was tried again; 0 says that the first try was enough.

        Without a word it is unknown, and the call is in no signal of retries.
        """
        self._retries = count
        self.span.set_attribute(names.RETRY_COUNT, count)
        return self

    def retry(self, error: BaseException | None = None) -> Self:
        """Count one more try of the same call; `error` is what the failed try raised."""
        self._retries += 1
        self.span.set_attribute(names.RETRY_COUNT, self._retries)
        if error is not None:
            self.span.record_exception(error)
        return self


class CacheLookup(Operation):
    """A look into a cache; see `cache_lookup`."""

    __slots__ = ()

    def hit(self, hit: bool) -> Self:
        """Say whether the cache had it."""
        self.span.set_attribute(names.CACHE_HIT, bool(hit))
        return self


class ParseStep(Operation):
    """Reading a structured answer; see `parse_step`."""

    __slots__ = ("_result",)

    def __init__(self, name: str, kind: str, attributes: Mapping[str, Any]) -> None:
        super().__init__(name, kind, attributes)
        self._result: bool | None = None

    def ok(self) -> Self:
        """The answer could be read."""
        self._result = True
        return self

    def failed(self, error: BaseException | str = "parse_failed") -> Self:
        """The answer could not be read; the application goes on some other way."""
        self._result = False
        return self.set_error(error, ErrorClass.PARSE)

    def end(self, error: BaseException | None = None) -> None:
        """End; without a word from the application an exception means failed and its absence ok."""
        if error is not None and not isinstance(error, GeneratorExit):
            self._result = False
        self.span.set_attribute(names.PARSE_OK, self._result is not False)
        super().end(error)


class ToolCall(Operation):
    """A call of a tool; see `tool_call`."""

    __slots__ = ()

    def set_arguments(self, arguments: Any) -> Self:
        """What the tool was called with."""
        self._set_content(names.TOOL_ARGUMENTS, arguments)
        return self

    def set_output(self, output: Any) -> Self:
        """What the tool answered."""
        self._set_content(names.TOOL_RESULT, output)
        return self


def cache_lookup(name: str = "embedding", key: str | None = None, **attributes: Any) -> CacheLookup:
    """A look into a cache: `with cache_lookup(name="embedding", key=k) as look: ...; look.hit(found is not
    None)`.

    Args:
        name: Which cache.
        key: The key, or better its hash.
        attributes: Further span attributes.
    """
    values = {names.CACHE_NAME: name, names.CACHE_KEY: key, **attributes}
    return CacheLookup(f"cache {name}", Kind.CACHE.value, values)


def parse_step(name: str = "parse", **attributes: Any) -> ParseStep:
    """Reading a structured answer; an exception means failed, leaving the block normally means ok."""
    return ParseStep(name, Kind.PARSER.value, attributes)


def tool_call(name: str, *, arguments: Any = None, call_id: str | None = None, **attributes: Any) -> ToolCall:
    """A call of a tool by an agent or a model.

    Args:
        name: Name of the tool.
        arguments: What it is called with; captured as JSON if content is.
        call_id: The id the model gave the call.
        attributes: Further span attributes.
    """
    captured = content_text(arguments) if arguments is not None and runtime.capture_content else None
    values = {
        names.OPERATION_NAME: "execute_tool",
        names.TOOL_NAME: name,
        names.TOOL_CALL_ID: call_id,
        names.TOOL_ARGUMENTS: captured,
        **attributes,
    }
    return ToolCall(f"execute_tool {name}", Kind.TOOL.value, values)
