"""The thread that brings the write-ahead log to the store: oldest segment first, each exactly once."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import structlog

from pitwall.core.errors import Unavailable
from pitwall.core.vocabulary import TelemetryType
from pitwall.kit.clock import Clock, SystemClock
from pitwall.kit.threads import lower_priority
from pitwall.stores.telemetry.ahead import INSERT_NICENESS, AheadInserts
from pitwall.stores.telemetry.engine import SegmentRejected
from pitwall.stores.telemetry.salvage import DeadLetterEncoder, Salvage, StageSink
from pitwall.stores.telemetry.segments import Segment
from pitwall.stores.telemetry.stream_log import SealPolicy
from pitwall.stores.telemetry.wal import WriteAheadLog

_log = structlog.get_logger(__name__)

_SEAL_NOW = SealPolicy(linger_seconds=0.0, busy_linger_seconds=0.0)

# An insert has a fixed price: the engine analyses all views anew. Under a trickle of requests that would be
# all the work there is, so small segments wait a multiple of it, but data is visible within a second.
_LINGER_PER_INSERT_SECOND = 4.0
_MAX_LINGER_SECONDS = 0.5
_SMALL_SEGMENT_BYTES = 1 << 20

OnApplied = Callable[[TelemetryType, int, Segment], None]
"""Called on the writer's thread after a segment is in the store: stream, last position, segment."""


@dataclass(frozen=True, slots=True)
class WriterOptions:
    """How the writer takes segments and waits for a store that does not answer.

    Attributes:
        parallel_inserts: How many segments of a stream with a backlog are inserted at once.
    """

    policy: SealPolicy = field(default_factory=SealPolicy)
    parallel_inserts: int = 1
    first_retry_seconds: float = 0.1
    max_retry_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class WriterStats:
    """Totals since the start; an error of a stream goes away with its next success."""

    applied_segments: int
    failed_attempts: int
    refused_segments: int
    failed_callbacks: int
    errors: dict[TelemetryType, str]


@dataclass(slots=True)
class _Progress:
    """A stream's attempts."""

    failures: int = 0
    retry_at: float = float("-inf")
    error: str | None = None


