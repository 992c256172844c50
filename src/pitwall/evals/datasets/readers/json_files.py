"""JSON: a list of examples, or an object that holds one and says more of the dataset; and JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import orjson

from pitwall.evals.datasets.errors import DatasetInvalid
from pitwall.evals.datasets.fields import LISTS, has_question
from pitwall.evals.datasets.readers.json_scanner import JsonScanner
from pitwall.evals.datasets.readers.opening import OpenFile
from pitwall.evals.datasets.types import Place, Problem, ReadOptions, Record
from pitwall.kit.i18n import Text

_NO_OBJECT = Text("an example is a JSON object.", "예제는 JSON 객체여야 합니다.")


class JsonReader:
    """Records of a JSON file; `header` fills while they are read."""

    def __init__(self, file: OpenFile, options: ReadOptions) -> None:
        self._file = file
        self._options = options
        self.header: dict[str, Any] = {}

    def __iter__(self) -> Iterator[Record | Problem]:
        with self._file.text() as text:
            scanner = JsonScanner(text, self._file.name)
            if scanner.peek() == "[":
                yield from self._elements(scanner)
            else:
                yield from self._members(scanner)
            scanner.finish()

    def _elements(self, scanner: JsonScanner) -> Iterator[Record | Problem]:
        scanner.take("[")
        if scanner.peek() == "]":
            scanner.take("]")
            return
        count, mark = 0, ","
        while mark == ",":
            scanner.peek()
            count += 1
            place = Place(self._file.name, line=scanner.line, example=count)
            value = scanner.value()
            yield Record(place, value) if isinstance(value, dict) else Problem(place, "no_object", _NO_OBJECT)
            mark = scanner.take(",", "]")

    def _members(self, scanner: JsonScanner) -> Iterator[Record | Problem]:
        scanner.take("{")
        has_list, mark = False, "," if scanner.peek() != "}" else scanner.take("}")
        while mark == ",":
            if scanner.peek() != '"':
                scanner.take('"')
            name = scanner.value()
            scanner.take(":")
            if name in LISTS and not has_list and scanner.peek() == "[":
                has_list = True
                yield from self._elements(scanner)
            else:
                self.header[name] = scanner.value()
            mark = scanner.take(",", "}")
        if not has_list:
            yield self._single()

    def _single(self) -> Record:
        """The only example of a file that is nothing else."""
        if has_question(frozenset(self.header), self._options.columns):
            values = dict(self.header)
            self.header.clear()
            return Record(Place(self._file.name, line=1, example=1), values)
        raise DatasetInvalid(
            f"{self._file.name} has no list of examples; it has {', '.join(self.header) or 'nothing'}.",
            hint=f"Put them into a list named {LISTS[0]}, or make the file a list of objects.",
        )


class JsonLinesReader:
    """Records of a file with a JSON object on each line."""

    def __init__(self, file: OpenFile) -> None:
        self._file = file
        self.header: dict[str, Any] = {}

    def __iter__(self) -> Iterator[Record | Problem]:
        with self._file.text() as text:
            for number, line in enumerate(text, start=1):
                if line.strip():
                    yield _read_line(line, Place(self._file.name, line=number))


def _read_line(line: str, place: Place) -> Record | Problem:
    try:
        value = _parse(line)
    except (ValueError, RecursionError) as error:
        what = str(error) or "nested too deeply"
        text = Text(f"no valid JSON: {what}.", f"올바른 JSON이 아닙니다: {what}.")
        return Problem(place, "json", text)
    return Record(place, value) if isinstance(value, dict) else Problem(place, "no_object", _NO_OBJECT)


def _parse(line: str) -> Any:
    """A line's value; NaN, which other programs write for no number, is null."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        if "NaN" not in line:
            raise ValueError(f"{error.msg}, at column {error.colno}") from error
    return json.loads(line, parse_constant=lambda _: None)
