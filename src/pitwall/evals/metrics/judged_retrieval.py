"""Did retrieval find what is needed, and how well ranked? By claims of the reference, or of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pitwall.evals.judging.judge import Judge
from pitwall.evals.judging.prompts import Block
from pitwall.evals.judging.shapes import Entities
from pitwall.evals.metrics import claim_matrix
from pitwall.evals.metrics.claim_questions import ClaimMeasure, Part, claim_metric
from pitwall.evals.metrics.judged import Finding, JudgedMetric, not_applicable, say, scored
from pitwall.evals.metrics.judged_reasons import Reason
from pitwall.evals.metrics.types import Family, Metric, MetricSpec, Needs
from pitwall.evals.text.tokens import words
from pitwall.evals.types import Case
from pitwall.kit.i18n import Text

ENTITIES: Final = "entities"
_NEEDS: Final = frozenset({Needs.CONTEXTS, Needs.REFERENCE})
_RECALLED: Final = Text(
    "The contexts support {holds} of {total} claims of the reference.",
    "정답의 주장 {total}개 중 {holds}개가 컨텍스트에 있습니다.",
)
_USEFUL: Final = Text("{holds} of {total} chunks are useful.", "청크 {total}개 중 {holds}개가 유용합니다.")

_RECALL: Final = ClaimMeasure(
    Part.REFERENCE_BY_CHUNKS, claim_matrix.claim_recall, _RECALLED, needs_reference_claims=True
)
CONTEXT_RECALL: Final = claim_metric(
    MetricSpec(
        "context_recall",
        1,
        Family.RETRIEVAL,
        Text("Context recall", "컨텍스트 재현율"),
        Text(
            "Share of the reference's claims that the retrieved contexts support.",
            "정답의 주장 가운데 검색된 컨텍스트가 뒷받침하는 비율.",
        ),
        needs=_NEEDS,
        calls=2,
    ),
    _RECALL,
)
CLAIM_RECALL: Final = claim_metric(
    MetricSpec(
        "claim_recall",
        1,
        Family.RETRIEVAL,
        Text("Claim recall", "주장 재현율"),
        Text(
            "The same number as context_recall, from the same calls, under the name that RAGChecker gives "
            "it.",
            "RAGChecker가 쓰는 이름의 context_recall. 같은 호출에서 나온 같은 값입니다.",
        ),
        needs=_NEEDS,
        calls=2,
    ),
    _RECALL,
)
CONTEXT_PRECISION: Final = claim_metric(
    MetricSpec(
        "context_precision",
        1,
        Family.RETRIEVAL,
        Text("Context precision", "컨텍스트 정밀도"),
        Text(
            "Average precision of the ranked chunks; useful is a chunk that supports a claim of the "
            "reference. It says nothing about what was not retrieved, and one useful chunk at rank 1 "
            "before nine useless ones is 1.0.",
            "순위가 매겨진 청크의 평균 정밀도. 정답의 주장을 하나라도 뒷받침하는 청크가 유용한 청크입니다. "
            "검색되지 않은 것에 대해서는 말하지 않으며, 1위 청크만 유용하고 나머지 아홉이 쓸모없어도 "
            "1.0입니다.",
        ),
        needs=_NEEDS,
        calls=2,
    ),
    ClaimMeasure(
        Part.REFERENCE_BY_CHUNKS, claim_matrix.context_precision, _USEFUL, needs_reference_claims=True
    ),
)
CONTEXT_PRECISION_SET: Final = claim_metric(
    MetricSpec(
        "context_precision_set",
        1,
        Family.RETRIEVAL,
        Text("Context precision (set)", "컨텍스트 정밀도(집합)"),
        Text(
            "Share of the retrieved chunks that support a claim of the reference, whatever their rank "
            "(RAGChecker's context_precision).",
            "검색된 청크 가운데 정답의 주장을 뒷받침하는 비율로, 순위는 보지 않습니다(RAGChecker의 "
            "context_precision).",
        ),
        needs=_NEEDS,
        calls=2,
        threshold=0.3,
    ),
    ClaimMeasure(
        Part.REFERENCE_BY_CHUNKS, claim_matrix.context_precision_set, _USEFUL, needs_reference_claims=True
    ),
)
CONTEXT_PRECISION_WITHOUT_REFERENCE: Final = claim_metric(
    MetricSpec(
        "context_precision_without_reference",
        1,
        Family.RETRIEVAL,
        Text("Context precision without reference", "컨텍스트 정밀도(정답 없이)"),
        Text(
            "Average precision of the ranked chunks; useful is a chunk that supports a claim of the answer "
            "(Ragas calls it context utilization). A wrong answer can make useful chunks look useless.",
            "순위가 매겨진 청크의 평균 정밀도. 답변의 주장을 뒷받침하는 청크가 유용한 청크입니다(Ragas의 "
            "context utilization). 답변이 틀리면 유용한 청크도 쓸모없어 보일 수 있습니다.",
        ),
        needs=frozenset({Needs.ANSWER, Needs.CONTEXTS}),
        calls=2,
    ),
    ClaimMeasure(
        Part.ANSWER_BY_CHUNKS,
        claim_matrix.context_precision_without_reference,
        _USEFUL,
        needs_answer_claims=True,
    ),
)
CONTEXT_UTILIZATION: Final = claim_metric(
    MetricSpec(
        "context_utilization",
        1,
        Family.RETRIEVAL,
        Text("Context utilization", "컨텍스트 활용도"),
        Text(
            "Of the reference's claims that the retrieved contexts support, the share that the answer "
            "makes: what was found and used (RAGChecker's meaning of the name).",
            "검색된 컨텍스트에 있는 정답의 주장 가운데 답변이 말한 비율: 찾은 것을 얼마나 "
            "썼는가(RAGChecker의 정의).",
        ),
        needs=_NEEDS | {Needs.ANSWER},
        calls=4,
    ),
    ClaimMeasure(
        Part.REFERENCE_BY_CHUNKS | Part.MATCH,
        claim_matrix.context_utilization,
        Text(
            "The answer makes {holds} of the {total} claims of the reference that were found.",
            "찾은 정답의 주장 {total}개 중 {holds}개를 답변이 말합니다.",
        ),
        needs_reference_claims=True,
        needs_retrieved=True,
        if_nothing=Reason.NO_SUPPORTED_CLAIMS,
    ),
)


async def find_entity_recall(case: Case, judge: Judge) -> Finding:
    """Look for the entities of the reference in the contexts, in their normal form."""
    blocks = [Block("text", case.example.reference or "")]
    reply = await judge.ask(ENTITIES, Entities, blocks)
    entities = list(dict.fromkeys(entity.strip() for entity in reply.entities if words(entity)))
    if not entities:
        return not_applicable(Reason.NO_ENTITIES, judge.language)
    chunks = [words(chunk.text) for chunk in case.answer.contexts or ()]
    places = {entity: chunks_with(entity, chunks) for entity in entities}
    found = [entity for entity in entities if places[entity]]
    shown = [{"text": entity, "chunks": places[entity]} for entity in entities]
    explanation = say(judge.language, _ENTITIES, holds=len(found), total=len(entities))
    return scored(len(found) / len(entities), explanation, {"entities": shown})


def chunks_with(entity: str, chunks: Sequence[Sequence[str]]) -> list[int]:
    """Positions of the chunks that hold an entity: its letters in whole tokens, however spaced."""
    wanted = "".join(words(entity))
    return [position for position, tokens in enumerate(chunks) if _holds(tokens, wanted)]


def _holds(tokens: Sequence[str], wanted: str) -> bool:
    return any(_starts_with(tokens, start, wanted) for start in range(len(tokens)))


def _starts_with(tokens: Sequence[str], start: int, wanted: str) -> bool:
    joined = ""
    for token in tokens[start:]:
        joined += token
        if joined == wanted:
            return True
        if not wanted.startswith(joined):
            return False
    return False


_ENTITIES: Final = Text(
    "{holds} of {total} entities of the reference are in the contexts.",
    "정답의 개체 {total}개 중 {holds}개가 컨텍스트에 있습니다.",
)

CONTEXT_ENTITY_RECALL: Final = JudgedMetric(
    MetricSpec(
        "context_entity_recall",
        1,
        Family.RETRIEVAL,
        Text("Context entity recall", "컨텍스트 개체 재현율"),
        Text(
            "Share of the reference's entities (names, numbers, dates) that stand in the retrieved "
            "contexts, after particles, spacing and number forms are made alike (1억원 = 100,000,000원). A "
            "judge finds the entities, code looks for them.",
            "정답의 개체(이름, 숫자, 날짜) 가운데 검색된 컨텍스트에 있는 비율. 조사, 띄어쓰기, 숫자 표기를 "
            "맞춘 뒤 찾습니다(1억원 = 100,000,000원). 개체는 판정 모델이 뽑고, 찾는 일은 코드가 합니다.",
        ),
        needs=_NEEDS,
        calls=1,
    ),
    (ENTITIES,),
    find_entity_recall,
)

METRICS: Final[tuple[Metric, ...]] = (
    CONTEXT_PRECISION,
    CONTEXT_PRECISION_SET,
    CONTEXT_PRECISION_WITHOUT_REFERENCE,
    CONTEXT_RECALL,
    CLAIM_RECALL,
    CONTEXT_UTILIZATION,
    CONTEXT_ENTITY_RECALL,
)
