"""`Models` over real endpoints: the store first, then one call, however many ask the same at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from pitwall.kit.clock import Clock, SystemClock
from pitwall.llm.abilities import AbilityMemory
from pitwall.llm.asking import Asker
from pitwall.llm.budget import Budget, BudgetLimits
from pitwall.llm.call_log import CallLog
from pitwall.llm.calling import Caller
from pitwall.llm.client import ModelClient
from pitwall.llm.counters import CallCounters, CallCounts
from pitwall.llm.embedding import Embedder
from pitwall.llm.repository import found_abilities
from pitwall.llm.types import (
    Answered,
    CallFailed,
    CallFailure,
    Message,
    ModelEndpoint,
    Reply,
    Usage,
)
from pitwall.llm.wire import sendable
from pitwall.stores.state import StateStore


@dataclass(frozen=True, slots=True)
class ModelsPlan:
    """What a run asks of models.

    Attributes:
        judge: Answers questions.
        embedding: Embeds texts; None where nothing needs vectors.
        project_id: Whose calls they are.
        run_id: What they are made for.
        is_fresh: Take no answers that other runs were given; those of this run are taken all the same.
        budget: What may be used.
    """

    judge: ModelEndpoint
    embedding: ModelEndpoint | None = None
    project_id: str = "default"
    run_id: str | None = None
    is_fresh: bool = False
    budget: BudgetLimits = field(default_factory=BudgetLimits)


class EndpointModels:
    """Implements `Models`; made by `open_models`, used from one event loop."""

    def __init__(self, plan: ModelsPlan, caller: Caller, abilities: AbilityMemory) -> None:
        self._plan = plan
        self._caller = caller
        self._asker = Asker(caller, plan.judge, abilities)
        self._embedder = None if plan.embedding is None else Embedder(caller, plan.embedding)
        self._under_way: dict[tuple[str, type], asyncio.Task[Answered[Any]]] = {}

    @property
    def counts(self) -> CallCounts:
        """What was asked so far."""
        return self._caller.counters.snapshot()

    @property
    def concurrency(self) -> int:
        """Calls that the judge's endpoint lets be under way now."""
        return self._caller.limiter(self._plan.judge).aimd.limit

    async def ask(
        self, messages: Sequence[Message], shape: type[Reply], *, sample: int = 0
    ) -> Answered[Reply]:
        """Ask for a reply of a shape; returns when the reply is in the store.

        Raises:
            CallFailed: No usable reply came.
            StateUnavailable: It came but could not be kept.
        """
        asked = [replace(message, content=sendable(message.content)) for message in messages]
        question = self._asker.question(asked, shape, sample)
        place = (question.key, shape)
        task = self._under_way.get(place)
        if task is None:
            task = asyncio.create_task(self._asker.ask(question))
            self._under_way[place] = task
            task.add_done_callback(lambda done: self._ended(place, done))
        else:
            self._caller.counters.joined()
        return await asyncio.shield(task)

    def _ended(self, place: tuple[str, type], task: asyncio.Task[Answered[Any]]) -> None:
        self._under_way.pop(place, None)
        if not task.cancelled():
            task.exception()  # those who asked may be gone

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector for each text; returns when all are in the store.

        Raises:
            CallFailed: One could not be had, or the profile names no model for it.
        """
        if self._embedder is None:
            raise CallFailed(
                "Texts cannot be compared by meaning: the profile names no embedding model.",
                failure=CallFailure.REJECTED,
                hint="Add `embedding: {provider, model}` to the profile.",
            )
        return await self._embedder.embed([sendable(text) for text in texts])

    async def aclose(self) -> None:
        """Stop what is under way; what has come is kept."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._embedder is not None:
            await self._embedder.aclose()


@asynccontextmanager
async def open_models(
    plan: ModelsPlan,
    state: StateStore | None = None,
    *,
    clock: Clock | None = None,
    abilities: AbilityMemory | None = None,
    changed: Callable[[], None] = lambda: None,
) -> AsyncIterator[EndpointModels]:
    """Make the models of a run and close everything behind them at the end.

    Args:
        plan: Whom to ask, and what for.
        state: Where calls are kept, open; None keeps none, and asks everything anew.
        clock: Where times come from.
        abilities: What is known of the models; None begins with what `pitwall judge doctor` found.
        changed: Called whenever `counts` did.

    Raises:
        BudgetUnkeepable: A limit of money is set for a model without a price.
    """
    clock = clock or SystemClock()
    budget = Budget(plan.budget, clock.monotonic)
    budget.check_priced(plan.judge, Usage(1, 1))
    if plan.embedding is not None:
        budget.check_priced(plan.embedding, Usage(1, 0))
    run_id = plan.run_id if plan.is_fresh else None
    log = None if state is None else CallLog(state, plan.project_id, run_id=run_id)
    client = ModelClient(clock)
    caller = Caller(client, clock, budget, CallCounters(changed), log, plan.run_id)
    models = EndpointModels(plan, caller, abilities or await _found(plan, state))
    try:
        yield models
    finally:
        await models.aclose()
        await client.aclose()
        if log is not None:
            await log.aclose()


async def _found(plan: ModelsPlan, state: StateStore | None) -> AbilityMemory:
    """What the doctor found about the judge."""
    memory = AbilityMemory()
    if state is not None:
        found = await asyncio.to_thread(found_abilities, state, plan.project_id, plan.judge)
        if found is not None:
            memory.set(plan.judge, found)
    return memory
