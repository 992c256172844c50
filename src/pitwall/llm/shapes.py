"""The JSON schema of the reply that is asked for, made once for each pydantic model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from pydantic import BaseModel

from pitwall.kit.hashing import json_hash

_LEFT_OUT = frozenset({"title", "default"})
_REFERENCE = "#/$defs/"
_NAME_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class Shape:
    """What goes into a request about the reply.

    Attributes:
        name: Of the model; also the name of the tool that takes it.
        schema: JSON schema in the form that most servers understand: closed objects, no references.
        is_strict: The schema is in the subset that OpenAI enforces.
        text: The schema as JSON, for prompts.
        hash: Of name and schema; part of the key of a call.
    """

    name: str
    schema: Mapping[str, Any]
    is_strict: bool
    text: str
    hash: str


@cache
def shape_of(model: type[BaseModel]) -> Shape:
    """Return the shape of a model."""
    raw = model.model_json_schema()
    definitions = raw.pop("$defs", {})
    schema = _close(_inline(raw, definitions, ()))
    if "$ref" in (text := orjson.dumps(schema).decode()):
        schema["$defs"] = {name: _close(_inline(one, {}, ())) for name, one in definitions.items()}
        text = orjson.dumps(schema).decode()
    name = re.sub(r"[^A-Za-z0-9_-]", "_", model.__name__)[:_NAME_CHARACTERS]
    return Shape(name, schema, _is_strict(schema), text, json_hash([name, schema]))


def _inline(node: Any, definitions: Mapping[str, Any], within: tuple[str, ...]) -> Any:
    """Put definitions where they are referred to; one that contains itself stays a reference."""
    if isinstance(node, list):
        return [_inline(item, definitions, within) for item in node]
    if not isinstance(node, dict):
        return node
    name = str(node.get("$ref", "")).removeprefix(_REFERENCE)
    if name in definitions and name not in within:
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return {**_inline(definitions[name], definitions, (*within, name)), **beside}
    return {key: _inline(value, definitions, within) for key, value in node.items()}


def _close(node: Any, *, is_names: bool = False) -> Any:
    """Leave out what tells a model nothing, and let objects have exactly the fields that they name."""
    if isinstance(node, list):
        return [_close(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: _close(value, is_names=key == "properties")
        for key, value in node.items()
        if is_names or key not in _LEFT_OUT
    }
    if not is_names and isinstance(kept.get("properties"), dict):
        kept |= {"additionalProperties": False, "required": list(kept["properties"])}
    return kept


def _is_strict(node: Any) -> bool:
    """Whether every object is closed and nothing refers elsewhere."""
    if isinstance(node, list):
        return all(map(_is_strict, node))
    if not isinstance(node, dict):
        return True
    if "$ref" in node or (node.get("type") == "object" and node.get("additionalProperties") is not False):
        return False
    return all(map(_is_strict, node.values()))
