"""A lean recording span behind the OpenTelemetry span interface.

The application's thread only fills slots; everything costly (encoding, merging of request attributes,
sending) happens later in the exporter's thread. A span is written by the code that owns it and is read only
after `end`.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter_ns, time_ns
from types import MappingProxyType, TracebackType
from typing import Any, Protocol

from opentelemetry import trace
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState
from opentelemetry.util.types import Attributes

from pitwall.sdk import names
from pitwall.sdk.content import without_content
from pitwall.sdk.context import EMPTY
from pitwall.sdk.values import SCALARS, clean_value, describe, truncate

MAX_ATTRIBUTES = 512
MAX_EVENTS = 128
MAX_LINKS = 128
MAX_VALUE_CHARS = 256_000
_BASE_SIZE = 512
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which instrumentation made a span."""

    name: str
    version: str = ""
    schema_url: str = ""
    attributes: Mapping[str, Any] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class SpanEvent:
    """Something that happened at one moment inside a span."""

    name: str
    timestamp: int
    attributes: Mapping[str, Any]


class SpanOwner(Protocol):
    """What a span needs of the provider that made it."""

    @property
    def resource(self) -> Any: ...

    def finished(self, span: RecordingSpan) -> None: ...


class RecordingSpan(trace.Span):
    """One timed operation that will be exported once it has ended.

    Times are Unix nanoseconds; the duration comes from the monotonic clock, so that a clock that jumps
    backwards cannot make it negative.
    """

    # What few spans have stays on the class until it is set; the rest is laid out in slots.
    status_code = 0
    status_message: str | None = None
    trace_state: TraceState | None = None
    parent_is_remote = False
    dropped_attributes = 0
    dropped_events = 0
    dropped_links = 0
    _is_discarded = False
    _events: list[SpanEvent] | None = None
    _links: list[Link] | None = None
    _record_exception = True
    _set_status_on_exception = True

    __slots__ = (
        "_attributes",
        "_owner",
        "_started_monotonic",
        "bound",
        "end_time",
        "kind",
        "name",
        "parent_span_id",
        "scope",
        "size",
        "span_id",
        "start_time",
        "trace_id",
    )

    def __init__(
        self,
        owner: SpanOwner,
        scope: Scope,
        name: str,
        kind: SpanKind,
        trace_id: int,
        span_id: int,
        parent_span_id: int,
        start_time: int | None,
    ) -> None:
        self._owner = owner
        self.scope = scope
        self.name = name
        self.kind = kind
        self.trace_id = trace_id
        self.span_id = span_id
        self.parent_span_id = parent_span_id
        self._attributes: dict[str, Any] = {}
        self.bound: Mapping[str, Any] = EMPTY
        self.size = _BASE_SIZE
        self.end_time: int | None = None
        if start_time is None:
            self.start_time = time_ns()
            self._started_monotonic = perf_counter_ns()
        else:
            self.start_time = start_time
            self._started_monotonic = 0

    # -- writing
    # -------------------------------------------------------------------------------------------------

    def set_attribute(self, key: str, value: Any) -> None:
        """Set one attribute; the last value wins. Ignored after the end and for None."""
        if self.end_time is not None:
            return
        attributes = self._attributes
        if len(attributes) >= MAX_ATTRIBUTES and key not in attributes:
            self.dropped_attributes += 1
        elif type(value) is str:
            self.size += len(value)
            attributes[key] = value
        elif type(value) in SCALARS:
            attributes[key] = value
        elif value is not None:
            attributes[key] = self._cleaned(value)

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        """Set several attributes."""
        if self.end_time is not None or not attributes:
            return
        own = self._attributes
        if len(own) + len(attributes) > MAX_ATTRIBUTES:
            for key, value in attributes.items():
                self.set_attribute(key, value)
            return
        own.update(attributes)
        size = 0
        for key, value in attributes.items():
            if type(value) is str:
                size += len(value)
            elif value is None:
                del own[key]
            elif type(value) not in SCALARS:
                own[key] = self._cleaned(value)
        self.size += size

    def _cleaned(self, value: Any) -> Any:
        cleaned = clean_value(value)
        self.size += len(str(cleaned))
        return cleaned

    def add_event(self, name: str, attributes: Attributes = None, timestamp: int | None = None) -> None:
        """Note something that happened now, or at `timestamp` (Unix nanoseconds)."""
        if self.end_time is not None:
            return
        if self._events is None:
            self._events = []
        if len(self._events) >= MAX_EVENTS:
            self.dropped_events += 1
            return
        values = self._cleaned(attributes) if attributes else EMPTY
        self._events.append(SpanEvent(name, time_ns() if timestamp is None else timestamp, values))

    def add_link(self, context: SpanContext, attributes: Attributes = None) -> None:
        """Link another span; one without a valid context and attributes is ignored."""
        if self.end_time is not None or not (context.is_valid or attributes):
            return
        if self._links is None:
            self._links = []
        if len(self._links) >= MAX_LINKS:
            self.dropped_links += 1
            return
        self._links.append(Link(context, clean_value(attributes) if attributes else None))

    def update_name(self, name: str) -> None:
        """Replace the name given at the start."""
        if self.end_time is None:
            self.name = name

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        """Set the outcome; OK is final and UNSET changes nothing, as OpenTelemetry has it."""
        code = status.status_code if isinstance(status, Status) else status
        if self.end_time is not None or self.status_code == StatusCode.OK.value or code is StatusCode.UNSET:
            return
        self.status_code = code.value
        text = status.description if isinstance(status, Status) else description
        self.status_message = text if code is StatusCode.ERROR else None

    def record_exception(
        self,
        exception: BaseException,
        attributes: Attributes = None,
        timestamp: int | None = None,
        escaped: bool = False,
    ) -> None:
        """Add the exception with its stack trace as an event."""
        values: dict[str, Any] = {
            names.EXCEPTION_TYPE: exception_type(exception),
            names.EXCEPTION_MESSAGE: describe(exception),
            names.EXCEPTION_STACKTRACE: "".join(traceback.format_exception(exception)),
            names.EXCEPTION_ESCAPED: str(escaped),
            **(attributes or {}),
        }
        self.add_event("exception", values, timestamp)

    def end(self, end_time: int | None = None) -> None:
        """Finish and hand over to the exporter; only the first call counts."""
        if self.end_time is not None:
            return
        if self._is_discarded:
            self.end_time = self.start_time
            return
        if end_time is not None:
            self.end_time = end_time
        elif self._started_monotonic:
            self.end_time = self.start_time + perf_counter_ns() - self._started_monotonic
        else:
            self.end_time = max(time_ns(), self.start_time)
        if self.size > MAX_VALUE_CHARS:
            self._shorten()
        self._owner.finished(self)

    def discard(self) -> None:
        """Never hand the span over: it turned out to be of no interest after it had begun."""
        self._is_discarded = True

    def _shorten(self) -> None:
        """Cut single texts that are so long that the server might refuse the whole batch for them."""
        for key, value in self._attributes.items():
            if type(value) is str and len(value) > MAX_VALUE_CHARS:
                self.size -= len(value) - MAX_VALUE_CHARS
                self._attributes[key] = truncate(value, MAX_VALUE_CHARS)

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        if exc_val is not None:
            self.fail(exc_val, record=self._record_exception, set_status=self._set_status_on_exception)
        self.end()

    def fail(self, error: BaseException, *, record: bool = True, set_status: bool = True) -> None:
        """Note an exception that ended the operation."""
        if record:
            self.record_exception(error, escaped=True)
        if set_status:
            self.set_status(StatusCode.ERROR, f"{type(error).__name__}: {describe(error)}")

    def on_exception(self, *, record: bool, set_status: bool) -> None:
        """Choose what leaving a `with` block by an exception notes on the span."""
        self._record_exception = record
        self._set_status_on_exception = set_status

    def strip_content(self) -> None:
        """Leave out content that anyone has set; called once, after the end, by the exporter."""
        self._attributes = without_content(self._attributes)
        if self._events:
            self._events = [
                SpanEvent(event.name, event.timestamp, without_content(event.attributes))
                for event in self._events
            ]

    # -- reading (the shape of the OpenTelemetry SDK's ReadableSpan)
    # ----------------------------------------------

    def is_recording(self) -> bool:
        return self.end_time is None

    def get_span_context(self) -> SpanContext:
        return SpanContext(self.trace_id, self.span_id, False, _SAMPLED, self.trace_state)

    @property
    def context(self) -> SpanContext:
        return self.get_span_context()

    @property
    def parent(self) -> SpanContext | None:
        if not self.parent_span_id:
            return None
        return SpanContext(
            self.trace_id, self.parent_span_id, self.parent_is_remote, _SAMPLED, self.trace_state
        )

    @property
    def attributes(self) -> Mapping[str, Any]:
        """Own attributes over those bound to the request."""
        return {**self.bound, **self._attributes} if self.bound else MappingProxyType(self._attributes)

    @property
    def own_attributes(self) -> Mapping[str, Any]:
        """Attributes without those bound to the request."""
        return self._attributes

    @property
    def events(self) -> Sequence[SpanEvent]:
        return self._events or ()

    @property
    def links(self) -> Sequence[Link]:
        return self._links or ()

    @property
    def status(self) -> Status:
        return Status(StatusCode(self.status_code), self.status_message)

    @property
    def resource(self) -> Any:
        return self._owner.resource

    @property
    def instrumentation_scope(self) -> Scope:
        return self.scope


def exception_type(error: BaseException) -> str:
    """The qualified class name, without a module for built-in exceptions."""
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
