"""From finished spans to the server and the files: one background thread with bounded memory."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pitwall.sdk import names
from pitwall.sdk.config import ClientConfig
from pitwall.sdk.counting import counters
from pitwall.sdk.jsonl import TraceFiles
from pitwall.sdk.otlp import (
    LogEvent,
    Point,
    SpanEncoder,
    encode_resource,
    logs_request,
    metrics_request,
    rejected_count,
    traces_request,
)
from pitwall.sdk.progress import requests_in_progress
from pitwall.sdk.queueing import EXPORT_FAILED, QUEUE_FULL, REJECTED, BoundedQueue, Tally
from pitwall.sdk.span import RecordingSpan, Scope
from pitwall.sdk.transport import Delivery, HttpTransport

_log = logging.getLogger("pitwall.sdk")
_MAX_QUEUED_SCORES = 8_192
_MAX_QUEUED_SCORE_BYTES = 16 << 20
_TOO_LARGE = 413
_NO_SERVER = "this client writes trace files only, and they have no place for scores"
_SCORES_HINT = "give init() an endpoint, or set PITWALL_ENDPOINT"
# The encoder gives the interpreter lock away after this many spans: at full load the application's threads
# then wake up 0.2 ms late at the 90th percentile, without it 2 ms.
_SPANS_PER_SLICE = 16
_SLICE_PAUSE_SECONDS = 0.00005


@dataclass(frozen=True, slots=True)
class QueuedScore:
    """A score on its way to the server."""

    event: LogEvent
    size: int


@dataclass(frozen=True, slots=True)
class Fate:
    """How many of a batch were taken by the server and how many it refused; the rest failed."""

    exported: int = 0
    rejected: int = 0

    def __add__(self, other: Fate) -> Fate:
        return Fate(self.exported + other.exported, self.rejected + other.rejected)


class Pipeline:
    """Queues, the thread that empties them, and where it sends what it finds.

    Args:
        config: What to send where, and the limits.
        resource: Attributes of this process.
        scope: Names the SDK in metrics and logs.
    """

    def __init__(self, config: ClientConfig, resource: dict[str, Any], scope: Scope) -> None:
        limits = config.limits
        self._limits = limits
        self._scope = scope
        self._resource = encode_resource(resource)
        self._spans: BoundedQueue[RecordingSpan] = BoundedQueue(
            limits.max_queue_spans, limits.max_queue_bytes
        )
        self._scores: BoundedQueue[QueuedScore] = BoundedQueue(_MAX_QUEUED_SCORES, _MAX_QUEUED_SCORE_BYTES)
        self._capture_content = config.capture_content
        self._encoder = SpanEncoder()
        self._transport = _make_transport(config)
        self._files = _make_files(config)
        self._started_at = time.time_ns()
        self._counted_before = counters.sums()
        self._started_monotonic = time.monotonic()
        self._next_metrics_at = self._started_monotonic + limits.metrics_interval_seconds
        self._metrics_asked = 0
        self._metrics_sent = 0
        self._drops_logged = 0
        self._has_refused_scores = False
        self._wake = threading.Event()
        self._progress = threading.Condition()
        self._stop_at: float | None = None
        self._thread: threading.Thread | None = None
        self._start_lock = threading.Lock()

    # -- the application's side: never blocks, never raises
    # --------------------------------------------------------

    def offer(self, span: RecordingSpan) -> None:
        """Queue a finished span, or count it as dropped."""
        self._spans.offer(span)
        if self._thread is None:
            self.start()

    def offer_score(self, event: LogEvent) -> bool:
        """Queue a score, or count it as dropped; False when it is not queued, as without a server."""
        if self._transport is None:
            self._refuse_scores()
            return False
        size = 256 + sum(len(value) for value in event.attributes.values() if isinstance(value, str))
        is_queued = self._scores.offer(QueuedScore(event, size))
        if self._thread is None:
            self.start()
        return is_queued

    def _refuse_scores(self) -> None:
        if not self._has_refused_scores:
            self._has_refused_scores = True
            _log.warning("sdk.scores_not_sent reason=%r hint=%r", _NO_SERVER, _SCORES_HINT)

    def start(self) -> None:
        """Start the thread once; at the interpreter's end none can start, which is logged."""
        with self._start_lock:
            if self._thread is not None:
                return
            thread = threading.Thread(target=self._run, name="pitwall-exporter", daemon=True)
            try:
                thread.start()
            except RuntimeError as error:
                _log.warning("sdk.thread_not_started error=%s", error)
                return
            self._thread = thread

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """OpenTelemetry's name for `flush`."""
        return self.flush(timeout_millis / 1000)

    def flush(self, timeout_seconds: float) -> bool:
        """Wait until all offered so far is settled and the counters are sent; False when time ran out."""
        deadline = time.monotonic() + timeout_seconds
        spans, scores = self._spans.accepted, self._scores.accepted
        self._metrics_asked += 1
        asked = self._metrics_asked
        self.start()
        self._wake.set()

        def done() -> bool:
            behind = self._spans.settled < spans or self._scores.settled < scores
            return not behind and self._metrics_sent >= asked

        with self._progress:
            return self._progress.wait_for(done, max(deadline - time.monotonic(), 0.0))

    def shutdown(self, timeout_seconds: float) -> bool:
        """Send what is queued within the time limit and end the thread; False when spans are left."""
        self._stop_at = time.monotonic() + timeout_seconds
        if self._transport is not None:
            self._transport.stop_by(self._stop_at)
        self.start()
        self._wake.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout_seconds)
        left = self._spans.accepted - self._spans.settled
        if left:
            _log.warning("sdk.spans_lost count=%d", left)
        return left == 0

    def abandon(self) -> None:
        """Let go of files and sockets after a fork; the parent goes on using its own."""
        if self._transport is not None:
            self._transport.close()
        if self._files is not None:
            self._files.close()

    def tally(self) -> Tally:
        """The bookkeeping of spans."""
        return self._spans.tally()

    def score_tally(self) -> Tally:
        """The bookkeeping of scores."""
        return self._scores.tally()

    # -- the exporter's thread
    # -------------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            try:
                busy = self._round()
            except Exception:  # noqa: BLE001  # the thread must live on
                _log.exception("sdk.exporter_failed")
                busy = False
            if busy:
                continue
            if self._stop_at is not None:
                break
            self._wake.wait(self._limits.linger_seconds)
            self._wake.clear()
        self.abandon()

    def _round(self) -> bool:
        """Send one batch of each kind; False when there was nothing to send."""
        limits = self._limits
        spans = self._spans.take(limits.max_batch_spans, limits.max_batch_bytes)
        scores = self._scores.take(limits.max_batch_spans, limits.max_batch_bytes)
        if spans:
            self._book(self._spans, len(spans), lambda: self._export_spans(spans))
        if scores:
            self._book(self._scores, len(scores), lambda: self._export_scores(scores))
        self._send_metrics_when_due(idle=not spans and not scores)
        with self._progress:
            self._progress.notify_all()
        return bool(spans or scores)

    def _book(self, queue: BoundedQueue[Any], count: int, export: Callable[[], Fate]) -> None:
        """Run one export and account for all of its `count` items, whatever happens."""
        fate = Fate()
        if self._stop_at is None or time.monotonic() < self._stop_at:
            try:
                fate = export()
            except Exception:  # noqa: BLE001  # counted as failed below
                _log.exception("sdk.export_failed")
        queue.settle(fate.exported, fate.rejected, REJECTED)
        queue.settle(0, count - fate.exported - fate.rejected, EXPORT_FAILED)

    def _export_spans(self, spans: Sequence[RecordingSpan]) -> Fate:
        if not self._capture_content:
            for span in spans:
                span.strip_content()
        lost = self._files.write_spans(spans) if self._files is not None else 0
        if self._transport is None:
            return Fate(exported=len(spans) - lost)
        return self._send_spans(self._encode(spans))

    def _encode(self, spans: Sequence[RecordingSpan]) -> list[tuple[Scope, bytes]]:
        encoded: list[tuple[Scope, bytes]] = []
        for index, span in enumerate(spans, 1):
            try:
                encoded.append((span.scope, self._encoder.encode(span)))
            except Exception:  # noqa: BLE001  # one odd span must not cost the batch
                _log.exception("sdk.span_not_encodable name=%r", span.name)
            if index % _SPANS_PER_SLICE == 0:
                time.sleep(_SLICE_PAUSE_SECONDS)
        return encoded

    def _send_spans(self, spans: list[tuple[Scope, bytes]]) -> Fate:
        if not spans or self._transport is None:
            return Fate()
        outcome = self._transport.deliver("/v1/traces", traces_request(self._resource, spans))
        if outcome.delivery is Delivery.ACCEPTED:
            return _fate(len(spans), outcome.body)
        if outcome.status == _TOO_LARGE and len(spans) > 1:
            middle = len(spans) // 2
            return self._send_spans(spans[:middle]) + self._send_spans(spans[middle:])
        return Fate()

    def _export_scores(self, scores: Sequence[QueuedScore]) -> Fate:
        if self._transport is None:
            return Fate()
        body = logs_request(self._resource, self._scope, [score.event for score in scores])
        outcome = self._transport.deliver("/v1/logs", body)
        return _fate(len(scores), outcome.body) if outcome.delivery is Delivery.ACCEPTED else Fate()

    def _send_metrics_when_due(self, *, idle: bool) -> None:
        """Send the counters every interval, and when a flush or the end has emptied the queues.

        Without a server there is nobody to send them to: the log has what was lost.
        """
        asked = self._metrics_asked
        wanted = idle and (asked > self._metrics_sent or self._stop_at is not None)
        if not wanted and time.monotonic() < self._next_metrics_at:
            return
        self._next_metrics_at = time.monotonic() + self._limits.metrics_interval_seconds
        if self._transport is not None:
            body = metrics_request(self._resource, self._scope, self._points(), time.time_ns())
            self._transport.deliver("/v1/metrics", body, retry=False)
        else:
            self._log_drops()
        if idle:
            self._metrics_sent = asked

    def _log_drops(self) -> None:
        """Tell of new drops in the log, where there is no server to count them."""
        tally = self._spans.tally()
        if tally.dropped_total > self._drops_logged:
            self._drops_logged = tally.dropped_total
            _log.warning("sdk.spans_dropped total=%d reasons=%s", tally.dropped_total, tally.dropped)

    def _points(self) -> list[Point]:
        since = self._started_at
        points = [
            Point(names.METRIC_UPTIME, "s", time.monotonic() - self._started_monotonic),
            Point(names.METRIC_IN_PROGRESS, "{request}", requests_in_progress.count),
        ]
        pairs = (
            (self._spans.tally(), names.METRIC_SPANS_EXPORTED, names.METRIC_SPANS_DROPPED, "{span}"),
            (self._scores.tally(), names.METRIC_SCORES_EXPORTED, names.METRIC_SCORES_DROPPED, "{score}"),
        )
        for tally, exported, dropped, unit in pairs:
            points.append(Point(exported, unit, tally.exported, since))
            points.extend(
                Point(dropped, unit, tally.dropped.get(reason, 0), since, {names.DROP_REASON: reason})
                for reason in (QUEUE_FULL, EXPORT_FAILED, REJECTED)
            )
        counted = counters.sums() - self._counted_before
        points.extend(
            Point(series.name, series.unit, count, since, dict(series.attributes))
            for series, count in counted.items()
        )
        return points


def _fate(count: int, answer: bytes) -> Fate:
    rejected = min(rejected_count(answer), count)
    return Fate(count - rejected, rejected)


def _make_transport(config: ClientConfig) -> HttpTransport | None:
    if config.endpoint is None:
        return None
    return HttpTransport(
        config.endpoint,
        dict(config.headers),
        timeout_seconds=config.limits.timeout_seconds,
        retry_seconds=config.limits.retry_seconds,
        compress=config.compress,
    )


def _make_files(config: ClientConfig) -> TraceFiles | None:
    if config.trace_dir is None:
        return None
    return TraceFiles(config.trace_dir, config.limits.jsonl_max_bytes, config.limits.jsonl_keep_files)
