"""Questions to a judge on HTTP: what comes back, how it can fail, and what is asked again."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from pitwall.llm.models import ModelsPlan, open_models
from pitwall.llm.types import Api, CallFailed, CallFailure
from tests.integration.llm.asking import Verdicts, endpoint, models_of, question
from tests.support.judge_server import Act, Asked, JudgeServer, after, verdicts


@pytest.mark.parametrize("api", [Api.OPENAI, Api.OLLAMA])
async def test_a_reply_has_the_shape_that_was_asked_for(judge: JudgeServer, api: Api) -> None:
    """Both wires give a validated value, and count the call and its tokens."""
    async with models_of(judge, api=api) as models:
        answered = await models.ask(question("a", "b"), Verdicts)
        counts = models.counts
    assert [one.id for one in answered.value.verdicts] == [1, 2]
    assert (counts.made, counts.input_tokens, counts.output_tokens) == (1, 11, 7)
    assert judge.chats[0].mode == "json_schema"


async def test_other_addresses_are_reached_as_well(
    judge: JudgeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not known to be this machine takes the way with certificates and proxies."""
    monkeypatch.setenv("NO_PROXY", "127.1")
    elsewhere = replace(endpoint(judge), base_url=f"http://127.1:{judge.port}/v1")
    async with open_models(ModelsPlan(elsewhere)) as models:
        assert (await models.ask(question("a"), Verdicts)).value.verdicts


