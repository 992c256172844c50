"""What makes a span storable: real ids, times that can be, no copy of another."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from google.protobuf.message import Message

from pitwall.ingest.failures import Flaw, RejectReason
from pitwall.ingest.limits import RecordRules
from pitwall.ingest.recent_spans import span_key
from pitwall.kit.clock import NANOS_PER_SECOND, from_unix_nano

TRACE_ID_BYTES = 16
SPAN_ID_BYTES = 8
NO_TRACE_ID = bytes(TRACE_ID_BYTES)
NO_SPAN_ID = bytes(SPAN_ID_BYTES)


def sound_span_keys(request: Any, rules: RecordRules) -> list[int] | None:
    """Return the key of each span (`span_key`) if every span of a request is sound; None if any is not.

    Takes about 1 us a span: ids are collected and looked at together at the end.
    """
    earliest, latest = rules.earliest_unix_nano, rules.latest_unix_nano
    longest, max_attributes = rules.longest_nanos, rules.max_attributes
    keys: list[int] = []
    span_ids: set[bytes] = set()
    trace_ids: set[bytes] = set()
    parent_ids: set[bytes] = set()
    for resource_spans in request.resource_spans:
        if len(resource_spans.resource.attributes) > max_attributes:
            return None
        for scope_spans in resource_spans.scope_spans:
            if len(scope_spans.scope.attributes) > max_attributes:
                return None
            for span in scope_spans.spans:
                start, end = span.start_time_unix_nano, span.end_time_unix_nano
                if not earliest <= start <= end <= latest or end - start > longest:
                    return None
                attribute_count = len(span.attributes)
                if attribute_count > max_attributes:
                    return None
                if (events := span.events) and not _are_events_sound(events, rules):
                    return None
                if span.links and _find_links_flaw(span, rules):
                    return None
                trace_id, span_id = span.trace_id, span.span_id
                keys.append(hash((trace_id, span_id, start, end, attribute_count)))  # `span_key`, in line
                span_ids.add(span_id)
                trace_ids.add(trace_id)
                parent_ids.add(span.parent_span_id)
    if len(span_ids) < len(keys) or not _are_ids(span_ids, SPAN_ID_BYTES):
        return None
    parent_ids -= {b"", NO_SPAN_ID}
    if not _are_ids(trace_ids, TRACE_ID_BYTES) or not _are_ids(parent_ids, SPAN_ID_BYTES):
        return None
    return keys


def _are_ids(ids: set[bytes], size: int) -> bool:
    return bytes(size) not in ids and all(len(value) == size for value in ids)


def _are_events_sound(events: Any, rules: RecordRules) -> bool:
    return len(events) <= rules.max_events and all(
        rules.allow_time(event.time_unix_nano) and len(event.attributes) <= rules.max_attributes
        for event in events
    )


class SpanJudge:
    """Finds the flaw of each span of one request; remembers ids to find copies.

    Args:
        known: Keys of spans that arrived before; their copies are not kept.
    """

    def __init__(self, rules: RecordRules, known: Collection[int] = ()) -> None:
        self._rules = rules
        self._known = known
        self._seen: dict[tuple[bytes, bytes], Message] = {}

    def find_flaw(self, span: Any, _group_name: str = "") -> Flaw | None:
        """Return why a span may not be stored, None if it may."""
        return (
            _find_id_flaw(span)
            or find_time_flaw(span.start_time_unix_nano, "start time", self._rules)
            or _find_duration_flaw(span, self._rules)
            or find_attribute_flaw(span, self._rules)
            or _find_events_flaw(span, self._rules)
            or _find_links_flaw(span, self._rules)
            or self._find_copy(span)
        )

    def _find_copy(self, span: Any) -> Flaw | None:
        first = self._seen.setdefault((span.trace_id, span.span_id), span)
        if first is span:
            return self._find_earlier_copy(span)
        if first in (span, self._repaired(span)):
            return Flaw(
                RejectReason.DUPLICATE, "the same span stands in the request already; it is kept once"
            )
        return Flaw(
            RejectReason.DUPLICATE_ID, f"another span of the request has the same ids ({span.span_id.hex()})"
        )

    def _find_earlier_copy(self, span: Any) -> Flaw | None:
        if not self._known or span_key(span) not in self._known:
            return None
        return Flaw(RejectReason.DUPLICATE, "the same span arrived a while ago; it is kept once")

    def _repaired(self, span: Any) -> Message:
        # What it is compared with was repaired when it was kept.
        twin: Message = type(span)()
        twin.CopyFrom(span)
        repair_event_times(twin, self._rules)
        return twin


def _find_id_flaw(span: Any) -> Flaw | None:
    return (
        find_id_flaw(span.trace_id, TRACE_ID_BYTES, "trace id", RejectReason.INVALID_TRACE_ID)
        or find_id_flaw(span.span_id, SPAN_ID_BYTES, "span id", RejectReason.INVALID_SPAN_ID)
        or find_optional_id_flaw(
            span.parent_span_id, SPAN_ID_BYTES, "parent span id", RejectReason.INVALID_PARENT_SPAN_ID
        )
    )


def find_id_flaw(value: bytes, size: int, what: str, reason: RejectReason) -> Flaw | None:
    """Return why bytes are no id: absent, of another length, or all zero."""
    if not value:
        return Flaw(reason, f"the {what} is missing")
    if len(value) != size:
        return Flaw(reason, f"the {what} has {len(value)} bytes instead of {size}")
    if value == bytes(size):
        return Flaw(reason, f"the {what} is all zero")
    return None


def find_optional_id_flaw(value: bytes, size: int, what: str, reason: RejectReason) -> Flaw | None:
    """Return why bytes are no id where none is fine too; all zero counts as none."""
    return find_id_flaw(value, size, what, reason) if value and value != bytes(size) else None


def find_time_flaw(unix_nano: int, what: str, rules: RecordRules) -> Flaw | None:
    """Return why a time cannot be when something happened."""
    if unix_nano < rules.earliest_unix_nano:
        problem = "is missing" if unix_nano == 0 else f"{format_time(unix_nano)} is before the year 2000"
    elif unix_nano > rules.latest_unix_nano:
        problem = f"{format_time(unix_nano)} is in the future"
    else:
        return None
    return Flaw(RejectReason.TIME_OUT_OF_RANGE, f"the {what} {problem}")


def _find_duration_flaw(span: Any, rules: RecordRules) -> Flaw | None:
    start, end = span.start_time_unix_nano, span.end_time_unix_nano
    if end < start:
        seconds = (start - end) / NANOS_PER_SECOND
        return Flaw(RejectReason.NEGATIVE_DURATION, f"it ends {seconds:g} s before it starts")
    if end > rules.latest_unix_nano:
        return find_time_flaw(end, "end time", rules)
    if end - start > rules.longest_nanos:
        days = (end - start) / NANOS_PER_SECOND / 86_400
        limit = rules.longest_nanos / NANOS_PER_SECOND / 86_400
        return Flaw(RejectReason.DURATION_TOO_LONG, f"it lasts {days:.1f} days; the limit is {limit:g}")
    return None


def find_attribute_flaw(holder: Any, rules: RecordRules, what: str = "it") -> Flaw | None:
    """Return a flaw if a record, or what belongs to it, has more attributes than the limit."""
    count = len(holder.attributes)
    if count <= rules.max_attributes:
        return None
    setting = "ingest.max_attributes_per_span"
    message = f"{what} has {count} attributes; the limit is {rules.max_attributes} (setting {setting})"
    return Flaw(RejectReason.TOO_MANY_ATTRIBUTES, message)


def find_count_flaw(count: int, what: str, reason: RejectReason, rules: RecordRules) -> Flaw | None:
    """Return a flaw if a record has more events, or the like, than the limit."""
    if count <= rules.max_events:
        return None
    setting = "ingest.max_events_per_span"
    return Flaw(reason, f"it has {count} {what}; the limit is {rules.max_events} (setting {setting})")


def _find_events_flaw(span: Any, rules: RecordRules) -> Flaw | None:
    events = span.events
    flaws = (find_attribute_flaw(event, rules, f"its event {event.name!r:.60}") for event in events)
    return find_count_flaw(len(events), "events", RejectReason.TOO_MANY_EVENTS, rules) or next(
        filter(None, flaws), None
    )


def _find_links_flaw(span: Any, rules: RecordRules) -> Flaw | None:
    links = span.links
    flaws = (find_attribute_flaw(link, rules, "one of its links") for link in links)
    return find_count_flaw(len(links), "links", RejectReason.TOO_MANY_LINKS, rules) or next(
        filter(None, flaws), None
    )


def repair_event_times(span: Any, rules: RecordRules) -> str:
    """Move events that cannot have happened when they say into their span; return what was moved.

    An event without a time, or from before the year 2000, goes to the span's start, one from the future to
    its end.
    """
    moved = []
    for event in span.events:
        flaw = find_time_flaw(event.time_unix_nano, "time", rules)
        if flaw is not None:
            is_late = event.time_unix_nano > rules.latest_unix_nano
            event.time_unix_nano = span.end_time_unix_nano if is_late else span.start_time_unix_nano
            place = "end" if is_late else "start"
            moved.append(f"event {event.name!r:.60} moved to the span's {place}, {flaw.message}")
    return first_and_count(moved)


def first_and_count(clauses: list[str]) -> str:
    """Say the first of some clauses, and how many more there are; "" if there is none."""
    if not clauses:
        return ""
    return clauses[0] + (f" (and {len(clauses) - 1:,} more)" if len(clauses) > 1 else "")


def format_time(unix_nano: int) -> str:
    """Write a time of any size; what no calendar holds stays a number."""
    try:
        return from_unix_nano(unix_nano).isoformat(timespec="seconds")
    except OverflowError:
        return f"{unix_nano} ns"
