"""What kind of question somebody asks, by the words it asks with, in Korean and English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class QuestionType(StrEnum):
    """What a question asks for."""

    COMPARATIVE = "comparative"
    """How things differ, or which is more."""
    PROCEDURAL = "procedural"
    """How something is done."""
    REASONING = "reasoning"
    """Why something is so."""
    OPINION = "opinion"
    """What to do or think."""
    FACTUAL = "factual"
    """What, who, when, where, how much."""
    OTHER = "other"


# The first that fits: what compares or asks how to do something mostly asks "what" as well.
_WORDS: Final[Mapping[QuestionType, tuple[str, ...]]] = {
    QuestionType.COMPARATIVE: (
        r"차이|비교|다른\s*점|공통점",
        r"더\s*(좋|많|적|높|낮|크|작|빠|비싸|싸)|중에서?\s*(어느|어떤|뭐|무엇)",
        r"\b(differ\w*|compar\w*|versus|vs|better|worse|which of|more than|less than)\b",
    ),
    QuestionType.PROCEDURAL: (
        r"어떻게\s*(하|해|신청|청구|설정|등록|변경|설치|사용|받|가입|취소|확인|만들)",
        r"방법|절차|순서",
        r"\bhow (do|can|should|to|would)\b|\bsteps?\b|\bprocedure\b",
    ),
    QuestionType.REASONING: (r"왜|이유|원인|때문|까닭", r"\bwhy\b|\breasons?\b|\bcauses?\b"),
    QuestionType.OPINION: (
        r"추천|어떻게\s*생각|의견|좋을까|나을까|괜찮을까|해야\s*할까",
        r"\b(recommend|opinion|should (i|we)|think)\b",
    ),
    QuestionType.FACTUAL: (
        r"무엇|뭐|무슨|누구|언제|어디|몇|얼마|어느|어떤|인가|입니까|[은는이가]요?\s*\?|나요|까\s*\?",
        r"\b(what|who|whom|whose|when|where|which|how (many|much|long|old|far|often))\b",
        r"^\s*(is|are|was|were|does|do|did|can|could|has|have|will)\b",
    ),
}
_PATTERNS: Final = {kind: re.compile("|".join(words), re.IGNORECASE) for kind, words in _WORDS.items()}


def question_type(question: str) -> QuestionType:
    """Return what a question asks for, `other` if its words do not say."""
    for kind, pattern in _PATTERNS.items():
        if pattern.search(question):
            return kind
    return QuestionType.OTHER
