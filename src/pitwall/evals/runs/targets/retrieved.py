"""Stored answers with contexts that are found in documents."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from pitwall.evals.metrics.types import Needs
from pitwall.evals.retrievers.planning import corpus_of
from pitwall.evals.retrievers.searching import open_search
from pitwall.evals.retrievers.types import Hit, RetrieverPlan, Search
from pitwall.evals.runs.targets.stored import StoredAnswers
from pitwall.evals.types import Answer, Context, Example
from pitwall.llm.types import CallFailed, CallFailure, Models


class RetrievedContexts:
    """Answers each example with what it holds, and finds contexts where it holds none.

    Documents are read when it is made, and indexed when the first contexts are wanted.

    Raises:
        RetrieverInvalid: The documents are not those of the plan.
    """

    gives = frozenset({Needs.CONTEXTS})

    def __init__(self, plan: RetrieverPlan, models: Models | None) -> None:
        self._plan = plan
        self._models = models
        self._stored = StoredAnswers()
        self._passages = corpus_of(plan).passages
        self._opening: asyncio.Task[Search] | None = None

    async def answer(self, example: Example) -> Answer:
        """Return the stored answer with contexts.

        Raises:
            CallFailed: The budget is spent, or the documents have no vectors, so that no case has contexts.
        """
        answer = await self._stored.answer(example)
        if answer.contexts and not self._plan.replaces:
            return answer
        search = await self._search()
        try:
            hits = await search.find(example.question, self._plan.top_k)
        except CallFailed as error:
            if error.failure is CallFailure.BUDGET:
                raise
            return replace(answer, error=f"No contexts could be found: {error.message}")
        return replace(answer, contexts=tuple(map(self._context, hits)))

    async def close(self) -> None:
        """Stop indexing."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)

    async def _search(self) -> Search:
        if self._opening is None:
            texts = [passage.text for passage in self._passages]
            self._opening = asyncio.create_task(open_search(self._plan.kind, texts, self._embed))
        return await asyncio.shield(self._opening)

    async def _embed(self, texts: Sequence[str]) -> list[list[float]]:
        assert self._models is not None  # a plan that needs vectors has a profile with a model for them
        return await self._models.embed(texts)

    def _context(self, hit: Hit) -> Context:
        passage = self._passages[hit.passage]
        return Context(passage.text, passage.document, hit.score)
