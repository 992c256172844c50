"""The shape of traces: every span has one place, and the critical path explains the whole duration."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.traces.tree import build_tree, critical_path, sum_up
from pitwall.traces.types import Placement, SpanLite

MS = 1_000_000


def span(span_id: str, parent: str | None = None, start: int = 0, ms: float = 10, **more: Any) -> SpanLite:
    """A span that starts `start` ms after the trace."""
    return SpanLite(span_id=span_id, parent_span_id=parent, unix_nano=start * MS, duration_ms=ms, **more)


@st.composite
def traces(draw: st.DrawFn) -> list[SpanLite]:
    """Spans whose parents are any span, themselves, unknown or none."""
    ids = [str(number) for number in range(draw(st.integers(1, 12)))]
    parents = st.sampled_from([*ids, None, "unknown"])
    return [span(id_, draw(parents), draw(st.integers(0, 50)), draw(st.integers(0, 60))) for id_ in ids]


@given(traces())
def test_every_span_stands_once_below_its_parent(spans: list[SpanLite]) -> None:
    """Roots, orphans and circles all have a place; children follow their parent one level deeper."""
    nodes = build_tree(spans)
    assert sorted(node.span.span_id for node in nodes) == sorted(span.span_id for span in spans)
    depths: dict[str, int] = {}
    for node in nodes:
        if node.placement is Placement.CHILD:
            assert node.span.parent_span_id is not None
            assert node.depth == depths[node.span.parent_span_id] + 1
        else:
            assert node.depth == (0 if node.placement is Placement.ROOT else 1)
        depths[node.span.span_id] = node.depth


@given(traces())
def test_critical_path_covers_the_longest_root_without_gaps(spans: list[SpanLite]) -> None:
    """The steps follow each other from the root's start to its end, and each lies inside its span."""
    nodes = build_tree(spans)
    roots = [node.span for node in nodes if node.placement is Placement.ROOT]
    steps = critical_path(nodes)
    if not roots:
        assert steps == []
        return
    longest = max(roots, key=lambda root: (root.duration_ms, root.span_id))
    assert sum(step.duration_ms for step in steps) == pytest.approx(longest.duration_ms)
    by_id = {span.span_id: span for span in spans}
    at = longest.unix_nano
    for step in steps:
        assert step.start_nano == at
        at = step.end_nano
        owner = by_id[step.span_id]
        assert owner.unix_nano <= step.start_nano < step.end_nano <= owner.end_nano


def test_path_goes_through_the_child_that_ended_last() -> None:
    """Of two parallel calls the slower one decides; the parent's own time is what no child covers."""
    nodes = build_tree(
        [
            span("root", start=0, ms=100),
            span("fast", "root", start=10, ms=30),
            span("slow", "root", start=10, ms=80),
        ]
    )
    assert [(step.span_id, step.duration_ms) for step in critical_path(nodes)] == [
        ("root", 10),
        ("slow", 80),
        ("root", 10),
    ]


def test_orphans_follow_the_roots() -> None:
    """A span whose parent has not arrived keeps its children and comes after what is complete."""
    nodes = build_tree([span("late", "gone", start=0), span("child", "late", start=1), span("root", start=5)])
    assert [(n.span.span_id, n.depth, n.placement.value) for n in nodes] == [
        ("root", 0, "root"),
        ("late", 1, "orphan"),
        ("child", 2, "child"),
    ]


def test_circle_is_cut_before_its_earliest_span() -> None:
    """Two spans that are each other's parent are shown, the earlier one on top."""
    nodes = build_tree([span("a", "b", start=3), span("b", "a", start=1), span("root")])
    assert [(n.span.span_id, n.placement.value) for n in nodes] == [
        ("root", "root"),
        ("b", "cycle"),
        ("a", "child"),
    ]


def test_span_that_is_its_own_parent_is_a_circle() -> None:
    """It does not vanish and does not hang."""
    assert [node.placement for node in build_tree([span("a", "a")])] == [Placement.CYCLE]


def test_chain_of_fifty_thousand_spans_is_no_problem() -> None:
    """Depth is bounded by memory, not by the interpreter's stack."""
    spans = [span("0", ms=60_000)]
    spans += [span(str(n), str(n - 1), start=n, ms=60_000 - n) for n in range(1, 50_000)]
    nodes = build_tree(spans)
    assert nodes[-1].depth == 49_999
    assert sum(step.duration_ms for step in critical_path(nodes)) == pytest.approx(60_000)


def test_sums_leave_out_usage_that_is_repeated_above() -> None:
    """A wrapper that repeats its child's tokens and cost counts as a span, not as tokens."""
    call = span("call", "agent", tokens=(100, 10), cost_usd=0.5, kind="llm", model="m")
    agent = span("agent", tokens=(100, 10), cost_usd=0.5, kind="agent", is_usage_rollup=True)
    sums = sum_up([agent, call])
    assert (sums.total.span_count, sums.total.input_tokens, sums.total.cost_usd) == (2, 100, 0.5)
    assert sums.by_model["m"].output_tokens == 10
    assert sums.by_kind["agent"].input_tokens is None


def test_tokens_that_nobody_reported_are_none() -> None:
    """No data is not zero."""
    total = sum_up([span("a"), span("b", "a")]).total
    assert (total.input_tokens, total.output_tokens, total.cost_usd) == (None, None, None)
