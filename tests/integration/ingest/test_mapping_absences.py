"""What a source leaves unsaid stays unsaid: no data is never a zero."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.integration.ingest.mapping_rows import RECEIVED, SpanMapping, make_request


@pytest.mark.parametrize(
    ("attributes", "end", "duration_ms"),
    [
        ({"pitwall.duration.known": False}, RECEIVED, None),
        ({"pitwall.duration.known": True}, RECEIVED, 0.0),
        ({}, RECEIVED, 0.0),
        ({"pitwall.duration.known": False}, RECEIVED + 3_000_000, 3.0),
    ],
)
def test_record_that_does_not_say_how_long_it_took_has_no_duration(
    mapping: SpanMapping, attributes: dict[str, bool], end: int, duration_ms: float | None
) -> None:
    """Only where nothing was measured: a span of 0 ns, and one that took its time, have what they have."""
    span = {"attributes": {**attributes, "mlflow.spanType": "LLM"}, "start": RECEIVED, "end": end}
    (row,) = mapping.assert_agrees(make_request(span))
    assert row["duration_ms"] == duration_ms
    assert row["dialect"] == "mlflow"


@pytest.mark.parametrize(
    ("attributes", "retry_count"),
    [
        ({}, None),
        ({"pitwall.retry.count": 0}, 0),
        ({"pitwall.retry.count": 2}, 2),
        ({"http.request.resend_count": 1}, 1),
        ({"pitwall.retry.count": "many"}, None),
        ({"pitwall.retry.count": -1}, None),
    ],
)
def test_call_that_does_not_say_how_often_it_was_tried_has_no_retries(
    mapping: SpanMapping, attributes: dict[str, Any], retry_count: int | None
) -> None:
    """Most SDKs and files never say; 0 is for those who do."""
    (row,) = mapping.assert_agrees(make_request({"attributes": {"mlflow.spanType": "LLM", **attributes}}))
    assert row["retry_count"] == retry_count


FAILED_CALL = {"code": 2, "message": "429 Too Many Requests"}
PARAMETERS = '{"temperature": 0.1, "model": "gpt-4o-mini"}'


@pytest.mark.parametrize(
    "attributes",
    [
        {"openinference.span.kind": "LLM", "llm.invocation_parameters": PARAMETERS},
        {"openinference.span.kind": "EMBEDDING", "embedding.invocation_parameters": PARAMETERS},
        {"openinference.span.kind": "LLM", "llm.invocation_parameters": "{}", "input.value": PARAMETERS},
        {"mlflow.spanType": '"CHAT_MODEL"', "model": '"gpt-4o-mini"'},
        {"mlflow.spanType": '"CHAT_MODEL"', "mlflow.spanInputs": PARAMETERS},
    ],
)
def test_failed_call_has_the_model_it_was_asked_with(
    mapping: SpanMapping, attributes: dict[str, Any]
) -> None:
    """Without it no model would have a failure rate; the instrumentations name it only in the request."""
    (row,) = mapping.assert_agrees(make_request({**FAILED_CALL, "attributes": attributes}))
    assert (row["request_model"], row["model"], row["status"]) == ("gpt-4o-mini", "gpt-4o-mini", "error")


@pytest.mark.parametrize(
    "attributes",
    [
        {"openinference.span.kind": "CHAIN", "input.value": PARAMETERS},
        {"openinference.span.kind": "TOOL", "input.value": PARAMETERS},
    ],
)
def test_input_of_other_work_names_no_model(mapping: SpanMapping, attributes: dict[str, Any]) -> None:
    """A chain that passes parameters on calls no model itself."""
    (row,) = mapping.assert_agrees(make_request({"attributes": attributes}))
    assert row["model"] == ""


@pytest.mark.parametrize(
    ("span", "cost_usd", "reported_cost_usd"),
    [
        ({**FAILED_CALL, "cost": '{"input": 0, "output": 0, "total": 0}'}, None, None),
        ({**FAILED_CALL, "cost": "0"}, None, None),
        ({**FAILED_CALL, "cost": "0.25"}, Decimal("0.25"), Decimal("0.25")),
        ({"cost": "0"}, Decimal(0), Decimal(0)),
        ({**FAILED_CALL, "cost": "0", "usage": '{"input": 3, "output": 0}'}, Decimal(0), Decimal(0)),
    ],
)
def test_cost_of_zero_for_a_call_that_failed_uncounted_is_no_cost(
    mapping: SpanMapping, span: dict[str, Any], cost_usd: Decimal | None, reported_cost_usd: Decimal | None
) -> None:
    """A free call is one that went through, or one whose tokens are known."""
    given = dict(span)
    attributes = {
        "langfuse.observation.type": "generation",
        "langfuse.observation.model.name": "own-model",
        "langfuse.observation.cost_details": given.pop("cost"),
        "langfuse.observation.usage_details": given.pop("usage", ""),
    }
    (row,) = mapping.assert_agrees(make_request({**given, "attributes": attributes}))
    assert (row["cost_usd"], row["reported_cost_usd"]) == (cost_usd, reported_cost_usd)


@pytest.mark.parametrize(
    ("resource", "service"),
    [
        ({"openinference.project.name": "shop"}, "shop"),
        ({"service.name": "unknown_service:python", "openinference.project.name": "shop"}, "shop"),
        ({"service.name": "unknown_service"}, "unknown_service"),
        ({"service.name": "voc-chat", "openinference.project.name": "shop"}, "voc-chat"),
    ],
)
def test_service_that_nobody_named_is_called_like_its_project(
    mapping: SpanMapping, resource: dict[str, str], service: str
) -> None:
    """OpenInference applications name a project; a service of their own goes before it."""
    (row,) = mapping.assert_agrees(make_request({}, resource=resource))
    assert row["service"] == service
