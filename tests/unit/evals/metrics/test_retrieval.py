"""Retrieval against labels and against reference chunks."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.evals.metrics.errors import InvalidMetricOption
from pitwall.evals.metrics.registry import find
from pitwall.evals.metrics.retrieval import (
    Measure,
    average_precision,
    gains_in_order,
    hit_rate,
    ndcg,
    precision_at_k,
    recall_at_k,
    reciprocal_rank,
)
from pitwall.evals.types import Answer, Case, Context, Example, ScoreStatus
from tests.unit.evals.metrics.cases import score, value_of

MEASURES = (hit_rate, precision_at_k, recall_at_k, reciprocal_rank, average_precision, ndcg)
IDS = st.lists(st.sampled_from("abcdefgh"), max_size=12)
LABELS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 3).map(float), min_size=1)


@pytest.mark.parametrize("measure", MEASURES)
@settings(deadline=None)
@given(ids=IDS, relevance=LABELS, k=st.integers(1, 10))
def test_value_lies_between_0_and_1(
    measure: Measure, ids: list[str], relevance: dict[str, float], k: int
) -> None:
    """Also with documents that come again, and with grades."""
    value = measure(gains_in_order(ids, relevance), list(relevance.values()), k)
    assert 0 <= value <= 1 + 1e-12


@pytest.mark.parametrize("measure", [hit_rate, recall_at_k, average_precision, ndcg, reciprocal_rank])
@settings(deadline=None)
@given(relevance=LABELS)
def test_best_order_is_1(measure: Measure, relevance: dict[str, float]) -> None:
    """Everything relevant first, the best before."""
    ids = sorted(relevance, key=lambda one: -relevance[one])
    assert measure(gains_in_order(ids, relevance), list(relevance.values()), 8) == pytest.approx(1.0)


@settings(deadline=None)
@given(ids=st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1), relevance=LABELS)
def test_finding_more_never_lowers_recall(ids: list[str], relevance: dict[str, float]) -> None:
    """Recall, hits and the reciprocal rank of k + 1 places are at least those of k."""
    gains, labels = gains_in_order(ids, relevance), list(relevance.values())
    for measure in (recall_at_k, hit_rate, reciprocal_rank):
        values = [measure(gains, labels, k) for k in range(1, 10)]
        assert values == sorted(values)


def test_ideal_order_is_of_all_labels_not_of_what_was_found() -> None:
    """One relevant document of two found first is not the best that there is."""
    assert ndcg([1.0], [1.0, 1.0], 5) == pytest.approx(1 / (1 + 1 / 1.584962500721156))


def _case(ids: list[str | None], relevance: dict[str, float] | None) -> Case:
    contexts = tuple(Context("text", id=one) for one in ids)
    return Case(Example("1", "q", relevance=relevance), Answer("a", contexts=contexts))


async def test_without_labels_nothing_is_judged() -> None:
    """No labels, or none that says relevant, is not applicable."""
    for relevance in (None, {}, {"a": 0.0}):
        found = await score("ndcg", _case(["a"], relevance))
        assert (found.status, found.reason) == (ScoreStatus.NOT_APPLICABLE, "no_relevance")


async def test_chunks_without_ids_cannot_be_looked_up() -> None:
    """They are not counted as misses."""
    found = await score("recall_at_k", _case([None, None], {"a": 1.0}))
    assert (found.status, found.reason) == (ScoreStatus.NOT_APPLICABLE, "no_context_ids")


async def test_nothing_retrieved_is_0_with_its_reason() -> None:
    """It was judged: there was something to find."""
    found = await score("recall_at_k", _case([], {"a": 1.0}))
    assert (found.value, found.reason) == (0.0, "no_contexts")


async def test_evidence_says_where_each_document_is() -> None:
    """The rank of the first place, or that it was not found."""
    found = await score("recall_at_k", _case(["x", "a", None, "a"], {"a": 1.0, "b": 2.0}))
    assert found.evidence == {"ranks": {"a": 2, "b": None}, "retrieved": 4}


@pytest.mark.parametrize("asked", ["ndcg@0", "ndcg:k=two", "ndcg:gain=cubic"])
def test_wrong_option_is_refused_before_anything_runs(asked: str) -> None:
    """With the value in the message."""
    with pytest.raises(InvalidMetricOption, match="k is|gain is"):
        find(asked)


def _chunks(retrieved: list[str], wanted: list[str], *, with_ids: bool = False) -> Case:
    def contexts(texts: list[str]) -> tuple[Context, ...]:
        return tuple(Context(text, id=text if with_ids else None) for text in texts)

    return Case(
        Example("1", "q", reference_contexts=contexts(wanted)), Answer("a", contexts=contexts(retrieved))
    )


async def test_context_precision_and_recall_by_id() -> None:
    """Two of three retrieved are right, two of four are found; a document twice counts once."""
    case = _chunks(["a", "b", "b", "x"], ["a", "b", "c", "d"], with_ids=True)
    assert await value_of("id_context_precision", case) == pytest.approx(2 / 3)
    assert await value_of("id_context_recall", case) == pytest.approx(1 / 2)
    found = await score("id_context_recall", _chunks(["a"], ["a"]))
    assert found.reason == "no_context_ids"


async def test_context_precision_and_recall_by_words() -> None:
    """A chunk that was cut otherwise is the same chunk; another topic is another."""
    right = "면책 기간은 가입일부터 90일이며 그 뒤에는 보험금의 50%를 지급합니다."
    cut = "면책 기간은 가입일부터 90일이며"
    case = _chunks(["주차는 무료로 제공되며 예약이 필요합니다.", cut], [right])
    assert await value_of("text_context_recall", case) == 1.0
    assert await value_of("text_context_precision", case) == pytest.approx(1 / 2)


@pytest.mark.parametrize("metric", ["text_context_precision", "text_context_recall"])
async def test_chunks_against_themselves_are_1(metric: str) -> None:
    """Each is found, and all are right."""
    texts = ["The first chunk is of cats.", "The second chunk is of dogs."]
    assert await value_of(metric, _chunks(texts, texts)) == 1.0


@pytest.mark.parametrize("metric", ["text_context_precision", "text_context_recall", "id_context_recall"])
async def test_no_chunks_retrieved_is_0(metric: str) -> None:
    """There was something to find."""
    found = await score(metric, _chunks([], ["a b c"], with_ids=True))
    assert (found.value, found.reason) == (0.0, "no_contexts")
