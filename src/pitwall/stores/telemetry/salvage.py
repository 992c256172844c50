"""What happens to a segment that the store refuses for good: the sound entries are stored, the guilty ones
become dead letters.

Exactly-once makes this delicate. The store recognises a repeated insert by its token, so the same entries
must never be sent under two tokens once any of their rows may have landed. Therefore:

1. A refused range (at first the whole segment) is tried once more under its own token.
2. Refused again, the store is asked what landed. Only if nothing did, the range is split in two halves, each
   with a token of its own. If everything landed, the range counts as stored. If some rows landed, it is not
   sent again; every entry of it becomes a dead letter that says so.
3. The decision is written to a file beside the segment, durably, before any half is sent. After a crash a
   split range is never sent whole again, and a range that was not split is never sent in halves. So each
   range has one token for ever.
4. A range of one entry that is refused with nothing landed is the guilty one: it becomes a dead letter.

Finding one bad entry among n costs about 2 log2(n) inserts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from mmap import mmap
from pathlib import Path
from typing import Protocol

import structlog

from pitwall.core.vocabulary import TelemetryType
from pitwall.stores.telemetry.engine import SegmentRejected
from pitwall.stores.telemetry.entries import EntryHeader, decode_header
from pitwall.stores.telemetry.files import Files, make_private_directory
from pitwall.stores.telemetry.segments import Segment, mapped
from pitwall.stores.telemetry.wal import WriteAheadLog

_log = structlog.get_logger(__name__)

MAX_DEAD_LETTER_BODY_BYTES = 256 << 10
_DEAD_LETTER_SECONDS = 30.0
_REFUSED = "segment.refused"
_PARTLY_STORED = "segment.partly_stored"


class Landing(StrEnum):
    """How much of an insert that failed is in the store all the same."""

    NOTHING = "nothing"
    PARTIAL = "partial"
    ALL = "all"


class StageSink(Protocol):
    """Where segments go."""

    def insert_segment(self, stream: TelemetryType, path: Path, token: str) -> None:
        """Store the entries of a file exactly once, however often this is called with the same token.

        Raises:
            StoreUnavailable: Try again later.
            SegmentRejected: The bytes themselves are at fault.
        """

    def landing(self, stream: TelemetryType, first_position: int, last_position: int) -> Landing:
        """Tell how many of the entries at these log positions have rows in the store; asked after a rejection
        only.

        An answer that could be wrong must be PARTIAL.

        Raises:
            StoreUnavailable: Try again later.
        """


@dataclass(frozen=True, slots=True)
class RejectedEntry:
    """A request that was acknowledged and that the store refuses.

    Attributes:
        body: At most `MAX_DEAD_LETTER_BODY_BYTES`, raw and unmasked.
        body_bytes: Its true size; a longer one is kept whole in the log's quarantine.
        reason: Stable name of the reason.
        message: The store's own words.
    """

    stream: TelemetryType
    project: str
    door: str
    log_position: int
    received_unix_nano: int
    record_count: int
    body: bytes
    body_bytes: int
    reason: str
    message: str


DeadLetterEncoder = Callable[[RejectedEntry], bytes]
"""Builds a request of the dead-letter stream; the same entry must always give the same bytes."""


class _State(StrEnum):
    SPLIT = "split"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class _Decision:
    """What was decided for the entries [low, high) of a segment."""

    low: int
    high: int
    state: _State
    rejected_records: int = 0


class Salvage:
    """Stores what can be stored of refused segments; used by one thread."""

    def __init__(
        self,
        log: WriteAheadLog,
        sink: StageSink,
        encode_dead_letter: DeadLetterEncoder,
        *,
        files: Files | None = None,
    ) -> None:
        self._log = log
        self._sink = sink
        self._encode = encode_dead_letter
        self._files = files or Files()

    def is_begun(self, segment: Segment) -> bool:
        """Tell whether the segment was split before; it must not be sent whole then."""
        return _plan_path(segment).exists()

    def run(self, segment: Segment) -> int:
        """Bring every entry of a refused segment to the store or to the dead letters.

        Returns:
            How many records became dead letters.

        Raises:
            Unavailable: Call again later; it goes on where it stopped.
            OSError: As above.
        """
        with mapped(segment.path) as data:
            entries = _read_headers(data, segment.size_bytes)
            plan = _Plan(_plan_path(segment), self._files)
            ranges = [(0, len(entries))]
            while ranges:
                low, high = ranges.pop()
                decision = plan.get(low, high)
                if decision is None:
                    part = entries[low:high]
                    decision = self._apply_range(segment, data[part[0].start : part[-1].end], part, low)
                    plan.add(decision)
                if decision.state is _State.SPLIT:
                    middle = (low + high) // 2
                    ranges += [(middle, high), (low, middle)]
            return plan.rejected_records()

    def finish(self, segment: Segment) -> None:
        """Forget the decisions about a segment that is gone."""
        _plan_path(segment).unlink(missing_ok=True)

    def _apply_range(self, segment: Segment, data: bytes, entries: list[EntryHeader], low: int) -> _Decision:
        high = low + len(entries)
        refusal = self._insert_twice(segment, data, entries)
        if refusal is None:
            return _Decision(low, high, _State.DONE)
        landing = self._sink.landing(segment.stream, entries[0].position, entries[-1].position)
        _log.warning(
            "wal.range_refused", segment=segment.path.name, low=low, high=high, landing=landing.value
        )
        if landing is Landing.ALL:
            return _Decision(low, high, _State.DONE)
        if landing is Landing.NOTHING and len(entries) > 1:
            return _Decision(low, high, _State.SPLIT)
        reason = _REFUSED if landing is Landing.NOTHING else _PARTLY_STORED
        start = entries[0].start
        for entry in entries:
            self._bury(
                segment.stream, entry, data[entry.start - start : entry.end - start], reason, str(refusal)
            )
        return _Decision(low, high, _State.DONE, sum(entry.record_count for entry in entries))

    def _insert_twice(
        self, segment: Segment, data: bytes, entries: list[EntryHeader]
    ) -> SegmentRejected | None:
        is_whole = len(entries) == segment.entry_count
        token = self._log.token(segment)
        if not is_whole:
            token = f"{token}-{entries[0].position}-{entries[-1].position}"
        with self._part_file(segment, data) as path:
            try:
                self._sink.insert_segment(segment.stream, path, token)
            except SegmentRejected:
                return self._insert_again(segment, path, token)
        return None

    def _insert_again(self, segment: Segment, path: Path, token: str) -> SegmentRejected | None:
        try:
            self._sink.insert_segment(segment.stream, path, token)
        except SegmentRejected as error:
            return error
        return None

    @contextmanager
    def _part_file(self, segment: Segment, data: bytes) -> Iterator[Path]:
        path = segment.path.with_suffix(".part.tmp")
        descriptor = self._files.create(path)
        try:
            self._files.write(descriptor, [data])
            yield path
        finally:
            os.close(descriptor)
            path.unlink(missing_ok=True)

    def _bury(
        self, stream: TelemetryType, entry: EntryHeader, data: bytes, reason: str, message: str
    ) -> None:
        body = data[entry.body_start - entry.start :]
        if stream is TelemetryType.DEAD_LETTERS or len(body) > MAX_DEAD_LETTER_BODY_BYTES:
            self._set_aside(stream, entry, data)
        if stream is TelemetryType.DEAD_LETTERS:
            return
        rejected = RejectedEntry(
            stream=stream,
            project=entry.project,
            door=entry.door,
            log_position=entry.position,
            received_unix_nano=entry.received_unix_nano,
            record_count=entry.record_count,
            body=body[:MAX_DEAD_LETTER_BODY_BYTES],
            body_bytes=len(body),
            reason=reason,
            message=message,
        )
        letter = self._encode(rejected)
        ack = self._log.append(
            TelemetryType.DEAD_LETTERS, entry.project, letter, 1, "writer", ignore_limits=True
        )
        ack.result(timeout=_DEAD_LETTER_SECONDS)

    def _set_aside(self, stream: TelemetryType, entry: EntryHeader, data: bytes) -> None:
        make_private_directory(self._log.quarantine)
        target = self._log.quarantine / f"{stream.value}-{entry.position:020d}.entry"
        self._files.write_whole(target, data)
        _log.error("wal.entry_set_aside", stream=stream.value, position=entry.position, kept_as=str(target))


class _Plan:
    """The decisions about one segment, in a file that is synced before any of them is acted upon."""

    def __init__(self, path: Path, files: Files) -> None:
        self._path = path
        self._files = files
        self._decisions = {(made.low, made.high): made for made in _read_decisions(path)}

    def get(self, low: int, high: int) -> _Decision | None:
        return self._decisions.get((low, high))

    def add(self, decision: _Decision) -> None:
        lines = [json.dumps(asdict(made)) for made in (*self._decisions.values(), decision)]
        self._files.write_whole(self._path, "\n".join(lines).encode())
        self._decisions[decision.low, decision.high] = decision

    def rejected_records(self) -> int:
        return sum(made.rejected_records for made in self._decisions.values())


def _read_decisions(path: Path) -> Iterator[_Decision]:
    if path.exists():
        for line in path.read_text().splitlines():
            fields = json.loads(line)
            yield _Decision(
                fields["low"], fields["high"], _State(fields["state"]), fields["rejected_records"]
            )


def _plan_path(segment: Segment) -> Path:
    return segment.path.with_suffix(".split")


def _read_headers(data: bytes | mmap, size: int) -> list[EntryHeader]:
    headers, offset = [], 0
    while offset < size:
        headers.append(decode_header(data, offset))
        offset = headers[-1].end
    return headers
