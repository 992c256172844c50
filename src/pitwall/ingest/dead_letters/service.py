"""Looking at dead letters and sending them again."""

from __future__ import annotations

from dataclasses import replace

from pitwall.core.errors import Conflict, InvalidInput, NotFound
from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.dead_letters.repository import LETTER_ID, DeadLetters
from pitwall.ingest.dead_letters.types import LetterFilter, LetterHead, RetryResult, StoredLetter
from pitwall.ingest.masker import PROTOBUF
from pitwall.ingest.otlp_json import parse_json
from pitwall.ingest.otlp_protobuf import parse_protobuf
from pitwall.ingest.service import IngestService, Submission
from pitwall.ingest.wire import OTLP_STREAMS, OtlpStream, Parsed
from pitwall.kit.paging import InvalidCursor, Page, decode_cursor, encode_cursor

MAX_PAGE = 500
_CURSOR = "dead_letters.newest"


class DeadLetterService:
    """What people do with dead letters; calls block.

    Args:
        letters: The stored ones.
        ingest: Where a retry goes.
    """

    def __init__(self, letters: DeadLetters, ingest: IngestService) -> None:
        self._letters = letters
        self._ingest = ingest

    def list(
        self, project: str, wanted: LetterFilter, *, cursor: str | None = None, limit: int = 50
    ) -> Page[LetterHead]:
        """Return a page of letters, newest first.

        Raises:
            InvalidInput: The cursor is not one of this list.
        """
        limit = min(limit, MAX_PAGE)
        found = self._letters.list(project, wanted, before=_position(cursor), limit=limit + 1)
        page = found[:limit]
        return Page(page, _cursor(page[-1]) if len(found) > limit else None)

    def get(self, project: str, letter_id: str) -> StoredLetter:
        """Return one letter with its body.

        Raises:
            NotFound: The project has no such letter.
        """
        letter = self._letters.find(project, letter_id) if LETTER_ID.fullmatch(letter_id) else None
        if letter is None:
            raise NotFound(
                f"There is no dead letter {letter_id!r}.",
                code="dead_letter.not_found",
                hint="See `pitwall telemetry dead-letters list`.",
            )
        return letter

    def retry(self, project: str, letter_id: str) -> RetryResult:
        """Send a letter again by its door; it is removed if something of it is accepted.

        Records that are rejected again get letters of their own then; if all are, the letter stays.

        Raises:
            NotFound: The project has no such letter.
            Conflict: Its body was too long to be kept whole, or was taken in a moment ago.
        """
        letter = self.get(project, letter_id)
        stream = _stream_of(letter)
        kept, rejected = self._ingest.examine(stream, self._parse(stream, letter))
        if not kept:
            return RetryResult(letter_id, 0, rejected, is_removed=False)
        # Written anew without unknown fields, of which the engine does not read all that protobuf allows.
        parsed = replace(self._parse(stream, letter), raw=None)
        submission = Submission(stream.telemetry_type, project, letter.head.door, parsed)
        result = self._ingest.accept_blocking(submission)
        if result.is_repeated:
            raise Conflict(
                f"What dead letter {letter_id} holds was sent a moment ago, so it counts as a repeat.",
                code="dead_letter.repeated",
                hint="Retry it later, when repeats are no longer recognised (ingest.retry_horizon_seconds).",
            )
        self._letters.remove(project, letter_id)
        return RetryResult(letter_id, result.accepted, result.rejected, is_removed=True)

    def _parse(self, stream: OtlpStream, letter: StoredLetter) -> Parsed:
        parse = parse_protobuf if letter.head.content_type == PROTOBUF else parse_json
        return parse(stream, letter.body, max_records=self._ingest.limits.max_records)


def _stream_of(letter: StoredLetter) -> OtlpStream:
    head = letter.head
    if not letter.is_whole:
        raise Conflict(
            f"Dead letter {head.id} was cut to {len(letter.body):,} of {head.body_bytes:,} bytes.",
            code="dead_letter.cut",
            hint="It cannot be sent again from here; send the record from where it came.",
        )
    if head.telemetry_type not in OTLP_STREAMS:
        raise Conflict(
            f"Dead letter {head.id} is of the stream {head.telemetry_type!r}, which cannot be sent again.",
            code="dead_letter.not_otlp",
        )
    return OTLP_STREAMS[TelemetryType(head.telemetry_type)]


def _position(cursor: str | None) -> tuple[int, str] | None:
    if cursor is None:
        return None
    try:
        received_ms, letter_id = decode_cursor(_CURSOR, cursor)
    except InvalidCursor as error:
        raise InvalidInput(f"{error}.", code="dead_letter.bad_cursor") from error
    return int(received_ms or 0), str(letter_id)


def _cursor(letter: LetterHead) -> str:
    return encode_cursor(_CURSOR, round(letter.received_at.timestamp() * 1000), letter.id)
