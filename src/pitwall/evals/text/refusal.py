"""Whether an answer says that it does not answer, in Korean or English."""

from __future__ import annotations

import re
from typing import Final

from pitwall.evals.text.sentences import split_sentences
from pitwall.evals.text.tokens import clean

_ENGLISH: Final = (
    (
        r"\b(?:i|we) (?:do not|don't|cannot|can't|could not|couldn't) "
        r"(?:know|answer|help|find|provide|determine|assist|tell|say|confirm|locate|comply)"
    ),
    r"\b(?:i'm|i am|we're|we are) (?:not sure|unable|not able)\b",
    r"\b(?:no|not enough|insufficient|not sufficient|lack of) (?:relevant |specific |such )?information\b",
    (
        r"\b(?:(?:is|are|was|were) not|isn't|aren't|wasn't|weren't) "
        r"(?:mentioned|specified|stated|(?:provided|available|found|given|included)\b.{0,40}\b"
        r"(?:context|document|text|passage|information|source|article|excerpt)s?)\b"
    ),
    (
        r"\b(?:context|document|text|passage|information|source|article|excerpt)s?\b.{0,40}"
        r"\b(?:does not|doesn't|do not|don't) (?:provide|contain|mention|specify|include|state|say|answer)\b"
    ),
    r"\b(?:cannot|can't|can not|could not) be (?:determined|answered|inferred)\b",
    r"\bas an ai\b",
    r"\b(?:unanswerable|no answer)\b",
    r"\bi'm sorry,? but i\b",
)
_KOREAN: Final = (
    r"모르겠(?:습니다|어요|네요)",
    r"(?:알|답변할|답할|답변드릴|드릴|제공할|도와드릴|확인할|찾을|판단할|말씀드릴) 수(?:가|는)? 없",
    r"(?:답변|확인|판단)(?:을|이|하기|드리기|해 드리기)?(?:가|는)? ?(?:어렵|불가능)",
    (
        r"(?:정보|내용|자료|근거|답)(?:가|이|는|은|를|을)? ?(?:전혀 )?"
        r"(?:없습니다|없어요|없다|없음|부족|충분하지 않|포함되어 있지 않|제공되지 않)"
    ),
    r"(?:언급|명시|기재|안내|포함|제공|확인|설명)(?:되어|돼|되지|이|은|는)? ?(?:있지)? ?(?:않|없)",
    r"나와 ?있지 ?않",
    r"찾지 못",
    r"(?:AI|인공지능|언어 모델)(?:로서|이므로|이기 때문에)",
)
_REFUSAL: Final = re.compile("|".join((*_ENGLISH, *_KOREAN)), re.IGNORECASE)
_POLITE: Final = re.compile(
    r"^(?:죄송(?:합니다|하지만|해요)|안녕하세요|(?:i'm |i am )?sorry|i apologi[sz]e|unfortunately)[.,!]?$",
    re.IGNORECASE,
)
_TURN: Final = re.compile(r"\b(?:but|however|although)\b(?:\W+\w+){4}|지만\s+\S+\s+\S+\s+\S+", re.IGNORECASE)
_MOST_OTHER_SENTENCES: Final = 2


def find_refusal(answer: str) -> str | None:
    """Return the sentence by which an answer abstains, None if it answers.

    An answer abstains if its first sentence, an apology left out, says that it does not answer, and at most
    two further sentences say something else: one that names a gap and then answers does not abstain.
    """
    sentences = [one.text for one in split_sentences(clean(answer)) if not _POLITE.match(one.text)]
    if not sentences or not _abstains(sentences[0]):
        return None
    others = sum(1 for one in sentences[1:] if not _REFUSAL.search(one))
    return sentences[0] if others <= _MOST_OTHER_SENTENCES else None


def _abstains(sentence: str) -> bool:
    """Whether a sentence says that there is no answer and does not turn to one after a `but`."""
    refusal = _REFUSAL.search(sentence)
    return refusal is not None and not _TURN.search(sentence, refusal.end())
