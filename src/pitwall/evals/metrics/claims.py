"""Is the answer grounded? Faithfulness and its counterparts, noise, hallucination, by the claim matrix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pitwall.evals.metrics import claim_matrix
from pitwall.evals.metrics.claim_matrix import Measure
from pitwall.evals.metrics.claim_questions import ClaimMeasure, Part, claim_metric, prompts_of
from pitwall.evals.metrics.judged import Find, configurable
from pitwall.evals.metrics.types import Family, Metric, MetricOption, MetricSpec, Needs
from pitwall.evals.types import Direction
from pitwall.kit.i18n import Text

_IN_CONTEXTS: Final = frozenset({Needs.ANSWER, Needs.CONTEXTS})
_WITH_REFERENCE: Final = _IN_CONTEXTS | {Needs.REFERENCE}
_SUPPORTED: Final = Text(
    "The contexts support {holds} of {total} claims of the answer.",
    "답변의 주장 {total}개 중 {holds}개를 컨텍스트가 뒷받침합니다.",
)
UNKNOWN_POLICY: Final = MetricOption(
    "unknown",
    Text(
        "What counts for a claim that the judge gave no verdict on: `unsupported`, or `excluded` from the "
        "share.",
        "판정이 오지 않은 주장의 처리: `unsupported`(뒷받침되지 않음) 또는 `excluded`(비율에서 제외).",
    ),
    "unsupported",
)
_POLICIES: Final[Mapping[str, Measure]] = {
    "unsupported": claim_matrix.faithfulness,
    "excluded": claim_matrix.known_faithfulness,
}


def faithfulness_by(policy: str) -> ClaimMeasure:
    """How faithfulness is counted under a policy on claims without a verdict.

    Raises:
        ValueError: There is no such policy.
    """
    if policy not in _POLICIES:
        raise ValueError(f"unknown is {policy!r}; it can be {' or '.join(_POLICIES)}")
    return ClaimMeasure(Part.ANSWER_BY_CHUNKS, _POLICIES[policy], _SUPPORTED, needs_answer_claims=True)


def _find_faithfulness(options: Mapping[str, str]) -> Find:
    return faithfulness_by(options["unknown"]).find


FAITHFULNESS: Final = configurable(
    MetricSpec(
        "faithfulness",
        1,
        Family.GROUNDING,
        Text("Faithfulness", "충실성"),
        Text(
            "Share of the answer's claims that the retrieved contexts support (groundedness). It does not "
            "say that the answer is right, or that it answers the question.",
            "답변의 주장 가운데 검색된 컨텍스트가 뒷받침하는 비율(근거성). 답이 맞다는 뜻도, 질문에 "
            "답했다는 뜻도 아닙니다.",
        ),
        needs=_IN_CONTEXTS,
        calls=2,
    ),
    prompts_of(Part.ANSWER_BY_CHUNKS),
    (UNKNOWN_POLICY,),
    _find_faithfulness,
)

UNSUPPORTED_RATE: Final = claim_metric(
    MetricSpec(
        "unsupported_rate",
        1,
        Family.GROUNDING,
        Text("Unsupported claims", "뒷받침되지 않은 주장"),
        Text(
            "Share of the answer's claims that the retrieved contexts do not support: 1 - faithfulness.",
            "답변의 주장 가운데 검색된 컨텍스트가 뒷받침하지 않는 비율: 1 - 충실성.",
        ),
        Direction.LOWER,
        needs=_IN_CONTEXTS,
        calls=2,
        threshold=0.3,
    ),
    ClaimMeasure(
        Part.ANSWER_BY_CHUNKS,
        claim_matrix.unsupported_rate,
        Text(
            "The contexts do not support {holds} of {total} claims of the answer.",
            "답변의 주장 {total}개 중 {holds}개를 컨텍스트가 뒷받침하지 않습니다.",
        ),
        needs_answer_claims=True,
    ),
)

CONTRADICTION_RATE: Final = claim_metric(
    MetricSpec(
        "contradiction_rate",
        1,
        Family.GROUNDING,
        Text("Contradicted claims", "모순된 주장"),
        Text(
            "Share of the answer's claims that the retrieved contexts contradict; claims that they are "
            "silent on do not count.",
            "답변의 주장 가운데 검색된 컨텍스트와 모순되는 비율. 컨텍스트에 언급이 없는 주장은 세지 "
            "않습니다.",
        ),
        Direction.LOWER,
        needs=_IN_CONTEXTS,
        calls=2,
        threshold=0.1,
    ),
    ClaimMeasure(
        Part.ANSWER_BY_CHUNKS,
        claim_matrix.contradiction_rate,
        Text(
            "The contexts contradict {holds} of {total} claims of the answer.",
            "답변의 주장 {total}개 중 {holds}개가 컨텍스트와 모순됩니다.",
        ),
        needs_answer_claims=True,
        needs_retrieved=True,
    ),
)

HALLUCINATION: Final = claim_metric(
    MetricSpec(
        "hallucination",
        1,
        Family.GROUNDING,
        Text("Hallucination", "환각"),
        Text(
            "Share of the answer's claims that neither the retrieved contexts nor the reference support. "
            "Lower is better (DeepEval 4.3.1 turned its metric of this name round). With self_knowledge it "
            "adds up to unsupported_rate.",
            "답변의 주장 가운데 검색된 컨텍스트도 정답도 뒷받침하지 않는 비율. 낮을수록 좋습니다(DeepEval "
            "4.3.1의 같은 이름 지표는 방향이 반대입니다). self_knowledge와 더하면 unsupported_rate입니다.",
        ),
        Direction.LOWER,
        needs=_WITH_REFERENCE,
        calls=4,
        threshold=0.2,
    ),
    ClaimMeasure(
        Part.ANSWER_BY_CHUNKS | Part.MATCH,
        claim_matrix.hallucination,
        Text(
            "Neither contexts nor reference support {holds} of {total} claims of the answer.",
            "답변의 주장 {total}개 중 {holds}개는 컨텍스트에도 정답에도 근거가 없습니다.",
        ),
        needs_answer_claims=True,
        needs_reference_claims=True,
    ),
)

SELF_KNOWLEDGE: Final = claim_metric(
    MetricSpec(
        "self_knowledge",
        1,
        Family.GROUNDING,
        Text("Self-knowledge", "자체 지식"),
        Text(
            "Share of the answer's claims that are right by the reference but in no retrieved context: the "
            "model knew them, or guessed. It passes or fails nobody.",
            "답변의 주장 가운데 정답으로는 맞지만 검색된 컨텍스트에는 없는 비율: 모델이 알고 있었거나 "
            "추측한 것입니다. 합격 여부를 정하지 않습니다.",
        ),
        Direction.LOWER,
        needs=_WITH_REFERENCE,
        calls=4,
        threshold=None,
    ),
    ClaimMeasure(
        Part.ANSWER_BY_CHUNKS | Part.MATCH,
        claim_matrix.self_knowledge,
        Text(
            "{holds} of {total} claims of the answer are right without support by the contexts.",
            "답변의 주장 {total}개 중 {holds}개는 컨텍스트의 근거 없이 맞았습니다.",
        ),
        needs_answer_claims=True,
        needs_reference_claims=True,
    ),
)

_EVERYTHING: Final = Part.ANSWER_BY_CHUNKS | Part.REFERENCE_BY_CHUNKS | Part.MATCH

NOISE_RELEVANT: Final = claim_metric(
    MetricSpec(
        "noise_sensitivity_relevant",
        1,
        Family.GROUNDING,
        Text("Noise sensitivity (relevant chunks)", "잡음 민감도(관련 청크)"),
        Text(
            "Share of the answer's claims that the reference does not support and that come from a chunk "
            "which also holds something that is needed.",
            "답변의 주장 가운데 정답이 뒷받침하지 않으면서, 필요한 내용도 담긴 청크에서 나온 것의 비율.",
        ),
        Direction.LOWER,
        needs=_WITH_REFERENCE,
        calls=5,
        threshold=0.3,
    ),
    ClaimMeasure(
        _EVERYTHING,
        claim_matrix.noise_sensitivity_relevant,
        Text(
            "{holds} of {total} claims of the answer are wrong and come from relevant chunks.",
            "답변의 주장 {total}개 중 {holds}개가 관련 청크에서 나온 틀린 주장입니다.",
        ),
        needs_answer_claims=True,
        needs_reference_claims=True,
        needs_retrieved=True,
    ),
)

NOISE_IRRELEVANT: Final = claim_metric(
    MetricSpec(
        "noise_sensitivity_irrelevant",
        1,
        Family.GROUNDING,
        Text("Noise sensitivity (irrelevant chunks)", "잡음 민감도(무관한 청크)"),
        Text(
            "Share of the answer's claims that the reference does not support and that come only from "
            "chunks which hold nothing that is needed.",
            "답변의 주장 가운데 정답이 뒷받침하지 않으면서, 필요한 내용이 없는 청크에서만 나온 것의 비율.",
        ),
        Direction.LOWER,
        needs=_WITH_REFERENCE,
        calls=5,
        threshold=0.3,
    ),
    ClaimMeasure(
        _EVERYTHING,
        claim_matrix.noise_sensitivity_irrelevant,
        Text(
            "{holds} of {total} claims of the answer are wrong and come from irrelevant chunks only.",
            "답변의 주장 {total}개 중 {holds}개가 무관한 청크에서만 나온 틀린 주장입니다.",
        ),
        needs_answer_claims=True,
        needs_reference_claims=True,
        needs_retrieved=True,
    ),
)

METRICS: Final[tuple[Metric, ...]] = (
    FAITHFULNESS,
    UNSUPPORTED_RATE,
    CONTRADICTION_RATE,
    HALLUCINATION,
    SELF_KNOWLEDGE,
    NOISE_RELEVANT,
    NOISE_IRRELEVANT,
)
