"""Filling an example into the JSON that is sent to a service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pitwall.evals.runs.errors import TargetInvalid
from pitwall.evals.types import Example
from pitwall.kit.i18n import Text

_FIELD = re.compile(r"\{([a-z_]+(?:\.[^{}]+)?)\}")
_FIELDS = ("question", "id", "language", "group")
_METADATA = "metadata."
_UNKNOWN_FIELDS = Text(
    "The body names {fields}, which no example has.", "본문의 {fields} 자리는 어떤 예제에도 없는 값입니다."
)
_NO_QUESTION = Text(
    "The body has no {question}, so every case would be asked the same.",
    "본문에 {question} 자리가 없어 모든 케이스에 같은 질문을 보내게 됩니다.",
)


def check_template(template: Any) -> None:
    """Refuse a template that names what no example has.

    Raises:
        TargetInvalid: It does, or sends no question.
    """
    named = {name for text in _texts(template) for name in _FIELD.findall(text)}
    unknown = sorted(name for name in named if name not in _FIELDS and not name.startswith(_METADATA))
    if unknown:
        raise TargetInvalid.at(
            "body",
            _UNKNOWN_FIELDS,
            fields=", ".join(f"{{{name}}}" for name in unknown),
            hint="Use {question}, {id}, {language}, {group} and {metadata.NAME}.",
        )
    if "question" not in named:
        raise TargetInvalid.at(
            "body",
            _NO_QUESTION,
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
