"""The questions about claims: what a text claims, what chunks say of it, how two lists of claims agree.

Every metric asks them through these functions, so that the same question is the same call whoever asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pitwall.evals.judging.judge import Judge, together
from pitwall.evals.judging.prompts import Block, listed
from pitwall.evals.judging.protocol import Reading, ask_for_all
from pitwall.evals.judging.shapes import Claims, ClaimVerdict, ClaimVerdicts, Support
from pitwall.evals.judging.windows import Passage, batches, passages, windows
from pitwall.llm.types import CallFailed, CallFailure

CLAIMS: Final = "claims"
SUPPORT: Final = "claim_support"
MATCH: Final = "claim_match"
_SHORT: Final = 300
"""Characters of a text whose claims fit into any reply."""


class Verdict(StrEnum):
    """What is known of a claim; `unknown` is a verdict that never came, not one that says nothing."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    NOT_STATED = "not_stated"
    UNKNOWN = "unknown"


_RANK: Final = {
    Verdict.NOT_STATED: 0,
    Verdict.UNKNOWN: 1,
    Verdict.CONTRADICTED: 2,
    Verdict.SUPPORTED: 3,
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is known of one claim.

    Attributes:
        sources: Positions of what it rests on, from 0: chunks, or claims of the other side.
        is_located: Those are all of them; not so where a verdict is missing or names no source.
    """

    verdict: Verdict
    reason: str = ""
    sources: tuple[int, ...] = ()
    is_located: bool = True


UNJUDGED: Final = Judgement(Verdict.UNKNOWN, is_located=False)
NOTHING_THERE: Final = Judgement(Verdict.NOT_STATED)


@dataclass(frozen=True, slots=True)
class Judged:
    """Judgements in the order of the claims, and what was wrong with the replies."""

    judgements: tuple[Judgement, ...]
    irregularities: Mapping[str, int] = field(default_factory=dict)


async def claims_of(judge: Judge, question: str, text: str) -> tuple[str, ...]:
    """Return what a text claims, each claim once.

    Raises:
        CallFailed: The call gave nothing.
        TooLong: The text is too long to be read at once.
    """
    claims = (" ".join(claim.split()) for claim in await _read_claims(judge, question, text))
    return tuple(dict.fromkeys(claim for claim in claims if claim))


async def _read_claims(judge: Judge, question: str, text: str) -> list[str]:
    """Ask for the claims of a text; if the list was cut off, for those of its parts."""
    try:
        return (await judge.ask(CLAIMS, Claims, [Block("question", question), Block("text", text)])).claims
    except CallFailed as error:
        if error.failure is not CallFailure.TRUNCATED or len(text) < _SHORT:
            raise
    parts = [passage.text for passage in passages([text], len(text) * 3 // 5)]
    found = await together([_read_claims(judge, question, part) for part in parts])
    return [claim for claims in found for claim in claims]


async def support_of(judge: Judge, claims: Sequence[str], chunks: Sequence[str]) -> Judged:
    """Judge claims against chunks, as many windows of chunks as it takes; the best verdict counts.

    Raises:
        CallFailed: A call gave nothing.
    """
    readable = windows(passages(chunks))
    if not readable:
        return Judged((NOTHING_THERE,) * len(claims))
    numbered = batches(list(enumerate(claims, 1)))
    parts = [(window, dict(batch)) for window in readable for batch in numbered]
    readings = await together([_ask_support(judge, window, batch) for window, batch in parts])
    found: dict[int, list[Judgement]] = {number: [] for number in range(1, len(claims) + 1)}
    for (window, batch), reading in zip(parts, readings, strict=True):
        for number in batch:
            found[number].append(_in_window(reading.verdicts.get(number), window))
    return Judged(tuple(best(judgements) for judgements in found.values()), _sum(readings))


async def matches_of(judge: Judge, answer: Sequence[str], reference: Sequence[str]) -> Judged:
    """Judge the claims of an answer by those of its reference, and the other way round, in one call.

    A claim counts as supported only if the judge names the claims of the other side that say it, so that
    none is found true because it stands in the same prompt.

    Returns:
        Judgements on the claims of the answer, then on those of the reference; sources are positions of
        claims of the other side.

    Raises:
        CallFailed: A call gave nothing.
    """
    if not answer or not reference:
        return Judged((NOTHING_THERE,) * (len(answer) + len(reference)))
    sides = _Sides(len(answer), len(reference))
    blocks = [
        Block("answer_claims", listed(dict(enumerate(answer, 1)))),
        Block("reference_claims", listed(dict(enumerate(reference, len(answer) + 1)))),
    ]
    asked = batches(range(1, sides.total + 1))
    readings = await together([_ask_matches(judge, blocks, numbers, sides) for numbers in asked])
    verdicts = {number: item for reading in readings for number, item in reading.verdicts.items()}
    judged = (sides.read(number, verdicts.get(number)) for number in range(1, sides.total + 1))
    return Judged(tuple(judged), _sum(readings))


def best(judgements: Sequence[Judgement]) -> Judgement:
    """Join what windows say of one claim: supported by one is supported, whatever others say."""
    strongest = max(judgements, key=lambda one: _RANK[one.verdict])
    same = [one for one in judgements if one.verdict is strongest.verdict]
    sources = tuple(sorted({source for one in same for source in one.sources}))
    return Judgement(strongest.verdict, strongest.reason, sources, all(one.is_located for one in judgements))


async def _ask_support(
    judge: Judge, window: Sequence[Passage], claims: Mapping[int, str]
) -> Reading[ClaimVerdict]:
    sources = [Block("source", passage.text, passage.number) for passage in window]

    async def ask(numbers: Sequence[int], is_again: bool) -> Iterable[ClaimVerdict]:
        blocks = [*sources, Block("claims", listed({number: claims[number] for number in numbers}))]
        reply = await judge.ask(SUPPORT, ClaimVerdicts, blocks, {"ids": _said(numbers)}, is_again=is_again)
        return reply.verdicts

    return await ask_for_all(list(claims), ask)


def _in_window(item: ClaimVerdict | None, window: Sequence[Passage]) -> Judgement:
    if item is None:
        return UNJUDGED
    chunk_of = {passage.number: passage.chunk for passage in window}
    sources = {chunk_of[number] for number in item.sources if number in chunk_of}
    if item.verdict is Support.NOT_STATED:
        return Judgement(Verdict.NOT_STATED, item.reason)
    if not sources and len(set(chunk_of.values())) == 1:
        sources = set(chunk_of.values())
    return Judgement(Verdict(item.verdict), item.reason, tuple(sorted(sources)), bool(sources))


@dataclass(frozen=True, slots=True)
class _Sides:
    """Numbers of both lists: those of the answer first, then those of the reference."""

    n_answer: int
    n_reference: int

    @property
    def total(self) -> int:
        return self.n_answer + self.n_reference

    def others(self, item: ClaimVerdict) -> tuple[int, ...]:
        """Positions, on the other side, of the claims that a verdict names."""
        start, count = (self.n_answer, self.n_reference) if item.id <= self.n_answer else (0, self.n_answer)
        positions = {number - start - 1 for number in item.sources}
        return tuple(sorted(position for position in positions if 0 <= position < count))

    def is_usable(self, item: ClaimVerdict) -> bool:
        return item.verdict is not Support.SUPPORTED or bool(self.others(item))

    def read(self, number: int, item: ClaimVerdict | None) -> Judgement:
        if item is None:
            return UNJUDGED
        sources = () if item.verdict is Support.NOT_STATED else self.others(item)
        return Judgement(Verdict(item.verdict), item.reason, sources)


async def _ask_matches(
    judge: Judge, blocks: Sequence[Block], numbers: Sequence[int], sides: _Sides
) -> Reading[ClaimVerdict]:
    async def ask(wanted: Sequence[int], is_again: bool) -> Iterable[ClaimVerdict]:
        reply = await judge.ask(MATCH, ClaimVerdicts, blocks, {"ids": _said(wanted)}, is_again=is_again)
        return reply.verdicts

    return await ask_for_all(list(numbers), ask, is_usable=sides.is_usable)


def _said(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))


def _sum(readings: Iterable[Reading[ClaimVerdict]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for reading in readings:
        total.update(reading.irregularities())
    return dict(total)
