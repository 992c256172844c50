"""What makes a log record storable; time and trace context are optional there."""

from __future__ import annotations

from typing import Any

from pitwall.ingest.failures import Flaw, RejectReason
from pitwall.ingest.limits import RecordRules
from pitwall.ingest.validate_spans import (
    SPAN_ID_BYTES,
    TRACE_ID_BYTES,
    find_attribute_flaw,
    find_optional_id_flaw,
    find_time_flaw,
)

_MAX_SEVERITY = 24


class LogJudge:
    """Finds the flaw of each log record of one request."""

    def __init__(self, rules: RecordRules) -> None:
        self._rules = rules

    def find_flaw(self, record: Any, _group_name: str = "") -> Flaw | None:
        """Return why a log record may not be stored, None if it may."""
        return (
            find_optional_id_flaw(record.trace_id, TRACE_ID_BYTES, "trace id", RejectReason.INVALID_TRACE_ID)
            or find_optional_id_flaw(record.span_id, SPAN_ID_BYTES, "span id", RejectReason.INVALID_SPAN_ID)
            or _find_optional_time_flaw(record.time_unix_nano, "time", self._rules)
            or _find_optional_time_flaw(record.observed_time_unix_nano, "observed time", self._rules)
            or _find_severity_flaw(record.severity_number)
            or find_attribute_flaw(record, self._rules)
        )


def _find_optional_time_flaw(unix_nano: int, what: str, rules: RecordRules) -> Flaw | None:
    return find_time_flaw(unix_nano, what, rules) if unix_nano else None


def _find_severity_flaw(number: int) -> Flaw | None:
    if 0 <= number <= _MAX_SEVERITY:
        return None
    return Flaw(
        RejectReason.INVALID_SEVERITY, f"the severity number is {number}; it goes from 0 to {_MAX_SEVERITY}"
    )
