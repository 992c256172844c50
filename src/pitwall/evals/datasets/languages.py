"""Which language a text is in, by its letters alone: enough to choose a prompt and to slice by."""

from __future__ import annotations

import re

_LOOKED_AT = 2_000
_HANGUL = re.compile("[가-힣ᄀ-ᇿ㄰-㆏]")
_KANA = re.compile("[ぁ-ヿ]")
_HAN = re.compile("[一-鿿]")
_LETTER = re.compile(r"[^\W\d_]")
# A Korean question names English products and units; an English one rarely has Korean in it.
_KOREAN_SHARE = 0.2
_HAN_SHARE = 0.3
DEFAULT_LANGUAGE = "en"


def find_language(*texts: str | None) -> str:
    """The language of the first text that has letters: `ko`, `ja`, `zh`, else `en`.

    Korean if a fifth of the letters are Hangul, Japanese if there is Kana, Chinese if three in ten are Han.
    Languages in other letters are not told apart and count as English: a file can say its own.
    """
    for text in texts:
        found = _language(text[:_LOOKED_AT]) if text else None
        if found is not None:
            return found
    return DEFAULT_LANGUAGE


def _language(text: str) -> str | None:
    letters = len(_LETTER.findall(text))
    if not letters:
        return None
    if text.isascii():
        return DEFAULT_LANGUAGE
    if len(_HANGUL.findall(text)) >= _KOREAN_SHARE * letters:
        return "ko"
    if _KANA.search(text):
        return "ja"
    return "zh" if len(_HAN.findall(text)) >= _HAN_SHARE * letters else DEFAULT_LANGUAGE
