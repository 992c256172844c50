"""One call: under limits and budget, counted, and made into the row that is kept of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import orjson

from pitwall.kit.clock import Clock
from pitwall.kit.ids import new_id
from pitwall.llm import simulated
from pitwall.llm.budget import Budget
from pitwall.llm.call_log import CallLog
from pitwall.llm.calls import Call, CallKind, Kept
from pitwall.llm.client import WIRES, Attempted, ModelClient
from pitwall.llm.counters import CallCounters
from pitwall.llm.keys import seed_of
from pitwall.llm.limits import EndpointLimiter
from pitwall.llm.shapes import Shape
from pitwall.llm.tokens import cost_usd, prompt_tokens
from pitwall.llm.types import Api, CallFailure, Message, ModelEndpoint, Usage
from pitwall.llm.wire import Mode, Quirks, WireFailure, WireReply, WireRequest, storable

_FIRST_GUESS_OUTPUT_TOKENS = 256.0
# How much a new reply counts in the mean of what replies have.
_WEIGHT = 0.1


@dataclass(frozen=True, slots=True)
class ChatQuestion:
    """What a chat call asks, and how.

    Attributes:
        key: Name of the question.
        messages: As they are sent, with what the mode has to say.
        mode: None for the simulated judge.
    """

    key: str
    messages: Sequence[Message]
    shape: Shape
    sample: int
    mode: Mode | None
    quirks: Quirks


@dataclass(frozen=True, slots=True)
class Made:
    """A call that was made, and what the server said if it sent no answer."""

    call: Call
    refusal: WireFailure | None = None


@dataclass(slots=True)
class Caller:
    """Makes calls to the endpoints of a run."""

    client: ModelClient
    clock: Clock
    budget: Budget
    counters: CallCounters
    log: CallLog | None = None
    run_id: str | None = None
    _limiters: dict[tuple[str, str], EndpointLimiter] = field(default_factory=dict)
    _output_tokens: float = _FIRST_GUESS_OUTPUT_TOKENS

    def limiter(self, endpoint: ModelEndpoint) -> EndpointLimiter:
        """Where everybody passes who asks this model at this address."""
        place = (endpoint.base_url, endpoint.model)
        if place not in self._limiters:
            self._limiters[place] = EndpointLimiter(endpoint, self.clock.monotonic, self.client.sleep)
        return self._limiters[place]

    async def find(self, keys: Sequence[str]) -> Mapping[str, Kept]:
        """What the store knows of questions."""
        return {} if self.log is None else await self.log.find(keys)

    async def keep(self, calls: Sequence[Call]) -> None:
        """Commit calls; nobody may be shown their answers before."""
        if self.log is not None:
            await self.log.add(calls)

    async def chat(self, endpoint: ModelEndpoint, question: ChatQuestion) -> Made:
        """Make a chat call; the caller reads the reply, and keeps the call with what it found.

        Raises:
            CallFailed: The budget is used up; no call was made.
        """
        if question.mode is None:
            return Made(self._simulate(endpoint, question))
        wire = WIRES[endpoint.api]
        seed = seed_of(endpoint, question.sample)
        request: WireRequest = wire.chat_request(
            endpoint, question.messages, question.mode, question.shape, seed, question.quirks
        )
        expected = Usage(prompt_tokens(question.messages), int(min(self._output_tokens, endpoint.max_tokens)))
        attempted = await self.send(endpoint, request, expected, lambda body: wire.read_chat(body).usage)
        reply = WireReply() if attempted.body is None else wire.read_chat(attempted.body)
        if reply.usage.output_tokens is not None:
            self._output_tokens += (reply.usage.output_tokens - self._output_tokens) * _WEIGHT
        return Made(self._chat_call(endpoint, question, request, attempted, reply), attempted.failure)

    async def send(
        self,
        endpoint: ModelEndpoint,
        request: WireRequest,
        expected: Usage,
        usage_of: Callable[[Mapping[str, Any]], Usage],
    ) -> Attempted:
        """Send a request within limits and budget.

        Raises:
            CallFailed: The budget is used up; no call was made.
        """
        reserved: list[Decimal] = []

        def check() -> None:
            if reserved:
                self.budget.check_time()
            else:
                reserved.append(self.budget.reserve(cost_usd(endpoint, expected)))

        usage = Usage()

        def tokens_of(body: Mapping[str, Any]) -> int | None:
            nonlocal usage
            usage = usage_of(body)
            return (usage.input_tokens or 0) + (usage.output_tokens or 0) or None

        try:
            return await self.client.send(
                endpoint,
                request,
                self.limiter(endpoint),
                expected_tokens=(expected.input_tokens or 0) + (expected.output_tokens or 0),
                check=check,
                tokens_of=tokens_of,
            )
        finally:
            for amount in reserved:
                self.budget.settle(amount, cost_usd(endpoint, usage))

    def _chat_call(
        self,
        endpoint: ModelEndpoint,
        question: ChatQuestion,
        request: WireRequest,
        attempted: Attempted,
        reply: WireReply,
    ) -> Call:
        refusal = attempted.failure
        return Call(
            id=new_id(),
            key=question.key,
            run_id=self.run_id,
            kind=CallKind.CHAT,
            api=endpoint.api,
            endpoint=endpoint.base_url,
            model=endpoint.model,
            mode=question.mode,
            sample=question.sample,
            request=orjson.dumps(request.body).decode(),
            reply=storable(reply.text) if attempted.body is not None else None,
            finish_reason=reply.finish_reason and storable(reply.finish_reason[:32]),
            failure=refusal.failure if refusal else reply.failure,
            error=storable(refusal.message) if refusal else reply.problem,
            usage=reply.usage,
            cost_usd=cost_usd(endpoint, reply.usage),
            latency_ms=attempted.latency_ms,
            attempts=attempted.attempts,
            created_at=self.clock.now(),
        )

    def _simulate(self, endpoint: ModelEndpoint, question: ChatQuestion) -> Call:
        self.budget.settle(self.budget.reserve(Decimal(0)), Decimal(0))
        text = simulated.reply(question.messages, question.shape)
        messages = [{"role": one.role, "content": one.content} for one in question.messages]
        body = {"model": endpoint.model, "messages": messages, "shape": question.shape.name}
        call = self._chat_call(
            endpoint,
            question,
            WireRequest("", body),
            Attempted({}, None, 1, 0.0),
            WireReply(text, "simulated", Usage(prompt_tokens(question.messages), len(text) // 4 + 1)),
        )
        return replace(call, cost_usd=Decimal(0))


def failed(call: Call, failure: CallFailure, problem: str) -> Call:
    """The call whose reply turned out to be of no use."""
    return replace(call, failure=failure, error=problem)


def is_simulated(endpoint: ModelEndpoint) -> bool:
    """Whether no model answers."""
    return endpoint.api is Api.SIMULATED