class TelemetryWriter:
    """Applies sealed segments; streams take turns, and within a stream order is kept.

    Args:
        log: The log to empty.
        sink: The store.
        encode_dead_letter: See `salvage.DeadLetterEncoder`.
        options: Timing.
        clock: Time.
        on_applied: Told about each applied segment; its failures are logged and counted, nothing more.
        jitter: Spreads retries.
    """

    def __init__(
        self,
        log: WriteAheadLog,
        sink: StageSink,
        encode_dead_letter: DeadLetterEncoder,
        *,
        options: WriterOptions | None = None,
        clock: Clock | None = None,
        on_applied: OnApplied | None = None,
        jitter: random.Random | None = None,
    ) -> None:
        self._log = log
        self._sink = sink
        self._salvage = Salvage(log, sink, encode_dead_letter)
        self._options = options or WriterOptions()
        self._ahead = AheadInserts(self._insert, limit=self._options.parallel_inserts)
        self._clock = clock or SystemClock()
        self._on_applied = on_applied
        self._jitter = jitter or random.Random()
        self._turns = list(TelemetryType)
        self._progress = {stream: _Progress() for stream in TelemetryType}
        self._applied = self._failed = self._refused = self._failed_callbacks = 0
        self._small_insert_seconds = 0.0
        self._is_draining = self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="pitwall-telemetry-writer", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout_seconds: float = 10.0) -> bool:
        """Finish the segment at hand and stop; what is not applied stays in the log for the next start.

        Returns:
            False if the store held the thread longer than that; it ends by itself when the store answers.
        """
        self._is_stopping = True
        self._log.wake()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)
        return not self._thread.is_alive()

    def drain(self, timeout_seconds: float) -> bool:
        """Bring everything acknowledged so far to the store without waiting for segments to fill.

        Returns:
            True if the log is empty, False if time ran out first.
        """
        deadline = self._clock.monotonic() + timeout_seconds
        self._is_draining = True
        self._log.wake()
        try:
            version = -1
            while not self._log.is_empty():
                left = deadline - self._clock.monotonic()
                if left <= 0:
                    return False
                version = self._log.wait_for_change(version, left)
            return True
        finally:
            self._is_draining = False

    def stats(self) -> WriterStats:
        """Return the totals."""
        errors = {stream: at.error for stream, at in self._progress.items() if at.error is not None}
        return WriterStats(self._applied, self._failed, self._refused, self._failed_callbacks, errors)

    def step(self) -> float | None:
        """Apply at most one segment.

        Returns:
            Seconds until the next one may be due: 0 if there may be one now, None if nothing is waiting.
        """
        wait = self._log.seal_due(_SEAL_NOW if self._is_draining else self._policy())
        now = self._clock.monotonic()
        for stream in list(self._turns):
            segment = self._log.next_sealed(stream)
            if segment is None:
                continue
            left = self._progress[stream].retry_at - now
            if left > 0:
                wait = left if wait is None else min(wait, left)
                continue
            self._turns.remove(stream)
            self._turns.append(stream)
            self._attempt(segment)
            return 0.0
        return wait

    def _run(self) -> None:
        lower_priority(INSERT_NICENESS)
        version, wait = -1, None
        while not self._is_stopping:
            version = self._log.wait_for_change(version, wait)
            wait = self.step()
        self._ahead.wait()

    def _policy(self) -> SealPolicy:
        """Stretch the configured linger to what an insert costs here and now."""
        policy = self._options.policy
        stretched = min(_MAX_LINGER_SECONDS, _LINGER_PER_INSERT_SECOND * self._small_insert_seconds)
        return replace(
            policy,
            linger_seconds=max(policy.linger_seconds, stretched),
            busy_linger_seconds=max(policy.busy_linger_seconds, stretched),
        )

    def _note_cost(self, segment: Segment, seconds: float) -> None:
        if segment.size_bytes <= _SMALL_SEGMENT_BYTES:
            self._small_insert_seconds += 0.3 * (seconds - self._small_insert_seconds)

    def _attempt(self, segment: Segment) -> None:
        try:
            self._apply(segment)
        except (Unavailable, OSError) as error:
            self._back_off(segment, error)
        except Exception as error:  # noqa: BLE001 a mistake in the store's client must not end this thread
            _log.exception("telemetry_writer.failed", stream=segment.stream.value, segment=segment.path.name)
            self._back_off(segment, error)
        else:
            self._progress[segment.stream] = _Progress()
            self._applied += 1
            self._report(segment)

    def _apply(self, segment: Segment) -> None:
        self._log.verify(segment)
        rejected = self._store(segment) if segment.entry_count else 0
        self._log.mark_applied(segment, rejected_records=rejected)
        self._salvage.finish(segment)

    def _store(self, segment: Segment) -> int:
        if not self._salvage.is_begun(segment):
            try:
                self._insert_with_followers(segment)
                return 0
            except SegmentRejected as error:
                self._refused += 1
                _log.warning("telemetry_writer.segment_refused", segment=segment.path.name, error=str(error))
        return self._salvage.run(segment)

    def _insert_with_followers(self, segment: Segment) -> None:
        """Insert a segment unless that was done ahead, and meanwhile those that wait behind it."""
        for follower in self._log.sealed(segment.stream)[1:]:
            if not self._ahead.has_room(segment):
                break
            if not self._ahead.is_begun(follower) and self._may_go_ahead(follower):
                self._ahead.begin(follower)
        if self._ahead.was_stored(segment):
            return
        begun = self._clock.monotonic()
        self._insert(segment)
        self._note_cost(segment, self._clock.monotonic() - begun)

    def _may_go_ahead(self, segment: Segment) -> bool:
        """Only what is known to be whole: anything unusual waits for its turn."""
        is_whole = segment.is_verified and not segment.has_failed_tail
        return is_whole and bool(segment.entry_count) and not self._salvage.is_begun(segment)

    def _insert(self, segment: Segment) -> None:
        self._sink.insert_segment(segment.stream, segment.path, self._log.token(segment))

    def _back_off(self, segment: Segment, error: Exception) -> None:
        progress = self._progress[segment.stream]
        pause = min(
            self._options.max_retry_seconds, self._options.first_retry_seconds * 2.0**progress.failures
        )
        pause *= 1 - 0.5 * self._jitter.random()
        progress.failures = min(progress.failures + 1, 30)
        progress.retry_at = self._clock.monotonic() + pause
        progress.error = str(error)
        self._failed += 1
        _log.warning(
            "telemetry_writer.store_unavailable",
            stream=segment.stream.value,
            segment=segment.path.name,
            attempt=progress.failures,
            retry_in_seconds=round(pause, 3),
            error=str(error),
        )

    def _report(self, segment: Segment) -> None:
        if self._on_applied is None:
            return
        try:
            self._on_applied(segment.stream, segment.last_position, segment)
        except Exception:  # noqa: BLE001 someone else's code
            self._failed_callbacks += 1
            _log.exception("telemetry_writer.callback_failed", stream=segment.stream.value)
