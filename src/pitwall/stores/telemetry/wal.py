"""The write-ahead log: what it acknowledges survives a crash and reaches the store exactly once, in order.

`append` queues a request; one flusher thread writes everything queued, syncs once per segment and then
completes the futures. While a sync runs the next group collects, so groups grow with the load and a lone
request waits for no one.

Entries go to `<directory>/<stream>/<first position>.seg`, files that the store reads as they are (see
`entries`). `TelemetryWriter` applies sealed segments and reports back with `mark_applied`.
"""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

import structlog

from pitwall.core.errors import Conflict, InvalidInput, PitwallError, Unavailable
from pitwall.core.vocabulary import TelemetryType
from pitwall.kit.clock import Clock, SystemClock
from pitwall.stores.telemetry.acks import Ack, Pending, Waiter, settle
from pitwall.stores.telemetry.entries import (
    MAX_DOOR_BYTES,
    MAX_PROJECT_BYTES,
    Entry,
    check_body,
    hash_request,
)
from pitwall.stores.telemetry.files import Files, lock_file, make_private_directory
from pitwall.stores.telemetry.log_stats import LogStats, SyncTimes
from pitwall.stores.telemetry.room import LogOptions, Room, disk_full
from pitwall.stores.telemetry.segments import Segment
from pitwall.stores.telemetry.stream_front import StreamFront
from pitwall.stores.telemetry.stream_log import SealPolicy, StreamLog

_log = structlog.get_logger(__name__)

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_RETRY_AFTER_DISK_ERROR_SECONDS = 5


