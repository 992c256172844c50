"""A dead letter on its way through the write-ahead log: the message of the stream `dead_letters`.

The field numbers are those of `StageDeadLetters` in `ingest/mapping/stages.py`; project and time of receipt
come from the header of the log entry, as for every stream.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from pitwall.ingest.masker import PROTOBUF, Masker
from pitwall.ingest.wire import OTLP_STREAMS
from pitwall.kit.protobuf_fields import VARINT, bytes_field, tag, varint
from pitwall.stores.telemetry.salvage import RejectedEntry

MAX_BODY_BYTES = 256 * 1024
_MAX_TEXT_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One record or request that could not be stored.

    Attributes:
        telemetry_type: The stream it was meant for.
        door: How it came in.
        reason: Stable name of what is wrong.
        message: The same for people.
        record_index: Its position in the request.
        record_name: What the record is called, if anything.
        content_type: What `body` is.
        body: A request that holds the record alone, already masked; long ones are cut.
        body_bytes: The length of the masked body before it was cut.
    """

    telemetry_type: str
    door: str
    reason: str
    message: str
    record_index: int = 0
    record_name: str = ""
    content_type: str = PROTOBUF
    body: bytes = b""
    body_bytes: int = 0

    def identify(self, project: str) -> str:
        """Return 32 hexadecimal digits, the same for the same refusal however often it is sent."""
        digest = hashlib.blake2b(self.body, digest_size=16)
        for part in (project, self.telemetry_type, self.reason, str(self.record_index), self.message):
            digest.update(b"\0" + part.encode("utf-8", "replace"))
        return digest.hexdigest()


def encode_letters(project: str, letters: Sequence[DeadLetter]) -> bytes:
    """Encode letters as one request of the dead-letter stream."""
    return b"".join(bytes_field(1, _encode_letter(project, letter)) for letter in letters)


def encode_rejected_entry(entry: RejectedEntry, *, masker: Masker) -> bytes:
    """Encode a whole request that was acknowledged and that the store refused; what the writer calls."""
    stream = OTLP_STREAMS.get(entry.stream)
    body = masker.raw(entry.body) if stream is None else masker.mask_request(stream, entry.body, PROTOBUF)
    is_cut = len(entry.body) < entry.body_bytes
    letter = DeadLetter(
        telemetry_type=entry.stream,
        door=entry.door,
        reason=entry.reason,
        message=f"{entry.record_count:,} records at log position {entry.log_position}: {entry.message}",
        content_type=PROTOBUF,
        body=body,
        body_bytes=entry.body_bytes if is_cut else len(body),
    )
    return encode_letters(entry.project, [letter])


def _encode_letter(project: str, letter: DeadLetter) -> bytes:
    return b"".join(
        (
            _text(1, letter.identify(project)),
            _text(2, letter.telemetry_type),
            _text(3, letter.reason),
            _text(4, letter.message[:_MAX_TEXT_CHARACTERS]),
            tag(5, VARINT) + varint(letter.record_index),
            _text(6, letter.record_name[:_MAX_TEXT_CHARACTERS]),
            _text(7, letter.content_type),
            bytes_field(8, letter.body[:MAX_BODY_BYTES]),
            tag(9, VARINT) + varint(max(letter.body_bytes, len(letter.body))),
            _text(10, letter.door),
        )
    )


def _text(number: int, value: str) -> bytes:
    return bytes_field(number, value.encode("utf-8", "replace"))
