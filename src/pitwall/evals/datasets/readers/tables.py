"""CSV, workbooks and Parquet: a row is an example, a column a field."""

from __future__ import annotations

import csv
import datetime
import decimal
import itertools
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pitwall.evals.datasets.errors import DatasetInvalid, package_missing
from pitwall.evals.datasets.fields import FIELDS, has_question
from pitwall.evals.datasets.readers.formulas import refuse_formulas_without_values
from pitwall.evals.datasets.readers.opening import OpenFile
from pitwall.evals.datasets.types import Place, Problem, ReadOptions, Record
from pitwall.kit.i18n import Text

MAX_FIELD = 32 << 20
"""Most characters of a cell; the ingest door sets the same limit of the csv module lower, see below."""
MAX_UNPACKED = 4 << 30
"""Most bytes of a workbook's parts."""
_DELIMITERS = (",", "\t", ";", "|")
_BATCH = 500


class CsvReader:
    """Records of a CSV file, whatever separates its columns."""

    def __init__(self, file: OpenFile, options: ReadOptions) -> None:
        self._file = file
        self._options = options
        self.header: dict[str, Any] = {}

    def __iter__(self) -> Iterator[Record | Problem]:
        csv.field_size_limit(max(csv.field_size_limit(), MAX_FIELD))  # one limit for the process
        delimiter = self._delimiter()
        with self._file.text(newline="") as text:
            rows = csv.reader(text, delimiter=delimiter, strict=True)
            names: list[str] | None = None
            line = 0
            try:
                for row in rows:
                    place, line = Place(self._file.name, line=line + 1), rows.line_num
                    if not any(cell.strip() for cell in row):
                        continue
                    if names is None:
                        names = _check_heading(row, place, self._options)
                    else:
                        yield _row(names, row, place)
            except csv.Error as error:
                raise _broken(self._file.name, line + 1, str(error)) from error

    def _delimiter(self) -> str:
        """What separates the columns of the first line: the mark that gives most known names."""
        with self._file.text(newline="") as text:
            first = text.readline()
        return max(_DELIMITERS, key=lambda mark: (self._known(first, mark), -_DELIMITERS.index(mark)))

    def _known(self, line: str, mark: str) -> int:
        names = {name.strip().strip('"') for name in line.strip("\r\n").split(mark)}
        wanted = {name for names in FIELDS.values() for name in names} | set(self._options.columns.values())
        return len(names & wanted)


class WorkbookReader:
    """Records of a sheet of a workbook."""

    def __init__(self, file: OpenFile, options: ReadOptions) -> None:
        self._file = file
        self._options = options
        self.header: dict[str, Any] = {}

    def __iter__(self) -> Iterator[Record | Problem]:
        book = _open_workbook(self._file)
        try:
            sheet = self._sheet(book)
            refuse_formulas_without_values(sheet, self._file.name)
            yield from self._rows(sheet)
        finally:
            book.close()

    def _sheet(self, book: Any) -> Any:
        wanted = self._options.sheet
        if wanted is not None:
            if wanted in book.sheetnames:
                return book[wanted]
            raise DatasetInvalid(
                f"{self._file.name} has no sheet {wanted!r}.", hint=f"It has {', '.join(book.sheetnames)}."
            )
        for sheet in book.worksheets:
            heading = next(_filled_rows(sheet), None)
            if heading is not None and has_question(frozenset(heading[1]), self._options.columns):
                return sheet
        return book.worksheets[0]

    def _rows(self, sheet: Any) -> Iterator[Record | Problem]:
        names: list[str] | None = None
        for number, row in _filled_rows(sheet):
            place = Place(self._file.name, sheet=sheet.title, row=number)
            if names is None:
                names = _check_heading([_name(cell) for cell in row], place, self._options)
            else:
                yield _row(names, row, place)


class ParquetReader:
    """Records of a Parquet file."""

    def __init__(self, file: OpenFile, options: ReadOptions) -> None:
        self._file = file
        self._options = options
        self.header: dict[str, Any] = {}

    def __iter__(self) -> Iterator[Record | Problem]:
        parquet, error_type = _import_parquet()
        try:
            opened = parquet.ParquetFile(self._file.stream)
        except (error_type, OSError) as error:
            raise DatasetInvalid(
                f"{self._file.name} is no Parquet file: {error}.", hint="Write it again."
            ) from error
        _check_heading(list(opened.schema_arrow.names), Place(self._file.name), self._options)
        number = itertools.count(1)
        for batch in opened.iter_batches(batch_size=_BATCH):
            for values in batch.to_pylist():
                place = Place(self._file.name, row=next(number))
                yield Record(place, {name: _plain(value) for name, value in values.items()})


