"""Retrieval by claims and entities."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pitwall.evals.judging.shapes import Entities
from pitwall.evals.metrics.registry import find
from pitwall.evals.metrics.scoring import score_case
from pitwall.evals.types import Score, ScoreStatus
from tests.support.scripted_judge import ScriptedJudge, matrix_judge
from tests.unit.evals.metrics.golden import GOLDEN, make_case, names


async def recall(cells: Sequence[int], name: str, contexts: Sequence[str] = ("chunk 1",)) -> Score:
    claims = names("r", len(cells))
    table = {claim: [cell] for claim, cell in zip(claims, cells, strict=True)}
    judge = matrix_judge({"reference": claims}, table)
    return await score_case(find(name), make_case(answer=None, contexts=contexts), judge)


@pytest.mark.parametrize("name", ["context_recall", "claim_recall"])
@pytest.mark.parametrize(("cells", "expected"), GOLDEN["context_recall"])
async def test_golden_recall_needs_no_answer(cells: list[int], expected: float, name: str) -> None:
    """Retrieval is judged where nothing was answered yet."""
    assert (await recall(cells, name)).value == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", ["context_recall", "context_precision", "context_precision_set"])
async def test_nothing_retrieved_is_zero(name: str) -> None:
    """As for retrieval metrics with labels; the reason says why."""
    result = await recall([1, 1], name, contexts=())
    assert (result.value, result.reason) == (0.0, "no_contexts")


async def test_contexts_that_were_never_recorded_are_not_zero() -> None:
    """No field is not an empty list."""
    case = make_case(answer=None, contexts=None)
    result = await score_case(find("context_recall"), case, matrix_judge({}))
    assert (result.status, result.reason) == (ScoreStatus.NOT_APPLICABLE, "no_contexts")


async def test_blank_chunk_supports_nothing() -> None:
    """A judge that sees an empty context often finds it sufficient; it is not asked."""
    result = await recall([1, 1], "context_recall", contexts=("  ",))
    assert result.value == 0.0


async def test_utilization_without_anything_found_is_not_applicable() -> None:
    """What was not found cannot be used or left."""
    judge = matrix_judge({"answer": ["a1"], "reference": ["r1"]}, {"r1": [0]}, {"a1": "r1", "r1": "a1"})
    result = await score_case(find("context_utilization"), make_case(), judge)
    assert (result.status, result.reason) == (ScoreStatus.NOT_APPLICABLE, "no_supported_claims")


async def entities(found: Sequence[str], *contexts: str) -> Score:
    judge = ScriptedJudge({Entities: lambda _: {"entities": list(found)}})
    return await score_case(find("context_entity_recall"), make_case(answer=None, contexts=contexts), judge)


async def test_entity_recall_of_the_golden_case() -> None:
    """Two of three."""
    result = await entities(["Alpha", "Beta", "Gamma"], "Alpha and Gamma", "Xi")
    assert result.value == pytest.approx(2 / 3)
    assert [one["chunks"] for one in result.evidence["entities"]] == [[0], [], [0]]


@pytest.mark.parametrize(
    ("entity", "context", "expected"),
    [
        ("1억원", "보장금액은 100,000,000원입니다.", 1.0),
        ("1억원", "보장금액은 11억원입니다.", 0.0),
        ("삼성생명", "삼성생명은 지급합니다.", 1.0),
        ("보험 금액", "보험금액을 정한다.", 1.0),
        ("보험금액", "보험 금액이 크다.", 1.0),
        ("API", "API는 빠르다.", 1.0),
        ("서울", "서울대공원에 간다.", 0.0),
        ("Kim", "Kimberly came.", 0.0),
    ],
)
async def test_entities_match_in_their_normal_form(entity: str, context: str, expected: float) -> None:
    """Particles, spacing and number forms are alike; a part of another word or number is not."""
    assert (await entities([entity], context)).value == expected


@pytest.mark.parametrize("found", [[], ["  ", "..."]])
async def test_reference_without_entities_is_not_applicable(found: list[str]) -> None:
    """Ragas gives 0."""
    result = await entities(found, "text")
    assert (result.status, result.reason) == (ScoreStatus.NOT_APPLICABLE, "no_entities")
