"""Trees in a terminal: aligned whatever the letters, honest without colour."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pitwall.kit.i18n import Language
from pitwall.kit.text import display_width
from pitwall.traces.render import Style, show_duration, tree_lines

PLAIN = Style(columns=120, is_coloured=False, is_full=False, language=Language.ENGLISH)


def make_view(name: str = "POST /voc/chat", depth: int = 0, **values: Any) -> dict[str, Any]:
    """A span as the API answers it."""
    view = {
        "span_id": name,
        "name": name,
        "kind": "chain",
        "depth": depth,
        "placement": "child" if depth else "root",
        "offset_ms": 0.0,
        "duration_ms": 100.0,
        "status": "ok",
        "error_class": None,
        "error_type": None,
        "status_message": None,
        "model": None,
        "input_tokens": None,
        "output_tokens": None,
        "cost_usd": None,
        "copies": 1,
        "input": None,
        "output": None,
        "absent_texts": [],
    }
    return {**view, **values}


def make_trace(*spans: dict[str, Any], **values: Any) -> dict[str, Any]:
    """A trace of 100 ms as the API answers it."""
    trace = {
        "trace_id": "0" * 31 + "1",
        "name": spans[0]["name"],
        "started_at": "2026-11-20T12:00:00Z",
        "duration_ms": 100.0,
        "totals": {
            "span_count": len(spans),
            "error_count": 0,
            "input_tokens": None,
            "output_tokens": None,
            "cost_usd": None,
        },
        "missing_parent_ids": [],
        "critical_path": [{"span_id": spans[0]["span_id"]}],
        "spans": list(spans),
        "duplicate_count": 0,
        "next_cursor": None,
    }
    return {**trace, **values}


def _rows(trace: dict[str, Any], style: Style = PLAIN) -> list[str]:
    return list(tree_lines(trace, style))[3:]


def test_bars_start_in_one_column_whatever_the_script() -> None:
    """Korean letters take two columns, and the bars still stand below each other."""
    rows = _rows(make_trace(make_view("환불 문의 처리"), make_view("search", 1), make_view("답변 생성", 1)))
    columns = {display_width(row[: min(row.find("█") % 1000, row.find("▒") % 1000)]) for row in rows}
    assert len(columns) == 1


def test_branches_show_who_called_whom() -> None:
    """The last of its siblings gets a corner, and lines run past the children of the others."""
    rows = _rows(
        make_trace(make_view("a"), make_view("b", 1), make_view("c", 2), make_view("d", 1), make_view("e", 2))
    )
    assert [row.split(" (")[0] for row in rows] == ["a", "├─ b", "│  └─ c", "└─ d", "   └─ e"]


def test_error_is_marked_without_colour() -> None:
    """A sign before the name and the class after it; nobody needs to see red."""
    failed = make_view("call", 1, status="error", error_class="timeout")
    row = _rows(make_trace(make_view(), failed))[1]
    assert "✗ call" in row
    assert row.endswith("error: timeout")
    assert "\x1b" not in row


def test_colour_is_only_added() -> None:
    """With colours the letters are the same."""
    trace = make_trace(make_view(), make_view("call", 1, status="error"))
    coloured = Style(columns=120, is_coloured=True, is_full=False, language=Language.ENGLISH)
    without = [
        row.replace("\x1b[36m", "").replace("\x1b[31m", "").replace("\x1b[0m", "")
        for row in _rows(trace, coloured)
    ]
    assert [row.rstrip() for row in without] == _rows(trace)


def test_orphans_stand_below_a_line_that_says_so() -> None:
    """Spans without a way to a root are not shown as if they were roots."""
    orphan = make_view("late", 1, placement="orphan")
    rows = _rows(make_trace(make_view(), orphan, missing_parent_ids=["ff" * 8]))
    assert rows[1] == "(parents that have not arrived: 1)"
    assert "late" in rows[2]


def test_full_shows_texts_line_by_line() -> None:
    """Inputs and outputs follow their span; a text that is gone is a dash."""
    style = Style(columns=120, is_coloured=False, is_full=True, language=Language.KOREAN)
    span = make_view(input="환불?\n언제?", absent_texts=["output"])
    assert _rows(make_trace(span), style)[1:] == ["  input:", "    환불?", "    언제?", "  output: –"]


@given(st.text(max_size=40), st.integers(40, 200))
def test_no_name_can_steer_the_terminal(name: str, columns: int) -> None:
    """Control characters of names and texts never reach the terminal, and each span has one line."""
    style = Style(columns=columns, is_coloured=False, is_full=False, language=Language.ENGLISH)
    lines = list(tree_lines(make_trace(make_view(name)), style))
    assert len(lines) == 4
    assert all(
        character.isprintable() or character == " "
        for line in lines
        for character in line
        if ord(character) < 160
    )


def test_durations_have_the_unit_people_expect() -> None:
    """Milliseconds, then seconds, then minutes; the borders round up to the next unit."""
    shown = [show_duration(ms) for ms in (None, 0.04, 12.3, 999.4, 999.6, 1800, 59_994, 59_996, 125_000)]
    assert shown == ["–", "0.04 ms", "12 ms", "999 ms", "1.00 s", "1.80 s", "59.99 s", "1m00s", "2m05s"]
