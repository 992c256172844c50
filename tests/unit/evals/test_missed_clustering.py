"""Which missed questions stand together, and why a trace counts as missed."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.core.feedback import SATISFACTION, THUMB
from pitwall.evals.metrics.registry import load
from pitwall.evals.metrics.types import MetricSpec
from pitwall.evals.missed.clustering import SAME_FROM, cluster, likeness
from pitwall.evals.missed.reasons import find_reasons, looks_like_refusal
from pitwall.evals.missed.types import GivenScore, MissedReason, MissedTrace, Root


def make_missed(number: int, question: str, *reasons: MissedReason) -> MissedTrace:
    return MissedTrace(
        trace_id=f"{number:032x}",
        unix_nano=number,
        question=question,
        reasons=frozenset(reasons or (MissedReason.NO_HITS,)),
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("배송은 언제 되나요?", "배송 언제 오나요"),
        ("환불 규정을 알려주세요", "환불 규정이 어떻게 되나요?"),
        ("How do I reset my password?", "how can I reset passwords"),
        ("배송비가 얼마예요?", "배송비는 얼마인가요?"),
    ],
)
def test_questions_about_the_same_stand_together(one: str, other: str) -> None:
    """Particles, endings and the words one asks with do not matter."""
    assert likeness(one, other) >= SAME_FROM


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("환불은 언제 되나요?", "배송은 언제 되나요?"),
        ("How do I reset my password?", "How do I delete my account?"),
        ("교환 방법을 알려주세요", "회원 탈퇴를 알려주세요"),
    ],
)
def test_questions_about_something_else_stand_apart(one: str, other: str) -> None:
    """The same way of asking is not the same question."""
    assert likeness(one, other) < SAME_FROM


def test_most_frequent_question_comes_first_with_counts_by_reason() -> None:
    """A trace with two reasons counts for both and once as a request."""
    found = cluster(
        [
            make_missed(1, "배송은 언제 되나요?", MissedReason.NO_HITS),
            make_missed(2, "배송은 언제 되나요?", MissedReason.NO_HITS, MissedReason.REFUSAL),
            make_missed(3, "배송 언제 오나요", MissedReason.NEGATIVE_FEEDBACK),
            make_missed(4, "환불 규정을 알려주세요"),
        ]
    )
    assert [(one.question, len(one.traces), one.wordings) for one in found] == [
        ("배송은 언제 되나요?", 3, 2),
        ("환불 규정을 알려주세요", 1, 1),
    ]
    assert found[0].reasons == {
        MissedReason.NO_HITS: 2,
        MissedReason.REFUSAL: 1,
        MissedReason.NEGATIVE_FEEDBACK: 1,
    }
    assert [trace.unix_nano for trace in found[0].traces] == [3, 2, 1]


QUESTIONS = st.lists(
    st.sampled_from(
        [
            "배송은 언제 되나요?",
            "배송 언제 오나요",
            "환불 규정",
            "환불 규정을 알려줘",
            "reset password",
            "?",
            "배송비",
        ]
    )
    | st.text(min_size=1, max_size=12),
    max_size=12,
)


@given(QUESTIONS, st.integers())
def test_clusters_do_not_depend_on_order_and_lose_nobody(questions: list[str], seed: int) -> None:
    """Every trace is in exactly one cluster, whatever order they come in."""
    traces = [make_missed(number, question) for number, question in enumerate(questions, 1)]
    shuffled = random.Random(seed).sample(traces, len(traces))
    found = cluster(traces)
    assert cluster(shuffled) == found
    assert sorted(trace.unix_nano for one in found for trace in one.traces) == list(range(1, len(traces) + 1))


def find_spec(name: str) -> MetricSpec | None:
    return next((metric.spec for metric in load() if metric.spec.name == name), None)


def make_root(number: int, *, is_error: bool = False, output: str = "이틀 걸립니다.") -> Root:
    return Root(trace_id=f"{number:032x}", unix_nano=number, is_error=is_error, output_preview=output)


def test_each_reason_is_found_and_what_is_well_is_left_out() -> None:
    """Scores of metrics without a threshold, and of names that nobody knows, say nothing."""
    roots = [
        make_root(1),
        make_root(2, is_error=True),
        make_root(3, output="죄송합니다. 문서에서 찾을 수 없습니다."),
        *map(make_root, range(4, 10)),
    ]
    ids = [root.trace_id for root in roots]
    scores = [
        GivenScore(ids[4], THUMB, 0.0),
        GivenScore(ids[5], SATISFACTION, 2.0),
        GivenScore(ids[6], "faithfulness", 0.2),
        GivenScore(ids[7], "latency", 9_000.0),
        GivenScore(ids[7], "our_own", 0.0),
        GivenScore(ids[7], THUMB, 1.0),
        GivenScore(ids[7], SATISFACTION, 3.0),
        GivenScore(ids[8], "faithfulness", 0.9),
    ]
    assert find_reasons(roots, {ids[3]}, scores, find_spec) == {
        ids[1]: {MissedReason.ERROR},
        ids[2]: {MissedReason.REFUSAL},
        ids[3]: {MissedReason.NO_HITS},
        ids[4]: {MissedReason.NEGATIVE_FEEDBACK},
        ids[5]: {MissedReason.NEGATIVE_FEEDBACK},
        ids[6]: {MissedReason.LOW_SCORE},
    }


@pytest.mark.parametrize(
    ("beginning", "expected"),
    [
        ('{"answer": "죄송합니다. 제공된 문서에서 답을 찾을 수 없습니다. 고객센터에 문의해', True),
        ("I don't know the answer to that.", True),
        ('{"answer": "이틀 걸립니다.", "sources": []}', False),
        ("", False),
    ],
)
def test_refusal_is_seen_at_the_beginning_of_an_output(beginning: str, expected: bool) -> None:
    """As text and as JSON that is cut."""
    assert looks_like_refusal(beginning) is expected
