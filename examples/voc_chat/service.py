"""One question to one answer: embed, search, rerank, ask the model, read its reply. Each stage is a span."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pitwall
from examples.voc_chat import judging, rerank
from examples.voc_chat.embedding_cache import EmbeddingCache, cache_key
from examples.voc_chat.model_client import ChatReply, ModelClient, ModelFailure
from examples.voc_chat.prompt import (
    AnswerUnreadable,
    ModelAnswer,
    build_messages,
    parse_answer,
    salvage_answer,
)
from examples.voc_chat.retrieval import Hit, PassageStore
from examples.voc_chat.retry import RetryPolicy
from examples.voc_chat.sessions import Sessions, standalone_question
from examples.voc_chat.settings import VocSettings

_APOLOGY = "죄송합니다. 지금은 답변을 만들 수 없어 관련 안내를 그대로 보여 드립니다.\n"


@dataclass(frozen=True, slots=True)
class Source:
    """A document the answer rests on; `score` is the ranking score, comparable within one answer only."""

    document: str
    title: str
    score: float


@dataclass(frozen=True, slots=True)
class VocAnswer:
    """What the customer gets. `is_fallback`: the model failed or its reply had to be mended.

    `is_answerable` and `is_simulated` are None when the model did not get to say.
    """

    answer: str
    sources: tuple[Source, ...]
    is_answerable: bool | None
    is_fallback: bool
    is_simulated: bool | None


class VocService:
    """Answers questions from the ingested documents."""

    def __init__(
        self, settings: VocSettings, client: ModelClient, store: PassageStore, cache: EmbeddingCache
    ) -> None:
        self._settings = settings
        self._client = client
        self._store = store
        self._cache = cache
        self._sessions = Sessions()
        self._retry = RetryPolicy(max_attempts=settings.model.max_attempts)

    @pitwall.observe(name="voc.answer", kind="chain", capture_input=False, capture_output=False)
    async def answer(self, question: str, session_id: str) -> VocAnswer:
        """Answer one question of a conversation.

        Raises:
            ModelFailure: The question could not be embedded, so nothing could be searched.
        """
        history = self._sessions.history(session_id)
        asked = standalone_question(question, history)
        hits = await self._find(asked)
        result = await self._ask(asked, hits, history)
        pitwall.mark_request(fallback=result.is_fallback)
        self._sessions.remember(session_id, question, result.answer)
        return result

    async def _find(self, question: str) -> list[Hit]:
        vector = await self._embed(question)
        settings, is_reranked = self._settings, self._settings.is_rerank_enabled
        count = settings.candidates if is_reranked else settings.top_k
        with pitwall.retrieval(
            query=question,
            top_k=count,
            rerank_enabled=is_reranked,
            rerank_model=rerank.MODEL if is_reranked else None,
        ) as step:
            hits = await asyncio.to_thread(self._store.search, vector, count)
            step.set_documents(_as_documents(hits))
        if not is_reranked:
            return hits
        with pitwall.rerank(query=question, model=rerank.MODEL, top_k=settings.top_k) as step:
            best = rerank.rerank(question, hits, settings.top_k)
            step.set_documents(_as_documents(best))
        return best

    async def _embed(self, text: str) -> list[float]:
        model = self._settings.model.embedding_model
        key = cache_key(model, text)
        with pitwall.cache_lookup(name="embedding", key=key) as lookup:
            cached = self._cache.get(key)
            lookup.hit(cached is not None)
        if cached is not None:
            return cached
        [vector] = await self._retry.run(lambda number: self._embed_once(text, number))
        self._cache.put(key, vector)
        return vector

    async def _embed_once(self, text: str, number: int) -> list[list[float]]:
        with pitwall.embedding(
            model=self._settings.model.embedding_model, provider=self._client.provider
        ) as call:
            call.set_retries(min(number, 1))
            return await self._client.embed([text])

    async def _ask(self, question: str, hits: Sequence[Hit], history: Sequence[tuple[str, str]]) -> VocAnswer:
        messages = build_messages(question, hits, history)
        try:
            reply = await self._retry.run(lambda number: self._chat_once(messages, number))
        except ModelFailure:  # already on its span; the customer still gets the passages
            return _passage_answer(hits)
        return _read_reply(reply, hits)

    async def _chat_once(self, messages: list[dict[str, str]], number: int) -> ChatReply:
        """One attempt, one span: a failure that a retry mends is still a failure of the model server.

        Each attempt after the first one says that it is a retry, so their sum is the number of retries.
        """
        with pitwall.llm_call(
            model=self._settings.model.chat_model, provider=self._client.provider, input=messages, stream=True
        ) as call:
            call.set_retries(min(number, 1))
            reply = await self._client.chat(messages, call.first_token)
            call.set_output(reply.text)
            call.set_finish_reason(reply.finish_reason)
            call.set_usage(input_tokens=reply.input_tokens, output_tokens=reply.output_tokens)
            call.set_attribute("voc.model.simulated", reply.is_simulated)
            return reply


def _read_reply(reply: ChatReply, hits: Sequence[Hit]) -> VocAnswer:
    parsed: ModelAnswer | None
    with pitwall.parse_step(name="voc.answer.parse") as step:
        try:
            parsed, is_mended = parse_answer(reply.text), False
        except AnswerUnreadable as error:
            step.failed(error)
            parsed, is_mended = salvage_answer(reply.text), True
    if parsed is None:
        return _passage_answer(hits, is_simulated=reply.is_simulated)
    judging.send(judging.judge(parsed, hits))
    return VocAnswer(
        answer=parsed.text,
        sources=_sources(parsed, hits),
        is_answerable=parsed.is_answerable,
        is_fallback=is_mended,
        is_simulated=reply.is_simulated,
    )


def _sources(answer: ModelAnswer, hits: Sequence[Hit]) -> tuple[Source, ...]:
    used = [hits[number - 1] for number in answer.sources if 1 <= number <= len(hits)]
    best = {hit.passage.document: hit for hit in reversed(used)}
    return tuple(
        Source(hit.passage.document, hit.passage.title, round(hit.score, 4))
        for hit in reversed(best.values())
    )


def _passage_answer(hits: Sequence[Hit], *, is_simulated: bool | None = None) -> VocAnswer:
    """The best passage as it stands, when the model gave nothing usable."""
    if not hits:
        return VocAnswer("죄송합니다. 관련 안내를 찾지 못했습니다.", (), None, True, is_simulated)
    source = Source(hits[0].passage.document, hits[0].passage.title, round(hits[0].score, 4))
    return VocAnswer(_APOLOGY + hits[0].passage.text, (source,), None, True, is_simulated)


def _as_documents(hits: Sequence[Hit]) -> list[dict[str, object]]:
    return [{"id": hit.passage.id, "score": round(hit.score, 4), "content": hit.passage.text} for hit in hits]
