"""The events of `/api/public/ingestion`, as SDKs before OpenTelemetry send them, made into spans.

Spans are never changed once they are stored, so creating an observation and updating it have to come in one
batch; a create without an end is taken as it is. A trace is no span: its session, user, name and release are
put on the observations of the batch, and on a span of its own only if the batch has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from pitwall.core.errors import InvalidInput
from pitwall.ingest.files.errors import BadLine
from pitwall.ingest.files.times import TimeRule
from pitwall.ingest.langfuse.ids import span_id_of, trace_id_of
from pitwall.ingest.mapping.tables import DURATION_KNOWN_KEY

Body = Mapping[str, Any]

_TIME = TimeRule()
_CREATES: Final = {
    "span-create": "span",
    "generation-create": "generation",
    "event-create": "event",
    "observation-create": "",
    "agent-create": "agent",
    "tool-create": "tool",
    "chain-create": "chain",
    "retriever-create": "retriever",
    "evaluator-create": "evaluator",
    "embedding-create": "embedding",
    "guardrail-create": "guardrail",
}
_UPDATES: Final = frozenset({"span-update", "generation-update", "observation-update"})
_ATTRIBUTES: Final = {
    "level": "langfuse.observation.level",
    "statusMessage": "langfuse.observation.status_message",
    "input": "langfuse.observation.input",
    "output": "langfuse.observation.output",
    "model": "langfuse.observation.model.name",
    "modelParameters": "langfuse.observation.model.parameters",
    "usageDetails": "langfuse.observation.usage_details",
    "costDetails": "langfuse.observation.cost_details",
    "completionStartTime": "langfuse.observation.completion_start_time",
    "promptName": "langfuse.observation.prompt.name",
    "promptVersion": "langfuse.observation.prompt.version",
    "metadata": "langfuse.observation.metadata",
    "version": "langfuse.version",
    "environment": "langfuse.environment",
}
_TRACE_ATTRIBUTES: Final = {
    "name": "langfuse.trace.name",
    "userId": "user.id",
    "sessionId": "session.id",
    "release": "langfuse.release",
    "environment": "langfuse.environment",
    "tags": "langfuse.trace.tags",
    "metadata": "langfuse.trace.metadata",
}
_TRACE_TEXTS: Final = {
    "input": "langfuse.observation.input",
    "output": "langfuse.observation.output",
}
# Counts in the older `usage` object and their names in `usageDetails`.
_USAGE: Final = {
    "input": "input",
    "output": "output",
    "total": "total",
    "promptTokens": "input",
    "completionTokens": "output",
    "totalTokens": "total",
}


@dataclass(slots=True)
class Observation:
    """An observation put together from the events of a batch that tell of it.

    Attributes:
        events: Ids of those events.
    """

    type: str
    body: dict[str, Any]
    events: list[str]


@dataclass(slots=True)
class Folded:
    """The events of a batch, put together.

    Attributes:
        observations: By id.
        traces: What the batch says of each trace, by id.
        trace_events: Ids of the events that told of traces, by trace.
    """

    observations: dict[str, Observation] = field(default_factory=dict)
    traces: dict[str, dict[str, Any]] = field(default_factory=dict)
    trace_events: dict[str, list[str]] = field(default_factory=dict)

    def add(self, event_id: str, event_type: str, body: Body) -> None:
        """Take an event in.

        Raises:
            InvalidInput: It cannot be understood, or updates what is not in the batch.
        """
        if event_type == "trace-create":
            trace_id = _require(body, "id")
            self.traces.setdefault(trace_id, {}).update(_given(body))
            self.trace_events.setdefault(trace_id, []).append(event_id)
        elif event_type in _CREATES:
            kind = _CREATES[event_type] or str(body.get("type") or "span").lower()
            self._create(event_id, kind, body)
        elif event_type in _UPDATES:
            self._update(event_id, body)
        else:
            raise InvalidInput(f"The event type {event_type!r} is not known.", code="langfuse.unknown_event")

    def _create(self, event_id: str, kind: str, body: Body) -> None:
        _require(body, "traceId")
        observation = self.observations.setdefault(_require(body, "id"), Observation(kind, {}, []))
        observation.body = {**_given(body), **observation.body}
        observation.events.append(event_id)

    def _update(self, event_id: str, body: Body) -> None:
        observation = self.observations.get(_require(body, "id"))
        if observation is None:
            raise InvalidInput(
                f"The observation {body['id']!r} is of another batch, and stored spans do not change.",
                code="langfuse.late_update",
                hint="Use an SDK that sends OpenTelemetry (Python 3 or newer).",
            )
        observation.body |= _given(body)
        observation.events.append(event_id)


def write_observation(span: Span, observation: Observation, trace: Body) -> None:
    """Fill in a span.

    Args:
        trace: What the batch says of its trace.

    Raises:
        InvalidInput: The observation has no start, or a time that cannot be read.
    """
    body = observation.body
    started = _time(body, "startTime")
    if started is None:
        raise InvalidInput(f"The observation {body['id']!r} has no startTime.", code="langfuse.bad_event")
    span.trace_id = trace_id_of(str(body["traceId"]))
    span.span_id = span_id_of(str(body["id"]))
    if body.get("parentObservationId"):
        span.parent_span_id = span_id_of(str(body["parentObservationId"]))
    span.name = str(body.get("name") or observation.type)
    span.start_time_unix_nano = started
    _set_end(span, _time(body, "endTime"))
    if body.get("level") == "ERROR":
        message = _text(body.get("statusMessage") or "")
        span.status.CopyFrom(Status(code=Status.STATUS_CODE_ERROR, message=message))
    _set(span, "langfuse.observation.type", observation.type)
    if body.get("usageDetails") is None and isinstance(body.get("usage"), Mapping):
        _set(span, "langfuse.observation.usage_details", _usage_details(body["usage"]))
    for name, key in _ATTRIBUTES.items():
        _set(span, key, body.get(name))
    for name, key in _TRACE_ATTRIBUTES.items():
        if body.get(name) is None or name in ("name", "metadata"):
            _set(span, key, trace.get(name))
    if not span.parent_span_id:
        _set(span, "langfuse.trace.input", trace.get("input"))
        _set(span, "langfuse.trace.output", trace.get("output"))


def write_trace(span: Span, trace_id: str, trace: Body) -> None:
    """Fill in the span that stands for a trace without observations.

    Raises:
        InvalidInput: Its time cannot be read.
    """
    started = _time(trace, "timestamp")
    if started is None:
        raise InvalidInput(f"The trace {trace_id!r} has no timestamp.", code="langfuse.bad_event")
    span.trace_id = trace_id_of(trace_id)
    span.span_id = span_id_of(trace_id)
    span.name = str(trace.get("name") or "trace")
    span.start_time_unix_nano = started
    _set_end(span, None)
    _set(span, "langfuse.observation.type", "span")
    for name, key in (*_TRACE_ATTRIBUTES.items(), *_TRACE_TEXTS.items()):
        _set(span, key, trace.get(name))


def _set_end(span: Span, ended: int | None) -> None:
    span.end_time_unix_nano = ended or span.start_time_unix_nano
    if ended is None:
        span.attributes.add(key=DURATION_KNOWN_KEY).value.bool_value = False


def _given(body: Body) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


def _require(body: Body, name: str) -> str:
    value = body.get(name)
    if not value:
        raise InvalidInput(f"The event has no {name}.", code="langfuse.bad_event")
    return str(value)


def _time(body: Body, name: str) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    try:
        return _TIME.read(name, value)
    except BadLine as bad:
        raise InvalidInput(f"{bad.message}.", code="langfuse.bad_event") from None


def _usage_details(usage: Body) -> dict[str, int]:
    return {_USAGE[name]: count for name, count in usage.items() if name in _USAGE and isinstance(count, int)}


def _set(span: Span, key: str, value: Any) -> None:
    if value is not None:
        span.attributes.add(key=key).value.string_value = _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
