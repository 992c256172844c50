"""Numbers, entities, refusals, operation and conversations: what can be told without a model."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.evals.metrics.conversation import jaccard, quantile
from pitwall.evals.types import Answer, Case, Context, Example, ScoreStatus, Turn
from tests.unit.evals.metrics.cases import make_case, score, value_of

CONTEXT = (
    "암 진단 시 1억원을 지급하며 면책 기간은 90일입니다. "
    "상품명은 'K-Care Plus'이고 2024년 3월 5일부터 판매합니다."
)


async def test_number_that_no_context_has_is_named() -> None:
    """Where each number comes from is in the evidence, what is wrong in a sentence of the case's language."""
    case = make_case("100,000,000원을 주며 면책은 60일입니다.", contexts=["x", CONTEXT], language="ko")
    found = await score("number_consistency", case)
    assert found.value == pytest.approx(1 / 2)
    assert found.explanation == "답변의 숫자 2개 중 1개가 컨텍스트에 없습니다: 60일."
    assert [one["chunk"] for one in found.evidence["numbers"]] == [1, None]


async def test_number_of_the_question_is_no_invention() -> None:
    """Who repeats what was asked claims nothing."""
    case = make_case("60세도 가입할 수 있습니다.", contexts=[CONTEXT], question="60세도 되나요?")
    assert await value_of("number_consistency", case) == 1.0


@pytest.mark.parametrize(
    ("answer", "contexts", "status"),
    [("숫자가 없습니다.", [CONTEXT], ScoreStatus.NOT_APPLICABLE), ("3일입니다.", [], ScoreStatus.SCORED)],
)
async def test_without_numbers_or_contexts(answer: str, contexts: list[str], status: ScoreStatus) -> None:
    """No numbers, nothing to say; numbers without any context are unsupported."""
    found = await score("number_consistency", make_case(answer, contexts=contexts))
    assert found.status is status
    assert found.value in (None, 0.0)


async def test_entities_that_a_summary_keeps() -> None:
    """However they are written; what is lost is named."""
    case = make_case("1억 원을 지급하는 k-care plus.", contexts=[CONTEXT], language="ko")
    found = await score("entity_preservation", case)
    kept = {one["text"]: one["kept"] for one in found.evidence["entities"]}
    assert kept == {"1억원": True, "90일": False, "2024년 3월 5일": False, "K-Care": True, "Plus": True}
    assert found.value == pytest.approx(3 / 5)
    assert "90일" in (found.explanation or "")


async def test_entities_of_the_reference() -> None:
    """If asked for; then the contexts are not needed."""
    case = make_case("It costs $5.", "The price is 5 dollars since May 2020.")
    assert await value_of("entity_preservation:source=reference", case) == pytest.approx(1 / 2)
    assert (await score("entity_preservation", case)).reason == "no_contexts"


@pytest.mark.parametrize(
    ("answer", "reference", "metadata", "value"),
    [
        ("문서에서 확인할 수 없습니다.", None, {"answerable": False}, 1.0),
        ("3일입니다.", None, {"answerable": False}, 0.0),
        ("3일입니다.", None, {"is_impossible": False}, 1.0),
        ("I don't know.", None, {"is_impossible": True}, 1.0),
        ("3일입니다.", "정보가 없습니다.", {}, 0.0),
        ("알 수 없습니다.", "3일", {}, 0.0),
        ("3일입니다.", "3일", {}, 1.0),
    ],
)
async def test_abstaining_where_it_is_right(
    answer: str, reference: str | None, metadata: dict[str, Any], value: float
) -> None:
    """By what the example says, else by its reference."""
    case = make_case(answer, reference, example={"metadata": metadata})
    assert await value_of("no_answer_accuracy", case) == value


async def test_nobody_says_whether_there_is_an_answer() -> None:
    """Then there is nothing to judge by, but whether it abstained is known."""
    case = make_case("I don't know.")
    assert (await score("no_answer_accuracy", case)).reason == "no_reference"
    assert await value_of("abstained", case) == 1.0


async def test_operation() -> None:
    """Values as they were measured; what is not known is not 0."""
    case = make_case("a", latency_ms=1200.0, cost_usd=0.0, input_tokens=10, output_tokens=5)
    assert [await value_of(name, case) for name in ("latency", "cost", "tokens")] == [1200.0, 0.0, 15.0]
    unknown = make_case("a", input_tokens=10)
    assert [(await score(name, unknown)).reason for name in ("latency", "cost", "tokens")] == [
        "no_latency",
        "no_cost",
        "tokens_partly_known",
    ]


def _conversation(*turns: Turn) -> Case:
    return Case(Example("1", "q"), Answer(turns=turns))


async def test_neighbouring_turns_share_contexts() -> None:
    """Mean over pairs; a pair without any contexts is left out."""
    cats, both = (Context("cats sleep"),), (Context("cats sleep"), Context("dogs bark"))
    case = _conversation(Turn("a", contexts=cats), Turn("b", contexts=both), Turn("c"), Turn("d"))
    found = await score("context_coherence", case)
    assert found.evidence == {"pairs": [0.5, 0.0]}
    assert found.value == 0.25


async def test_drift_is_from_the_first_question_to_the_last_answer() -> None:
    """The last turn that was answered."""
    case = _conversation(Turn("면책 기간은?", "90일"), Turn("그럼?", "면책 기간은 90일"), Turn("또?", None))
    assert await value_of("drift_rate", case) == pytest.approx(1 - 2 / 3)


async def test_turn_latency_is_the_95th_percentile() -> None:
    """With linear interpolation, over the turns whose time is known."""
    turns = [Turn("q", "a", latency_ms=float(one)) for one in range(0, 101, 10)]
    assert await value_of("turn_latency", _conversation(*turns)) == pytest.approx(95.0)
    found = await score("turn_latency", _conversation(*turns, Turn("q")))
    assert found.reason == "latency_partly_known"


@pytest.mark.parametrize(
    ("metric", "turns", "reason"),
    [
        ("context_coherence", [Turn("q")], "single_turn"),
        ("context_coherence", [Turn("q"), Turn("r")], "no_contexts"),
        ("drift_rate", [Turn("q"), Turn("r", " ")], "no_turn_answers"),
        ("drift_rate", [Turn("?", "a")], "no_words"),
        ("turn_latency", [Turn("q")], "no_turn_latency"),
        ("turn_latency", [], "no_turns"),
    ],
)
async def test_conversation_that_says_nothing(metric: str, turns: list[Turn], reason: str) -> None:
    """Not applicable with its reason."""
    found = await score(metric, _conversation(*turns))
    assert (found.status, found.reason) == (ScoreStatus.NOT_APPLICABLE, reason)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50), st.floats(0, 1))
def test_quantile_is_that_of_numpy(values: list[float], share: float) -> None:
    """Linear interpolation between neighbours."""
    numpy = pytest.importorskip("numpy")
    assert quantile(values, share) == pytest.approx(float(numpy.quantile(values, share)), abs=1e-6)


@settings(deadline=None)
@given(st.sets(st.sampled_from("abcdef")), st.sets(st.sampled_from("abcdef")))
def test_jaccard(one: set[str], other: set[str]) -> None:
    """Symmetrical, between 0 and 1, and 1 for equal sets."""
    assert 0 <= jaccard(one, other) == jaccard(other, one) <= 1
    assert jaccard(one, one) == 1
