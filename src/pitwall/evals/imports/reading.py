"""A result file of another tool into cases with their scores."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any

from pitwall.evals.datasets.errors import SHOWN_PROBLEMS, DatasetInvalid, invalid
from pitwall.evals.datasets.fields import sort_fields
from pitwall.evals.datasets.readers.opening import OpenFile
from pitwall.evals.datasets.reading import make_reader
from pitwall.evals.datasets.records import RecordInvalid, read_id, read_record
from pitwall.evals.datasets.types import Place, Problem, ReadOptions, Record
from pitwall.evals.datasets.values import Unreadable, clean, read_text
from pitwall.evals.imports.forms import Peeled, peel
from pitwall.evals.imports.types import ForeignCase, ForeignResults, Tool
from pitwall.kit.i18n import Text

_NAMES = ("dataset_name", "name", "identifier", "testFile")
_DEEPEVAL_INNER = "testRunData"
_NO_ID = Text(
    "there is neither the id of an example of the dataset nor its question.",
    "데이터셋 예제의 id도 질문도 없습니다.",
)


def read_results(
    file: OpenFile, known: Collection[str], *, tool: Tool | None = None, with_examples: bool
) -> ForeignResults:
    """Read a result file.

    Args:
        known: Names of metrics, without options.
        tool: Whose it is; None finds out from each record.
        with_examples: Read the questions too; else records need the id of an example, or its question.

    Raises:
        DatasetInvalid: It cannot be read, has no case, no score, or a record that is no case.
    """
    reading = _Reading(known, tool, with_examples)
    said: dict[str, Any] = {}
    for record in _records(file, said):
        reading.take(record)
    if reading.problems:
        error = invalid(reading.problems[:SHOWN_PROBLEMS], len(reading.problems))
        error.hint = (
            "Nothing was kept. Correct the file; without questions in it, name their dataset with --dataset."
        )
        raise error
    if not any(case.scores for case in reading.cases):
        raise _no_scores(file, reading.numbers)
    name = next((said[name] for name in _NAMES if isinstance(said.get(name), str)), None)
    assert reading.tool is not None
    return ForeignResults(reading.tool, name, reading.cases, sorted(reading.numbers))


class _Reading:
    def __init__(self, known: Collection[str], tool: Tool | None, with_examples: bool) -> None:
        self._known = known
        self._with_examples = with_examples
        self._ids: set[str] = set()
        self.tool = tool
        self.cases: list[ForeignCase] = []
        self.problems: list[Problem] = []
        self.numbers: set[str] = set()

    def take(self, record: Record | Problem) -> None:
        if isinstance(record, Problem):
            self.problems.append(record)
            return
        peeled = peel(record.values, self._known, self.tool)
        self.tool = peeled.tool
        self.numbers.update(peeled.numbers)
        try:
            case = self._case(record.place, peeled)
        except RecordInvalid as error:
            self.problems.append(error.problem)
            return
        if case.example_id is not None:
            self._ids.add(case.example_id)
        self.cases.append(case)

    def _case(self, place: Place, peeled: Peeled) -> ForeignCase:
        if not self._with_examples:
            return self._bare_case(place, peeled)
        read = read_record(Record(place, peeled.values), ReadOptions())
        id_ = self._new_id(place, read.example.id, is_named=read.is_named)
        return ForeignCase(place, id_, read.example.question, replace(read.example, id=id_), peeled.scores)

    def _bare_case(self, place: Place, peeled: Peeled) -> ForeignCase:
        id_ = _read_field(place, peeled, "id", read_id)
        if id_ is not None:
            id_ = self._new_id(place, id_, is_named=True)
        question = _read_field(place, peeled, "question", read_text)
        if id_ is None and question is None:
            raise RecordInvalid(Problem(place, "missing_id", _NO_ID, "id"))
        return ForeignCase(place, id_, question, None, peeled.scores)

    def _new_id(self, place: Place, id_: str, *, is_named: bool) -> str:
        if id_ not in self._ids:
            return id_
        if is_named:
            text = Text(f"the id {id_!r} stands there twice.", f"id {id_!r}이(가) 두 번 나옵니다.")
            raise RecordInvalid(Problem(place, "duplicate_id", text, "id"))
        number = 2
        while f"{id_}-{number}" in self._ids:
            number += 1
        return f"{id_}-{number}"


def _read_field(place: Place, peeled: Peeled, field: str, how: Callable[[Any], str]) -> str | None:
    found, _ = sort_fields(clean(dict(peeled.values)), {})
    if field not in found:
        return None
    column, value = found[field]
    try:
        return how(value)
    except Unreadable as error:
        raise RecordInvalid(Problem(place, error.code, error.text, column)) from error


def _records(file: OpenFile, said: dict[str, Any]) -> Iterator[Record | Problem]:
    """The records of a file, also those that DeepEval keeps a level deeper."""
    reader = make_reader(file, ReadOptions())
    try:
        yield from reader
    except DatasetInvalid:
        inner = reader.header.get(_DEEPEVAL_INNER)
        if not isinstance(inner, dict) or not isinstance(cases := inner.get("testCases"), list):
            raise
        said.update(inner)
        for number, values in enumerate(cases, start=1):
            yield Record(Place(file.name, example=number), values)
    said.update(reader.header)


def _no_scores(file: OpenFile, numbers: Collection[str]) -> DatasetInvalid:
    columns = (
        f" Its columns of numbers are {', '.join(sorted(numbers))}; name metrics with --metrics."
        if numbers
        else ""
    )
    return DatasetInvalid(
        f"{file.name} has no score that could be read.{columns}",
        code="eval_import.no_scores",
        hint="It has to be results of EvalVault, Ragas or DeepEval, or a table with a column per metric.",
    )
