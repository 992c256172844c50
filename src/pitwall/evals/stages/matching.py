"""Events and spans of the same steps side by side. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pitwall.evals.stages.types import StageEvent


class MatchedBy(StrEnum):
    """How an event and a span were found to be the same step."""

    SPAN_ID = "span_id"
    TRACE_ID = "trace_id"
    """Both are the only ones of their stage in the trace."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A step as its event tells it, as its span does, or both."""

    event: StageEvent | None
    span: StageEvent | None
    matched_by: MatchedBy | None = None


_Found = dict[int, tuple[StageEvent, MatchedBy]]
"""The span of each event that has one, by the event's number."""


def pair(events: Sequence[StageEvent], spans: Sequence[StageEvent]) -> list[Pair]:
    """Bring together what is the same step: events in their order, then spans that no event speaks of."""
    found = _pair_by_span(events, spans)
    _pair_by_trace(events, spans, found)
    taken = {id(span) for span, _ in found.values()}
    pairs = [Pair(event, *found.get(index, (None, None))) for index, event in enumerate(events)]
    return [*pairs, *(Pair(None, span) for span in spans if id(span) not in taken)]


def _pair_by_span(events: Sequence[StageEvent], spans: Sequence[StageEvent]) -> _Found:
    """Pair events with the spans they name; of several that name one, the first."""
    by_both = {(span.trace_id, span.span_id): span for span in spans}
    by_id = _unique(spans)
    found: _Found = {}
    taken: set[int] = set()
    for index, event in enumerate(events):
        if event.span_id is None:
            continue
        span = (
            by_id.get(event.span_id)
            if event.trace_id is None
            else by_both.get((event.trace_id, event.span_id))
        )
        if span is not None and id(span) not in taken:
            taken.add(id(span))
            found[index] = (span, MatchedBy.SPAN_ID)
    return found


def _unique(spans: Iterable[StageEvent]) -> dict[str | None, StageEvent]:
    """Spans by their id, without those whose id two traces use."""
    several: dict[str | None, list[StageEvent]] = defaultdict(list)
    for span in spans:
        several[span.span_id].append(span)
    return {key: found[0] for key, found in several.items() if len(found) == 1}


def _pair_by_trace(events: Sequence[StageEvent], spans: Iterable[StageEvent], found: _Found) -> None:
    """Pair what is alone of its stage in a trace on both sides."""
    taken = {id(span) for span, _ in found.values()}
    there: dict[tuple[str | None, str], list[StageEvent]] = defaultdict(list)
    here: dict[tuple[str, str], list[int]] = defaultdict(list)
    for span in spans:
        if id(span) not in taken:
            there[span.trace_id, span.stage_type].append(span)
    for index, event in enumerate(events):
        if event.trace_id is not None and event.span_id is None:
            here[event.trace_id, event.stage_type].append(index)
    for key, indexes in here.items():
        if len(indexes) == 1 and len(there[key]) == 1:
            found[indexes[0]] = (there[key][0], MatchedBy.TRACE_ID)
