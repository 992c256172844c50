"""The bytes of a log entry: what is written is read back, and no damage goes unnoticed."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.core.errors import InvalidInput
from pitwall.core.vocabulary import TelemetryType
from pitwall.stores.telemetry.entries import (
    Damage,
    DamagedEntry,
    Entry,
    check_body,
    decode_header,
    encode_header,
    hash_request,
    is_body_intact,
)
from tests.unit.stores.telemetry.log_doubles import make_body

STREAM = TelemetryType.TRACES
_NUMBERS = st.integers(0, 2**64 - 1)


def make_entry(body: bytes = b"\x0a\x03abc", project: str = "shop", received: int = 1) -> Entry:
    return Entry(project, body, 7, "otlp_http", hash_request(STREAM, project, body), received)


def encode(entry: Entry, position: int = 5) -> bytes:
    return encode_header(entry, position) + entry.body


@given(st.binary(max_size=400), st.text(max_size=40), st.text(max_size=20), _NUMBERS, _NUMBERS, _NUMBERS)
def test_entry_is_read_back(
    body: bytes, project: str, door: str, position: int, received: int, count: int
) -> None:
    """Every field of the header and the body survive, wherever in a file the entry stands."""
    entry = Entry(project, body, count, door, hash_request(STREAM, project, body), received)
    data = b"before" + encode(entry, position) + b"after"
    header = decode_header(data, 6)
    assert (header.project, header.door, header.position) == (project, door, position)
    assert (header.received_unix_nano, header.record_count) == (received, count)
    assert data[header.body_start : header.end] == body
    assert header.end == len(data) - len(b"after")
    assert is_body_intact(data, header, STREAM)


def test_any_changed_byte_is_noticed() -> None:
    """Each byte of an entry is covered by the header's checksum or by the request hash."""
    good = encode(make_entry())
    for at in range(len(good)):
        for bit in range(8):
            data = good[:at] + bytes([good[at] ^ 1 << bit]) + good[at + 1 :]
            try:
                header = decode_header(data, 0)
            except DamagedEntry:
                continue
            assert header.end != len(good) or not is_body_intact(data, header, STREAM), (
                f"byte {at}, bit {bit}"
            )


def test_cut_header_is_torn() -> None:
    """A file that ends inside a header says so, at every length: that is what a killed writer leaves."""
    entry = make_entry()
    header = encode_header(entry, 5)
    for size in range(len(header)):
        with pytest.raises(DamagedEntry) as caught:
            decode_header(header[:size], 0)
        assert caught.value.damage is Damage.TORN, f"{size} bytes"


def test_zeros_are_not_an_entry() -> None:
    """Blocks that a file system allocated but never wrote are damage, not an empty entry."""
    with pytest.raises(DamagedEntry) as caught:
        decode_header(bytes(4096), 0)
    assert caught.value.damage is Damage.HEADER


def test_request_hash_separates_projects_and_streams() -> None:
    """The same body is another request in another project or stream."""
    hashes = {hash_request(stream, project, b"x") for stream in TelemetryType for project in ("a", "b", "")}
    assert len(hashes) == 3 * len(TelemetryType)


@pytest.mark.parametrize(
    "forged",
    [
        b"\xc2\x3e\x04evil",  # 1000: project
        b"\xc8\x3e\x9a\x05",  # 1001: log position
        b"\xd1\x3e" + bytes(8),  # 1002: arrival
        b"\xf8\xff\xff\xff\x0f\x00",  # the highest number there is
    ],
)
def test_body_cannot_write_into_the_header(forged: bytes) -> None:
    """A request that carries a reserved field number is refused: the engine would believe it."""
    with pytest.raises(InvalidInput, match="reserved"):
        check_body(make_body("span") + forged)
    check_body(make_body(forged))  # inside another field it means nothing


@pytest.mark.parametrize("broken", [b"\x0a", b"\x0a\x05abc", b"\x0b\x00", b"\xff" * 11, b"\x09abc"])
def test_body_that_is_not_protobuf_is_refused(broken: bytes) -> None:
    """A body whose outermost fields do not add up would swallow the entry behind it."""
    with pytest.raises(InvalidInput, match="not valid protobuf"):
        check_body(broken)


def test_endless_outermost_fields_are_refused() -> None:
    """A body of millions of empty fields costs a bounded time."""
    with pytest.raises(InvalidInput, match="outermost fields"):
        check_body(b"\x0a\x00" * 100_000)


@given(st.binary(max_size=200))
def test_check_body_never_crashes(data: bytes) -> None:
    """Any bytes are either accepted or refused with a reason."""
    with suppress(InvalidInput):
        check_body(data)
