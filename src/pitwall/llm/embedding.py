"""Vectors of texts: each text asked once, many texts a request, each vector a row of its own."""

from __future__ import annotations

import asyncio
import base64
import struct
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import orjson

from pitwall.kit.ids import new_id
from pitwall.llm import simulated
from pitwall.llm.calling import Caller, is_simulated
from pitwall.llm.calls import Call, CallKind
from pitwall.llm.client import WIRES, Attempted
from pitwall.llm.keys import embedding_key
from pitwall.llm.tokens import cost_usd, estimate_tokens
from pitwall.llm.types import CallFailed, CallFailure, ModelEndpoint, Usage
from pitwall.llm.wire import storable

TEXTS_PER_REQUEST = 64
# How long the first text waits for others that are asked at the same time.
_LINGER_SECONDS = 0.005
_BYTES = 4
_TOO_MUCH = frozenset({400, 413, 422})

Vector = list[float]


def pack(vector: Sequence[float]) -> str:
    """Write a vector as the store keeps it: float32, base64.

    Raises:
        OverflowError: A number is too large.
    """
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode("ascii")


def unpack(text: str) -> Vector:
    """Read a vector that the store kept."""
    data = base64.b64decode(text)
    return list(struct.unpack(f"<{len(data) // _BYTES}f", data))


