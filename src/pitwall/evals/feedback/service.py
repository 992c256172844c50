"""Taking in what users say of answers; calls block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pitwall.core.errors import NotFound
from pitwall.core.feedback import SOURCE, FeedbackInvalid, Opinion, opinion_id, read_opinion
from pitwall.evals.feedback.repository import LOOKED_BACK, FeedbackPlaces, Place
from pitwall.evals.online.records import ScoreWriter
from pitwall.ingest.mapping.records import Score
from pitwall.kit.clock import Clock
from pitwall.kit.ids import InvalidId, parse_span_id, parse_trace_id

DOOR: Final = "feedback"
_USER: Final = "user.id"


class FeedbackPlaceUnknown(NotFound):
    """No trace of the project belongs to the request."""

    default_code = "feedback.request_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFeedback:
    """What somebody says, of a trace or of a request.

    Attributes:
        span_id: Of the span that it is about; None for the root span.
        user: Who says it; the last word of a user on a trace counts.
    """

    trace_id: str | None = None
    request_id: str | None = None
    span_id: str | None = None
    thumb: str | None = None
    satisfaction: int | None = None
    comment: str | None = None
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """Feedback that is durable."""

    score: Score


class Feedback:
    """Takes feedback as scores beside spans.

    Args:
        places: Finds the spans.
        writer: Writes scores.
        clock: When it was given.
    """

    def __init__(self, places: FeedbackPlaces, writer: ScoreWriter, clock: Clock) -> None:
        self._places = places
        self._writer = writer
        self._clock = clock

    def take(self, project: str, new: NewFeedback) -> Taken:
        """Keep feedback; it is durable when this returns, and replaces the user's earlier word on the trace.

        Raises:
            FeedbackInvalid: It says nothing, or it is not said of what.
            FeedbackPlaceUnknown: No span carries the request id.
            LimitExceeded, Unavailable: Send it again later.
        """
        opinion = read_opinion(new.thumb, new.satisfaction)
        span_id = _read_span_id(new.span_id)
        trace_id, place = self._place(project, new)
        score = self._score(new, opinion, trace_id, span_id, place)
        self._writer.write(project, [score], DOOR)
        return Taken(score)

    def _place(self, project: str, new: NewFeedback) -> tuple[bytes, Place | None]:
        if (new.trace_id is None) == (new.request_id is None):
            raise FeedbackInvalid(
                "Feedback names a trace or a request, one of the two.", hint="Give trace_id or request_id."
            )
        now = self._clock.now()
        if new.trace_id is not None:  # its spans may be on their way yet
            trace_id = _read_trace_id(new.trace_id)
            return trace_id, self._places.of_trace(project, trace_id, now)
        place = self._places.of_request(project, new.request_id or "", now)
        if place is None:
            raise FeedbackPlaceUnknown(
                f"No span of the last {LOOKED_BACK.days} days carries the request id {new.request_id!r}.",
                hint="Its spans may be on their way: send it again in some seconds, or name trace_id.",
            )
        return place.trace_id, place

    def _score(
        self, new: NewFeedback, opinion: Opinion, trace_id: bytes, span_id: bytes, place: Place | None
    ) -> Score:
        return Score(
            score_id=opinion_id(trace_id.hex(), opinion.name, new.user),
            name=opinion.name,
            at_unix_nano=self._clock.unix_nano(),
            value=opinion.value,
            label=opinion.label,
            explanation=new.comment or "",
            trace_id=trace_id,
            span_id=span_id or (b"" if place is None else place.span_id),
            source=SOURCE,
            environment="" if place is None else place.environment,
            service="" if place is None else place.service,
            attributes={} if not new.user else {_USER: new.user},
        )


def _read_trace_id(text: str) -> bytes:
    try:
        return parse_trace_id(text)
    except InvalidId as error:
        raise FeedbackInvalid(f"trace_id: {error}.") from error


def _read_span_id(text: str | None) -> bytes:
    if text is None:
        return b""
    try:
        return parse_span_id(text)
    except InvalidId as error:
        raise FeedbackInvalid(f"span_id: {error}.") from error
