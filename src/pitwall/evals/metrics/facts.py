"""Facts that can be checked by their letters: numbers, dates, names, quotations. No model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from pitwall.evals.metrics.results import not_applicable, say, scored
from pitwall.evals.metrics.types import (
    CodeMetric,
    ConfigurableMetric,
    Family,
    Metric,
    MetricOption,
    MetricSpec,
    Needs,
)
from pitwall.evals.text.entities import EntityKind, find_entities
from pitwall.evals.text.numbers import Quantity, find_quantities
from pitwall.evals.text.tokens import clean
from pitwall.evals.types import Case, Score
from pitwall.kit.i18n import Text

_WRONG: Final = Text(
    "{wrong} of {count} numbers of the answer are in no context: {which}.",
    "답변의 숫자 {count}개 중 {wrong}개가 컨텍스트에 없습니다: {which}.",
)
_LOST: Final = Text(
    "{lost} of {count} entities are not in the answer: {which}.",
    "항목 {count}개 중 {lost}개가 답변에 없습니다: {which}.",
)
_SHOWN: Final = 5
_SOURCES: Final = ("contexts", "reference")

NUMBERS: Final = MetricSpec(
    "number_consistency",
    1,
    Family.GROUNDING,
    Text("Number consistency", "숫자 일치"),
    Text(
        "Share of the numbers and dates of the answer that stand in a context or in the question, whatever "
        "way they are written (1억원 = 100,000,000원, 24시간 = 1일). It does not see what a number is said "
        "of.",
        "답변의 숫자와 날짜 중 컨텍스트나 질문에 있는 것의 비율입니다. 표기가 달라도 같게 봅니다"
        "(1억원 = 100,000,000원, 24시간 = 1일). 무엇에 대한 숫자인지는 보지 않습니다.",
    ),
    needs=frozenset((Needs.ANSWER, Needs.CONTEXTS)),
    threshold=0.9,
)
ENTITIES: Final = MetricSpec(
    "entity_preservation",
    1,
    Family.SUMMARY,
    Text("Entity preservation", "항목 보존"),
    Text(
        "Share of the numbers, dates, quotations, Latin names and codes of the source that are in the "
        "answer; for summaries. Over long sources it is low by nature: compare runs, not data sets.",
        "원문의 숫자, 날짜, 인용, 영문 이름과 코드 중 답변에 있는 것의 비율로, 요약에 씁니다. 원문이 길면 "
        "원래 낮으므로 데이터 세트끼리가 아니라 실행끼리 비교하십시오.",
    ),
    needs=frozenset((Needs.ANSWER, Needs.CONTEXTS)),
    threshold=None,
)


def quantities_of(*texts: str) -> list[Quantity]:
    """Return the numbers of texts, of any number of them."""
    return [one for text in texts for one in find_quantities(clean(text))]


def _numbers(case: Case) -> Score:
    answer = clean(case.answer.text or "")
    claimed = find_quantities(answer)
    if not claimed:
        return not_applicable(NUMBERS, "no_numbers")
    chunks = [quantities_of(context.text) for context in case.answer.contexts or ()]
    asked = quantities_of(case.example.question)
    evidence = []
    for one in claimed:
        chunk = next((index for index, known in enumerate(chunks) if any(map(one.agrees, known))), None)
        is_asked = any(map(one.agrees, asked))
        evidence.append(
            {
                "text": answer[one.start : one.end].strip(),
                "is": one.label,
                "chunk": chunk,
                "in_question": is_asked,
            }
        )
    wrong = [one["text"] for one in evidence if one["chunk"] is None and not one["in_question"]]
    explanation = say(
        case, _WRONG, wrong=len(wrong), count=len(claimed), which=", ".join(map(str, wrong[:_SHOWN]))
    )
    return scored(
        NUMBERS,
        1 - len(wrong) / len(claimed),
        explanation=explanation if wrong else None,
        evidence={"numbers": evidence},
    )


def _entities(spec: MetricSpec, source: str, case: Case) -> Score:
    text = (
        "\n".join(context.text for context in case.answer.contexts or ())
        if source == "contexts"
        else case.example.reference or ""
    )
    wanted = find_entities(text)
    if not wanted:
        return not_applicable(spec, "no_entities")
    answer = " ".join(clean(case.answer.text or "").casefold().split())
    numbers = find_quantities(answer)
    named = quantities_of(text)
    kept = []
    for one in wanted:
        if one.kind in (EntityKind.QUOTED, EntityKind.NAME):
            kept.append(one.key in answer)
        else:
            kept.append(any(known.label == one.key and any(map(known.agrees, numbers)) for known in named))
    lost = [one.text for one, is_kept in zip(wanted, kept, strict=True) if not is_kept]
    explanation = say(case, _LOST, lost=len(lost), count=len(wanted), which=", ".join(lost[:_SHOWN]))
    evidence = [
        {"kind": one.kind.value, "text": one.text, "kept": is_kept}
        for one, is_kept in zip(wanted, kept, strict=True)
    ]
    return scored(
        spec,
        sum(kept) / len(kept),
        explanation=explanation if lost else None,
        evidence={"entities": evidence},
    )


def _build_entities(spec: MetricSpec, options: Mapping[str, str]) -> Metric:
    source = options["source"]
    if source not in _SOURCES:
        raise ValueError(f"source is {source!r}, not one of {', '.join(_SOURCES)}")
    need = Needs.CONTEXTS if source == "contexts" else Needs.REFERENCE
    spec = replace(spec, needs=frozenset((Needs.ANSWER, need)))
    return CodeMetric(spec, partial(_entities, spec, source))


METRICS: Final[tuple[Metric, ...]] = (
    CodeMetric(NUMBERS, _numbers),
    ConfigurableMetric(
        ENTITIES,
        (
            MetricOption(
                "source",
                Text(
                    "What has the entities: contexts or reference.",
                    "항목을 찾을 곳: contexts 또는 reference.",
                ),
                "contexts",
            ),
        ),
        _build_entities,
    ),
)
