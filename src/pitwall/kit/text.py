"""Text of any language: one normal form, cuts that keep characters whole, widths that fit a terminal."""

from __future__ import annotations

import unicodedata

ELLIPSIS = "…"
_ZERO_WIDTH_JOINER = "\u200d"
# Marks that make text read in another order than it is written.
_DIRECTION_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def normalise(text: str) -> str:
    """Return the text in NFC, so that a Korean syllable is one character however it was typed."""
    return unicodedata.normalize("NFC", text)


def check_storable(text: str) -> str:
    """Return the text in NFC if every database can keep it.

    Raises:
        ValueError: It has half a surrogate pair or a NUL.
    """
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("has a character that cannot be stored")
    return normalise(text)


def check_line(text: str) -> str:
    """Return the text in NFC if it is one line that reads as it is written.

    Raises:
        ValueError: It cannot be stored, or has control characters or marks that turn its direction.
    """
    line = check_storable(text)
    if printable(line) != line:
        raise ValueError("has line breaks or control characters")
    return line


def truncate(text: str, max_characters: int) -> str:
    """Cut text to a number of characters, the last one an ellipsis; combining marks stay with their letter.

    Raises:
        ValueError: `max_characters` is below 1.
    """
    if max_characters < 1:
        raise ValueError(f"max_characters is {max_characters}; at least 1 is needed for the ellipsis")
    if len(text) <= max_characters:
        return text
    return text[: _whole(text, max_characters - len(ELLIPSIS))] + ELLIPSIS


def truncate_bytes(text: str, max_bytes: int) -> str:
    """Cut text to a size in UTF-8 bytes without cutting a character in two; nothing is appended.

    Raises:
        ValueError: `max_bytes` is negative.
    """
    if max_bytes < 0:
        raise ValueError(f"max_bytes is {max_bytes}; it cannot be negative")
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= max_bytes:
        return text
    kept = len(encoded[:max_bytes].decode("utf-8", "ignore"))
    return text[: _whole(text, kept)]


def _whole(text: str, end: int) -> int:
    """Move a cut back to where a character with its marks and joiners begins; a run of marks alone is cut."""
    position = end
    while 0 < position < len(text) and _continues(text, position):
        position -= 1
    return position or end


def _continues(text: str, position: int) -> bool:
    character = text[position]
    return (
        unicodedata.combining(character) != 0
        or character == _ZERO_WIDTH_JOINER
        or text[position - 1] == _ZERO_WIDTH_JOINER
    )


def display_width(text: str) -> int:
    """Return how many terminal columns a text takes: Korean, Chinese and Japanese letters two, marks none."""
    return sum(_column_count(character) for character in text)


def _column_count(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cc", "Cf", "Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def fit(text: str, columns: int) -> str:
    """Cut a text to terminal columns, with an ellipsis if it was cut.

    Raises:
        ValueError: `columns` is below 1.
    """
    if columns < 1:
        raise ValueError(f"columns is {columns}; at least 1 is needed for the ellipsis")
    if display_width(text) <= columns:
        return text
    width, kept = 0, 0
    for index, character in enumerate(text):
        width += _column_count(character)
        if width > columns - 1:
            break
        kept = index + 1
    return text[: _whole(text, kept)] + ELLIPSIS


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """Fill a text with spaces to terminal columns; `right` puts the text at the right edge."""
    fill = " " * max(0, columns - display_width(text))
    return fill + text if right else text + fill


def printable(text: str) -> str:
    """Return text that cannot steer a terminal: control characters become visible, line ends become spaces.

    Names of spans and models come from outside; an escape sequence in one must not reach a terminal.
    """
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character in "\n\r\t":
        return " "
    if unicodedata.category(character) == "Cc" or character in _DIRECTION_OVERRIDES:
        return f"\\x{ord(character):02x}"
    return character
