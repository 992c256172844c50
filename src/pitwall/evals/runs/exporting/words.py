"""The words of reports in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pitwall.kit.i18n import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of a report in one language."""

    run: str
    dataset: str
    judge: str
    started: str
    finished: str
    metrics: str
    metric_titles: tuple[str, ...]
    means: str
    spread: str
    failed: str
    question: str
    answer: str
    reference: str
    contexts: str
    scores: str
    cases: str
    threshold: str


WORDS: Final = {
    Language.ENGLISH: Words(
        run="Run",
        dataset="Dataset",
        judge="Judge",
        started="Started",
        finished="Finished",
        metrics="Metrics",
        metric_titles=(
            "metric",
            "mean",
            "95 %",
            "scored",
            "threshold",
            "pass",
            "95 %",
            "calibration",
            "identity",
        ),
        means="Means with 95 % intervals",
        spread="How scores are spread",
        failed="Cases that did not pass (first {shown})",
        question="Question",
        answer="Answer",
        reference="Reference",
        contexts="Contexts",
        scores="Scores",
        cases="cases",
        threshold="threshold",
    ),
    Language.KOREAN: Words(
        run="실행",
        dataset="데이터셋",
        judge="평가 모델",
        started="시작",
        finished="종료",
        metrics="메트릭",
        metric_titles=("메트릭", "평균", "95 %", "점수 있음", "임계값", "통과율", "95 %", "보정", "식별자"),
        means="평균과 95 % 구간",
        spread="점수 분포",
        failed="통과하지 못한 케이스 (처음 {shown}개)",
        question="질문",
        answer="답변",
        reference="정답",
        contexts="컨텍스트",
        scores="점수",
        cases="케이스",
        threshold="임계값",
    ),
}
