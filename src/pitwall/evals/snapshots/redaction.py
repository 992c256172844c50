"""Leaving secrets out of what is shown: by what a name says, by what a value looks like, by wish. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pitwall.checks.secret_search import kind_of
from pitwall.ingest.mapping.masking import mask_text
from pitwall.settings.secrets import HIDDEN, SCHEME

REDACTED: Final = "[redacted]"
_SECRET_NAME: Final = re.compile(
    r"(?i)(?:^|[^a-z])(?:api[ _-]?key|access[ _-]?key|private[ _-]?key|secret|password|passwd|passphrase|"
    r"authorization|cookie|credentials?|bearer|(?:auth|access|refresh)[ _-]?token)(?:$|[^a-z])"
    r"|(?:^|[._\s-])(?:token|key|pwd|pass)$"
)
_PARTS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_|__|-|\.")
_PAIR: Final = re.compile(r"(?P<name>[A-Za-z][\w.-]{0,99})(?P<sign>\s*[=:]\s*)(?P<value>\S.*)", re.DOTALL)
_REFERENCE: Final = re.compile(rf"(?:[A-Za-z]+ )?{re.escape(SCHEME)}[\w./~-]+")
_PASSWORD: Final = re.compile(r"(?P<before>[a-z][a-z0-9+.-]*://[^/\s:@]*:)[^/\s@]+(?=@)", re.IGNORECASE)
_QUERY: Final = re.compile(
    r"(?P<before>[?&][\w.-]*(?:password|secret|token|key|signature|sig|pwd)[\w.-]*=)[^&\s#]+", re.IGNORECASE
)
_EMPTY: Final[tuple[Any, ...]] = ("", None, (), [], {})


@dataclass(slots=True)
class Redaction:
    """Goes through JSON values and leaves out what nobody should read; counts what it left out.

    Attributes:
        keys: Further names whose values are left out, whatever they are; also as dotted paths.
    """

    keys: Collection[str] = ()
    count: int = 0
    _wanted: frozenset[str] = field(init=False, default=frozenset())

    def __post_init__(self) -> None:
        self._wanted = frozenset(_plain(key) for key in self.keys)

    def apply(self, value: Any, path: str = "") -> Any:
        """Return the value as it may be shown."""
        name = path.rpartition(".")[2]
        if self._wanted and self._wanted & {_plain(name), _plain(path)}:
            return self._left_out(value)
        match value:
            case Mapping() if is_secret_name(name):
                return self._left_out(value)
            case Mapping():
                return self._mapping(value, path)
            case list() | tuple():
                return [self.apply(item, path) for item in value]
            case str():
                return self._text(value, name)
            case _:
                return value

    def _mapping(self, value: Mapping[str, Any], path: str) -> dict[str, Any]:
        """What a mapping says; of a pair of a setting and its value the setting is the name."""
        named = value.get("setting", value.get("variable"))
        found = {}
        for name, member in value.items():
            inside = str(named) if name == "value" and isinstance(named, str) else str(name)
            found[name] = self.apply(member, f"{path}.{inside}" if path else inside)
        return found

    def _text(self, text: str, name: str) -> str:
        if text in ("", REDACTED, HIDDEN) or _REFERENCE.fullmatch(text):
            return text  # a reference says where a secret is, and not the secret
        if is_secret_name(name):
            return str(self._left_out(text))
        pair = _PAIR.fullmatch(text)
        if pair is not None and is_secret_name(pair["name"]) and not _REFERENCE.fullmatch(pair["value"]):
            return f"{pair['name']}{pair['sign']}{self._left_out(pair['value'])}"
        shown = text
        for pattern in (_PASSWORD, _QUERY):
            shown = pattern.sub(rf"\g<before>{REDACTED}", shown)
        shown = mask_text(shown, ("secrets",))
        if shown != text:
            self.count += 1
        return shown if kind_of(shown.replace(REDACTED, "")) is None else str(self._left_out(text))

    def _left_out(self, value: Any) -> Any:
        if value in _EMPTY or value == REDACTED:
            return value
        self.count += 1
        return REDACTED


def is_secret_name(name: str) -> bool:
    """Whether a name says that its value is a secret; counts of tokens are none."""
    return bool(_SECRET_NAME.search(" ".join(part for part in _PARTS.split(name) if part)))


def _plain(key: str) -> str:
    return key.strip().lower().replace("-", "_").replace("__", ".")
