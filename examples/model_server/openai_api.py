"""OpenAI's API: /v1/chat/completions, /v1/embeddings, /v1/models."""

from __future__ import annotations

import base64
import itertools
import struct
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

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

FINGERPRINT = "fp_simulated"


@dataclass(frozen=True, slots=True)
class Completion:
    """Identity of one chat completion, the same on all its chunks."""

    id: str
    model: str
    created: int

    def envelope(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        head = {"id": self.id, "object": kind, "created": self.created, "model": self.model}
        return {**head, "system_fingerprint": FINGERPRINT, "choices": choices}


class OpenAiApi:
    """OpenAI's endpoints over one simulator; any API key is accepted."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._numbers = itertools.count(1)

    def routes(self) -> list[Route]:
        return [
            Route("/v1/chat/completions", self.chat, methods=["POST"]),
            Route("/v1/embeddings", self.embed, methods=["POST"]),
            Route("/v1/models", self.models),
        ]

    async def chat(self, request: Request) -> Response:
        body = await read_object(request)
        if body.get("n") not in (None, 1):
            raise ApiError(400, f"n={body['n']!r} is not simulated; use 1", "unsupported_value")
        asked = ChatOptions(
            model=read_text(body, "model"),
            wants_json=_wants_json(body.get("response_format")),
            max_tokens=read_limit(body, "max_completion_tokens", "max_tokens"),
        )
        reply = await self._simulator.chat(read_messages(body), asked)
        completion = Completion(f"chatcmpl-simulated-{next(self._numbers)}", asked.model, int(time.time()))
        if body.get("stream"):
            with_usage = bool((body.get("stream_options") or {}).get("include_usage"))
            return PacedStream(self._stream(completion, reply, with_usage), media_type="text/event-stream")
        return await self._whole(completion, reply)

    async def embed(self, request: Request) -> Response:
        body = await read_object(request)
        model, texts = read_text(body, "model"), read_texts(body.get("input"))
        if not texts or not all(texts):
            raise ApiError(400, "input must not be empty", "invalid_request")
        try:
            vectors = await self._simulator.embeddings(texts, model, read_limit(body, "dimensions"))
        except ConnectionCut:
            return CutResponse({"object": "list", "data": []})
        except BrokenBody:
            return Response('{"object": "list", "data": [{"embed', media_type="application/json")
        encode = _base64 if body.get("encoding_format") == "base64" else list
        data = [
            {"object": "embedding", "index": i, "embedding": encode(vector)}
            for i, vector in enumerate(vectors)
        ]
        tokens = sum(count_tokens(text) for text in texts)
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        return JsonResponse({"object": "list", "data": data, "model": model, "usage": usage})

    async def models(self, request: Request) -> Response:
        config = self._simulator.config
        names = (*config.chat_models, *config.embedding_models)
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "simulated"} for name in names]
        return JsonResponse({"object": "list", "data": data})

    async def _stream(self, completion: Completion, reply: Reply, with_usage: bool) -> AsyncIterator[bytes]:
        yield _event(
            completion.envelope("chat.completion.chunk", [_delta({"role": "assistant", "content": ""})])
        )
        async for token in self._simulator.play(reply):
            yield _event(completion.envelope("chat.completion.chunk", [_delta({"content": token})]))
        yield _event(completion.envelope("chat.completion.chunk", [_delta({}, reply.finish_reason)]))
        if with_usage:
            yield _event(completion.envelope("chat.completion.chunk", []) | {"usage": _usage(reply)})
        yield b"data: [DONE]\n\n"

    async def _whole(self, completion: Completion, reply: Reply) -> Response:
        message = {"role": "assistant", "content": reply.text, "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reply.finish_reason}
        payload = completion.envelope("chat.completion", [choice]) | {"usage": _usage(reply)}
        try:
            async for _ in self._simulator.play(reply):
                pass
        except ConnectionCut:
            return CutResponse(payload)
        return JsonResponse(payload)


def _wants_json(response_format: object) -> bool:
    return isinstance(response_format, dict) and response_format.get("type") in ("json_object", "json_schema")


def _event(payload: dict[str, Any]) -> bytes:
    return b"data: " + orjson.dumps(payload) + b"\n\n"


def _delta(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}


def _usage(reply: Reply) -> dict[str, Any]:
    output = len(reply.tokens)
    return {
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": output,
        "total_tokens": reply.prompt_tokens + output,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }


def _base64(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
