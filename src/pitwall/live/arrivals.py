"""Which traces have newly arrived."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from pitwall.kit.clock import to_unix_nano
from pitwall.kit.paging import Page
from pitwall.live.types import Arrivals, Audience
from pitwall.traces.filters import Filter, make_filter
from pitwall.traces.service import Traces
from pitwall.traces.types import NANOS_PER_MS, ListQuery, Selection, TraceRow

MAX_ROWS: Final = 20
STARTED_WITHIN: Final = timedelta(hours=1)
"""Only spans that started so recently are news; the import of older ones shows in `last_received_at`.

A look costs 20 ms of CPU at 100,000 spans an hour, and five times that if it went back a day.
"""
_MAX_TOLD: Final = 2_000


class ArrivalFinder:
    """Finds what has arrived since it last looked, for one audience of one project.

    It looks at what was received after the watermark of its last look: what arrived before that had been
    applied by then. The overlap comes up twice, so it remembers what it has told.

    Args:
        traces: Has the lists.
        project: The only project that is read.
        audience: Whose traces.
        since: Watermark from which on arrivals are news.
    """

    def __init__(self, traces: Traces, project: str, audience: Audience, since: datetime) -> None:
        self._traces = traces
        self._project = project
        now = traces.clock.now()
        wanted = {name: value for name, value in audience._asdict().items() if value is not None}
        self._filters = tuple(make_filter(name, "eq", [value], now=now) for name, value in wanted.items())
        self._is_root = make_filter("is_root", "eq", ["true"], now=now)
        self._looked_to = since
        self._told: OrderedDict[str, tuple[object, ...]] = OrderedDict()

    def look(self, watermark: datetime, newest: datetime | None) -> Arrivals:
        """Return what is new, at most `MAX_ROWS` traces. Blocks.

        Args:
            watermark: Up to when all that had arrived can be queried now.
            newest: When the newest record arrived, to the second; None if there is none.

        Raises:
            StoreUnavailable: The store does not answer; the next look tells what this one could not.
        """
        since = min(self._looked_to, watermark)  # a clock that was set back must not hide what arrives now
        if newest is None or newest < since.replace(microsecond=0):
            return Arrivals((), has_more=False)
        page = self._list(since, (*self._filters, self._is_root))
        rows = {row.trace_id: row for row in page.items}
        has_more = page.next_cursor is not None
        if len(rows) < MAX_ROWS:
            page = self._list(since, self._filters)
            rows = {**{row.trace_id: row for row in page.items}, **rows}
            rows = {trace_id: rows[trace_id] for trace_id in self._in_order(rows)}
            has_more = page.next_cursor is not None or len(rows) > MAX_ROWS
        self._looked_to = watermark
        news = [row for row in list(rows.values())[:MAX_ROWS] if self._is_news(row)]
        return Arrivals(news, has_more)

    @staticmethod
    def _in_order(rows: dict[str, TraceRow]) -> list[str]:
        return sorted(rows, key=lambda one: (rows[one].has_root, rows[one].unix_nano), reverse=True)

    def _list(self, since: datetime, filters: tuple[Filter, ...]) -> Page[TraceRow]:
        started_after = self._traces.clock.now() - STARTED_WITHIN
        selection = Selection(
            project=self._project,
            filters=filters,
            since_nano=to_unix_nano(started_after),
            received_after_ms=to_unix_nano(since) // NANOS_PER_MS,
        )
        return self._traces.list_traces(ListQuery(selection=selection, limit=MAX_ROWS))

    def _is_news(self, row: TraceRow) -> bool:
        """Whether a trace was not told before as it is now; remembers it."""
        shape = (row.span_count, row.error_count, row.has_root, row.status, row.end_nano)
        is_news = self._told.get(row.trace_id) != shape
        self._told[row.trace_id] = shape
        self._told.move_to_end(row.trace_id)
        if len(self._told) > _MAX_TOLD:
            self._told.popitem(last=False)
        return is_news
