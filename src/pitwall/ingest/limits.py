"""How much a request may hold and when its records may have happened."""

from __future__ import annotations

from dataclasses import dataclass

from pitwall.kit.clock import NANOS_PER_SECOND

MIB = 1024 * 1024
_SECONDS_PER_DAY = 86_400
_YEAR_2000_UNIX_NANO = 946_684_800 * NANOS_PER_SECOND


@dataclass(frozen=True, slots=True)
class IngestLimits:
    """The limits of every door.

    Attributes:
        max_request_bytes: Body as sent.
        max_body_bytes: Body after decompression.
        max_records: Spans, metrics or log records of one request.
        max_attributes: Attributes of one span, point or log record, or of something that belongs to it
            (event, link, resource, scope); a record with more is rejected.
        max_events: Events of one span, its links likewise, and exemplars of one point.
        max_duration_seconds: Longest span.
        max_ahead_seconds: How far a client's clock may run ahead of ours.
        max_letters: Dead letters kept of one request; the rest is only counted, in one last letter.
        max_letters_bytes: Size of the dead letters of one request at which the rest is only counted.
        body_timeout_seconds: Time a client has to send its body.
    """

    max_request_bytes: int = 20 * MIB
    max_body_bytes: int = 64 * MIB
    max_records: int = 100_000
    max_attributes: int = 1_000
    max_events: int = 1_000
    max_duration_seconds: int = 7 * _SECONDS_PER_DAY
    max_ahead_seconds: int = _SECONDS_PER_DAY
    max_letters: int = 1_000
    max_letters_bytes: int = 8 * MIB
    body_timeout_seconds: float = 30.0

    def rules(self, now_unix_nano: int) -> RecordRules:
        """Return what a record that arrives now has to keep to."""
        return RecordRules(
            earliest_unix_nano=_YEAR_2000_UNIX_NANO,
            latest_unix_nano=now_unix_nano + self.max_ahead_seconds * NANOS_PER_SECOND,
            longest_nanos=self.max_duration_seconds * NANOS_PER_SECOND,
            max_attributes=self.max_attributes,
            max_events=self.max_events,
        )


@dataclass(frozen=True, slots=True)
class RecordRules:
    """The bounds of one request's records, fixed at its arrival; times are inclusive."""

    earliest_unix_nano: int
    latest_unix_nano: int
    longest_nanos: int
    max_attributes: int
    max_events: int

    def allow_time(self, unix_nano: int) -> bool:
        """Tell whether something may have happened then."""
        return self.earliest_unix_nano <= unix_nano <= self.latest_unix_nano
