"""The words of a text that say what it is about, Korean and English, in one form; cheap."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import Final

from pitwall.evals.text.particles import is_hangul, strip_particle
from pitwall.evals.text.stems import FUNCTION_WORDS, stem
from pitwall.evals.text.tokens import plain_words

_LEAST_LETTERS: Final = 2
_ASKING: Final = frozenset(
    "무엇 무엇인가요 무엇입니까 뭐 무슨 어떤 어떻게 어디 언제 얼마 얼마나 얼마인가요 얼마입니까 왜 누구 누가 "
    "몇 및 또는 그리고 수 것 등 때 있나요 있습니까 있는 있다 없나요 되나요 됩니까 하나요 합니까 인가요 "
    "입니까 "
    "알려주세요 설명해주세요 주세요 대해 대한 위해 위한 경우 i my me we our you your please tell "
    "explain".split()
)
"""What asks rather than says what about."""
_PREDICATE: Final = re.compile(
    r"(?:이|인|하|되|받|한|된|할|될|있|없|해야|되어)*(?:나요|가요|까요|니까|어요|아요|는지|은지|을까)$"
)
"""The end of a question as a verb: `보장되나요` asks about `보장`."""


class TermNames:
    """How terms are written: a word's form is what is counted, its most frequent spelling what is shown."""

    def __init__(self) -> None:
        self._written: dict[str, Counter[str]] = {}

    def count(self, text: str) -> Counter[str]:
        """Return the terms of a text with how often each occurs, and remember how they are written."""
        counted = Counter[str]()
        for form, spelling in filter(None, map(_term, plain_words(text))):
            counted[form] += 1
            self._written.setdefault(form, Counter())[spelling] += 1
        return counted

    def name(self, form: str) -> str:
        """Return the most frequent spelling of a term."""
        return min(self._written[form].items(), key=lambda one: (-one[1], one[0]))[0]


def terms(text: str) -> list[str]:
    """Return the content words: particles off Korean, endings off English, function words left out."""
    return [term[0] for term in map(_term, plain_words(text)) if term]


@lru_cache(maxsize=100_000)
def _term(word: str) -> tuple[str, str] | None:
    """Form and spelling of a word; None for one that says nothing of its own."""
    if word in FUNCTION_WORDS or word in _ASKING:
        return None
    if is_hangul(word[0]):
        asked = _PREDICATE.sub("", word)
        form = strip_particle(asked) if asked else ""
        return None if form in _ASKING or len(form) < _LEAST_LETTERS else (form, form)
    return None if len(word) < _LEAST_LETTERS and not word.isdigit() else (stem(word), word)
