"""What was acknowledged lately: an index that recognises repeats, and a journal that outlives a restart."""

from __future__ import annotations

import os
import struct
import zlib
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import structlog

from pitwall.kit.clock import NANOS_PER_SECOND, Clock
from pitwall.stores.telemetry.entries import HASH_BYTES
from pitwall.stores.telemetry.files import Files

_log = structlog.get_logger(__name__)

_GENERATIONS = 8
_SMALL_JOURNAL_BYTES = 1 << 20
_FRAME = struct.Struct("<IIQ")  # checksum of the rest, payload bytes, next position
_SEEN = struct.Struct(f"<{HASH_BYTES}sQ")  # request hash, received_unix_nano

SEEN_BYTES = _SEEN.size


def pack_seen(request_hash: bytes, received_unix_nano: int) -> bytes:
    """Encode one remembered request."""
    return _SEEN.pack(request_hash, received_unix_nano)


def iter_seen(packed: bytes | bytearray) -> Iterator[tuple[bytes, int]]:
    """Decode remembered requests: (request hash, received_unix_nano)."""
    return _SEEN.iter_unpack(packed)


class RepeatIndex:
    """Hashes of the requests of the last `horizon_seconds`; not thread-safe.

    Memory is bounded, about 110 bytes an entry: beyond `max_entries` the oldest eighth is forgotten early,
    which shortens the horizon under extreme request rates and is counted in `evicted`. Age is measured on the
    monotonic clock, so a wall clock that jumps neither forgets nor keeps anything.
    """

    def __init__(self, clock: Clock, *, horizon_seconds: float, max_entries: int) -> None:
        self._clock = clock
        self._horizon = horizon_seconds
        self._max_entries = max_entries
        self._generations: deque[tuple[float, set[bytes]]] = deque()
        self._count = 0
        self.evicted = 0

    def __contains__(self, request_hash: bytes) -> bool:
        self._forget(self._clock.monotonic())
        return any(request_hash in seen for _, seen in self._generations)

    def __len__(self) -> int:
        return self._count

    def add(self, request_hash: bytes) -> None:
        """Remember a request that is durable now."""
        now = self._clock.monotonic()
        self._forget(now)
        self._add_at(request_hash, now)

    def restore(self, seen: list[tuple[bytes, int]]) -> None:
        """Remember requests of an earlier process; one from the future (the clock went back) has age 0."""
        now_unix, now = self._clock.unix_nano(), self._clock.monotonic()
        for request_hash, received in sorted(seen, key=lambda pair: pair[1]):
            age = max(0.0, (now_unix - received) / NANOS_PER_SECOND)
            if age <= self._horizon:
                self._add_at(request_hash, now - age)

    def _add_at(self, request_hash: bytes, at: float) -> None:
        newest = self._generations[-1] if self._generations else None
        if newest is None or at - newest[0] >= self._horizon / _GENERATIONS or self._is_full(newest[1]):
            newest = (at, set())
            self._generations.append(newest)
        if request_hash not in newest[1]:
            newest[1].add(request_hash)
            self._count += 1
        while self._count > self._max_entries and len(self._generations) > 1:
            self.evicted += self._drop_oldest()

    def _is_full(self, seen: set[bytes]) -> bool:
        return len(seen) >= max(1, self._max_entries // _GENERATIONS)

    def _forget(self, now: float) -> None:
        # A generation spans at most an eighth of the horizon from its first entry, so its last entry is past
        # the horizon.
        while self._generations and now - self._generations[0][0] > self._horizon * (1 + 1 / _GENERATIONS):
            self._drop_oldest()

    def _drop_oldest(self) -> int:
        dropped = len(self._generations.popleft()[1])
        self._count -= dropped
        return dropped


class AppliedJournal:
    """Append-only file (`recent.bin`) with one frame per applied segment: the position after it and its
    requests' hashes.

    It is synced before the segment is removed. So after a crash it says which segments were applied already,
    which position comes next when no segment is left, and which requests were seen.

    Attributes:
        applied_before: Every position below it is applied; None if nothing is known.
        is_whole: False if the file was missing or ended in a damaged frame when it was opened.
    """

    def __init__(self, path: Path, files: Files, *, horizon_seconds: float) -> None:
        self._path = path
        self._files = files
        self._horizon_nanos = int(horizon_seconds * NANOS_PER_SECOND)
        self.applied_before: int | None = None
        self.is_whole = path.exists()
        self.seen: list[tuple[bytes, int]] = []
        self._has_failed_tail = False
        self._size = self._size_when_compacted = self._load()
        self._descriptor = files.open_append(path)

    def append(self, next_position: int, seen: bytes | bytearray, now_unix_nano: int) -> None:
        """Record a segment as applied, durably.

        Raises:
            OSError: Nothing was recorded; the segment must be kept.
        """
        recent = b"".join(
            _SEEN.pack(*pair) for pair in iter_seen(seen) if self._is_recent(pair[1], now_unix_nano)
        )
        frame = _encode_frame(next_position, recent)
        if self._has_failed_tail:
            self._files.truncate(self._path, self._size)
        self._has_failed_tail = True
        self._files.write(self._descriptor, [frame])
        self._files.datasync(self._descriptor)
        self._has_failed_tail = False
        self._size += len(frame)
        self.applied_before = next_position
        if self._size > max(_SMALL_JOURNAL_BYTES, 2 * self._size_when_compacted):
            self._compact(now_unix_nano)

    def close(self) -> None:
        """Close the file; a later `append` fails."""
        os.close(self._descriptor)
        self._descriptor = -1

    def _load(self) -> int:
        data = self._path.read_bytes() if self.is_whole else b""
        offset = 0
        for next_position, payload, end in _iter_frames(data):
            self.applied_before = next_position
            self.seen.extend(iter_seen(payload))
            offset = end
        if offset < len(data):
            _log.warning(
                "wal.journal_tail_dropped", path=str(self._path), kept=offset, dropped=len(data) - offset
            )
            self.is_whole = False
            self._files.truncate(self._path, offset)
        return offset

    def _compact(self, now_unix_nano: int) -> None:
        seen = b"".join(
            _SEEN.pack(*pair)
            for _, payload, _ in _iter_frames(self._path.read_bytes())
            for pair in iter_seen(payload)
            if self._is_recent(pair[1], now_unix_nano)
        )
        assert self.applied_before is not None, "only a journal with a frame is compacted"
        frame = _encode_frame(self.applied_before, seen)
        self._files.write_whole(self._path, frame)
        os.close(self._descriptor)
        self._descriptor = self._files.open_append(self._path)
        self._size = self._size_when_compacted = len(frame)

    def _is_recent(self, received_unix_nano: int, now_unix_nano: int) -> bool:
        return now_unix_nano - received_unix_nano <= self._horizon_nanos


def _encode_frame(next_position: int, payload: bytes) -> bytes:
    rest = _FRAME.pack(0, len(payload), next_position)[4:] + payload
    return zlib.crc32(rest).to_bytes(4, "little") + rest


def _iter_frames(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Yield (next position, payload, end offset) up to the first damaged frame."""
    offset = 0
    while offset + _FRAME.size <= len(data):
        checksum, length, next_position = _FRAME.unpack_from(data, offset)
        end = offset + _FRAME.size + length
        if end > len(data) or length % SEEN_BYTES or zlib.crc32(data[offset + 4 : end]) != checksum:
            return
        yield next_position, data[offset + _FRAME.size : end], end
        offset = end
