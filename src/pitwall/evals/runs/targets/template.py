"""Filling an example into the JSON that is sent to a service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pitwall.evals.runs.errors import TargetInvalid
from pitwall.evals.types import Example

_FIELD = re.compile(r"\{([a-z_]+(?:\.[^{}]+)?)\}")
_FIELDS = ("question", "id", "language", "group")
_METADATA = "metadata."


def check_template(template: Any) -> None:
    """Refuse a template that names what no example has.

    Raises:
        TargetInvalid: It does, or sends no question.
    """
    named = {name for text in _texts(template) for name in _FIELD.findall(text)}
    unknown = sorted(name for name in named if name not in _FIELDS and not name.startswith(_METADATA))
    if unknown:
        raise TargetInvalid(
            f"The body names {', '.join(f'{{{name}}}' for name in unknown)}, which no example has.",
            hint="Use {question}, {id}, {language}, {group} and {metadata.NAME}.",
        )
    if "question" not in named:
        raise TargetInvalid(
            "The body has no {question}, so every case would be asked the same.",
            hint='Write --target-body as in \'{"question": "{question}"}\'.',
        )


def fill(template: Any, example: Example) -> Any:
    """Return the template with the values of an example; a text that is one field alone takes its value."""
    if isinstance(template, str):
        alone = _FIELD.fullmatch(template)
        if alone:
            return _value(alone[1], example)
        return _FIELD.sub(lambda match: _as_text(_value(match[1], example)), template)
    if isinstance(template, Mapping):
        return {key: fill(value, example) for key, value in template.items()}
    if isinstance(template, list):
        return [fill(value, example) for value in template]
    return template


def _value(name: str, example: Example) -> Any:
    if name.startswith(_METADATA):
        return example.metadata.get(name.removeprefix(_METADATA))
    return getattr(example, name)


def _as_text(value: Any) -> str:
    return "" if value is None else str(value)


def _texts(template: Any) -> list[str]:
    if isinstance(template, str):
        return [template]
    if isinstance(template, Mapping):
        return [text for value in template.values() for text in _texts(value)]
    if isinstance(template, list):
        return [text for value in template for text in _texts(value)]
    return []
