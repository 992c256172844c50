"""Does what was retrieved bear on the question? By the sentences of the contexts; no reference is needed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pitwall.evals.judging.items import judge_items, verdict_view
from pitwall.evals.judging.judge import Judge
from pitwall.evals.judging.prompts import Block, listed
from pitwall.evals.judging.shapes import Bearing, ContextVerdict, ContextVerdicts
from pitwall.evals.metrics.claim_matrix import Share, share
from pitwall.evals.metrics.judged import (
    Finding,
    JudgedMetric,
    not_applicable,
    say,
    scored,
    undetermined,
)
from pitwall.evals.metrics.judged_reasons import Reason
from pitwall.evals.metrics.types import Family, Metric, MetricSpec, Needs
from pitwall.evals.text.sentences import split_sentences
from pitwall.evals.types import Case, Context
from pitwall.kit.i18n import Text

SENTENCES: Final = "context_relevance"


@dataclass(frozen=True, slots=True)
class ContextSentence:
    """A sentence, and the position of its chunk, from 0."""

    text: str
    chunk: int


async def find_contextual_relevancy(case: Case, judge: Judge) -> Finding:
    """Judge every sentence of the contexts by the question."""
    chunks = case.answer.contexts or ()
    if any(chunk.is_only_named for chunk in chunks):
        return not_applicable(Reason.NO_CONTEXT_TEXT, judge.language)
    sentences = dict(enumerate(sentences_of(chunks), 1))
    if not sentences:
        return scored(0.0, None, {"sentences": []}, Reason.NO_CONTEXTS)
    question = Block("question", case.example.question)
    verdicts = await judge_items(
        judge,
        SENTENCES,
        ContextVerdicts,
        lambda reply: reply.verdicts,
        sentences,
        lambda wanted: [question, *_by_chunk({number: sentences[number] for number in wanted})],
    )
    return _conclude(sentences, verdicts, judge.language)


def sentences_of(chunks: Sequence[Context]) -> list[ContextSentence]:
    """The sentences of chunks, in their order."""
    return [
        ContextSentence(sentence.text, position)
        for position, chunk in enumerate(chunks)
        for sentence in split_sentences(chunk.text)
    ]


def _by_chunk(sentences: Mapping[int, ContextSentence]) -> list[Block]:
    """A block for each chunk, so that a sentence is read among its neighbours."""
    chunks: defaultdict[int, dict[int, str]] = defaultdict(dict)
    for number, sentence in sentences.items():
        chunks[sentence.chunk][number] = sentence.text
    return [Block("sentences", listed(items), chunk + 1) for chunk, items in chunks.items()]


def _conclude(
    sentences: Mapping[int, ContextSentence], verdicts: Mapping[int, ContextVerdict], language: str
) -> Finding:
    counted = relevant_share([verdicts[n].verdict if n in verdicts else None for n in sentences])
    evidence: dict[str, Any] = {
        "sentences": [
            {"text": one.text, "chunk": one.chunk, **verdict_view(verdicts.get(number))}
            for number, one in sentences.items()
        ],
        "coverage": counted.coverage,
    }
    if counted.value is None or not counted.is_determined:
        return undetermined(Reason.LOW_COVERAGE, language, evidence, coverage=counted.coverage)
    return scored(counted.value, say(language, _RELEVANT, holds=counted.holds, total=counted.total), evidence)


def relevant_share(verdicts: Sequence[Bearing | None]) -> Share:
    """Share of the sentences that are relevant; one without a verdict is not."""
    return share(
        (verdict is Bearing.RELEVANT for verdict in verdicts), (verdict is not None for verdict in verdicts)
    )


_RELEVANT: Final = Text(
    "{holds} of {total} sentences of the contexts bear on the question.",
    "컨텍스트의 문장 {total}개 중 {holds}개가 질문과 관련됩니다.",
)

CONTEXTUAL_RELEVANCY: Final = JudgedMetric(
    MetricSpec(
        "contextual_relevancy",
        1,
        Family.RETRIEVAL,
        Text("Contextual relevancy", "컨텍스트 관련성"),
        Text(
            "Share of the sentences of the retrieved contexts that bear on the question (DeepEval's meaning "
            "of the name, which EvalVault gives to an overlap of words). One call for each 20 sentences. It "
            "needs neither reference nor answer, and says nothing of what was not retrieved.",
            "검색된 컨텍스트의 문장 가운데 질문과 관련된 비율(DeepEval의 정의이며, EvalVault는 같은 이름을 "
            "단어 겹침에 씁니다). 문장 20개마다 호출 한 번입니다. 정답도 답변도 필요 없고, 검색되지 않은 "
            "것에 대해서는 말하지 않습니다.",
        ),
        needs=frozenset({Needs.CONTEXTS}),
        calls=2,
        threshold=0.5,
    ),
    (SENTENCES,),
    find_contextual_relevancy,
)

METRICS: Final[tuple[Metric, ...]] = (CONTEXTUAL_RELEVANCY,)
