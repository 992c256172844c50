"""Answers questions about traces, sessions and users; whoever asks has been let in, and names one project."""

from __future__ import annotations

from dataclasses import replace

from pitwall.core.errors import NotFound
from pitwall.kit.clock import Clock
from pitwall.kit.paging import Page
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.cursors import (
    cursor_after,
    cursor_after_owner,
    cursor_after_ranked,
    resume,
    resume_owners,
    resume_ranked,
)
from pitwall.traces.filters import make_filter
from pitwall.traces.listing import page_of_spans, page_of_traces
from pitwall.traces.one_trace import OneTraceRepository
from pitwall.traces.opening import OpenQuery, OpenSpan, OpenTrace, open_span, open_trace
from pitwall.traces.owners import OwnerRepository
from pitwall.traces.profiles import FlameProfile, open_profiles
from pitwall.traces.ranked_listing import RankedPlace, page_of_ranked_spans, page_of_ranked_traces
from pitwall.traces.ranking import RankingRepository
from pitwall.traces.repository import TraceRepository
from pitwall.traces.types import (
    ListQuery,
    OpenOwner,
    Owner,
    OwnerQuery,
    OwnerRow,
    Selection,
    StoredSpan,
    TraceRow,
    TraceSort,
)


class OwnerNotFound(NotFound):
    """No span of the project carries this session or user id in the time range."""

    default_code = "traces.owner_not_found"


class Traces:
    """Everything that can be asked about traces.

    Args:
        engine: The telemetry store; its calls block, so ask from worker threads.
        clock: Stamps first pages, so that later ones leave out what came in between; `now` in questions.
    """

    def __init__(self, engine: TelemetryEngine, clock: Clock) -> None:
        self.clock = clock
        self._lists = TraceRepository(engine, clock)
        self._ranking = RankingRepository(engine)
        self._one = OneTraceRepository(engine)
        self._owners = OwnerRepository(engine)

    def list_traces(self, query: ListQuery) -> Page[TraceRow]:
        """Return a page of traces in the order asked for.

        Raises:
            CursorRefused: The cursor is damaged or belongs to another question.
            QueryTimedOut: The store needs longer than its limit; a shorter time range helps.
        """
        if query.sort is not TraceSort.NEWEST:
            return self._ranked_traces(query)
        selection, after = resume(query)
        stamped = self._stamped(selection)
        rows, has_more = page_of_traces(self._lists, selection, after, query.limit)
        cursor = cursor_after(query, stamped, rows[-1].position) if has_more else None
        return Page(rows, cursor)

    def list_spans(self, query: ListQuery) -> Page[StoredSpan]:
        """Return a page of spans in the order asked for.

        Raises:
            CursorRefused: The cursor is damaged or belongs to another question.
            QueryTimedOut: The store needs longer than its limit; a shorter time range helps.
        """
        if query.sort is not TraceSort.NEWEST:
            return self._ranked_spans(query)
        selection, after = resume(query)
        stamped = self._stamped(selection)
        rows, has_more = page_of_spans(self._lists, selection, after, query.limit)
        cursor = cursor_after(query, stamped, rows[-1][0]) if has_more else None
        return Page([span for _, span in rows], cursor)

    def open_trace(self, query: OpenQuery) -> OpenTrace:
        """Return one trace.

        Raises:
            TraceNotFound: The project has no such trace, or the id is none.
            CursorRefused: The cursor is damaged, or its span has gone.
        """
        return open_trace(self._one, query)

    def open_span(self, project: str, trace_id: str, span_id: str) -> OpenSpan:
        """Return one span with its texts, logs and scores.

        Raises:
            TraceNotFound: The id is no trace id.
            SpanNotFound: The trace has no such span, or there is no such trace.
        """
        return open_span(self._one, project, trace_id, span_id)

    def open_profiles(self, project: str, trace_id: str) -> list[FlameProfile]:
        """Return the profiles of a trace.

        Raises:
            TraceNotFound: The project has no such trace, or the id is none.
            ProfileNotFound: The trace has no profile.
        """
        return open_profiles(self._one, project, trace_id)

    def list_owners(self, query: OwnerQuery) -> Page[OwnerRow]:
        """Return a page of sessions or users with their totals.

        Raises:
            CursorRefused: The cursor is damaged or belongs to another question.
            QueryTimedOut: The store needs longer than its limit; a shorter time range helps.
        """
        selection, after = resume_owners(query)
        stamped = self._stamped(selection)
        rows = self._owners.page(query.owner, selection, query.sort, after, query.limit + 1)
        has_more = len(rows) > query.limit
        rows = rows[: query.limit]
        return Page(rows, cursor_after_owner(query, stamped, rows[-1]) if has_more else None)

    def open_owner(self, owner: Owner, owner_id: str, selection: Selection) -> OpenOwner:
        """Return the totals of one session or user with its newest traces.

        Raises:
            OwnerNotFound: No span in the range carries the id.
        """
        row = self._owners.one(owner, owner_id, selection)
        if row is None:
            raise OwnerNotFound(
                f"Project {selection.project!r} has no spans of {owner.noun} {owner_id!r} in this time.",
                hint="Check the id, or widen the time range.",
                details={owner.value: owner_id, "project": selection.project},
            )
        own = make_filter(owner.value, "eq", [owner_id], now=self.clock.now())
        traces = self.list_traces(ListQuery(selection=replace(selection, filters=(own, *selection.filters))))
        is_session = owner is Owner.SESSION
        scores = self._owners.session_scores(selection.project, owner_id) if is_session else []
        return OpenOwner(row, traces, scores)

    def _ranked_traces(self, query: ListQuery) -> Page[TraceRow]:
        selection, after = resume_ranked(query)
        stamped = self._stamped(selection)
        place = RankedPlace(selection, query.sort, after, query.limit)
        rows, has_more = page_of_ranked_traces(self._lists, self._ranking, place)
        cursor = cursor_after_ranked(query, stamped, rows[-1][0]) if has_more else None
        return Page([row for _, row in rows], cursor)

    def _ranked_spans(self, query: ListQuery) -> Page[StoredSpan]:
        selection, after = resume_ranked(query)
        stamped = self._stamped(selection)
        place = RankedPlace(selection, query.sort, after, query.limit)
        rows, has_more = page_of_ranked_spans(self._lists, self._ranking, place)
        cursor = cursor_after_ranked(query, stamped, rows[-1][0]) if has_more else None
        return Page([span for _, span in rows], cursor)

    def _stamped(self, selection: Selection) -> Selection:
        """The selection of the pages that follow: only what has been received by now."""
        if selection.received_by_ms is not None:
            return selection
        return replace(selection, received_by_ms=self.clock.unix_nano() // 1_000_000)
