"""What the numbers of a run say, as data: each rule looks at measured numbers and quotes them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from pitwall.kit.i18n import Text

Facts = Mapping[str, float]
_COMPARE: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A measured number on one side of another, or of a constant.

    Attributes:
        fact: Name of a number, such as `faithfulness.mean`.
        than: A constant, or the name of another number.
    """

    fact: str
    sign: str
    than: float | str

    def holds(self, facts: Facts) -> bool:
        """Whether it holds; a number that is not known makes it false."""
        left = facts.get(self.fact)
        right = facts.get(self.than) if isinstance(self.than, str) else self.than
        return left is not None and right is not None and _COMPARE[self.sign](left, right)


@dataclass(frozen=True, slots=True)
class Rule:
    """What to say if all of some conditions hold.

    Attributes:
        text: `{0}`, `{1}` ... are the numbers of `quotes`.
        quotes: Names of the numbers that the text quotes; all must be known.
    """

    code: str
    when: tuple[Condition, ...]
    text: Text
    quotes: tuple[str, ...]

    def applies(self, facts: Facts) -> bool:
        """Whether it has something to say."""
        return all(one.holds(facts) for one in self.when) and all(name in facts for name in self.quotes)


def _below(metric: str) -> Condition:
    """Below its threshold by more than chance: the whole interval is."""
    return Condition(f"{metric}.high", "<", f"{metric}.threshold")


def _not_below(metric: str) -> Condition:
    return Condition(f"{metric}.mean", ">=", f"{metric}.threshold")


RULES: Final = (
    Rule(
        "unfaithful_with_good_retrieval",
        (_below("faithfulness"), _not_below("context_recall")),
        Text(
            "Faithfulness is {0:.3f} while context recall is {1:.3f}: what is needed was retrieved, and "
            "answers "
            "still say what the contexts do not. Look at the prompt and the model before the retriever.",
            "충실성는 {0:.3f}, 컨텍스트 재현율은 {1:.3f}입니다. 필요한 내용은 검색되었지만 답변이 컨텍스트에 "
            "없는 내용을 "
            "말합니다. 검색기보다 프롬프트와 모델을 먼저 확인하세요.",
        ),
        ("faithfulness.mean", "context_recall.mean"),
    ),
    Rule(
        "unfaithful_with_poor_retrieval",
        (_below("faithfulness"), _below("context_recall")),
        Text(
            "Faithfulness ({0:.3f}) and context recall ({1:.3f}) are both below their thresholds: answers "
            "lack "
            "support, and the contexts lack what is needed. Look at retrieval first.",
            "충실성({0:.3f})와 컨텍스트 재현율({1:.3f})이 모두 기준 미달입니다. 컨텍스트에 필요한 내용이 "
            "부족합니다. "
            "검색을 먼저 확인하세요.",
        ),
        ("faithfulness.mean", "context_recall.mean"),
    ),
    Rule(
        "recall_below_precision",
        (_below("context_recall"), _not_below("context_precision")),
        Text(
            "Context precision is {0:.3f} and context recall {1:.3f}: what comes first is useful, but "
            "something "
            "that is needed is missing. More chunks or another split may hold it.",
            "컨텍스트 정밀도는 {0:.3f}, 재현율은 {1:.3f}입니다. 앞쪽 청크는 유용하지만 필요한 내용 일부가 "
            "빠져 있습니다.",
        ),
        ("context_precision.mean", "context_recall.mean"),
    ),
    Rule(
        "precision_below_recall",
        (_below("context_precision"), _not_below("context_recall")),
        Text(
            "Context recall is {0:.3f} and context precision {1:.3f}: what is needed is there, but stands "
            "behind "
            "chunks that are not. Look at the ranking.",
            "컨텍스트 재현율은 {0:.3f}, 정밀도는 {1:.3f}입니다. 필요한 내용은 있지만 불필요한 청크 뒤에 "
            "있습니다. 순위를 "
            "확인하세요.",
        ),
        ("context_recall.mean", "context_precision.mean"),
    ),
    Rule(
        "faithful_but_off_question",
        (_below("answer_relevancy"), _not_below("faithfulness")),
        Text(
            "Answer relevancy is {0:.3f} while faithfulness is {1:.3f}: answers rest on the contexts but do "
            "not "
            "answer what was asked.",
            "답변 관련성은 {0:.3f}, 충실성는 {1:.3f}입니다. 답변이 컨텍스트에 근거하지만 질문에 답하지 "
            "않습니다.",
        ),
        ("answer_relevancy.mean", "faithfulness.mean"),
    ),
    Rule(
        "empty_contexts",
        (Condition("retrieval.empty_share", ">", 0.05),),
        Text(
            "{0:.1%} of {1:.0f} cases have no context at all.",
            "케이스 {1:.0f}개 중 {0:.1%}에 컨텍스트가 전혀 없습니다.",
        ),
        ("retrieval.empty_share", "retrieval.cases"),
    ),
    Rule(
        "low_keyword_overlap",
        (Condition("retrieval.keyword_overlap", "<", 0.3), Condition("retrieval.overlap_n", ">=", 10.0)),
        Text(
            "Contexts have {0:.1%} of the questions' content words on average ({1:.0f} cases): they may be "
            "about "
            "something else, or say it in other words.",
            "컨텍스트에 질문의 핵심 단어가 평균 {0:.1%} 들어 있습니다({1:.0f}개 케이스). 다른 내용이거나 "
            "다른 표현일 수 "
            "있습니다.",
        ),
        ("retrieval.keyword_overlap", "retrieval.overlap_n"),
    ),
    Rule(
        "unused_chunks",
        (Condition("retrieval.unused_share", ">", 0.5),),
        Text(
            "{0:.1%} of {1:.0f} judged chunks support no claim of an answer.",
            "판정된 청크 {1:.0f}개 중 {0:.1%}가 답변의 어떤 주장도 뒷받침하지 않습니다.",
        ),
        ("retrieval.unused_share", "retrieval.chunks"),
    ),
)

EACH_METRIC: Final = (
    Rule(
        "many_errors",
        (Condition("error_share", ">", 0.02),),
        Text(
            "{metric} could not be judged in {0:.0f} of {1:.0f} cases; the mean leaves them out.",
            "{metric}: 케이스 {1:.0f}개 중 {0:.0f}개를 판정하지 못했습니다. 평균에서 제외됩니다.",
        ),
        ("errors", "n_total"),
    ),
    Rule(
        "many_unscored",
        (Condition("unscored_share", ">", 0.2),),
        Text(
            "{metric} has a value for {0:.0f} of {1:.0f} cases; the mean speaks for these alone.",
            "{metric}: 케이스 {1:.0f}개 중 {0:.0f}개에만 값이 있습니다. 평균은 이 케이스만 반영합니다.",
        ),
        ("n", "n_total"),
    ),
    Rule(
        "two_kinds_of_cases",
        (Condition("p25", "<=", 0.25), Condition("p75", ">=", 0.9)),
        Text(
            "{metric} is {0:.3f} or less for a quarter of the cases and {1:.3f} or more for another: the "
            "mean "
            "describes neither. Look at slices and clusters.",
            "{metric}: 하위 25 %는 {0:.3f} 이하, 상위 25 %는 {1:.3f} 이상입니다. 평균으로는 알 수 없으니 "
            "슬라이스와 군집을 "
            "보세요.",
        ),
        ("p25", "p75"),
    ),
)
"""Rules that look at one metric after the other; their numbers are those of its statistics."""
