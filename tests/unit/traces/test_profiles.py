"""Folded stacks become flame trees whose times add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.traces import profiles
from pitwall.traces.profiles import Frame

LABELS = st.text(
    st.characters(exclude_characters=";\n\r", exclude_categories=("Zl", "Zp", "Cc", "Cs")), max_size=8
)
STACKS = st.lists(st.tuples(st.lists(LABELS.filter(bool), min_size=1, max_size=6), st.integers(1, 10**6)))


def _read(*lines: str) -> tuple[list[Frame], int, float]:
    tree, unreadable, left_out = profiles._tree(lines)
    return list(profiles._frames(tree)), unreadable, left_out


def test_stacks_become_a_tree_in_depth_first_order() -> None:
    """Siblings stand side by side, the costliest first; a function has its file apart."""
    frames, unreadable, left_out = _read(
        "main (app.py);search (rag.py) 1000", "main (app.py);ask 3000", "main (app.py) 500"
    )
    assert frames == [
        Frame("main", "app.py", 0, 0.0, 4.5, 0.5),
        Frame("ask", None, 1, 0.0, 3.0, 3.0),
        Frame("search", "rag.py", 1, 3.0, 1.0, 1.0),
    ]
    assert (unreadable, left_out) == (0, 0)


@pytest.mark.parametrize("line", ["nothing", "main -5", "main 1.5", "12", "main 9" + "9" * 30, " 7"])
def test_line_that_is_no_stack_is_counted_and_the_others_read(line: str) -> None:
    """Never an error, whatever a span holds."""
    frames, unreadable, _ = _read("main 10", line)
    assert ([frame.total_ms for frame in frames], unreadable) == ([0.01], 1)


def test_stack_deeper_than_python_s_own_is_read() -> None:
    """Recursion in the application is none here."""
    frames, _, _ = _read(";".join(f"f{n}" for n in range(5000)) + " 7")
    assert (len(frames), frames[-1].depth, frames[0].total_ms) == (5000, 4999, 0.007)


def test_what_finds_no_place_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time is missing from the frames, and is not hidden."""
    monkeypatch.setattr(profiles, "_MAX_FRAMES", 3)
    frames, _, left_out = _read("a;b 10", "a;c;d 5", "a;b 1")
    assert (sum(frame.self_ms for frame in frames), left_out) == (0.011, 5)


@given(STACKS)
def test_times_add_up_and_children_lie_within_their_parents(stacks: list[tuple[list[str], int]]) -> None:
    """Whatever the stacks: own times sum to the whole, and no frame reaches out of the one below it."""
    frames, unreadable, _ = _read(*(f"{';'.join(labels)} {spent}" for labels, spent in stacks))
    total = sum(spent for _, spent in stacks)
    assert unreadable == 0
    assert sum(frame.self_ms for frame in frames) == pytest.approx(total / 1000)
    assert sum(frame.total_ms for frame in frames if frame.depth == 0) == pytest.approx(total / 1000)
    path: list[Frame] = []
    for frame in frames:
        del path[frame.depth :]
        if path:
            assert path[-1].offset_ms - 1e-6 <= frame.offset_ms
            assert frame.offset_ms + frame.total_ms <= path[-1].offset_ms + path[-1].total_ms + 1e-6
        path.append(frame)
