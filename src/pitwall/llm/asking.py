"""One question: from the store if it was answered before, else in the mode that works, with one repair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic

from pitwall.llm.abilities import AbilityMemory
from pitwall.llm.calling import Caller, ChatQuestion, Made, failed, is_simulated
from pitwall.llm.calls import Call, Kept
from pitwall.llm.keys import chat_key
from pitwall.llm.shapes import shape_of
from pitwall.llm.structured import instructed, read_reply, repair_messages
from pitwall.llm.types import (
    Answered,
    CallFailed,
    CallFailure,
    Message,
    ModelEndpoint,
    Reply,
)
from pitwall.llm.wire import Mode, Quirks, WireFailure

_REPAIRABLE = frozenset({CallFailure.INVALID_JSON, CallFailure.WRONG_SHAPE})
# Answers by which servers refuse a way of structuring replies that they do not know.
_UNSUPPORTED = frozenset({400, 422, 501})
_MOST_QUIRKS = 4
_HINTS = {
    CallFailure.TIMEOUT: "Give the profile a larger timeout_seconds, or a lower concurrency.",
    CallFailure.RATE_LIMITED: "Give the profile requests_per_minute and tokens_per_minute of your account.",
    CallFailure.TRUNCATED: "Give the profile a larger max_tokens.",
    CallFailure.AUTH: "Check api_key of the profile.",
    CallFailure.NETWORK: "Check base_url of the profile, and that the server runs.",
    CallFailure.INVALID_JSON: "`pitwall judge doctor` finds which ways of asking work with this model.",
    CallFailure.WRONG_SHAPE: "`pitwall judge doctor` finds which ways of asking work with this model.",
    CallFailure.REJECTED: "`pitwall judge doctor` finds what this endpoint accepts.",
}


@dataclass(frozen=True, slots=True)
class Question(Generic[Reply]):
    """What is asked, and the model that its reply is validated with."""

    key: str
    messages: Sequence[Message]
    model: type[Reply]
    sample: int = 0


@dataclass(frozen=True, slots=True)
class Tried(Generic[Reply]):
    """A call that was kept, and its reply as it was read."""

    call: Call
    value: Reply | None
    refusal: WireFailure | None


class Asker:
    """Asks one model for structured replies."""

    def __init__(self, caller: Caller, endpoint: ModelEndpoint, abilities: AbilityMemory) -> None:
        self._caller = caller
        self._endpoint = endpoint
        self._abilities = abilities

    def question(self, messages: Sequence[Message], model: type[Reply], sample: int = 0) -> Question[Reply]:
        """Name a question."""
        key = chat_key(self._endpoint, messages, shape_of(model).hash, sample)
        return Question(key, messages, model, sample)

    async def ask(self, question: Question[Reply]) -> Answered[Reply]:
        """Answer a question.

        Raises:
            CallFailed: No usable reply came.
        """
        known = await self._from_store(question)
        if known is not None:
            self._caller.counters.from_store()
            return known
        tried = await self._in_some_mode(question)
        keys: tuple[str, ...] = (question.key,)
        if tried.call.failure in _REPAIRABLE:
            again = self._repair(question, tried.call.reply, tried.call.error)
            keys = (question.key, again.key)
            tried = await self._try(again, tried.call.mode)
        if tried.value is not None:
            return Answered(tried.value, keys)
        raise self._failure(tried.call, keys)

    def _repair(self, question: Question[Reply], reply: str | None, problem: str | None) -> Question[Reply]:
        """The question with the reply that came to it and what was wrong with that."""
        messages = repair_messages(question.messages, reply or "", problem or "")
        return self.question(messages, question.model, question.sample)

    async def _from_store(self, question: Question[Reply]) -> Answered[Reply] | None:
        """The answer that the store has, the one of an earlier repair included."""
        kept = (await self._caller.find([question.key])).get(question.key)
        if kept is None:
            return None
        if (value := _value_of(kept, question.model)) is not None:
            return Answered(value, (question.key,), is_from_store=True)
        if kept.failure not in _REPAIRABLE or kept.reply is None:
            return None
        again = self._repair(question, kept.reply, kept.error)
        repaired = (await self._caller.find([again.key])).get(again.key)
        value = None if repaired is None else _value_of(repaired, question.model)
        return None if value is None else Answered(value, (question.key, again.key), is_from_store=True)

    async def _in_some_mode(self, question: Question[Reply]) -> Tried[Reply]:
        """Try the modes in order until one gives a reply that can be used, or cannot be helped."""
        if is_simulated(self._endpoint):
            return await self._try(question, None)
        modes = self._abilities.get(self._endpoint).modes
        for mode in modes:
            tried = await self.in_mode(question, mode)
            abilities = self._abilities.get(self._endpoint)
            if tried.value is not None:
                self._abilities.set(self._endpoint, abilities.proven(mode))
                return tried
            is_proven = abilities.is_proven and mode is abilities.modes[0]
            if mode is modes[-1] or is_proven or not _may_be_the_mode(tried):
                return tried
        raise AssertionError("there is always a last mode")

    async def in_mode(self, question: Question[Reply], mode: Mode | None) -> Tried[Reply]:
        """Try a mode, again without a parameter that the model says it does not take."""
        for _ in range(_MOST_QUIRKS):
            tried = await self._try(question, mode)
            abilities = self._abilities.get(self._endpoint)
            quirks = _learned(abilities.quirks, tried.refusal)
            if quirks == abilities.quirks:
                return tried
            self._abilities.set(self._endpoint, replace(abilities, quirks=quirks))
        return tried

    async def _try(self, question: Question[Reply], mode: Mode | None) -> Tried[Reply]:
        """Make one call, read its reply and keep both."""
        shape = shape_of(question.model)
        sent = question.messages if mode is None else instructed(question.messages, mode, shape)
        quirks = self._abilities.get(self._endpoint).quirks
        made = await self._caller.chat(
            self._endpoint, ChatQuestion(question.key, sent, shape, question.sample, mode, quirks)
        )
        call, value = _read(made, question.model)
        self._caller.counters.made(call)
        await self._caller.keep([call])
        return Tried(call, value, made.refusal)

    def _failure(self, call: Call, keys: Sequence[str]) -> CallFailed:
        failure = call.failure or CallFailure.WRONG_SHAPE
        tries = f" ({call.attempts} attempts)" if call.attempts > 1 else ""
        return CallFailed(
            f"{self._endpoint.model} at {self._endpoint.base_url or 'this process'} gave no usable reply: "
            f"{failure.value}{tries}: {call.error}",
            failure=failure,
            calls=keys,
            hint=_HINTS.get(failure),
        )


def _read(made: Made, model: type[Reply]) -> tuple[Call, Reply | None]:
    """The value of the reply, and the call as it is kept: failed, if there is none."""
    call = made.call
    if call.failure is not None:
        return call, None
    read = read_reply(call.reply or "", model)
    return (call if read.failure is None else failed(call, read.failure, read.problem)), read.value


def _value_of(kept: Kept, model: type[Reply]) -> Reply | None:
    """A stored answer; None if it failed, or does not fit the model of this version."""
    if kept.failure is not None or kept.reply is None:
        return None
    return read_reply(kept.reply, model).value


def _may_be_the_mode(tried: Tried[Reply]) -> bool:
    """Whether another mode may do better: this one was refused, or ignored."""
    if tried.refusal is not None:
        return tried.refusal.status in _UNSUPPORTED
    return tried.call.failure is CallFailure.INVALID_JSON


def _learned(quirks: Quirks, refusal: WireFailure | None) -> Quirks:
    """What a refusal says that the model does not take."""
    match None if refusal is None else refusal.parameter:
        case "max_tokens":
            return replace(quirks, counts_completion=True)
        case "temperature" | "seed" as parameter:
            return replace(quirks, left_out=quirks.left_out | {parameter})
    return quirks