class Embedder:
    """Embeds texts with one model."""

    def __init__(self, caller: Caller, endpoint: ModelEndpoint) -> None:
        self._caller = caller
        self._endpoint = endpoint
        self._under_way: dict[str, asyncio.Future[Vector]] = {}
        self._waiting: list[tuple[str, str]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """Return a vector for each text.

        Raises:
            CallFailed: One could not be had.
        """
        keys = [embedding_key(self._endpoint, text) for text in texts]
        wanted = dict(zip(keys, texts, strict=True))
        new = {key: text for key, text in wanted.items() if key not in self._under_way}
        futures = {key: self._under_way[key] for key in wanted if key in self._under_way}
        for key in new:
            futures[key] = self._under_way[key] = asyncio.get_running_loop().create_future()
            futures[key].add_done_callback(_retrieve)
        await self._begin(new)
        vectors = dict(
            zip(futures, await asyncio.gather(*map(asyncio.shield, futures.values())), strict=True)
        )
        return [vectors[key] for key in keys]

    async def _begin(self, new: dict[str, str]) -> None:
        """Settle what the store has and let the rest join a request."""
        if not new:
            return
        try:
            known = await self._caller.find(list(new))
        except BaseException as error:
            self._settle_failed(new, error)
            raise
        for key, text in new.items():
            kept = known.get(key)
            if kept is not None and kept.failure is None and kept.reply is not None:
                self._caller.counters.from_store()
                self._settle(key, unpack(kept.reply))
            else:
                self._waiting.append((key, text))
        self._flush_soon()

    def _flush_soon(self) -> None:
        while len(self._waiting) >= TEXTS_PER_REQUEST:
            self._flush()
        if self._waiting and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_LINGER_SECONDS, self._flush)

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        batch, self._waiting = self._waiting[:TEXTS_PER_REQUEST], self._waiting[TEXTS_PER_REQUEST:]
        if batch:
            task = asyncio.create_task(self._request(dict(batch)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _request(self, batch: dict[str, str]) -> None:
        try:
            await self._ask(batch)
        except BaseException as error:
            self._settle_failed(batch, error)
            if not isinstance(error, Exception):
                raise

    async def _ask(self, batch: dict[str, str]) -> None:
        """Ask for the vectors of a batch, in halves where the endpoint takes it for too much."""
        texts = list(batch.values())
        attempted, vectors, usage = await self._send(texts)
        calls = self._calls(batch, attempted, vectors, usage)
        self._caller.counters.made(calls[0])
        await self._caller.keep(calls)
        refusal = attempted.failure
        if refusal is not None and refusal.status in _TOO_MUCH and len(batch) > 1:
            items = list(batch.items())
            for half in (items[: len(items) // 2], items[len(items) // 2 :]):
                await self._request(dict(half))
            return
        if calls[0].failure is not None:
            raise self._failure(calls)
        for call in calls:
            self._settle(call.key, unpack(call.reply or ""))

    async def _send(self, texts: Sequence[str]) -> tuple[Attempted, list[Vector] | None, Usage]:
        expected = Usage(sum(map(estimate_tokens, texts)), 0)
        if is_simulated(self._endpoint):
            self._caller.budget.settle(self._caller.budget.reserve(Decimal(0)), Decimal(0))
            return Attempted({}, None, 1, 0.0), [simulated.vector(text) for text in texts], expected
        wire = WIRES[self._endpoint.api]
        attempted = await self._caller.send(
            self._endpoint,
            wire.embed_request(self._endpoint, texts),
            expected,
            lambda body: _counted(wire.read_embeddings(body, len(texts))[1]),
        )
        if attempted.body is None:
            return attempted, None, Usage()
        vectors, usage = wire.read_embeddings(attempted.body, len(texts))
        return attempted, vectors, _counted(usage)

    def _calls(
        self,
        batch: dict[str, str],
        attempted: Attempted,
        vectors: list[Vector] | None,
        usage: Usage,
    ) -> list[Call]:
        """A row for each text; the first has what the request took. Of a failed one there is one row."""
        failure, error = None, None
        if attempted.failure is not None:
            failure, error = attempted.failure.failure, storable(attempted.failure.message)
        elif vectors is None:
            failure, error = CallFailure.WRONG_SHAPE, f"The answer is not {len(batch)} vectors of one length."
        cost = cost_usd(self._endpoint, usage)
        calls = [
            Call(
                id=new_id(),
                key=key,
                run_id=self._caller.run_id,
                kind=CallKind.EMBEDDING,
                api=self._endpoint.api,
                endpoint=self._endpoint.base_url,
                model=self._endpoint.model,
                mode=None,
                sample=0,
                request=orjson.dumps({"model": self._endpoint.model, "input": text}).decode(),
                reply=None if vectors is None else pack(vectors[place]),
                finish_reason=None,
                failure=failure,
                error=error,
                usage=usage if place == 0 else Usage(0, 0),
                cost_usd=cost if place == 0 or cost is None else Decimal(0),
                latency_ms=attempted.latency_ms,
                attempts=attempted.attempts if place == 0 else 0,
                created_at=self._caller.clock.now(),
            )
            for place, (key, text) in enumerate(batch.items())
        ]
        if failure is None:
            return calls
        every = orjson.dumps({"model": self._endpoint.model, "input": list(batch.values())}).decode()
        return [replace(calls[0], request=every)]

    def _failure(self, calls: Sequence[Call]) -> CallFailed:
        call = calls[0]
        return CallFailed(
            f"{self._endpoint.model} at {self._endpoint.base_url} gave no vectors: {call.error}",
            failure=call.failure or CallFailure.WRONG_SHAPE,
            calls=[call.key],
        )

    def _settle(self, key: str, vector: Vector) -> None:
        future = self._under_way.pop(key)
        if not future.done():
            future.set_result(vector)

    def _settle_failed(self, batch: dict[str, str], error: BaseException) -> None:
        for key in batch:
            future = self._under_way.pop(key, None)
            if future is None or future.done():
                continue
            if isinstance(error, Exception):
                future.set_exception(error)
            else:
                future.cancel()

    async def aclose(self) -> None:
        """Stop what is under way."""
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _counted(usage: Usage) -> Usage:
    """An embedding writes no tokens."""
    return replace(usage, output_tokens=0)


def _retrieve(future: asyncio.Future[Vector]) -> None:
    """Take note of a failure that nobody waits for any more."""
    if not future.cancelled():
        future.exception()
