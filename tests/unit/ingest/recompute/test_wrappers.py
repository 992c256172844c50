"""Usage is counted on the innermost spans; whatever repeats it from above is found."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pitwall.ingest.recompute.wrappers import UsageSpan, find_wrappers

TRACE = b"t" * 16


def _spans(parents: dict[int, int], *, usage: set[int], trace: bytes = TRACE) -> list[UsageSpan]:
    return [
        UsageSpan(trace, _id(span), _id(parent), span in usage) for span, parent in sorted(parents.items())
    ]


def _id(number: int) -> bytes:
    return number.to_bytes(8) if number else b""


def _found(spans: list[UsageSpan]) -> set[int]:
    return {int.from_bytes(span_id) for _, span_id in find_wrappers(spans)}


def test_call_through_a_proxy_counts_once() -> None:
    """Application, HTTP client and proxy: only the innermost call keeps its usage."""
    assert _found(_spans({1: 0, 2: 1, 3: 2}, usage={1, 3})) == {1}


def test_siblings_and_lone_calls_are_no_wrappers() -> None:
    """Two calls of one chain are two calls, and so is one whose parent never arrived."""
    assert _found(_spans({1: 0, 2: 1, 3: 1, 5: 4}, usage={2, 3, 5})) == set()


def test_spans_of_other_traces_are_no_relatives() -> None:
    """The same ids in another trace mean other spans."""
    spans = _spans({1: 0}, usage={1}) + _spans({2: 1}, usage={2}, trace=b"u" * 16)
    assert _found(spans) == set()


def test_circle_of_parents_ends() -> None:
    """Broken telemetry does not keep the search going; each of the two is above the other."""
    assert _found(_spans({1: 2, 2: 1}, usage={1, 2})) == {1, 2}


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=10))
def test_leaves_of_usage_stay(drawn: list[tuple[int, bool]]) -> None:
    """What is found has usage and usage below it; what is not found has none of the two."""
    parents = {number: min(parent, number - 1) for number, (parent, _) in enumerate(drawn, 1)}
    usage = {number for number, (_, has_usage) in enumerate(drawn, 1) if has_usage}

    def is_above(ancestor: int, number: int) -> bool:
        return number != 0 and (parents[number] == ancestor or is_above(ancestor, parents[number]))

    wrapping = {up for up in usage if any(is_above(up, down) for down in usage)}
    assert _found(_spans(parents, usage=usage)) == wrapping
