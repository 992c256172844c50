"""Reads stage events from a file: JSON lines, a list, an object that holds one, or a single event."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import orjson

from pitwall.evals.datasets.errors import DatasetInvalid
from pitwall.evals.datasets.readers.json_scanner import JsonScanner
from pitwall.evals.datasets.readers.opening import OpenFile, open_file
from pitwall.evals.stages.errors import SHOWN_PROBLEMS, StageEventsInvalid, events_invalid
from pitwall.evals.stages.reading import EventInvalid, read_event
from pitwall.evals.stages.types import EventProblem
from pitwall.kit.i18n import Text

LISTS: Final = ("stage_events", "events", "stages")
_FORMATS: Final = frozenset({"json", "jsonl"})


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What a file holds.

    Attributes:
        events: JSON objects that are stage events, in their order, each with its line.
        problems: What is none; the first ones in full.
        problem_count: How many these are.
    """

    events: list[tuple[int, dict[str, Any]]]
    problems: list[EventProblem]
    problem_count: int


def read_file(path: Path, *, skip_invalid: bool = False) -> ReadFile:
    """Read a whole file and check every event of it.

    Raises:
        StageEventsInvalid: It cannot be read, has no event, or has something else that was not to be skipped.
    """
    found = ReadFile([], [], 0)
    problems: list[EventProblem] = []
    for index, (line, value) in enumerate(_values(path)):
        try:
            if isinstance(value, Text):
                raise EventInvalid(EventProblem(index, "json", value))
            read_event(value, index)
            found.events.append((line, value))
        except EventInvalid as error:
            problems.append(replace(error.problem, file=path.name, line=line))
    if problems and not skip_invalid:
        raise events_invalid(problems)
    if not found.events and not problems:
        raise StageEventsInvalid(
            f"{path.name} has no stage event.",
            code="stage.empty",
            hint="Write one JSON object on each line, or a list of them.",
        )
    return ReadFile(found.events, problems[:SHOWN_PROBLEMS], len(problems))


def _values(path: Path) -> Iterator[tuple[int, Any]]:
    """Lines and values; a text in both languages stands for a line that is no JSON."""
    try:
        with path.open("rb") as stream:
            file = open_file(path.name, stream)
            if file.file_format not in _FORMATS:
                raise StageEventsInvalid(
                    f"{path.name} is a {file.file_format} file.", hint="Stage events are JSON or JSON lines."
                )
            yield from _lines(file) if file.file_format == "jsonl" else _document(file)
    except OSError as error:
        raise StageEventsInvalid(
            f"{path} cannot be read: {error.strerror}.", hint="Name a file that can."
        ) from error
    except DatasetInvalid as error:
        raise StageEventsInvalid(
            error.message,
            code="stage.file",
            hint="Stage events are JSON or JSON lines.",
            details=error.details,
        ) from error


def _lines(file: OpenFile) -> Iterator[tuple[int, Any]]:
    with file.text() as text:
        for number, line in enumerate(text, start=1):
            if line.strip():
                yield number, _parse(line)


def _parse(line: str) -> Any:
    """The value of a line; NaN, which other programs write for no number, is null."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        what = f"{error.msg}, at column {error.colno}"
    if "NaN" in line:
        try:
            return json.loads(line, parse_constant=lambda _: None)
        except (ValueError, RecursionError):
            pass
    return Text(f"no valid JSON: {what}.", f"올바른 JSON이 아닙니다: {what}.")


def _document(file: OpenFile) -> Iterator[tuple[int, Any]]:
    with file.text() as text:
        scanner = JsonScanner(text, file.name)
        if scanner.peek() == "[":
            yield from _elements(scanner)
        else:
            yield from _members(scanner)
        scanner.finish()


def _elements(scanner: JsonScanner) -> Iterator[tuple[int, Any]]:
    scanner.take("[")
    if scanner.peek() == "]":
        scanner.take("]")
        return
    mark = ","
    while mark == ",":
        scanner.peek()
        line = scanner.line
        yield line, scanner.value()
        mark = scanner.take(",", "]")


def _members(scanner: JsonScanner) -> Iterator[tuple[int, Any]]:
    """The list of an object that holds one; an object without is an event itself."""
    scanner.peek()
    line, members, has_list = scanner.line, {}, False
    scanner.take("{")
    mark = "," if scanner.peek() != "}" else scanner.take("}")
    while mark == ",":
        if scanner.peek() != '"':
            scanner.take('"')
        name = scanner.value()
        scanner.take(":")
        if name in LISTS and scanner.peek() == "[":
            has_list = True
            yield from _elements(scanner)
        else:
            members[name] = scanner.value()
        mark = scanner.take(",", "}")
    if not has_list and members:
        yield line, members


def read_relevance(path: Path) -> dict[str, list[str]]:
    """Read which documents are right: an object of lists of ids by test case.

    Raises:
        StageEventsInvalid: The file says something else.
    """
    try:
        value = orjson.loads(path.read_bytes())
    except OSError as error:
        raise StageEventsInvalid(f"{path} cannot be read: {error.strerror}.") from error
    except orjson.JSONDecodeError as error:
        place = f"{path.name}, line {error.lineno}"
        raise StageEventsInvalid(f"{place}: no valid JSON, {error.msg}.", code="stage.relevance") from error
    if not isinstance(value, dict):
        raise _no_relevance(path, "the file")
    found = {}
    for case, ids in value.items():
        listed = [ids] if isinstance(ids, str) else ids
        if not isinstance(listed, list) or not all(isinstance(one, str | int) for one in listed):
            raise _no_relevance(path, case)
        found[case] = [str(one) for one in listed]
    return found


def _no_relevance(path: Path, where: str) -> StageEventsInvalid:
    return StageEventsInvalid(
        f"{path.name}, {where}: no list of document ids.",
        code="stage.relevance",
        hint='Write ids by test case: {"tc-001": ["doc-1", "doc-7"]}.',
    )
