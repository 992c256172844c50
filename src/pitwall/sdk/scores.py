"""Sending a judgement of an answer: a user's thumb, a rule, a judge model."""

from __future__ import annotations

import time
from typing import Any

from opentelemetry import trace

from pitwall.sdk import names
from pitwall.sdk.context import bound_attributes
from pitwall.sdk.otlp import LogEvent
from pitwall.sdk.runtime import runtime
from pitwall.sdk.values import clean_value, finite, truncate


def score(
    name: str,
    value: float | bool | str | None,
    *,
    trace_id: str | None = None,
    span_id: str | None = None,
    label: str | None = None,
    explanation: str | None = None,
    response_id: str | None = None,
    **attributes: Any,
) -> bool:
    """Send one evaluation result, for the current span or for an older one.

    Args:
        name: What was judged, `helpfulness` say.
        value: A number; a bool is sent as 1 or 0; text is sent as the label.
        trace_id: 32 hex digits; default the current trace.
        span_id: 16 hex digits; default the current span, if the trace is the current one.
        label: The verdict in a word.
        explanation: Why.
        response_id: The provider's id of the judged answer.
        attributes: Further attributes of the event.

    Returns:
        Whether it was queued: False without a running client, with a client that only writes files (scores
        need a server), with a full queue or with a malformed id. A NaN is sent as no value.
    """
    if runtime.send_score is None:
        return False
    ids = _ids(trace_id, span_id)
    if ids is None:
        return False
    number, text = (None, value) if isinstance(value, str) else (finite(value), None)
    values = {
        **bound_attributes(),
        names.EVALUATION_NAME: name,
        names.EVALUATION_SCORE: number,
        names.EVALUATION_LABEL: label if label is not None else text,
        names.EVALUATION_EXPLANATION: truncate(explanation) if explanation else None,
        names.RESPONSE_ID: response_id,
        **attributes,
    }
    known = {key: clean_value(item) for key, item in values.items() if item is not None}
    return runtime.send_score(LogEvent(names.EVALUATION_EVENT, time.time_ns(), known, *ids))


def _ids(trace_id: str | None, span_id: str | None) -> tuple[int, int] | None:
    if trace_id is None:
        here = trace.get_current_span().get_span_context()
        return here.trace_id, here.span_id
    try:
        ids = int(trace_id, 16), int(span_id, 16) if span_id else 0
    except (ValueError, TypeError):
        return None
    return ids if 0 < ids[0] < 2**128 and 0 <= ids[1] < 2**64 else None
