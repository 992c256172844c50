"""Documents that are put into prompts and that no answer draws on."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from pitwall.costs.advice.prices import TodaysPrices
from pitwall.costs.advice.types import Basis, Kind, Suggestion, Work, WorkTotals, confidence_of, filled
from pitwall.kit.i18n import Text
from pitwall.kit.text import normalise

_MIN_ANSWERS: Final = 30
_LEAST_SHARE: Final = 0.1
_COVERED: Final = 0.95
_LOOK_FOR: Final = 80
_MIN_TELLING_WORDS: Final = 3
# Korean endings follow the stem, so that words are compared by how they begin.
_STEM: Final = 4
_HANGUL_STEM: Final = 2
_WORD: Final = re.compile(r"[\w가-힣]{2,}")
_TITLE: Final = Text("Put fewer documents into {name}", "{name}에 넣는 문서를 줄이세요")
_DETAIL: Final = Text(
    "Of {mean} documents in a mean prompt {used} are used; 95 of 100 answers draw on none after the "
    "first {keep}.",
    "프롬프트 하나에 문서 {mean}건을 넣지만 쓰이는 것은 {used}건이고, 답 100개 가운데 95개는 "
    "{keep}번째 뒤의 문서를 쓰지 않습니다.",
)
_NOTE: Final = Text(
    "A document counts as used if a tenth of the answer's telling words, those that stand in some "
    "document but not in the question, stand in it; {answers} answers were read. Low: all that any "
    "answer drew on is kept; high: only what is used. Check with an evaluation before you lower top_k.",
    "질문에는 없고 문서에 있는 답의 낱말 가운데 10분의 1 이상이 들어 있는 문서를 쓰인 것으로 봅니다. "
    "답 {answers}개를 읽었습니다. 최소는 한 번이라도 쓰인 순위까지 남길 때, 최대는 쓰인 문서만 남길 "
    "때입니다. top_k를 줄이기 전에 평가로 확인하세요.",
)


@dataclass(frozen=True, slots=True)
class Answered:
    """A prompt with documents, and the answer.

    Attributes:
        documents: Texts in the order of their rank.
        question: What was asked of the search; may be empty.
        prompt: The whole input.
    """

    work: Work
    documents: Sequence[str]
    question: str
    prompt: str
    answer: str
    trace_id: str


@dataclass(frozen=True, slots=True)
class Searches:
    """Searches that calls followed, of the calls whose texts were read.

    Attributes:
        answered: Some of them.
        counts: How many calls of each work followed one.
    """

    answered: Sequence[Answered]
    counts: Mapping[Work, int]


@dataclass(frozen=True, slots=True)
class _Used:
    """Of one prompt: which part of it each document is, and which documents the answer draws on."""

    shares: list[float]
    used: list[bool]
    trace_id: str

    @property
    def last(self) -> int:
        """Rank of the last document that is used, from 1."""
        return max((rank for rank, is_used in enumerate(self.used, start=1) if is_used), default=0)

    def beyond(self, rank: int) -> float:
        """Part of the prompt that the documents after a rank are."""
        return sum(self.shares[rank:])

    @property
    def unused(self) -> float:
        """Part of the prompt that is not used."""
        return sum(share for share, is_used in zip(self.shares, self.used, strict=True) if not is_used)


def advise(
    basis: Basis, works: Mapping[Work, WorkTotals], searches: Searches, prices: TodaysPrices
) -> Iterator[Suggestion]:
    """Suggest to lower how many documents are put into prompts."""
    by_work: defaultdict[Work, list[_Used]] = defaultdict(list)
    for one in searches.answered:
        measured = measure(one)
        if measured is not None:
            by_work[one.work].append(measured)
    for work, measured_ones in by_work.items():
        rates = prices.rates(work.cell.provider, work.cell.model)
        if rates is None or len(measured_ones) < _MIN_ANSWERS or work not in works:
            continue
        read = works[work].calls * basis.texts_share
        share = min(1.0, searches.counts.get(work, 0) / read) if read else 0.0
        suggestion = _suggestion(basis, works[work], rates.input * share, measured_ones)
        if suggestion is not None:
            yield suggestion


def measure(one: Answered) -> _Used | None:
    """Which documents of a prompt its answer draws on; None if that cannot be told."""
    prompt = normalise(one.prompt)
    documents = [text for text in map(normalise, one.documents) if _stands_in(text, prompt)]
    if len(documents) < 2 or not prompt:
        return None
    words = [_words(text) for text in documents]
    counts = Counter(word for own in words for word in own)
    question = _words(normalise(one.question))
    telling = {word for word in _words(normalise(one.answer)) if 0 < counts[word] < len(documents)} - question
    if len(telling) < _MIN_TELLING_WORDS:
        return None
    used = [len(telling & own) >= _LEAST_SHARE * len(telling) for own in words]
    return _Used([min(1.0, len(text) / len(prompt)) for text in documents], used, one.trace_id)


def _stands_in(document: str, prompt: str) -> bool:
    """Whether a document was put into a prompt; JSON writes quotes and line breaks otherwise."""
    begin = max(re.split(r"[\"\\\n\r\t]", document[: 4 * _LOOK_FOR]), key=len, default="").strip()
    return len(begin) >= 10 and begin[:_LOOK_FOR] in prompt


def _words(text: str) -> set[str]:
    return {_stem(word) for word in _WORD.findall(text.lower())}


def _stem(word: str) -> str:
    return word[:_HANGUL_STEM] if "가" <= word[0] <= "힣" else word[: max(_STEM, len(word) - 2)]


def _suggestion(
    basis: Basis, totals: WorkTotals, token_usd: float, measured: Sequence[_Used]
) -> Suggestion | None:
    lasts = sorted(one.last for one in measured)
    keep = max(1, lasts[ceil(_COVERED * len(lasts)) - 1])
    fewest = max(1, lasts[-1])
    count = len(measured)
    beyond, low, high = (
        sum(parts) / count
        for parts in (
            [one.beyond(keep) for one in measured],
            [one.beyond(fewest) for one in measured],
            [one.unused for one in measured],
        )
    )
    if beyond < 0.02:
        return None
    month_usd = totals.uncached_tokens * token_usd * basis.per_month
    mean = sum(len(one.shares) for one in measured) / count
    used = sum(sum(one.used) for one in measured) / count
    return Suggestion(
        kind=Kind.UNUSED_CONTEXT,
        cell=totals.work.cell,
        title=filled(_TITLE, name=totals.work.name),
        detail=filled(_DETAIL, mean=f"{mean:.1f}", used=f"{used:.1f}", keep=keep),
        usd=beyond * month_usd,
        low_usd=low * month_usd,
        high_usd=max(high, beyond) * month_usd,
        confidence=confidence_of(basis.days, count),
        evidence={
            "answers_read": count,
            "documents_per_prompt": mean,
            "used_documents_per_prompt": used,
            "keep_documents": keep,
            "unused_share_of_prompt": beyond,
        },
        note=filled(_NOTE, answers=count),
        trace_ids=[one.trace_id for one in measured[:3]],
    )
