"""A whole file into staging: examples kept, problems told, and what the file says of the dataset."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import orjson

from pitwall.evals.datasets.errors import SHOWN_PROBLEMS, DatasetInvalid, invalid, problem_view
from pitwall.evals.datasets.readers.json_files import JsonLinesReader, JsonReader
from pitwall.evals.datasets.readers.opening import OpenFile
from pitwall.evals.datasets.records import ReadExample, RecordInvalid, read_record
from pitwall.evals.datasets.staging import ExampleRefused, Staging
from pitwall.evals.datasets.types import Place, Problem, ReadOptions, Record
from pitwall.evals.datasets.values import clean
from pitwall.kit.i18n import Text

if TYPE_CHECKING:
    from pitwall.evals.datasets.readers.tables import CsvReader, ParquetReader, WorkbookReader

    Reader = JsonReader | JsonLinesReader | CsvReader | WorkbookReader | ParquetReader

_MAX_HEADER = 64 << 10
_KNOWN: Final = frozenset({"name", "version", "thresholds", "language"})


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of the dataset as a whole.

    Attributes:
        thresholds: None if it says nothing of them.
        rest: Everything else that is small.
        left_out: Names of what is large.
    """

    name: str | None
    label: str | None
    thresholds: dict[str, float] | None
    rest: Mapping[str, Any]
    left_out: tuple[str, ...]


@dataclass(slots=True)
class Reading:
    """What came of reading a file."""

    header: Header
    problems: list[Problem]
    problem_count: int


def make_reader(file: OpenFile, options: ReadOptions) -> Reader:
    """The reader of a file's format."""
    if file.file_format == "json":
        return JsonReader(file, options)
    if file.file_format == "jsonl":
        return JsonLinesReader(file)
    from pitwall.evals.datasets.readers import tables  # a run rarely reads any

    match file.file_format:
        case "csv":
            return tables.CsvReader(file, options)
        case "xlsx":
            return tables.WorkbookReader(file, options)
        case _:
            return tables.ParquetReader(file, options)


def read_file(file: OpenFile, options: ReadOptions, staging: Staging) -> Reading:
    """Read a file's examples into staging.

    Raises:
        DatasetInvalid: It cannot be read, has no example, or has problems that were not to be skipped.
    """
    pass_, said = _read_through(file, options, staging)
    language = said.get("language")
    if isinstance(language, str) and pass_.languages != {language}:
        # It stands behind examples that were read without knowing.
        staging.clear()
        pass_, said = _read_through(file, options, staging, language)
    if pass_.problems and not options.skip_invalid:
        raise invalid(pass_.problems, pass_.problem_count)
    if not len(staging):
        raise DatasetInvalid(
            f"{file.name} has no example{' that can be read' if pass_.problems else ''}.",
            code="dataset.empty",
            hint="A dataset needs at least one with a question.",
            details={"problems": [problem_view(one) for one in pass_.problems]},
        )
    return Reading(_header(said, file.name), pass_.problems, pass_.problem_count)


def _read_through(
    file: OpenFile, options: ReadOptions, staging: Staging, language: str | None = None
) -> tuple[_Pass, dict[str, Any]]:
    pass_ = _Pass(staging, options)
    reader = make_reader(file, options)
    for record in reader:
        pass_.take(record, reader.header.get("language", language))
    return pass_, reader.header


class _Pass:
    """One way through a file."""

    def __init__(self, staging: Staging, options: ReadOptions) -> None:
        self._staging = staging
        self._options = options
        self._places: dict[str, Place] = {}
        self.languages: set[str | None] = set()
        self.problems: list[Problem] = []
        self.problem_count = 0

    def take(self, record: Record | Problem, language: Any) -> None:
        if isinstance(record, Problem):
            self._note(record)
            return
        try:
            known = language if isinstance(language, str) else None
            self.languages.add(known)
            self._add(read_record(record, self._options, known))
        except RecordInvalid as error:
            self._note(error.problem)

    def _add(self, read: ReadExample) -> None:
        example = read.example
        if example.id in self._places:
            if read.is_named:
                raise RecordInvalid(self._duplicate(read))
            example = replace(example, id=self._free(example.id))
        try:
            self._staging.add(example)
        except ExampleRefused as error:
            text = Text(f"{error}.", f"저장할 수 없는 예제입니다: {error}.")
            raise RecordInvalid(Problem(read.place, "not_storable", text)) from error
        self._places[example.id] = read.place

    def _free(self, id_: str) -> str:
        """An id for another example with the same question."""
        number = 2
        while f"{id_}-{number}" in self._places:
            number += 1
        return f"{id_}-{number}"

    def _duplicate(self, read: ReadExample) -> Problem:
        first = self._places[read.example.id].say()
        text = Text(
            f"the id {read.example.id!r} stands already at {first.en}; every example needs its own.",
            f"id {read.example.id!r}이(가) {first.ko}에 이미 있습니다. 예제마다 id가 달라야 합니다.",
        )
        return Problem(read.place, "duplicate_id", text, "id")

    def _note(self, problem: Problem) -> None:
        self.problem_count += 1
        if len(self.problems) < SHOWN_PROBLEMS:
            self.problems.append(problem)


def _header(said: Mapping[str, Any], file: str) -> Header:
    rest: dict[str, Any] = {}
    left_out: list[str] = []
    for name, value in said.items():
        if name in _KNOWN:
            continue
        if len(orjson.dumps(rest)) + len(_dumped(value)) <= _MAX_HEADER:
            rest[name] = clean(value)
        else:
            left_out.append(name)
    return Header(
        _text(said.get("name")), _text(said.get("version")), _thresholds(said, file), rest, tuple(left_out)
    )


def _dumped(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:
        return b" " * (_MAX_HEADER + 1)  # what cannot be written cannot be kept


def _text(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(clean(str(value))).strip()[:200] or None


def _thresholds(said: Mapping[str, Any], file: str) -> dict[str, float] | None:
    """By metric; one without a number is one that was left open."""
    value = said.get("thresholds")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise _no_thresholds(file, "thresholds", value)
    thresholds = {}
    for name, number in value.items():
        if number is None:
            continue
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            raise _no_thresholds(file, f"thresholds.{name}", number)
        thresholds[name] = float(number)
    return thresholds


def _no_thresholds(file: str, name: str, value: Any) -> DatasetInvalid:
    return DatasetInvalid(
        f"{file}, {name}: {value!r} is no threshold.",
        code="dataset.thresholds",
        hint='Write numbers by metric: "thresholds": {"faithfulness": 0.8}.',
    )
