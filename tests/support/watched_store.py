"""A state store, the doors and the signals over the shared telemetry store, as a server has them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pitwall.ingest.dead_letters.letter import encode_rejected_entry
from pitwall.ingest.mapping.stages import STAGES
from pitwall.ingest.masker import Masker
from pitwall.ingest.service import IngestService
from pitwall.kit.clock import SystemClock
from pitwall.signals.catalogue import core_pack, load_catalogue
from pitwall.signals.service import Signals
from pitwall.signals.watermark import Watermark
from pitwall.stores.state import Projects, StateStore
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.room import LogOptions
from pitwall.stores.telemetry.sink import EngineSink
from pitwall.stores.telemetry.stream_log import SealPolicy
from pitwall.stores.telemetry.wal import WriteAheadLog
from pitwall.stores.telemetry.writer import TelemetryWriter, WriterOptions


@dataclass
class WatchedStore:
    """What a feature of the server works with; what is asked of `signals` is what `drain` has brought in."""

    state: StateStore
    ingest: IngestService
    signals: Signals
    engine: TelemetryEngine
    project: str
    writer: TelemetryWriter

    def drain(self) -> None:
        """Wait until everything that was acknowledged can be queried."""
        assert self.writer.drain(30)


@contextmanager
def open_watched_store(directory: Path, engine: TelemetryEngine, project: str) -> Iterator[WatchedStore]:
    """Open all of it on a data directory, with the project in it."""
    clock = SystemClock()
    log = WriteAheadLog(directory / "wal", LogOptions(min_free_bytes=1 << 20))
    masker = Masker(text=lambda text: text, raw=lambda body: body)
    writer = TelemetryWriter(
        log,
        EngineSink(engine, STAGES),
        partial(encode_rejected_entry, masker=masker),
        options=WriterOptions(policy=SealPolicy(linger_seconds=0.01)),
    )
    state = StateStore.in_directory(directory).open()
    with state.session() as session:
        Projects(session).create(project, project, now=clock.now())
    log.start()
    writer.start()
    signals = Signals(engine, load_catalogue([core_pack()]), Watermark(clock, lambda: 0.0))
    try:
        ingest = IngestService(log, clock, masker=masker)
        yield WatchedStore(state, ingest, signals, engine, project, writer)
    finally:
        writer.stop()
        log.close()
        state.close()
