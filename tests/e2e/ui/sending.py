"""Spans for the pages to show: what an application would send, over OTLP as JSON."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import httpx

from pitwall.kit.clock import NANOS_PER_SECOND
from tests.e2e.running import Project

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class SentSpan:
    """One span.

    Attributes:
        age_seconds: How long ago it began.
        error: Why it failed; None for one that went well.
    """

    name: str = "chat"
    trace_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    span_id: str = field(default_factory=lambda: uuid.uuid4().hex[:16])
    parent_id: str = ""
    age_seconds: float = 5.0
    duration_ms: float = 40.0
    service: str = "shop"
    environment: str = "prod"
    attributes: Mapping[str, Value] = field(default_factory=dict)
    error: str | None = None

    def below(self, name: str, **attributes: Value) -> SentSpan:
        """A span inside this one, of the same time."""
        return SentSpan(
            name=name,
            trace_id=self.trace_id,
            parent_id=self.span_id,
            age_seconds=self.age_seconds,
            duration_ms=self.duration_ms,
            service=self.service,
            environment=self.environment,
            attributes=attributes,
        )


def send(project: Project, spans: Iterable[SentSpan]) -> None:
    """Send spans in one request; they are acknowledged, not yet stored."""
    now = time.time()
    body = {"resourceSpans": [_resource_spans(span, now) for span in spans]}
    answer = httpx.post(
        f"{project.server.url}/v1/traces",
        content=json.dumps(body),
        headers={"content-type": "application/json", "authorization": f"Bearer {project.token}"},
        timeout=60,
        trust_env=False,
    )
    assert answer.status_code == 200, answer.text
    # What was kept after a repair is told there too.
    assert "rejectedSpans" not in answer.json().get("partialSuccess", {}), answer.text


def send_and_wait(project: Project, spans: Iterable[SentSpan]) -> None:
    """Send spans and wait until they can be asked for."""
    sent = list(spans)
    before = int(project.get("/status")["spans_total"])
    send(project, sent)
    project.wait_for("spans_total", before + len(sent))


def make_answer(question: str, **fields: object) -> list[SentSpan]:
    """A request that was answered: the root, what was found, and the model call."""
    root = SentSpan(attributes={"session.id": "session-1", "user.id": "kim"}, **fields)  # type: ignore[arg-type]
    search = root.below("search", **_DOCUMENTS)
    model = root.below("answer", **{"gen_ai.input.messages": question, **_MODEL})
    return [root, search, replace(model, age_seconds=root.age_seconds - 0.01)]


_MODEL: dict[str, Value] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "gpt-4o-mini",
    "gen_ai.provider.name": "openai",
    "gen_ai.usage.input_tokens": 40,
    "gen_ai.usage.output_tokens": 12,
}
_DOCUMENTS: dict[str, Value] = {
    "openinference.span.kind": "RETRIEVER",
    "retrieval.documents.0.document.id": "refund-timing",
    "retrieval.documents.0.document.score": 0.93,
    "retrieval.documents.0.document.content": "Refunds take three to five working days.",
    "retrieval.documents.1.document.id": "delivery",
    "retrieval.documents.1.document.score": 0.41,
    "retrieval.documents.1.document.content": "Delivery takes two days.",
}


def _resource_spans(span: SentSpan, now: float) -> dict[str, object]:
    resource = {"service.name": span.service, "deployment.environment.name": span.environment}
    return {
        "resource": {"attributes": _attributes(resource)},
        "scopeSpans": [{"spans": [_span(span, now)]}],
    }


def _span(span: SentSpan, now: float) -> dict[str, object]:
    started = int((now - span.age_seconds) * NANOS_PER_SECOND)
    status = {"code": 2, "message": span.error} if span.error is not None else {}
    return {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        "parentSpanId": span.parent_id,
        "name": span.name,
        "startTimeUnixNano": str(started),
        "endTimeUnixNano": str(started + int(span.duration_ms * 1_000_000)),
        "attributes": _attributes(span.attributes),
        "status": status,
    }


def _attributes(values: Mapping[str, Value]) -> list[dict[str, object]]:
    return [{"key": key, "value": _value(value)} for key, value in values.items()]


def _value(value: Value) -> dict[str, object]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": value}
