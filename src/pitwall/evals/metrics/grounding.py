"""How much of a sentence stands in passages, by its words, phrases, numbers and negations. No model."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pitwall.evals.text.numbers import Quantity, find_quantities
from pitwall.evals.text.particles import is_hangul
from pitwall.evals.text.stems import FUNCTION_WORDS, Vocabulary, stem
from pitwall.evals.text.tokens import Token, clean, tokenize

# Weights of version 1, chosen on the design half of the corpora in benchmarks/grounding.
_ANYWHERE: Final = 0.35
_IN_PART: Final = 0.2
_IN_PAIRS: Final = 0.15
_BY_LETTERS: Final = 0.15
_IN_PHRASES: Final = 0.15  # of the root of the share: the first copied phrases say most
_WRONG_NUMBER: Final = 0.6
_MOST_WRONG_NUMBERS: Final = 2
_OWN_VOICE: Final = 0.7
_MOST_OWN_VOICE: Final = 2
_NEGATION: Final = 0.8
_NEGATION_FROM: Final = 0.8  # of coverage: below it the part may speak of something else

_LATIN_PHRASE: Final = 3
_KOREAN_PHRASE: Final = 2
_PAIR_DISTANCE: Final = 2
_LATIN_LETTERS: Final = 3
_KOREAN_LETTERS: Final = 2
_LEAST_WINDOW: Final = 8
_QUOTE: Final = 300
_MOST_PLACES: Final = 100

_OWN: Final = frozenset(
    "i my me mine we our us ours myself i'm i've i'd i'll we're we've 저 제가 저희 나 내가 우리".split()
)
_CITATION: Final = re.compile(r"\[\d+(?:,\s*\d+)*\]|https?://\S+")
_NEGATED: Final = re.compile(
    r"\b(?:not|no|never|none|cannot|without|neither|nor|nobody|nothing)\b|n't\b"
    r"|않|없|못|아니|아닌|안 |금지|불가|지 ?마|제외",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Grounding:
    """What speaks for a sentence.

    Attributes:
        value: Between 0 (nothing of it is there) and 1 (it is there word by word).
        chunk: Index of the passage that has most of it; None if none has anything.
        quote: The part of that passage.
        anywhere: Share of its distinct words, as they are written, that any passage has.
        coverage: Share of its content words in that part.
        phrases: Share of its words in phrases that stand in a passage.
        pairs: Share of its content words that stand by the same neighbour in a passage.
        letters: Share of its content words' letter trigrams that any word of a passage has.
        missing: Content words that no passage has.
        wrong_numbers: Numbers that neither a passage nor the question has.
        is_negated_otherwise: The part has nearly all of it, and one of both negates and the other does not.
        content_words: How many it has.
    """

    value: float
    chunk: int | None
    quote: str | None
    anywhere: float
    coverage: float
    phrases: float
    pairs: float
    letters: float
    missing: tuple[str, ...]
    wrong_numbers: tuple[str, ...]
    is_negated_otherwise: bool
    content_words: int


@dataclass(frozen=True, slots=True)
class _Chunk:
    text: str
    content: Sequence[Token]


class Passages:
    """Passages made ready for looking sentences up."""

    def __init__(self, texts: Sequence[str], question: str = "") -> None:
        read = [_Read(clean(text)) for text in texts]
        tokens = [one.stems for one in read]
        self._written = {token.text for one in read for token in one.tokens}
        self._vocabulary = Vocabulary(token.text for chunk in tokens for token in chunk)
        self._chunks = [
            _Chunk(one.text, [token for token in one.stems if token.text not in FUNCTION_WORDS])
            for one in read
        ]
        self._places = _places(self._chunks)
        self._phrases = {
            length: {
                phrase for chunk in tokens for phrase in _phrases([token.text for token in chunk], length)
            }
            for length in (_KOREAN_PHRASE, _LATIN_PHRASE)
        }
        self._pairs = {pair for chunk in self._chunks for pair in _near_pairs(chunk.content)}
        self._letters = {part for token in self._vocabulary for part in _letters(token)}
        numbers = (number for one in (*read, _Read(clean(question))) for number in one.numbers)
        self._numbers = list({number.label: number for number in numbers}.values())

    def ground(self, sentence: str) -> Grounding | None:
        """Look a sentence up; None if it has no content word."""
        read = _Read(clean(_CITATION.sub(" ", sentence)))
        said = [self._vocabulary.nearest(token.text) for token in read.stems]
        content = [token for token in said if token not in FUNCTION_WORDS]
        if not content:
            return None
        chunk, first, last, coverage = self._best_window(content)
        quote = None if chunk is None else self._quote(chunk, first, last)
        phrases, letters = self._phrase_share(said), self._letter_share(content)
        pairs, anywhere = self._pair_share(content), self._written_share(read, said)
        wrong = [read.quote(one) for one in read.numbers if not any(map(one.agrees, self._numbers))]
        negated = bool(quote and coverage >= _NEGATION_FROM and _is_negated(read.text) != _is_negated(quote))
        value = _ANYWHERE * anywhere + _IN_PART * coverage + _IN_PAIRS * pairs
        value += _BY_LETTERS * letters + _IN_PHRASES * math.sqrt(phrases)
        return Grounding(
            value=value * self._doubt(said, wrong, negated),
            chunk=chunk,
            quote=quote,
            anywhere=anywhere,
            coverage=coverage,
            phrases=phrases,
            pairs=pairs,
            letters=letters,
            missing=tuple(dict.fromkeys(token for token in content if token not in self._vocabulary)),
            wrong_numbers=tuple(wrong),
            is_negated_otherwise=negated,
            content_words=len(content),
        )

    def _doubt(self, said: Sequence[str], wrong: Sequence[str], is_negated_otherwise: bool) -> float:
        """What is left of the value after what speaks against the sentence."""
        own = sum(1 for token in said if token in _OWN and token not in self._vocabulary)
        factor = float(_WRONG_NUMBER ** min(len(wrong), _MOST_WRONG_NUMBERS))
        factor *= _OWN_VOICE ** min(own, _MOST_OWN_VOICE)
        return factor * _NEGATION if is_negated_otherwise else factor

    def _best_window(self, content: Sequence[str]) -> tuple[int | None, int, int, float]:
        """Find the part of a passage with most of the words: passage, first and last word, share of them."""
        wanted = Counter(content)
        width = max(_LEAST_WINDOW, 2 * len(content))
        best: tuple[int | None, int, int] = (None, 0, 0)
        most = 0
        for chunk in range(len(self._chunks)):
            places = sorted(
                (place, token) for token in wanted for place in self._places[token].get(chunk, ())
            )
            inside, held, begin = Counter[str](), 0, 0
            for place, token in places:
                held += wanted[token] if not inside[token] else 0
                inside[token] += 1
                while places[begin][0] <= place - width:
                    left = places[begin][1]
                    inside[left] -= 1
                    held -= wanted[left] if not inside[left] else 0
                    begin += 1
                if held > most:
                    most, best = held, (chunk, places[begin][0], place)
        return (*best, most / len(content))

    def _quote(self, chunk: int, first: int, last: int) -> str:
        found = self._chunks[chunk]
        start, end = found.content[first].start, found.content[last].end
        return found.text[start : min(end, start + _QUOTE)]

    def _phrase_share(self, said: Sequence[str]) -> float:
        """The share of words in a phrase of a passage; Korean words are longer, so two make one."""
        korean = sum(1 for token in said if is_hangul(token[0]))
        length = min(_KOREAN_PHRASE if 2 * korean > len(said) else _LATIN_PHRASE, len(said))
        if length < _KOREAN_PHRASE:
            return float(said[0] in self._vocabulary)
        known = self._phrases[length]
        held = [False] * len(said)
        for start, phrase in enumerate(_phrases(said, length)):
            if phrase in known:
                held[start : start + length] = [True] * length
        return sum(held) / len(held)

    def _pair_share(self, content: Sequence[str]) -> float:
        if len(content) == 1:
            return float(content[0] in self._vocabulary)
        held = [False] * len(content)
        for place, pair in enumerate(pairwise(content)):
            if frozenset(pair) in self._pairs:
                held[place] = held[place + 1] = True
        return sum(held) / len(held)

    def _letter_share(self, content: Sequence[str]) -> float:
        parts = [part for token in content for part in _letters(token)]
        return sum(part in self._letters for part in parts) / len(parts)

    def _written_share(self, read: _Read, said: Sequence[str]) -> float:
        """The share of distinct words that are there as written; Korean words also in another form."""
        words = dict(zip((token.text for token in read.tokens), said, strict=True))
        held = sum(
            1
            for word, form in words.items()
            if word in self._written or (is_hangul(word[0]) and form in self._vocabulary)
        )
        return held / len(words)


class _Read:
    """A cleaned text with its numbers and its words, as they are and by their stems."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.numbers = find_quantities(text)
        self.tokens = tokenize(text, self.numbers)
        self.stems = [Token(stem(token.text), token.start, token.end) for token in self.tokens]

    def quote(self, number: Quantity) -> str:
        """A number as it stands in the text."""
        return self.text[number.start : number.end].strip()


