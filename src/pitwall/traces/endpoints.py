"""`/api/v1/traces`, `/api/v1/sessions`, `/api/v1/users`; each call works on the principal's project alone."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.kit.json_answers import json_response
from pitwall.traces.opening import DEFAULT_PAGE_SPANS, MAX_PAGE_SPANS
from pitwall.traces.profile_schemas import ProfileList
from pitwall.traces.questions import TraceQuestions
from pitwall.traces.schemas import (
    SessionAnswer,
    SessionList,
    SpanAnswer,
    SpanList,
    TraceAnswer,
    TraceList,
    TraceSearch,
    UserAnswer,
    UserList,
)
from pitwall.traces.service import Traces
from pitwall.traces.types import Level, Owner, OwnerSort, TraceSort
from pitwall.traces.wire import DEFAULT_ROWS, MAX_ROWS, MAX_TEXT

Reader = Annotated[Principal, requires(Scope.READ)]
Filters = Annotated[
    list[str] | None,
    Query(
        description="`column:operator:value`; several hold for the same span. Operators: eq, ne, in (values "
        "separated by commas), gt, gte, lt, lte, contains, prefix, is_null. Raw attributes are "
        "`attributes.KEY`. A span without a value in the column matches `is_null` only.",
        examples=[["model:eq:qwen2.5:7b", "status:eq:error"]],
    ),
]
Since = Annotated[str | None, Query(description="Start: ISO 8601 or relative, such as `now-1h`.")]
Until = Annotated[str | None, Query(description="End, not part of the range.")]
Limit = Annotated[int, Query(ge=1, le=MAX_ROWS, description="Rows of the page.")]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before, with the same question.")]
Text = Annotated[
    str | None,
    Query(
        max_length=MAX_TEXT,
        description="Substring of a span's whole input or output; ASCII letters in either case.",
    ),
]
Sort = Annotated[
    TraceSort,
    Query(
        description="Greatest first; what has no such value comes last. But for `newest`, `since` is a day "
        "ago unless said otherwise."
    ),
]
TraceId = Annotated[str, Path(description="32 hexadecimal digits; hyphens are ignored.")]


def traces_router(traces: Traces) -> APIRouter:
    """Return the endpoints of traces, sessions and users; they run on worker threads."""
    router = APIRouter(prefix="/api/v1")
    _add_lists(router, traces)
    _add_one(router, traces)
    _add_profiles(router, traces)
    _add_owners(router, traces)
    return router


def _add_lists(router: APIRouter, traces: Traces) -> None:
    page: Any = {200: {"model": TraceList | SpanList}}

    @router.get("/traces", tags=["traces"], summary="List traces or spans", responses=page)
    def list_traces(
        principal: Reader,
        filter: Filters = None,  # noqa: A002 - the parameter's name
        q: Text = None,
        since: Since = None,
        until: Until = None,
        level: Level = Level.TRACE,
        sort: Sort = TraceSort.NEWEST,
        limit: Limit = DEFAULT_ROWS,
        cursor: Cursor = None,
    ) -> Response:
        """Return traces, each once; newest first is by the earliest span that matches.

        A trace whose root span has not arrived is listed by its earliest span, with `root` false.
        """
        search = TraceSearch(
            q=q, since=since, until=until, level=level, sort=sort, limit=limit, cursor=cursor
        )
        return json_response(TraceQuestions(traces, principal.project_id).search(search, filter or ()))

    @router.post("/traces/search", tags=["traces"], summary="Search traces or spans", responses=page)
    def search_traces(principal: Reader, search: TraceSearch) -> Response:
        """Answer the question of a body, as the list does; for values that a query cannot hold."""
        return json_response(TraceQuestions(traces, principal.project_id).search(search))


def _add_one(router: APIRouter, traces: Traces) -> None:
    @router.get(
        "/traces/{trace_id}", tags=["traces"], summary="Show a trace", responses={200: {"model": TraceAnswer}}
    )
    def show_trace(
        principal: Reader,
        trace_id: TraceId,
        payloads: Annotated[bool, Query(description="With whole inputs, outputs, long attributes.")] = True,
        limit: Annotated[
            int, Query(ge=1, le=MAX_PAGE_SPANS, description="Spans of the page.")
        ] = DEFAULT_PAGE_SPANS,
        cursor: Cursor = None,
    ) -> Response:
        """Return a trace as a tree: spans in depth-first order with depth, texts, logs and scores.

        Sums and critical path are of the whole trace, whatever the page.
        """
        questions = TraceQuestions(traces, principal.project_id)
        return json_response(questions.trace(trace_id, payloads=payloads, limit=limit, cursor=cursor))

    @router.get(
        "/traces/{trace_id}/spans/{span_id}",
        tags=["traces"],
        summary="Show a span",
        responses={200: {"model": SpanAnswer}},
    )
    def show_span(
        principal: Reader,
        trace_id: TraceId,
        span_id: Annotated[str, Path(description="16 hexadecimal digits.")],
    ) -> Response:
        """Return one span with its texts, log records and scores."""
        return json_response(TraceQuestions(traces, principal.project_id).span(trace_id, span_id))


def _add_profiles(router: APIRouter, traces: Traces) -> None:
    @router.get(
        "/traces/{trace_id}/profiles",
        tags=["traces"],
        summary="Show where a trace spent its time",
        responses={200: {"model": ProfileList}},
    )
    def show_profiles(principal: Reader, trace_id: TraceId) -> Response:
        """Return the profiles of a trace as flame trees: frames in depth-first order."""
        return json_response(TraceQuestions(traces, principal.project_id).profiles(trace_id))


def _add_owners(router: APIRouter, traces: Traces) -> None:
    @router.get(
        "/sessions", tags=["sessions"], summary="List sessions", responses={200: {"model": SessionList}}
    )
    def list_sessions(
        principal: Reader,
        filter: Filters = None,  # noqa: A002 - the parameter's name
        since: Since = None,
        until: Until = None,
        sort: OwnerSort = OwnerSort.LAST_AT,
        limit: Limit = DEFAULT_ROWS,
        cursor: Cursor = None,
    ) -> Response:
        """Return sessions with totals over the range, by default the last 24 hours, greatest first."""
        written = {"filter": filter, "since": since, "until": until, "sort": sort, "limit": limit}
        questions = TraceQuestions(traces, principal.project_id)
        return json_response(questions.owners(Owner.SESSION, {**written, "cursor": cursor}))

    @router.get("/users", tags=["users"], summary="List users", responses={200: {"model": UserList}})
    def list_users(
        principal: Reader,
        filter: Filters = None,  # noqa: A002 - the parameter's name
        since: Since = None,
        until: Until = None,
        sort: OwnerSort = OwnerSort.LAST_AT,
        limit: Limit = DEFAULT_ROWS,
        cursor: Cursor = None,
    ) -> Response:
        """Return users with totals over the range, by default the last 24 hours, greatest first."""
        written = {"filter": filter, "since": since, "until": until, "sort": sort, "limit": limit}
        questions = TraceQuestions(traces, principal.project_id)
        return json_response(questions.owners(Owner.USER, {**written, "cursor": cursor}))

    # Ids come from outside and may hold a slash.
    @router.get(
        "/sessions/{session_id:path}",
        tags=["sessions"],
        summary="Show a session",
        responses={200: {"model": SessionAnswer}},
    )
    def show_session(
        principal: Reader, session_id: str, since: Since = None, until: Until = None
    ) -> Response:
        """Return a session's totals, over all time unless a range is given, and its newest traces."""
        questions = TraceQuestions(traces, principal.project_id)
        return json_response(questions.owner(Owner.SESSION, session_id, since, until))

    @router.get(
        "/users/{user_id:path}", tags=["users"], summary="Show a user", responses={200: {"model": UserAnswer}}
    )
    def show_user(principal: Reader, user_id: str, since: Since = None, until: Until = None) -> Response:
        """Return a user's totals, over all time unless a range is given, and their newest traces."""
        questions = TraceQuestions(traces, principal.project_id)
        return json_response(questions.owner(Owner.USER, user_id, since, until))
