"""Calls are kept: answers are reused, failures asked again, on both kinds of state store."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from pitwall.llm.calls import Call, CallKind
from pitwall.llm.repository import CallQuery, Calls
from pitwall.llm.types import Api, CallFailed, CallFailure
from pitwall.stores.state import DEFAULT_PROJECT, StateStore
from tests.integration.llm.asking import Verdicts, models_of, question
from tests.support.judge_server import Act, JudgeServer, after


def stored(state: StateStore, run_id: str | None = None) -> list[Call]:
    """All calls, oldest first."""
    with state.session(read_only=True) as session:
        found = Calls(session, DEFAULT_PROJECT).list(CallQuery(limit=1_000, run_id=run_id))
    return list(reversed(found))


async def test_an_answer_is_asked_for_once(judge: JudgeServer, any_store: StateStore) -> None:
    """A later run takes it from the store, without a call; everything about the call can be looked up."""
    prices: dict[str, Any] = {"input_usd_per_million": Decimal(2), "output_usd_per_million": Decimal("0.5")}
    async with models_of(judge, any_store, run_id="run_1", **prices) as models:
        first = await models.ask(question("가", "나"), Verdicts)
    async with models_of(judge, any_store, run_id="run_2", **prices) as models:
        second = await models.ask(question("가", "나"), Verdicts)
        counts = models.counts
    assert (first.is_from_store, second.is_from_store) == (False, True)
    assert first.calls == second.calls
    assert first.value == second.value
    assert (len(judge.chats), counts.made, counts.from_store) == (1, 0, 1)
    [call] = stored(any_store)
    assert (call.key, call.run_id, call.kind) == (first.calls[0], "run_1", CallKind.CHAT)
    assert (call.usage.input_tokens, call.usage.output_tokens) == (11, 7)
    assert call.cost_usd == Decimal("0.0000255")
    assert "가" in call.request
    assert call.failure is None


async def test_a_fresh_run_takes_only_its_own_answers(judge: JudgeServer, any_store: StateStore) -> None:
    """To judge anew is to ask again; to go on with that run is not."""
    async with models_of(judge, any_store, run_id="run_1") as models:
        await models.ask(question("a"), Verdicts)
    for _ in range(2):
        async with models_of(judge, any_store, run_id="run_2", is_fresh=True) as models:
            await models.ask(question("a"), Verdicts)
    assert [call.run_id for call in stored(any_store)] == ["run_1", "run_2"]


async def test_a_failed_call_is_kept_and_asked_again(judge: JudgeServer, any_store: StateStore) -> None:
    """The failure stays for the audit; the next run gets an answer under the same key."""
    judge.script = [Act(finish="length", content='{"verd')]
    async with models_of(judge, any_store) as models:
        with pytest.raises(CallFailed) as failed:
            await models.ask(question("a"), Verdicts)
    async with models_of(judge, any_store) as models:
        answered = await models.ask(question("a"), Verdicts)
    assert [call.failure for call in stored(any_store)] == [CallFailure.TRUNCATED, None]
    assert failed.value.calls == answered.calls
    assert stored(any_store)[0].reply == '{"verd'


async def test_a_repaired_answer_is_found_again(judge: JudgeServer, any_store: StateStore) -> None:
    """Resuming repeats neither the reply that was wrong nor the one that was right."""
    judge.script = [Act('{"verdicts": 1}')]
    async with models_of(judge, any_store) as models:
        first = await models.ask(question("a"), Verdicts)
    async with models_of(judge, any_store) as models:
        second = await models.ask(question("a"), Verdicts)
    assert len(judge.chats) == 2
    assert (second.is_from_store, second.calls) == (True, first.calls)


async def test_a_repair_that_failed_is_asked_anew(judge: JudgeServer, any_store: StateStore) -> None:
    """A question that has no usable answer in the store is asked from its beginning."""
    judge.script = [Act('{"verdicts": 1}'), Act('{"verdicts": 2}')]
    async with models_of(judge, any_store) as models:
        with pytest.raises(CallFailed):
            await models.ask(question("a"), Verdicts)
    async with models_of(judge, any_store) as models:
        answered = await models.ask(question("a"), Verdicts)
    assert len(judge.chats) == 3
    assert len(answered.calls) == 1


async def test_vectors_are_kept_by_text(judge: JudgeServer, any_store: StateStore) -> None:
    """Only texts that were never embedded are sent; a vector from the store equals the one that came."""
    async with models_of(judge, any_store) as models:
        first = await models.embed(["aa", "b"])
    async with models_of(judge, any_store) as models:
        second = await models.embed(["ccc", "b", "aa"])
        counts = models.counts
    assert second[1:] == [first[1], first[0]]
    assert judge.asked[-1].body["input"] == ["ccc"]
    assert (counts.made, counts.from_store) == (1, 2)
    assert [call.usage.input_tokens for call in stored(any_store)] == [6, 0, 3]


async def test_many_answers_share_commits(judge: JudgeServer, any_store: StateStore) -> None:
    """Two hundred questions at once are all kept, each once."""
    judge.rule = after(0.01)
    async with models_of(judge, any_store, concurrency=32) as models:
        await asyncio.gather(*(models.ask(question(str(number)), Verdicts) for number in range(200)))
    calls = stored(any_store)
    assert len(calls) == len({call.key for call in calls}) == 200
    assert judge.most_at_once <= 32


async def test_another_model_or_parameter_is_another_question(
    judge: JudgeServer, any_store: StateStore
) -> None:
    """The key holds all that can change an answer."""
    for fields in ({}, {"temperature": 0.7}, {"seed": 1}, {"max_tokens": 10}, {"options": {"top_p": 0.5}}):
        async with models_of(judge, any_store, **fields) as models:
            await models.ask(question("a"), Verdicts)
    assert len({call.key for call in stored(any_store)}) == 5


async def test_limits_and_prices_are_no_part_of_a_question(judge: JudgeServer, any_store: StateStore) -> None:
    """To ask faster or at another price is to ask the same."""
    for fields in ({}, {"concurrency": 1}, {"timeout_seconds": 1.0}, {"requests_per_minute": 60}):
        async with models_of(judge, any_store, **fields) as models:
            await models.ask(question("a"), Verdicts)
    assert len(stored(any_store)) == 1


async def test_answers_of_another_project_are_not_taken(judge: JudgeServer, any_store: StateStore) -> None:
    """Walls between tenants hold for calls, too."""
    async with models_of(judge, any_store) as models:
        await models.ask(question("a"), Verdicts)
    with any_store.session(read_only=True) as session:
        assert Calls(session, "_pitwall").list(CallQuery(limit=10)) == []


async def test_simulated_answers_are_kept_as_such(judge: JudgeServer, any_store: StateStore) -> None:
    """They cost nothing, and their rows say that no model was asked."""
    async with models_of(judge, any_store, api=Api.SIMULATED) as models:
        await models.ask(question("a"), Verdicts)
    [call] = stored(any_store)
    assert (call.api, call.finish_reason, call.cost_usd) == (Api.SIMULATED, "simulated", Decimal(0))


async def test_an_answer_that_cannot_be_kept_is_shown_to_nobody(
    judge: JudgeServer, any_store: StateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the row cannot be written, whoever asked is told so instead; others are not affected."""
    add = Calls.add

    def refuse(self: Calls, calls: Sequence[Call]) -> None:
        if any("poison" in call.request for call in calls):
            raise RuntimeError("cannot be kept")
        add(self, calls)

    monkeypatch.setattr(Calls, "add", refuse)
    async with models_of(judge, any_store) as models:
        texts = ["a", "poison", "b"]
        asked = (models.ask(question(text), Verdicts) for text in texts)
        first, second, third = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(second, RuntimeError)
    assert not isinstance(first, BaseException)
    assert not isinstance(third, BaseException)
    assert len(stored(any_store)) == 2


async def test_texts_that_no_database_or_json_takes_do_no_harm(
    judge: JudgeServer, any_store: StateStore
) -> None:
    """Half a character in a question, a zero byte in a reply: both are kept as what can be written."""
    judge.script = [Act('{"verdicts": "\x00"}')]
    judge.rule = lambda asked: Act('{"verdicts": [{"id": 1, "verdict": "yes"}]}')
    async with models_of(judge, any_store) as models:
        answered = await models.ask(question("가\ud83d"), Verdicts)
        assert await models.embed(["\ud83d"]) == [[1.0, 0.5, 0.25]]
    assert answered.value.verdicts
    async with models_of(judge, any_store) as models:
        assert (await models.ask(question("가\ud83d"), Verdicts)).is_from_store
    assert "�" in judge.chats[0].text
    assert "�" in (stored(any_store)[0].reply or "")
