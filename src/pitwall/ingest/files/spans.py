"""From a record, a mapping with the names of `fields`, to an OTLP span.

Ids that a record does not have are derived from where it stands in its source, so that the same line always
becomes the same span. Records of one request (`request_id`, in events `interaction_id`) share a trace.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from pitwall.core.vocabulary import SpanKind
from pitwall.ingest.files.errors import BadLine, LineReason
from pitwall.ingest.files.fields import ATTRIBUTE_PREFIX, ATTRIBUTES, FieldType
from pitwall.ingest.mapping.tables import DURATION_KNOWN_KEY
from pitwall.kit.ids import SPAN_ID_BYTES, TRACE_ID_BYTES, InvalidId, parse_span_id, parse_trace_id

Record = Mapping[str, Any]

_NANOS_PER_MS = 1_000_000
_LATEST_UNIX_NANO = 2**63 - 1
_KINDS: Final = frozenset(SpanKind)
_STATUS: Final = {
    "ok": Status.STATUS_CODE_OK,
    "error": Status.STATUS_CODE_ERROR,
    "unset": Status.STATUS_CODE_UNSET,
}
_FLAGS: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_INT64 = 2**63


def write_span(span: Span, record: Record, position: str) -> None:
    """Fill in a span.

    Args:
        span: An empty one.
        record: What the line says; values that are None or empty are absent.
        position: Names the line for ever: source and offset.

    Raises:
        BadLine: A value does not fit its field; the text names the field.
    """
    _write_time(span, record)
    kind = str(record.get("kind") or SpanKind.OTHER).lower()
    if kind not in _KINDS:
        raise BadLine(LineReason.WRONG_TYPE, f"kind is {kind!r:.60}; use one of {', '.join(SpanKind)}")
    span.name = str(record.get("name") or kind)
    _write_ids(span, record, position)
    attributes = span.attributes
    attributes.add(key="pitwall.span.kind").value.string_value = kind
    _write_outcome(span, record)
    for name, value in record.items():
        if value is None or value == "":
            continue
        known = _WRITERS.get(name)
        if known is not None:
            key, write = known
            write(attributes.add(key=key).value, name, value)
        elif name.startswith(ATTRIBUTE_PREFIX):
            _write_any(attributes.add(key=name[len(ATTRIBUTE_PREFIX) :]).value, value)


def request_trace_id(request_id: str) -> bytes:
    """Return the trace that all records of a request belong to."""
    return _hash(f"request:{request_id}", TRACE_ID_BYTES)


def request_span_id(request_id: str) -> bytes:
    """Return the span that stands for a request of which no record tells: the parent of its parts."""
    return _hash(f"request:{request_id}", SPAN_ID_BYTES)


def number_of(name: str, value: Any) -> float:
    """Return a finite number, given as one or as text.

    Raises:
        BadLine: It is neither.
    """
    if type(value) in (int, float):
        return float(value)
    if type(value) is str:
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if abs(number) < float("inf"):
            return number
    raise BadLine(LineReason.WRONG_TYPE, f"{name} is {value!r:.60}, which is no number")


def flag_of(name: str, value: Any) -> bool:
    """Return a truth value, given as one, as 0 or 1, or as text.

    Raises:
        BadLine: It is none of these.
    """
    if type(value) is bool:
        return value
    if type(value) in (int, str):
        flag = _FLAGS.get(str(value).strip().lower())
        if flag is not None:
            return flag
    raise BadLine(LineReason.WRONG_TYPE, f"{name} is {value!r:.60}, which is neither true nor false")


def _write_time(span: Span, record: Record) -> None:
    started, ended, duration = record.get("started_at"), record.get("ended_at"), record.get("duration_ms")
    nanos = None
    if duration is not None and duration != "":
        nanos = round(number_of("duration_ms", duration) * _NANOS_PER_MS)
    if nanos is None and (started is None or ended is None):
        span.attributes.add(key=DURATION_KNOWN_KEY).value.bool_value = False
    if started is None:
        if ended is None:
            raise BadLine(LineReason.MISSING_FIELD, "it has no time")
        started = ended - (nanos or 0)
    if ended is None:
        ended = started + (nanos or 0)
    if not (0 <= started <= _LATEST_UNIX_NANO and 0 <= ended <= _LATEST_UNIX_NANO):
        raise BadLine(LineReason.WRONG_TYPE, "its time or length is beyond what can be counted")
    span.start_time_unix_nano = started
    span.end_time_unix_nano = ended


def _write_ids(span: Span, record: Record, position: str) -> None:
    request_id = record.get("request_id")
    try:
        given = record.get("trace_id")
        if given:
            span.trace_id = parse_trace_id(str(given))
        elif request_id:
            span.trace_id = request_trace_id(str(request_id))
        else:
            span.trace_id = _hash(f"trace:{position}", TRACE_ID_BYTES)
        given = record.get("span_id")
        span.span_id = parse_span_id(str(given)) if given else _hash(f"span:{position}", SPAN_ID_BYTES)
        given = record.get("parent_span_id")
        if given:
            span.parent_span_id = given if type(given) is bytes else parse_span_id(str(given))
    except InvalidId as error:
        raise BadLine(LineReason.WRONG_TYPE, str(error)) from None


def _write_outcome(span: Span, record: Record) -> None:
    """Set status, message and error type: what `success` or `status` says wins over a present `error`."""
    error, error_type, message = record.get("error"), record.get("error_type"), record.get("status_message")
    if isinstance(error, Mapping):
        error_type = error_type or error.get("type")
        message = message or error.get("message")
    elif type(error) is bool:
        message = message or ""
    elif error:
        text = _text(error)
        message = message or text
        error_type = error_type or _type_in(text)
    has_failed = _has_failed(record)
    if has_failed is None and error:
        has_failed = True
    if has_failed is not None:
        span.status.code = Status.STATUS_CODE_ERROR if has_failed else Status.STATUS_CODE_OK
    if message:
        span.status.message = _text(message)
    if error_type:
        span.attributes.add(key="error.type").value.string_value = _text(error_type)


def _has_failed(record: Record) -> bool | None:
    success = record.get("success")
    if success is not None and success != "":
        return not flag_of("success", success)
    status = str(record.get("status") or "unset").lower()
    if status not in _STATUS:
        raise BadLine(LineReason.WRONG_TYPE, f"status is {status!r:.60}; use ok, error or unset")
    return None if status == "unset" else status == "error"


def _type_in(text: str) -> str:
    """Return the class that a message begins with, as in `TimeoutError: no answer`; empty if it has none."""
    head = text.partition(":")[0].strip()
    return head if len(head) <= 100 and head.replace(".", "_").isidentifier() else ""


def _write_text(target: Any, _name: str, value: Any) -> None:
    target.string_value = value if type(value) is str else _text(value)


def _write_integer(target: Any, name: str, value: Any) -> None:
    if type(value) is not int:
        number = number_of(name, value)
        if not number.is_integer():
            raise BadLine(LineReason.WRONG_TYPE, f"{name} is {value!r:.60}, which is no whole number")
        value = int(number)
    if not -_INT64 <= value < _INT64:
        raise BadLine(LineReason.WRONG_TYPE, f"{name} is {value!r:.60}, which is too large")
    target.int_value = value


def _write_number(target: Any, name: str, value: Any) -> None:
    target.double_value = number_of(name, value)


def _write_seconds(target: Any, name: str, value: Any) -> None:
    target.double_value = number_of(name, value) / 1000


def _write_flag(target: Any, name: str, value: Any) -> None:
    target.bool_value = flag_of(name, value)


_Write = Callable[[Any, str, Any], None]
_BY_TYPE: Final[Mapping[FieldType, _Write]] = {
    FieldType.TEXT: _write_text,
    FieldType.INTEGER: _write_integer,
    FieldType.NUMBER: _write_number,
    FieldType.SECONDS: _write_seconds,
    FieldType.FLAG: _write_flag,
}
# By field: the attribute's key and what writes its value. A plain dict: every field of every line asks it.
_WRITERS: Final[dict[str, tuple[str, _Write]]] = {
    name: (attribute.key, _BY_TYPE[attribute.type]) for name, attribute in ATTRIBUTES.items()
}


def _write_any(target: Any, value: Any) -> None:
    if type(value) is bool:
        target.bool_value = value
    elif type(value) is int and -_INT64 <= value < _INT64:
        target.int_value = value
    elif type(value) is float:
        target.double_value = value
    else:
        target.string_value = _text(value)


def _text(value: Any) -> str:
    return value if type(value) is str else orjson.dumps(value).decode()


def _hash(text: str, size: int) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=size).digest()
