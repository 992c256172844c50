"""Pages of traces and spans by duration, cost or tokens: the engine ranks all, the page is summed up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from pitwall.traces.listing import sum_up_whole
from pitwall.traces.ranking import NO_VALUE, RankingRepository, edges, minutes_of
from pitwall.traces.repository import TraceRepository
from pitwall.traces.types import RankedTrace, RankKey, Selection, SpanKey, StoredSpan, TraceRow, TraceSort


@dataclass(frozen=True, slots=True)
class RankedPlace:
    """A page of a list by value: of what, in which order, after what."""

    selection: Selection
    sort: TraceSort
    after: RankKey | None
    limit: int


def page_of_ranked_traces(
    repository: TraceRepository, ranking: RankingRepository, place: RankedPlace
) -> tuple[list[tuple[RankKey, TraceRow]], bool]:
    """Fetch the traces that come after a place in a list by value.

    Returns:
        At most `limit` traces with their scores and places, greatest first, and whether there are more.
    """
    selection, size = place.selection, place.limit + 1
    found: list[tuple[RankKey, TraceRow]] = []
    begin = place.after
    while True:
        ranked = ranking.traces(selection, place.sort, begin, size)
        rows = _sum_up_ranked(repository, selection, ranked)
        found += [(one.key, row) for one in ranked if (row := rows.get(one.key.trace_id)) is not None]
        if len(found) > place.limit or len(ranked) < size:
            return found[: place.limit], len(found) > place.limit
        begin = ranked[-1].key


def page_of_ranked_spans(
    repository: TraceRepository, ranking: RankingRepository, place: RankedPlace
) -> tuple[list[tuple[RankKey, StoredSpan]], bool]:
    """Fetch the spans that come after a place in a list by value, each with the copy that was received last.

    Returns:
        At most `limit` spans with their places, greatest first, and whether there are more.
    """
    size = place.limit + 1
    found: dict[SpanKey, tuple[RankKey, StoredSpan]] = {}
    begin = place.after
    while True:
        ranked = ranking.spans(place.selection, place.sort, begin, size)
        spans = repository.spans(place.selection, [one.key for one in ranked])
        for one in ranked:
            # A copy that was replaced stands where its own value belongs, and is left out there.
            if one.key in spans and _has_value(spans[one.key], place.sort, one.rank.value):
                found.setdefault(one.key, (one.rank, spans[one.key]))
        if len(found) > place.limit or len(ranked) < size:
            return list(found.values())[: place.limit], len(found) > place.limit
        begin = ranked[-1].rank


def _sum_up_ranked(
    repository: TraceRepository, selection: Selection, ranked: Sequence[RankedTrace]
) -> dict[bytes, TraceRow | None]:
    ids = [one.key.trace_id for one in ranked]
    with ThreadPoolExecutor(1) as pool:  # scores are asked for beside: a page waits less
        scores = pool.submit(repository.scores, selection.project, ids)
        rows = sum_up_whole(repository, selection, ids, edges(selection), minutes_of(ranked))
        said = scores.result()
    return {id_: row and replace(row, scores=said.get(row.trace_id, [])) for id_, row in rows.items()}


def _has_value(span: StoredSpan, sort: TraceSort, value: float) -> bool:
    lite = span.lite
    known = {
        TraceSort.DURATION: lite.duration_ms,
        TraceSort.COST: lite.cost_usd,
        TraceSort.TOKENS: None if lite.tokens is None else sum(lite.tokens),
    }[sort]
    return math.isclose(NO_VALUE if known is None else known, value, rel_tol=1e-9)
