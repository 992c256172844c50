"""Model calls that a program reports as log records only: Claude Code without its trace exporter.

Each `claude_code.api_request` and `claude_code.api_error` becomes a span beside the record, with the record's
attributes, so that it has a kind, tokens and a cost like any other call. A record that belongs to a trace is
left alone: the spans of that trace come by themselves. Ids follow from the record, so that the same request
again makes the same spans.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from pitwall.ingest.mapping.values import value_text

_SCOPE: Final = "com.anthropic.claude_code"
_PREFIX: Final = "claude_code."
_FAILED: Final = "api_error"
_EVENTS: Final = ("api_request", _FAILED)
# On a span this key names a prompt template; here it numbers the question, which the trace stands for.
_QUESTION_KEY: Final = "prompt.id"
_ADDED: Final = {"span.type": "llm_request"}
_MAX_DURATION_MS: Final = 7 * 86_400_000


def find_calls(logs: Any) -> ExportTraceServiceRequest | None:
    """The spans of the calls in a log request, None if it holds none."""
    traces = ExportTraceServiceRequest()
    for resource_logs in logs.resource_logs:
        for scope_logs in resource_logs.scope_logs:
            # Nearly no request has such a scope, and others cost one comparison.
            if scope_logs.scope.name.startswith(_SCOPE):
                spans = list(_spans(scope_logs.log_records))
                if spans:
                    group = traces.resource_spans.add(resource=resource_logs.resource)
                    group.scope_spans.add(scope=scope_logs.scope, spans=spans)
    return traces if traces.resource_spans else None


def count_calls(traces: ExportTraceServiceRequest) -> int:
    """How many spans `find_calls` made."""
    return sum(len(scope.spans) for group in traces.resource_spans for scope in group.scope_spans)


def _spans(records: Any) -> Iterator[Span]:
    for record in records:
        attributes = {item.key: value_text(item.value) for item in record.attributes}
        name = _event_name(record, attributes)
        ended = record.time_unix_nano or record.observed_time_unix_nano
        if name in _EVENTS and ended and not record.trace_id:
            yield _span(record, attributes, name, ended)


def _event_name(record: Any, attributes: Mapping[str, str]) -> str:
    said = record.event_name or attributes.get("event.name") or record.body.string_value
    return str(said).removeprefix(_PREFIX)


def _span(record: Any, attributes: Mapping[str, str], name: str, ended: int) -> Span:
    session = attributes.get("session.id", "")
    span = Span(
        trace_id=_digest(session, attributes.get(_QUESTION_KEY, ""), length=16),
        span_id=_digest(session, attributes.get("event.sequence", ""), name, str(ended), length=8),
        name=_PREFIX + name,
        start_time_unix_nano=max(ended - _duration_nano(attributes.get("duration_ms", "")), 1),
        end_time_unix_nano=ended,
        attributes=[item for item in record.attributes if item.key != _QUESTION_KEY],
    )
    added = dict(_ADDED)
    if name == _FAILED:
        span.status.CopyFrom(Status(code=Status.STATUS_CODE_ERROR, message=attributes.get("error", "")))
        added["http.response.status_code"] = attributes.get("status_code", "")
    span.attributes.extend(KeyValue(key=k, value=AnyValue(string_value=v)) for k, v in added.items())
    return span


def _duration_nano(text: str) -> int:
    try:
        milliseconds = float(text)
    except ValueError:
        return 0
    return round(milliseconds * 1e6) if 0 <= milliseconds <= _MAX_DURATION_MS else 0


def _digest(*parts: str, length: int) -> bytes:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).digest()[:length]
