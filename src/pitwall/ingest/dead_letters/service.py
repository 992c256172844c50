"""Looking at dead letters and sending them again."""

from __future__ import annotations

from collections.abc import Sequence

from pitwall.access.types import Principal
from pitwall.core.errors import Conflict, InvalidInput, NotFound
from pitwall.ingest.dead_letters.reading import Reading, read_letter
from pitwall.ingest.dead_letters.repository import LETTER_ID, DeadLetters
from pitwall.ingest.dead_letters.types import LetterFilter, LetterHead, RetryResult, StoredLetter
from pitwall.ingest.failures import RejectedRecord
from pitwall.ingest.service import AcceptResult, IngestService, Submission
from pitwall.ingest.wire import OTLP_STREAMS
from pitwall.kit.clock import Clock
from pitwall.kit.paging import InvalidCursor, Page, decode_cursor, encode_cursor
from pitwall.stores.state import AuditEntry, AuditLog, StateStore

MAX_PAGE = 500
_CURSOR = "dead_letters.newest"


class DeadLetterService:
    """What people do with dead letters; calls block.

    Args:
        letters: The stored ones.
        ingest: Where a retry goes.
        state: Keeps the audit log.
    """

    def __init__(self, letters: DeadLetters, ingest: IngestService, state: StateStore, clock: Clock) -> None:
        self._letters = letters
        self._ingest = ingest
        self._state = state
        self._clock = clock

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

    def retry(self, letter_id: str, *, by: Principal) -> RetryResult:
        """Send a letter again by its door; it is removed if something of it is accepted.

        Records that are rejected again get letters of their own then; if all are, the letter stays.

        Args:
            by: Whose project, and who is named in the audit log.

        Raises:
            NotFound: The project has no such letter.
            Conflict: Its body was too long to be kept whole, is a line without its column map, or was taken
                in a moment ago.
        """
        letter = self.get(by.project_id, letter_id)
        kept, rejected = self._examine(letter)
        accepted = 0
        if kept:
            results = self._send(by.project_id, letter)
            accepted = sum(result.accepted for result in results)
            rejected = tuple(record for result in results for record in result.rejected)
            self._letters.remove(by.project_id, letter_id)
        self._record(letter_id, accepted, len(rejected), by)
        return RetryResult(letter_id, accepted, rejected, is_removed=bool(kept))

    def _examine(self, letter: StoredLetter) -> tuple[int, tuple[RejectedRecord, ...]]:
        """Tell how many records would be kept now, and which not."""
        reading = self._read(letter)
        kept, rejected = 0, reading.rejected
        for stream, parsed in reading.requests.items():
            sound, unsound = self._ingest.examine(OTLP_STREAMS[stream], parsed)
            kept, rejected = kept + sound, rejected + unsound
        return kept, rejected

    def _send(self, project: str, letter: StoredLetter) -> Sequence[AcceptResult]:
        results = [
            self._ingest.accept_blocking(Submission(stream, project, letter.head.door, parsed))
            for stream, parsed in self._read(letter).requests.items()
        ]
        if all(result.is_repeated for result in results):
            raise Conflict(
                f"What dead letter {letter.head.id} holds was sent a moment ago, so it counts as a repeat.",
                code="dead_letter.repeated",
                hint="Retry it later, when repeats are no longer recognised (ingest.retry_horizon_seconds).",
            )
        return results

    def _read(self, letter: StoredLetter) -> Reading:
        return read_letter(letter, max_records=self._ingest.limits.max_records)

    def _record(self, letter_id: str, accepted: int, rejected: int, by: Principal) -> None:
        entry = AuditEntry(
            at=self._clock.now(),
            actor=by.actor,
            action="dead_letter.retried",
            object=f"dead_letter {letter_id}",
            project_id=by.project_id,
            details={"accepted": accepted, "rejected": rejected},
        )
        with self._state.session() as connection:
            AuditLog(connection).record(entry)


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
