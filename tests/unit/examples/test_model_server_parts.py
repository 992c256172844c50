"""Embeddings, tokens, latency and faults of the model simulator."""

from __future__ import annotations

import math
import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.model_server.embedding import embed
from examples.model_server.faults import FaultBoard, FaultMode, parse_fault
from examples.model_server.latency import Latency, LatencyProfile
from examples.model_server.text import count_tokens, tokenize
from pitwall.core.errors import InvalidInput


def cosine(left: str, right: str) -> float:
    return math.fsum(a * b for a, b in zip(embed(left), embed(right), strict=True))


@given(text=st.text(), dimensions=st.integers(1, 64))
def test_embedding_is_a_unit_vector_for_any_text(text: str, dimensions: int) -> None:
    """Every text gets a vector of the asked length with norm 1, always the same one."""
    vector = embed(text, dimensions)
    assert len(vector) == dimensions
    assert math.isclose(math.fsum(value * value for value in vector), 1.0, rel_tol=1e-9)
    assert vector == embed(text, dimensions)


def test_related_korean_texts_are_nearer_than_unrelated_ones() -> None:
    """Endings and word order matter less than the words; composed and decomposed Hangul are the same."""
    question = "신용카드 환불은 며칠 걸리나요?"
    assert cosine(question, "환불은 신용카드로 며칠이 걸립니다") > 0.3
    assert cosine(question, "공기청정기 필터를 물로 씻어도 됩니까") < 0.15
    assert embed("환불") == embed("\u1112\u116a\u11ab\u1107\u116e\u11af")


@given(text=st.text())
def test_tokens_join_to_the_text(text: str) -> None:
    """Streaming the tokens of a text one by one gives the text; the count follows the stated rule."""
    assert "".join(tokenize(text)) == text
    assert count_tokens(text) == len(tokenize(text))


def test_token_rule_is_as_stated() -> None:
    """Four Latin letters or digits are a token, and so is every other visible character."""
    assert tokenize("환불 refunds 3000") == ["환", "불", " refu", "nds", " 3000"]


def test_latency_is_lognormal_with_the_stated_median() -> None:
    """Median and p95 of 20,000 draws are those of the distribution, within 3 %; 0 is no wait."""
    latency = Latency(LatencyProfile(first_token_ms=200.0, sigma=0.35, per_token_ms=0.0), random.Random(7))
    draws = sorted(latency.first_token() for _ in range(20_000))
    assert statistics.median(draws) == pytest.approx(0.2, rel=0.03)
    assert draws[19_000] == pytest.approx(0.2 * math.exp(0.35 * 1.6449), rel=0.03)
    assert latency.next_token() == 0.0


def test_fault_hits_its_share_of_the_matching_model() -> None:
    """A ratio is met within chance; other models are never hit; hits are counted."""
    board = FaultBoard(random.Random(1))
    board.add({"mode": "slow", "ratio": 0.25, "match_model": "qwen*"})
    hits = sum(board.draw("qwen2.5:7b") is not None for _ in range(4000))
    assert 900 < hits < 1100
    assert all(board.draw("bge-m3") is None for _ in range(100))
    assert board.listing()[0]["hits"] == hits


def test_fault_with_a_count_ends_by_itself() -> None:
    """After `count` hits requests pass again, or meet the next fault."""
    board = FaultBoard(random.Random(1))
    board.add({"mode": "status_429", "count": 2})
    board.add({"mode": "slow", "count": 1})
    drawn = [board.draw("m") for _ in range(4)]
    assert [fault.mode if fault else None for fault in drawn] == [
        FaultMode.STATUS_429,
        FaultMode.STATUS_429,
        FaultMode.SLOW,
        None,
    ]


@pytest.mark.parametrize(
    "spec",
    [
        {"mode": "explode"},
        {"mode": "slow", "ratio": 1.5},
        {"mode": "slow", "ratio": True},
        {"mode": "slow", "count": 0},
        {"mode": "slow", "seconds": -1},
        {"mode": "slow", "colour": "red"},
        {},
        [],
    ],
)
def test_impossible_fault_is_refused(spec: object) -> None:
    """A fault that cannot be is an error that names the value, not a fault that never happens."""
    with pytest.raises(InvalidInput):
        parse_fault(spec)
