"""Why a judged metric has no value, or what is special about it: codes, and a sentence for each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from pitwall.kit.i18n import Text


class Reason(StrEnum):
    """Codes of judged metrics; a failed call is `judge_` with the kind of its failure."""

    NO_JUDGE = "no_judge"
    TOO_LONG = "too_long"
    NO_CONTEXTS = "no_contexts"
    NO_CONTEXT_TEXT = "no_context_text"
    NO_CLAIMS = "no_claims"
    NO_REFERENCE_CLAIMS = "no_reference_claims"
    NO_SUPPORTED_CLAIMS = "no_supported_claims"
    NO_ENTITIES = "no_entities"
    NO_STATEMENTS = "no_statements"
    NO_KEY_POINTS = "no_key_points"
    NO_POINTS = "no_points"
    NONCOMMITTAL = "noncommittal"
    LOW_COVERAGE = "low_coverage"
    ZERO_VECTOR = "zero_vector"


JUDGE_FAILED: Final = Text(
    "The judge gave no verdict: {message}", "판정 모델이 판정하지 못했습니다: {message}"
)
SAYS: Final[Mapping[Reason, Text]] = {
    Reason.NO_JUDGE: Text("No judge model was given.", "판정 모델이 주어지지 않았습니다."),
    Reason.TOO_LONG: Text(
        "There are {characters} characters to read at once, more than a judge can be given.",
        "한 번에 읽어야 할 글이 {characters}자로, 판정 모델에 줄 수 있는 길이를 넘습니다.",
    ),
    Reason.NO_CONTEXTS: Text("No contexts were retrieved.", "검색된 컨텍스트가 없습니다."),
    Reason.NO_CONTEXT_TEXT: Text(
        "Chunks are known by their ids only, without their text.", "청크의 ID만 있고 본문이 없습니다."
    ),
    Reason.NO_CLAIMS: Text("The answer claims nothing.", "답변에 사실 주장이 없습니다."),
    Reason.NO_REFERENCE_CLAIMS: Text("The reference claims nothing.", "정답에 사실 주장이 없습니다."),
    Reason.NO_SUPPORTED_CLAIMS: Text(
        "The contexts support no claim of the reference, so there was nothing to use.",
        "컨텍스트가 뒷받침하는 정답의 주장이 없어 쓸 것이 없었습니다.",
    ),
    Reason.NO_ENTITIES: Text("The reference names no entities.", "정답에 개체가 없습니다."),
    Reason.NO_STATEMENTS: Text(
        "No sentence of the answer says anything.", "답변에 내용이 있는 문장이 없습니다."
    ),
    Reason.NO_KEY_POINTS: Text(
        "The judge found no key points in the contexts.", "판정 모델이 컨텍스트에서 핵심을 찾지 못했습니다."
    ),
    Reason.NO_POINTS: Text(
        "The example says in no metadata which points have to be told.",
        "예제 메타데이터에 전해야 할 항목이 없습니다.",
    ),
    Reason.NONCOMMITTAL: Text("The answer evades the question.", "답변이 질문을 회피합니다."),
    Reason.LOW_COVERAGE: Text(
        "The judge gave a usable verdict on {coverage:.0%} of what is counted only.",
        "판정 모델이 쓸 수 있는 판정을 준 것은 대상의 {coverage:.0%}뿐입니다.",
    ),
    Reason.ZERO_VECTOR: Text(
        "The embedding model gave a vector of zeros.", "임베딩 모델이 0으로만 된 벡터를 주었습니다."
    ),
}
