"""Parts with switchable faults for tests of the write-ahead log: a store, a disk, and a crash."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pitwall.core.vocabulary import TelemetryType
from pitwall.stores.telemetry.engine import SegmentRejected, StoreUnavailable
from pitwall.stores.telemetry.entries import EntryHeader, decode_header
from pitwall.stores.telemetry.files import Files
from pitwall.stores.telemetry.salvage import Landing, RejectedEntry
from pitwall.stores.telemetry.wal import WriteAheadLog

POISON = b"poison"


def make_body(text: str | bytes) -> bytes:
    """Build a protobuf message whose field 1 is the text."""
    data = text.encode() if isinstance(text, str) else text
    prefix, length = bytearray(b"\x0a"), len(data)
    while length > 0x7F:
        prefix.append(length & 0x7F | 0x80)
        length >>= 7
    return bytes(prefix) + bytes([length]) + data


def read_entries(data: bytes) -> list[tuple[EntryHeader, bytes]]:
    """Read all entries of an undamaged file, with their bodies."""
    found, offset = [], 0
    while offset < len(data):
        header = decode_header(data, offset)
        found.append((header, data[header.body_start : header.end]))
        offset = header.end
    return found


class SimulatedCrash(BaseException):
    """The process is gone from here on; nothing may catch this."""


@dataclass
class FaultyFiles(Files):
    """The real file system with faults that tests switch on; it does not wait for the disk.

    Attributes:
        crash_after_bytes: Bytes the next write still brings to the disk before the process dies.
        failures: Errors to raise, by method name, oldest first; each is used once.
        capacity: Bytes of writes until the disk is full; None is no limit.
    """

    crash_after_bytes: int | None = None
    failures: dict[str, list[OSError]] = field(default_factory=dict)
    capacity: int | None = None
    free: int = 1 << 40
    syncs: int = 0
    on_sync: Callable[[], None] | None = None

    def fail(self, method: str, error_number: int, times: int = 1) -> None:
        self.failures.setdefault(method, []).extend(
            OSError(error_number, os.strerror(error_number)) for _ in range(times)
        )

    def write(self, descriptor: int, buffers: Sequence[bytes]) -> int:
        data = b"".join(buffers)
        if self.crash_after_bytes is not None:
            os.write(descriptor, data[: self.crash_after_bytes])
            raise SimulatedCrash
        self._raise_planned("write")
        if self.capacity is not None and len(data) > self.capacity:
            os.write(descriptor, data[: self.capacity])
            raise OSError(28, "No space left on device")
        if self.capacity is not None:
            self.capacity -= len(data)
        return super().write(descriptor, buffers)

    def datasync(self, descriptor: int) -> None:
        self._raise_planned("datasync")
        self.syncs += 1
        if self.on_sync:
            self.on_sync()

    def truncate(self, path: Path, size: int) -> None:
        self._raise_planned("truncate")
        os.truncate(path, size)

    def sync_directory(self, path: Path) -> None:
        self._raise_planned("sync_directory")

    def free_bytes(self, path: Path) -> int:
        return self.free

    def _raise_planned(self, method: str) -> None:
        if self.failures.get(method):
            raise self.failures[method].pop(0)


@dataclass
class MemoryStore:
    """A sink that remembers tokens as ClickHouse does, refuses `POISON`, and fails on demand.

    Attributes:
        plan: What happens at the coming calls: "before" and "after" fail around the insert, "crash before"
            and "crash after" kill the process there, anything else lets it work.
    """

    plan: list[str] = field(default_factory=list)
    applied: dict[str, list[tuple[TelemetryType, EntryHeader, bytes]]] = field(default_factory=dict)
    calls: list[tuple[TelemetryType, str]] = field(default_factory=list)
    on_insert: Callable[[], None] | None = None

    def insert_segment(self, stream: TelemetryType, path: Path, token: str) -> None:
        self.calls.append((stream, token))
        step = self.plan.pop(0) if self.plan else ""
        self._fail_if(step, "before")
        if self.on_insert:
            self.on_insert()
        entries = read_entries(path.read_bytes())
        if stream is not TelemetryType.DEAD_LETTERS and any(POISON in body for _, body in entries):
            raise SegmentRejected(f"{path.name} holds poison")
        content = [(stream, header, body) for header, body in entries]
        known = self.applied.setdefault(token, content)
        assert [body for *_, body in known] == [body for *_, body in content], (
            f"{token} was used for other data"
        )
        self._fail_if(step, "after")

    def landing(self, stream: TelemetryType, first_position: int, last_position: int) -> Landing:
        positions = self.positions(stream)
        landed = [position for position in positions if first_position <= position <= last_position]
        if not landed:
            return Landing.NOTHING
        return Landing.ALL if len(landed) == last_position - first_position + 1 else Landing.PARTIAL

    def positions(self, stream: TelemetryType) -> list[int]:
        """Positions of all rows of a stream, in the order in which they arrived."""
        return [header.position for rows in self.applied.values() for at, header, _ in rows if at is stream]

    def bodies(self, stream: TelemetryType) -> list[bytes]:
        """Bodies of all rows of a stream, in the order in which they arrived."""
        return [body for rows in self.applied.values() for at, _, body in rows if at is stream]

    def _fail_if(self, step: str, when: str) -> None:
        if step == when:
            raise StoreUnavailable(f"no answer ({when} the insert)")
        if step == f"crash {when}":
            raise SimulatedCrash


def encode_letter(rejected: RejectedEntry) -> bytes:
    """A dead letter of tests: the body, marked with the reason."""
    return make_body(rejected.reason.encode() + b"|" + rejected.body)


def from_zero(bits: int) -> int:
    """Let positions begin at 0."""
    return 0


def abandon(log: WriteAheadLog) -> None:
    """Leave a log as a killed process does: nothing is written any more, the system closes the files."""
    descriptors = [log._owner_descriptor]
    for front in log._streams.values():
        descriptors.append(front.log._journal._descriptor)
        if front.log._active is not None:
            descriptors.append(front.log._descriptor)
    for descriptor in descriptors:
        os.close(descriptor)
