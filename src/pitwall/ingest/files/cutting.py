"""Where bytes of a growing file may be cut: behind a line, or behind a row of CSV, which may have several."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import orjson

from pitwall.ingest.files.types import MAX_CHUNK_BYTES
from pitwall.ingest.json_text import load_json

_BOM = b"\xef\xbb\xbf"


def cut_lines(data: bytes) -> bytes:
    """Return the whole lines at the beginning of some bytes."""
    return data[: data.rfind(b"\n") + 1]


def cut_records(data: bytes, delimiter: str) -> bytes:
    """Return the rows of CSV at the beginning of some bytes, all but the last: more may belong to that."""
    csv.field_size_limit(MAX_CHUNK_BYTES)
    lines = _CountedLines(data)
    begin_of_last = 0
    try:
        rows = csv.reader(lines, delimiter=delimiter)
        while True:
            begin = lines.consumed
            if next(rows, None) is None:
                break
            begin_of_last = begin
    except csv.Error:
        pass  # a field that goes on behind these bytes, for all that can be told
    return data[:begin_of_last]


def first_record(data: bytes, delimiter: str) -> bytes:
    """Return the first row of CSV with its line end."""
    lines = _CountedLines(data)
    next(csv.reader(lines, delimiter=delimiter), None)
    return data[: lines.consumed]


def parse_header(row: bytes, delimiter: str) -> tuple[str, ...]:
    """Return the column names of a header."""
    text = row.removeprefix(_BOM).decode("utf-8", "replace")
    return tuple(name.strip() for name in next(csv.reader(text.splitlines(True), delimiter=delimiter), []))


def is_whole_object(line: bytes) -> bool:
    """Whether a line without an end is a whole JSON object; no part of one is."""
    try:
        return type(load_json(line, with_invalid_utf8=False)[0]) is dict
    except orjson.JSONDecodeError:
        return False


class _CountedLines:
    """The lines of some bytes as text, and how many bytes were taken.

    Latin-1 reads any bytes, and the characters that matter to CSV are the same in it as in UTF-8.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.consumed = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.consumed >= len(self._data):
            raise StopIteration
        end = self._data.find(b"\n", self.consumed) + 1 or len(self._data)
        line = self._data[self.consumed : end].decode("latin-1")
        self.consumed = end
        return line
