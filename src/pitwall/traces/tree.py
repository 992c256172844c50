"""The shape of a trace: who called whom, and which spans decided how long it took.

Pure, and without recursion: traces are deep.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from pitwall.traces.types import NANOS_PER_MS, PathStep, Placement, SpanLite, TreeNode


def build_tree(spans: Sequence[SpanLite]) -> list[TreeNode]:
    """Order spans depth-first: roots first, then what has no way to a root.

    Args:
        spans: Of one trace, each id once, in any order.

    Returns:
        One node per span. Orphans and the first span of a cut circle have depth 1, as if a root that has not
        arrived stood above them.
    """
    known = {span.span_id for span in spans}
    children: defaultdict[str, list[SpanLite]] = defaultdict(list)
    tops: list[tuple[SpanLite, Placement]] = []
    for span in sorted(spans, key=_by_start):
        if span.parent_span_id is None:
            tops.append((span, Placement.ROOT))
        elif span.parent_span_id not in known:
            tops.append((span, Placement.ORPHAN))
        else:
            children[span.parent_span_id].append(span)
    nodes: list[TreeNode] = []
    seen: set[str] = set()
    for span, placement in sorted(tops, key=lambda top: top[1] is not Placement.ROOT):
        _walk(span, placement, children, seen, nodes)
    if len(seen) < len(known):
        for span in sorted(spans, key=_by_start):  # what is left goes round in circles
            if span.span_id not in seen:
                _walk(span, Placement.CYCLE, children, seen, nodes)
    return nodes


def _by_start(span: SpanLite) -> tuple[int, str]:
    return span.unix_nano, span.span_id


def _walk(
    top: SpanLite,
    placement: Placement,
    children: dict[str, list[SpanLite]],
    seen: set[str],
    nodes: list[TreeNode],
) -> None:
    stack = [(top, 0 if placement is Placement.ROOT else 1, placement)]
    while stack:
        span, depth, place = stack.pop()
        if span.span_id in seen:
            continue
        seen.add(span.span_id)
        below = [child for child in children.get(span.span_id, ()) if child.span_id not in seen]
        nodes.append(TreeNode(span, depth, place, len(below)))
        stack.extend((child, depth + 1, Placement.CHILD) for child in reversed(below))


def critical_path(nodes: Sequence[TreeNode]) -> list[PathStep]:
    """Find what the trace waited for, from its start to its end.

    Walks back from the end of the longest root: at each moment the child that ended last is what its parent
    waited for; what no child covers is the parent's own time. Children that outlive their parent count up to
    its end.

    Returns:
        Steps in time order that follow each other without a gap; empty if no root has arrived.
    """
    roots = [node.span for node in nodes if node.placement is Placement.ROOT]
    if not roots:
        return []
    children = _children_by_end(nodes)
    root = max(roots, key=lambda span: (span.duration_ms or 0.0, span.span_id))
    steps: list[PathStep] = []
    stack = [_Frame(root, root.unix_nano, root.end_nano)]
    while stack:
        frame = stack[-1]
        child = _next_child(frame, children)
        if child is None:
            _add_step(steps, frame.span, frame.start, frame.end)
            stack.pop()
            continue
        begin, end = max(child.unix_nano, frame.start), min(child.end_nano, frame.end)
        _add_step(steps, frame.span, end, frame.end)
        frame.end = begin
        stack.append(_Frame(child, begin, end))
    return steps[::-1]


@dataclass(slots=True)
class _Frame:
    """A span on the path, of which the time up to `end` is still to be explained."""

    span: SpanLite
    start: int
    end: int
    used: int = 0


def _children_by_end(nodes: Sequence[TreeNode]) -> dict[str, list[SpanLite]]:
    children: defaultdict[str, list[SpanLite]] = defaultdict(list)
    for node in nodes:
        if node.placement is Placement.CHILD and node.span.parent_span_id is not None:
            children[node.span.parent_span_id].append(node.span)
    for siblings in children.values():
        siblings.sort(key=lambda span: (span.end_nano, span.unix_nano, span.span_id), reverse=True)
    return children


def _next_child(frame: _Frame, children: dict[str, list[SpanLite]]) -> SpanLite | None:
    """The child that ended last among those that ran before `frame.end`."""
    siblings = children.get(frame.span.span_id, [])
    while frame.used < len(siblings):
        child = siblings[frame.used]
        frame.used += 1
        if child.unix_nano < frame.end and child.end_nano > frame.start:
            return child
    return None


def _add_step(steps: list[PathStep], span: SpanLite, start: int, end: int) -> None:
    if end > start:
        steps.append(PathStep(span.span_id, start, end))


@dataclass(slots=True, kw_only=True)
class Totals:
    """Sums over a trace or a part of one.

    Attributes:
        duration_ms: None if no span says how long it took.
        input_tokens: Over leaf model spans; None if nobody reported any. So `output_tokens`.
        cost_usd: None if no span has a price.
    """

    span_count: int = 0
    error_count: int = 0
    duration_ms: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    unpriced_span_count: int = 0

    def add(self, span: SpanLite) -> None:
        """Count a span; the duration becomes the sum of durations."""
        self.span_count += 1
        self.error_count += span.is_error
        if span.duration_ms is not None:
            self.duration_ms = (self.duration_ms or 0.0) + span.duration_ms
        if span.is_usage_rollup:
            return
        if span.tokens is not None:
            self.input_tokens = (self.input_tokens or 0) + span.tokens[0]
            self.output_tokens = (self.output_tokens or 0) + span.tokens[1]
        if span.cost_usd is not None:
            self.cost_usd = (self.cost_usd or 0.0) + span.cost_usd
        self.unpriced_span_count += span.is_unpriced


@dataclass(slots=True)
class TraceTotals:
    """Sums over a trace, and the same by kind and by model; its duration is from first start to last end."""

    total: Totals = field(default_factory=Totals)
    by_kind: dict[str, Totals] = field(default_factory=lambda: defaultdict(Totals))
    by_model: dict[str, Totals] = field(default_factory=lambda: defaultdict(Totals))
    start_nano: int = 0
    end_nano: int = 0


def sum_up(spans: Sequence[SpanLite]) -> TraceTotals:
    """Add up the spans of a trace, each id once."""
    sums = TraceTotals()
    for span in spans:
        sums.total.add(span)
        sums.by_kind[span.kind].add(span)
        if span.model is not None:
            sums.by_model[span.model].add(span)
    if spans:
        sums.start_nano = min(span.unix_nano for span in spans)
        sums.end_nano = max(span.end_nano for span in spans)
    if sums.total.duration_ms is not None:
        sums.total.duration_ms = (sums.end_nano - sums.start_nano) / NANOS_PER_MS
    return sums
