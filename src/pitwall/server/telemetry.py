"""The telemetry side of a server: the store, the write-ahead log, and what moves data between them."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from functools import partial
from pathlib import Path

import structlog

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.dead_letters.letter import encode_rejected_entry
from pitwall.ingest.mapping.masking import mask_bytes, mask_text
from pitwall.ingest.mapping.stages import STAGES
from pitwall.ingest.mapping.views import install
from pitwall.ingest.masker import Masker
from pitwall.kit.clock import Clock
from pitwall.kit.gate import Gate
from pitwall.server.lifecycle import Mode
from pitwall.settings import Settings
from pitwall.settings.fields import MaskingMode
from pitwall.settings.store_groups import RetentionSettings
from pitwall.stores.telemetry.clickhouse import EmbeddedEngine, RemoteEngine
from pitwall.stores.telemetry.engine import StoreUnavailable, TelemetryEngine
from pitwall.stores.telemetry.migrate import migrate
from pitwall.stores.telemetry.rebuild import RollupsDiffer, SpanRebuild
from pitwall.stores.telemetry.retention import apply_retention
from pitwall.stores.telemetry.room import LogOptions
from pitwall.stores.telemetry.salvage import Landing
from pitwall.stores.telemetry.sink import EngineSink
from pitwall.stores.telemetry.stream_log import SealPolicy
from pitwall.stores.telemetry.wal import WriteAheadLog
from pitwall.stores.telemetry.writer import TelemetryWriter, WriterOptions

log = structlog.get_logger(__name__)

_PROBE_SECONDS = 5.0
# Of a remote store: an insert or a change of the schema may take this long however short queries must be, and
# the server says itself that a query took too long.
_ANSWER_SECONDS = 30.0
_GRACE_SECONDS = 5.0
_PARALLEL_INSERTS = 2


class TelemetryStore:
    """Opens the engine, brings its schema up to date, and takes segments from the writer.

    An embedded store must open, or the server does not start. A remote one that does not answer is waited
    for: the doors stay open, the log is the buffer, the schema is checked before the first segment goes in.
    """

    name = "telemetry_store"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.engine = _make_engine(settings)
        self._sink = EngineSink(self.engine, STAGES)
        self.writes = Gate()
        """Segments go in together; whoever replaces stored rows passes alone."""
        self._lock = threading.Lock()
        self._is_prepared = False
        self._opening: Future[None] | None = None

    def begin(self) -> None:
        """Begin to open the store on a thread of its own; `start` waits for it."""
        opening: Future[None] = Future()

        def run() -> None:
            try:
                self._open()
            except BaseException as error:  # noqa: BLE001 - `start` raises it
                opening.set_exception(error)
            else:
                opening.set_result(None)

        self._opening = opening
        threading.Thread(target=run, name="pitwall-telemetry-store", daemon=True).start()

    def start(self) -> None:
        """Wait until the store is open and prepared."""
        if self._opening is None:
            self._open()
        else:
            self._opening.result()

    def _open(self) -> None:
        if isinstance(self.engine, EmbeddedEngine):
            self.engine.open()
        try:
            self._prepare()
        except StoreUnavailable as error:
            if isinstance(self.engine, EmbeddedEngine):
                raise
            log.warning("telemetry_store.unavailable", error=str(error))

    def stop(self, timeout_seconds: float) -> None:
        """Close every connection, once a beginning is over.

        Raises:
            TimeoutError: It still opens.
        """
        if self._opening is not None:
            self._opening.exception(timeout_seconds)
        self.engine.close()

    def check(self) -> None:
        """Raise if the store does not answer; a health check."""
        self._prepare()
        self.engine.query("SELECT 1", settings={"max_execution_time": _PROBE_SECONDS})

    def insert_segment(self, stream: TelemetryType, path: Path, token: str) -> None:
        """See `EngineSink.insert_segment`."""
        self._prepare()
        with self.writes.together():
            self._sink.insert_segment(stream, path, token)

    def landing(self, stream: TelemetryType, first_position: int, last_position: int) -> Landing:
        """See `EngineSink.landing`."""
        return self._sink.landing(stream, first_position, last_position)

    def _prepare(self) -> None:
        """Bring schema, mapping and retention to what this version wants, once, before any insert."""
        with self._lock:
            if self._is_prepared:
                return
            days = _retention_days(self._settings.telemetry_store.retention)
            for migration in migrate(self.engine, days):
                log.info("telemetry_store.migrated", migration=migration.name)
            changed = apply_retention(self.engine, days)
            version = install(
                self.engine,
                masking=masking_groups(self._settings),
                price_file=self._settings.prices.file,
            )
            _finish_rebuild(self.engine)
            log.debug("telemetry_store.prepared", mapping_version=version, retention_changed=changed)
            self._is_prepared = True


class TelemetryLog:
    """Runs the write-ahead log and the writer that empties it into the store."""

    name = "telemetry_log"

    def __init__(self, settings: Settings, store: TelemetryStore, clock: Clock, mode: Mode) -> None:
        ingest = settings.ingest
        self.log = WriteAheadLog(
            settings.wal_path,
            LogOptions(
                max_unapplied_bytes=ingest.log_max_bytes,
                retry_horizon_seconds=ingest.retry_horizon_seconds,
            ),
            clock=clock,
        )
        self.writer = TelemetryWriter(
            self.log,
            store,
            partial(encode_rejected_entry, masker=make_masker(settings)),
            options=WriterOptions(
                policy=SealPolicy(linger_seconds=ingest.linger_ms / 1000), parallel_inserts=_PARALLEL_INSERTS
            ),
            clock=clock,
        )
        self._drains_whole = mode is Mode.OFFLINE

    def start(self) -> None:
        """Take requests, and go on with what a killed process left."""
        self.log.start()
        self.writer.start()

    def stop(self, timeout_seconds: float) -> None:
        """Bring the log to the store as far as time allows; the rest is applied at the next start."""
        self.writer.drain(timeout_seconds * (0.9 if self._drains_whole else 0.5))
        self.writer.stop(timeout_seconds * 0.4)
        self.log.close()

    def lag_seconds(self) -> float:
        """Age of the oldest acknowledged entry that is not queryable yet; 0 when there is none."""
        return self.log.stats().ingest_lag_seconds


def _finish_rebuild(engine: TelemetryEngine) -> None:
    """Carry out what a killed process had decided about stored spans."""
    try:
        SpanRebuild(engine).recover()
    except RollupsDiffer as error:
        log.warning("telemetry_store.rollups_differ", error=str(error))


def make_masker(settings: Settings) -> Masker:
    """Build what hides secrets in dead letters, by the same rules as in the store."""
    groups = masking_groups(settings)
    return Masker(partial(mask_text, groups=groups), partial(mask_bytes, groups=groups))


def masking_groups(settings: Settings) -> tuple[str, ...]:
    """The groups of masking rules in force."""
    if settings.masking.mode is MaskingMode.OFF:
        return ()
    return tuple(rule.value for rule in settings.masking.rules)


def _make_engine(settings: Settings) -> TelemetryEngine:
    store = settings.telemetry_store
    if store.is_embedded:
        return EmbeddedEngine(
            settings.telemetry_path,
            memory_limit_bytes=store.max_memory_bytes,
            max_query_seconds=store.max_query_seconds,
        )
    return RemoteEngine(
        store.connection_url(),
        cluster=store.cluster,
        timeout_seconds=max(_ANSWER_SECONDS, store.max_query_seconds + _GRACE_SECONDS),
        max_query_seconds=store.max_query_seconds,
    )


def _retention_days(retention: RetentionSettings) -> dict[str, int]:
    return {
        "spans": retention.spans_days,
        "payloads": retention.payloads_days,
        "points": retention.points_days,
        "logs": retention.logs_days,
        "scores": retention.scores_days,
        "minute_rollups": retention.rollups_minute_days,
        "hour_rollups": retention.rollups_hour_days,
        "dead_letters": retention.dead_letters_days,
    }
