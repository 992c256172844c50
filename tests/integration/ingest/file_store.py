"""File ingest over a real state store, write-ahead log and telemetry store, as in a server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from pitwall.ingest.dead_letters.letter import encode_rejected_entry
from pitwall.ingest.files.contents import open_content
from pitwall.ingest.files.importer import FileImport, ImportOptions, Progress
from pitwall.ingest.files.local import LocalSink
from pitwall.ingest.files.repository import StoredRecords
from pitwall.ingest.files.service import FileIngest, FileIngestParts
from pitwall.ingest.files.types import Reader
from pitwall.ingest.mapping.stages import STAGES
from pitwall.ingest.masker import Masker
from pitwall.ingest.service import IngestService
from pitwall.kit.clock import SystemClock
from pitwall.stores.state import StateStore
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.room import LogOptions
from pitwall.stores.telemetry.sink import EngineSink
from pitwall.stores.telemetry.stream_log import SealPolicy
from pitwall.stores.telemetry.wal import WriteAheadLog
from pitwall.stores.telemetry.writer import TelemetryWriter, WriterOptions

JSONL = Reader("jsonl")
_MIB = 1 << 20


class FileStore:
    """A store that takes files; what is asked of it is what is queryable."""

    def __init__(
        self,
        files: FileIngest,
        state: StateStore,
        engine: TelemetryEngine,
        writer: TelemetryWriter,
        project: str,
    ) -> None:
        self.files = files
        self.state = state
        self.project = project
        self.sink = LocalSink(files, project)
        self._engine = engine
        self._writer = writer

    def import_file(self, path: Path, reader: Reader = JSONL, **options: Any) -> Progress:
        """Import a file to its present end, as the command does."""
        content = open_content(path)
        file = FileImport(path, content, self.sink, ImportOptions(reader, **options))
        try:
            file.advance(is_final=True)
        finally:
            file.close()
        return file.progress

    def query(self, columns: str, table: str = "spans", rest: str = "") -> list[tuple[Any, ...]]:
        """Return rows of the project once everything that was acknowledged is in."""
        assert self._writer.drain(30)
        sql = f"SELECT {columns} FROM {table} WHERE project = {{project:String}} {rest}"
        return self._engine.query(sql, {"project": self.project}).rows

    def count(self, table: str = "spans") -> int:
        """Count rows of the project."""
        return int(self.query("count()", table)[0][0])

    def request_ids(self) -> list[str]:
        """Return the request id of every span, sorted; a span that is there twice shows."""
        return [request_id for (request_id,) in self.query("request_id", rest="ORDER BY request_id")]


@contextmanager
def open_file_store(directory: Path, engine: TelemetryEngine, project: str) -> Iterator[FileStore]:
    """Open a store on a data directory; closing and opening it again is a restart."""
    clock = SystemClock()
    # A horizon of 0: no repeat is recognised by its bytes, so that exactness does not lean on that.
    log = WriteAheadLog(directory / "wal", LogOptions(min_free_bytes=_MIB, retry_horizon_seconds=0.0))
    masker = Masker(text=lambda text: text, raw=lambda body: body)
    policy = SealPolicy(linger_seconds=0.01)
    writer = TelemetryWriter(
        log,
        EngineSink(engine, STAGES),
        partial(encode_rejected_entry, masker=masker),
        options=WriterOptions(policy=policy),
    )
    state = StateStore.in_directory(directory).open()
    log.start()
    writer.start()

    def lag_seconds() -> float:
        return max(stream.oldest_unapplied_age_seconds for stream in log.stats().streams.values())

    parts = FileIngestParts(
        state=state,
        log=log,
        ingest=IngestService(log, clock, masker=masker),
        stored=StoredRecords(engine),
        lag_seconds=lag_seconds,
        masker=masker,
        clock=clock,
    )
    try:
        yield FileStore(FileIngest(parts), state, engine, writer, project)
    finally:
        writer.stop()
        log.close()
        state.close()


def write_calls(path: Path, numbers: Sequence[int], *, mode: str = "ab") -> None:
    """Write `llm.call` lines; the request id is the number."""
    with path.open(mode) as file:
        file.writelines(call_line(number) for number in numbers)


def call_line(number: int) -> bytes:
    """Return the line of one call."""
    return (
        f'{{"ts": "2026-11-20T09:{number // 60 % 60:02d}:{number % 60:02d}Z", "event": "llm.call", '
        f'"model": "m", "provider": "p", "success": true, "latency_ms": {number % 977}, "prompt_tokens": 10, '
        f'"completion_tokens": 5, "error": null, "interaction_id": "r-{number:06d}"}}\n'
    ).encode()


def ids(numbers: Sequence[int]) -> list[str]:
    """Return the request ids of calls, sorted."""
    return sorted(f"r-{number:06d}" for number in numbers)
