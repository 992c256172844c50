"""Windows straight from `llm.call` lines in files, without importing them.

A file is cut at line ends into chunks; each chunk goes through a pipe to the engine, which parses it and
aggregates it into mergeable states, two chunks at a time. Memory does not grow with the file. What was read
stays in a checkpoint, so that a grown file costs only its new bytes.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pitwall.core.errors import InvalidInput, NotFound
from pitwall.signals.jsonl_checkpoint import Checkpoint, CheckpointStore, identify
from pitwall.signals.jsonl_chunks import Chunk, cut, piped
from pitwall.stores.telemetry.clickhouse import open_embedded
from pitwall.stores.telemetry.engine import TelemetryEngine

LABELS = ("model", "provider", "error")
CHUNK_BYTES = 32 * 1024 * 1024
_WORKERS = 2
_SHOWN_LINES = 20
_FIELDS = (
    "ts String, event String, success Nullable(Bool), latency_ms Nullable(Float64), "
    "prompt_tokens Nullable(UInt64), completion_tokens Nullable(UInt64)"
)
_TABLE = """CREATE TABLE {name} (
    chunk UInt32, status LowCardinality(String), window Int64, labels Array(String), lines UInt64, known
    UInt64, succeeded UInt64, timed UInt64, latency_ms AggregateFunction(quantilesDD(0.01, 0.5), Float64),
    latency_ms_sum Float64, prompt_tokens UInt64, completion_tokens UInt64
) ENGINE = Memory"""
# Settings of a chunk: the chunks run in parallel, so each one stays on a single thread.
_ONE_THREAD = "SETTINGS max_threads = 1, max_insert_threads = 1, input_format_parallel_parsing = 0"


@dataclass(frozen=True, slots=True)
class JsonlWindow:
    """One window of one label set.

    Attributes:
        count: Calls.
        success_rate: Of the calls that say whether they succeeded; None if none does.
        p95_latency_ms: Within 1 %; None if no call says how long it took.
    """

    labels: dict[str, str]
    start: datetime
    end: datetime
    count: int
    success_rate: float | None
    p50_latency_ms: float | None
    p95_latency_ms: float | None
    p99_latency_ms: float | None
    mean_latency_ms: float | None
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class MalformedLine:
    """A line that is no event; numbered from 1."""

    path: Path
    number: int


@dataclass(frozen=True, slots=True)
class JsonlReport:
    """What the files say.

    Attributes:
        windows: Oldest first within a label set.
        lines: Lines in the files, of which `other_events` are events of other kinds.
        malformed: Lines that are no JSON object with an event and a time.
        malformed_lines: The first of those that this pass met.
        bytes_read: What this pass had to read; the rest was known.
    """

    windows: list[JsonlWindow]
    lines: int
    other_events: int
    malformed: int
    malformed_lines: list[MalformedLine]
    bytes_read: int


def aggregate(
    engine: TelemetryEngine,
    paths: Sequence[Path],
    *,
    window: timedelta,
    by: Sequence[str] = (),
    checkpoints: Path | None = None,
    chunk_bytes: int = CHUNK_BYTES,
) -> JsonlReport:
    """Aggregate the `llm.call` lines of files into epoch-aligned windows.

    Args:
        engine: An embedded engine; it reads the files and keeps nothing. See `scratch_engine`.
        paths: Files to read.
        window: Length of a window, whole seconds.
        by: Fields that split it; of `LABELS`.
        checkpoints: Directory that remembers what was read; None reads everything every time.
        chunk_bytes: How much is parsed at once.

    Raises:
        NotFound: A file is missing.
        InvalidInput: The window or a label makes no sense.
    """
    if window < timedelta(seconds=1) or window % timedelta(seconds=1):
        raise InvalidInput(f"A window of {window.total_seconds()} s is not a whole number of seconds.")
    if unknown := set(by) - set(LABELS):
        raise InvalidInput(
            f"Lines cannot be split by {', '.join(sorted(unknown))}.", hint=f"Use {', '.join(LABELS)}."
        )
    store = None if checkpoints is None else CheckpointStore(checkpoints, _purpose(window, by))
    job = _Job(engine, f"jsonl_{uuid.uuid4().hex}", window, tuple(by), chunk_bytes, store)
    with job.table(job.states):
        passes = [_FilePass(job, path).run() for path in paths]
        return _report(job, passes)


@dataclass(frozen=True, slots=True)
class _Pass:
    checkpoint: Checkpoint
    bytes_read: int
    malformed_lines: list[MalformedLine]


@dataclass(frozen=True, slots=True)
class _Job:
    """What all files of one call share."""

    engine: TelemetryEngine
    states: str
    window: timedelta
    by: tuple[str, ...]
    chunk_bytes: int
    store: CheckpointStore | None

    @contextmanager
    def table(self, name: str) -> Iterator[None]:
        self.engine.command(_TABLE.format(name=name))
        try:
            yield
        finally:
            self.engine.command(f"DROP TABLE {name}")


class _FilePass:
    """Reads what is new in one file."""

    def __init__(self, job: _Job, path: Path) -> None:
        self._job = job
        self._engine = job.engine
        self._path = path
        self._states = f"{job.states}_file"

    def run(self) -> _Pass:
        try:
            descriptor = os.open(self._path, os.O_RDONLY)
        except OSError as error:
            raise NotFound(f"{self._path} cannot be read: {error.strerror}.") from error
        try:
            with self._job.table(self._states):
                return self._read(descriptor)
        finally:
            os.close(descriptor)

    def _read(self, descriptor: int) -> _Pass:
        before = self._resume(descriptor)
        chunks = list(cut(descriptor, before.offset, self._job.chunk_bytes))
        self._aggregate(descriptor, chunks)
        end = chunks[-1].end if chunks else before.offset
        counts = self._counts()
        malformed = self._malformed(descriptor, chunks, before.lines)
        after = before.advanced(offset=end, counts=counts)
        if self._job.store is not None and (chunks or before.offset == 0):
            self._job.store.save(self._path, after, self._engine, self._states)
        self._engine.command(f"INSERT INTO {self._job.states} SELECT * FROM {self._states}")
        return _Pass(after, end - before.offset, malformed)

    def _resume(self, descriptor: int) -> Checkpoint:
        identity = identify(descriptor)
        if self._job.store is None:
            return Checkpoint(identity)
        size = os.fstat(descriptor).st_size
        return self._job.store.load(self._path, identity, size, self._engine, self._states)

    def _aggregate(self, descriptor: int, chunks: list[Chunk]) -> None:
        def aggregate_chunk(chunk: Chunk) -> None:
            with piped(descriptor, chunk) as path:
                states = self._select(chunk.number, path)
                self._engine.command(f"INSERT INTO {self._states} {states} {_ONE_THREAD}")

        with ThreadPoolExecutor(_WORKERS) as workers:
            list(workers.map(aggregate_chunk, chunks))

    def _select(self, chunk: int, path: str) -> str:
        seconds = self._job.window // timedelta(seconds=1)
        names = [f"l{index}" for index in range(len(self._job.by))]
        labels = "".join(f", t.{field} AS {name}" for field, name in zip(self._job.by, names, strict=True))
        grouped = (
            f"SELECT status, if(status = 'ok', intDiv(toUnixTimestamp(at), {seconds}), 0) AS window{labels}, "
            "count() AS lines, count(t.success) AS known, countIf(t.success) AS succeeded, "
            "count(t.latency_ms) AS timed, "
            "quantilesDDStateIf(0.01, 0.5)(assumeNotNull(t.latency_ms), t.latency_ms IS NOT NULL) "
            "AS latency_ms, sum(ifNull(t.latency_ms, 0)) AS latency_ms_sum, "
            "sum(ifNull(t.prompt_tokens, 0)) AS prompt_tokens, "
            "sum(ifNull(t.completion_tokens, 0)) AS completion_tokens "
            f"FROM ({self._parsed(path)}) GROUP BY {', '.join(['status', 'window', *names])}"
        )
        return (
            f"SELECT {chunk} AS chunk, status, window, [{', '.join(names)}]::Array(String) AS labels, lines, "
            "known, succeeded, timed, latency_ms, latency_ms_sum, prompt_tokens, completion_tokens "
            f"FROM ({grouped})"
        )

    def _parsed(self, path: str) -> str:
        fields = ", ".join([_FIELDS, *(f"{name} String" for name in self._job.by)])
        return (
            "SELECT t, parseDateTime64BestEffortOrNull(t.ts, 3, 'UTC') AS at, "
            "multiIf(t.event = 'llm.call', if(at IS NULL, 'malformed', 'ok'), notEmpty(t.event), 'other', "
            "empty(trimBoth(line)), 'blank', 'malformed') AS status "
            f"FROM (SELECT line, JSONExtract(line, 'Tuple({fields})') AS t "
            f"FROM file('{path}', 'LineAsString', 'line String'))"
        )

    def _counts(self) -> dict[str, int]:
        sql = f"SELECT status, sum(lines) FROM {self._states} WHERE chunk > 0 GROUP BY status"
        return dict(self._engine.query(sql).rows)

    def _malformed(self, descriptor: int, chunks: list[Chunk], lines_before: int) -> list[MalformedLine]:
        """Number the malformed lines: only chunks that have any are read once more, in order."""
        rows = self._engine.query(
            f"SELECT chunk, sum(lines), sumIf(lines, status = 'malformed') FROM {self._states} "
            "WHERE chunk > 0 GROUP BY chunk"
        ).rows
        by_number = {chunk: (lines, malformed) for chunk, lines, malformed in rows}
        found: list[MalformedLine] = []
        first = lines_before + 1
        for chunk in chunks:
            lines, malformed = by_number.get(chunk.number, (0, 0))
            if malformed and len(found) < _SHOWN_LINES:
                found += [
                    MalformedLine(self._path, first + row) for row in self._positions(descriptor, chunk)
                ]
            first += lines
        return found[:_SHOWN_LINES]

    def _positions(self, descriptor: int, chunk: Chunk) -> list[int]:
        with piped(descriptor, chunk) as path:
            rows = self._engine.query(
                "SELECT number FROM (SELECT rowNumberInAllBlocks() AS number, status "
                f"FROM ({self._parsed(path)})) WHERE status = 'malformed' "
                f"ORDER BY number LIMIT {_SHOWN_LINES} {_ONE_THREAD}"
            ).rows
        return [number for (number,) in rows]


@contextmanager
def scratch_engine() -> Iterator[TelemetryEngine]:
    """An engine on a temporary directory, for a process that has no other."""
    with tempfile.TemporaryDirectory(prefix="pitwall-jsonl-") as directory:
        engine = open_embedded(Path(directory) / "engine")
        try:
            yield engine
        finally:
            engine.close()


def _purpose(window: timedelta, by: Sequence[str]) -> str:
    return f"{window.total_seconds():.0f}s-{'-'.join(by) or 'all'}"


def _report(job: _Job, passes: Sequence[_Pass]) -> JsonlReport:
    rows = job.engine.query(
        "SELECT labels, window, sum(lines), sum(known), sum(succeeded), sum(timed), "
        "quantilesDDMerge(0.01, 0.5, 0.95, 0.99)(latency_ms), sum(latency_ms_sum), sum(prompt_tokens), "
        f"sum(completion_tokens) FROM {job.states} WHERE status = 'ok' "
        "GROUP BY labels, window ORDER BY labels, window"
    ).rows
    windows = []
    for labels, number, lines, known, succeeded, timed, levels, total, prompt, completion in rows:
        start = datetime(1970, 1, 1, tzinfo=UTC) + number * job.window
        p50, p95, p99 = levels if timed else (None, None, None)
        windows.append(
            JsonlWindow(
                labels=dict(zip(job.by, labels, strict=True)),
                start=start,
                end=start + job.window,
                count=lines,
                success_rate=succeeded / known if known else None,
                p50_latency_ms=p50,
                p95_latency_ms=p95,
                p99_latency_ms=p99,
                mean_latency_ms=total / timed if timed else None,
                prompt_tokens=prompt,
                completion_tokens=completion,
            )
        )
    return JsonlReport(
        windows=windows,
        lines=sum(done.checkpoint.lines for done in passes),
        other_events=sum(done.checkpoint.other_events for done in passes),
        malformed=sum(done.checkpoint.malformed for done in passes),
        malformed_lines=[line for done in passes for line in done.malformed_lines],
        bytes_read=sum(done.bytes_read for done in passes),
    )
