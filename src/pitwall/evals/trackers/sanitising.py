"""What may leave for a tracker: personal data and secrets masked, and every text cut to a length. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from pitwall.evals.snapshots.redaction import REDACTED, is_secret_name
from pitwall.ingest.mapping.masking import GROUPS, mask_text
from pitwall.kit.text import truncate

MOST_ITEMS: Final = 20
"""Of a list or a mapping, and of contexts."""
_MOST_DEPTH: Final = 2
# Further than what is kept of a text, so that masks that shorten it leave enough.
_AHEAD: Final = 8
# What may stand at the end of a part: the beginning of something that is only known as a whole.
_UNSURE: Final = 4096


@dataclass(frozen=True, slots=True)
class Sanitiser:
    """Masks whatever a rule of ingestion knows, all of them, whatever is set for telemetry.

    Attributes:
        characters: A text may have.
        context_characters: A context may have.
    """

    characters: int
    context_characters: int

    def text(self, text: str) -> str:
        """A text as it may leave."""
        return _masked(text, self.characters)

    def optional(self, text: str | None) -> str | None:
        """A text that may be missing."""
        return None if text is None else self.text(text)

    def context(self, text: str) -> str:
        """A context as it may leave."""
        return _masked(text, self.context_characters)

    def mapping(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """A JSON object as it may leave: the first values of it, none below a name of a secret."""
        return self._mapping(value, 0)

    def value(self, value: Any, depth: int = 0) -> Any:
        """A JSON value as it may leave."""
        match value:
            case None | bool():
                return value
            case str():
                return self.text(value)
            case int() | float():
                return self._number(value)
            case Mapping() if depth < _MOST_DEPTH:
                return self._mapping(value, depth)
            case list() | tuple() if depth < _MOST_DEPTH:
                return [self.value(item, depth + 1) for item in value[:MOST_ITEMS]]
            case _:
                return self.text(orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode())

    def _mapping(self, value: Mapping[str, Any], depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, member in list(value.items())[:MOST_ITEMS]:
            is_secret = is_secret_name(str(name)) and member not in (None, "")
            found[self.text(str(name))] = REDACTED if is_secret else self.value(member, depth + 1)
        return found

    def _number(self, value: float) -> Any:
        """A number, unless its digits are those of a card, a phone or a person."""
        digits = str(value)
        masked = mask_text(digits, GROUPS)
        return value if masked == digits else masked


def _masked(text: str, characters: int) -> str:
    """Mask, then cut: what is cut first is not recognised any more."""
    ahead = characters * _AHEAD + _UNSURE
    # Neither can be stored everywhere.
    whole = text[:ahead].replace("\x00", "").encode("utf-8", "replace").decode()
    masked = mask_text(whole, GROUPS)
    if len(text) > ahead:
        masked = masked[:-_UNSURE] + "…"
    return truncate(masked, characters)
