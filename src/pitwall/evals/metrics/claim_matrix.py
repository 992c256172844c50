"""The claim matrix: claims of answer and reference against chunks and each other, and its arithmetic.

Nothing here asks a model. Every measure is a share with its coverage: how much of what it needs is known.
What is not known counts as not supported; below `LEAST_COVERAGE` there is no number at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pitwall.evals.judging.claims import Judgement, Verdict

LEAST_COVERAGE: Final = 0.8


@dataclass(frozen=True, slots=True)
class ClaimMatrix:
    """What is known of one case; parts that a measure does not need are left empty.

    Attributes:
        n_chunks: Chunks that were retrieved, in the order of their rank.
        answer: Claims of the answer.
        reference: Claims of the reference.
        answer_by_chunks: For each claim of the answer; sources are positions of chunks.
        reference_by_chunks: For each claim of the reference; sources are positions of chunks.
        answer_by_reference: For each claim of the answer; sources are claims of the reference.
        reference_by_answer: For each claim of the reference; sources are claims of the answer.
        irregularities: What was wrong with the replies, by kind.
    """

    n_chunks: int = 0
    answer: tuple[str, ...] = ()
    reference: tuple[str, ...] = ()
    answer_by_chunks: tuple[Judgement, ...] = ()
    reference_by_chunks: tuple[Judgement, ...] = ()
    answer_by_reference: tuple[Judgement, ...] = ()
    reference_by_answer: tuple[Judgement, ...] = ()
    irregularities: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Share:
    """How many of several things hold.

    Attributes:
        value: None if there is nothing to count.
        coverage: Share of what it rests on that is known.
        holds: How many hold.
        total: Of how many.
    """

    value: float | None
    coverage: float
    holds: int
    total: int

    @property
    def is_determined(self) -> bool:
        """Enough is known for the value to mean something."""
        return self.coverage >= LEAST_COVERAGE


Measure = Callable[[ClaimMatrix], Share]


def share(flags: Iterable[bool], known: Iterable[bool]) -> Share:
    """Count flags; `known` says of each whether it is more than an assumption."""
    counted, certain = list(flags), list(known)
    if not counted:
        return Share(None, 1.0, 0, 0)
    return Share(sum(counted) / len(counted), sum(certain) / len(counted), sum(counted), len(counted))


def is_known(judgement: Judgement) -> bool:
    """There is a verdict."""
    return judgement.verdict is not Verdict.UNKNOWN


def is_supported(judgement: Judgement) -> bool:
    """The verdict is `supported`."""
    return judgement.verdict is Verdict.SUPPORTED


def faithfulness(matrix: ClaimMatrix) -> Share:
    """Share of the answer's claims that the contexts support."""
    return _supported(matrix.answer_by_chunks)


def known_faithfulness(matrix: ClaimMatrix) -> Share:
    """Faithfulness over the claims with a verdict; the others are left out instead of counted against it."""
    counted = share(
        map(is_supported, known := [*filter(is_known, matrix.answer_by_chunks)]), map(is_known, known)
    )
    return Share(counted.value, faithfulness(matrix).coverage, counted.holds, counted.total)


def unsupported_rate(matrix: ClaimMatrix) -> Share:
    """1 - faithfulness."""
    judged = matrix.answer_by_chunks
    return share((not is_supported(one) for one in judged), map(is_known, judged))


def contradiction_rate(matrix: ClaimMatrix) -> Share:
    """Share of the answer's claims that the contexts contradict; one without a verdict is not one of them."""
    judged = matrix.answer_by_chunks
    return share((one.verdict is Verdict.CONTRADICTED for one in judged), map(is_known, judged))


def factual_precision(matrix: ClaimMatrix) -> Share:
    """Share of the answer's claims that the reference supports."""
    return _supported(matrix.answer_by_reference)


def factual_recall(matrix: ClaimMatrix) -> Share:
    """Share of the reference's claims that the answer makes."""
    return _supported(matrix.reference_by_answer)


def factual_correctness(matrix: ClaimMatrix) -> Share:
    """F1 of precision, in claims of the answer, and recall, in claims of the reference."""
    precision, recall = factual_precision(matrix), factual_recall(matrix)
    coverage = min(precision.coverage, recall.coverage)
    both = (precision.holds + recall.holds, precision.total + recall.total)
    if recall.value is None:
        return Share(None, coverage, *both)
    return Share(f_measure(precision.value or 0.0, recall.value), coverage, *both)


def f_measure(precision: float, recall: float, beta: float = 1.0) -> float:
    """Weighted harmonic mean; 0 if both are 0."""
    weight = beta * beta
    if precision == 0 and recall == 0:
        return 0.0
    return (1 + weight) * precision * recall / (weight * precision + recall)


