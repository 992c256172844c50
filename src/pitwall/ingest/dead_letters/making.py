"""Dead letters of one request: made of its rejected records, masked, and bounded in number and size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pitwall.ingest.dead_letters.letter import DeadLetter
from pitwall.ingest.failures import RejectedRecord, RejectReason
from pitwall.ingest.limits import IngestLimits
from pitwall.ingest.masker import Masker
from pitwall.ingest.wire import OtlpStream


def make_letters(
    stream: OtlpStream, door: str, rejected: Sequence[RejectedRecord], *, masker: Masker, limits: IngestLimits
) -> list[DeadLetter]:
    """Make a letter for each rejected record with which something would be lost.

    Each letter repeats the resource of its record, so a request that is bad on purpose could grow without
    end: beyond the limits one last letter says how many records are not kept.
    """
    worth_keeping = [record for record in rejected if record.isolate is not None]
    letters: list[DeadLetter] = []
    size = 0
    for record in worth_keeping:
        if len(letters) == limits.max_letters or size >= limits.max_letters_bytes:
            letters.append(_overflow(stream, door, worth_keeping[len(letters) :]))
            break
        letter, isolated_bytes = _make(stream, door, record, masker)
        letters.append(letter)
        size += isolated_bytes
    return letters


def _make(stream: OtlpStream, door: str, record: RejectedRecord, masker: Masker) -> tuple[DeadLetter, int]:
    isolated = record.isolate() if record.isolate is not None else b""
    body = masker.mask_request(stream, isolated, record.content_type)
    letter = DeadLetter(
        telemetry_type=stream.telemetry_type,
        door=door,
        reason=record.reason,
        message=record.message,
        record_index=record.index,
        record_name=masker.text(record.name),
        content_type=record.content_type,
        body=body,
        body_bytes=len(body),
    )
    return letter, len(isolated)


def _overflow(stream: OtlpStream, door: str, records: Sequence[RejectedRecord]) -> DeadLetter:
    counts = Counter(record.reason for record in records).most_common()
    reasons = ", ".join(f"{count} {reason}" for reason, count in counts)
    return DeadLetter(
        telemetry_type=stream.telemetry_type,
        door=door,
        reason=RejectReason.OVERFLOW,
        message=f"{len(records):,} more {stream.noun}s of this request were rejected, not kept: {reasons}",
        record_index=records[0].index,
    )
