"""From the body of a dead letter back to the requests it stands for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pitwall.core.errors import Conflict
from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.dead_letters.types import StoredLetter
from pitwall.ingest.failures import RejectedRecord, RejectReason
from pitwall.ingest.files.batch import LINE, Batch
from pitwall.ingest.files.jsonl import read_jsonl
from pitwall.ingest.files.types import Chunk, Reader
from pitwall.ingest.masker import PROTOBUF
from pitwall.ingest.otlp_json import parse_json
from pitwall.ingest.otlp_protobuf import parse_protobuf
from pitwall.ingest.wire import OTLP_STREAMS, OtlpStream, Parsed

_JSONL = "jsonl"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a letter holds.

    Attributes:
        requests: By stream; a line of a file may be of any.
        rejected: Why it holds nothing, if it does not.
    """

    requests: dict[TelemetryType, Parsed]
    rejected: tuple[RejectedRecord, ...] = ()


def read_letter(letter: StoredLetter, *, max_records: int) -> Reading:
    """Read the body of a letter by the door it came through.

    Raises:
        Conflict: It was cut, is of a stream that has no door, or is a line that says nothing without the
            column map it was imported with.
        InvalidInput: It cannot be parsed.
    """
    head = letter.head
    if not letter.is_whole:
        raise Conflict(
            f"Dead letter {head.id} was cut to {len(letter.body):,} of {head.body_bytes:,} bytes.",
            code="dead_letter.cut",
            hint="It cannot be sent again from here; send the record from where it came.",
        )
    if head.content_type == LINE:
        return _read_line(letter, max_records)
    stream = _stream_of(letter)
    parse = parse_protobuf if head.content_type == PROTOBUF else parse_json
    parsed = parse(stream, letter.body, max_records=max_records)
    # Written anew without unknown fields, of which the engine does not read all that protobuf allows.
    return Reading({stream.telemetry_type: replace(parsed, raw=None)})


def _read_line(letter: StoredLetter, max_records: int) -> Reading:
    head = letter.head
    if head.door != _JSONL:
        raise Conflict(
            f"Dead letter {head.id} is a line of {head.door}, and its column map is not kept.",
            code="dead_letter.needs_map",
            hint=f"Correct {head.record_name} and import the file again.",
        )
    # Ids that the line does not have follow from the letter's: another retry makes the same records.
    batch = Batch(f"letter:{head.id}", {})
    chunk = Chunk(
        source_id=head.id,
        offset=0,
        first_line=head.record_index,
        data=letter.body,
        length=len(letter.body),
        path=head.record_name,
        fingerprint="",
        skip_invalid=True,
        reader=Reader(_JSONL),
    )
    read_jsonl(chunk, batch, None, max_records=max_records)
    rejected = tuple(
        RejectedRecord(head.record_index, head.record_name, RejectReason.MALFORMED, problem.message)
        for problem in batch.problems
    )
    return Reading({stream: Parsed(request) for stream, request in batch.requests.items()}, rejected)


def _stream_of(letter: StoredLetter) -> OtlpStream:
    head = letter.head
    if head.telemetry_type not in OTLP_STREAMS:
        raise Conflict(
            f"Dead letter {head.id} is of the stream {head.telemetry_type!r}, which cannot be sent again.",
            code="dead_letter.not_otlp",
        )
    return OTLP_STREAMS[TelemetryType(head.telemetry_type)]
