"""From a case to its claim matrix, and from the matrix to what a metric finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Flag, auto
from typing import Any, Final

from pitwall.evals.judging.claims import (
    CLAIMS,
    MATCH,
    SUPPORT,
    Judged,
    Judgement,
    claims_of,
    matches_of,
    support_of,
)
from pitwall.evals.judging.judge import Judge, together
from pitwall.evals.metrics.claim_matrix import ClaimMatrix, Measure, Share
from pitwall.evals.metrics.judged import (
    Finding,
    JudgedMetric,
    not_applicable,
    say,
    scored,
    undetermined,
)
from pitwall.evals.metrics.judged_reasons import Reason
from pitwall.evals.metrics.types import MetricSpec
from pitwall.evals.types import Case, Context
from pitwall.kit.i18n import Text


class Part(Flag):
    """A part of the matrix that a measure needs."""

    ANSWER_BY_CHUNKS = auto()
    REFERENCE_BY_CHUNKS = auto()
    MATCH = auto()


_CHUNKS: Final = Part.ANSWER_BY_CHUNKS | Part.REFERENCE_BY_CHUNKS
_ANSWER: Final = Part.ANSWER_BY_CHUNKS | Part.MATCH
_REFERENCE: Final = Part.REFERENCE_BY_CHUNKS | Part.MATCH


@dataclass(frozen=True, slots=True)
class ClaimMeasure:
    """How a metric counts in the matrix.

    Attributes:
        parts: What has to be asked.
        measure: The arithmetic.
        says: The result in a sentence; may use `holds`, `total` and `value`.
        needs_answer_claims: Without claims of the answer there is nothing to say.
        needs_reference_claims: Without claims of the reference there is nothing to say.
        needs_retrieved: Without chunks there is nothing to say; otherwise they support nothing.
        if_nothing: Reason if there is nothing to count although there are claims.
    """

    parts: Part
    measure: Measure
    says: Text
    needs_answer_claims: bool = False
    needs_reference_claims: bool = False
    needs_retrieved: bool = False
    if_nothing: Reason = Reason.NO_CLAIMS

    async def find(self, case: Case, judge: Judge) -> Finding:
        """Judge a case."""
        chunks = case.answer.contexts or ()
        if self.parts & _CHUNKS:
            refusal = self._refuse(chunks, judge.language)
            if refusal is not None:
                return refusal
        return self.conclude(await ask_matrix(case, judge, self.parts), judge.language)

    def conclude(self, matrix: ClaimMatrix, language: str) -> Finding:
        """Count in a matrix."""
        evidence = evidence_of(matrix)
        if self.parts & _ANSWER and not matrix.answer:
            evidence["abstained"] = True
        if self.needs_answer_claims and not matrix.answer:
            return not_applicable(Reason.NO_CLAIMS, language, evidence)
        if self.needs_reference_claims and not matrix.reference:
            return not_applicable(Reason.NO_REFERENCE_CLAIMS, language, evidence)
        counted = self.measure(matrix)
        evidence |= {"coverage": counted.coverage, "counted": counted.holds, "total": counted.total}
        if not counted.is_determined:
            return undetermined(Reason.LOW_COVERAGE, language, evidence, coverage=counted.coverage)
        if counted.value is None:
            return not_applicable(self.if_nothing, language, evidence)
        reason = Reason.NO_CONTEXTS if self.parts & _CHUNKS and not matrix.n_chunks else None
        return scored(counted.value, self._explain(counted, language), evidence, reason)

    def _refuse(self, chunks: Sequence[Context], language: str) -> Finding | None:
        if any(chunk.is_only_named for chunk in chunks):
            return not_applicable(Reason.NO_CONTEXT_TEXT, language)
        if self.needs_retrieved and not chunks:
            return not_applicable(Reason.NO_CONTEXTS, language)
        return None

    def _explain(self, counted: Share, language: str) -> str:
        return say(language, self.says, holds=counted.holds, total=counted.total, value=counted.value)


def claim_metric(facts: MetricSpec, measure: ClaimMeasure) -> JudgedMetric:
    """Make a metric of a measure."""
    return JudgedMetric(facts, prompts_of(measure.parts), measure.find)


def prompts_of(parts: Part) -> tuple[str, ...]:
    """Names of the prompts that parts of a matrix are asked with."""
    names = [CLAIMS]
    if parts & _CHUNKS:
        names.append(SUPPORT)
    if parts & Part.MATCH:
        names.append(MATCH)
    return tuple(names)


async def ask_matrix(case: Case, judge: Judge, parts: Part) -> ClaimMatrix:
    """Ask for the parts of a case's matrix: at most five calls, as many as possible at once.

    Raises:
        CallFailed: A call gave nothing.
        TooLong: A text is too long to be read at once.
    """
    question = case.example.question
    texts = (
        case.answer.text if parts & _ANSWER else None,
        case.example.reference if parts & _REFERENCE else None,
    )
    answer, reference = await together([_claims(judge, question, text) for text in texts])
    chunks = [chunk.text for chunk in case.answer.contexts or ()]
    asked = [
        _support(judge, answer if Part.ANSWER_BY_CHUNKS in parts else (), chunks),
        _support(judge, reference if Part.REFERENCE_BY_CHUNKS in parts else (), chunks),
        matches_of(judge, answer, reference) if Part.MATCH in parts else _support(judge, (), chunks),
    ]
    return _assemble(len(chunks), answer, reference, await together(asked))


async def _claims(judge: Judge, question: str, text: str | None) -> tuple[str, ...]:
    return await claims_of(judge, question, text) if text and text.strip() else ()


async def _support(judge: Judge, claims: Sequence[str], chunks: Sequence[str]) -> Judged:
    return await support_of(judge, claims, chunks) if claims else Judged(())


def _assemble(
    n_chunks: int, answer: tuple[str, ...], reference: tuple[str, ...], judged: Sequence[Judged]
) -> ClaimMatrix:
    by_chunks, reference_by_chunks, matched = judged
    irregularities: Counter[str] = Counter()
    for one in judged:
        irregularities.update(one.irregularities)
    return ClaimMatrix(
        n_chunks,
        answer,
        reference,
        by_chunks.judgements,
        reference_by_chunks.judgements,
        matched.judgements[: len(answer)],
        matched.judgements[len(answer) :],
        dict(irregularities),
    )


def evidence_of(matrix: ClaimMatrix) -> dict[str, Any]:
    """Show a matrix as JSON: each claim with what was said of it and what that rests on."""
    evidence: dict[str, Any] = {
        "claims": _shown(
            matrix.answer,
            {"chunks": matrix.answer_by_chunks, "reference_claims": matrix.answer_by_reference},
        )
    }
    if matrix.reference:
        by = {"chunks": matrix.reference_by_chunks, "claims": matrix.reference_by_answer}
        evidence["reference_claims"] = _shown(matrix.reference, by)
    if matrix.irregularities:
        evidence["irregularities"] = dict(matrix.irregularities)
    return evidence


def _shown(claims: Sequence[str], judged: Mapping[str, Sequence[Judgement]]) -> list[dict[str, Any]]:
    """Claims, each with `by_chunks: {verdict, reason, chunks: [0, 2]}` for all that it was judged by."""
    shown: list[dict[str, Any]] = [{"text": text} for text in claims]
    for name, judgements in judged.items():
        for entry, one in zip(shown, judgements, strict=False):
            said = {"verdict": one.verdict.value, "reason": one.reason, name: list(one.sources)}
            entry[f"by_{name}"] = said
    return shown
