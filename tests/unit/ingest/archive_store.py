"""An archive over a directory of trace files; imports are noted, no telemetry store is needed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pitwall.ingest.archive.service import Archive, ArchiveParts
from pitwall.ingest.archive.types import RunOutcome
from pitwall.ingest.files.contents import open_content
from pitwall.ingest.files.importer import FileImport, ImportOptions
from pitwall.ingest.files.types import Chunk, KnownSource, Reader, Receipt
from pitwall.kit.clock import ManualClock
from pitwall.stores.state import StateStore

NOW = datetime(2026, 11, 20, tzinfo=UTC)
OLD_DAYS = 40.0
AGE = timedelta(days=30)


@dataclass
class NotedSink:
    """Notes how far sources are imported, and every line that was taken."""

    known: dict[str, KnownSource] = field(default_factory=dict)
    lines: list[bytes] = field(default_factory=list)

    def sources(self) -> list[KnownSource]:
        return list(self.known.values())

    def open(self, source_id: str, kind: str, path: str, fingerprint: str) -> KnownSource:
        del kind
        return self.known.setdefault(source_id, KnownSource(source_id, path, 0, fingerprint))

    def send(self, chunk: Chunk) -> Receipt:
        lines = chunk.data.splitlines()
        self.lines += lines
        before = self.known[chunk.source_id]
        self.known[chunk.source_id] = replace(
            before, next_offset=chunk.end, fingerprint=chunk.fingerprint, rows=before.rows + len(lines)
        )
        return Receipt(chunk.end, len(lines))


@dataclass
class Traces:
    """A directory of trace files, what is imported of it, and its archive."""

    directory: Path
    archived: Path
    archive: Archive
    sink: NotedSink
    clock: ManualClock

    def write(self, name: str, lines: Sequence[str], *, days: float = OLD_DAYS) -> Path:
        """Write a file that was last touched so long ago."""
        path = self.directory / name
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        touched = (self.clock.now() - timedelta(days=days)).timestamp()
        os.utime(path, (touched, touched))
        return path

    def take_in(self, path: Path) -> int:
        """Import a file; returns how many records are new."""
        file = FileImport(path, open_content(path), self.sink, ImportOptions(Reader("jsonl")))
        try:
            file.advance(is_final=True)
        finally:
            file.close()
        return file.progress.rows

    def run(self) -> RunOutcome:
        """Archive what is old."""
        return self.archive.run("default", self.directory, AGE)


@contextmanager
def open_traces(
    root: Path, *, max_bytes: int | None = None, sink: NotedSink | None = None
) -> Iterator[Traces]:
    """Open a directory of trace files with its archive; opening it again is a restart."""
    directory, archived = root / "traces", root / "archive"
    directory.mkdir(exist_ok=True)
    clock, noted = ManualClock(NOW), sink or NotedSink()
    state = StateStore.in_directory(root).open()
    parts = ArchiveParts(archived, max_bytes, lambda _project: noted, state, clock)
    try:
        yield Traces(directory, archived, Archive(parts), noted, clock)
    finally:
        state.close()


def call_lines(count: int, *, first: int = 0) -> list[str]:
    """Lines of calls, one a second from 09:00 on."""
    return [
        f'{{"ts": "2026-10-01T09:{number // 60 % 60:02d}:{number % 60:02d}Z", "event": "llm.call", '
        f'"interaction_id": "r-{number:06d}", "prompt": "질문 {number}"}}'
        for number in range(first, first + count)
    ]
