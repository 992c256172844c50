"""How commands show results: a table for people, JSON or JSON lines for programs, always on stdout."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import PurePath
from typing import Any, Literal, TextIO

import orjson

from pitwall.kit.durations import format_instant
from pitwall.kit.text import display_width, fit, printable

ABSENT = "–"
# Wide enough that a table that goes to a file or a pipe is never cut.
_UNLIMITED_COLUMNS = 10_000
# A column that gives way keeps this much of its text, or is left out.
_LEAST_COLUMNS = 12
_GAP = 1
_JSON_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY

Row = Mapping[str, Any]


class OutputFormat(StrEnum):
    """The forms a command can answer in."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        key: Key of the row.
        title: Heading; with the unit, if the value has one. Shown in lower case.
        align: Numbers stand right.
        show: Writes a value for people; None takes `show_value`. An absent value is always `–`.
        wrap: Long text is folded rather than cut when the terminal is narrow.
        gives_way: 0 stays whole, as ids and bands must. In a narrow terminal the highest number gives way
            first: text is cut, then the column is left out; a number is never cut, only left out.
    """

    key: str
    title: str
    align: Literal["left", "right"] = "left"
    show: Callable[[Any], str] | None = None
    wrap: bool = False
    gives_way: int = 0


def emit(
    rows: Sequence[Row],
    columns: Sequence[Column],
    output: OutputFormat,
    *,
    payload: Any = None,
    empty: str = "Nothing found.",
    stream: TextIO | None = None,
) -> None:
    """Write the result of a command.

    Args:
        rows: What a table and JSON lines show, one record each.
        columns: Columns of the table; JSON lines hold every key of a row.
        output: The form that was asked for.
        payload: The answer in the API's shape, for JSON; None takes the rows as a list.
        empty: What stderr says instead of a table without rows.
        stream: Where to; None is stdout.
    """
    target = stream or sys.stdout
    if output is OutputFormat.JSON:
        emit_json(rows if payload is None else payload, stream=target)
    elif output is OutputFormat.JSONL:
        for row in rows:
            target.write(to_json(row) + "\n")
    elif not rows:
        sys.stderr.write(empty + "\n")
    else:
        _write_table(rows, columns, target)


def tell(answer: Row, said: str, output: OutputFormat) -> None:
    """Say that something was done: a sentence for people on stderr, what the server answered for programs."""
    if output is OutputFormat.TABLE:
        sys.stderr.write(said + "\n")
    else:
        emit([answer], [], output, payload=answer)


def emit_json(value: Any, *, stream: TextIO | None = None) -> None:
    """Write one indented JSON document; a number that is not finite becomes null."""
    (stream or sys.stdout).write(to_json(value, indent=True) + "\n")


def to_json(value: Any, *, indent: bool = False) -> str:
    """Return a value as JSON text.

    Raises:
        TypeError: It holds something that JSON cannot express.
    """
    options = _JSON_OPTIONS | (orjson.OPT_INDENT_2 if indent else 0)
    return orjson.dumps(value, default=_to_plain, option=options).decode()


def _to_plain(value: Any) -> Any:
    match value:
        case Decimal() | PurePath():
            return str(value)
        case bytes():
            return value.hex()
        case Mapping():
            return dict(value)
        case set() | frozenset():
            return sorted(value)
        case _:
            raise TypeError(f"a {type(value).__name__} cannot be written as JSON")


def show_value(value: Any) -> str:
    """Write one value for people: `–` for none, UTC times with a Z, lists separated by commas."""
    match value:
        case None:
            return ABSENT
        case bool():
            return "yes" if value else "no"
        case float():
            return ABSENT if math.isnan(value) else f"{value:.6g}"
        case datetime():
            return format_instant(value)
        case list() | tuple() | set() | frozenset():
            return ", ".join(show_value(item) for item in value) or ABSENT
        case Mapping():
            return ", ".join(f"{key}={show_value(item)}" for key, item in value.items()) or ABSENT
        case _:
            return str(value)


def _write_table(rows: Sequence[Row], columns: Sequence[Column], stream: TextIO) -> None:
    from rich.console import Console  # a command that writes JSON needs none of it
    from rich.table import Table
    from rich.text import Text

    cells = {column.key: [_cell(row.get(column.key), column) for row in rows] for column in columns}
    available = Console(file=stream).width if stream.isatty() else _UNLIMITED_COLUMNS
    widths = _fit_widths(columns, cells, available)
    shown = [column for column in columns if column.key in widths]
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for column in shown:
        table.add_column(
            Text(fit(column.title.lower(), widths[column.key])),
            justify=column.align,
            width=widths[column.key],
            no_wrap=not column.wrap,
            overflow="fold",
        )
    for line in zip(*(_fit_cells(cells[column.key], column, widths) for column in shown), strict=True):
        table.add_row(*map(Text, line))
    # What must stay whole may be wider than the terminal, which then breaks the line rather than losing it.
    width = max(available, _total(widths))
    Console(file=stream, width=width, highlight=False, markup=False).print(table, soft_wrap=False)
    left_out = ", ".join(column.title.lower() for column in columns if column.key not in widths)
    if left_out:
        sys.stderr.write(f"Too narrow for: {left_out} (a wider terminal or --output json has all).\n")


def _fit_widths(
    columns: Sequence[Column], cells: Mapping[str, Sequence[str]], available: int
) -> dict[str, int]:
    """Terminal columns of every column that is shown; what gives way is cut, then left out."""
    widths = {
        column.key: max(1, *map(display_width, (column.title, *cells[column.key]))) for column in columns
    }
    for column in sorted(columns, key=lambda column: -column.gives_way):
        excess = _total(widths) - available
        if excess <= 0:
            break
        cut = max(_LEAST_COLUMNS, widths[column.key] - excess)
        is_text = column.align == "left"
        if column.wrap:
            widths[column.key] = min(widths[column.key], cut)
        elif column.gives_way and is_text and widths[column.key] - cut >= excess:
            widths[column.key] = cut
        elif column.gives_way:
            del widths[column.key]
    return widths


def _total(widths: Mapping[str, int]) -> int:
    return sum(widths.values()) + _GAP * (len(widths) - 1)


def _fit_cells(cells: Sequence[str], column: Column, widths: Mapping[str, int]) -> Sequence[str]:
    return cells if column.wrap else [fit(cell, widths[column.key]) for cell in cells]


def _cell(value: Any, column: Column) -> str:
    if value is None:
        return ABSENT
    return printable((column.show or show_value)(value))
