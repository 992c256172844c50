"""Slices: the part of the cases that lost is found, and chance does not find one."""

from __future__ import annotations

import numpy as np
import pytest

from pitwall.evals.comparison.comparing import compare
from pitwall.evals.comparison.question_types import QuestionType, question_type
from pitwall.evals.comparison.slices import Slice, SliceComparison, facts_of, find_slices
from pitwall.evals.comparison.types import CompareOptions, Verdict
from pitwall.evals.types import Direction, Example
from tests.unit.evals.comparison.builders import make_metric, make_run

IDS = [f"c{row}" for row in range(120)]
FACTS = {
    case: {"language": "ko" if row % 4 == 0 else "en", "metadata.product": f"p{row % 3}"}
    for row, case in enumerate(IDS)
}
_RNG = np.random.default_rng(21)
BEFORE = _RNG.uniform(0.4, 0.9, size=120)
NOISE = _RNG.normal(0.0, 0.05, size=120)
KOREAN = np.arange(120) % 4 == 0


def _slices(after: np.ndarray, direction: Direction = Direction.HIGHER) -> tuple[SliceComparison, ...]:
    a, b = (make_run(make_metric(v.tolist(), ids=IDS, direction=direction)) for v in (BEFORE, after))
    return find_slices(compare(a, b, CompareOptions()), FACTS)


def test_part_that_lost_is_found_behind_an_unchanged_mean() -> None:
    """Korean cases lost 0.15, English ones gained 0.05: the mean over all says nothing of it."""
    found = _slices(BEFORE + np.where(KOREAN, -0.15, 0.05) + NOISE)
    worst = found[0]
    assert (worst.slice, worst.verdict) == (Slice("language", "ko"), Verdict.WORSE)
    assert worst.n == 30
    assert worst.difference == pytest.approx(-0.15, abs=0.03)
    assert worst.rest == pytest.approx(0.05, abs=0.02)
    assert found[1].slice == Slice("language", "en")
    assert {one.verdict for one in found[2:]} == {Verdict.NO_DIFFERENCE_SHOWN}


def test_lower_is_better_where_the_metric_says_so() -> None:
    """The same numbers as latency."""
    found = _slices(BEFORE + np.where(KOREAN, -0.15, 0.05) + NOISE, Direction.LOWER)
    assert (found[0].slice.value, found[0].verdict) == ("en", Verdict.WORSE)


def test_chance_finds_no_slice() -> None:
    """Thirty slices of pure noise, corrected for their number: hardly a try finds anything."""
    rng, alarms = np.random.default_rng(22), 0
    for _ in range(10):
        facts = {case: {f"f{k}": str(rng.integers(0, 3)) for k in range(10)} for case in IDS}
        after = BEFORE + rng.normal(0.0, 0.1, size=120)
        a, b = (make_run(make_metric(v.tolist(), ids=IDS)) for v in (BEFORE, after))
        found = find_slices(compare(a, b), facts)
        assert len(found) == 30
        alarms += any(one.verdict is not Verdict.NO_DIFFERENCE_SHOWN for one in found)
    assert alarms <= 2


def test_small_slices_and_facts_of_many_values_are_left_out() -> None:
    """Nine cases tell nothing, an id splits into single cases, and all cases are no slice."""
    facts = {
        case: {"small": "yes" if row < 9 else "no", "order": str(row), "all": "same"}
        for row, case in enumerate(IDS)
    }
    a, b = (make_run(make_metric(v.tolist(), ids=IDS)) for v in (BEFORE, BEFORE + NOISE))
    assert {one.slice for one in find_slices(compare(a, b), facts)} == {Slice("small", "no")}


def test_document_that_lost_is_found_among_its_own_cases() -> None:
    """A group is one cluster to everybody else, but of the group itself its cases are asked."""
    facts = {case: {"group": f"doc{row // 12}"} for row, case in enumerate(IDS)}
    groups = {case: fact["group"] for case, fact in facts.items()}
    after = BEFORE + np.where(np.arange(120) // 12 == 3, -0.2, 0.0) + NOISE
    a, b = (make_run(make_metric(v.tolist(), ids=IDS), groups=groups) for v in (BEFORE, after))
    found = find_slices(compare(a, b), facts)
    assert [one.slice for one in found if one.verdict is Verdict.WORSE] == [Slice("group", "doc3")]


def test_slice_of_too_few_clusters_is_not_tested() -> None:
    """Sixty cases of four documents cannot show anything, and a test more only costs the others."""
    facts = {case: {"half": str(row % 2)} for row, case in enumerate(IDS)}
    groups = {case: f"doc{row % 8}" for row, case in enumerate(IDS)}
    a, b = (make_run(make_metric(v.tolist(), ids=IDS), groups=groups) for v in (BEFORE, BEFORE + NOISE))
    assert find_slices(compare(a, b), facts) == ()


def test_facts_of_an_example_are_plain() -> None:
    """Language, group, type and length of the question, and metadata that is a plain value."""
    example = Example(
        id="e1",
        question="보험금은 어떻게 청구하나요?",
        language="ko",
        group="doc1",
        metadata={"vip": True, "tier": "gold", "tags": ["a"], "score": 0.31, "year": 2024},
    )
    assert facts_of(example) == {
        "language": "ko",
        "group": "doc1",
        "question_type": "procedural",
        "question_length": "000-020",
        "metadata.vip": "true",
        "metadata.tier": "gold",
        "metadata.year": "2024",
    }


@pytest.mark.parametrize(
    ("length", "band"), [(20, "000-020"), (21, "021-040"), (160, "081-160"), (161, "161+")]
)
def test_bands_of_length_sort_as_lengths_do(length: int, band: str) -> None:
    """Every length has one."""
    assert facts_of(Example(id="e", question="가" * length))["question_length"] == band


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("두 상품의 차이는 무엇인가요?", QuestionType.COMPARATIVE),
        ("Which of the two plans is cheaper?", QuestionType.COMPARATIVE),
        ("보험금은 어떻게 청구하나요?", QuestionType.PROCEDURAL),
        ("How do I reset my password?", QuestionType.PROCEDURAL),
        ("왜 면책기간이 있나요?", QuestionType.REASONING),
        ("Why was it refused?", QuestionType.REASONING),
        ("어떤 상품을 추천하시나요?", QuestionType.OPINION),
        ("면책기간은 며칠인가요?", QuestionType.FACTUAL),
        ("How many days does it take?", QuestionType.FACTUAL),
        ("Is 17077 a prime number?", QuestionType.FACTUAL),
        ("서울 날씨", QuestionType.OTHER),
    ],
)
def test_type_of_a_question_is_read_from_its_words(question: str, kind: QuestionType) -> None:
    """In both languages; what compares goes before what asks for a fact."""
    assert question_type(question) is kind