class WriteAheadLog:
    """Durable buffer between the doors and the store; one process at a time owns its directory.

    Args:
        directory: `<data_dir>/wal`; created private.
        options: Bounds.
        clock: Time.
        files: System calls.
        random_bits: Where a new log's positions begin.

    Raises:
        Conflict: Another process has this log open.
        OSError: The directory cannot be used.
    """

    def __init__(
        self,
        directory: Path,
        options: LogOptions | None = None,
        *,
        clock: Clock | None = None,
        files: Files | None = None,
        random_bits: Callable[[int], int] = secrets.randbits,
    ) -> None:
        self._directory = directory
        self._random_bits = random_bits
        self._options = options or LogOptions()
        self._clock = clock or SystemClock()
        self._files = files or Files()
        make_private_directory(directory)
        self._owner_descriptor = _take_ownership(directory)
        self._lock = threading.Lock()
        self._queue_filled = threading.Condition(self._lock)
        self._changed = threading.Condition(self._lock)
        self._version = 0
        self._queue: list[tuple[StreamFront, Pending]] = []
        self._is_closed = False
        self._last_error: str | None = None
        self._sync_times = SyncTimes()
        self._streams = {stream: self._open_stream(stream) for stream in TelemetryType}
        self._room = Room(directory, self._options, clock=self._clock, files=self._files)
        self._room.unapplied_bytes = sum(front.log.depth().bytes for front in self._streams.values())
        self._flusher = threading.Thread(target=self._flush_forever, name="pitwall-wal-flusher", daemon=True)

    # The doors' side.

    def append(
        self,
        stream: TelemetryType,
        project: str,
        body: bytes,
        record_count: int,
        door: str,
        *,
        ignore_limits: bool = False,
    ) -> Future[Ack]:
        """Queue a request to be made durable.

        Args:
            stream: Where it belongs.
            project: Owner, decided by the credential.
            body: Uncompressed protobuf of the stream's request message, already validated.
            record_count: Spans, points, log records or scores inside.
            door: How it came in, for example `otlp_http`.
            ignore_limits: For what must be kept to make room: dead letters of the log's own entries.

        Returns:
            A future with the Ack, or with Unavailable if the disk failed; either way nothing is half done. A
            repeat of a request that is still on its way gets the same outcome as the first.

        Raises:
            LimitExceeded: Too much waits for the store; `retry_after_seconds` in the details.
            Unavailable: The disk is nearly full or the log is closed.
            InvalidInput: The body would change its own header.
        """
        future: Future[Ack] = Future()
        future.set_running_or_notify_cancel()  # from here on it cannot be cancelled, only left alone
        entry = self._make_entry(stream, project, body, record_count, door)
        known = self._admit(stream, entry, Waiter(future), ignore_limits=ignore_limits)
        if known is not None:
            future.set_result(known)
        return future

    def append_async(
        self, stream: TelemetryType, project: str, body: bytes, record_count: int, door: str
    ) -> asyncio.Future[Ack]:
        """Like `append` but for the running event loop, which is woken once per group of requests."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Ack] = loop.create_future()
        entry = self._make_entry(stream, project, body, record_count, door)
        known = self._admit(stream, entry, Waiter(future, loop), ignore_limits=False)
        if known is not None:
            future.set_result(known)
        return future

    # Life.

    def start(self) -> None:
        """Start the flusher thread; what was queued before is written now."""
        self._flusher.start()

    def flush(self) -> int:
        """Write everything queued at this moment; the flusher thread does nothing else.

        Returns:
            How many requests were written or failed.
        """
        with self._lock:
            batch, self._queue = self._queue, []
        for front in self._streams.values():
            group = [pending for owner, pending in batch if owner is front]
            if group:
                self._commit(front, group)
        return len(batch)

    def close(self) -> None:
        """Refuse new requests, write the queued ones and release the directory; unapplied segments stay."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            self._queue_filled.notify_all()
            self._note_change()
        if self._flusher.is_alive():
            self._flusher.join()
        self.flush()
        for front in self._streams.values():
            front.log.close()
        os.close(self._owner_descriptor)

    # The writer's side.

    def seal_due(self, policy: SealPolicy) -> float | None:
        """Seal segments that are old enough; return seconds until the next one is, None if none waits."""
        waits = [front.log.seal_due(policy) for front in self._streams.values()]
        return min((wait for wait in waits if wait is not None), default=None)

    def next_sealed(self, stream: TelemetryType) -> Segment | None:
        """Return the oldest sealed segment of a stream; the only one that may be applied next."""
        return self._streams[stream].log.next_sealed()

    def sealed(self, stream: TelemetryType) -> list[Segment]:
        """Return all sealed segments of a stream, oldest first."""
        return self._streams[stream].log.sealed()

    def token(self, segment: Segment) -> str:
        """Name a segment towards the store; no other content ever has the same token."""
        return self._streams[segment.stream].log.token(segment)

    def verify(self, segment: Segment) -> None:
        """Check a segment's bytes against their hashes if this process did not write them itself.

        Raises:
            OSError: The file cannot be read or repaired now.
        """
        size = segment.size_bytes
        self._streams[segment.stream].log.verify(segment)
        with self._lock:
            self._room.unapplied_bytes -= size - segment.size_bytes

    def mark_applied(self, segment: Segment, *, rejected_records: int = 0) -> None:
        """Remove a segment whose content the store has (or that went to the dead letters).

        Raises:
            OSError: It could not be noted; apply the segment again.
        """
        front = self._streams[segment.stream]
        front.log.mark_applied(segment)
        with self._lock:
            self._room.unapplied_bytes -= segment.size_bytes
            front.note_applied(segment, rejected_records)
            self._note_change()

    def wait_for_change(self, seen_version: int, timeout_seconds: float | None) -> int:
        """Sleep until there is news for the writer since `seen_version`; return the version for next time."""
        with self._lock:
            if self._version == seen_version:
                self._changed.wait(timeout_seconds)
            return self._version

    def wake(self) -> None:
        """Let `wait_for_change` return."""
        with self._lock:
            self._note_change()

    @property
    def quarantine(self) -> Path:
        """Directory of what could not be applied and is kept for people to look at."""
        return self._directory / "quarantine"

    def is_empty(self) -> bool:
        """Tell whether everything acknowledged has reached the store."""
        with self._lock:
            return all(front.is_idle and not front.log.depth().entries for front in self._streams.values())

    def stats(self) -> LogStats:
        """Measure the log; see `LogStats`."""
        now = self._clock.monotonic()
        with self._lock:
            return LogStats(
                streams={stream: front.stats(now) for stream, front in self._streams.items()},
                queued_bytes=self._room.queued_bytes,
                unapplied_bytes=self._room.unapplied_bytes,
                repeats_forgotten_early=sum(front.repeats.evicted for front in self._streams.values()),
                sync_p50_ms=self._sync_times.quantile_ms(0.5),
                sync_p99_ms=self._sync_times.quantile_ms(0.99),
                last_error=self._last_error,
            )

    # Inside.

    def _make_entry(
        self, stream: TelemetryType, project: str, body: bytes, record_count: int, door: str
    ) -> Entry:
        if len(project.encode()) > MAX_PROJECT_BYTES or len(door.encode()) > MAX_DOOR_BYTES:
            raise InvalidInput(
                f"The project name {project[:80]!r} or the door name {door[:80]!r} is too long.",
                hint=f"A project name has at most {MAX_PROJECT_BYTES} bytes.",
            )
        check_body(body)
        request_hash = hash_request(stream, project, body)
        return Entry(project, body, record_count, door, request_hash, self._clock.unix_nano())

    def _admit(
        self, stream: TelemetryType, entry: Entry, waiter: Waiter, *, ignore_limits: bool
    ) -> Ack | None:
        """Queue an entry or join its repeat on the way; return the Ack of a repeat that is durable."""
        front = self._streams[stream]
        with self._lock:
            if self._is_closed:
                raise Unavailable("The write-ahead log is closed: Pitwall is stopping.", code="wal.closed")
            known = front.join_repeat(entry.request_hash, waiter)
            if known is not None:
                return known if isinstance(known, Ack) else None
            if not ignore_limits:
                self._check_room(front, len(entry.body))
            pending = Pending(entry, self._clock.monotonic(), [waiter])
            front.add(pending)
            self._room.queued_bytes += len(entry.body)
            self._queue.append((front, pending))
            self._queue_filled.notify()
        return None

    def _check_room(self, front: StreamFront, size: int) -> None:
        try:
            self._room.check(size)
        except PitwallError:
            front.refuse(1)
            raise

    def _flush_forever(self) -> None:
        while self._wait_for_queue():
            self.flush()

    def _wait_for_queue(self) -> bool:
        with self._lock:
            while not self._queue and not self._is_closed:
                self._queue_filled.wait()
            return bool(self._queue)

    def _commit(self, front: StreamFront, group: Sequence[Pending]) -> None:
        """Write a group, cut where segments end; each part succeeds or fails by itself."""
        while group:
            count = front.log.fitting([pending.entry for pending in group])
            part, group = group[:count], group[count:]
            try:
                first = self._write(front, [pending.entry for pending in part], part[0].arrived_at)
            except OSError as error:
                self._fail(front, part, error)
            except Exception as error:  # noqa: BLE001 the flusher must outlive any mistake: later requests need it
                _log.exception("wal.write_failed", stream=front.log.stream.value)
                self._fail(front, part, error)
            else:
                settle((pending, Ack(first + at)) for at, pending in enumerate(part))

    def _write(self, front: StreamFront, entries: Sequence[Entry], arrived_at: float) -> int:
        try:
            written = front.log.write(entries, arrived_at)
        except OSError as error:
            if error.errno in _NO_SPACE:
                raise
            _log.warning("wal.write_repeated", stream=front.log.stream.value, error=str(error))
            written = front.log.write(entries, arrived_at)  # in a fresh segment
        with self._lock:
            front.note_written(entries)
            self._room.queued_bytes -= sum(len(entry.body) for entry in entries)
            self._room.unapplied_bytes += written.size_bytes
            self._sync_times.add(written.sync_seconds)
            if written.needs_writer:
                self._note_change()
        return written.first_position

    def _fail(self, front: StreamFront, part: Sequence[Pending], error: Exception) -> None:
        _log.error("wal.requests_refused", stream=front.log.stream.value, count=len(part), error=str(error))
        entries = [pending.entry for pending in part]
        with self._lock:
            front.note_failed(entries)
            self._room.queued_bytes -= sum(len(entry.body) for entry in entries)
            self._last_error = str(error)
        refusal = _refusal(self._directory, error)
        settle((pending, refusal) for pending in part)

    def _note_change(self) -> None:
        """Wake the writer; the caller holds the lock."""
        self._version += 1
        self._changed.notify_all()

    def _open_stream(self, stream: TelemetryType) -> StreamFront:
        log = StreamLog(
            self._directory,
            stream,
            clock=self._clock,
            files=self._files,
            horizon_seconds=self._options.retry_horizon_seconds,
            max_segment_bytes=self._options.max_segment_bytes,
            random_bits=self._random_bits,
        )
        return StreamFront(log, self._options, self._clock)


def _take_ownership(directory: Path) -> int:
    descriptor = lock_file(directory / "lock")
    if descriptor is None:
        raise Conflict(
            f"The write-ahead log in {directory} is open in another process.",
            code="wal.locked",
            hint="Stop the Pitwall that uses this data directory, or choose another one.",
        )
    return descriptor


def _refusal(directory: Path, error: Exception) -> Unavailable:
    if isinstance(error, OSError) and error.errno in _NO_SPACE:
        return disk_full(directory, os.strerror(error.errno))
    return Unavailable(
        f"Telemetry could not be written to {directory}: {error}.",
        code="wal.write_failed",
        hint="Send it again later; what was acknowledged is safe.",
        details={"retry_after_seconds": _RETRY_AFTER_DISK_ERROR_SECONDS},
    )