def claim_recall(matrix: ClaimMatrix) -> Share:
    """Share of the reference's claims that the contexts support."""
    return _supported(matrix.reference_by_chunks)


def context_precision(matrix: ClaimMatrix) -> Share:
    """Average precision of the ranked chunks; useful is one that supports a claim of the reference."""
    return _ranked(matrix.reference_by_chunks, matrix.n_chunks)


def context_precision_without_reference(matrix: ClaimMatrix) -> Share:
    """Average precision of the ranked chunks; useful is one that supports a claim of the answer."""
    return _ranked(matrix.answer_by_chunks, matrix.n_chunks)


def context_precision_set(matrix: ClaimMatrix) -> Share:
    """Share of the chunks that support a claim of the reference, whatever their rank."""
    useful = supporting_chunks(matrix.reference_by_chunks)
    counted = share((chunk in useful for chunk in range(matrix.n_chunks)), [True] * matrix.n_chunks)
    return _nothing_retrieved_is_zero(counted, _located(matrix.reference_by_chunks))


def context_utilization(matrix: ClaimMatrix) -> Share:
    """Of the reference's claims that the contexts support, the share that the answer makes."""
    pairs = zip(matrix.reference_by_chunks, matrix.reference_by_answer, strict=True)
    offered = [used for found, used in pairs if is_supported(found)]
    counted = _supported(offered)
    coverage = min(counted.coverage, claim_recall(matrix).coverage)
    return Share(counted.value, coverage, counted.holds, counted.total)


def noise_sensitivity_relevant(matrix: ClaimMatrix) -> Share:
    """Share of the answer's claims that are wrong and come from a chunk that also holds what is needed."""
    return _noise(matrix, from_relevant=True)


def noise_sensitivity_irrelevant(matrix: ClaimMatrix) -> Share:
    """Share of the answer's claims that are wrong and come from chunks that hold nothing that is needed."""
    return _noise(matrix, from_relevant=False)


def hallucination(matrix: ClaimMatrix) -> Share:
    """Share of the answer's claims that neither the contexts nor the reference support."""
    return _outside_of_contexts(matrix, in_reference=False)


def self_knowledge(matrix: ClaimMatrix) -> Share:
    """Share of the answer's claims that the reference supports and the contexts do not."""
    return _outside_of_contexts(matrix, in_reference=True)


def average_precision(useful: Sequence[bool]) -> float:
    """Mean, over the useful items of a ranking, of the precision up to each; 0 if none is useful."""
    ranks = [rank for rank, is_useful in enumerate(useful, 1) if is_useful]
    if not ranks:
        return 0.0
    return sum(count / rank for count, rank in enumerate(ranks, 1)) / len(ranks)


def supporting_chunks(judgements: Iterable[Judgement]) -> frozenset[int]:
    """Positions of the chunks that support at least one claim."""
    return frozenset(chunk for one in judgements if is_supported(one) for chunk in one.sources)


def _supported(judgements: Sequence[Judgement]) -> Share:
    return share(map(is_supported, judgements), map(is_known, judgements))


def _located(judgements: Sequence[Judgement]) -> float:
    return sum(one.is_located for one in judgements) / len(judgements) if judgements else 1.0


def _ranked(judgements: Sequence[Judgement], n_chunks: int) -> Share:
    supporting = supporting_chunks(judgements)
    useful = [chunk in supporting for chunk in range(n_chunks)]
    counted = Share(average_precision(useful), 1.0, sum(useful), n_chunks)
    return _nothing_retrieved_is_zero(counted, _located(judgements))


def _nothing_retrieved_is_zero(counted: Share, coverage: float) -> Share:
    return Share(counted.value or 0.0, coverage, counted.holds, counted.total)


def _noise(matrix: ClaimMatrix, *, from_relevant: bool) -> Share:
    relevant = supporting_chunks(matrix.reference_by_chunks)
    pairs = list(zip(matrix.answer_by_chunks, matrix.answer_by_reference, strict=True))

    def comes_from_there(found: Judgement) -> bool:
        sources = set(found.sources) if is_supported(found) else set()
        return bool(sources & relevant) if from_relevant else bool(sources) and not sources & relevant

    counted = share(
        (comes_from_there(found) and not is_supported(right) for found, right in pairs),
        (found.is_located and is_known(right) for found, right in pairs),
    )
    coverage = min(counted.coverage, _located(matrix.reference_by_chunks))
    return Share(counted.value, coverage, counted.holds, counted.total)


def _outside_of_contexts(matrix: ClaimMatrix, *, in_reference: bool) -> Share:
    pairs = list(zip(matrix.answer_by_chunks, matrix.answer_by_reference, strict=True))
    return share(
        (not is_supported(found) and is_supported(right) is in_reference for found, right in pairs),
        (is_supported(found) or (is_known(found) and is_known(right)) for found, right in pairs),
    )
