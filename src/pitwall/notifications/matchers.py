"""Conditions on labels, written and meant as Alertmanager does: `severity="critical"`, `model=~"gpt-.*"`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from pitwall.notifications.errors import MatcherInvalid

_WRITTEN = re.compile(
    r"\s*(?P<label>[A-Za-z_][A-Za-z0-9_.-]*)\s*(?P<operator>=~|!~|!=|=)\s*(?P<value>.*?)\s*"
)
_MAX_PATTERN = 500
_HINT = 'Write it like severity="critical", model!=gpt-4o, service=~"shop-.*" or team!~"test|demo".'


class Operator(StrEnum):
    """How a label is compared; a pattern has to match the whole value."""

    EQUAL = "="
    NOT_EQUAL = "!="
    MATCHES = "=~"
    NOT_MATCHES = "!~"


@dataclass(frozen=True, slots=True)
class Matcher:
    """A condition on one label; a label that is missing counts as empty."""

    label: str
    operator: Operator
    value: str

    def __str__(self) -> str:
        escaped = self.value.replace("\\", "\\\\").replace('"', '\\"')
        return f'{self.label}{self.operator.value}"{escaped}"'

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether labels meet the condition."""
        value = labels.get(self.label, "")
        match self.operator:
            case Operator.EQUAL:
                return value == self.value
            case Operator.NOT_EQUAL:
                return value != self.value
            case Operator.MATCHES:
                return _pattern(self.value).fullmatch(value) is not None
            case Operator.NOT_MATCHES:
                return _pattern(self.value).fullmatch(value) is None


def match_all(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether labels meet every condition; no condition is met by all."""
    return all(matcher.matches(labels) for matcher in matchers)


def parse_matcher(text: str) -> Matcher:
    """Read one condition; the value may stand in double quotes.

    Raises:
        MatcherInvalid: It is none, or its pattern cannot be compiled.
    """
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise MatcherInvalid(f"{text!r} is no condition on a label.", hint=_HINT)
    matcher = Matcher(found["label"], Operator(found["operator"]), _unquoted(found["value"], text))
    if matcher.operator in (Operator.MATCHES, Operator.NOT_MATCHES):
        _check_pattern(matcher.value, text)
    return matcher


def _unquoted(value: str, text: str) -> str:
    if not value.startswith('"'):
        return value
    if len(value) < 2 or not value.endswith('"'):
        raise MatcherInvalid(f"{text!r} has a quote that does not end.", hint=_HINT)
    return re.sub(r"\\(.)", r"\1", value[1:-1])


def _check_pattern(pattern: str, text: str) -> None:
    if len(pattern) > _MAX_PATTERN:
        raise MatcherInvalid(f"The pattern of {text[:40]!r} is longer than {_MAX_PATTERN} characters.")
    try:
        _pattern(pattern)
    except re.error as error:
        raise MatcherInvalid(f"{text!r} has a pattern that cannot be read: {error}.", hint=_HINT) from error


@lru_cache(maxsize=1024)
def _pattern(value: str) -> re.Pattern[str]:
    return re.compile(value, re.DOTALL)
