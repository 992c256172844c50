"""YAML with places: what a pack file says, and in which line it says it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from pitwall.signals.errors import CatalogueInvalid

Place = tuple[str | int, ...]

_MAX_DEPTH = 20

# The same parser in C, ten times as fast, wherever PyYAML was built with it.
_Loader: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a document."""

    place: Place
    message: str


@dataclass(frozen=True, slots=True)
class Document:
    """Parsed YAML; `lines` maps the path of keys and indexes of every value to its line.

    Attributes:
        path: The file; a text that somebody sent has a name instead.
    """

    path: Path | str
    data: Any
    lines: dict[Place, int]

    def where(self, place: Place) -> str:
        """`file:line` of a value, or of the nearest thing around it that is in the file."""
        return f"{self.path}:{self.line(place)}"

    def told(self, problem: Problem) -> str:
        """A problem with its file and line."""
        return f"{self.where(problem.place)}: {problem.message}"

    def listed(self, problems: Sequence[Problem]) -> list[dict[str, str | int]]:
        """Problems with their lines, as the details of an error have them."""
        return [
            {
                "line": self.line(problem.place),
                "where": ".".join(map(str, problem.place)),
                "message": problem.message,
            }
            for problem in problems
        ]

    def line(self, place: Place) -> int:
        """The line of a value, or of the nearest thing around it that is in the file."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def read_document(path: Path) -> Document:
    """Read one YAML file.

    Raises:
        CatalogueInvalid: The file is no YAML, or a mapping has the same key twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise _invalid(path, 1, f"not valid YAML: {error}") from error
    return parse_document(text, path)


def parse_document(text: str, path: Path | str) -> Document:
    """Read a YAML text, also one from a stranger: what would blow up in memory is refused before it is built.

    Args:
        text: One document.
        path: How the text is called in errors.

    Raises:
        CatalogueInvalid: The text is no YAML, is nested too deeply or refers to parts of itself, or a mapping
            has the same key twice; `details` has the line.
    """
    lines: dict[Place, int] = {}
    try:
        _check_events(text, path)
        loader = _Loader(text)
        node = loader.get_single_node()
        data = None if node is None else _construct(loader, node, (), lines, path)
    except (yaml.YAMLError, UnicodeError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        raise _invalid(path, mark.line + 1 if mark else 1, f"not valid YAML: {reason}") from error
    return Document(path, data, lines)


def place_of(where: str) -> Place:
    """The place that a dotted path names: `charts.0.signal`."""
    return tuple(int(part) if part.isdigit() else part for part in where.split("."))


def validation_problems(
    error: ValidationError, at: Place = (), *, inside: Callable[[Place], Place] = lambda place: place
) -> list[Problem]:
    """What a model refuses.

    Args:
        at: Where in the document stands what was validated.
        inside: Takes out of a path what stands in no file, such as the kind of a union.
    """
    problems = []
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        place = inside(problem["loc"])
        shown = f"{'.'.join(map(str, place))}: " if place else ""
        message = problem["msg"].removeprefix("Value error, ")
        problems.append(Problem((*at, *place), f"{shown}{message}"))
    return problems


def _check_events(text: str, path: Path | str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise _invalid(path, _line(event), f"*{event.anchor} refers to another part; write it out")
        if depth > _MAX_DEPTH:
            raise _invalid(path, _line(event), f"nested deeper than {_MAX_DEPTH} levels")


def _line(at: yaml.Event | yaml.Node) -> int:
    return at.start_mark.line + 1 if at.start_mark else 1


def _invalid(path: Path | str, line: int, problem: str) -> CatalogueInvalid:
    return CatalogueInvalid(f"{path}:{line}: {problem}", details={"line": line, "problem": problem})


def _construct(
    loader: yaml.CSafeLoader | yaml.SafeLoader,
    node: yaml.Node,
    place: Place,
    lines: dict[Place, int],
    path: Path | str,
) -> Any:
    lines[place] = _line(node)
    if isinstance(node, yaml.SequenceNode):
        return [
            _construct(loader, child, (*place, index), lines, path) for index, child in enumerate(node.value)
        ]
    if not isinstance(node, yaml.MappingNode):
        return _scalar(loader, node, path)
    result: dict[Hashable, Any] = {}
    for key_node, value_node in node.value:
        line = _line(key_node)
        if not isinstance(key_node, yaml.ScalarNode):
            raise _invalid(path, line, "a key is a word")
        key = _scalar(loader, key_node, path)
        if key in result:
            raise _invalid(path, line, f"key {key!r} is here twice")
        result[key] = _construct(loader, value_node, (*place, key), lines, path)
    return result


def _scalar(loader: yaml.CSafeLoader | yaml.SafeLoader, node: yaml.Node, path: Path | str) -> Any:
    try:
        return loader.construct_object(node)
    except (ValueError, LookupError, AttributeError) as error:  # of PyYAML, for 2026-13-40 or a wrong tag
        raise _invalid(path, _line(node), f"{node.value!r} is no value") from error
