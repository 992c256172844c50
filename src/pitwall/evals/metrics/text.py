"""Answers against references, word by word: exact match, F1, containment. No model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from pitwall.evals.metrics.results import f_measure, not_applicable, scored
from pitwall.evals.metrics.types import (
    CodeMetric,
    ConfigurableMetric,
    Family,
    Metric,
    MetricOption,
    MetricSpec,
    Needs,
)
from pitwall.evals.text.sequences import contains_run
from pitwall.evals.text.tokens import TOKENIZER, Tokenizer, tokenizer
from pitwall.evals.types import Case, Score
from pitwall.kit.i18n import Text

TOKENIZER_OPTION: Final = MetricOption(
    "tokenizer",
    Text(
        "words (Korean particles off, numbers with units in one form), plain, characters, or kiwi (extra "
        "korean).",
        "words(조사를 떼고 단위가 있는 숫자를 한 형태로), plain, characters, kiwi(korean extra 필요).",
    ),
    TOKENIZER,
)
ANSWER_AND_REFERENCE: Final = frozenset((Needs.ANSWER, Needs.REFERENCE))
NO_WORDS: Final = "no_words"
"""Reason of a reference that has no letter and no digit."""

EXACT_MATCH: Final = MetricSpec(
    "exact_match",
    1,
    Family.TEXT,
    Text("Exact match", "정확히 일치"),
    Text(
        "1 if the answer has the same words as the reference in the same order, else 0. Case, punctuation "
        "and Korean particles do not count; a number is the same however it is written (1억원 = "
        "100,000,000원).",
        "답변의 단어와 순서가 정답과 같으면 1, 아니면 0입니다. 대소문자, 문장부호, 조사는 보지 않으며 "
        "숫자는 표기가 달라도 같게 봅니다(1억원 = 100,000,000원).",
    ),
    needs=ANSWER_AND_REFERENCE,
)
F1_SCORE: Final = MetricSpec(
    "f1_score",
    1,
    Family.TEXT,
    Text("Token F1", "토큰 F1"),
    Text(
        "2PR/(P+R) over the multisets of words of answer and reference. It does not see order or meaning.",
        "답변과 정답의 단어 다중집합으로 계산한 2PR/(P+R)입니다. 순서와 의미는 보지 않습니다.",
    ),
    needs=ANSWER_AND_REFERENCE,
    threshold=0.5,
)
CONTAINS: Final = MetricSpec(
    "contains",
    1,
    Family.TEXT,
    Text("Contains", "포함"),
    Text(
        "1 if the words of the reference stand in the answer one after the other, else 0; for short "
        "references in long answers. Option text: look for this text instead of the reference.",
        "정답의 단어가 답변에 차례로 이어서 있으면 1, 아니면 0입니다. 짧은 정답과 긴 답변에 알맞습니다. "
        "text 옵션: 정답 대신 이 글을 찾습니다.",
    ),
    needs=ANSWER_AND_REFERENCE,
)


def _exact(spec: MetricSpec, split: Tokenizer, case: Case) -> Score:
    answer, reference = split(case.answer.text or ""), split(case.example.reference or "")
    if not reference:
        return not_applicable(spec, NO_WORDS)
    return scored(spec, float(answer == reference))


def _f1(spec: MetricSpec, split: Tokenizer, case: Case) -> Score:
    answer, reference = Counter(split(case.answer.text or "")), Counter(split(case.example.reference or ""))
    if not reference:
        return not_applicable(spec, NO_WORDS)
    common = (answer & reference).total()
    precision = common / answer.total() if answer else 0.0
    recall = common / reference.total()
    return scored(spec, f_measure(precision, recall), evidence={"precision": precision, "recall": recall})


def _contains(spec: MetricSpec, split: Tokenizer, wanted: str, case: Case) -> Score:
    run = split(wanted or case.example.reference or "")
    return (
        scored(spec, float(contains_run(split(case.answer.text or ""), run)))
        if run
        else not_applicable(spec, NO_WORDS)
    )


def _build_exact(spec: MetricSpec, options: Mapping[str, str]) -> Metric:
    return CodeMetric(spec, partial(_exact, spec, tokenizer(options["tokenizer"])))


def _build_f1(spec: MetricSpec, options: Mapping[str, str]) -> Metric:
    return CodeMetric(spec, partial(_f1, spec, tokenizer(options["tokenizer"])))


def _build_contains(spec: MetricSpec, options: Mapping[str, str]) -> Metric:
    wanted = options["text"]
    needs = frozenset((Needs.ANSWER,)) if wanted else spec.needs
    spec = replace(spec, needs=needs)
    return CodeMetric(spec, partial(_contains, spec, tokenizer(options["tokenizer"]), wanted))


METRICS: Final[tuple[Metric, ...]] = (
    ConfigurableMetric(EXACT_MATCH, (TOKENIZER_OPTION,), _build_exact),
    ConfigurableMetric(F1_SCORE, (TOKENIZER_OPTION,), _build_f1),
    ConfigurableMetric(
        CONTAINS,
        (
            MetricOption(
                "text", Text("Text to look for; empty for the reference.", "찾을 글. 비우면 정답."), ""
            ),
            TOKENIZER_OPTION,
        ),
        _build_contains,
    ),
)
