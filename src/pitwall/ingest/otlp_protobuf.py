"""OTLP requests in protobuf form: parsed strictly by the native library, piece by piece where that fails."""

from __future__ import annotations

from google.protobuf.message import DecodeError

from pitwall.ingest.repair import salvage
from pitwall.ingest.structure import COUNTED_FROM_BYTES, check_record_count
from pitwall.ingest.wire import OtlpStream, Parsed


def parse_protobuf(stream: OtlpStream, body: bytes, *, max_records: int) -> Parsed:
    """Parse a request.

    What the library refuses may hold one bad record among good ones: then each record is parsed by itself.

    Raises:
        MalformedRequest: The body is no such message; the text names the byte where it goes wrong.
        BodyTooLarge: It has more than `max_records` records.
    """
    if len(body) >= COUNTED_FROM_BYTES:
        check_record_count(body, max_records)
    try:
        return Parsed(stream.request_type.FromString(body), raw=body)
    except DecodeError:
        return salvage(stream, body)
