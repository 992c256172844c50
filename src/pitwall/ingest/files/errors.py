"""Why files, lines and chunks are refused."""

from __future__ import annotations

from enum import StrEnum

from pitwall.core.errors import Conflict, InvalidInput


class OffsetMismatch(Conflict):
    """The chunk does not begin where the source stands; `details` has `expected_offset`."""

    default_code = "ingest.offset_mismatch"


class InvalidLine(InvalidInput):
    """A line is malformed; `details` has `path`, `line`, `offset` and `reason`."""

    default_code = "ingest.invalid_line"


class InvalidMap(InvalidInput):
    """The column map cannot be understood or does not fit the file."""

    default_code = "ingest.invalid_map"


class LineReason(StrEnum):
    """What can be wrong with a line, beside what can be wrong with any record (`RejectReason`)."""

    MALFORMED = "malformed"
    UNKNOWN_EVENT = "unknown_event"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    TOO_LONG = "line_too_long"


class BadLine(Exception):
    """A line that no record can be made of."""

    def __init__(self, reason: LineReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
