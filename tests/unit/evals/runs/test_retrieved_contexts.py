"""Stored answers with contexts out of documents: which are filled, and what becomes of failures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pitwall.evals.retrievers.planning import RetrieverInvalid, plan_retrieval
from pitwall.evals.retrievers.types import RetrieverPlan
from pitwall.evals.runs.errors import PlanInvalid, TargetInvalid
from pitwall.evals.runs.planning import ProfileFacts, RunOptions
from pitwall.evals.runs.targets.opening import check_server_target, open_target
from pitwall.evals.runs.targets.types import Target
from pitwall.evals.runs.types import JudgeFacts
from pitwall.evals.types import Answer, Context, Example
from pitwall.llm.types import Answered, CallFailed, CallFailure
from tests.unit.evals.runs.test_planning import FULL, facts, plan

OWN = Context("its own")


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "fees.md").write_text("The premium is paid for 20 years.", "utf-8")
    (folder / "claims.md").write_text("Send the certificate with your claim.", "utf-8")
    return folder


def target_plan(docs: Path, **values: Any) -> dict[str, Any]:
    asked = {"retriever": "bm25", "retriever_docs": docs, "retriever_top_k": 1, "replace_contexts": False}
    planned = plan_retrieval({**asked, "chunk_size": 1200, "chunk_overlap": 120, **values})
    return {"kind": "stored", "retriever": planned.json()}


class Embedding:
    """Vectors of one dimension; fails from the n-th time on."""

    def __init__(self, failure: CallFailure | None = None, after: int = 0) -> None:
        self.failure, self.left = failure, after

    async def ask(self, *_: Any, **__: Any) -> Answered[Any]:
        raise NotImplementedError

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.left -= 1
        if self.failure is not None and self.left < 0:
            raise CallFailed("gone", failure=self.failure)
        return [[1.0] for _ in texts]


def opened(target: dict[str, Any], models: Any = None) -> Target:
    return open_target(target, "run_1", {}, models)


async def contexts_of(target: Target, answer: Answer | None) -> list[str | None]:
    found = await target.answer(Example("1", "How long is the premium paid?", answer=answer))
    return [context.id or context.text for context in found.contexts or ()]


async def test_only_cases_without_contexts_get_some(docs: Path) -> None:
    """None and an empty list are filled, with the document as id; what is there stays as it is."""
    target = opened(target_plan(docs))
    for answer in (None, Answer("20 years"), Answer("20 years", ())):
        assert await contexts_of(target, answer) == ["fees.md"]
    assert await contexts_of(target, Answer("20 years", (OWN,))) == ["its own"]
    await target.close()


async def test_contexts_are_replaced_when_that_is_asked_for(docs: Path) -> None:
    """The answer stays; of a question that shares no word with a document nothing is found."""
    target = opened(target_plan(docs, replace_contexts=True))
    assert await contexts_of(target, Answer("20 years", (OWN,))) == ["fees.md"]
    answer = await target.answer(Example("1", "zzz", answer=Answer("20 years", (OWN,))))
    assert (answer.text, answer.contexts) == ("20 years", ())


async def test_failure_of_a_question_is_that_of_its_answer(docs: Path) -> None:
    """The next one may succeed; without vectors of the documents, or without budget, there is no next one."""
    target = target_plan(docs, retriever="dense")
    answer = await opened(target, Embedding(CallFailure.TIMEOUT, 1)).answer(Example("1", "q"))
    assert answer.error == "No contexts could be found: gone"
    for models in (Embedding(CallFailure.TIMEOUT), Embedding(CallFailure.BUDGET, 1)):
        with pytest.raises(CallFailed):
            await opened(target, models).answer(Example("1", "q"))


def test_documents_have_to_be_those_of_the_plan(docs: Path) -> None:
    """Other contexts would stand in one run with the old ones."""
    target = target_plan(docs)
    opened(target)
    (docs / "fees.md").write_text("The premium is paid for 10 years.", "utf-8")
    with pytest.raises(RetrieverInvalid, match="are not those that the run was begun with"):
        opened(target)
    with pytest.raises(RetrieverInvalid, match="version 0 of the retriever"):
        opened({**target, "retriever": {**target["retriever"], "version": 0}})


def test_passages_cannot_be_all_overlap(docs: Path) -> None:
    """More than half of a passage would stand in the next one, too."""
    with pytest.raises(RetrieverInvalid, match="cannot overlap by 101"):
        target_plan(docs, chunk_size=200, chunk_overlap=101)


def test_server_searches_no_documents(docs: Path) -> None:
    """They are on the machine of the command."""
    with pytest.raises(TargetInvalid, match="does not search documents"):
        check_server_target(target_plan(docs))


def test_plan_says_what_a_retriever_lacks(docs: Path) -> None:
    """Vectors need a model for them, which the plan then holds; where all have contexts nothing is to do."""
    dense = RunOptions(metrics=("hit_rate",), target=target_plan(docs, retriever="dense"))
    dataset = facts(answer=10, contexts=10, relevance=10)
    with pytest.raises(PlanInvalid, match="--retriever dense needs an embedding model"):
        plan(dense, dataset)
    able = ProfileFacts(name="dev", judge=JudgeFacts("judge", "openai", embedding_model="vectors"))
    made, _ = plan(dense, dataset, able)
    assert made.judge is not None
    retriever = RetrieverPlan.of(made.target)
    assert retriever is not None
    assert retriever.parameters("vectors")["embedding_model"] == "vectors"
    words = RunOptions(metrics=("exact_match",), target=target_plan(docs))
    assert plan(words)[0].judge is None
    full = type(FULL)("qa", "v1", "hash", 10, FULL.fields, 1000, {}, with_contexts=10)
    with pytest.raises(PlanInvalid, match="All 10 cases of 'qa' have contexts"):
        plan(words, full)
    plan(RunOptions(metrics=("exact_match",), target=target_plan(docs, replace_contexts=True)), full)
