"""Pages of traces and spans, exact under paging: each trace once, however many of its spans match.

A trace stands in a list where its earliest matching span stands; without filters that is its first span. The
scan runs from new to old over matching spans. A trace it meets is summed up, which tells whether an earlier
span matches: then the trace belongs further down and waits until the scan gets there.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Final

from pitwall.traces.filters import Sql
from pitwall.traces.repository import EVERYWHERE, LOOK_AROUND_NANO, TraceRepository
from pitwall.traces.types import Score, Selection, SpanKey, StoredSpan, TraceRow

_SPANS_PER_TRACE: Final = 6
_SPARE: Final = 14
_MAX_SCAN: Final = 50_000
_SCAN_GROWTH: Final = 4


def page_of_traces(
    repository: TraceRepository, selection: Selection, after: SpanKey | None, limit: int
) -> tuple[list[TraceRow], bool]:
    """Fetch the traces that come after a key.

    Returns:
        At most `limit` traces with their scores, newest first, and whether there are more.
    """
    search = _Search(repository, selection, after, limit)
    is_narrow = bool(selection.filters or selection.text)
    size, begin = limit * (1 if is_narrow else _SPANS_PER_TRACE) + _SPARE, after
    while True:
        scan = repository.scan(selection, begin, size)
        found = search.take(scan.keys, scan.end)
        if len(found) > limit or scan.end is None:
            return [search.with_scores(row) for row in found[:limit]], len(found) > limit
        begin, size = scan.end, min(size * _SCAN_GROWTH, _MAX_SCAN)


def page_of_spans(
    repository: TraceRepository, selection: Selection, after: SpanKey | None, limit: int
) -> tuple[list[tuple[SpanKey, StoredSpan]], bool]:
    """Fetch the spans that come after a key, each with the copy that was received last.

    Returns:
        At most `limit` spans, newest first, and whether there are more.
    """
    found: list[tuple[SpanKey, StoredSpan]] = []
    begin = after
    while True:
        scan = repository.scan(selection, begin, limit + _SPARE)
        found += repository.spans(selection, scan.keys).items()
        if len(found) > limit or scan.end is None:
            return found[:limit], len(found) > limit
        begin = scan.end


def sum_up_whole(
    repository: TraceRepository,
    selection: Selection,
    ids: Sequence[bytes],
    times: tuple[int | None, int | None],
    near: Sql = EVERYWHERE,
) -> dict[bytes, TraceRow | None]:
    """Sum up traces from a time range, and those that are not whole in it from everywhere."""
    found = repository.traces(selection, ids, *times, near=near)
    unsettled = [id_ for id_ in ids if id_ not in found or not found[id_].is_settled]
    found |= repository.traces(selection, unsettled, None, None)
    return {id_: found[id_].row if id_ in found else None for id_ in ids}


@dataclass(slots=True)
class _Search:
    """What is known of the traces the scan has met.

    Attributes:
        met: Greatest key of each trace that was met but not summed up; its place is there or further down.
        known: What became of the others; None if no span matches any more.
        scores: Of those, by trace id in hexadecimal.
    """

    repository: TraceRepository
    selection: Selection
    after: SpanKey | None
    limit: int
    met: dict[bytes, SpanKey] = field(default_factory=dict)
    known: dict[bytes, TraceRow | None] = field(default_factory=dict)
    scores: dict[str, list[Score]] = field(default_factory=dict)

    def take(self, keys: Sequence[SpanKey], end: SpanKey | None) -> list[TraceRow]:
        """Take in a stretch of the scan; return what is certain, newest first.

        More than `limit` traces are returned if there are so many.
        """
        for key in keys:
            if key.trace_id not in self.known:
                self.met.setdefault(key.trace_id, key)
        while True:
            found = self._certain(end)
            missing = self._missing(found)
            if not missing:
                return found
            for key in missing:
                del self.met[key.trace_id]
            with ThreadPoolExecutor(1) as pool:  # scores are asked for beside: a page waits less
                ids = [key.trace_id for key in missing]
                scores = pool.submit(self.repository.scores, self.selection.project, ids)
                self.known |= self._sum_up(missing)
                self.scores |= scores.result()

    def with_scores(self, row: TraceRow) -> TraceRow:
        """A row with the scores of its trace."""
        scores = self.scores.get(row.trace_id)
        return replace(row, scores=scores) if scores else row

    def _certain(self, end: SpanKey | None) -> list[TraceRow]:
        rows = [row for row in self.known.values() if row is not None and self._is_on_page(row, end)]
        return sorted(rows, key=lambda row: row.position, reverse=True)

    def _is_on_page(self, row: TraceRow, end: SpanKey | None) -> bool:
        is_after = self.after is None or row.position < self.after
        return is_after and (end is None or row.position >= end)

    def _missing(self, found: Sequence[TraceRow]) -> list[SpanKey]:
        """Traces that may stand among the first `limit + 1` and have not been summed up."""
        waiting = sorted(self.met.values(), reverse=True)
        if len(found) > self.limit:
            threshold = found[self.limit].position
            return [key for key in waiting if key > threshold]
        return waiting[: self.limit + 1 - len(found) + _SPARE]

    def _sum_up(self, keys: Sequence[SpanKey]) -> dict[bytes, TraceRow | None]:
        first = min(key.unix_nano for key in keys) - LOOK_AROUND_NANO
        last = max(key.unix_nano for key in keys) + LOOK_AROUND_NANO
        return sum_up_whole(self.repository, self.selection, [key.trace_id for key in keys], (first, last))
