"""Dead letters as they are kept, and what a retry did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pitwall.ingest.failures import RejectedRecord


@dataclass(frozen=True, slots=True)
class LetterHead:
    """A dead letter without its body.

    Attributes:
        id: 32 hexadecimal digits.
        telemetry_type: The stream it was meant for.
        reason: Stable name of what is wrong; see `RejectReason`.
        record_index: Position of the record in the request it came with.
        body_bytes: True length of the body; more than is kept if it was very long.
    """

    id: str
    received_at: datetime
    telemetry_type: str
    door: str
    reason: str
    message: str
    record_index: int
    record_name: str
    content_type: str
    body_bytes: int


@dataclass(frozen=True, slots=True)
class StoredLetter:
    """A dead letter with what is kept of its body."""

    head: LetterHead
    body: bytes

    @property
    def is_whole(self) -> bool:
        """Whether the body is there and was not cut, so that it can be sent again."""
        return bool(self.body) and len(self.body) == self.head.body_bytes


@dataclass(frozen=True, slots=True)
class LetterFilter:
    """Which letters to list; None takes all."""

    telemetry_type: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RetryResult:
    """What sending a letter again did; it is removed once something of it was accepted."""

    id: str
    accepted: int
    rejected: tuple[RejectedRecord, ...]
    is_removed: bool
