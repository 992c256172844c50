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
from pitwall.ingest.failures import Flaw, RejectedRecord, RejectReason
from pitwall.ingest.limits import RecordRules
from pitwall.ingest.validate_logs import LogJudge
from pitwall.ingest.validate_points import PointJudge, has_no_value
from pitwall.ingest.validate_spans import SpanJudge, sound_span_keys
from pitwall.ingest.wire import OtlpStream, RecordGroup, record_name

# Takes a record and the name of its group; says what is wrong with it.
Judge = Callable[[Any, str], Flaw | None]


@dataclass(slots=True)
class Verdict:
    """What a check found.

    Attributes:
        kept: Records that stay in the request.
        skipped: Points that say of themselves that they carry no value; neither kept nor at fault.
        rejected: Records that were taken out of the request.
    """

    kept: int = 0
    skipped: int = 0
    rejected: list[RejectedRecord] = field(default_factory=list)

    @property
    def is_untouched(self) -> bool:
        """Whether the request still is what the client sent."""
        return not self.rejected and not self.skipped


def validate(
    stream: OtlpStream, request: Message, rules: RecordRules, known: Collection[int] = ()
) -> Verdict:
    """Take out of a request what may not be stored.

    Args:
        request: Parsed request; rejected records are removed from it.
        known: Keys of spans that arrived before; their copies are rejected.

    Returns:
        Counts that add up to the records the request held, and what was rejected.
    """
    if stream.telemetry_type is TelemetryType.TRACES and not known:
        sound = sound_span_keys(request, rules)
        if sound is not None:
            return Verdict(kept=len(sound))
    return _sift(stream, request, _judge_of(stream, rules, known))


def _sift(stream: OtlpStream, request: Message, judge: Judge) -> Verdict:
    verdict = Verdict()
    index = 0
    for group in stream.groups(request):
        size = len(group.records)
        if stream.telemetry_type is TelemetryType.METRICS:
            verdict.skipped += _drop_valueless(group.records)
        _sift_group(group, judge, index, verdict)
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


def _drop_valueless(points: Any) -> int:
    kept = [point for point in points if not has_no_value(point)]
    dropped = len(points) - len(kept)
    if dropped:
        _refill(points, kept)
    return dropped


def _sift_group(group: RecordGroup, judge: Judge, first_index: int, verdict: Verdict) -> None:
    kept = []
    for index, record in enumerate(group.records, first_index):
        flaw = judge(record, group.name)
        if flaw is None:
            kept.append(record)
        else:
            verdict.rejected.append(_reject(group, record, index, flaw))
    verdict.kept += len(kept)
    if len(kept) < len(group.records):
        _refill(group.records, kept)


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
