"""Sending what users say of answers: thumbs and satisfaction."""

from __future__ import annotations

import logging

from pitwall.core.feedback import SOURCE, FeedbackInvalid, opinion_id, read_opinion
from pitwall.sdk import names
from pitwall.sdk.context import current_trace_id
from pitwall.sdk.scores import score

_log = logging.getLogger(__name__)


def feedback(
    *,
    thumb: str | None = None,
    satisfaction: int | None = None,
    trace_id: str | None = None,
    span_id: str | None = None,
    comment: str | None = None,
    user: str | None = None,
) -> bool:
    """Send what a user says of an answer, of the current trace or of an older one.

    The last word of a user on a trace counts, be it sent here or by `POST /api/v1/feedback`.

    Args:
        thumb: `up` or `down`; either this or `satisfaction`.
        satisfaction: 1 to 5.
        trace_id: 32 hex digits; default the current trace.
        span_id: 16 hex digits; default the current span, if the trace is the current one.
        comment: What else the user says.
        user: Who says it.

    Returns:
        Whether it was queued, as with `score`; also False, with a warning that says why, if it says nothing
        that can be kept or names no trace.
    """
    try:
        opinion = read_opinion(thumb, satisfaction)
    except FeedbackInvalid as error:
        _log.warning("sdk.feedback_invalid: %s", error)
        return False
    whole = _trace_id(trace_id)
    if whole is None:
        _log.warning("sdk.feedback_invalid: no trace is under way and trace_id is %r", trace_id)
        return False
    attributes = {
        names.SCORE_ID: opinion_id(whole, opinion.name, user),
        names.SCORE_SOURCE: SOURCE,
        **({names.USER_ID: user} if user else {}),
    }
    return score(
        opinion.name,
        opinion.value,
        trace_id=whole if trace_id is not None else None,
        span_id=span_id,
        label=opinion.label or None,
        explanation=comment,
        **attributes,
    )


def _trace_id(given: object) -> str | None:
    """The whole id as 32 hex digits, None if there is none."""
    if given is None:
        return current_trace_id()
    digits = given.strip().replace("-", "").lower() if isinstance(given, str) else ""
    is_hex = len(digits) == 32 and all(digit in "0123456789abcdef" for digit in digits)
    return digits if is_hex and digits.strip("0") else None
