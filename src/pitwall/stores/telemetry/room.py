"""Whether the write-ahead log has room for one more request: its own bounds and the disk's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pitwall.core.errors import LimitExceeded, Unavailable
from pitwall.kit.clock import Clock
from pitwall.stores.telemetry.files import Files

_MIB = 1 << 20
_CHECK_DISK_EVERY_SECONDS = 0.25
_RETRY_AFTER_LIMIT_SECONDS = 2
_RETRY_AFTER_DISK_SECONDS = 10


@dataclass(frozen=True, slots=True)
class LogOptions:
    """Bounds of the write-ahead log.

    Attributes:
        max_segment_bytes: A segment that reached this size is handed to the store.
        max_unapplied_bytes: What may wait for the store, all streams together; above it requests are refused
            (429).
        max_queued_bytes: What may wait in memory for the disk.
        min_free_bytes: Free space below which requests are refused (503), so that the store can still write
            and merge.
        retry_horizon_seconds: How long a repeated request is recognised.
        max_remembered_requests: Bound of that memory per stream, about 110 bytes each; beyond it the oldest
            are forgotten early.
    """

    max_segment_bytes: int = 40 * _MIB
    max_unapplied_bytes: int = 2048 * _MIB
    max_queued_bytes: int = 128 * _MIB
    min_free_bytes: int = 256 * _MIB
    retry_horizon_seconds: float = 600.0
    max_remembered_requests: int = 250_000


class Room:
    """Keeps count of what the log holds; the caller serialises all calls.

    Attributes:
        queued_bytes: Bodies in memory on their way to the disk.
        unapplied_bytes: In segments the store has not confirmed.
    """

    def __init__(self, directory: Path, options: LogOptions, *, clock: Clock, files: Files) -> None:
        self._directory = directory
        self._options = options
        self._clock = clock
        self._files = files
        self._checked_at = float("-inf")
        self._free_bytes = 0
        self.queued_bytes = 0
        self.unapplied_bytes = 0

    def check(self, size: int) -> None:
        """Refuse a request of `size` bytes that does not fit; one that finds the log empty always fits.

        Raises:
            LimitExceeded: The log is full, or the disk does not keep up.
            Unavailable: The file system is nearly full.
        """
        waiting = self.unapplied_bytes + self.queued_bytes
        if waiting and waiting + size > self._options.max_unapplied_bytes:
            raise _log_full(waiting, self._options.max_unapplied_bytes)
        if self.queued_bytes and self.queued_bytes + size > self._options.max_queued_bytes:
            raise _queue_full(self.queued_bytes, self._options.max_queued_bytes)
        free_bytes = self._free()
        if free_bytes < self._options.min_free_bytes + size:
            raise disk_full(self._directory, f"{free_bytes // _MIB} MiB are free")

    def _free(self) -> int:
        now = self._clock.monotonic()
        if now - self._checked_at >= _CHECK_DISK_EVERY_SECONDS:
            self._checked_at = now
            self._free_bytes = self._files.free_bytes(self._directory)
        return self._free_bytes


def disk_full(directory: Path, reason: str) -> Unavailable:
    """Build the error for a file system without room."""
    return Unavailable(
        f"There is no room for telemetry in {directory}: {reason}.",
        code="wal.disk_full",
        hint="Free space on that file system; what was acknowledged is safe.",
        details={"retry_after_seconds": _RETRY_AFTER_DISK_SECONDS},
    )


def _log_full(waiting: int, limit: int) -> LimitExceeded:
    return LimitExceeded(
        f"{waiting // _MIB} MiB of telemetry wait for the store, the limit is {limit // _MIB} MiB.",
        code="wal.full",
        hint="Send it again later; if this lasts, the store is down or too slow (see `pitwall status`).",
        details={"retry_after_seconds": _RETRY_AFTER_LIMIT_SECONDS},
    )


def _queue_full(queued: int, limit: int) -> LimitExceeded:
    return LimitExceeded(
        f"{queued // _MIB} MiB of telemetry wait for the disk, the limit is {limit // _MIB} MiB.",
        code="wal.disk_slow",
        hint="Send it again later.",
        details={"retry_after_seconds": _RETRY_AFTER_LIMIT_SECONDS},
    )
