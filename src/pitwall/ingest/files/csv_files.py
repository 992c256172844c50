"""CSV chunks: rows of a table, understood by a column map."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import partial
from typing import Any

from pitwall.ingest.files.batch import Batch, Line
from pitwall.ingest.files.column_map import ColumnMap
from pitwall.ingest.files.errors import BadLine, LineReason
from pitwall.ingest.files.events import read_value
from pitwall.ingest.files.spans import write_span
from pitwall.ingest.files.types import MAX_CHUNK_BYTES, Chunk


def read_csv(chunk: Chunk, batch: Batch, column_map: ColumnMap) -> None:
    """Read the rows of a chunk into a batch; a file begins with its header, empty rows are nothing."""
    columns = chunk.reader.columns
    slots = [(entry, columns.index(entry.column)) for entry in column_map.entries]
    for line, row in _Rows(chunk):
        if line.offset == 0:
            continue
        try:
            if isinstance(row, csv.Error):
                raise BadLine(LineReason.MALFORMED, f"it is no row of CSV: {row}")
            if len(row) != len(columns):
                raise BadLine(
                    LineReason.MALFORMED, f"it has {len(row)} fields; the header has {len(columns)}"
                )
            record: dict[str, Any] = dict(column_map.constants)
            record |= {entry.field: read_value(entry, row[at]) for entry, at in slots}
            batch.add_span(line, record, partial(_fill, record))
        except BadLine as bad:
            batch.add_problem(line, bad.reason, bad.message)


def _fill(record: dict[str, Any], span: Any, position: str) -> None:
    write_span(span, record, position)


class _Rows:
    """The rows of a chunk, each with the line it begins on."""

    def __init__(self, chunk: Chunk) -> None:
        self._chunk = chunk
        self._number = chunk.first_line
        self._read = 0

    def __iter__(self) -> Iterator[tuple[Line, list[str] | csv.Error]]:
        csv.field_size_limit(MAX_CHUNK_BYTES)
        reader = csv.reader(self._texts(), delimiter=self._chunk.reader.delimiter)
        while True:
            number, begin = self._number, self._read
            row: list[str] | csv.Error | None
            try:
                row = next(reader, None)
            except csv.Error as error:
                row = error
            if row is None:
                return
            raw = self._chunk.data[begin : self._read]
            if row:
                yield Line(number, self._chunk.offset + begin, raw.rstrip(b"\r\n")), row

    def _texts(self) -> Iterator[str]:
        """Yield physical lines and keep count; the CSV reader takes as many as a row needs."""
        data = self._chunk.data
        while self._read < len(data):
            end = data.find(b"\n", self._read) + 1 or len(data)
            raw = data[self._read : end]
            self._read = end
            self._number += 1
            yield raw.decode("utf-8", "replace")
