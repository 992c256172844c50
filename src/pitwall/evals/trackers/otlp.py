"""Cases as OTLP traces: one span for the answer, one below it for its contexts, in OpenInference's words.

All three trackers read these; what one wants besides comes with the call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import orjson
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans, Span, Status

from pitwall import __version__
from pitwall.evals.trackers.types import OutgoingCase, OutgoingRun

CONTENT_TYPE = "application/x-protobuf"
Value = str | bool | int | float | Sequence[str]
Extra = Callable[[OutgoingCase], Mapping[str, Value]]


def encode(
    run: OutgoingRun,
    cases: Sequence[OutgoingCase],
    *,
    resource: Mapping[str, Value],
    extra: Extra = lambda _case: {},
) -> bytes:
    """Encode cases as one export request.

    Args:
        resource: Attributes of the resource besides the service.
        extra: Further attributes of the span of an answer.
    """
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add()
    _write(spans.resource.attributes, {"service.name": "pitwall", **resource})
    scope = spans.scope_spans.add()
    scope.scope.name, scope.scope.version = "pitwall.evals", __version__
    for case in cases:
        _add_answer(scope, run, case, extra(case))
        if case.contexts is not None:
            _add_contexts(scope, run, case)
    return request.SerializeToString()


def rejected_spans(content_type: str | None, body: bytes) -> tuple[int, str]:
    """How many spans an export answer says were left out, and why; other answers say nothing."""
    if content_type is None or not content_type.startswith(CONTENT_TYPE):
        return 0, ""
    try:
        partial = ExportTraceServiceResponse.FromString(body).partial_success
    except ValueError:  # protobuf's DecodeError is one
        return 0, ""
    return partial.rejected_spans, partial.error_message


def _add_answer(scope: ScopeSpans, run: OutgoingRun, case: OutgoingCase, extra: Mapping[str, Value]) -> None:
    span = _add_span(scope, case, case.span_id, "answer")
    said, kind = as_text(case.answer), "text/plain" if isinstance(case.answer, str) else "application/json"
    about: dict[str, Value | None] = {
        "openinference.span.kind": "CHAIN",
        "session.id": run.id,
        "input.value": case.question,
        "input.mime_type": "text/plain",
        "output.value": said,
        "output.mime_type": None if said is None else kind,
        "metadata": _json(case.metadata) if case.metadata else None,
        "pitwall.run_id": run.id,
        "pitwall.example_id": case.example_id,
        "pitwall.position": case.position,
        "pitwall.dataset": run.facts["dataset"],
        "pitwall.reference": case.reference,
        **{f"pitwall.{name}": value for name, value in case.facts.items()},
    }
    _write(span.attributes, {**about, **extra})
    if case.error is not None:
        span.status.code, span.status.message = Status.STATUS_CODE_ERROR, case.error
    else:
        span.status.code = Status.STATUS_CODE_OK


def _add_contexts(scope: ScopeSpans, run: OutgoingRun, case: OutgoingCase) -> None:
    assert case.contexts is not None
    span = _add_span(scope, case, case.retrieval_id, "contexts")
    span.parent_span_id = bytes.fromhex(case.span_id)
    span.status.code = Status.STATUS_CODE_OK
    about: dict[str, Value | None] = {
        "openinference.span.kind": "RETRIEVER",
        "session.id": run.id,
        "input.value": case.question,
        "output.value": _json([asdict(context) for context in case.contexts]),
        "output.mime_type": "application/json",
        "pitwall.run_id": run.id,
        "pitwall.contexts_left_out": case.contexts_left_out or None,
    }
    for number, context in enumerate(case.contexts):
        place = f"retrieval.documents.{number}.document"
        about |= {
            f"{place}.content": context.text,
            f"{place}.id": context.id,
            f"{place}.score": context.score,
        }
    _write(span.attributes, about)


def _add_span(scope: ScopeSpans, case: OutgoingCase, span_id: str, name: str) -> Span:
    span = scope.spans.add()
    span.trace_id, span.span_id = bytes.fromhex(case.trace_id), bytes.fromhex(span_id)
    span.name, span.kind = name, Span.SPAN_KIND_INTERNAL
    span.start_time_unix_nano, span.end_time_unix_nano = case.start_unix_nano, case.end_unix_nano
    return span


def as_text(value: Any) -> str | None:
    """An answer as text: a conversation as JSON."""
    return value if value is None or isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _write(attributes: Any, values: Mapping[str, Value | None]) -> None:
    attributes.extend(_key_value(key, value) for key, value in values.items() if value is not None)


def _key_value(key: str, value: Value) -> KeyValue:
    pair = KeyValue(key=key)
    match value:
        case bool():
            pair.value.bool_value = value
        case int():
            pair.value.int_value = value
        case float():
            pair.value.double_value = value
        case str():
            pair.value.string_value = value
        case _:
            pair.value.array_value.values.extend(AnyValue(string_value=item) for item in value)
    return pair
