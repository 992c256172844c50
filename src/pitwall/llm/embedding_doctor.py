"""Finds out what an embedding model can do: do vectors repeat, what are they near to, how many at once."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from pitwall.kit.clock import Clock
from pitwall.llm import simulated
from pitwall.llm.budget import Budget, BudgetLimits
from pitwall.llm.calling import Caller, is_simulated
from pitwall.llm.client import WIRES, ModelClient
from pitwall.llm.counters import CallCounters
from pitwall.llm.embedding import TEXTS_PER_REQUEST, Vector
from pitwall.llm.embedding_questions import TRIPLES, PairKind
from pitwall.llm.tokens import estimate_tokens
from pitwall.llm.types import ModelEndpoint, Usage
from pitwall.llm.vectors import cosine

BATCHES: Final = (8, TEXTS_PER_REQUEST, 4 * TEXTS_PER_REQUEST)
"""How many texts are tried in one request; runs send up to `TEXTS_PER_REQUEST`."""
_REPEATS: Final = 3
_SAME: Final = 1.0 - 1e-6
_ALMOST: Final = 0.999
"""Rounding on a server that computes batches otherwise than single texts; another text is farther away."""
_UNIT: Final = 1e-3


@dataclass(slots=True)
class EmbeddingFindings:
    """What was found about an embedding model.

    Attributes:
        dimension: Numbers of a vector; None if none came.
        is_normalised: Every vector has the length 1.
        repeats: The same text gets the same vector; None if that could not be seen.
        keeps_order: A text has the vector in a batch that it has alone.
        asked: Sentences that were compared, by kind.
        right: Of these, those that are nearer to the sentence that says the same than to the other.
        largest_batch: Texts of the largest request that was answered.
        refused_batch: Texts of the smallest that was not; None if all were.
        problem: Why there are no vectors, or why the batch was refused.
    """

    endpoint: ModelEndpoint
    dimension: int | None = None
    is_normalised: bool | None = None
    repeats: bool | None = None
    keeps_order: bool | None = None
    asked: Counter[PairKind] = field(default_factory=Counter)
    right: Counter[PairKind] = field(default_factory=Counter)
    largest_batch: int | None = None
    refused_batch: int | None = None
    latencies_ms: list[float] = field(default_factory=list)
    problem: str | None = None

    @property
    def works(self) -> bool:
        """Whether it gave vectors at all."""
        return self.dimension is not None

    @property
    def latency_ms(self) -> float | None:
        """Median of the requests for one text."""
        return median(self.latencies_ms) if self.latencies_ms else None


class EmbeddingDoctor:
    """Examines one embedding model; takes nothing from the store and keeps no calls.

    Args:
        client: Shared by all requests.
        endpoint: Whom to examine.
    """

    def __init__(self, client: ModelClient, endpoint: ModelEndpoint, clock: Clock) -> None:
        self._endpoint = endpoint
        self._caller = Caller(client, clock, Budget(BudgetLimits(), clock.monotonic), CallCounters())

    async def examine(self) -> EmbeddingFindings:
        """Ask for vectors one by one and together; what does not work is said in the findings."""
        found = EmbeddingFindings(self._endpoint)
        text = TRIPLES[0].sentence
        alone = [vector for _ in range(_REPEATS) if (vector := await self._one(text, found)) is not None]
        if not alone:
            return found
        found.dimension = len(alone[0])
        found.repeats = all(_likeness(alone[0], other) >= _SAME for other in alone[1:])
        await self._compare(found)
        await self._try_batches(found, alone[0])
        return found

    async def _one(self, text: str, found: EmbeddingFindings) -> Vector | None:
        vectors, latency_ms, problem = await self._embed([text])
        if vectors is None:
            found.problem = problem
            return None
        found.latencies_ms.append(latency_ms)
        return vectors[0]

    async def _compare(self, found: EmbeddingFindings) -> None:
        """Hold sentences against one that says the same and one that does not, one request each."""
        lengths = []
        for triple in TRIPLES:
            vectors, _, problem = await self._embed([triple.sentence, triple.same, triple.other])
            if vectors is None:
                found.problem = problem
                continue
            sentence, same, other = vectors
            lengths += [math.hypot(*vector) for vector in vectors]
            found.asked[triple.kind] += 1
            found.right[triple.kind] += _likeness(sentence, same) > _likeness(sentence, other)
        if lengths:
            found.is_normalised = all(abs(length - 1.0) <= _UNIT for length in lengths)

    async def _try_batches(self, found: EmbeddingFindings, first: Vector) -> None:
        """Send more and more texts at once, the known one among them, until they are too many."""
        for size in BATCHES:
            texts = [TRIPLES[0].sentence if place == size - 1 else f"Text {place}." for place in range(size)]
            vectors, _, problem = await self._embed(texts)
            if vectors is None:
                found.refused_batch, found.problem = size, problem
                return
            found.largest_batch = size
            kept = _likeness(vectors[-1], first) >= _ALMOST
            found.keeps_order = kept if found.keeps_order is None else found.keeps_order and kept

    async def _embed(self, texts: Sequence[str]) -> tuple[list[Vector] | None, float, str | None]:
        """Vectors of texts in one request and what it took, or why there are none."""
        if is_simulated(self._endpoint):
            return [simulated.vector(text) for text in texts], 0.0, None
        wire = WIRES[self._endpoint.api]
        attempted = await self._caller.send(
            self._endpoint,
            wire.embed_request(self._endpoint, texts),
            Usage(sum(map(estimate_tokens, texts)), 0),
            lambda body: wire.read_embeddings(body, len(texts))[1],
        )
        if attempted.body is None:
            message = "no answer" if attempted.failure is None else attempted.failure.message
            return None, attempted.latency_ms, message
        vectors, _ = wire.read_embeddings(attempted.body, len(texts))
        problem = None if vectors is not None else f"The answer is not {len(texts)} vectors of one length."
        return vectors, attempted.latency_ms, problem


def _likeness(one: Vector, other: Vector) -> float:
    """The cosine of two vectors; as far apart as can be if they cannot be compared."""
    if len(one) != len(other):
        return -1.0
    found = cosine(one, other)
    return -1.0 if found is None else found
