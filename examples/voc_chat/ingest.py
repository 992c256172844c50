"""`python -m examples.voc_chat.ingest`: read DOCS_DIR into the collection, embedding only what is new."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass

import pitwall
from examples.voc_chat.documents import Passage, read_documents, split_document
from examples.voc_chat.embedding_cache import EmbeddingCache, cache_key
from examples.voc_chat.model_client import ModelClient, create_client
from examples.voc_chat.retrieval import PassageStore
from examples.voc_chat.retry import RetryPolicy
from examples.voc_chat.settings import VocSettings, read_settings
from pitwall.core.errors import PitwallError

_BATCH = 16


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What an ingest did; `embedded` passages were not in the cache."""

    documents: int
    passages: int
    embedded: int
    removed: int


@pitwall.observe(name="voc.ingest", kind="workflow", capture_input=False)
async def ingest(settings: VocSettings, client: ModelClient) -> IngestResult:
    """Make the collection hold exactly the documents of DOCS_DIR; one run is one trace.

    Raises:
        InvalidInput: No document, or one that is not UTF-8.
        ModelFailure: The model server did not give embeddings.
    """
    documents = read_documents(settings.docs_dir)
    passages = [passage for name, text in documents.items() for passage in split_document(name, text)]
    model = settings.model.embedding_model
    store = PassageStore.create(settings.chroma_dir, settings.chroma_collection, model)
    cache = EmbeddingCache(settings.cache_path)
    try:
        vectors = {p.id: cache.get(cache_key(model, p.text)) for p in passages}
        missing = [passage for passage in passages if vectors[passage.id] is None]
        retry = RetryPolicy(max_attempts=settings.model.max_attempts)
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            for passage, vector in zip(batch, await _embed(batch, client, retry, model), strict=True):
                cache.put(cache_key(model, passage.text), vector)
                vectors[passage.id] = vector
    finally:
        cache.close()
    removed = store.replace_all(passages, [vectors[passage.id] or [] for passage in passages])
    return IngestResult(len(documents), len(passages), len(missing), removed)


async def _embed(
    batch: list[Passage], client: ModelClient, retry: RetryPolicy, model: str
) -> list[list[float]]:
    async def attempt(number: int) -> list[list[float]]:
        with pitwall.embedding(model=model, count=len(batch)) as call:
            call.set_retries(min(number, 1))
            return await client.embed([passage.text for passage in batch])

    return await retry.run(attempt)


async def _run() -> IngestResult:
    settings = read_settings(os.environ)
    telemetry, client = pitwall.init(service="voc-ingest", environment="demo"), create_client(settings.model)
    try:
        return await ingest(settings, client)
    finally:
        await client.close()
        telemetry.shutdown()


def main() -> int:
    try:
        result = asyncio.run(_run())
    except PitwallError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(
        f"{result.documents} documents, {result.passages} passages "
        f"({result.embedded} embedded now, {result.removed} old ones removed)"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
