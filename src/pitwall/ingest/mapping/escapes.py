r"""JSON texts whose writers escaped everything beyond ASCII (`json.dumps` does): stored as people read and
search them.

`"\ud55c\uae00"` becomes `"한글"`; what was valid JSON stays valid JSON with the same meaning. Quotes,
backslashes and control characters stay escaped, and so does half of a surrogate pair, which is no character.
Only texts that begin like JSON are touched, cut ones included; JSON within JSON keeps its own escapes.
"""

from __future__ import annotations

import re
from typing import Final

from pitwall.ingest.mapping.sql import quote

_BEGINNINGS: Final = ("{", "[", '"')
_HEX: Final = "[0-9a-fA-F]"
_HIGH: Final = f"[dD][89abAB]{_HEX}{{2}}"
_LOW: Final = f"[dD][c-fC-F]{_HEX}{{2}}"
# Everything but 0000-001f, 0022, 005c, 007f-009f and the surrogates.
_PLAIN: Final = (
    f"00(?:2[013-9a-fA-F]|[346]{_HEX}|5[0-9abABd-fD-F]|7[0-9a-eA-E]|[a-fA-F]{_HEX})"
    f"|0[1-9a-fA-F]{_HEX}{{2}}|[1-9a-cA-CefEF]{_HEX}{{3}}|[dD][0-7]{_HEX}{{2}}"
)
_TOKEN: Final = re.compile(rf"\\\\|\\u({_HIGH})\\u({_LOW})|\\u({_PLAIN})")


_ESCAPE: Final = quote("\\u")
_BACKSLASH: Final = quote("\\\\")
_PAIRS: Final = quote(rf"\\u{_HIGH}\\u{_LOW}")
_PLAIN_ESCAPE: Final = quote(rf"\\u({_PLAIN})")
# Generated statements hold no semicolon, in literals neither.
_AMPERSAND, _TWO_BACKSLASHES, _REFERENCE = (
    quote(text).replace(";", "\\x3b") for text in ("&amp;", "&#92;&#92;", r"&#x\1;")
)


def is_escaped_sql(text: str) -> str:
    """Condition: the text begins like JSON and may hold escapes; cheap enough for every value."""
    beginnings = ", ".join(map(quote, _BEGINNINGS))
    return f"substring({text}, 1, 1) IN ({beginnings}) AND position({text}, {_ESCAPE}) > 0"


def unescaped_sql(text: str) -> str:
    """The text with its escapes resolved; use it behind `is_escaped_sql`.

    The engine has no function for this. One that decodes XML does the work: first `&` and escaped backslashes
    become XML references, then escapes do, and then all of them are decoded. Surrogate pairs come first.
    """
    guarded = f"replaceAll(replaceAll({text}, '&', {_AMPERSAND}), {_BACKSLASH}, {_TWO_BACKSLASHES})"
    character = f"convertCharset(unhex(replaceAll(pair, {_ESCAPE}, '')), 'UTF-16BE', 'UTF-8')"
    pairs = f"arrayDistinct(extractAll({text}, {_PAIRS}))"
    joined = f"arrayFold((done, pair) -> replaceAll(done, pair, {character}), {pairs}, {guarded})"
    return f"decodeXMLComponent(replaceRegexpAll({joined}, {_PLAIN_ESCAPE}, {_REFERENCE}))"


def unescape(text: str) -> str:
    """The same in Python, condition included."""
    return _TOKEN.sub(_character, text) if text.startswith(_BEGINNINGS) and "\\u" in text else text


def _character(match: re.Match[str]) -> str:
    high, low, plain = match.groups()
    if plain:
        return chr(int(plain, 16))
    return bytes.fromhex(high + low).decode("utf-16-be") if high else match[0]
