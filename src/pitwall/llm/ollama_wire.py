"""Ollama's own wire: building requests and reading replies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from pitwall.llm.shapes import Shape
from pitwall.llm.tokens import estimate_tokens
from pitwall.llm.types import CallFailure, Message, ModelEndpoint, Usage
from pitwall.llm.wire import Mode, Quirks, WireReply, WireRequest, count, vectors_of

# Fields of the body itself; everything else that a profile sets is an option of the model.
_BODY_FIELDS = frozenset({"think", "keep_alive", "raw", "template"})
_SMALLEST_CONTEXT = 8_192
# What the chat template adds, and what the estimate is short of.
_CONTEXT_MARGIN = 1.3


def chat_request(
    endpoint: ModelEndpoint,
    messages: Sequence[Message],
    mode: Mode,
    shape: Shape,
    seed: int | None,
    quirks: Quirks,
) -> WireRequest:
    """Ask for one reply in a mode; instructions that a mode needs stand in the messages already."""
    fields = {key: value for key, value in endpoint.options.items() if key in _BODY_FIELDS}
    options = {
        "temperature": endpoint.temperature,
        "seed": seed,
        "num_predict": endpoint.max_tokens,
        "num_ctx": _context(endpoint, messages),
        **{key: value for key, value in endpoint.options.items() if key not in _BODY_FIELDS},
    }
    body: dict[str, Any] = {
        "model": endpoint.model,
        "messages": [{"role": message.role, "content": message.content} for message in messages],
        "stream": False,
        "options": {key: value for key, value in options.items() if value is not None},
        **_structure(mode, shape),
        **fields,
    }
    return WireRequest("/api/chat", {key: one for key, one in body.items() if key not in quirks.left_out})


def _context(endpoint: ModelEndpoint, messages: Sequence[Message]) -> int:
    """Room for prompt and reply: Ollama cuts a prompt that does not fit without a word.

    In steps of powers of two, because the server loads the model anew for another size.
    """
    tokens = sum(estimate_tokens(message.content) for message in messages)
    needed = int(tokens * _CONTEXT_MARGIN) + endpoint.max_tokens
    return max(_SMALLEST_CONTEXT, 1 << (needed - 1).bit_length())


def _structure(mode: Mode, shape: Shape) -> dict[str, Any]:
    match mode:
        case Mode.JSON_SCHEMA:
            return {"format": shape.schema}
        case Mode.TOOLS:
            function = {"name": shape.name, "description": "Gives the reply.", "parameters": shape.schema}
            return {"tools": [{"type": "function", "function": function}]}
        case Mode.JSON_OBJECT:
            return {"format": "json"}
        case Mode.FENCED:
            return {}


def read_chat(body: Mapping[str, Any]) -> WireReply:
    """Read a reply."""
    usage = Usage(count(body.get("prompt_eval_count")), count(body.get("eval_count")))
    message, reason = body.get("message"), body.get("done_reason")
    if not isinstance(message, Mapping):
        problem = "The answer holds no message."
        return WireReply(usage=usage, failure=CallFailure.INVALID_JSON, problem=problem)
    text = _tool_arguments(message) or str(message.get("content") or "")
    is_cut = reason == "length" or body.get("done") is False
    return WireReply(
        text,
        reason if isinstance(reason, str) else None,
        usage,
        CallFailure.TRUNCATED if is_cut else None,
        f"The reply was cut off (done_reason {reason})." if is_cut else None,
    )


def _tool_arguments(message: Mapping[str, Any]) -> str:
    calls = message.get("tool_calls")
    first = calls[0] if isinstance(calls, list) and calls else None
    function = first.get("function") if isinstance(first, Mapping) else None
    arguments = function.get("arguments") if isinstance(function, Mapping) else None
    return orjson.dumps(arguments).decode() if isinstance(arguments, Mapping) else ""


def embed_request(endpoint: ModelEndpoint, texts: Sequence[str]) -> WireRequest:
    """Ask for a vector of each text; a text that does not fit is an error rather than cut."""
    body: dict[str, Any] = {"model": endpoint.model, "input": list(texts), "truncate": False}
    if endpoint.options:
        body["options"] = dict(endpoint.options)
    return WireRequest("/api/embed", body)


def read_embeddings(body: Mapping[str, Any], expected: int) -> tuple[list[list[float]] | None, Usage]:
    """Read vectors in the order of the texts; None if they are not what was asked for."""
    usage = Usage(count(body.get("prompt_eval_count")), None)
    return vectors_of(body.get("embeddings"), expected), usage


def models_request() -> WireRequest:
    """Ask which models there are."""
    return WireRequest("/api/tags")


def read_models(body: Mapping[str, Any]) -> list[str]:
    """Names of the models that a server has."""
    models = body.get("models")
    items = models if isinstance(models, list) else []
    return [str(item["name"]) for item in items if isinstance(item, Mapping) and "name" in item]
