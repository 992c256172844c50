"""The lean tracer provider: OpenTelemetry's interface, without its locks, validation and per-span objects."""

from __future__ import annotations

import functools
import inspect
import logging
import os
import random
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, ParamSpec, Protocol, TypeVar, cast

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, StatusCode, TraceFlags
from opentelemetry.util.types import Attributes

from pitwall.sdk.context import (
    BOUND_CONTEXT_KEY,
    EMPTY,
    SPAN_CONTEXT_KEY,
    attach,
    context_of,
    current_context,
    detach,
)
from pitwall.sdk.span import RecordingSpan, Scope
from pitwall.sdk.values import clean_value, describe

P = ParamSpec("P")
R = TypeVar("R")

_log = logging.getLogger("pitwall.sdk")
_RATIO_BITS = 64
_RATIO_MASK = 2**_RATIO_BITS - 1
_NOT_SAMPLED = TraceFlags(TraceFlags.DEFAULT)

# A generator of our own: an application that seeds the global one must not get the same ids in every process.
_random = random.Random()
_random_bits = _random.getrandbits
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_random.seed)


class SpanSink(Protocol):
    """Where finished spans go; must not block and must not raise."""

    def offer(self, span: RecordingSpan) -> None: ...


class SpanProcessor(Protocol):
    """The part of the OpenTelemetry SDK's span processor that other libraries add to a provider."""

    def on_start(self, span: Any, parent_context: Context | None = None) -> None: ...
    def on_end(self, span: Any) -> None: ...
    def shutdown(self) -> None: ...


