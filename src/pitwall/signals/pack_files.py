"""YAML with places: what a pack file says, and in which line it says it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pitwall.signals.errors import CatalogueInvalid

Place = tuple[str | int, ...]

# The same parser in C, ten times as fast, wherever PyYAML was built with it.
_Loader: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed YAML file; `lines` maps the path of keys and indexes of every value to its line."""

    path: Path
    data: Any
    lines: dict[Place, int]

    def where(self, place: Place) -> str:
        """`file:line` of a value, or of the nearest thing around it that is in the file."""
        while place and place not in self.lines:
            place = place[:-1]
        return f"{self.path}:{self.lines.get(place, 1)}"


def read_document(path: Path) -> Document:
    """Read one YAML file.

    Raises:
        CatalogueInvalid: The file is no YAML, or a mapping has the same key twice.
    """
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        node = loader.get_single_node()
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        reason = getattr(error, "problem", None) or str(error)
        raise CatalogueInvalid(f"{path}:{line}: not valid YAML: {reason}") from error
    if node is None:
        return Document(path, None, {})
    lines: dict[Place, int] = {}
    return Document(path, _construct(loader, node, (), lines, path), lines)


def _construct(
    loader: yaml.CSafeLoader | yaml.SafeLoader,
    node: yaml.Node,
    place: Place,
    lines: dict[Place, int],
    path: Path,
) -> Any:
    lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return [
            _construct(loader, child, (*place, index), lines, path) for index, child in enumerate(node.value)
        ]
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node)
    result: dict[Hashable, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node)
        if key in result:
            raise CatalogueInvalid(f"{path}:{key_node.start_mark.line + 1}: key {key!r} is here twice")
        result[key] = _construct(loader, value_node, (*place, key), lines, path)
    return result
