"""Answers against references by what they share: chrF, ROUGE-L, BLEU. No model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from pitwall.evals.metrics.results import f_measure, not_applicable, scored
from pitwall.evals.metrics.text import ANSWER_AND_REFERENCE, NO_WORDS, TOKENIZER_OPTION
from pitwall.evals.metrics.types import (
    CodeMetric,
    ConfigurableMetric,
    Family,
    Metric,
    MetricOption,
    MetricSpec,
)
from pitwall.evals.text.sequences import lcs_length
from pitwall.evals.text.tokens import Tokenizer, tokenizer
from pitwall.evals.types import Case, Score
from pitwall.kit.i18n import Text
from pitwall.kit.text import normalise

_CHARACTERS: Final = 6
_BETA: Final = 2.0
_BLEU_TOKENIZERS: Final = ("13a", "char", "intl", "none", "words")

CHRF: Final = MetricSpec(
    "chrf",
    1,
    Family.TEXT,
    Text("chrF", "chrF"),
    Text(
        "F2 over character n-grams of 1 to 6, without white space, as sacrebleu's chrF divided by 100. Suits "
        "Korean, where word endings vary: what differs is the ending, not the word.",
        "공백을 뺀 1~6글자 n그램의 F2로, sacrebleu의 chrF를 100으로 나눈 값입니다. 어미가 변하는 한국어에 "
        "알맞습니다. 어미만 다르면 값이 조금만 내려갑니다.",
    ),
    needs=ANSWER_AND_REFERENCE,
    threshold=0.5,
)
ROUGE_L: Final = MetricSpec(
    "rouge_l",
    1,
    Family.TEXT,
    Text("ROUGE-L", "ROUGE-L"),
    Text(
        "F1 of the longest common subsequence of words: P = LCS/words of the answer, R = LCS/words of the "
        "reference. Words are Korean-aware, unlike those of the rouge-score package, which drops Korean.",
        "단어의 최장 공통 부분열로 계산한 F1입니다. P = LCS/답변 단어 수, R = LCS/정답 단어 수. "
        "한글을 버리는 rouge-score 패키지와 달리 한국어 단어를 셉니다.",
    ),
    needs=ANSWER_AND_REFERENCE,
    threshold=0.5,
)
BLEU: Final = MetricSpec(
    "bleu",
    1,
    Family.TEXT,
    Text("BLEU", "BLEU"),
    Text(
        "sacrebleu's sentence BLEU with effective order, divided by 100; its signature is in the evidence. "
        "Needs the extra bleu. Made for corpora: the mean over cases is not the BLEU of the corpus.",
        "sacrebleu의 문장 BLEU(effective order)를 100으로 나눈 값이며 서명은 근거에 있습니다. bleu extra가 "
        "필요합니다. 말뭉치용 지표라서 사례 평균은 말뭉치 BLEU와 다릅니다.",
    ),
    needs=ANSWER_AND_REFERENCE,
    threshold=None,
    requires_extra="bleu",
)


def chrf(answer: str, reference: str) -> float:
    """Return chrF between 0 and 1: precision and recall of each order that both have, averaged, then F2.

    Source: Popović 2015, chrF; the treatment of short texts is sacrebleu's (effective order).
    """
    one, other = "".join(normalise(answer).split()), "".join(normalise(reference).split())
    precisions, recalls = list[float](), list[float]()
    for order in range(1, min(_CHARACTERS, len(one), len(other)) + 1):
        counted, wanted = _ngrams(one, order), _ngrams(other, order)
        matched = (counted & wanted).total()
        precisions.append(matched / counted.total())
        recalls.append(matched / wanted.total())
    if not precisions:
        return 0.0
    return f_measure(sum(precisions) / len(precisions), sum(recalls) / len(recalls), _BETA)


def _ngrams(text: str, order: int) -> Counter[str]:
    return Counter(text[start : start + order] for start in range(len(text) - order + 1))


def rouge_l(answer: list[str], reference: list[str]) -> float:
    """Return the F1 of the longest common subsequence of two lists of words."""
    common = lcs_length(answer, reference)
    return f_measure(common / len(answer), common / len(reference)) if common else 0.0


def _chrf(spec: MetricSpec, case: Case) -> Score:
    return scored(spec, chrf(case.answer.text or "", case.example.reference or ""))


def _rouge_l(spec: MetricSpec, split: Tokenizer, case: Case) -> Score:
    reference = split(case.example.reference or "")
    return (
        scored(spec, rouge_l(split(case.answer.text or ""), reference))
        if reference
        else not_applicable(spec, NO_WORDS)
    )


def _bleu(spec: MetricSpec, tokenize: str, case: Case) -> Score:
    try:
        from sacrebleu.metrics import bleu  # an extra
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'BLEU needs the extra: pip install "pitwall[bleu]"', name=error.name
        ) from error
    answer, reference = case.answer.text or "", case.example.reference or ""
    if tokenize == "words":
        split = tokenizer("words")
        answer, reference = " ".join(split(answer)), " ".join(split(reference))
    measure: Any = bleu.BLEU(tokenize="none" if tokenize == "words" else tokenize, effective_order=True)
    value = measure.sentence_score(answer, [reference]).score / 100
    return scored(spec, min(1.0, value), evidence={"signature": str(measure.get_signature())})


def _build_rouge(spec: MetricSpec, options: Mapping[str, str]) -> Metric:
    return CodeMetric(spec, partial(_rouge_l, spec, tokenizer(options["tokenizer"])))


def _build_bleu(spec: MetricSpec, options: Mapping[str, str]) -> Metric:
    if options["tokenize"] not in _BLEU_TOKENIZERS:
        raise ValueError(f"tokenize is {options['tokenize']!r}, not one of {', '.join(_BLEU_TOKENIZERS)}")
    return CodeMetric(spec, partial(_bleu, spec, options["tokenize"]))


METRICS: Final[tuple[Metric, ...]] = (
    CodeMetric(CHRF, partial(_chrf, CHRF)),
    ConfigurableMetric(ROUGE_L, (TOKENIZER_OPTION,), _build_rouge),
    ConfigurableMetric(
        BLEU,
        (
            MetricOption(
                "tokenize",
                Text(
                    "Of sacrebleu: 13a, char, intl, none; or words, Pitwall's own.",
                    "sacrebleu의 13a, char, intl, none 또는 Pitwall의 words.",
                ),
                "13a",
            ),
        ),
        _build_bleu,
    ),
)
