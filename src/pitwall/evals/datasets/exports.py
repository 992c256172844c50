"""Versions as files, piece by piece: what was imported can be taken elsewhere again."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import orjson

from pitwall.evals.datasets.canonical import example_text
from pitwall.evals.datasets.errors import DatasetInvalid, package_missing
from pitwall.evals.datasets.flat import ALWAYS, OPTIONAL, cells, flat_row
from pitwall.evals.datasets.types import Dataset, DatasetVersion
from pitwall.evals.types import Example

MEDIA_TYPES: Final[Mapping[str, str]] = {
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
MAX_CELL: Final = 32_767
"""Most characters of a cell of a workbook: programs cut longer ones without a word."""
_CHUNK = 1 << 20
_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Export:
    """A version that is to be written.

    Attributes:
        examples: All of them, in their order.
    """

    dataset: Dataset
    version: DatasetVersion
    examples: Iterable[Example]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a table: those that always stand there, and those that any example fills."""
        facts = self.version.facts.fields
        # Counts of tokens come with the latency or cost that is counted; the language always.
        filled = {"language", *facts}
        if "latency_ms" in facts or "cost_usd" in facts:
            filled |= {"input_tokens", "output_tokens"}
        return (*ALWAYS, *(name for name, fact in OPTIONAL.items() if fact in filled))


def write_export(export: Export, file_format: str, scratch: Callable[[], BinaryIO]) -> Iterator[bytes]:
    """Yield the bytes of a file.

    Args:
        export: What is to be written.
        file_format: `json` (EvalVault's form), `jsonl` (which alone loses nothing), `csv`, `xlsx`, `parquet`.
        scratch: Makes a file for what cannot be written piece by piece.

    Raises:
        DatasetInvalid: There is no such format, or it cannot hold an example.
        Unavailable: A package that the format needs is not installed.
    """
    match file_format:
        case "json":
            return _json(export)
        case "jsonl":
            return (example_text(example) + b"\n" for example in export.examples)
        case "csv":
            return _csv(export)
        case "xlsx":
            return _through_file(scratch(), lambda file: _write_workbook(export, file))
        case "parquet":
            return _through_file(scratch(), lambda file: _write_parquet(export, file))
        case _:
            raise DatasetInvalid(
                f"There is no format {file_format!r}.", hint=f"There are {', '.join(MEDIA_TYPES)}."
            )


def _json(export: Export) -> Iterator[bytes]:
    version = export.version
    said = version.source.get("said", {})
    head = {
        "name": export.dataset.name,
        "version": version.label or str(version.number),
        **{name: value for name, value in said.items() if name != "test_cases"},
        "thresholds": dict(version.thresholds),
    }
    yield orjson.dumps(head)[:-1] + b',"test_cases":['
    separator = b"\n"
    for example in export.examples:
        yield separator + orjson.dumps(flat_row(example))
        separator = b",\n"
    yield b"\n]}\n"


def _csv(export: Export) -> Iterator[bytes]:
    columns = export.columns
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for example in export.examples:
        writer.writerow(cells(flat_row(example), columns))
        if text.tell() > _CHUNK:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _through_file(file: BinaryIO, write: Callable[[BinaryIO], None]) -> Iterator[bytes]:
    """The bytes of a file that is written whole first; whatever goes wrong does so before the first byte."""
    try:
        write(file)
    except BaseException:
        file.close()
        raise
    return _chunks(file)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


def _write_workbook(export: Export, file: BinaryIO) -> None:
    try:
        import openpyxl  # slow to import
    except ModuleNotFoundError as error:
        raise package_missing("openpyxl", "server") from error
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("dataset")
    try:
        _fill_sheet(export, sheet)
    except BaseException:
        sheet.close()  # it must not be left half written
        raise
    book.save(file)


def _fill_sheet(export: Export, sheet: Any) -> None:
    columns = export.columns
    sheet.append(columns)
    for example in export.examples:
        values = zip(columns, cells(flat_row(example), columns), strict=True)
        sheet.append([_sheet_cell(sheet, example, column, value) for column, value in values])


def _sheet_cell(sheet: Any, example: Example, column: str, value: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if not isinstance(value, str):
        return value
    if len(value) > MAX_CELL:
        raise _no_cell(example, column, f"has {len(value):,} characters, {MAX_CELL:,} are the most")
    if ILLEGAL_CHARACTERS_RE.search(value):
        raise _no_cell(example, column, "has control characters")
    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"  # a text that begins with = is no formula
    return cell


def _no_cell(example: Example, column: str, what: str) -> DatasetInvalid:
    return DatasetInvalid(
        f"A workbook cannot hold example {example.id!r}: its {column} {what}.",
        code="dataset.not_for_workbook",
        hint="Export as jsonl, csv or parquet.",
    )


def _write_parquet(export: Export, file: BinaryIO) -> None:
    try:
        import pyarrow
        from pyarrow import parquet
    except ModuleNotFoundError as error:
        raise package_missing("pyarrow", "parquet") from error
    columns = export.columns
    schema = pyarrow.schema([(name, _parquet_type(pyarrow, name)) for name in columns])
    with parquet.ParquetWriter(file, schema) as writer:
        rows: list[dict[str, Any]] = []
        for example in export.examples:
            rows.append(_parquet_row(flat_row(example), columns))
            if len(rows) == _BATCH:
                writer.write_table(pyarrow.Table.from_pylist(rows, schema))
                rows = []
        writer.write_table(pyarrow.Table.from_pylist(rows, schema))


_NUMBERS = {"latency_ms": "float64", "cost_usd": "float64", "input_tokens": "int64", "output_tokens": "int64"}


def _parquet_type(pyarrow: Any, column: str) -> Any:
    if column == "contexts":
        return pyarrow.list_(pyarrow.string())
    return getattr(pyarrow, _NUMBERS.get(column, "string"))()


def _parquet_row(row: Mapping[str, Any], columns: tuple[str, ...]) -> dict[str, Any]:
    values = dict(zip(columns, cells(row, columns), strict=True))
    return {**values, "contexts": row.get("contexts")}
