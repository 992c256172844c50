"""What a door answers: OTLP export responses and google.rpc.Status, in the form of the request."""

from __future__ import annotations

import math
from enum import Enum
from http import HTTPStatus
from typing import Any, NamedTuple

import orjson
from google.protobuf.duration_pb2 import Duration
from google.rpc.code_pb2 import Code
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from pitwall.core.errors import PitwallError
from pitwall.ingest.service import AcceptResult, explain
from pitwall.ingest.wire import OtlpStream

_DEFAULT_RETRY_SECONDS = 1.0
_RETRYABLE = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_CODES = {
    HTTPStatus.UNAUTHORIZED: Code.UNAUTHENTICATED,
    HTTPStatus.FORBIDDEN: Code.PERMISSION_DENIED,
    HTTPStatus.NOT_FOUND: Code.NOT_FOUND,
    HTTPStatus.REQUEST_TIMEOUT: Code.DEADLINE_EXCEEDED,
    HTTPStatus.TOO_MANY_REQUESTS: Code.RESOURCE_EXHAUSTED,
    HTTPStatus.SERVICE_UNAVAILABLE: Code.UNAVAILABLE,
    HTTPStatus.INTERNAL_SERVER_ERROR: Code.INTERNAL,
}


class PayloadFormat(Enum):
    """The two forms of OTLP/HTTP."""

    PROTOBUF = "application/x-protobuf"
    JSON = "application/json"

    @property
    def door(self) -> str:
        """The name of the door that takes this form."""
        return "otlp_http" if self is PayloadFormat.PROTOBUF else "otlp_json"


class Answer(NamedTuple):
    """An HTTP answer; header names are lower-case, as ASGI wants them."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def success_answer(stream: OtlpStream, result: AcceptResult, form: PayloadFormat) -> Answer:
    """Answer 200, with a partial success if a record was rejected or repaired."""
    response = export_response(stream, result)
    if form is PayloadFormat.PROTOBUF:
        return _answer(200, response.SerializeToString(), form)
    body: dict[str, Any] = {}
    if response.HasField("partial_success"):
        # 64-bit integers are strings in OTLP/JSON; a count of zero is left out like every default.
        partial = response.partial_success
        body["partialSuccess"] = {"errorMessage": partial.error_message}
        if result.rejected:
            count_name = partial.DESCRIPTOR.fields_by_name[stream.rejected].json_name
            body["partialSuccess"][count_name] = str(len(result.rejected))
    return _answer(200, orjson.dumps(body), form)


def export_response(stream: OtlpStream, result: AcceptResult) -> Any:
    """Build the OTLP response message; it has a partial success only if there is something to say."""
    response = stream.response_type()
    if result.rejected or result.repairs:
        setattr(response.partial_success, stream.rejected, len(result.rejected))
        response.partial_success.error_message = explain(stream, result)
    return response


def failure_answer(error: PitwallError, form: PayloadFormat) -> Answer:
    """Answer a refused request: status, google.rpc.Status, and when to come back if that makes sense."""
    answer = _answer(error.http_status, _encode_status(status_of(error), form), form)
    retry_seconds = retry_after_seconds(error)
    if retry_seconds is not None:
        answer.headers.append((b"retry-after", str(max(1, math.ceil(retry_seconds))).encode()))
    if error.http_status == HTTPStatus.UNAUTHORIZED:
        answer.headers.append((b"www-authenticate", b'Bearer realm="pitwall"'))
    return answer


def internal_answer(form: PayloadFormat) -> Answer:
    """Answer a request that failed for a reason nobody foresaw, without its inside."""
    return _answer(500, _encode_status(internal_status(), form), form)


def internal_status() -> Status:
    """Return what a caller is told about an error nobody foresaw."""
    return Status(code=Code.INTERNAL, message="Something went wrong inside Pitwall; its log says what.")


def status_of(error: PitwallError) -> Status:
    """Translate an error; the message carries its hint, the details say when to retry."""
    code = _CODES.get(HTTPStatus(error.http_status), Code.INVALID_ARGUMENT)
    status = Status(code=code, message=str(error))
    retry_seconds = retry_after_seconds(error)
    if retry_seconds is not None:
        delay = Duration()
        delay.FromNanoseconds(round(retry_seconds * 1e9))
        status.details.add().Pack(RetryInfo(retry_delay=delay))
    return status


def retry_after_seconds(error: PitwallError) -> float | None:
    """Return how long a client should wait; None if sending again cannot help."""
    if error.http_status not in _RETRYABLE:
        return None
    return float(error.details.get("retry_after_seconds", _DEFAULT_RETRY_SECONDS))


def _encode_status(status: Status, form: PayloadFormat) -> bytes:
    if form is PayloadFormat.PROTOBUF:
        return bytes(status.SerializeToString())
    body: dict[str, Any] = {"code": status.code, "message": status.message}
    if status.details:
        body["details"] = [_detail(RetryInfo.FromString(detail.value), detail) for detail in status.details]
    return orjson.dumps(body)


def _detail(retry: Any, packed: Any) -> dict[str, Any]:
    return {"@type": packed.type_url, "retryDelay": retry.retry_delay.ToJsonString()}


def _answer(status: int, body: bytes, form: PayloadFormat) -> Answer:
    headers = [
        (b"content-type", form.value.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    return Answer(status, headers, body)
