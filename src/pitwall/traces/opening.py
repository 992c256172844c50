"""Opens one trace or one span: its shape, a page of whole spans, and their texts, logs and scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from pitwall.core.errors import NotFound
from pitwall.core.vocabulary import SpanKind
from pitwall.kit.ids import InvalidId, parse_span_id, parse_trace_id
from pitwall.kit.paging import encode_cursor
from pitwall.traces.cursors import CursorRefused, decode
from pitwall.traces.logged import logged_content
from pitwall.traces.one_trace import OneTraceRepository
from pitwall.traces.tree import TraceTotals, build_tree, critical_path, sum_up
from pitwall.traces.types import PathStep, Payload, Placement, Score, StoredLog, StoredSpan, TreeNode

MAX_TREE_SPANS: Final = 200_000
MAX_PAGE_SPANS: Final = 5_000
DEFAULT_PAGE_SPANS: Final = 1_000


class TraceNotFound(NotFound):
    """The project has no such trace."""

    default_code = "traces.not_found"


class SpanNotFound(NotFound):
    """The trace has no such span."""

    default_code = "traces.span_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuery:
    """Which trace to open and how.

    Attributes:
        with_payloads: Fetch whole inputs, outputs and long attributes.
        limit: Spans of the page.
        cursor: Where an earlier page of the same trace ended.
    """

    project: str
    trace_id: str
    with_payloads: bool = True
    limit: int = DEFAULT_PAGE_SPANS
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTrace:
    """One trace: its shape as a whole, one page of its spans with everything, and what belongs to them.

    Attributes:
        nodes: All spans in depth-first order; `page` is a stretch of them.
        path: What the trace waited for, from its start to its end.
        missing_parents: Ids of parents that have not arrived; spans under them are marked.
        payloads: Whole texts by span id.
        logged: Inputs and outputs that came as log events, by span id.
        duplicate_count: Copies of spans on this page beyond the first of each.
        is_cut: The trace has more than `MAX_TREE_SPANS` spans, and the rest was left out.
    """

    trace_id: str
    totals: TraceTotals
    root: TreeNode | None
    nodes: Sequence[TreeNode]
    page: Sequence[tuple[TreeNode, StoredSpan]]
    path: Sequence[PathStep]
    missing_parents: Sequence[str]
    payloads: Mapping[str, Payload]
    logged: dict[str, dict[str, str]]
    logs: Sequence[StoredLog]
    scores: Sequence[Score]
    duplicate_count: int
    is_cut: bool
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class OpenSpan:
    """One span with what belongs to it.

    Attributes:
        search: For a reranker, the search whose documents it got, with its whole texts; None if there is
            none, or more than one.
    """

    span: StoredSpan
    payload: Payload | None
    logged: dict[str, str]
    logs: Sequence[StoredLog]
    scores: Sequence[Score]
    search: tuple[StoredSpan, Payload | None] | None = None


def open_trace(repository: OneTraceRepository, query: OpenQuery) -> OpenTrace:
    """Return one trace.

    Raises:
        TraceNotFound: The project has no such trace, or the id is none.
        CursorRefused: The cursor is damaged, or its span has gone.
    """
    trace_id = known_trace_id(query.trace_id)
    # Whole spans take as long as all the rest: one thread for each half.
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(_belongings, repository, query, trace_id)
        nodes, page = _page_of_tree(repository, query, trace_id)
        if not nodes:
            raise trace_not_found(query.project, query.trace_id)
        payloads, logs, scores = waiting.result()
    spans = [span for _, span in page]
    if payloads is None:
        payloads = repository.payloads(query.project, trace_id, [span.lite for span in spans])
    return OpenTrace(
        trace_id=trace_id.hex(),
        totals=sum_up([node.span for node in nodes]),
        root=next((node for node in nodes if node.placement is Placement.ROOT), None),
        nodes=nodes,
        page=page,
        path=critical_path(nodes),
        missing_parents=_missing_parents(nodes),
        payloads=payloads,
        logged=logged_content(logs) if query.with_payloads else {},
        logs=logs,
        scores=scores,
        duplicate_count=sum(span.copies - 1 for span in spans),
        is_cut=len(nodes) == MAX_TREE_SPANS,
        next_cursor=_next_cursor(trace_id, nodes, page),
    )


def open_span(repository: OneTraceRepository, project: str, trace_id: str, span_id: str) -> OpenSpan:
    """Return one span.

    Raises:
        TraceNotFound: The id is no trace id.
        SpanNotFound: The trace has no such span, or there is no such trace.
    """
    trace, wanted = known_trace_id(trace_id), _span_id(trace_id, span_id)
    span = repository.span(project, trace, wanted)
    if span is None:
        raise _span_not_found(trace_id, span_id)
    logs = [log for log in repository.logs(project, trace) if log.span_id == span.lite.span_id]
    scores = [score for score in repository.scores(project, trace) if score.span_id == span.lite.span_id]
    payload = repository.payloads(project, trace, [span.lite]).get(span.lite.span_id)
    logged = logged_content(logs).get(span.lite.span_id, {})
    return OpenSpan(span, payload, logged, logs, scores, _search_before(repository, project, trace, span))


def _search_before(
    repository: OneTraceRepository, project: str, trace_id: bytes, span: StoredSpan
) -> tuple[StoredSpan, Payload | None] | None:
    """The one search since the rerank before, beside or around a reranker."""
    if span.lite.kind != SpanKind.RERANKER or span.lite.parent_span_id is None:
        return None
    earlier = repository.searches_before(project, trace_id, span.lite)
    searches = list(takewhile(lambda one: one.lite.kind == SpanKind.RETRIEVER, earlier))
    if len(searches) != 1:
        return None
    (search,) = searches
    payloads = repository.payloads(project, trace_id, [search.lite])
    return search, payloads.get(search.lite.span_id)


def _page_of_tree(
    repository: OneTraceRepository, query: OpenQuery, trace_id: bytes
) -> tuple[list[TreeNode], list[tuple[TreeNode, StoredSpan]]]:
    """The whole shape and one page of whole spans; small traces are read once, large ones twice."""
    spans = repository.spans(query.project, trace_id, query.limit)
    if spans is None:
        nodes = build_tree(repository.shape(query.project, trace_id, MAX_TREE_SPANS))
    else:
        nodes = build_tree([span.lite for span in spans])
    begin = _position(query.cursor, trace_id, nodes)
    chosen = nodes[begin : begin + query.limit]
    if spans is None:
        spans = repository.some_spans(query.project, trace_id, [node.span for node in chosen])
    by_id = {span.lite.span_id: span for span in spans}
    return nodes, [(node, by_id[node.span.span_id]) for node in chosen if node.span.span_id in by_id]


def _belongings(
    repository: OneTraceRepository, query: OpenQuery, trace_id: bytes
) -> tuple[dict[str, Payload] | None, list[StoredLog], list[Score]]:
    """Texts, logs and scores of a trace; no texts if they have to be asked for page by page."""
    payloads: dict[str, Payload] | None = {}
    if query.with_payloads:
        payloads = repository.payloads_if_small(query.project, trace_id, query.limit)
    logs = repository.logs(query.project, trace_id)
    return payloads, logs, repository.scores(query.project, trace_id)


def _missing_parents(nodes: Sequence[TreeNode]) -> list[str]:
    orphans = [node.span.parent_span_id for node in nodes if node.placement is Placement.ORPHAN]
    return sorted({parent for parent in orphans if parent is not None})


def _position(cursor: str | None, trace_id: bytes, nodes: Sequence[TreeNode]) -> int:
    if cursor is None:
        return 0
    last, *_ = decode(_cursor_kind(trace_id), cursor)
    for index, node in enumerate(nodes):
        if node.span.span_id == last:
            return index + 1
    raise CursorRefused(
        f"Span {last}, where the page before ended, is gone.", hint="Start again without a cursor."
    )


def _next_cursor(
    trace_id: bytes, nodes: Sequence[TreeNode], page: Sequence[tuple[TreeNode, StoredSpan]]
) -> str | None:
    if not page or page[-1][0] is nodes[-1]:
        return None
    return encode_cursor(_cursor_kind(trace_id), page[-1][0].span.span_id)


def _cursor_kind(trace_id: bytes) -> str:
    return f"trace.{trace_id.hex()}"


def known_trace_id(text: str) -> bytes:
    try:
        return parse_trace_id(text)
    except InvalidId as error:
        raise TraceNotFound(
            f"There is no trace {text!r}: {error}.", hint="List traces with `pitwall traces list`."
        ) from error


def _span_id(trace_id: str, text: str) -> bytes:
    try:
        return parse_span_id(text)
    except InvalidId as error:
        raise SpanNotFound(f"Trace {trace_id} has no span {text!r}: {error}.") from error


def trace_not_found(project: str, trace_id: str) -> TraceNotFound:
    return TraceNotFound(
        f"Project {project!r} has no trace {trace_id}.",
        hint="It may not have arrived yet, belong to another project, or be older than retention.",
        details={"trace_id": trace_id, "project": project},
    )


def _span_not_found(trace_id: str, span_id: str) -> SpanNotFound:
    return SpanNotFound(
        f"Trace {trace_id} has no span {span_id}.",
        hint=f"See GET /api/v1/traces/{trace_id} for its spans.",
        details={"trace_id": trace_id, "span_id": span_id},
    )
