"""From what somebody asks for to a plan of retrieval, and back to the documents. Calls block."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pitwall.core.errors import InvalidInput
from pitwall.evals.retrievers.corpus import Corpus, read_corpus
from pitwall.evals.retrievers.types import VERSION, RetrieverKind, RetrieverPlan
from pitwall.llm.tokens import estimate_tokens


class RetrieverInvalid(InvalidInput):
    """Contexts cannot be found in this way."""

    default_code = "retriever.invalid"


def plan_retrieval(values: Mapping[str, Any]) -> RetrieverPlan:
    """Read the documents that options of `pitwall eval run` name, and say how they are searched.

    Raises:
        RetrieverInvalid: Passages would overlap by all they hold.
        DocumentsInvalid: The documents cannot be read.
    """
    path = Path(values["retriever_docs"]).resolve()
    size, overlap = values["chunk_size"], values["chunk_overlap"]
    if 2 * overlap > size:
        raise RetrieverInvalid(
            f"Passages of {size} characters cannot overlap by {overlap}.",
            hint="Give --chunk-overlap at most half of --chunk-size.",
        )
    corpus = read_corpus(path, size, overlap)
    return RetrieverPlan(
        kind=RetrieverKind(values["retriever"]),
        path=str(path),
        documents_hash=corpus.content_hash,
        documents=corpus.documents,
        passages=len(corpus.passages),
        passage_tokens=_mean_tokens(corpus),
        top_k=values["retriever_top_k"],
        chunk_size=size,
        chunk_overlap=overlap,
        replaces=values["replace_contexts"],
    )


def corpus_of(plan: RetrieverPlan) -> Corpus:
    """Read the documents of a plan again.

    Raises:
        RetrieverInvalid: They, or the code that searches, are not what the run was begun with.
        DocumentsInvalid: They cannot be read.
    """
    if plan.version != VERSION:
        raise RetrieverInvalid(
            f"The run was begun with version {plan.version} of the retriever; this is {VERSION}.",
            code="retriever.changed",
            hint="Begin a new run: contexts of the two cannot be mixed.",
        )
    corpus = read_corpus(Path(plan.path), plan.chunk_size, plan.chunk_overlap)
    if corpus.content_hash != plan.documents_hash:
        raise RetrieverInvalid(
            f"The documents in {plan.path} are not those that the run was begun with.",
            code="retriever.changed",
            hint="Put them back as they were, or begin a new run: contexts of the two cannot be mixed.",
        )
    return corpus


def _mean_tokens(corpus: Corpus) -> int:
    tokens = sum(estimate_tokens(passage.text) for passage in corpus.passages)
    return round(tokens / len(corpus.passages))