def _check_heading(row: Sequence[str], place: Place, options: ReadOptions) -> list[str]:
    names = [name.strip() for name in row]
    twice = next((name for name in names if name and names.count(name) > 1), None)
    where = place.say().en
    if twice is not None:
        raise DatasetInvalid(f"{where}: the column {twice!r} stands there twice.", hint="Rename one of them.")
    missing = next((name for name in options.columns.values() if name and name not in names), None)
    if missing is not None:
        raise DatasetInvalid(
            f"{where}: there is no column {missing!r}.", hint=f"There are {', '.join(names)}."
        )
    if not has_question(frozenset(names), options.columns):
        raise DatasetInvalid(
            f"{where}: no column for the question among {', '.join(filter(None, names)) or 'nothing'}.",
            hint=f"Known names are {', '.join(FIELDS['question'])}; or say --map question=COLUMN.",
        )
    return names


def _row(names: Sequence[str], row: Sequence[Any], place: Place) -> Record | Problem:
    extra = [cell for cell in row[len(names) :] if not _is_empty(cell)]
    unnamed = [cell for name, cell in zip(names, row, strict=False) if not name and not _is_empty(cell)]
    if extra or unnamed:
        text = Text(
            f"{len(extra) + len(unnamed)} values stand in columns without a name; a text with a comma needs "
            "quotes.",
            f"이름 없는 열에 값이 {len(extra) + len(unnamed)}개 있습니다. 쉼표가 있는 텍스트는 따옴표로 "
            "감싸세요.",
        )
        return Problem(place, "too_many_values", text)
    pairs = zip(names, row, strict=False)
    return Record(place, {name: _plain(cell) for name, cell in pairs if name and not _is_empty(cell)})


def _is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _filled_rows(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Rows that hold something, numbered as in the sheet."""
    sheet.reset_dimensions()  # some programs write wrong ones, and rows would be missing
    rows: Iterable[tuple[Any, ...]] = sheet.iter_rows(values_only=True)
    return ((n, row) for n, row in enumerate(rows, start=1) if not all(map(_is_empty, row)))


def _name(cell: Any) -> str:
    return "" if cell is None else str(cell)


def _plain(value: Any) -> Any:
    """A value of a cell as JSON has it."""
    match value:
        case datetime.datetime() | datetime.date() | datetime.time():
            return value.isoformat()
        case datetime.timedelta():
            return value.total_seconds()
        case decimal.Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case float() if value != value:  # not a number is no value
            return None
        case float() if value.is_integer() and abs(value) < 2**53:
            return int(value)
        case list() | tuple():
            return [_plain(item) for item in value]
        case dict():
            return {str(name): _plain(item) for name, item in value.items()}
        case _:
            return value


def _open_workbook(file: OpenFile) -> Any:
    try:
        import openpyxl  # an extra, and slow to import
    except ModuleNotFoundError as error:
        raise package_missing("openpyxl", "server") from error
    try:
        _check_size(file)
        file.stream.seek(0)
        return openpyxl.load_workbook(file.stream, read_only=True, data_only=True)
    except Exception as error:  # for a damaged file it raises anything
        raise DatasetInvalid(
            f"{file.name} is no workbook that can be read: {error}.",
            hint="Save it as .xlsx without a password.",
        ) from error


def _check_size(file: OpenFile) -> None:
    """Refuse a small file that unpacks into a huge one."""
    with zipfile.ZipFile(file.stream) as packed:
        size = sum(member.file_size for member in packed.infolist())
    if size > MAX_UNPACKED:
        raise ValueError(f"it has {size:,} bytes when unpacked, {MAX_UNPACKED:,} are the most")


def _import_parquet() -> tuple[Any, type[Exception]]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ModuleNotFoundError as error:
        raise package_missing("pyarrow", "parquet") from error
    return parquet, pyarrow.ArrowException


def _broken(file: str, line: int, what: str) -> DatasetInvalid:
    return DatasetInvalid(
        f"{file}, line {line}: no valid CSV, {what}.",
        code="dataset.csv",
        hint="Look for a quote that is not closed from that line on.",
        details={"file": file, "line": line},
    )
