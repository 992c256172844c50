"""Which records of a parsed request may be stored, and why the others may not.

Sound requests are the rule, so spans are first checked in one tight loop that only says yes or no; who is at
fault is found afterwards, record by record.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from google.protobuf.message import Message

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.failures import Flaw, RejectedRecord, RejectReason, RepairedRecord
from pitwall.ingest.limits import RecordRules
from pitwall.ingest.validate_logs import LogJudge
from pitwall.ingest.validate_points import PointJudge, has_no_value, repair_exemplar_times
from pitwall.ingest.validate_spans import (
    SpanJudge,
    find_attribute_flaw,
    repair_event_times,
    sound_span_keys,
)
from pitwall.ingest.wire import OtlpStream, RecordGroup, record_name

# Takes a record and the name of its group; says what is wrong with it.
Judge = Callable[[Any, str], Flaw | None]
# Puts right what can be in a sound record; says what that was, "" if nothing.
Mender = Callable[[Any, RecordRules], str]


@dataclass(slots=True)
class Verdict:
    """What a check found.

    Attributes:
        kept: Records that stay in the request.
        skipped: Points that say of themselves that they carry no value; neither kept nor at fault.
        rejected: Records that were taken out of the request.
        repaired: Records that were changed to be kept.
    """

    kept: int = 0
    skipped: int = 0
    rejected: list[RejectedRecord] = field(default_factory=list)
    repaired: list[RepairedRecord] = field(default_factory=list)

    @property
    def is_untouched(self) -> bool:
        """Whether the request still is what the client sent."""
        return not self.rejected and not self.skipped and not self.repaired


def validate(
    stream: OtlpStream, request: Message, rules: RecordRules, known: Collection[int] = ()
) -> Verdict:
    """Take out of a request what may not be stored.

    Args:
        request: Parsed request; rejected records are removed from it, impossible times of events put right.
        known: Keys of spans that arrived before; their copies are rejected.

    Returns:
        Counts that add up to the records the request held, and what was rejected.
    """
    if stream.telemetry_type is TelemetryType.TRACES and not known:
        sound = sound_span_keys(request, rules)
        if sound is not None:
            return Verdict(kept=len(sound))
    return _sift(stream, request, rules, known)


def _sift(stream: OtlpStream, request: Message, rules: RecordRules, known: Collection[int]) -> Verdict:
    verdict = Verdict()
    sieve = _Sieve(_judge_of(stream, rules, known), _mender_of(stream), rules, verdict)
    index = 0
    for group in stream.groups(request):
        size = len(group.records)
        if stream.telemetry_type is TelemetryType.METRICS:
            verdict.skipped += _drop_valueless(group.records)
        sieve.sift(group, index)
        index += size
    return verdict


def _judge_of(stream: OtlpStream, rules: RecordRules, known: Collection[int]) -> Judge:
    match stream.telemetry_type:
        case TelemetryType.TRACES:
            return SpanJudge(rules, known).find_flaw
        case TelemetryType.METRICS:
            return PointJudge(rules).find_flaw
        case _:
            return LogJudge(rules).find_flaw


def _mender_of(stream: OtlpStream) -> Mender:
    match stream.telemetry_type:
        case TelemetryType.TRACES:
            return repair_event_times
        case TelemetryType.METRICS:
            return repair_exemplar_times
        case _:
            return lambda _record, _rules: ""


def _drop_valueless(points: Any) -> int:
    kept = [point for point in points if not has_no_value(point)]
    dropped = len(points) - len(kept)
    if dropped:
        _refill(points, kept)
    return dropped


@dataclass(frozen=True, slots=True)
class _Sieve:
    """Takes groups of records apart and notes what it finds in its verdict."""

    judge: Judge
    mend: Mender
    rules: RecordRules
    verdict: Verdict

    def sift(self, group: RecordGroup, first_index: int) -> None:
        kept = []
        flaw_of_all = _find_shared_flaw(group, self.rules)
        for index, record in enumerate(group.records, first_index):
            flaw = flaw_of_all or self.judge(record, group.name)
            if flaw is None:
                kept.append(record)
                self._mend(group, record, index)
            else:
                self.verdict.rejected.append(_reject(group, record, index, flaw))
        self.verdict.kept += len(kept)
        if len(kept) < len(group.records):
            _refill(group.records, kept)

    def _mend(self, group: RecordGroup, record: Message, index: int) -> None:
        if said := self.mend(record, self.rules):
            self.verdict.repaired.append(RepairedRecord(index, record_name(record, group.name), said))


def _find_shared_flaw(group: RecordGroup, rules: RecordRules) -> Flaw | None:
    return find_attribute_flaw(group.resource, rules, "its resource") or find_attribute_flaw(
        group.scope, rules, "its scope"
    )


def _refill(records: Any, kept: list[Message]) -> None:
    # Deleting one by one would be quadratic in a request that somebody made bad on purpose.
    del records[:]
    records.extend(kept)


def _reject(group: RecordGroup, record: Message, index: int, flaw: Flaw) -> RejectedRecord:
    # An exact copy of a span that is kept loses nothing, so it needs no dead letter.
    is_copy = flaw.reason is RejectReason.DUPLICATE
    isolate = None if is_copy else partial(_isolate, group, record)
    return RejectedRecord(index, record_name(record, group.name), flaw.reason, flaw.message, isolate)


def _isolate(group: RecordGroup, record: Message) -> bytes:
    return bytes(group.isolate(record).SerializeToString())
