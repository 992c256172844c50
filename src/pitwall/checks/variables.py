"""`{name}` in what people write: filled in when a list is run, or the item has nothing to look at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pitwall.checks.items import ITEM, Item

_VARIABLE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
# What an item fills in itself.
_OWN = frozenset({"question"})
_TEXTS = frozenset({"title", "todo"})


class VariableMissing(LookupError):
    """Nobody gave the variable a value."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def fill(item: Item, variables: Mapping[str, str]) -> Item:
    """Return the item with the values of its variables.

    Raises:
        VariableMissing: One has no value.
        ValidationError: With these values the item makes no sense.
    """
    written = item.model_dump(mode="python", by_alias=True)
    filled = {name: value if name in _TEXTS else _fill(value, variables) for name, value in written.items()}
    return ITEM.validate_python(filled)


def _fill(value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: _value(match, variables), value)
    if isinstance(value, Mapping):
        return {name: _fill(one, variables) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_fill(one, variables) for one in value]
    return value


def _value(match: re.Match[str], variables: Mapping[str, str]) -> str:
    name = match[1]
    if name in _OWN:
        return match[0]
    if not variables.get(name):
        raise VariableMissing(name)
    return variables[name]
