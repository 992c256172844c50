"""What a case lacks decides before a metric is asked, and a metric that breaks is an error by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from pitwall.evals.metrics.needs import missing
from pitwall.evals.metrics.scoring import score_case
from pitwall.evals.metrics.types import CodeMetric, Family, Metric, MetricSpec, Needs
from pitwall.evals.types import Answer, Case, Context, Example, Score, ScoreStatus, ToolCall, Turn
from pitwall.kit.i18n import Text
from pitwall.llm.types import CallFailed, CallFailure, Models

SPEC = MetricSpec("mine", 1, Family.ANSWER, Text("Mine", "내 지표"), Text("One.", "하나."))
EXAMPLE = Example("1", "q")
FULL = Case(
    Example(
        "1",
        "q",
        reference="r",
        reference_contexts=(Context("c"),),
        relevance={"d": 1.0},
        reference_tool_calls=(),
    ),
    Answer(
        "a",
        contexts=(),
        tool_calls=(),
        turns=(Turn("q"),),
        latency_ms=1.0,
        cost_usd=0.0,
        output_tokens=0,
    ),
)


def _spec(*needs: Needs) -> MetricSpec:
    return replace(SPEC, needs=frozenset(needs))


@pytest.mark.parametrize("need", list(Needs))
def test_field_that_is_not_there_makes_a_metric_not_applicable(need: Needs) -> None:
    """Nothing is scored 0 because the data set has no such field."""
    score = missing(Case(EXAMPLE, Answer()), _spec(need))
    assert score == Score("mine", ScoreStatus.NOT_APPLICABLE, reason=f"no_{need}")


@pytest.mark.parametrize("need", list(Needs))
def test_field_that_is_there_lets_the_metric_judge(need: Needs) -> None:
    """Empty contexts, no tool calls, a cost of 0 and no right calls are findings."""
    assert missing(FULL, _spec(need)) is None


@pytest.mark.parametrize(
    ("example", "need"),
    [
        (replace(EXAMPLE, reference="  "), Needs.REFERENCE),
        (replace(EXAMPLE, reference_contexts=()), Needs.REFERENCE_CONTEXTS),
        (replace(EXAMPLE, relevance={}), Needs.RELEVANCE),
        (replace(EXAMPLE, relevance={"d": 0.0}), Needs.RELEVANCE),
    ],
)
def test_label_that_says_nothing_is_no_label(example: Example, need: Needs) -> None:
    """An empty reference cannot be matched, so nothing is judged by it."""
    assert missing(Case(example, Answer("a")), _spec(need)) is not None


@pytest.mark.parametrize("text", ["", " \n"])
def test_empty_answer_is_an_error(text: str) -> None:
    """It is neither right nor wrong, and never 0."""
    score = missing(Case(EXAMPLE, Answer(text)), _spec(Needs.ANSWER))
    assert score == Score("mine", ScoreStatus.ERROR, reason="empty_answer")


def test_target_that_failed_is_an_error_with_its_words() -> None:
    """Also for metrics that need nothing."""
    score = missing(Case(EXAMPLE, Answer(error="503 from the service")), _spec())
    assert score == Score(
        "mine", ScoreStatus.ERROR, reason="target_failed", explanation="503 from the service"
    )


def _raise(error: Exception) -> Callable[[Case], Score]:
    def function(case: Case) -> Score:
        raise error

    return function


async def test_metric_that_raises_is_an_error_by_name() -> None:
    """The run goes on, and the score says which metric and what."""
    score = await score_case(CodeMetric(SPEC, _raise(KeyError("x"))), FULL)
    assert (score.status, score.reason) == (ScoreStatus.ERROR, "metric_failed")
    assert score.explanation == "Metric 'mine' failed: KeyError: 'x'"


@pytest.mark.parametrize(
    "returned",
    [
        Score("other", ScoreStatus.SCORED, 0.5),
        Score("mine", ScoreStatus.SCORED, float("nan")),
        Score("mine", ScoreStatus.SCORED, 1.2),
        Score("mine", ScoreStatus.SCORED, -0.1),
        None,
    ],
)
async def test_value_that_cannot_be_is_an_error(returned: Score) -> None:
    """NaN and values outside of what the metric declares never reach a mean."""
    score = await score_case(CodeMetric(SPEC, lambda case: returned), FULL)
    assert (score.status, score.reason) == (ScoreStatus.ERROR, "metric_failed")


async def test_metric_that_judges_is_left_alone() -> None:
    """A good score passes as it is."""
    good = Score("mine", ScoreStatus.SCORED, 1.0)
    assert await score_case(CodeMetric(SPEC, lambda case: good), FULL) is good


class _Asking:
    """A metric whose call fails."""

    spec = SPEC

    def __init__(self, failure: CallFailure) -> None:
        self._failure = failure

    async def score(self, case: Case, models: Models | None) -> Score:
        raise CallFailed("No reply.", failure=self._failure, calls=("k1",))


async def test_failed_call_is_an_error_with_its_kind() -> None:
    """A metric that lets a failed call through still gives a status, with the calls it made."""
    metric: Metric = _Asking(CallFailure.TIMEOUT)
    score = await score_case(metric, FULL)
    assert (score.status, score.reason, score.calls) == (ScoreStatus.ERROR, "timeout", ("k1",))


async def test_spent_budget_passes_through() -> None:
    """A run stops by it."""
    with pytest.raises(CallFailed):
        await score_case(_Asking(CallFailure.BUDGET), FULL)


def test_case_with_everything_has_every_need() -> None:
    """The examples above stand on a case that lacks nothing."""
    assert (
        missing(replace(FULL, answer=replace(FULL.answer, tool_calls=(ToolCall("t"),))), _spec(*Needs))
        is None
    )
