"""Segments read back after a crash: every sound entry is kept, no forged one appears, no damage is silent."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.core.vocabulary import TelemetryType
from pitwall.stores.telemetry.entries import Damage, Entry, encode_header, hash_request
from pitwall.stores.telemetry.files import Files
from pitwall.stores.telemetry.segments import SegmentScan, repair_segment, scan_segment
from tests.unit.stores.telemetry.log_doubles import make_body, read_entries

STREAM = TelemetryType.TRACES


def encode(text: str | bytes, position: int, project: str = "shop") -> bytes:
    body = make_body(text)
    entry = Entry(project, body, 1, "otlp_http", hash_request(STREAM, project, body), 1)
    return encode_header(entry, position) + body


def scan(path: Path, before: int | None = None, *, check_bodies: bool = True) -> SegmentScan:
    return scan_segment(path, STREAM, first_position=0, before=before, check_bodies=check_bodies)


def repair(path: Path, *, may_be_torn: bool = False) -> list[int]:
    """Scan and repair; return the positions that are left in the file."""
    repair_segment(
        path, STREAM, scan(path), Files(), quarantine=path.parent / "quarantine", may_be_torn=may_be_torn
    )
    return [header.position for header, _ in read_entries(path.read_bytes())]


def quarantined(path: Path) -> list[bytes]:
    return [file.read_bytes() for file in sorted((path.parent / "quarantine").glob("*"))]


@pytest.fixture
def segment(tmp_path: Path) -> Path:
    path = tmp_path / "00000000000000000000.seg"
    path.write_bytes(b"".join(encode(f"entry {position}", position) for position in range(5)))
    return path


def test_sound_segment_is_left_alone(segment: Path) -> None:
    """Nothing is cut from a segment without damage."""
    data = segment.read_bytes()
    assert repair(segment) == [0, 1, 2, 3, 4]
    assert segment.read_bytes() == data


def test_torn_tail_at_every_byte(segment: Path) -> None:
    """Cut anywhere, a last segment keeps its whole entries; the unacknowledged rest leaves no file."""
    data = segment.read_bytes()
    ends = [header.end for header, _ in read_entries(data)]
    for size in range(len(data)):
        segment.write_bytes(data[:size])
        assert repair(segment, may_be_torn=True) == list(range(sum(end <= size for end in ends)))
        assert quarantined(segment) == []


def test_torn_tail_of_an_earlier_segment_is_kept_for_people(segment: Path) -> None:
    """In a segment that others follow, a cut entry was acknowledged once: its bytes are set aside."""
    data = segment.read_bytes()
    segment.write_bytes(data[:-3])
    assert repair(segment) == [0, 1, 2, 3]
    assert quarantined(segment) == [data[len(data) - len(encode("entry 4", 4)) : -3]]


def test_any_damaged_byte_costs_one_entry_at_most(segment: Path) -> None:
    """A wrong byte outside a length prefix takes out its own entry; the others stay, the bytes are kept."""
    data = segment.read_bytes()
    headers = [header for header, _ in read_entries(data)]
    for at in range(len(data)):
        segment.write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])
        hit = next(index for index, header in enumerate(headers) if at < header.end)
        left = repair(segment)
        if at == headers[hit].start:  # the length prefix: where the next entry begins is lost
            assert left == list(range(hit)), f"byte {at}"
        else:
            assert left == [position for position in range(5) if position != hit], f"byte {at}"
        assert sum(map(len, quarantined(segment))) >= headers[hit].end - headers[hit].start
        for file in (segment.parent / "quarantine").glob("*"):
            file.unlink()


def test_forged_entry_inside_a_damaged_body_stays_dead(segment: Path) -> None:
    """A client cannot plant an entry of another project in its request and have it revived by damage."""
    forged = encode("forged", 3, project="victim")
    carrier = encode(forged, 1)
    data = encode("first", 0) + carrier + encode("last", 4)
    start = len(encode("first", 0))
    for at in range(start, start + len(carrier)):
        segment.write_bytes(data[:at] + bytes([data[at] ^ 0x01]) + data[at + 1 :])
        left = scan(segment)
        assert {header.project for header in left.entries} == {"shop"}, f"byte {at}"
    for size in range(len(data)):
        segment.write_bytes(data[:size])
        assert {header.project for header in scan(segment).entries} <= {"shop"}, f"{size} bytes"


def test_entries_of_a_repeated_write_count_once(segment: Path) -> None:
    """What a failed write left behind is dropped where the next segment holds the same positions."""
    left = scan(segment, before=3)
    assert [header.position for header in left.entries] == [0, 1, 2]
    assert left.damaged == []


def test_positions_never_go_back(segment: Path) -> None:
    """An entry with a position that was passed is damage, whatever its checksum says."""
    segment.write_bytes(encode("a", 0) + encode("b", 1) + encode("a", 0) + encode("c", 2))
    left = scan(segment)
    assert [header.position for header in left.entries] == [0, 1, 2]
    assert [damaged.damage for damaged in left.damaged] == [Damage.HEADER]


def test_header_scan_reads_no_bodies(segment: Path) -> None:
    """Without body checks a wrong byte in a body passes: it is found before the segment is applied."""
    data = segment.read_bytes()
    segment.write_bytes(data[:-1] + b"!")
    assert len(scan(segment, check_bodies=False).entries) == 5
    assert len(scan(segment).entries) == 4


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_can_be_scanned(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Whatever is in the file, scanning ends and accounts for every byte."""
    path = tmp_path_factory.mktemp("segment") / "0.seg"
    path.write_bytes(data)
    found = scan(path)
    spans = sorted([(e.start, e.end) for e in found.entries] + [(d.start, d.end) for d in found.damaged])
    assert [start for start, _ in spans] == [0, *(end for _, end in spans[:-1])][: len(spans)]
    assert not data or spans[-1][1] == len(data)
