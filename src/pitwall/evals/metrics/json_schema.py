"""The part of JSON Schema that shapes of answers need; a schema that asks for more is refused."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from pitwall.evals.metrics.tools import equal_json
from pitwall.evals.types import Json

_TYPES: Final[Mapping[str, Callable[[Json], bool]]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: (
        not isinstance(value, bool)
        and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))
    ),
}
_LIMITS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "minimum": operator.lt,
    "maximum": operator.gt,
    "exclusiveMinimum": operator.le,
    "exclusiveMaximum": operator.ge,
}
_SUBSCHEMAS: Final = frozenset(("items", "not", "additionalProperties"))
_LISTS: Final = frozenset(("allOf", "anyOf", "oneOf"))
_MAPS: Final = frozenset(("properties", "$defs", "definitions"))
_CHECKED: Final = frozenset(
    "type enum const required minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength pattern "
    "minItems maxItems uniqueItems minProperties maxProperties $ref".split()
)
_SAID_ONLY: Final = frozenset(
    "$schema $id $comment title description default examples format deprecated readOnly writeOnly".split()
)


def check_schema(schema: Json, path: str = "#") -> None:
    """Make sure that every word of a schema is understood.

    Raises:
        ValueError: It uses a keyword that is not checked here, or is no schema.
    """
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        raise ValueError(f"the schema has no object at {path}")  # noqa: TRY004 the value is wrong
    for keyword, value in schema.items():
        where = f"{path}/{keyword}"
        if keyword in _SUBSCHEMAS:
            check_schema(value, where)
        elif keyword in _LISTS:
            for index, one in enumerate(value):
                check_schema(one, f"{where}/{index}")
        elif keyword in _MAPS:
            for name, one in value.items():
                check_schema(one, f"{where}/{name}")
        elif keyword not in _CHECKED | _SAID_ONLY:
            raise ValueError(f"the schema uses {keyword!r} at {path}, which is not supported")


def violations(value: Json, schema: Json, root: Json = None, path: str = "$") -> Iterator[str]:
    """Yield what a value breaks of a schema, each with its place in the value."""
    root = schema if root is None else root
    if isinstance(schema, bool):
        if not schema:
            yield f"{path}: nothing is allowed here"
        return
    if "$ref" in schema:
        yield from violations(value, _resolve(root, schema["$ref"]), root, path)
    yield from _of_any(value, schema, path)
    yield from _of_branches(value, schema, root, path)
    if isinstance(value, dict):
        yield from _of_object(value, schema, root, path)
    elif isinstance(value, list):
        yield from _of_array(value, schema, root, path)
    elif isinstance(value, str):
        yield from _of_text(value, schema, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _of_number(value, schema, path)


def _resolve(root: Json, reference: str) -> Json:
    found = root
    for part in reference.removeprefix("#").strip("/").split("/") if reference != "#" else ():
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return found


def _of_any(value: Json, schema: Mapping[str, Any], path: str) -> Iterator[str]:
    types = schema.get("type")
    wanted: Sequence[str] = [types] if isinstance(types, str) else types or []
    if wanted and not any(_TYPES[one](value) for one in wanted):
        yield f"{path}: not of type {' or '.join(wanted)}"
    if "enum" in schema and not any(equal_json(value, one) for one in schema["enum"]):
        yield f"{path}: not one of {schema['enum']}"
    if "const" in schema and not equal_json(value, schema["const"]):
        yield f"{path}: not {schema['const']!r}"


def _of_branches(value: Json, schema: Mapping[str, Any], root: Json, path: str) -> Iterator[str]:
    for one in schema.get("allOf", ()):
        yield from violations(value, one, root, path)
    for keyword, most in (("anyOf", None), ("oneOf", 1)):
        if keyword in schema:
            fitting = sum(1 for one in schema[keyword] if not any(violations(value, one, root, path)))
            if fitting == 0 or (most is not None and fitting > most):
                yield f"{path}: fits {fitting} of {keyword}"
    if "not" in schema and not any(violations(value, schema["not"], root, path)):
        yield f"{path}: fits what it must not"


def _of_object(value: dict[str, Json], schema: Mapping[str, Any], root: Json, path: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{path}: has no {name!r}"
    for name, one in value.items():
        if name in properties:
            yield from violations(one, properties[name], root, f"{path}.{name}")
        elif "additionalProperties" in schema:
            yield from violations(one, schema["additionalProperties"], root, f"{path}.{name}")
    yield from _of_size(len(value), schema, "Properties", path)


def _of_array(value: list[Json], schema: Mapping[str, Any], root: Json, path: str) -> Iterator[str]:
    for index, one in enumerate(value) if "items" in schema else ():
        yield from violations(one, schema["items"], root, f"{path}[{index}]")
    if schema.get("uniqueItems") and any(
        equal_json(one, other) for index, one in enumerate(value) for other in value[:index]
    ):
        yield f"{path}: an item is there twice"
    yield from _of_size(len(value), schema, "Items", path)


def _of_text(value: str, schema: Mapping[str, Any], path: str) -> Iterator[str]:
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{path}: does not match {schema['pattern']!r}"
    yield from _of_size(len(value), schema, "Length", path)


def _of_size(size: int, schema: Mapping[str, Any], what: str, path: str) -> Iterator[str]:
    if size < schema.get(f"min{what}", 0):
        yield f"{path}: {what.lower()} {size}, at least {schema[f'min{what}']}"
    if f"max{what}" in schema and size > schema[f"max{what}"]:
        yield f"{path}: {what.lower()} {size}, at most {schema[f'max{what}']}"


def _of_number(value: float, schema: Mapping[str, Any], path: str) -> Iterator[str]:
    for keyword, is_broken in _LIMITS.items():
        if keyword in schema and is_broken(value, schema[keyword]):
            yield f"{path}: {value} breaks {keyword} {schema[keyword]}"
