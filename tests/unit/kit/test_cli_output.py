"""Results of commands: tables for people that Korean fits into, JSON for programs."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest

from pitwall.kit.cli_output import Column, OutputFormat, emit, emit_json, show_value, to_json
from pitwall.kit.text import display_width

COLUMNS = (Column("name", "NAME"), Column("latency_ms", "LATENCY ms", align="right"))
ROWS: list[dict[str, Any]] = [
    {"name": "환불 문의", "latency_ms": 41.5, "trace_id": "aa"},
    {"name": "shipping", "latency_ms": None, "trace_id": "bb"},
]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def emitted(output: OutputFormat, stream: io.StringIO | None = None, **options: Any) -> str:
    stream = stream or io.StringIO()
    emit(ROWS, COLUMNS, output, stream=stream, **options)
    return stream.getvalue()


def test_korean_cells_line_up_and_absent_is_a_dash() -> None:
    """All lines of a table are equally wide on a terminal; an absent value is not 0."""
    lines = emitted(OutputFormat.TABLE).splitlines()
    assert len({display_width(line) for line in lines}) == 1
    assert lines[1].split() == ["환불", "문의", "41.5"]
    assert lines[2].split() == ["shipping", "–"]


def test_json_is_the_payload_and_jsonl_one_whole_row_a_line() -> None:
    """JSON has the API's shape; JSON lines hold what the table does not show too."""
    assert json.loads(emitted(OutputFormat.JSON)) == ROWS
    assert json.loads(emitted(OutputFormat.JSON, payload={"items": ROWS, "next_cursor": None})) == {
        "items": ROWS,
        "next_cursor": None,
    }
    assert [json.loads(line) for line in emitted(OutputFormat.JSONL).splitlines()] == ROWS


def test_table_in_a_pipe_is_never_cut_and_has_no_colours() -> None:
    """`pitwall ... | grep` finds what is there."""
    stream = io.StringIO()
    emit([{"name": "x" * 500}], [Column("name", "NAME")], OutputFormat.TABLE, stream=stream)
    assert "x" * 500 in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_no_color_is_honoured_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """With NO_COLOR nothing is coloured; emphasis without colour may stay."""
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[1m" in emitted(OutputFormat.TABLE, Terminal())
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in emitted(OutputFormat.TABLE, Terminal())


def test_cell_cannot_steer_the_terminal_nor_use_markup() -> None:
    """Text from telemetry is shown, never interpreted."""
    stream = io.StringIO()
    emit([{"name": "\x1b[2J[red]x[/red]"}], [Column("name", "NAME")], OutputFormat.TABLE, stream=stream)
    assert "\\x1b[2J[red]x[/red]" in stream.getvalue()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (True, "yes"),
        (float("nan"), "–"),
        (0.1 + 0.2, "0.3"),
        (datetime(2026, 11, 20, tzinfo=UTC), "2026-11-20T00:00:00Z"),
        ([], "–"),
        (("a", 1), "a, 1"),
        ({"model": "qwen"}, "model=qwen"),
    ],
)
def test_values_are_written_for_people(value: object, shown: str) -> None:
    """No data is a dash, times are UTC, lists have commas."""
    assert show_value(value) == shown


def test_json_holds_our_own_types_and_null_for_what_is_no_number() -> None:
    """NaN is no JSON number; money keeps its digits as text."""
    value = {
        "usd": Decimal("0.10"),
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "n": float("nan"),
        "p": Path("/a"),
    }
    assert orjson.loads(to_json(value)) == {"usd": "0.10", "at": "2026-01-01T00:00:00Z", "n": None, "p": "/a"}
    assert to_json({"s": {2, 1}, "b": b"\x01"}) == '{"s":[1,2],"b":"01"}'
    with pytest.raises(TypeError):
        to_json(object())


def test_single_document_is_indented() -> None:
    """A person may read it too."""
    stream = io.StringIO()
    emit_json({"a": 1}, stream=stream)
    assert stream.getvalue() == '{\n  "a": 1\n}\n'


NARROW = (
    Column("id", "ID"),
    Column("title", "TITLE", gives_way=1),
    Column("count", "COUNT", "right", gives_way=2),
    Column("band", "BAND"),
)
WIDE_ROW = {"id": "a" * 32, "title": "환불 문의 응답 시간 " * 4, "count": 123456, "band": "critical"}


def on_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    emit([WIDE_ROW], NARROW, OutputFormat.TABLE, stream=stream)
    return re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue()).splitlines()


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_narrow_terminal_keeps_ids_and_bands_whole(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    """Korean text gives way by its width on the screen; no line is wider than the terminal."""
    lines = on_terminal(monkeypatch, columns)
    assert "a" * 32 in lines[1]
    assert "critical" in lines[1]
    assert max(map(display_width, lines)) <= columns


def test_number_is_left_out_whole_and_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A cut number would be another number; stderr names the column that is missing."""
    assert "1234" not in "".join(on_terminal(monkeypatch, 60))
    assert "count" in capsys.readouterr().err
    assert "123456" in "".join(on_terminal(monkeypatch, 200))
    assert capsys.readouterr().err == ""


def test_too_narrow_for_what_stays_whole_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The terminal breaks the line; the id can still be copied."""
    (_, line) = on_terminal(monkeypatch, 30)
    assert "a" * 32 in line
    assert "critical" in line


def test_headings_are_lower_case() -> None:
    """One style, whatever a command declares."""
    assert emitted(OutputFormat.TABLE).splitlines()[0].split() == ["name", "latency", "ms"]


def test_empty_table_is_a_sentence_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """No headings over nothing; programs still get an empty list."""
    emit([], COLUMNS, OutputFormat.TABLE, empty="No keys yet.")
    assert capsys.readouterr() == ("", "No keys yet.\n")
    emit([], COLUMNS, OutputFormat.JSON)
    assert capsys.readouterr() == ("[]\n", "")
