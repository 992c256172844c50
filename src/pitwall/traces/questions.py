"""Questions about traces as callers write them, and their answers in the API's shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pitwall.core.errors import InvalidInput
from pitwall.traces.filters import Filter, make_filter, parse_filter
from pitwall.traces.opening import DEFAULT_PAGE_SPANS, OpenQuery
from pitwall.traces.profile_wire import profiles_view
from pitwall.traces.schemas import TraceSearch
from pitwall.traces.service import Traces
from pitwall.traces.types import Level, ListQuery, Owner, OwnerQuery, OwnerSort, TraceSort
from pitwall.traces.wire import (
    View,
    checked_count,
    open_owner_view,
    owners_page_view,
    read_selection,
    span_view,
    spans_page_view,
    trace_view,
    traces_page_view,
)

DEFAULT_RANGE = "now-24h"


class TraceQuestions:
    """Answers written questions for one project.

    Args:
        traces: Who knows.
        project: The only project that is read.
    """

    def __init__(self, traces: Traces, project: str) -> None:
        self._traces = traces
        self._project = project

    def search(self, search: TraceSearch, compact_filters: Sequence[str] = ()) -> View:
        """Answer `GET /api/v1/traces` and `POST /api/v1/traces/search`.

        Raises:
            InvalidInput: A filter, time, text or cursor cannot be understood.
        """
        now = self._traces.clock.now()
        written = [make_filter(f.column, f.operator, f.values(), now=now) for f in search.filters]
        compact = [parse_filter(text, now=now) for text in compact_filters]
        times = {"since": search.since, "until": search.until}
        if search.sort is not TraceSort.NEWEST:  # which of all is the greatest takes reading all
            times["since"] = search.since or DEFAULT_RANGE
        selection = read_selection(
            self._project, filters=checked_count([*compact, *written]), text=search.q, now=now, **times
        )
        query = ListQuery(
            selection=selection,
            level=search.level,
            limit=search.limit,
            cursor=search.cursor,
            sort=search.sort,
        )
        if query.level is Level.SPAN:
            return spans_page_view(query, self._traces.list_spans(query))
        return traces_page_view(query, self._traces.list_traces(query))

    def trace(
        self,
        trace_id: str,
        *,
        payloads: bool = True,
        limit: int = DEFAULT_PAGE_SPANS,
        cursor: str | None = None,
    ) -> View:
        """Answer `GET /api/v1/traces/{trace_id}`.

        Raises:
            TraceNotFound: There is no such trace.
            CursorRefused: The cursor does not belong to it.
        """
        query = OpenQuery(
            project=self._project, trace_id=trace_id, with_payloads=payloads, limit=limit, cursor=cursor
        )
        return trace_view(self._traces.open_trace(query))

    def profiles(self, trace_id: str) -> View:
        """Answer `GET /api/v1/traces/{trace_id}/profiles`.

        Raises:
            TraceNotFound: There is no such trace.
            ProfileNotFound: It has no profile.
        """
        return profiles_view(self._traces.open_profiles(self._project, trace_id))

    def span(self, trace_id: str, span_id: str) -> View:
        """Answer `GET /api/v1/traces/{trace_id}/spans/{span_id}`.

        Raises:
            TraceNotFound: The id is no trace id.
            SpanNotFound: The trace has no such span.
        """
        return span_view(self._traces.open_span(self._project, trace_id, span_id))

    def owners(self, owner: Owner, written: Mapping[str, Any]) -> View:
        """Answer `GET /api/v1/sessions` and `GET /api/v1/users`; `since` is a day ago unless said otherwise.

        Raises:
            InvalidInput: A filter, time or cursor cannot be understood.
        """
        selection = read_selection(
            self._project,
            filters=self._filters(written.get("filter")),
            since=written.get("since") or DEFAULT_RANGE,
            until=written.get("until"),
            now=self._traces.clock.now(),
        )
        query = OwnerQuery(
            owner=owner,
            selection=selection,
            sort=OwnerSort(written["sort"]),
            limit=written["limit"],
            cursor=written.get("cursor"),
        )
        return owners_page_view(query, self._traces.list_owners(query))

    def owner(self, owner: Owner, owner_id: str, since: str | None, until: str | None) -> View:
        """Answer `GET /api/v1/sessions/{id}` and `GET /api/v1/users/{id}`.

        Raises:
            InvalidInput: A time cannot be understood.
            OwnerNotFound: No span in the range carries the id.
        """
        if not owner_id.strip():
            raise InvalidInput(f"An empty {owner.noun} id names nobody.")
        now = self._traces.clock.now()
        selection = read_selection(self._project, since=since, until=until, now=now)
        return open_owner_view(owner, self._traces.open_owner(owner, owner_id, selection))

    def _filters(self, texts: Sequence[str] | None) -> tuple[Filter, ...]:
        now = self._traces.clock.now()
        return checked_count([parse_filter(text, now=now) for text in texts or ()])
