"""The bytes of the write-ahead log: one entry per accepted request, in the form the engine reads by itself.

An entry is a length-delimited protobuf message: a few header fields and then the request's own bytes,
untouched. Two protobuf messages written one after the other are one message, so the engine sees the OTLP
request and the header fields (numbers from 1000 on, which no request uses) as one row of the stage table.

Integrity: the checksum in the header covers the length and every header field; the request hash in the header
covers project, stream and body. So each byte of an entry is covered by one of them.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import dataclass
from enum import Enum
from mmap import mmap

import xxhash

from pitwall.core.errors import InvalidInput
from pitwall.core.vocabulary import TelemetryType
from pitwall.kit.protobuf_fields import varint

FIRST_RESERVED_FIELD = 1000
HASH_BYTES = 16
MAX_PROJECT_BYTES = 512
MAX_DOOR_BYTES = 128
MAX_TOP_LEVEL_FIELDS = 65_536

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MAX_VARINT_BYTES = 10
# Length prefix, seven tags, two short strings and five numbers; anything longer is not one of our headers.
_MAX_HEADER_BYTES = MAX_PROJECT_BYTES + MAX_DOOR_BYTES + 128


class Damage(Enum):
    """What is wrong with an entry."""

    TORN = "the file ends inside the entry"
    HEADER = "the header does not match its checksum"
    BODY = "the body does not match its hash"


class DamagedEntry(Exception):
    """An entry whose header cannot be trusted.

    Args:
        damage: TORN if the file ends before the header does, HEADER otherwise.
        claimed_end: Where the unproven length prefix says that the entry ends, if there is one.
    """

    def __init__(self, damage: Damage, claimed_end: int | None = None) -> None:
        super().__init__(damage.value)
        self.damage = damage
        self.claimed_end = claimed_end


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted request that has no position yet.

    Attributes:
        body: The protobuf request, uncompressed.
        record_count: Spans, points, log records or scores inside.
        door: How it came in, for example `otlp_http`.
        request_hash: See `hash_request`.
    """

    project: str
    body: bytes
    record_count: int
    door: str
    request_hash: bytes
    received_unix_nano: int


@dataclass(frozen=True, slots=True)
class EntryHeader:
    """The header of an entry read back from a segment; offsets are positions in the file."""

    project: str
    position: int
    received_unix_nano: int
    request_hash: bytes
    record_count: int
    door: str
    start: int
    body_start: int
    end: int


def hash_request(stream: TelemetryType, project: str, body: bytes | memoryview) -> bytes:
    """Compute the 16 bytes by which a repeated request is recognised, the same after any restart.

    XXH3 reads the body at memory speed but lets an attacker build two bodies with one value; hashing that
    value together with the project by BLAKE2b keeps such a collision inside the attacker's own project.
    """
    fingerprint: bytes = xxhash.xxh3_128_digest(body)
    scope = f"{stream.value}\0{project}".encode()
    return hashlib.blake2b(fingerprint + scope, digest_size=HASH_BYTES).digest()


def encode_header(entry: Entry, position: int) -> bytes:
    """Encode the length prefix and the header that go before the entry's body."""
    before = (
        _PROJECT + _sized(entry.project.encode())
        + _POSITION + varint(position)
        + _RECEIVED + _U64.pack(entry.received_unix_nano)
    )  # fmt: skip
    after = (
        _HASH + _sized(entry.request_hash)
        + _COUNT + varint(entry.record_count)
        + _DOOR + _sized(entry.door.encode())
    )  # fmt: skip
    prefix = varint(len(before) + len(_CHECKSUM) + 4 + len(after) + len(entry.body))
    checksum = zlib.crc32(after, zlib.crc32(before, zlib.crc32(prefix)))
    return b"".join((prefix, before, _CHECKSUM, _U32.pack(checksum), after))


def decode_header(data: bytes | mmap, start: int) -> EntryHeader:
    """Read the header of the entry that begins at `start`; its body is neither read nor checked.

    Raises:
        DamagedEntry: The header is cut off or does not match its checksum.
    """
    window = data[start : start + _MAX_HEADER_BYTES]
    claimed_end = None
    try:
        length, offset = _read_varint(window, 0)
        claimed_end = start + offset + length
        return _decode_fields(window, start, offset, claimed_end)
    except IndexError:
        # Only a file that ends before the entry claims to end can have cut its header.
        is_cut = start + len(window) == len(data) and (claimed_end is None or claimed_end > len(data))
        raise DamagedEntry(Damage.TORN if is_cut else Damage.HEADER, claimed_end) from None
    except (ValueError, struct.error):
        raise DamagedEntry(Damage.HEADER, claimed_end) from None


