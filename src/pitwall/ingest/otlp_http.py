"""The OTLP/HTTP doors, plain ASGI: read, decompress, parse, hand over, answer in the form of the request."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import structlog
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from pitwall.access.types import Principal, require
from pitwall.core.errors import PitwallError
from pitwall.core.vocabulary import Scope as AccessScope
from pitwall.ingest.answers import Answer, PayloadFormat, failure_answer, internal_answer, success_answer
from pitwall.ingest.counters import Exchange
from pitwall.ingest.decompress import decompress, too_large
from pitwall.ingest.failures import BodyTooSlow, UnsupportedContent
from pitwall.ingest.otlp_json import parse_json
from pitwall.ingest.otlp_protobuf import parse_protobuf
from pitwall.ingest.service import IngestService, Submission
from pitwall.ingest.wire import LOGS, METRICS, TRACES, OtlpStream, Parsed

log = structlog.get_logger(__name__)

Authenticate = Callable[[Iterable[tuple[bytes, bytes]]], Awaitable[Principal]]

PATH_PREFIXES = ("/v1", "/api/public/otel/v1")
_CONTENT_TYPES = "application/x-protobuf or application/json"
# Above these sizes the work goes to a thread, so that other requests are answered meanwhile. Parsing protobuf
# stays: it holds the interpreter lock anyway and takes a millisecond per 500 spans.
_DECOMPRESS_INLINE_BYTES = 32 * 1024
_JSON_INLINE_BYTES = 64 * 1024


class ClientGone(Exception):
    """The client closed the connection before its body was complete; there is nobody to answer."""


class _Head(NamedTuple):
    """What the door needs of a request's headers."""

    content_type: bytes = b""
    encoding: bytes = b""
    length: bytes = b""


@dataclass(slots=True)
class _Visit:
    """What is known so far of a request under way, for the counters and for the form of the answer."""

    form: PayloadFormat = PayloadFormat.JSON
    received_bytes: int = 0
    decoded_bytes: int = 0
    failure: str | None = None


class OtlpHttpDoor:
    """The ASGI application of one stream.

    Args:
        stream: What it takes.
        service: Where requests go.
        authenticate: Finds the principal from the raw headers.
    """

    def __init__(self, stream: OtlpStream, service: IngestService, authenticate: Authenticate) -> None:
        self._stream = stream
        self._service = service
        self._authenticate = authenticate
        self._limits = service.limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        started = time.perf_counter()
        visit = _Visit()
        try:
            answer = await self._serve(scope, receive, visit)
        except ClientGone:
            visit.failure = "ingest.client_gone"
            return
        except PitwallError as error:
            visit.failure = error.code
            answer = failure_answer(error, visit.form)
        except Exception as error:
            visit.failure = "internal"
            log.exception(
                "ingest.request.failed", stream=self._stream.telemetry_type, error=type(error).__name__
            )
            answer = internal_answer(visit.form)
        finally:
            self._count(visit, time.perf_counter() - started)
        await _send(answer, send)

    def _count(self, visit: _Visit, seconds: float) -> None:
        exchange = Exchange(seconds, visit.received_bytes, visit.decoded_bytes, visit.failure)
        self._service.metrics.count_request(visit.form.door, self._stream.telemetry_type, exchange)

    async def _serve(self, scope: Scope, receive: Receive, visit: _Visit) -> Answer:
        head = _read_head(scope["headers"])
        visit.form = _form_of(head.content_type)
        principal = await self._authenticate(scope["headers"])
        require(principal, AccessScope.INGEST)
        body = await self._read_body(head, receive, visit)
        parsed = await self._parse(body, visit.form)
        stream = self._stream.telemetry_type
        submission = Submission(stream, principal.project_id, visit.form.door, parsed, drops_copies=True)
        return success_answer(self._stream, await self._service.accept(submission), visit.form)

    async def _read_body(self, head: _Head, receive: Receive, visit: _Visit) -> bytes:
        limit = self._limits.max_request_bytes
        if head.length.isdigit() and int(head.length) > limit:
            raise too_large(limit, "as sent")
        try:
            async with asyncio.timeout(self._limits.body_timeout_seconds):
                body = await _receive_all(receive, limit)
        except TimeoutError:
            raise BodyTooSlow(
                f"The body was not complete after {self._limits.body_timeout_seconds:g} s."
            ) from None
        visit.received_bytes = len(body)
        encoding = head.encoding.decode("latin-1").strip().lower()
        arguments = (body, encoding, self._limits.max_body_bytes)
        if encoding in ("", "identity") or len(body) < _DECOMPRESS_INLINE_BYTES:
            body = decompress(*arguments)
        else:
            body = await asyncio.to_thread(decompress, *arguments)
        visit.decoded_bytes = len(body)
        return body

    async def _parse(self, body: bytes, form: PayloadFormat) -> Parsed:
        if form is PayloadFormat.PROTOBUF:
            return parse_protobuf(self._stream, body, max_records=self._limits.max_records)
        parse = partial(parse_json, self._stream, body, max_records=self._limits.max_records)
        return parse() if len(body) < _JSON_INLINE_BYTES else await asyncio.to_thread(parse)


def otlp_routes(service: IngestService, authenticate: Authenticate) -> list[Route]:
    """Return the routes of all streams, under the standard paths and under those that a Langfuse SDK uses."""
    doors = {
        "traces": OtlpHttpDoor(TRACES, service, authenticate),
        "metrics": OtlpHttpDoor(METRICS, service, authenticate),
        "logs": OtlpHttpDoor(LOGS, service, authenticate),
    }
    return [
        Route(f"{prefix}/{name}", door, methods=["POST"])
        for prefix in PATH_PREFIXES
        for name, door in doors.items()
    ]


def _read_head(headers: Iterable[tuple[bytes, bytes]]) -> _Head:
    content_type = encoding = length = b""
    for name, value in headers:
        if name == b"content-type":
            content_type = value
        elif name == b"content-encoding":
            encoding = value
        elif name == b"content-length":
            length = value
    return _Head(content_type, encoding, length)


def _form_of(content_type: bytes) -> PayloadFormat:
    media_type, _, parameters = content_type.decode("latin-1").lower().partition(";")
    charset = parameters.partition("charset=")[2].strip(' "')
    match media_type.strip():
        case "application/x-protobuf" | "application/protobuf":
            return PayloadFormat.PROTOBUF
        case "application/json" if charset in ("", "utf-8", "utf8", "us-ascii"):
            return PayloadFormat.JSON
    what = (
        f"The content type {media_type.strip()!r} is not read here"
        if media_type.strip()
        else "There is no content type"
    )
    if charset:
        what = f"JSON in the character set {charset!r} is not read here"
    raise UnsupportedContent(f"{what}.", hint=f"Send {_CONTENT_TYPES} in UTF-8.")


async def _receive_all(receive: Receive, limit: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        piece = message.get("body", b"")
        size += len(piece)
        if size > limit:
            raise too_large(limit, "as sent")
        pieces.append(piece)
        if not message.get("more_body", False):
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)


async def _send(answer: Answer, send: Send) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body})
