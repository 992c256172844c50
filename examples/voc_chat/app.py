"""The HTTP face: `POST /voc/chat` and the health checks."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, StringConstraints

import pitwall
from examples.voc_chat.embedding_cache import EmbeddingCache
from examples.voc_chat.model_client import create_client
from examples.voc_chat.retrieval import PassageStore
from examples.voc_chat.service import VocService
from examples.voc_chat.settings import VocSettings, read_settings
from pitwall.core.errors import PitwallError

SERVICE = "voc-chat"
Identifier = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128)]
Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class ChatRequest(BaseModel):
    """A customer's question; without a session it starts a new one."""

    model_config = ConfigDict(extra="forbid")

    question: Question
    session_id: Identifier | None = None
    company: Identifier | None = None


class SourceOut(BaseModel):
    """A document the answer rests on."""

    document: str
    title: str
    score: float


class ChatResponse(BaseModel):
    """The answer; `fallback` when the model failed, `simulated` when the model server says so of itself.

    `answerable` and `simulated` are null when the model did not get to say.
    """

    answer: str
    sources: list[SourceOut]
    answerable: bool | None
    fallback: bool
    simulated: bool | None
    request_id: str
    session_id: str


def create_app(settings: VocSettings | None = None) -> FastAPI:
    """Build the service; PITWALL_ENDPOINT or TRACE_DIR says where the telemetry goes.

    Raises:
        InvalidInput: A setting that cannot be used.
        NotFound, Conflict: The documents have not been ingested, or with another embedding model.
    """
    chosen = settings or read_settings(os.environ)
    store = PassageStore.open(chosen.chroma_dir, chosen.chroma_collection, chosen.model.embedding_model)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        telemetry = pitwall.init(service=SERVICE, environment="demo")
        cache, client = EmbeddingCache(chosen.cache_path), create_client(chosen.model)
        app.state.service = VocService(chosen, client, store, cache)
        yield
        await client.close()
        cache.close()
        telemetry.shutdown()

    # Without FastAPI's spans of its own steps a trace shows what the service does and nothing else.
    app = FastAPI(
        title="VOC chat", lifespan=lifespan, docs_url=None, redoc_url=None, telemetry={"tracing": False}
    )
    app.add_middleware(pitwall.RequestContextMiddleware)
    app.add_exception_handler(PitwallError, _problem)
    app.post("/voc/chat", response_model=ChatResponse)(chat)
    app.get("/health/ready")(ready)
    return app


async def chat(body: ChatRequest, request: Request) -> ChatResponse:
    """Answer a question from the documents."""
    session_id = body.session_id or uuid.uuid4().hex
    request_id = pitwall.current_request_id() or uuid.uuid4().hex
    # The root span began before the body was read, so it learns now whose request it is.
    pitwall.mark_request(session_id=session_id, company=body.company)
    with pitwall.request_context(session_id=session_id, company=body.company):
        service: VocService = request.app.state.service
        result = await service.answer(body.question, session_id)
    return ChatResponse(
        answer=result.answer,
        sources=[SourceOut(document=s.document, title=s.title, score=s.score) for s in result.sources],
        answerable=result.is_answerable,
        fallback=result.is_fallback,
        simulated=result.is_simulated,
        request_id=request_id,
        session_id=session_id,
    )


async def ready() -> dict[str, str]:
    """The server does not listen before its collection is open, so answering is being ready."""
    return {"status": "ready"}


async def _problem(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, PitwallError)
    body = {"type": "about:blank", "title": error.code, "status": error.http_status, "detail": str(error)}
    return JSONResponse(body, status_code=error.http_status, media_type="application/problem+json")