@pytest.mark.parametrize(
    ("act", "failure", "requests"),
    [
        (Act(status=401), CallFailure.AUTH, 1),
        (Act(finish="length"), CallFailure.TRUNCATED, 1),
        (Act(refusal="I cannot help with that."), CallFailure.REFUSED, 1),
        (Act(finish="content_filter"), CallFailure.REFUSED, 1),
        (Act(status=500), CallFailure.UNAVAILABLE, 4),
        (Act(status=404), CallFailure.REJECTED, 1),
        (Act(drop=True), CallFailure.NETWORK, 4),
        (Act(status=429, headers={"retry-after": "0"}), CallFailure.RATE_LIMITED, 8),
        (Act(body="<html>"), CallFailure.UNAVAILABLE, 4),
        (Act(delay_seconds=30), CallFailure.TIMEOUT, 2),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
async def test_every_kind_of_failure_is_told_apart(
    judge: JudgeServer, monkeypatch: pytest.MonkeyPatch, act: Act, failure: CallFailure, requests: int
) -> None:
    """What can pass is tried again, a bounded number of times; what cannot, once."""
    monkeypatch.setattr("pitwall.llm.client._FIRST_PAUSE_SECONDS", 0.001)
    judge.rule = lambda asked: act
    async with models_of(judge, timeout_seconds=0.3) as models:
        with pytest.raises(CallFailed) as failed:
            await models.ask(question("a"), Verdicts)
        counts = models.counts
    assert failed.value.failure is failure
    assert failed.value.code == f"llm.{failure.value}"
    assert len(judge.asked) == requests
    assert (counts.failed, counts.made) == ({failure: 1}, 1)


async def test_a_nobody_at_the_address_is_a_network_failure(
    judge: JudgeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that does not run is named, with its address."""
    monkeypatch.setattr("pitwall.llm.client._FIRST_PAUSE_SECONDS", 0.001)
    judge.stop()
    async with models_of(judge) as models:
        with pytest.raises(CallFailed, match=judge.url) as failed:
            await models.ask(question("a"), Verdicts)
    assert failed.value.failure is CallFailure.NETWORK


async def test_a_reply_of_the_wrong_shape_is_repaired_once(judge: JudgeServer) -> None:
    """The model is told what was wrong with its reply, and may correct it."""
    judge.script = [Act('{"verdicts": [{"id": "x", "verdict": "maybe"}]}')]
    judge.rule = lambda asked: Act('{"verdicts": [{"id": 1, "verdict": "no"}]}')
    async with models_of(judge) as models:
        answered = await models.ask(question("a"), Verdicts)
    assert answered.value.verdicts[0].verdict == "no"
    assert "verdicts.0.verdict: Input should be 'yes' or 'no'" in judge.chats[1].text
    assert len(set(answered.calls)) == 2


async def test_a_reply_that_stays_wrong_is_a_failure(judge: JudgeServer) -> None:
    """There is one repair, not many."""
    judge.rule = lambda asked: Act('{"verdicts": "all of them"}')
    async with models_of(judge) as models:
        with pytest.raises(CallFailed) as failed:
            await models.ask(question("a"), Verdicts)
    assert failed.value.failure is CallFailure.WRONG_SHAPE
    assert len(judge.chats) == 2


@pytest.mark.parametrize("api", [Api.OPENAI, Api.OLLAMA])
async def test_modes_are_tried_in_order_and_the_one_that_works_is_remembered(
    judge: JudgeServer, api: Api
) -> None:
    """A server that refuses schemas and tools and ignores json_object is asked for fenced replies then."""

    def rule(asked: Asked) -> Act:
        if asked.mode in ("json_schema", "tools"):
            return Act(status=400, body={"error": {"message": f"{asked.mode} is not supported"}})
        return (
            Act(f"```json\n{verdicts(asked).content}\n```") if asked.mode == "fenced" else Act("Sure! Yes.")
        )

    judge.rule = rule
    async with models_of(judge, api=api) as models:
        await models.ask(question("a"), Verdicts)
        await models.ask(question("b"), Verdicts)
    modes = [asked.mode for asked in judge.chats]
    assert modes == ["json_schema", "tools", "json_object", "fenced", "fenced"]


async def test_a_model_that_takes_no_temperature_is_asked_without(judge: JudgeServer) -> None:
    """What a model says that it does not take is left out from then on, and the limit has its newer name."""

    def rule(asked: Asked) -> Act:
        for name in ("max_tokens", "temperature"):
            if name in asked.body:
                error = {
                    "message": f"{name} is not supported",
                    "param": name,
                    "code": "unsupported_parameter",
                }
                return Act(status=400, body={"error": error})
        return verdicts(asked)

    judge.rule = rule
    async with models_of(judge) as models:
        await models.ask(question("a"), Verdicts)
        await models.ask(question("b"), Verdicts)
    assert judge.chats[-1].body["max_completion_tokens"] == 2048
    assert len(judge.chats) == 4


async def test_equal_questions_at_once_are_one_call(judge: JudgeServer) -> None:
    """Whoever asks what is being asked gets the same answer; another sample is another question."""
    judge.rule = after(0.05)
    async with models_of(judge) as models:
        same = [models.ask(question("a"), Verdicts) for _ in range(5)]
        answers = await asyncio.gather(*same, models.ask(question("a"), Verdicts, sample=1))
        counts = models.counts
    assert len(judge.chats) == 2
    assert (counts.made, counts.joined) == (2, 4)
    assert len({answer.calls for answer in answers[:5]}) == 1


async def test_embeddings_come_in_the_order_of_the_texts(judge: JudgeServer) -> None:
    """Texts that are asked at once travel together, each once, whatever order the server answers in."""
    texts = [f"{'x' * length}" for length in range(1, 101)]
    async with models_of(judge) as models:
        first, second = await asyncio.gather(models.embed(texts), models.embed(["x", "xx"]))
    assert [vector[0] for vector in first] == [float(len(text)) for text in texts]
    assert [vector[0] for vector in second] == [1.0, 2.0]
    sent = [text for asked in judge.asked for text in asked.body["input"]]
    assert sorted(sent) == sorted(texts)
    assert len(judge.asked) == 2


async def test_the_simulated_judge_needs_no_server(judge: JudgeServer) -> None:
    """It answers in the shape that was asked for, and says what it is."""
    async with models_of(judge, api=Api.SIMULATED) as models:
        answered = await models.ask(question("a", "b"), Verdicts)
        vectors = await models.embed(["a", "b"])
    assert [one.id for one in answered.value.verdicts] == [1, 2]
    assert len(vectors) == 2
    assert judge.asked == []
