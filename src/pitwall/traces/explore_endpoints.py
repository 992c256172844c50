"""`/api/v1/traces/columns|facets|histogram|changes`, `/api/v1/dimensions|errors`: around a list of traces."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from pitwall.kit.json_answers import json_response
from pitwall.traces.endpoints import Filters, Reader, Since, Text, Until
from pitwall.traces.explore_schemas import (
    ChangeList,
    ColumnList,
    DimensionsAnswer,
    ErrorList,
    FacetList,
    HistogramAnswer,
)
from pitwall.traces.exploring import TraceExplorer, Written
from pitwall.traces.types import Level

Values = Annotated[int, Query(ge=1, le=200, description="Values of each column.")]
Rows = Annotated[int, Query(ge=1, le=500, description="Rows at most.")]


def explore_router(explorer: TraceExplorer) -> APIRouter:
    """Return the endpoints; they stand before `/traces/{trace_id}`, which would take their names for ids."""
    router = APIRouter(prefix="/api/v1")
    _add_around_lists(router, explorer)
    _add_overview(router, explorer)
    return router


def _add_around_lists(router: APIRouter, explorer: TraceExplorer) -> None:
    @router.get(
        "/traces/columns",
        tags=["traces"],
        summary="List the columns of spans",
        responses={200: {"model": ColumnList}},
    )
    def list_columns(principal: Reader) -> Response:  # noqa: ARG001 - whoever may read
        """Return what filters may name, with titles in both languages and the operators that fit."""
        return json_response(explorer.columns())

    @router.get(
        "/traces/facets",
        tags=["traces"],
        summary="Count spans by the values of columns",
        responses={200: {"model": FacetList}},
    )
    def count_facets(
        principal: Reader,
        column: Annotated[list[str], Query(description="Column; may be repeated.", examples=[["model"]])],
        filter: Filters = None,  # noqa: A002 - the parameter's name
        q: Text = None,
        since: Since = None,
        until: Until = None,
        limit: Values = 20,
    ) -> Response:
        """Return the most frequent values of columns among the matching spans, by default of 24 hours."""
        written = Written(filters=filter or (), text=q, since=since, until=until)
        return json_response(explorer.facets(principal.project_id, written, column, limit))

    @router.get(
        "/traces/histogram",
        tags=["traces"],
        summary="Count traces or spans over time",
        responses={200: {"model": HistogramAnswer}},
    )
    def count_over_time(
        principal: Reader,
        filter: Filters = None,  # noqa: A002 - the parameter's name
        q: Text = None,
        since: Since = None,
        until: Until = None,
        level: Level = Level.TRACE,
        buckets: Annotated[int, Query(ge=1, le=500, description="About how many.")] = 60,
    ) -> Response:
        """Return the matches that a list has over time, by default of 24 hours."""
        written = Written(filters=filter or (), text=q, since=since, until=until)
        return json_response(explorer.histogram(principal.project_id, written, level, buckets))


def _add_overview(router: APIRouter, explorer: TraceExplorer) -> None:
    @router.get(
        "/dimensions",
        tags=["traces"],
        summary="List environments, services, models and versions",
        responses={200: {"model": DimensionsAnswer}},
    )
    def list_dimensions(
        principal: Reader,
        since: Annotated[str | None, Query(description="Start; 30 days ago unless said otherwise.")] = None,
    ) -> Response:
        """Return what spans named, what was seen last first."""
        return json_response(explorer.dimensions(principal.project_id, since))

    @router.get("/errors", tags=["traces"], summary="List errors", responses={200: {"model": ErrorList}})
    def list_errors(
        principal: Reader,
        filter: Filters = None,  # noqa: A002 - the parameter's name
        since: Since = None,
        until: Until = None,
        limit: Rows = 50,
    ) -> Response:
        """Return what failed, alike failures together, by default in 24 hours.

        An error that spans hand up to their parents counts once, at the innermost span that failed.
        """
        written = Written(filters=filter or (), since=since, until=until)
        return json_response(explorer.errors(principal.project_id, written, limit))

    @router.get(
        "/traces/changes",
        tags=["traces"],
        summary="List what was seen for the first time",
        responses={200: {"model": ChangeList}},
    )
    def list_seen_changes(
        principal: Reader, since: Since = None, until: Until = None, limit: Rows = 100
    ) -> Response:
        """Return versions, models, prompts, services, environments first seen in a range (24 hours)."""
        return json_response(explorer.changes(principal.project_id, Written(since=since, until=until), limit))
