"""A place in a JSON value: names and numbers with dots between."""

from __future__ import annotations

from typing import Any


class Missing(LookupError):
    """The value has no such place."""


def find(value: Any, path: str) -> Any:
    """Return what stands at a place such as `models.0.name`.

    Raises:
        Missing: Nothing does.
    """
    for part in path.split("."):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            raise Missing(path)
    return value
