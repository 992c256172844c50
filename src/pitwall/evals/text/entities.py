"""What a text names: numbers, dates, quotations, Latin names and codes; no Korean names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pitwall.evals.text.numbers import Quantity, find_quantities
from pitwall.evals.text.sentences import split_sentences
from pitwall.evals.text.tokens import clean


class EntityKind(StrEnum):
    """What kind of thing is named."""

    NUMBER = "number"
    DATE = "date"
    QUOTED = "quoted"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Entity:
    """Something that a text names.

    Attributes:
        key: What two spellings of it have in common.
        text: As it stands in the text.
    """

    kind: EntityKind
    key: str
    text: str


_QUOTED: Final = re.compile(r'"([^"\n]{2,60})"|[「『《〈]([^」』》〉\n]{2,60})[」』》〉]')
_LATIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-./&+][A-Za-z0-9]+)*")
_CAPITALISED: Final = re.compile(r"[A-Z][\w'&+-]*(?:(?:\s(?:of(?:\sthe)?|de|van|von|for))?\s[A-Z][\w'&+-]*)*")
_HANGUL: Final = re.compile(r"[가-힣]")
_LEAST_LETTERS: Final = 2


def find_entities(text: str) -> list[Entity]:
    """Return what a text names, each thing once, in the order of the text's kinds."""
    cleaned = clean(text)
    numbers = find_quantities(cleaned)
    found = [*_of_numbers(numbers, cleaned), *_quoted(cleaned), *_names(cleaned, numbers)]
    return list({(one.kind, one.key): one for one in reversed(found)}.values())[::-1]


def _of_numbers(quantities: list[Quantity], text: str) -> Iterator[Entity]:
    for one in quantities:
        kind = EntityKind.DATE if one.unit == "date" else EntityKind.NUMBER
        yield Entity(kind, one.label, text[one.start : one.end].strip())


def _quoted(text: str) -> Iterator[Entity]:
    for match in _QUOTED.finditer(text):
        inner = match[1] or match[2]
        yield Entity(EntityKind.QUOTED, " ".join(inner.casefold().split()), inner)


def _names(text: str, numbers: Sequence[Quantity]) -> Iterator[Entity]:
    """Latin words in a Korean sentence, capitalised words in another; the month of a date is no name."""
    counted = {place for one in numbers for place in range(one.start, one.end)}
    for sentence in split_sentences(text):
        words = _LATIN if _HANGUL.search(sentence.text) else _CAPITALISED
        for match in words.finditer(sentence.text):
            name = match[0]
            starts_sentence = (
                words is _CAPITALISED and match.start() == 0 and " " not in name and name.istitle()
            )
            is_counted = sentence.start + match.start() in counted
            if len(name) >= _LEAST_LETTERS and not starts_sentence and not is_counted:
                yield Entity(EntityKind.NAME, name.casefold(), name)