def _places(chunks: Sequence[_Chunk]) -> dict[str, dict[int, list[int]]]:
    """Where each content word stands, by word and passage; of one that is everywhere, the first places."""
    places: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for index, chunk in enumerate(chunks):
        for place, token in enumerate(chunk.content):
            known = places[token.text][index]
            if len(known) < _MOST_PLACES:
                known.append(place)
    return places


def _phrases(tokens: Sequence[str], length: int) -> list[tuple[str, ...]]:
    if length == _KOREAN_PHRASE:
        return list(pairwise(tokens))
    return list(zip(*(tokens[start:] for start in range(length)), strict=False))


def _near_pairs(content: Sequence[Token]) -> Iterator[frozenset[str]]:
    """Content words that follow one another, also with one between them, in either order."""
    for place, token in enumerate(content):
        for other in content[place + 1 : place + 1 + _PAIR_DISTANCE]:
            yield frozenset((token.text, other.text))


def _letters(token: str) -> list[str]:
    """The trigrams of a word, pairs of a Korean one; a short word as it is."""
    length = _KOREAN_LETTERS if is_hangul(token[0]) else _LATIN_LETTERS
    return [token[start : start + length] for start in range(len(token) - length + 1)] or [token]


def _is_negated(text: str) -> bool:
    return _NEGATED.search(text) is not None
