"""Why a request or one of its records is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from pitwall.core.errors import InvalidInput


class MalformedRequest(InvalidInput):
    """The body is not what its content type says; sending it again cannot help."""

    http_status = 400
    default_code = "ingest.malformed"


class BodyTooSlow(InvalidInput):
    """The client did not send its body in time."""

    http_status = 408
    default_code = "ingest.body_too_slow"


class BodyTooLarge(InvalidInput):
    """The body is larger than the limit, as sent or after decompression."""

    http_status = 413
    default_code = "ingest.body_too_large"


class UnsupportedContent(InvalidInput):
    """The content type or content encoding is none that this door reads."""

    http_status = 415
    default_code = "ingest.unsupported_content"


class RejectReason(StrEnum):
    """Why one record was not kept; the stable names that dead letters and counters carry."""

    INVALID_TRACE_ID = "invalid_trace_id"
    INVALID_SPAN_ID = "invalid_span_id"
    INVALID_PARENT_SPAN_ID = "invalid_parent_span_id"
    MISSING_NAME = "missing_name"
    TIME_OUT_OF_RANGE = "time_out_of_range"
    NEGATIVE_DURATION = "negative_duration"
    DURATION_TOO_LONG = "duration_too_long"
    TOO_MANY_ATTRIBUTES = "too_many_attributes"
    TOO_MANY_EVENTS = "too_many_events"
    TOO_MANY_LINKS = "too_many_links"
    TOO_MANY_EXEMPLARS = "too_many_exemplars"
    DUPLICATE = "duplicate"
    DUPLICATE_ID = "duplicate_id"
    NOT_A_NUMBER = "not_a_number"
    INVALID_BUCKETS = "invalid_buckets"
    INVALID_QUANTILE = "invalid_quantile"
    INVALID_SEVERITY = "invalid_severity"
    WRONG_TYPE = "wrong_type"
    INVALID_UTF8 = "invalid_utf8"
    NESTED_TOO_DEEP = "nested_too_deep"
    MALFORMED = "malformed"
    OVERFLOW = "overflow"


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a record, in a word for programs and a clause for people."""

    reason: RejectReason
    message: str


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """One record that was not kept.

    Attributes:
        index: Position among all records of the request, from 0.
        name: The record's own name (span, metric, event), cut to 200 characters; empty if it has none.
        isolate: Makes a request of this record alone, for its dead letter; None if nothing is lost with it.
        content_type: What `isolate` makes.
    """

    index: int
    name: str
    reason: RejectReason
    message: str
    isolate: Callable[[], bytes] | None = None
    content_type: str = "application/x-protobuf"


@dataclass(frozen=True, slots=True)
class RepairedRecord:
    """One record that was kept after something in it was put right.

    Attributes:
        index, name: As those of a rejected record.
        message: What was put right.
    """

    index: int
    name: str
    message: str
