"""The sentences of the report, in English and Korean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pitwall.kit.i18n import Text

TITLE: Final = Text("Analysis of {name}", "{name} 분석")
FACTS: Final = Text(
    "Run {id}, dataset {dataset} ({cases} cases), judge {judge}.",
    "실행 {id}, 데이터셋 {dataset}(케이스 {cases}개), 판정 모델 {judge}.",
)
NO_JUDGE: Final = Text("none", "없음")
PASSING: Final = Text(
    "{passed} of {n} decided cases pass all metrics ({rate:.1%}, 95 % interval {low:.1%} to {high:.1%}).",
    "판정된 케이스 {n}개 중 {passed}개가 모든 메트릭을 통과했습니다({rate:.1%}, 95 % 구간 "
    "{low:.1%}~{high:.1%}).",
)
EXAMINED: Final = Text(
    "Texts of {examined} of {cases} cases were looked into, spread evenly over the run; {cut} of them were "
    "cut.",
    "전체 {cases}개 중 고르게 뽑은 {examined}개 케이스의 텍스트를 살펴봤고, 그중 {cut}개는 길이를 "
    "줄였습니다.",
)
HEADINGS: Final[Mapping[str, Text]] = {
    "statistics": Text("Metrics", "메트릭"),
    "diagnostic": Text("What the numbers say", "수치가 말하는 것"),
    "slices": Text("Slices", "슬라이스"),
    "failure_clusters": Text("Clusters of failing cases", "미달 케이스 군집"),
    "priority": Text("Cases to look at first", "먼저 볼 케이스"),
    "low_cases": Text("Lowest cases", "점수가 낮은 케이스"),
    "retrieval": Text("Retrieval", "검색"),
    "question_types": Text("Question types", "질문 유형"),
    "keywords": Text("Keywords", "키워드"),
    "associations": Text("Associations", "연관"),
    "correlations": Text("Correlations between metrics", "메트릭 간 상관"),
    "trend": Text("Trend", "추이"),
    "multiturn": Text("Conversations", "대화"),
    "nodes": Text("What was not said, and why", "생략된 부분과 이유"),
    "text": Text("Summary by a model", "모델이 쓴 요약"),
    "charts": Text("Means and thresholds", "평균과 기준"),
}
HEADS: Final[Mapping[str, tuple[Text, ...]]] = {
    "statistics": (
        Text("metric", "메트릭"),
        Text("mean [95 %]", "평균 [95 %]"),
        Text("std", "표준편차"),
        Text("p25 / median / p75", "p25 / 중앙값 / p75"),
        Text("threshold", "기준"),
        Text("passing", "통과"),
        Text("scored", "점수 있음"),
    ),
    "gaps": (
        Text("metric", "메트릭"),
        Text("against its threshold", "기준 대비"),
        Text("mean [95 %]", "평균 [95 %]"),
        Text("threshold", "기준"),
        Text("gap", "차이"),
    ),
    "slices": (
        Text("slice", "슬라이스"),
        Text("metric", "메트릭"),
        Text("verdict", "판정"),
        Text("mean", "평균"),
        Text("rest", "나머지"),
        Text("p (BH)", "p (BH)"),
        Text("cases", "케이스"),
    ),
    "failure_clusters": (
        Text("cluster", "군집"),
        Text("about", "주제"),
        Text("failed metrics", "미달 메트릭"),
        Text("for example", "예"),
        Text("cases", "케이스"),
        Text("of the failing", "미달 중 비율"),
    ),
    "cases": (
        Text("evidence", "근거"),
        Text("case", "케이스"),
        Text("question", "질문"),
        Text("failed", "미달"),
        Text("priority", "우선순위"),
    ),
    "low_cases": (
        Text("case", "케이스"),
        Text("question", "질문"),
        Text("failed", "미달"),
        Text("mean of ratios", "비율 평균"),
    ),
    "question_types": (
        Text("type", "유형"),
        Text("metric", "메트릭"),
        Text("mean [95 %]", "평균 [95 %]"),
        Text("failing", "미달"),
        Text("scored", "점수 있음"),
    ),
    "associations": (
        Text("fact", "속성"),
        Text("metric", "메트릭"),
        Text("rank correlation [95 %]", "순위 상관 [95 %]"),
        Text("p (BH)", "p (BH)"),
        Text("cases", "케이스"),
    ),
    "correlations": (
        Text("metrics", "메트릭"),
        Text("Spearman (p, BH)", "Spearman (p, BH)"),
        Text("Pearson (p, BH)", "Pearson (p, BH)"),
        Text("cases", "케이스"),
    ),
    "trend": (
        Text("metric", "메트릭"),
        Text("means, oldest first", "평균(오래된 순)"),
        Text("since the run before", "직전 실행 대비"),
        Text("difference [95 %]", "차이 [95 %]"),
        Text("pairs", "쌍"),
    ),
    "multiturn": (
        Text("turn", "턴"),
        Text("latency p50 / p95", "지연 p50 / p95"),
        Text("faithfulness", "충실성"),
        Text("scored", "점수 있음"),
    ),
}
VERDICTS: Final[Mapping[str, Text]] = {
    "met": Text("met", "충족"),
    "missed": Text("missed", "미달"),
    "undecided": Text("chance leaves it open", "오차 범위 안"),
    "no_data": Text("no data", "데이터 없음"),
    "met_without_interval": Text("met (no interval)", "충족(구간 없음)"),
    "missed_without_interval": Text("missed (no interval)", "미달(구간 없음)"),
    "worse": Text("worse", "나쁨"),
    "better": Text("better", "좋음"),
    "no_difference_shown": Text("no difference shown", "차이 확인 안 됨"),
    "not_enough_data": Text("not enough data", "데이터 부족"),
}
NO_FINDING: Final = Text("No rule has something to say.", "해당하는 규칙이 없습니다.")
NO_SLICE: Final = Text(
    "No part of the cases is shown to differ from the rest ({tested} tests).",
    "나머지와 다르다고 확인된 부분이 없습니다(검정 {tested}개).",
)
CLUSTERED: Final = Text(
    "{examined} of {failing} failing cases were grouped by their questions; {alone} stand alone.",
    "미달 케이스 {failing}개 중 {examined}개를 질문으로 묶었고, {alone}개는 따로 있습니다.",
)
UNJUDGED: Final = Text(
    "{n} cases could not be judged by some metric.", "일부 메트릭이 케이스 {n}개를 판정하지 못했습니다."
)
CONTEXTS: Final = Text(
    "{mean} contexts per case on average ({n} cases); {empty} cases ({share:.1%}) have none.",
    "케이스당 컨텍스트 평균 {mean}개({n}개 케이스). {empty}개({share:.1%})에는 없습니다.",
)
CONTEXT_LENGTH: Final = Text(
    "Length of a case's contexts: median {median:.0f} characters, quartiles {p25:.0f} and {p75:.0f} ({n} "
    "cases).",
    "케이스의 컨텍스트 길이: 중앙값 {median:.0f}자, 사분위 {p25:.0f}자와 {p75:.0f}자({n}개 케이스).",
)
OVERLAP: Final = Text(
    "Contexts have {mean:.1%} of the question's content words on average ({n} cases).",
    "컨텍스트에 질문의 핵심 단어가 평균 {mean:.1%} 들어 있습니다({n}개 케이스).",
)
VERBATIM: Final = Text(
    "The reference stands in the contexts word by word in {mean:.1%} of {n} cases.",
    "케이스 {n}개 중 {mean:.1%}에서 정답이 컨텍스트에 그대로 있습니다.",
)
REFERENCE_TERMS: Final = Text(
    "Contexts have {mean:.1%} of the reference's content words on average ({n} cases).",
    "컨텍스트에 정답의 핵심 단어가 평균 {mean:.1%} 들어 있습니다({n}개 케이스).",
)
CHUNKS: Final = Text(
    "{unused} of {chunks} judged chunks ({unused_share:.1%}) support no claim; {unsupported_claims} of "
    "{claims} "
    "claims have no support ({cases} cases).",
    "판정된 청크 {chunks}개 중 {unused}개({unused_share:.1%})가 어떤 주장도 뒷받침하지 않습니다. 주장 "
    "{claims}개 중 "
    "{unsupported_claims}개는 근거가 없습니다({cases}개 케이스).",
)
TOP_TERMS: Final = Text(
    "Most telling terms of {examined} of {questions} questions: {terms}.",
    "질문 {questions}개 중 {examined}개의 주요 용어: {terms}.",
)
FAILING_TERMS: Final = Text(
    "More often in failing cases than chance explains: {terms}.",
    "우연보다 미달 케이스에 더 자주 나오는 용어: {terms}.",
)
NO_FAILING_TERMS: Final = Text(
    "No term is shown to be more frequent in failing cases.",
    "미달 케이스에 더 자주 나온다고 확인된 용어가 없습니다.",
)
NO_ASSOCIATION: Final = Text(
    "None of {count} tested associations is shown.", "검정한 연관 {count}개 중 확인된 것이 없습니다."
)
NO_CORRELATION: Final = Text(
    "None of {count} pairs of metrics is shown to go together.",
    "메트릭 쌍 {count}개 중 상관이 확인된 것이 없습니다.",
)
TREND_RUNS: Final = Text(
    "{count} runs of the same dataset content; only scores of one identity stand in one line.",
    "같은 데이터셋 내용의 실행 {count}개. 식별자가 같은 점수만 한 줄에 놓습니다.",
)
FORMULA: Final = Text("Priority: {formula}", "우선순위: {formula}")
SKIPPED: Final = Text("{name}: {why}", "{name}: {why}")
FAILED: Final = Text("{name} failed: {why}", "{name} 실패: {why}")
METHOD: Final = Text(
    "Intervals are of 95 %; tests of slices, terms, associations and correlations are corrected by Benjamini "
    "and "
    "Hochberg. A case without a score enters no mean.",
    "구간은 95 %이며, 슬라이스·용어·연관·상관 검정은 Benjamini-Hochberg로 보정했습니다. 점수가 없는 케이스는 "
    "평균에 "
    "들어가지 않습니다.",
)
MODEL_REFUSED: Final = Text("A model's text was not used: {why}", "모델이 쓴 글을 사용하지 않았습니다: {why}")
