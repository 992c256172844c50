"""Ollama's API: /api/chat, /api/generate, /api/embed, /api/embeddings, /api/tags, /api/version."""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from examples.model_server.answering import Message
from examples.model_server.engine import ApiError, BrokenBody, ChatOptions, ConnectionCut, Reply, Simulator
from examples.model_server.text import count_tokens
from examples.model_server.wire import (
    CutResponse,
    JsonResponse,
    PacedStream,
    read_limit,
    read_messages,
    read_object,
    read_text,
    read_texts,
)

VERSION = "0.0.0-simulated"
Piece = Callable[[str], dict[str, Any]]


class OllamaApi:
    """Ollama's endpoints over one simulator."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._loaded: dict[str, None] = {}  # models that have answered, as Ollama keeps them in memory

    def routes(self) -> list[Route]:
        return [
            Route("/api/chat", self.chat, methods=["POST"]),
            Route("/api/generate", self.generate, methods=["POST"]),
            Route("/api/embed", self.embed, methods=["POST"]),
            Route("/api/embeddings", self.embed_one, methods=["POST"]),
            Route("/api/tags", self.tags),
            Route("/api/ps", self.ps),
            Route("/api/version", self.version),
        ]

    async def chat(self, request: Request) -> Response:
        body = await read_object(request)
        return await self._answer(body, read_messages(body), _as_message)

    async def generate(self, request: Request) -> Response:
        body = await read_object(request)
        messages = [
            Message("system", str(body.get("system") or "")),
            Message("user", read_text(body, "prompt")),
        ]
        return await self._answer(body, messages, _as_response)

    async def embed(self, request: Request) -> Response:
        body, started_ns = await read_object(request), time.perf_counter_ns()
        model, texts = read_text(body, "model"), [text for text in read_texts(body.get("input")) if text]
        payload = {
            "model": model,
            "embeddings": [],
            "total_duration": 0,
            "load_duration": 0,
            "prompt_eval_count": 0,
        }
        try:
            payload["embeddings"] = await self._simulator.embeddings(
                texts, model, read_limit(body, "dimensions")
            )
        except ConnectionCut:
            return CutResponse(payload)
        except BrokenBody:
            return Response(orjson.dumps(payload)[:-20], media_type="application/json")
        self._loaded[model] = None
        payload["prompt_eval_count"] = sum(count_tokens(text) for text in texts)
        payload["total_duration"] = time.perf_counter_ns() - started_ns
        return JsonResponse(payload)

    async def embed_one(self, request: Request) -> Response:
        body = await read_object(request)
        try:
            vectors = await self._simulator.embeddings([read_text(body, "prompt")], read_text(body, "model"))
        except ConnectionCut:
            return CutResponse({"embedding": []})
        except BrokenBody:
            return Response('{"embedding": [0.1, ', media_type="application/json")
        return JsonResponse({"embedding": vectors[0]})

    async def tags(self, request: Request) -> Response:
        config = self._simulator.config
        return JsonResponse(
            {"models": [_tag(name) for name in (*config.chat_models, *config.embedding_models)]}
        )

    async def ps(self, request: Request) -> Response:
        return JsonResponse({"models": [_tag(name) | {"size_vram": 0} for name in self._loaded]})

    async def version(self, request: Request) -> Response:
        return JsonResponse({"version": VERSION})

    async def _answer(self, body: dict[str, Any], messages: list[Message], piece: Piece) -> Response:
        started_ns = time.perf_counter_ns()
        options = body.get("options") or {}
        if not isinstance(options, dict):
            raise ApiError(400, f"options must be an object, not {options!r}", "invalid_request")
        asked = ChatOptions(
            model=read_text(body, "model"),
            wants_json=bool(body.get("format")),
            max_tokens=read_limit(options, "num_predict"),
        )
        reply = await self._simulator.chat(messages, asked)
        self._loaded[asked.model] = None
        if body.get("stream", True):
            stream = self._stream(asked.model, reply, piece, started_ns)
            return PacedStream(stream, media_type="application/x-ndjson")
        return await self._whole(asked.model, reply, piece, started_ns)

    async def _stream(self, model: str, reply: Reply, piece: Piece, started_ns: int) -> AsyncIterator[bytes]:
        first_ns = started_ns
        async for index, token in _numbered(self._simulator.play(reply)):
            first_ns = time.perf_counter_ns() if index == 0 else first_ns
            yield orjson.dumps(_head(model) | piece(token) | {"done": False}) + b"\n"
        yield orjson.dumps(_head(model) | piece("") | _ending(reply, started_ns, first_ns)) + b"\n"

    async def _whole(self, model: str, reply: Reply, piece: Piece, started_ns: int) -> Response:
        first_ns = started_ns
        try:
            async for index, _ in _numbered(self._simulator.play(reply)):
                first_ns = time.perf_counter_ns() if index == 0 else first_ns
        except ConnectionCut:
            return CutResponse(_head(model) | piece(reply.text) | _ending(reply, started_ns, first_ns))
        return JsonResponse(_head(model) | piece(reply.text) | _ending(reply, started_ns, first_ns))


def _as_message(text: str) -> dict[str, Any]:
    return {"message": {"role": "assistant", "content": text}}


def _as_response(text: str) -> dict[str, Any]:
    return {"response": text}


def _head(model: str) -> dict[str, Any]:
    return {"model": model, "created_at": datetime.now(UTC).isoformat().replace("+00:00", "Z")}


def _ending(reply: Reply, started_ns: int, first_ns: int) -> dict[str, Any]:
    now_ns = time.perf_counter_ns()
    return {
        "done": True,
        "done_reason": reply.finish_reason,
        "total_duration": now_ns - started_ns,
        "load_duration": 0,
        "prompt_eval_count": reply.prompt_tokens,
        "prompt_eval_duration": first_ns - started_ns,
        "eval_count": len(reply.tokens),
        "eval_duration": now_ns - first_ns,
    }


def _tag(name: str) -> dict[str, Any]:
    family = {"parent_model": "", "format": "simulated", "family": "simulated", "families": ["simulated"]}
    return {
        "name": name,
        "model": name,
        "modified_at": "2026-11-20T00:00:00Z",
        "size": 0,
        "digest": hashlib.sha256(f"simulated {name}".encode()).hexdigest(),
        "details": {**family, "parameter_size": "0", "quantization_level": "simulated"},
    }


async def _numbered(tokens: AsyncIterator[str]) -> AsyncIterator[tuple[int, str]]:
    index = 0
    async for token in tokens:
        yield index, token
        index += 1
