"""Tokens of Korean and English text: what text metrics count.

The tokenizer is part of what a metric means, so it has a name (`TOKENIZER`), and a metric that uses another
one has it as an option, in its identity. Kiwi (the extra `korean`) is loaded only when it is asked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import starmap
from typing import Any, Final

from pitwall.evals.text.numbers import Quantity, find_quantities
from pitwall.evals.text.particles import is_ending, is_hangul, strip_particle

Tokenizer = Callable[[str], list[str]]
TOKENIZER: Final = "words"
"""Name of the tokenizer that metrics use if nobody says otherwise."""

# Full-width forms of ASCII are the same characters in other clothes.
_WIDTHS: Final = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20}
_MARKS: Final = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "−": "-", "–": "-"})
_WORD: Final = re.compile(
    r"[가-힣]+|[\u3400-\u9fff\u3040-\u30ff]|(?:(?![가-힣\u3400-\u9fff\u3040-\u30ff])[^\W_])+(?:'[^\W\d_]+)?"
)
_PAIR: Final = 2
_POSSESSIVE: Final = re.compile(r"'s?$")


def clean(text: str) -> str:
    """Return a text in NFC with full-width letters and typographic quotes in their plain form."""
    return unicodedata.normalize("NFC", text).translate(_WIDTHS).translate(_MARKS)


@dataclass(frozen=True, slots=True)
class Token:
    """A token and where it stands in the cleaned text."""

    text: str
    start: int
    end: int


def tokenize(cleaned: str, quantities: Sequence[Quantity] | None = None) -> list[Token]:
    """Split a text that `clean` returned into tokens with their places.

    They are case-folded, numbers with units are in one form, Korean particles are taken off.

    Args:
        cleaned: The text.
        quantities: Its numbers, if they were looked for already.
    """
    tokens, position = list[Token](), 0
    for quantity in find_quantities(cleaned) if quantities is None else quantities:
        tokens.extend(starmap(Token, _words(cleaned, position, quantity.start)))
        tokens.extend(Token(part, quantity.start, quantity.end) for part in quantity.parts)
        position = _after_ending(cleaned, quantity.end)
    tokens.extend(starmap(Token, _words(cleaned, position, len(cleaned))))
    return tokens


def words(text: str) -> list[str]:
    """Split a text into tokens: `보장금액은 1억원입니다` gives `보장금액` and `100000000KRW`."""
    return [token.text for token in tokenize(clean(text))]


def index_terms(text: str) -> list[str]:
    """Split a text into what it is searched by: words without particles, Korean ones in pairs of syllables.

    `청약철회를` gives `청약 약철 철회`, which `청약을 철회` has too: compounds are written with and without
    spaces. Numbers stay as they are written: to read those of a corpus in one form would double the time.

    Source: Lee and Ahn 1996, Using n-Grams for Korean Text Retrieval.
    """
    cleaned = clean(text)
    return [term for word, _, _ in _words(cleaned, 0, len(cleaned)) for term in _pairs(word)]


@lru_cache(maxsize=1 << 15)
def _pairs(word: str) -> Sequence[str]:
    if len(word) <= _PAIR or not is_hangul(word[0]):
        return (word,)
    return [word[start : start + _PAIR] for start in range(len(word) - 1)]


def _words(text: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """Words of a part of a text, each with its place."""
    for match in _WORD.finditer(text, start, end):
        token = match[0]
        if not is_hangul(token[0]):
            yield _POSSESSIVE.sub("", token.casefold()), match.start(), match.end()
        elif not (_follows_letter(text, match.start(), start) and is_ending(token)):
            yield strip_particle(token), match.start(), match.end()


def _follows_letter(text: str, position: int, start: int) -> bool:
    """Whether a Korean token hangs on Latin letters, digits or a closing bracket."""
    before = text[position - 1 : position] if position > start else ""
    return bool(before) and ((before.isascii() and before.isalnum()) or before in ")]\"'%")


def _after_ending(text: str, end: int) -> int:
    """Go on behind the particle or copula that hangs on a number."""
    stop = end
    while stop < len(text) and is_hangul(text[stop]):
        stop += 1
    return stop if stop > end and is_ending(text[end:stop]) else end


def plain_words(text: str) -> list[str]:
    """Split a text into case-folded words and nothing more: no particles, no numbers in one form."""
    return [match[0].casefold() for match in _WORD.finditer(clean(text))]


def characters(text: str) -> list[str]:
    """Split a text into its letters and digits."""
    return [letter for letter in clean(text).casefold() if letter.isalnum()]


def morphemes(text: str) -> list[str]:
    """Split a Korean text into morphemes that carry meaning, with Kiwi.

    Raises:
        ModuleNotFoundError: The extra `korean` is not installed.
    """
    return [
        token.form.casefold()
        for token in _kiwi().tokenize(clean(text))
        if token.tag[0] in "NVMXS" and token.tag not in _MARKS_OF_KIWI
    ]


_MARKS_OF_KIWI: Final = frozenset(("SF", "SP", "SS", "SSO", "SSC", "SE", "SO", "SW"))


@cache
def _kiwi() -> Any:
    try:
        from kiwipiepy import Kiwi  # an extra of 200 MB
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'the tokenizer `kiwi` needs the extra: pip install "pitwall[korean]"', name=error.name
        ) from error
    return Kiwi()


TOKENIZERS: Final[dict[str, Tokenizer]] = {
    TOKENIZER: words,
    "plain": plain_words,
    "characters": characters,
    "kiwi": morphemes,
}


def tokenizer(name: str) -> Tokenizer:
    """Return a tokenizer by name.

    Raises:
        ValueError: There is none of that name.
    """
    if name not in TOKENIZERS:
        raise ValueError(f"there is no tokenizer {name!r}; there are {', '.join(TOKENIZERS)}")
    return TOKENIZERS[name]


def ngrams(items: Sequence[str] | str, order: int) -> list[tuple[str, ...]]:
    """Return the n-grams of tokens or characters, in order."""
    return list(zip(*(items[start:] for start in range(order)), strict=False))
