"""Judged metrics over HTTP and the store of calls: how many calls a family takes, what a bad judge does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager

import pytest

from pitwall.evals.judging import shapes
from pitwall.evals.metrics.registry import built_in, find
from pitwall.evals.metrics.scoring import score_case
from pitwall.evals.types import Answer, Case, Context, Example, Score, ScoreStatus
from pitwall.llm.models import EndpointModels, ModelsPlan, open_models
from pitwall.llm.repository import CallQuery, Calls
from pitwall.llm.shapes import shape_of
from pitwall.llm.simulated import reply
from pitwall.llm.types import Api, Message, ModelEndpoint
from pitwall.stores.state import DEFAULT_PROJECT, StateStore
from tests.integration.state.conftest import any_store, postgres_url, state_clock  # noqa: F401
from tests.support.judge_server import Act, Asked, JudgeServer, after, running_judge

FAMILY = [
    "faithfulness",
    "unsupported_rate",
    "contradiction_rate",
    "hallucination",
    "self_knowledge",
    "noise_sensitivity_relevant",
    "noise_sensitivity_irrelevant",
    "factual_precision",
    "factual_recall",
    "factual_correctness",
    "claim_recall",
    "context_recall",
    "context_precision",
    "context_precision_set",
    "context_precision_without_reference",
    "context_utilization",
]
CHUNKS = tuple(Context(f"제{n}조: 보장금액은 {n}억원이다.") for n in range(1, 6))
ANSWER = "보장금액은 1억원이다. 면책기간은 90일이다."


def make_case(answer: str = ANSWER) -> Case:
    example = Example("1", "보장금액은?", "ko", reference="보장금액은 1억원이다.")
    return Case(example, Answer(answer, CHUNKS))


def by_words(asked: Asked) -> Act:
    """Answer as the simulated judge does, as a model behind HTTP would."""
    messages = [Message(one["role"], one["content"]) for one in asked.body["messages"]]
    shape = getattr(shapes, asked.body["response_format"]["json_schema"]["name"])
    return Act(reply(messages, shape_of(shape)))


@pytest.fixture
def judge() -> Iterator[JudgeServer]:
    """A judge that looks at words."""
    built_in()
    with running_judge(by_words) as server:
        yield server


@asynccontextmanager
async def models_of(server: JudgeServer, state: StateStore | None = None) -> AsyncIterator[EndpointModels]:
    endpoint = ModelEndpoint(Api.OPENAI, "judge", server.openai_url, timeout_seconds=0.5)
    async with open_models(ModelsPlan(endpoint), state) as models:
        yield models


async def test_family_asked_at_once_is_five_calls(judge: JudgeServer, any_store: StateStore) -> None:  # noqa: F811
    """Five chunks, sixteen metrics, all at the same time: five rows in the store."""
    async with models_of(judge, any_store) as models:
        scores = await asyncio.gather(*(score_case(find(name), make_case(), models) for name in FAMILY))
    assert all(score.status is ScoreStatus.SCORED for score in scores)
    assert len(judge.chats) == 5
    with any_store.session(read_only=True) as session:
        keys = {call.key for call in Calls(session, DEFAULT_PROJECT).list(CallQuery(limit=100))}
    assert len(keys) == 5
    assert {key for score in scores for key in score.calls} == keys


async def test_another_answer_takes_three_calls(judge: JudgeServer, any_store: StateStore) -> None:  # noqa: F811
    """Reference and contexts are as they were, so what was asked about them is known."""
    async with models_of(judge, any_store) as models:
        for name in FAMILY:
            await score_case(find(name), make_case(), models)
    before = len(judge.chats)
    async with models_of(judge, any_store) as models:
        for name in FAMILY:
            await score_case(find(name), make_case("보장금액은 3억원이다."), models)
    assert len(judge.chats) - before == 3


async def _faithfulness(judge: JudgeServer) -> Score:
    async with models_of(judge) as models:
        return await score_case(find("faithfulness"), make_case(), models)


async def test_good_judge_gives_a_number(judge: JudgeServer) -> None:
    """The one that bad judges are held against."""
    assert (await _faithfulness(judge)).value == 0.5


def _said(*verdicts: Mapping[str, object]) -> Act:
    return Act(json.dumps({"verdicts": verdicts}))


SUPPORTED: Mapping[str, object] = {"reason": "r", "verdict": "supported", "sources": [1]}


@pytest.mark.parametrize(
    ("replies", "status", "reason"),
    [
        ([Act("Yes, the context never mentions it. Yes.")] * 9, "error", "judge_invalid_json"),
        ([Act('{"verdicts": ["yes", "yes"]}')] * 9, "error", "judge_wrong_shape"),
        ([Act('{"verdicts": [{"id": 1, "rea', finish="length")] * 9, "error", "judge_truncated"),
        ([Act("", refusal="I cannot judge that.")] * 9, "error", "judge_refused"),
        ([after(2.0, by_words)] * 9, "error", "judge_timeout"),
        ([Act(status=401)] * 9, "error", "judge_auth"),
        ([_said({"id": 1, **SUPPORTED})] * 2, "undetermined", "low_coverage"),
        ([_said({"id": 7, **SUPPORTED})] * 2, "undetermined", "low_coverage"),
        ([_said()] * 2, "undetermined", "low_coverage"),
    ],
)
async def test_bad_judge_never_gives_a_number(
    judge: JudgeServer,
    replies: list[Act | Callable[[Asked], Act]],
    status: str,
    reason: str,
) -> None:
    """What went wrong has a name of its own."""
    judge.script = [by_words, *replies]
    result = await _faithfulness(judge)
    assert (result.status.value, result.value, result.reason) == (status, None, reason)


@pytest.mark.parametrize(
    "act", [Act(status=429, headers={"retry-after": "0"}), Act(status=500), Act(drop=True)]
)
async def test_judge_that_recovers_gives_its_number(judge: JudgeServer, act: Act) -> None:
    """A limit, a server error and a lost connection are asked again."""
    judge.script = [by_words, act]
    assert (await _faithfulness(judge)).value == 0.5


async def test_too_many_verdicts_change_nothing(judge: JudgeServer) -> None:
    """Of ids that were not asked for, and the same one twice."""
    judge.script = [
        by_words,
        _said(*({"id": n, **SUPPORTED} for n in (1, 2, 2, 3))),
    ]
    result = await _faithfulness(judge)
    assert (result.value, result.evidence["irregularities"]) == (1.0, {"unknown_ids": 1})
