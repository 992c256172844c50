"""Text handling of the simulator: tokens, sentences and word features. Pure functions, Korean-aware."""

from __future__ import annotations

import re
import unicodedata

# The token rule, stated once: up to four Latin letters or digits, or one other visible character (one Hangul
# syllable, one punctuation mark), each with the white space before it.
_TOKEN = re.compile(r"\s*(?:[A-Za-z0-9]{1,4}|\S)|\s+\Z")
_SENTENCE_END = re.compile(r"(?<=[.!?。])\s+|\n+")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)]|#+)\s+")
_WORD = re.compile(r"[0-9A-Za-z가-힣]+")
_SENTENCE = re.compile(r"[.!?。]$|[다요]$")
_HANGUL = re.compile(r"[가-힣]")
_ENDING = re.compile(
    r"(?:습니다|합니다|입니다|됩니다|인가요|나요|까요|세요|해요|되요|돼요|예요|이에요|와요|어요|아요|려면|는데|인데|"
    r"으로|에서|에게|까지|부터|하면|하고|해서|하는|하려면|면요|은요|는요|은|는|이|가|을|를|에|의|로|도|만|과|와)$"
)
_QUESTION_WORD = re.compile(r"^(?:얼마|어떻|어떤|며칠|언제|어디|누가|누구|무엇|뭐|뭔|왜|몇|알려|궁금|싶)")
_STOP_WORDS = frozenset(
    "그럼 그러면 그리고 혹시 저 제가 좀 것 수 때 있 없 되 하 하나 주 가능 경우 안 해야 "
    "the a an is are do does of to in on for and or i my how what when where can".split()
)


def tokenize(text: str) -> list[str]:
    """Split into simulated tokens; joining them gives the text back."""
    return _TOKEN.findall(text)


def count_tokens(text: str) -> int:
    """Number of simulated tokens (an estimate by rule, not a model's tokenizer)."""
    return len(tokenize(text))


def split_sentences(text: str) -> list[str]:
    """Sentences and list items, in order, without bullets and blank ones."""
    parts = (_BULLET.sub("", part).strip() for part in _SENTENCE_END.split(text))
    return [part for part in parts if part]


def is_sentence(text: str) -> bool:
    """Whether a text ends like a sentence; headings and labels do not."""
    return _SENTENCE.search(text) is not None


def stems(text: str) -> list[str]:
    """Lower-case NFC words with common Korean endings taken off and stop words left out."""
    words = _WORD.findall(unicodedata.normalize("NFC", text).lower())
    cut = (_ENDING.sub("", word) if len(word) > 1 else word for word in words)
    return [word for word in cut if word and word not in _STOP_WORDS and not _QUESTION_WORD.match(word)]


def bigrams(text: str) -> frozenset[str]:
    """Character bigrams within the stems of a text; a one-letter stem stands for itself."""
    return frozenset(gram for stem in stems(text) for gram in ngrams(stem, 2))


def ngrams(word: str, size: int) -> list[str]:
    """Character n-grams of a word, or the word itself if it is shorter."""
    if len(word) <= size:
        return [word]
    return [word[start : start + size] for start in range(len(word) - size + 1)]


def has_hangul(text: str) -> bool:
    return _HANGUL.search(text) is not None
