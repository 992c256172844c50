"""Joining an OpenTelemetry SDK provider that the application has already set up, instead of replacing it."""

from __future__ import annotations

from typing import Any, Protocol

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, TraceFlags

from pitwall.sdk.context import EMPTY, bound_attributes
from pitwall.sdk.span import RecordingSpan, Scope
from pitwall.sdk.tracer import SpanSink
from pitwall.sdk.values import clean_value


class ReadableSpan(Protocol):
    """The finished span of the OpenTelemetry SDK, as far as it is read here."""

    name: str
    kind: SpanKind
    context: Any
    parent: Any
    start_time: int | None
    end_time: int | None
    attributes: Any
    events: Any
    links: Any
    status: Any
    instrumentation_scope: Any


class BridgeProcessor:
    """A span processor that hands the spans of a foreign provider to Pitwall's exporter.

    Args:
        sink: Takes finished spans; None lets everything pass by.
    """

    def __init__(self, sink: SpanSink | None) -> None:
        self.sink = sink
        self.resource: Any = None
        self._scopes: dict[int, tuple[Any, Scope]] = {}

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Put the identity of the running request on the span."""
        bound = bound_attributes(parent_context) or bound_attributes()
        if bound:
            span.set_attributes(bound)

    def _on_ending(self, span: Span) -> None:
        """Called by newer OpenTelemetry SDKs just before the end."""

    def on_end(self, span: ReadableSpan) -> None:
        """Queue a copy of a sampled span."""
        if self.sink is not None and span.context.trace_flags & TraceFlags.SAMPLED:
            self.sink.offer(self._copy(span))

    def finished(self, span: RecordingSpan) -> None:
        """Copies are already finished."""

    def shutdown(self) -> None:
        """The client is shut down by its own `shutdown`."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Flush the exporter behind."""
        flush = getattr(self.sink, "force_flush", None)
        return bool(flush(timeout_millis)) if flush is not None else True

    def _copy(self, span: ReadableSpan) -> RecordingSpan:
        parent = span.parent
        copy = RecordingSpan(
            self,
            self._scope(span.instrumentation_scope),
            span.name,
            span.kind,
            span.context.trace_id,
            span.context.span_id,
            parent.span_id if parent else 0,
            span.start_time,
        )
        copy.trace_state = span.context.trace_state
        copy.parent_is_remote = bool(parent and parent.is_remote)
        copy.set_attributes(dict(span.attributes or {}))
        for event in span.events:
            copy.add_event(event.name, event.attributes, event.timestamp)
        for link in span.links:
            copy.add_link(link.context, link.attributes)
        copy.set_status(span.status)
        copy.end_time = span.end_time
        return copy

    def _scope(self, foreign: Any) -> Scope:
        if foreign is None:
            return Scope("")
        known = self._scopes.get(id(foreign))
        if known is None:
            attributes = clean_value(foreign.attributes) if foreign.attributes else EMPTY
            scope = Scope(foreign.name, foreign.version or "", foreign.schema_url or "", attributes)
            known = self._scopes[id(foreign)] = (foreign, scope)
        return known[1]


def provider_is_foreign(provider: trace.TracerProvider) -> bool:
    """Whether the application has set up a provider that other processors can be added to."""
    return not isinstance(provider, trace.ProxyTracerProvider) and hasattr(provider, "add_span_processor")
