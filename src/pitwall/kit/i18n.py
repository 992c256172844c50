"""English and Korean: which one to speak, and a catalogue that has every message in both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Language(StrEnum):
    """The languages Pitwall speaks."""

    ENGLISH = "en"
    KOREAN = "ko"


def choose_language(environ: Mapping[str, str], explicit: str | None = None) -> Language:
    """Choose a language: what was asked for, then PITWALL_LANG, then the locale, then English.

    Args:
        environ: The environment; LC_ALL, LC_MESSAGES and LANG count in that order.
        explicit: Language or locale the user asked for, such as `ko` or `ko-KR`.
    """
    for value in (explicit, environ.get("PITWALL_LANG")):
        language = _match(value)
        if language:
            return language
    locale = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), None)
    return _match(locale) or Language.ENGLISH


def _match(value: str | None) -> Language | None:
    code = (value or "").lower().replace("_", "-").partition("-")[0].partition(".")[0]
    return Language(code) if code in list(Language) else None


@dataclass(frozen=True, slots=True)
class Text:
    """One message in both languages; `{name}` marks what is filled in.

    Attributes:
        en_one: The English message where the value `count` is 1; Korean has no plural.
    """

    en: str
    ko: str
    en_one: str = ""

    def say(self, language: Language, **values: Any) -> str:
        """Return the message in a language with its values filled in.

        Raises:
            KeyError: A value that the message needs is missing.
        """
        english = self.en_one if self.en_one and values.get("count") == 1 else self.en
        template = self.ko if language is Language.KOREAN else english
        return template.format(**values) if values else template
