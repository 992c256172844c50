"""Message lists spread over numbered attributes (`llm.input_messages.0.message.role`), gathered into one JSON
object.

The object keeps the flat keys, without what all of them share: `{"0.role": "user", "0.content": "..."}`. That
is what the engine can do cheaply at every insert; `unflatten_messages` gives a reader the list of messages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from pitwall.ingest.mapping.slots import has_field
from pitwall.ingest.mapping.sql import quote
from pitwall.ingest.mapping.tables import INDEXED
from pitwall.ingest.mapping.values import json_text

_PREFIXES: Final = {indexed.name: indexed.prefixes for indexed in INDEXED}


def _pattern(name: str) -> str:
    prefixes = "|".join(prefix.replace(".", "[.]") for prefix in _PREFIXES[name])
    return f"^(?:{prefixes})[.]([0-9]+)[.](?:message[.])?"


def messages_sql(name: str) -> str:
    """JSON object of the numbered list `name`, '' when the span has none."""
    pattern = quote(_pattern(name))
    listed = f"match(k, {pattern})"
    keys = f"arrayMap(k -> replaceRegexpOne(k, {pattern}, '\\\\1.'), arrayFilter(k -> {listed}, keys))"
    values = f"arrayFilter((v, k) -> {listed}, vals, keys)"
    return f"if({has_field(name)}, toJSONString(mapFromArrays({keys}, {values})), '')"


def gather_messages(name: str, attributes: Mapping[str, str]) -> str:
    """The same in Python."""
    pattern = re.compile(_pattern(name), re.ASCII)
    found = [(pattern.sub(r"\1.", key), value) for key, value in attributes.items() if pattern.match(key)]
    return "{" + ",".join(f"{json_text(key)}:{json_text(value)}" for key, value in found) + "}"


def unflatten_messages(text: str) -> list[dict[str, Any]]:
    """The list of messages in the order of their numbers; a message keeps flat keys below its number.

    Raises:
        ValueError: The text is not an object of the form that `messages_sql` makes.
    """
    messages: dict[int, dict[str, Any]] = {}
    for key, value in json.loads(text).items():
        number, _, part = key.partition(".")
        messages.setdefault(int(number), {})[part] = value
    return [messages[number] for number in sorted(messages)]
