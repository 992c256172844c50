"""Answers what stands around a list of traces: columns, facets, histogram, dimensions, errors, changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from pitwall.core.errors import InvalidInput
from pitwall.kit.clock import Clock, to_unix_nano
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.changes import find_changes
from pitwall.traces.column_titles import TITLES
from pitwall.traces.columns import COLUMNS, Column, find_column
from pitwall.traces.conditions import NANOS_PER_HOUR
from pitwall.traces.errors import ErrorRepository
from pitwall.traces.explore_wire import (
    changes_view,
    column_view,
    dimensions_view,
    errors_view,
    facets_view,
    groups_view,
    histogram_view,
)
from pitwall.traces.facets import FacetRepository
from pitwall.traces.histogram import HistogramRepository
from pitwall.traces.questions import DEFAULT_RANGE
from pitwall.traces.seen import SeenRepository, dimensions
from pitwall.traces.types import Level, Selection
from pitwall.traces.wire import View, read_filters, read_selection

DEFAULT_DIMENSIONS_RANGE: Final = "now-30d"
MAX_FACETS: Final = 24
_DAY_NANO: Final = 24 * NANOS_PER_HOUR


class NoFacet(InvalidInput):
    """The values of this column are not counted: they are ids, times, measures or lists."""

    default_code = "traces.no_facet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A question as callers write it; without limits it is about the last 24 hours."""

    filters: Sequence[str] = ()
    text: str | None = None
    since: str | None = None
    until: str | None = None


class TraceExplorer:
    """Answers written questions about many traces at once.

    Args:
        engine: The telemetry store; its calls block, so ask from worker threads.
        clock: `now` in questions.
    """

    def __init__(self, engine: TelemetryEngine, clock: Clock) -> None:
        self._clock = clock
        self._facets = FacetRepository(engine)
        self._histograms = HistogramRepository(engine)
        self._errors = ErrorRepository(engine)
        self._seen = SeenRepository(engine)

    def columns(self) -> View:
        """Answer `GET /api/v1/traces/columns`: every column a filter may name, group by group."""
        return {"groups": groups_view(), "columns": [column_view(COLUMNS[name]) for name in TITLES]}

    def facets(self, project: str, written: Written, columns: Sequence[str], limit: int) -> View:
        """Answer `GET /api/v1/traces/facets`.

        Raises:
            InvalidInput: A filter or time cannot be understood, or a column has no facet.
        """
        chosen = [_with_facet(name) for name in dict.fromkeys(columns)]
        if not 1 <= len(chosen) <= MAX_FACETS:
            raise InvalidInput(
                f"Facets of {len(chosen)} columns cannot be counted.",
                hint=f"Name 1 to {MAX_FACETS} columns; GET /api/v1/traces/columns lists them.",
            )
        selection, since, until = bounded(project, written, self._clock.now())
        return facets_view(since, until, self._facets.facets(selection, chosen, limit))

    def histogram(self, project: str, written: Written, level: Level, buckets: int) -> View:
        """Answer `GET /api/v1/traces/histogram`.

        Raises:
            InvalidInput: A filter or time cannot be understood.
        """
        selection, since, until = bounded(project, written, self._clock.now())
        return histogram_view(
            since, until, level, self._histograms.histogram(selection, since, until, level, buckets)
        )

    def dimensions(self, project: str, since: str | None) -> View:
        """Answer `GET /api/v1/dimensions`.

        Raises:
            InvalidInput: The time cannot be understood.
        """
        now = self._clock.now()
        selection = read_selection(project, since=since or DEFAULT_DIMENSIONS_RANGE, now=now)
        return dimensions_view(dimensions(self._seen.combinations(project, selection.since_nano, None)))

    def errors(self, project: str, written: Written, limit: int) -> View:
        """Answer `GET /api/v1/errors`.

        Raises:
            InvalidInput: A filter or time cannot be understood.
        """
        selection, since, until = bounded(project, written, self._clock.now())
        groups, total = self._errors.groups(selection, since, until, limit)
        return errors_view(since, until, groups, total)

    def changes(self, project: str, written: Written, limit: int) -> View:
        """Answer `GET /api/v1/traces/changes`.

        Raises:
            InvalidInput: A time cannot be understood.
        """
        _, since, until = bounded(project, written, self._clock.now())
        return changes_view(since, until, find_changes(self._seen, project, since, until)[:limit])


def bounded(project: str, written: Written, now: datetime) -> tuple[Selection, int, int]:
    """Read a question: the selection with both its limits, which are a day if they are not said.

    Raises:
        InvalidInput: A filter or time cannot be understood.
    """
    selection = read_selection(
        project,
        filters=read_filters(written.filters, now=now),
        text=written.text,
        since=written.since or DEFAULT_RANGE,
        until=written.until,
        now=now,
    )
    since, until = selection.since_nano or 0, selection.until_nano
    if until is None:
        until = to_unix_nano(now) if since < to_unix_nano(now) else since + _DAY_NANO
    return replace(selection, until_nano=until), since, until


def _with_facet(name: str) -> Column:
    column = find_column(name)
    if not column.has_facet:
        raise NoFacet(
            f"Values of {name} are not counted.",
            hint="Name a column of texts or flags; GET /api/v1/traces/columns says which have a facet.",
            details={"column": name, "columns": [one.name for one in COLUMNS.values() if one.has_facet]},
        )
    return column
