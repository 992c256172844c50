"""What every door calls with a parsed request: keep the good records, put the others aside, then answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from pitwall.core.errors import PitwallError
from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.counters import IngestMetrics, Outcome
from pitwall.ingest.dead_letters.letter import encode_letters
from pitwall.ingest.dead_letters.making import make_letters
from pitwall.ingest.failures import RejectedRecord, RejectReason, RepairedRecord
from pitwall.ingest.limits import IngestLimits, RecordRules
from pitwall.ingest.logged_calls import count_calls, find_calls
from pitwall.ingest.masker import Masker
from pitwall.ingest.recent_spans import RecentSpans, span_key
from pitwall.ingest.validate import Verdict, validate
from pitwall.ingest.validate_spans import sound_span_keys
from pitwall.ingest.wire import OTLP_STREAMS, OtlpStream, Parsed, has_unknown_outer_fields
from pitwall.kit.clock import Clock
from pitwall.stores.telemetry.acks import Ack

_NAMED_IN_MESSAGE = 5
# Larger requests of streams that are checked record by record go to a thread; so does what has flaws.
_INLINE_BYTES = 64 * 1024


class AppendLog(Protocol):
    """The write-ahead log as the doors see it."""

    def append(
        self, stream: TelemetryType, project: str, body: bytes, record_count: int, door: str
    ) -> Future[Ack]:
        """Queue a body to be made durable; the future completes when it is."""
        ...

    def append_async(
        self, stream: TelemetryType, project: str, body: bytes, record_count: int, door: str
    ) -> asyncio.Future[Ack]:
        """Do the same for the running event loop."""
        ...


@dataclass(frozen=True, slots=True)
class Submission:
    """A parsed request on its way in.

    Attributes:
        project: Where it goes; from the credential, never from the request.
        door: How it came, for example `otlp_http`.
        drops_copies: Whether spans that arrived lately are left out: for clients that send things twice.
    """

    stream: TelemetryType
    project: str
    door: str
    parsed: Parsed
    drops_copies: bool = False


@dataclass(frozen=True, slots=True)
class AcceptResult:
    """What became of a request: `accepted` records are durable, `rejected` ones are named."""

    accepted: int
    rejected: tuple[RejectedRecord, ...] = ()
    skipped: int = 0
    repairs: tuple[str, ...] = ()
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class _Append:
    stream: TelemetryType
    body: bytes
    record_count: int

    def arguments(self, submission: Submission) -> tuple[TelemetryType, str, bytes, int, str]:
        return self.stream, submission.project, self.body, self.record_count, submission.door


@dataclass(frozen=True, slots=True)
class _Plan:
    """What has to be durable before the answer, the answer, and the spans to remember then."""

    result: AcceptResult
    appends: list[_Append] = field(default_factory=list)
    span_keys: Sequence[int] = ()

    def add_kept(self, stream: TelemetryType, parsed: Parsed, *, is_untouched: bool) -> None:
        if self.result.accepted:
            body = _good_body(parsed, is_untouched)
            self.appends.append(_Append(stream, body, self.result.accepted))

    def add_calls(self, parsed: Parsed) -> None:
        """Keep the model calls that log records tell of as spans, too."""
        traces = find_calls(parsed.request)
        if traces is not None:
            body = traces.SerializeToString()
            self.appends.append(_Append(TelemetryType.TRACES, body, count_calls(traces)))


class IngestService:
    """Validates requests and makes them durable.

    Args:
        log: Write-ahead log.
        clock: Time of arrival.
        masker: Hides secrets in dead letters.
        limits: Bounds of requests and records.
        metrics: Where outcomes are counted.
    """

    def __init__(
        self,
        log: AppendLog,
        clock: Clock,
        *,
        masker: Masker,
        limits: IngestLimits | None = None,
        metrics: IngestMetrics | None = None,
    ) -> None:
        self._log = log
        self._clock = clock
        self._masker = masker
        self._recent = RecentSpans()
        self.limits = limits or IngestLimits()
        self.metrics = metrics or IngestMetrics()

    async def accept(self, submission: Submission) -> AcceptResult:
        """Make a request durable; returns when it is.

        Raises:
            LimitExceeded: Too much waits for the store; nothing of the request is promised, send it again.
            Unavailable: The disk refused; likewise.
        """
        plan = self._plan_sound(submission)
        if plan is None:
            plan = await asyncio.to_thread(self._plan, submission)
        futures: list[asyncio.Future[Ack]] = []
        try:
            for append in plan.appends:
                futures.append(self._log.append_async(*append.arguments(submission)))  # noqa: PERF401
        except PitwallError:
            for future in futures:
                future.cancel()
            raise
        acks = [await futures[0]] if len(futures) == 1 else await asyncio.gather(*futures)
        return self._conclude(submission, plan, acks)

    def accept_blocking(self, submission: Submission) -> AcceptResult:
        """Do what `accept` does from a thread without an event loop."""
        plan = self._plan_sound(submission) or self._plan(submission)
        futures = [self._log.append(*append.arguments(submission)) for append in plan.appends]
        return self._conclude(submission, plan, [future.result() for future in futures])

    def examine(self, stream: OtlpStream, parsed: Parsed) -> tuple[int, tuple[RejectedRecord, ...]]:
        """Tell how many records of a request would be kept now, and which not; nothing is stored.

        The request is used up: what would be rejected is taken out of it.
        """
        verdict = validate(stream, parsed.request, self._rules())
        return verdict.kept, (*parsed.rejected, *verdict.rejected)

    def _plan_sound(self, submission: Submission) -> _Plan | None:
        """Plan what is not worth a thread: spans without a flaw, and small requests of other streams."""
        parsed = submission.parsed
        if parsed.raw is None:
            return None
        if submission.stream is not TelemetryType.TRACES:
            return self._plan(submission) if len(parsed.raw) < _INLINE_BYTES else None
        keys = sound_span_keys(parsed.request, self._rules())
        if keys is None or (submission.drops_copies and self._recent.known(submission.project, keys)):
            return None
        plan = _Plan(AcceptResult(len(keys)), span_keys=keys)
        plan.add_kept(submission.stream, parsed, is_untouched=True)
        return plan

    def _plan(self, submission: Submission) -> _Plan:
        stream = OTLP_STREAMS[submission.stream]
        parsed = submission.parsed
        known = self._known_spans(submission)
        verdict = validate(stream, parsed.request, self._rules(), known)
        if known and not parsed.rejected and _holds_copies_only(verdict):
            return _Plan(AcceptResult(len(verdict.rejected), is_repeated=True))
        rejected = (*parsed.rejected, *(parsed.relocate(record) for record in verdict.rejected))
        rejected = tuple(sorted(rejected, key=lambda record: record.index)) if parsed.rejected else rejected
        repairs = (*parsed.repairs, *(_name(stream, parsed.relocate(record)) for record in verdict.repaired))
        result = AcceptResult(verdict.kept, rejected, verdict.skipped, repairs)
        plan = _Plan(result, span_keys=_span_keys(submission))
        plan.add_kept(submission.stream, parsed, is_untouched=verdict.is_untouched)
        if submission.stream is TelemetryType.LOGS:
            plan.add_calls(parsed)
        letters = make_letters(stream, submission.door, rejected, masker=self._masker, limits=self.limits)
        if letters:
            body = encode_letters(submission.project, letters)
            plan.appends.append(_Append(TelemetryType.DEAD_LETTERS, body, len(letters)))
        return plan

    def _known_spans(self, submission: Submission) -> set[int]:
        return self._recent.known(submission.project, _span_keys(submission))

    def _rules(self) -> RecordRules:
        return self.limits.rules(self._clock.unix_nano())

    def _conclude(self, submission: Submission, plan: _Plan, acks: list[Ack]) -> AcceptResult:
        result = plan.result
        if acks:
            result = replace(result, is_repeated=all(ack.is_duplicate for ack in acks))
        if submission.drops_copies:
            self._recent.add(submission.project, plan.span_keys)
        outcome = Outcome(
            accepted=result.accepted,
            rejected_reasons=[record.reason for record in result.rejected],
            skipped=result.skipped,
            repaired=len(result.repairs),
            is_repeated=result.is_repeated,
        )
        self.metrics.count_outcome(submission.door, submission.stream, outcome)
        return result


def _holds_copies_only(verdict: Verdict) -> bool:
    copies = all(record.reason is RejectReason.DUPLICATE for record in verdict.rejected)
    return not verdict.kept and copies


def _span_keys(submission: Submission) -> list[int]:
    """The keys of the spans of a request from a door that drops copies."""
    if not submission.drops_copies or submission.stream is not TelemetryType.TRACES:
        return []
    return [span_key(span) for span in _spans(submission.parsed.request)]


def _spans(request: Any) -> Iterator[Any]:
    for group in OTLP_STREAMS[TelemetryType.TRACES].groups(request):
        yield from group.records


def _good_body(parsed: Parsed, is_untouched: bool) -> bytes:
    if is_untouched and parsed.raw is not None and not has_unknown_outer_fields(parsed.request):
        return parsed.raw
    parsed.request.DiscardUnknownFields()
    return bytes(parsed.request.SerializeToString())


def explain(stream: OtlpStream, result: AcceptResult) -> str:
    """Write the error message of a partial success; empty if there is nothing to say.

    The first few records are named with their reasons, the others are said to be where they are.
    """
    parts = []
    if result.rejected:
        total = result.accepted + result.skipped + len(result.rejected)
        named = "; ".join(_name(stream, record) for record in result.rejected[:_NAMED_IN_MESSAGE])
        more = len(result.rejected) - _NAMED_IN_MESSAGE
        rest = f"; and {more:,} more" if more > 0 else ""
        has_letters = any(record.isolate is not None for record in result.rejected)
        see = " See `pitwall telemetry dead-letters list`." if has_letters else ""
        parts.append(
            f"{len(result.rejected):,} of {total:,} {stream.noun}s were rejected: {named}{rest}.{see}"
        )
    if result.repairs:
        more = len(result.repairs) - _NAMED_IN_MESSAGE
        rest = f"; and {more:,} more" if more > 0 else ""
        parts.append(f"Kept after repair: {'; '.join(result.repairs[:_NAMED_IN_MESSAGE])}{rest}.")
    return " ".join(parts)


def _name(stream: OtlpStream, record: RejectedRecord | RepairedRecord) -> str:
    name = f" {record.name!r}" if record.name else ""
    return f"{stream.noun} [{record.index}]{name}: {record.message}"
