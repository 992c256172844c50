"""Taking in what Langfuse SDKs send: scores to their stream, observations as spans through the one road."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from pitwall.core.errors import InvalidInput, PitwallError
from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.counters import Outcome
from pitwall.ingest.failures import MalformedRequest
from pitwall.ingest.langfuse.observations import Folded, write_observation, write_trace
from pitwall.ingest.langfuse.scores import parse_score, to_score
from pitwall.ingest.mapping.records import Score, encode_scores
from pitwall.ingest.service import AppendLog, IngestService, Submission
from pitwall.ingest.wire import Parsed
from pitwall.kit.clock import Clock

DOOR = "langfuse"
MAX_EVENTS = 10_000
# Older SDKs report about themselves with these; there is nothing to store.
_SILENT = frozenset({"sdk-log"})


@dataclass(frozen=True, slots=True)
class EventResult:
    """What became of one event; `error` is None if it is durable."""

    id: str
    error: PitwallError | None = None


class LangfuseDoor:
    """Takes requests in Langfuse's own form; calls block.

    Args:
        log: Takes scores.
        ingest: Takes spans.
        clock: When a score was given that does not say.
    """

    def __init__(self, log: AppendLog, ingest: IngestService, clock: Clock) -> None:
        self._log = log
        self._ingest = ingest
        self._clock = clock

    def take_score(self, project: str, body: Any) -> str:
        """Store one score; returns its id.

        Raises:
            InvalidInput: It is none.
            LimitExceeded, Unavailable: Send it again later.
        """
        score = to_score(parse_score(body), now=self._clock.now())
        self._store_scores(project, [score], [])
        return score.score_id

    def take_scores(self, project: str, bodies: Sequence[Any]) -> list[EventResult]:
        """Store scores; each one that is good is durable when this returns.

        Raises:
            LimitExceeded, Unavailable: Nothing is promised, send all of them again.
        """
        _check_count(bodies)
        scores, results = [], []
        for at, body in enumerate(bodies):
            try:
                score = to_score(parse_score(body), now=self._clock.now())
            except InvalidInput as error:
                results.append(EventResult(_id_in(body, at), error))
            else:
                scores.append(score)
                results.append(EventResult(score.score_id))
        self._store_scores(project, scores, [r.error.code for r in results if r.error is not None])
        return results

    def take_batch(
        self, project: str, events: Sequence[Any], *, repairs: tuple[str, ...] = ()
    ) -> list[EventResult]:
        """Store the events of a batch; each one that is good is durable when this returns.

        Args:
            repairs: What was repaired in their text; it is counted.

        Raises:
            LimitExceeded, Unavailable: Nothing is promised, send all of them again.
        """
        _check_count(events)
        batch = _Batch(self._clock)
        for at, event in enumerate(events):
            batch.add(at, event)
        request = batch.spans()
        if request.resource_spans:
            submission = Submission(TelemetryType.TRACES, project, DOOR, Parsed(request, repairs=repairs))
            result = self._ingest.accept_blocking(submission)
            for rejected in result.rejected:
                batch.refuse_span(rejected.index, InvalidInput(f"{rejected.message}.", code=rejected.reason))
        self._store_scores(project, batch.scores, [])
        return batch.results

    def _store_scores(self, project: str, scores: Sequence[Score], rejected: Sequence[str]) -> None:
        if scores:
            body = encode_scores(scores)
            self._log.append(TelemetryType.SCORES, project, body, len(scores), DOOR).result()
        if scores or rejected:
            outcome = Outcome(accepted=len(scores), rejected_reasons=rejected)
            self._ingest.metrics.count_outcome(DOOR, TelemetryType.SCORES, outcome)


class _Batch:
    """The events of one request and what becomes of each."""

    def __init__(self, clock: Clock) -> None:
        self.results: list[EventResult] = []
        self.scores: list[Score] = []
        self._clock = clock
        self._folded = Folded()
        self._places: dict[str, int] = {}
        self._span_events: list[list[str]] = []

    def add(self, at: int, event: Any) -> None:
        event_id = _id_in(event, at)
        self._places[event_id] = len(self.results)
        self.results.append(EventResult(event_id))
        try:
            self._take(event_id, event)
        except InvalidInput as error:
            self._refuse([event_id], error)

    def spans(self) -> ExportTraceServiceRequest:
        """Return the spans of all events that could be read."""
        request = ExportTraceServiceRequest()
        spans: list[Span] = []
        folded = self._folded
        traces_with_spans = set()
        for observation in folded.observations.values():
            trace_id = str(observation.body["traceId"])
            traces_with_spans.add(trace_id)
            span = Span()
            try:
                write_observation(span, observation, folded.traces.get(trace_id, {}))
            except InvalidInput as error:
                self._refuse(observation.events, error)
            else:
                spans.append(span)
                self._span_events.append(observation.events)
        for trace_id in folded.traces.keys() - traces_with_spans:
            span = Span()
            try:
                write_trace(span, trace_id, folded.traces[trace_id])
            except InvalidInput as error:
                self._refuse(folded.trace_events[trace_id], error)
            else:
                spans.append(span)
                self._span_events.append(folded.trace_events[trace_id])
        if spans:
            scope_spans = request.resource_spans.add().scope_spans.add()
            scope_spans.scope.name = "langfuse-ingestion"
            scope_spans.spans.extend(spans)
        return request

    def refuse_span(self, index: int, error: PitwallError) -> None:
        """Note that a span was rejected."""
        self._refuse(self._span_events[index], error)

    def _take(self, event_id: str, event: Any) -> None:
        if not isinstance(event, Mapping) or not isinstance(event.get("body"), Mapping):
            raise InvalidInput("The event has no body.", code="langfuse.bad_event")
        event_type = str(event.get("type"))
        if event_type in _SILENT:
            return
        if event_type == "score-create":
            self.scores.append(to_score(parse_score(event["body"]), now=self._clock.now()))
            return
        body = event["body"]
        if event_type == "trace-create" and body.get("timestamp") is None:
            body = {**body, "timestamp": event.get("timestamp")}
        self._folded.add(event_id, event_type, body)

    def _refuse(self, event_ids: Sequence[str], error: PitwallError) -> None:
        for event_id in event_ids:
            place = self._places[event_id]
            self.results[place] = replace(self.results[place], error=error)


def _check_count(items: Sequence[Any]) -> None:
    if len(items) > MAX_EVENTS:
        raise MalformedRequest(f"The request has {len(items):,} events; the limit is {MAX_EVENTS:,}.")


def _id_in(body: Any, at: int) -> str:
    given = body.get("id") if isinstance(body, Mapping) else None
    return str(given) if given else f"#{at}"
