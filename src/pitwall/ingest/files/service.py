"""Taking chunks of sources in: each byte of a source becomes records exactly once, whatever crashes when.

A chunk is made durable in the write-ahead log, as one entry for each stream, and then the source's offset is
moved in the state store. A crash in between leaves records without the offset. So the first chunks of a
source that an earlier process had begun are compared with the telemetry store, record by record, and what is
there is not stored again. That works because a line's ids come from its place in the source, and it ends with
the first record that is not there, or one largest chunk behind the offset.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from pitwall.core.errors import NotFound, Unavailable
from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.counters import Outcome
from pitwall.ingest.dead_letters.letter import DeadLetter, encode_letters
from pitwall.ingest.files.batch import LINE, Batch, Line, Problem
from pitwall.ingest.files.column_map import ColumnMap, parse_map
from pitwall.ingest.files.csv_files import read_csv
from pitwall.ingest.files.errors import InvalidLine, InvalidMap, LineReason, OffsetMismatch
from pitwall.ingest.files.jsonl import read_jsonl
from pitwall.ingest.files.repository import StoredRecords
from pitwall.ingest.files.types import MAX_CHUNK_BYTES, Chunk, Reader, Receipt, Rejection
from pitwall.ingest.masker import Masker
from pitwall.ingest.service import AppendLog, IngestService, Submission
from pitwall.ingest.wire import OTLP_STREAMS, Parsed
from pitwall.kit.clock import Clock
from pitwall.stores.state import IngestSource, IngestSources, Projects, StateStore
from pitwall.stores.telemetry.acks import Ack

_NAMED_REJECTIONS = 20
_WAIT_SECONDS = 30.0
_POLL_SECONDS = 0.05
_LETTERS_PER_ENTRY = 1_000

_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class FileIngestParts:
    """What file ingest works with.

    Attributes:
        state: Keeps the offsets.
        log: Takes dead letters.
        ingest: Takes records.
        stored: Finds records that are there already.
        lag_seconds: Age of the oldest acknowledged record that cannot be queried yet.
        masker: Hides secrets in dead letters.
    """

    state: StateStore
    log: AppendLog
    ingest: IngestService
    stored: StoredRecords
    lag_seconds: Callable[[], float]
    masker: Masker
    clock: Clock


@dataclass(slots=True)
class _Doubt:
    """What of a source may be in the store without its offset's knowing.

    Attributes:
        since: Offset at which the doubt began; it reaches as far as one chunk can.
        streams: Streams whose records may be there. What is forgotten of a stream is one log entry, so a
            single record that is not there settles it. Dead letters may be several entries.
        is_queryable: Whether everything acknowledged before the doubt began is in the telemetry store.
    """

    since: int
    streams: set[TelemetryType] = field(default_factory=lambda: set(OTLP_STREAMS))
    is_queryable: bool = False

    def is_about(self, chunk: Chunk) -> bool:
        """Whether the chunk has to be compared."""
        return bool(self.streams) and chunk.offset < self.since + MAX_CHUNK_BYTES


class FileIngest:
    """Keeps the sources of every project; calls block and may come from any thread."""

    def __init__(self, parts: FileIngestParts) -> None:
        self._parts = parts
        self._guard = threading.Lock()
        self._locks: dict[_Key, threading.Lock] = {}
        self._doubts: dict[_Key, _Doubt] = {}

    def all(self, project: str) -> list[IngestSource]:
        """Return the sources of a project, by path."""
        with self._parts.state.session(read_only=True) as connection:
            return IngestSources(connection).list(project)

    def open(self, project: str, source_id: str, *, kind: str, path: str, fingerprint: str) -> IngestSource:
        """Return a source; one that is not known begins at 0, and its project is made with it if it is new.

        Raises:
            InvalidInput: The project has a name that no project may have.
        """
        key = (project, source_id)
        now = self._parts.clock.now()
        with self._lock_of(key), self._parts.state.session() as connection:
            sources = IngestSources(connection)
            found = sources.find(project, source_id)
            if found is not None:
                return found
            projects = Projects(connection)
            if projects.find(project) is None:
                projects.create(project, project, now=now)
            made = IngestSource(project, source_id, kind, path, 0, fingerprint, 0, 0, now)
            sources.save(made)
            self._doubts[key] = _Doubt(0, streams=set())
            return made

    def take(self, project: str, chunk: Chunk) -> Receipt:
        """Store a chunk and move the offset of its source.

        Raises:
            NotFound: The source was never opened.
            OffsetMismatch: The source stands elsewhere.
            InvalidLine: A line is malformed and is not to be skipped; nothing of the chunk is stored.
            InvalidMap: The reader's column map is wrong.
            LimitExceeded, Unavailable: Later, from where the source stands then.
        """
        key = (project, chunk.source_id)
        with self._lock_of(key):
            source = self._find(project, chunk.source_id)
            if chunk.offset != source.next_offset:
                raise _mismatch(source, chunk)
            batch = self._read(chunk)
            if not chunk.skip_invalid:
                _refuse_malformed(chunk, batch)
            letters = [self._letter(chunk, problem) for problem in batch.problems]
            doubt = self._doubts.setdefault(key, _Doubt(chunk.offset))
            repeated = self._drop_stored(project, batch, letters, doubt) if doubt.is_about(chunk) else 0
            # Should any of the rest fail, this very chunk may be what is there without the offset.
            self._doubts[key] = _Doubt(chunk.offset)
            receipt = self._store(project, chunk, batch, letters, repeated)
            self._save(source, chunk, receipt)
            self._doubts[key] = doubt
            return receipt

    def _lock_of(self, key: _Key) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(key, threading.Lock())

    def _find(self, project: str, source_id: str) -> IngestSource:
        with self._parts.state.session(read_only=True) as connection:
            found = IngestSources(connection).find(project, source_id)
        if found is None:
            raise NotFound(
                f"There is no source {source_id!r} in project {project!r}.",
                code="ingest.source_not_found",
                hint="Open it first: PUT /api/v1/ingest/sources/{source_id}.",
            )
        return found

    def _read(self, chunk: Chunk) -> Batch:
        reader, limits = chunk.reader, self._parts.ingest.limits
        batch = Batch(chunk.source_id, {"service": reader.service, "environment": reader.environment})
        if chunk.length > len(chunk.data):
            _put_aside_long_line(chunk, batch)
            return batch
        column_map = _map_of(reader)
        if reader.kind == "csv":
            if column_map is None:
                raise InvalidMap("CSV needs a column map.", hint="Give --map started_at=...")
            column_map.check_columns(reader.columns)
            read_csv(chunk, batch, column_map)
        else:
            read_jsonl(chunk, batch, column_map, max_records=limits.max_records)
        batch.sift(limits.rules(self._parts.clock.unix_nano()))
        return batch

    def _letter(self, chunk: Chunk, problem: Problem) -> DeadLetter:
        masker = self._parts.masker
        if problem.content_type == LINE:
            body = masker.raw(problem.body)
        else:
            body = masker.mask_request(OTLP_STREAMS[problem.stream], problem.body, problem.content_type)
        where = f"byte {problem.line.offset} of source {chunk.source_id[:12]}"
        return DeadLetter(
            telemetry_type=problem.stream,
            door=chunk.reader.kind,
            reason=problem.reason,
            message=f"{problem.message} ({where})",
            record_index=problem.line.number,
            record_name=masker.text(f"{chunk.path}:{problem.line.number}"),
            content_type=problem.content_type,
            body=body,
            body_bytes=len(body),
        )

    def _drop_stored(self, project: str, batch: Batch, letters: list[DeadLetter], doubt: _Doubt) -> int:
        """Take out what the telemetry store has already; return how many records that were."""
        doubted = [stream for stream in batch.requests if stream in doubt.streams]
        if not doubted and not letters:
            return 0
        if not doubt.is_queryable:
            self._wait_until_queryable()
            doubt.is_queryable = True
        repeated = 0
        for stream in doubted:
            there, missing = self._drop_records(project, batch, stream)
            repeated += there
            if missing:
                doubt.streams.discard(stream)
        if letters:
            found = self._parts.stored.find_letters(project, {letter.identify(project) for letter in letters})
            letters[:] = [letter for letter in letters if letter.identify(project) not in found]
        return repeated

    def _drop_records(self, project: str, batch: Batch, stream: TelemetryType) -> tuple[int, bool]:
        """Do that for one stream; return how many were there, and whether any was not."""
        stored = self._parts.stored
        if stream is not TelemetryType.TRACES:
            positions = batch.positions()[stream]
            found = stored.find_positions(stream, project, positions)
            return batch.drop_positions(stream, found), found < positions
        spans = list(batch.spans())
        ids = {(span.trace_id, span.span_id) for span in spans}
        if not ids:
            return 0, False
        starts = [span.start_time_unix_nano for span in spans]
        there = stored.find_spans(project, ids, min(starts), max(starts))
        return batch.keep_spans(lambda span: (span.trace_id, span.span_id) not in there), there < ids

    def _wait_until_queryable(self) -> None:
        """Wait until everything that was acknowledged before now is in the telemetry store."""
        began = time.monotonic()
        while (lag := self._parts.lag_seconds()) > 0:
            waited = time.monotonic() - began
            if lag < waited:
                return
            if waited > _WAIT_SECONDS:
                raise Unavailable(
                    "The telemetry store is behind, so what is there of this file cannot be told yet.",
                    code="ingest.store_behind",
                    hint="Try again later.",
                    details={"retry_after_seconds": 5},
                )
            time.sleep(_POLL_SECONDS)

    def _store(
        self, project: str, chunk: Chunk, batch: Batch, letters: list[DeadLetter], repeated: int
    ) -> Receipt:
        door = chunk.reader.kind
        futures: list[Future[Ack]] = []
        for start in range(0, len(letters), _LETTERS_PER_ENTRY):
            part = letters[start : start + _LETTERS_PER_ENTRY]
            body = encode_letters(project, part)
            futures.append(self._parts.log.append(TelemetryType.DEAD_LETTERS, project, body, len(part), door))
        accepted = 0
        for stream, request in batch.requests.items():
            submission = Submission(stream, project, door, Parsed(request))
            accepted += self._parts.ingest.accept_blocking(submission).accepted
        for future in futures:
            future.result()
        self._count(door, batch)
        named = batch.problems[:_NAMED_REJECTIONS]
        return Receipt(
            next_offset=chunk.end,
            accepted=accepted,
            rejected=len(batch.problems),
            repeated=repeated + batch.copies,
            rejections=tuple(Rejection(p.line.number, p.reason, p.message) for p in named),
        )

    def _count(self, door: str, batch: Batch) -> None:
        if batch.problems or batch.repaired:
            reasons = [problem.reason for problem in batch.problems]
            outcome = Outcome(accepted=0, rejected_reasons=reasons, repaired=batch.repaired)
            self._parts.ingest.metrics.count_outcome(door, TelemetryType.TRACES, outcome)

    def _save(self, source: IngestSource, chunk: Chunk, receipt: Receipt) -> None:
        moved = replace(
            source,
            path=chunk.path,
            next_offset=chunk.end,
            fingerprint=chunk.fingerprint,
            rows=source.rows + receipt.accepted + receipt.repeated,
            rejected=source.rejected + receipt.rejected,
            updated_at=self._parts.clock.now(),
        )
        with self._parts.state.session() as connection:
            IngestSources(connection).save(moved)


def _map_of(reader: Reader) -> ColumnMap | None:
    if not reader.mapping:
        return None
    return parse_map(reader.mapping, reader.constants, timezone=reader.timezone)


def _put_aside_long_line(chunk: Chunk, batch: Batch) -> None:
    line = Line(chunk.first_line, chunk.offset, chunk.data)
    message = f"it has {chunk.length:,} bytes; the longest line has {MAX_CHUNK_BYTES:,}"
    batch.add_problem(line, LineReason.TOO_LONG, message)


def _refuse_malformed(chunk: Chunk, batch: Batch) -> None:
    problem = next((problem for problem in batch.problems if problem.is_malformed), None)
    if problem is None:
        return
    raise InvalidLine(
        f"{chunk.path}:{problem.line.number}: {problem.message}.",
        hint="Correct the line, or put such lines aside with --skip-invalid.",
        details={
            "path": chunk.path,
            "line": problem.line.number,
            "offset": problem.line.offset,
            "reason": problem.reason,
        },
    )


def _mismatch(source: IngestSource, chunk: Chunk) -> OffsetMismatch:
    return OffsetMismatch(
        f"Source {source.source_id} stands at byte {source.next_offset}; the chunk begins at {chunk.offset}.",
        hint="Send what begins at expected_offset.",
        details={"expected_offset": source.next_offset},
    )
