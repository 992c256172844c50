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
4. A range of one entry that is refused with nothing landed is the guilty one. It is sent without the fields
   that OTLP does not know, under a token of its own; if that does not help, it becomes a dead letter. This,
   too, is decided durably first: the entry as it came is never sent again then.

Finding one bad entry among n costs about 2 log2(n) inserts.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from mmap import mmap
from pathlib import Path
from typing import Protocol

import structlog

from pitwall.core.vocabulary import TelemetryType
from pitwall.stores.telemetry.engine import SegmentRejected
from pitwall.stores.telemetry.entries import (
    Entry,
    EntryHeader,
    decode_header,
    encode_header,
    hash_request,
)
from pitwall.stores.telemetry.files import Files, make_private_directory
from pitwall.stores.telemetry.salvage_plan import Decision, Plan, State, plan_path
from pitwall.stores.telemetry.segments import Segment, mapped
from pitwall.stores.telemetry.unknown_fields import without_unknown_fields
from pitwall.stores.telemetry.wal import WriteAheadLog

_log = structlog.get_logger(__name__)

MAX_DEAD_LETTER_BODY_BYTES = 256 << 10
_DEAD_LETTER_SECONDS = 30.0
REFUSED = "segment.refused"
PARTLY_STORED = "segment.partly_stored"


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
        return plan_path(segment).exists()

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
            plan = Plan(plan_path(segment), self._files)
            ranges = [(0, len(entries))]
            while ranges:
                low, high = ranges.pop()
                decision = plan.get(low, high)
                if decision is None:
                    part = entries[low:high]
                    decision = self._apply_range(segment, data[part[0].start : part[-1].end], part, low)
                    plan.add(decision)
                if decision.state is State.REFUSED:
                    entry = entries[low]
                    decision = self._apply_known(segment, data[entry.start : entry.end], entry, decision)
                    plan.add(decision)
                if decision.state is State.SPLIT:
                    middle = (low + high) // 2
                    ranges += [(middle, high), (low, middle)]
            return plan.rejected_records()

    def finish(self, segment: Segment) -> None:
        """Forget the decisions about a segment that is gone."""
        plan_path(segment).unlink(missing_ok=True)

    def _apply_range(self, segment: Segment, data: bytes, entries: list[EntryHeader], low: int) -> Decision:
        high = low + len(entries)
        refusal = self._insert_twice(segment, data, self._token(segment, entries))
        if refusal is None:
            return Decision(low, high, State.DONE)
        landing = self._sink.landing(segment.stream, entries[0].position, entries[-1].position)
        _log.warning(
            "wal.range_refused", segment=segment.path.name, low=low, high=high, landing=landing.value
        )
        if landing is Landing.ALL:
            return Decision(low, high, State.DONE)
        if landing is Landing.NOTHING and len(entries) > 1:
            return Decision(low, high, State.SPLIT)
        if landing is Landing.NOTHING:
            return Decision(low, high, State.REFUSED, message=str(refusal))
        start = entries[0].start
        for entry in entries:
            body = data[entry.start - start : entry.end - start]
            self._bury(segment.stream, entry, body, PARTLY_STORED, str(refusal))
        return Decision(low, high, State.DONE, sum(entry.record_count for entry in entries))

    def _apply_known(self, segment: Segment, data: bytes, entry: EntryHeader, decision: Decision) -> Decision:
        """Store the fields that OTLP knows of a refused entry, or bury it as it came."""
        body = without_unknown_fields(segment.stream, data[entry.body_start - entry.start :])
        reason, message = REFUSED, decision.message
        if body is not None:
            token = f"{self._token(segment, [entry])}-known"
            refusal = self._insert_twice(segment, _encode(entry, segment.stream, body), token)
            if refusal is None:
                _log.info("wal.unknown_fields_dropped", segment=segment.path.name, position=entry.position)
                return Decision(decision.low, decision.high, State.DONE)
            message = str(refusal)
            if self._sink.landing(segment.stream, entry.position, entry.position) is not Landing.NOTHING:
                reason = PARTLY_STORED
        self._bury(segment.stream, entry, data, reason, message)
        return Decision(decision.low, decision.high, State.DONE, entry.record_count)

    def _token(self, segment: Segment, entries: list[EntryHeader]) -> str:
        token = self._log.token(segment)
        if len(entries) == segment.entry_count:
            return token
        return f"{token}-{entries[0].position}-{entries[-1].position}"

    def _insert_twice(self, segment: Segment, data: bytes, token: str) -> SegmentRejected | None:
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


def _encode(header: EntryHeader, stream: TelemetryType, body: bytes) -> bytes:
    """Write an entry with another body."""
    entry = Entry(
        project=header.project,
        body=body,
        record_count=header.record_count,
        door=header.door,
        request_hash=hash_request(stream, header.project, body),
        received_unix_nano=header.received_unix_nano,
    )
    return encode_header(entry, header.position) + body


def _read_headers(data: bytes | mmap, size: int) -> list[EntryHeader]:
    headers, offset = [], 0
    while offset < size:
        headers.append(decode_header(data, offset))
        offset = headers[-1].end
    return headers
