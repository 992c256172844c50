"""Reads files that tests write down as text or bytes."""

from __future__ import annotations

import io
import json
from typing import Any

import openpyxl

from pitwall.evals.datasets.canonical import read_example
from pitwall.evals.datasets.readers.opening import open_file
from pitwall.evals.datasets.reading import Reading, read_file
from pitwall.evals.datasets.staging import Staging
from pitwall.evals.datasets.types import ReadOptions
from pitwall.evals.types import Example


def read(
    name: str, content: str | bytes, options: ReadOptions | None = None
) -> tuple[list[Example], Reading]:
    """The examples of a file and what came of reading it."""
    chosen = options or ReadOptions()
    data = content.encode() if isinstance(content, str) else content
    file = open_file(
        name, io.BytesIO(data), file_format=chosen.file_format, encoding=chosen.encoding, max_bytes=1 << 20
    )
    staging = Staging(io.BytesIO())
    reading = read_file(file, chosen, staging)
    return [read_example(row.content) for row in staging.rows()], reading


def read_one(values: dict[str, Any], options: ReadOptions | None = None) -> Example:
    """The example of one JSON object."""
    (example,), _ = read("one.json", json.dumps([values]), options)
    return example


def workbook(*sheets: tuple[str, list[list[Any]]]) -> bytes:
    """A workbook of sheets with their rows."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
