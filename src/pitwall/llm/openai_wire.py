"""The wire of OpenAI and of everything that is compatible with it: building requests and reading replies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pitwall.llm.shapes import Shape
from pitwall.llm.types import CallFailure, Message, ModelEndpoint, Usage
from pitwall.llm.wire import Mode, Quirks, WireReply, WireRequest, count, vectors_of

_TRUNCATED = frozenset({"length", "max_tokens"})
_FILTERED = frozenset({"content_filter", "safety"})


def chat_request(
    endpoint: ModelEndpoint,
    messages: Sequence[Message],
    mode: Mode,
    shape: Shape,
    seed: int | None,
    quirks: Quirks,
) -> WireRequest:
    """Ask for one reply in a mode; instructions that a mode needs stand in the messages already."""
    limit = "max_completion_tokens" if quirks.counts_completion else "max_tokens"
    body: dict[str, Any] = {
        "model": endpoint.model,
        "messages": [{"role": message.role, "content": message.content} for message in messages],
        limit: endpoint.max_tokens,
        "temperature": endpoint.temperature,
        "seed": seed,
        **_structure(mode, shape),
        **endpoint.options,
    }
    body = {key: value for key, value in body.items() if value is not None and key not in quirks.left_out}
    return WireRequest("/chat/completions", body)


def _structure(mode: Mode, shape: Shape) -> dict[str, Any]:
    match mode:
        case Mode.JSON_SCHEMA:
            schema = {"name": shape.name, "schema": shape.schema, "strict": shape.is_strict}
            return {"response_format": {"type": "json_schema", "json_schema": schema}}
        case Mode.TOOLS:
            function = {"name": shape.name, "description": "Gives the reply.", "parameters": shape.schema}
            choice = {"type": "function", "function": {"name": shape.name}}
            return {"tools": [{"type": "function", "function": function}], "tool_choice": choice}
        case Mode.JSON_OBJECT:
            return {"response_format": {"type": "json_object"}}
        case Mode.FENCED:
            return {}


def read_chat(body: Mapping[str, Any]) -> WireReply:
    """Read a chat completion."""
    usage = _usage(body)
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, Mapping) or not isinstance(choice.get("message"), Mapping):
        nothing = "The answer holds no choice with a message."
        return WireReply(usage=usage, failure=CallFailure.INVALID_JSON, problem=nothing)
    message, reason = choice["message"], choice.get("finish_reason")
    text = _tool_arguments(message) or _content(message)
    failure, problem = _failure(message, reason)
    return WireReply(text, reason if isinstance(reason, str) else None, usage, failure, problem)


def _failure(message: Mapping[str, Any], reason: Any) -> tuple[CallFailure | None, str | None]:
    if refusal := message.get("refusal"):
        return CallFailure.REFUSED, f"The model refused: {str(refusal)[:300]}"
    if reason in _FILTERED:
        return CallFailure.REFUSED, f"The reply was held back (finish_reason {reason})."
    if reason in _TRUNCATED:
        return CallFailure.TRUNCATED, f"The reply was cut off (finish_reason {reason})."
    return None, None


def _content(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):  # parts, as some servers send them
        texts = (part.get("text") for part in content if isinstance(part, Mapping))
        return "".join(text for text in texts if isinstance(text, str))
    return content if isinstance(content, str) else ""


def _tool_arguments(message: Mapping[str, Any]) -> str:
    calls = message.get("tool_calls")
    first = calls[0] if isinstance(calls, list) and calls else None
    function = first.get("function") if isinstance(first, Mapping) else None
    arguments = function.get("arguments") if isinstance(function, Mapping) else None
    return arguments if isinstance(arguments, str) else ""


def embed_request(endpoint: ModelEndpoint, texts: Sequence[str]) -> WireRequest:
    """Ask for a vector of each text."""
    return WireRequest("/embeddings", {"model": endpoint.model, "input": list(texts), **endpoint.options})


def read_embeddings(body: Mapping[str, Any], expected: int) -> tuple[list[list[float]] | None, Usage]:
    """Read vectors in the order of the texts; None if they are not what was asked for."""
    data = body.get("data")
    if not isinstance(data, list) or not all(isinstance(item, Mapping) for item in data):
        return None, _usage(body)
    by_index = {item.get("index", place): item.get("embedding") for place, item in enumerate(data)}
    ordered = [by_index.get(place) for place in range(expected)] if len(by_index) == expected else None
    return vectors_of(ordered, expected), _usage(body)


def models_request() -> WireRequest:
    """Ask which models there are."""
    return WireRequest("/models")


def read_models(body: Mapping[str, Any]) -> list[str]:
    """Names of the models that a server has."""
    data = body.get("data")
    items = data if isinstance(data, list) else []
    return [str(item["id"]) for item in items if isinstance(item, Mapping) and "id" in item]


def _usage(body: Mapping[str, Any]) -> Usage:
    usage = body.get("usage")
    if not isinstance(usage, Mapping):
        return Usage()
    return Usage(count(usage.get("prompt_tokens")), count(usage.get("completion_tokens")))