def is_body_intact(data: bytes | mmap, header: EntryHeader, stream: TelemetryType) -> bool:
    """Tell whether the body still is what was hashed when it arrived."""
    with memoryview(data) as view, view[header.body_start : header.end] as body:
        return hash_request(stream, header.project, body) == header.request_hash


def check_body(body: bytes) -> None:
    """Refuse a body that would write into the header.

    The engine takes the last value of a field that occurs twice, so a body with a field numbered like one of
    the header's could change its own project. Only the outermost fields are looked at: a few per request.

    Raises:
        InvalidInput: A reserved field number, too many outermost fields, or not protobuf at all.
    """
    offset, size = 0, len(body)
    try:
        for _ in range(MAX_TOP_LEVEL_FIELDS):
            if offset == size:
                return
            tag, offset = _read_varint(body, offset)
            if tag >> 3 >= FIRST_RESERVED_FIELD:
                raise InvalidInput(
                    f"The request has field {tag >> 3}; from {FIRST_RESERVED_FIELD} on they are reserved.",
                    code="telemetry.reserved_field",
                )
            offset = _skip_value(body, offset, tag & 7)
            if offset > size:
                raise IndexError
    except (IndexError, ValueError):
        raise InvalidInput(
            f"The request is not valid protobuf near byte {offset}.", code="telemetry.malformed"
        ) from None
    raise InvalidInput(
        f"The request has more than {MAX_TOP_LEVEL_FIELDS} outermost fields.",
        code="telemetry.too_many_fields",
        hint="Send it in several requests.",
    )


def _decode_fields(window: bytes, start: int, offset: int, end: int) -> EntryHeader:
    prefix_end = offset
    project, offset = _read_bytes(window, _expect(window, offset, _PROJECT))
    position, offset = _read_varint(window, _expect(window, offset, _POSITION))
    received, offset = _read_fixed(window, _expect(window, offset, _RECEIVED), _U64)
    checksum_start = offset
    checksum, offset = _read_fixed(window, _expect(window, offset, _CHECKSUM), _U32)
    checksum_end = offset
    request_hash, offset = _read_bytes(window, _expect(window, offset, _HASH))
    record_count, offset = _read_varint(window, _expect(window, offset, _COUNT))
    door, offset = _read_bytes(window, _expect(window, offset, _DOOR))
    covered = window[:prefix_end] + window[prefix_end:checksum_start] + window[checksum_end:offset]
    if zlib.crc32(covered) != checksum or start + offset > end or len(request_hash) != HASH_BYTES:
        raise ValueError
    return EntryHeader(
        project.decode(),
        position,
        received,
        request_hash,
        record_count,
        door.decode(),
        start,
        start + offset,
        end,
    )


def _sized(value: bytes) -> bytes:
    return varint(len(value)) + value


def _read_varint(data: bytes, offset: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 7 * _MAX_VARINT_BYTES, 7):
        byte = data[offset]
        offset += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, offset
    raise ValueError


def _read_bytes(data: bytes, offset: int) -> tuple[bytes, int]:
    length, offset = _read_varint(data, offset)
    if offset + length > len(data):
        raise IndexError
    return data[offset : offset + length], offset + length


def _read_fixed(data: bytes, offset: int, form: struct.Struct) -> tuple[int, int]:
    if offset + form.size > len(data):
        raise IndexError
    value: int = form.unpack_from(data, offset)[0]
    return value, offset + form.size


def _expect(data: bytes, offset: int, tag: bytes) -> int:
    found = data[offset : offset + len(tag)]
    if found != tag:
        raise IndexError if tag.startswith(found) else ValueError
    return offset + len(tag)


def _skip_value(data: bytes, offset: int, wire_type: int) -> int:
    if wire_type == _BYTES:
        length, offset = _read_varint(data, offset)
        return offset + length
    if wire_type == _VARINT:
        return _read_varint(data, offset)[1]
    if wire_type in (_FIXED64, _FIXED32):
        return offset + (8 if wire_type == _FIXED64 else 4)
    raise ValueError


def _tag(number: int, wire_type: int) -> bytes:
    return varint(number << 3 | wire_type)


_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")
_PROJECT = _tag(1000, _BYTES)
_POSITION = _tag(1001, _VARINT)
_RECEIVED = _tag(1002, _FIXED64)
_CHECKSUM = _tag(1003, _FIXED32)
_HASH = _tag(1004, _BYTES)
_COUNT = _tag(1005, _VARINT)
_DOOR = _tag(1006, _BYTES)