class LeanTracerProvider(trace.TracerProvider):
    """Makes tracers whose spans go to one sink.

    Args:
        sink: Takes finished spans; None makes every span non-recording.
        sample_ratio: Share of traces to record, decided by trace id; children follow their parent.
        resource: What `span.resource` shows to foreign span processors.
    """

    def __init__(self, sink: SpanSink | None, sample_ratio: float = 1.0, resource: Any = None) -> None:
        self.processors: tuple[SpanProcessor, ...] = ()
        self.retarget(sink, sample_ratio, resource)

    def retarget(self, sink: SpanSink | None, sample_ratio: float = 1.0, resource: Any = None) -> None:
        """Send the spans of all tracers, old and new, somewhere else."""
        self.sink = sink
        self.resource = resource
        self.sample_bound = round(min(max(sample_ratio, 0.0), 1.0) * 2**_RATIO_BITS)

    def get_tracer(
        self,
        instrumenting_module_name: str,
        instrumenting_library_version: str | None = None,
        schema_url: str | None = None,
        attributes: Attributes = None,
    ) -> LeanTracer:
        scope = Scope(
            str(instrumenting_module_name or ""),
            str(instrumenting_library_version or ""),
            str(schema_url or ""),
            clean_value(attributes) if attributes else EMPTY,
        )
        return LeanTracer(self, scope)

    def add_span_processor(self, span_processor: SpanProcessor) -> None:
        """Let another library see every span at its start and end, as with the OpenTelemetry SDK."""
        self.processors = (*self.processors, span_processor)

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Flush processors and the sink; True when everything was delivered in time."""
        done = True
        for target in (*self.processors, self.sink):
            flush = getattr(target, "force_flush", None)
            if flush is not None:
                done = bool(flush(timeout_millis)) and done
        return done

    def shutdown(self) -> None:
        """Shut down the processors of other libraries; the client has a `shutdown` of its own."""
        for processor in self.processors:
            processor.shutdown()

    def started(self, span: RecordingSpan, context: Context) -> None:
        for processor in self.processors:
            _guard(processor.on_start, span, parent_context=context)

    def finished(self, span: RecordingSpan) -> None:
        if self.processors:
            for processor in self.processors:
                _guard(processor.on_end, span)
        if self.sink is not None:
            self.sink.offer(span)


def _guard(call: Callable[..., None], *args: Any, **kwargs: Any) -> None:
    try:
        call(*args, **kwargs)
    except Exception:  # noqa: BLE001  # foreign code
        _log.exception("sdk.span_processor_failed processor=%s", describe(call))


class LeanTracer(trace.Tracer):
    """Starts spans of one instrumentation scope."""

    def __init__(self, provider: LeanTracerProvider, scope: Scope) -> None:
        self.provider = provider
        self.scope = scope

    @property
    def resource(self) -> Any:
        return self.provider.resource

    def start_span(
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
    ) -> Span:
        """Start a span; the parent is the current span, or the one in `context`."""
        here = current_context() if context is None else context
        provider = self.provider
        parent = here.get(SPAN_CONTEXT_KEY)
        if type(parent) is RecordingSpan:
            span = RecordingSpan(
                provider,
                self.scope,
                name,
                kind,
                parent.trace_id,
                _random_bits(64) or 1,
                parent.span_id,
                start_time,
            )
            if parent.trace_state is not None:
                span.trace_state = parent.trace_state
        else:
            started = self._start_below(parent, name, kind, start_time)
            if not isinstance(started, RecordingSpan):
                return started
            span = started
        bound = here.get(BOUND_CONTEXT_KEY)
        if not bound and context is not None:
            bound = current_context().get(BOUND_CONTEXT_KEY)
        if bound:
            span.bound = cast("Mapping[str, Any]", bound)
        if attributes:
            span.set_attributes(attributes)
        if links:
            for link in links:
                span.add_link(link.context, link.attributes)
        if not (record_exception and set_status_on_exception):
            span.on_exception(record=record_exception, set_status=set_status_on_exception)
        if provider.processors:
            provider.started(span, here)
        return span

    def _start_below(self, parent: object, name: str, kind: SpanKind, start_time: int | None) -> Span:
        """Start a root span, or a child of a foreign one (remote, wrapped, not recorded)."""
        provider = self.provider
        above = parent.get_span_context() if isinstance(parent, Span) else None
        if above is None or not above.is_valid:
            trace_id, parent_id, state = _random_bits(128) or 1, 0, None
            sampled = trace_id & _RATIO_MASK < provider.sample_bound
        else:
            trace_id, parent_id, state = above.trace_id, above.span_id, above.trace_state
            sampled = bool(above.trace_flags & TraceFlags.SAMPLED)
        span_id = _random_bits(64) or 1
        if not sampled or provider.sink is None:
            return trace.NonRecordingSpan(SpanContext(trace_id, span_id, False, _NOT_SAMPLED, state))
        span = RecordingSpan(provider, self.scope, name, kind, trace_id, span_id, parent_id, start_time)
        if parent_id and above is not None:
            span.trace_state, span.parent_is_remote = state, above.is_remote
        return span

    def start_as_current_span(  # type: ignore[override]
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
        end_on_exit: bool = True,
    ) -> CurrentSpan:
        """A context manager, or decorator, inside which a new span is the current one."""
        arguments = (
            name,
            context,
            kind,
            attributes,
            links,
            start_time,
            record_exception,
            set_status_on_exception,
        )
        return CurrentSpan(self, arguments, end_on_exit=end_on_exit)


class CurrentSpan:
    """What `start_as_current_span` returns; as a decorator it opens a new span for each call."""

    __slots__ = ("_arguments", "_end_on_exit", "_span", "_token", "_tracer")

    def __init__(self, tracer: LeanTracer, arguments: tuple[Any, ...], *, end_on_exit: bool) -> None:
        self._tracer = tracer
        self._arguments = arguments
        self._end_on_exit = end_on_exit

    def __enter__(self) -> Span:
        self._span = span = self._tracer.start_span(*self._arguments)
        self._token = attach(context_of(span))
        return span

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        detach(self._token)
        span = self._span
        # Only Exception, as in OpenTelemetry: GeneratorExit and the like are no errors.
        if isinstance(exc_val, Exception) and span.is_recording():
            if self._arguments[6]:
                span.record_exception(exc_val, escaped=True)
            if self._arguments[7]:
                span.set_status(StatusCode.ERROR, f"{type(exc_val).__name__}: {describe(exc_val)}")
        if self._end_on_exit:
            span.end()

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        again = functools.partial(CurrentSpan, self._tracer, self._arguments, end_on_exit=self._end_on_exit)
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def async_wrapper(*args: Any, **kwargs: Any) -> Any:
                with again():
                    return await function(*args, **kwargs)

            return cast("Callable[P, R]", async_wrapper)

        @functools.wraps(function)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            with again():
                return function(*args, **kwargs)

        return wrapper
