"""Groundedness without a model, for smoke checks where there is none: never a stand-in for `faithfulness`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pitwall.evals.metrics.grounding import Grounding, Passages
from pitwall.evals.metrics.results import not_applicable, say, scored
from pitwall.evals.metrics.types import CodeMetric, Family, Metric, MetricSpec, Needs
from pitwall.evals.text.refusal import find_refusal
from pitwall.evals.text.sentences import Sentence, split_sentences
from pitwall.evals.types import Case, Score
from pitwall.kit.i18n import Text

# Chosen with the weights of `grounding`.
_QUESTION: Final = 0.5
_WEAKEST_SHARE: Final = 0.3
_WEAK: Final = 0.5
_WEAKEST: Final = Text(
    "Least supported: “{sentence}” ({value:.2f}).", "근거가 가장 약한 문장: “{sentence}” ({value:.2f})."
)
_SHOWN: Final = 120

OFFLINE_GROUNDEDNESS: Final = MetricSpec(
    "offline_groundedness",
    1,
    Family.GROUNDING,
    Text("Offline groundedness", "오프라인 근거성"),
    Text(
        "How much of each sentence stands in the contexts: 0.35 x share of its words + 0.2 x share of "
        "content words in the best part of one chunk + 0.15 x share of content words by the same neighbour "
        "+ 0.15 x share of letter trigrams + 0.15 x root of the share of words in copied phrases; less for "
        "numbers that are nowhere, for words of the speaker and for another negation. The answer: 0.7 x "
        "the mean over sentences by their words + 0.3 x the weakest. No model: it sees words, not meaning. "
        "A true sentence in other words is low, a false one in the same words is high. Use it to compare "
        "and to smoke-test, not as faithfulness.",
        "문장마다 컨텍스트에 얼마나 있는지입니다: 0.35 x 단어 비율 + 0.2 x 한 청크의 가장 가까운 대목에 "
        "있는 내용어 비율 + 0.15 x 같은 이웃과 함께 있는 내용어 비율 + 0.15 x 글자 조각 비율 + 0.15 x "
        "그대로 옮긴 구에 있는 단어 비율의 제곱근. 어디에도 없는 숫자, 화자의 말, 다른 부정이 있으면 "
        "낮춥니다. 답변: 0.7 x 단어 수 가중 평균 + 0.3 x 가장 약한 문장. 모델 없이 단어만 보므로 다른 말로 "
        "쓴 참인 문장은 낮고 같은 말로 쓴 거짓은 높습니다. 비교와 스모크 점검용이며 faithfulness가 "
        "아닙니다.",
    ),
    needs=frozenset((Needs.ANSWER, Needs.CONTEXTS)),
    threshold=_WEAK,
)


def _weight(sentence: Sentence, found: Grounding) -> float:
    """What a sentence counts: its content words; a question says less than it asks."""
    is_question = sentence.text.rstrip("\"'”’)").endswith(("?", "？"))
    return found.content_words * (_QUESTION if is_question else 1.0)


def _score(case: Case) -> Score:
    answer = case.answer.text or ""
    contexts = [context.text for context in case.answer.contexts or ()]
    refusal = find_refusal(answer)
    if refusal is not None:
        return not_applicable(OFFLINE_GROUNDEDNESS, "no_claims", evidence={"refusal": refusal})
    passages = Passages(contexts, case.example.question)
    sentences = split_sentences(answer)
    grounded = {text: passages.ground(text) for text in dict.fromkeys(one.text for one in sentences)}
    judged = [(one, grounded[one.text]) for one in sentences]
    known = [(sentence, found) for sentence, found in judged if found is not None]
    if not known:
        return not_applicable(OFFLINE_GROUNDEDNESS, "no_claims")
    if not any(text.strip() for text in contexts):
        return scored(OFFLINE_GROUNDEDNESS, 0.0, reason="no_contexts")
    return _total(case, known)


def _total(case: Case, known: Sequence[tuple[Sentence, Grounding]]) -> Score:
    weights = [_weight(sentence, found) for sentence, found in known]
    mean = sum(weight * found.value for weight, (_, found) in zip(weights, known, strict=True)) / sum(weights)
    weakest, least = min(known, key=lambda pair: pair[1].value)
    value = (1 - _WEAKEST_SHARE) * mean + _WEAKEST_SHARE * least.value
    explanation = say(case, _WEAKEST, sentence=weakest.text[:_SHOWN], value=least.value)
    return scored(
        OFFLINE_GROUNDEDNESS,
        value,
        explanation=explanation if least.value < _WEAK else None,
        evidence={"sentences": [_evidence(sentence, found) for sentence, found in known]},
    )


def _evidence(sentence: Sentence, found: Grounding) -> dict[str, Any]:
    return {
        "text": sentence.text,
        "start": sentence.start,
        "end": sentence.end,
        "value": round(found.value, 4),
        "chunk": found.chunk,
        "quote": found.quote,
        "anywhere": round(found.anywhere, 4),
        "coverage": round(found.coverage, 4),
        "phrases": round(found.phrases, 4),
        "pairs": round(found.pairs, 4),
        "letters": round(found.letters, 4),
        "missing": list(found.missing),
        "wrong_numbers": list(found.wrong_numbers),
        "other_negation": found.is_negated_otherwise,
    }


METRICS: Final[tuple[Metric, ...]] = (CodeMetric(OFFLINE_GROUNDEDNESS, _score),)
