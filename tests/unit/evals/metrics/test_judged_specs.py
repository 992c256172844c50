"""What all judged metrics have in common: facts in both languages, identities, and how they fail."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

import pytest
from pydantic import BaseModel

from pitwall.evals.metrics.judged import JudgedMetric
from pitwall.evals.metrics.judged_reasons import SAYS, Reason
from pitwall.evals.metrics.registry import built_in, find, identity
from pitwall.evals.metrics.scoring import score_case
from pitwall.evals.metrics.types import Metric
from pitwall.evals.types import Answer, Case, Context, Example, ScoreStatus, ToolCall, Turn
from pitwall.llm.types import Answered, CallFailed, CallFailure, Message

Reply = TypeVar("Reply", bound=BaseModel)

JUDGED = [metric for metric in built_in() if metric.spec.calls or metric.spec.needs_embeddings]
FULL = Case(
    Example("1", "question", reference="reference", metadata={"required_points": ["a point"]}),
    Answer("answer", (Context("chunk"),), (ToolCall("t"),), (Turn("q", "a", (Context("c"),)),)),
)


def named(metric: Metric) -> str:
    return metric.spec.name


def with_criteria(metric: Metric) -> Metric:
    needs = metric.spec.name in ("g_eval", "aspect_critic")
    return find(f"{metric.spec.name}:criteria=x") if needs else find(metric.spec.name)


@pytest.mark.parametrize("metric", JUDGED, ids=named)
def test_metric_is_described_in_both_languages(metric: Metric) -> None:
    """Title and description; Korean is Korean."""
    spec = metric.spec
    assert spec.title.en
    assert spec.description.en.endswith((".", "`", "ragas)."))
    assert re.search("[가-힣]", spec.description.ko)
    assert not re.search("[가-힣]", spec.description.en.replace("1억원", "").replace("100,000,000원", ""))


@pytest.mark.parametrize("metric", JUDGED, ids=named)
def test_prompts_are_part_of_the_identity(metric: Metric) -> None:
    """Another prompt, another ruler; so is another judge, or another source of vectors."""
    said = identity(metric, "the-judge", "the-vectors")
    assert ("judge=the-judge" in said) == bool(metric.spec.calls)
    assert ("embedding=the-vectors" in said) == metric.spec.needs_embeddings
    assert all(digest in said for _, digest in metric.spec.prompts)
    assert bool(metric.spec.prompts) == bool(metric.spec.calls)


class Failing:
    """A judge and an embedding model of which every call fails."""

    def __init__(self, failure: CallFailure) -> None:
        self.failure = failure

    async def ask(
        self, messages: Sequence[Message], shape: type[Reply], *, sample: int = 0
    ) -> Answered[Reply]:
        raise CallFailed("gone", failure=self.failure, calls=["k"])

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        raise CallFailed("gone", failure=self.failure, calls=["k"])


@pytest.mark.parametrize("failure", [CallFailure.TIMEOUT, CallFailure.REFUSED, CallFailure.TRUNCATED])
@pytest.mark.parametrize("metric", JUDGED, ids=named)
async def test_metric_is_an_error_if_its_judge_fails(metric: Metric, failure: CallFailure) -> None:
    """Of that kind, and never a number."""
    result = await score_case(with_criteria(metric), FULL, Failing(failure))
    assert (result.status, result.value) == (ScoreStatus.ERROR, None)
    assert result.reason == f"judge_{failure}"
    assert "gone" in (result.explanation or "")


@pytest.mark.parametrize("metric", JUDGED, ids=named)
async def test_metric_lets_a_spent_budget_through(metric: Metric) -> None:
    """The run stops on it."""
    with pytest.raises(CallFailed):
        await score_case(with_criteria(metric), FULL, Failing(CallFailure.BUDGET))


@pytest.mark.parametrize("metric", JUDGED, ids=named)
async def test_metric_without_a_judge_says_so(metric: Metric) -> None:
    """It is an error of the set-up, not of the answer."""
    result = await score_case(with_criteria(metric), FULL, None)
    assert (result.status, result.reason) == (ScoreStatus.ERROR, "no_judge")


def test_plain_metrics_compute_their_hashes_when_asked() -> None:
    """And only once."""
    plain = next(metric for metric in JUDGED if isinstance(metric, JudgedMetric) and metric.prompts)
    assert plain.spec is plain.spec
    assert [name for name, _ in plain.spec.prompts] == list(plain.prompts)


def test_every_reason_has_a_sentence_in_both_languages() -> None:
    """Whoever looks at a case reads why there is no number."""
    assert set(SAYS) == set(Reason)
    for text in SAYS.values():
        assert text.en.endswith(".")
        assert re.search("[가-힣]", text.ko)
