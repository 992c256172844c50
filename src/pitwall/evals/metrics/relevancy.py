"""Does the answer speak to the question? By its sentences, or by the questions that it would answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pitwall.evals.judging.items import judge_items, verdict_view
from pitwall.evals.judging.judge import Judge, together
from pitwall.evals.judging.prompts import Block, listed
from pitwall.evals.judging.shapes import GuessedQuestion, Relevance, SentenceVerdict, SentenceVerdicts
from pitwall.evals.metrics.claim_matrix import Share, share
from pitwall.evals.metrics.judged import (
    Find,
    Finding,
    JudgedMetric,
    configurable,
    not_applicable,
    say,
    scored,
    undetermined,
)
from pitwall.evals.metrics.judged_options import count, count_repeats
from pitwall.evals.metrics.judged_reasons import Reason
from pitwall.evals.metrics.types import Family, Metric, MetricOption, MetricSpec, Needs
from pitwall.evals.text.sentences import split_sentences
from pitwall.evals.types import Case
from pitwall.kit.i18n import Text
from pitwall.llm.vectors import cosine

SENTENCES: Final = "sentence_relevance"
GUESS: Final = "question_from_answer"
_NEEDS: Final = frozenset({Needs.ANSWER})


async def find_relevancy(case: Case, judge: Judge) -> Finding:
    """Judge every sentence of the answer by the question."""
    sentences = [sentence.text for sentence in split_sentences(case.answer.text or "")]
    if not sentences:
        return not_applicable(Reason.NO_STATEMENTS, judge.language)
    numbered = dict(enumerate(sentences, 1))
    blocks = [Block("question", case.example.question), Block("sentences", listed(numbered))]
    verdicts = await judge_items(
        judge, SENTENCES, SentenceVerdicts, lambda reply: reply.verdicts, numbered, lambda _: blocks
    )
    return _conclude(numbered, verdicts, judge.language)


def _conclude(
    sentences: Mapping[int, str], verdicts: Mapping[int, SentenceVerdict], language: str
) -> Finding:
    counted = relevant_share([verdicts[n].verdict if n in verdicts else None for n in sentences])
    evidence = {
        "sentences": [{"text": text, **verdict_view(verdicts.get(n))} for n, text in sentences.items()],
        "coverage": counted.coverage,
    }
    if counted.value is None:
        return not_applicable(Reason.NO_STATEMENTS, language, evidence)
    if not counted.is_determined:
        return undetermined(Reason.LOW_COVERAGE, language, evidence, coverage=counted.coverage)
    explanation = say(language, _RELEVANT, holds=counted.holds, total=counted.total)
    said = {item.verdict for item in verdicts.values()} - {Relevance.NEUTRAL}
    reason = Reason.NONCOMMITTAL if said == {Relevance.NONCOMMITTAL} else None
    return scored(counted.value, explanation, evidence, reason)


def relevant_share(verdicts: Sequence[Relevance | None]) -> Share:
    """Share of the sentences that say something, that are relevant; one without a verdict is not."""
    judged = [verdict for verdict in verdicts if verdict is not Relevance.NEUTRAL]
    return share(
        (verdict is Relevance.RELEVANT for verdict in judged), (verdict is not None for verdict in judged)
    )


_RELEVANT: Final = Text(
    "{holds} of {total} sentences of the answer are relevant to the question.",
    "답변의 문장 {total}개 중 {holds}개가 질문과 관련됩니다.",
)

ANSWER_RELEVANCY: Final = JudgedMetric(
    MetricSpec(
        "answer_relevancy",
        1,
        Family.ANSWER,
        Text("Answer relevancy", "답변 관련성"),
        Text(
            "Share of the answer's sentences that help to answer the question; greetings and headings do "
            "not count, evasions count against it. It does not say that the answer is right.",
            "답변의 문장 가운데 질문에 답하는 데 도움이 되는 비율. 인사와 제목은 세지 않고, 회피하는 "
            "문장은 불리하게 셉니다. 답이 맞다는 뜻은 아닙니다.",
        ),
        needs=_NEEDS,
        calls=1,
    ),
    (SENTENCES,),
    find_relevancy,
)


def _choose_embedding(options: Mapping[str, str]) -> Find:
    repeats = count("repeats", options["repeats"])

    async def find(case: Case, judge: Judge) -> Finding:
        return await find_by_questions(case, judge, repeats)

    return find


async def find_by_questions(case: Case, judge: Judge, repeats: int) -> Finding:
    """Compare the question with those that the answer would answer."""
    blocks = [Block("text", case.answer.text or "")]
    guesses = await together(
        [judge.ask(GUESS, GuessedQuestion, blocks, sample=sample) for sample in range(repeats)]
    )
    asked = await judge.embed([case.example.question, *(guess.question for guess in guesses)])
    likeness = [cosine(asked[0], vector) for vector in asked[1:]]
    known = [value for value in likeness if value is not None]
    evidence = {
        "questions": [
            {"text": guess.question, "cosine": value, "is_noncommittal": guess.is_noncommittal}
            for guess, value in zip(guesses, likeness, strict=True)
        ]
    }
    if len(known) < len(likeness):
        return undetermined(Reason.ZERO_VECTOR, judge.language, evidence)
    value = embedding_relevancy(known, [guess.is_noncommittal for guess in guesses])
    is_evasive = 2 * sum(guess.is_noncommittal for guess in guesses) > repeats
    return scored(value, None, evidence, Reason.NONCOMMITTAL if is_evasive else None)


def embedding_relevancy(cosines: Sequence[float], noncommittal: Sequence[bool]) -> float:
    """Mean cosine, not below 0; 0 if most of the questions were guessed from an evasion."""
    if 2 * sum(noncommittal) > len(noncommittal):
        return 0.0
    return min(1.0, max(0.0, sum(cosines) / len(cosines)))


ANSWER_RELEVANCY_EMBEDDING: Final = configurable(
    MetricSpec(
        "answer_relevancy_embedding",
        1,
        Family.ANSWER,
        Text("Answer relevancy by embeddings", "답변 관련성(임베딩)"),
        Text(
            "Mean cosine between the question and questions guessed from the answer, in the language of "
            "the case, 0 to 1; 0 if most guesses find the answer evasive. Only numbers of the same "
            "embedding model compare.",
            "질문과, 답변에서 되짚은 질문들의 코사인 평균(사례의 언어로, 0에서 1). 과반이 회피로 보면 "
            "0입니다. 같은 임베딩 모델의 값끼리만 비교할 수 있습니다.",
        ),
        needs=_NEEDS,
        calls=3,
        needs_embeddings=True,
    ),
    (GUESS,),
    (MetricOption("repeats", Text("How many questions are guessed.", "되짚을 질문의 수."), "3"),),
    _choose_embedding,
    count_repeats,
)

METRICS: Final[tuple[Metric, ...]] = (ANSWER_RELEVANCY, ANSWER_RELEVANCY_EMBEDDING)
