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
from pitwall.kit.text import printable

ABSENT = "–"
# Wide enough that a table that goes to a file or a pipe is never cut.
_UNLIMITED_COLUMNS = 10_000
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
        title: Heading; with the unit, if the value has one.
        align: Numbers stand right.
        show: Writes a value for people; None takes `show_value`. An absent value is always `–`.
        wrap: Long text is folded rather than cut when the terminal is narrow.
    """

    key: str
    title: str
    align: Literal["left", "right"] = "left"
    show: Callable[[Any], str] | None = None
    wrap: bool = False


def emit(
    rows: Sequence[Row],
    columns: Sequence[Column],
    output: OutputFormat,
    *,
    payload: Any = None,
    stream: TextIO | None = None,
) -> None:
    """Write the result of a command.

    Args:
        rows: What a table and JSON lines show, one record each.
        columns: Columns of the table; JSON lines hold every key of a row.
        output: The form that was asked for.
        payload: The answer in the API's shape, for JSON; None takes the rows as a list.
        stream: Where to; None is stdout.
    """
    target = stream or sys.stdout
    if output is OutputFormat.JSON:
        emit_json(rows if payload is None else payload, stream=target)
    elif output is OutputFormat.JSONL:
        for row in rows:
            target.write(to_json(row) + "\n")
    else:
        _write_table(rows, columns, target)


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

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(
            column.title,
            justify=column.align,
            no_wrap=not column.wrap,
            overflow="fold" if column.wrap else "ellipsis",
        )
    for row in rows:
        table.add_row(*(Text(_cell(row.get(column.key), column)) for column in columns))
    console = Console(
        file=stream, width=None if stream.isatty() else _UNLIMITED_COLUMNS, highlight=False, markup=False
    )
    console.print(table)


def _cell(value: Any, column: Column) -> str:
    if value is None:
        return ABSENT
    return printable((column.show or show_value)(value))
