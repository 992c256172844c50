"""Reading requests and writing responses, the faults on the wire included."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from examples.model_server.answering import Message
from examples.model_server.engine import ApiError, ConnectionCut


class JsonResponse(Response):
    """A JSON answer."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        return orjson.dumps(content)


class CutResponse(JsonResponse):
    """An answer that stops half way although its length was announced; the connection is closed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": half, "more_body": True})


class PacedStream(StreamingResponse):
    """A stream that is left unfinished when its content raises ConnectionCut; the connection is closed."""

    async def stream_response(self, send: Send) -> None:
        try:
            await super().stream_response(send)
        except ConnectionCut:
            return


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON object in the body.

    Raises:
        ApiError: The body is something else.
    """
    try:
        body = await request.json()
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ApiError(400, f"the body is not JSON: {error}", "invalid_json") from None
    if not isinstance(body, dict):
        raise ApiError(400, f"the body must be a JSON object, not {type(body).__name__}", "invalid_json")
    return body


def read_text(body: Mapping[str, Any], name: str) -> str:
    """A required string field."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise ApiError(400, f"{name} must be a non-empty string, not {value!r}", "invalid_request")
    return value


def read_limit(body: Mapping[str, Any], *names: str) -> int | None:
    """The first token limit given under one of the names; None or (Ollama's) a negative number is none."""
    value = next((body[name] for name in names if body.get(name) is not None), None)
    if value is None:
        return None
    if type(value) is not int:
        raise ApiError(400, f"{names[0]} must be a whole number, not {value!r}", "invalid_request")
    return value if value >= 0 else None


def read_messages(body: Mapping[str, Any]) -> list[Message]:
    """The chat messages; content is a string, null or OpenAI's list of parts, of which the text is taken."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise ApiError(400, "messages must be a non-empty list", "invalid_request")
    return [_message(entry) for entry in messages]


def _message(entry: object) -> Message:
    if not isinstance(entry, dict) or not isinstance(entry.get("role"), str):
        raise ApiError(400, f"a message is an object with role and content; got {entry!r}", "invalid_request")
    content = entry.get("content")
    if isinstance(content, list):
        content = "\n".join(
            part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str)
        )
    return Message(role=entry["role"], content=content if isinstance(content, str) else "")


def read_texts(value: object) -> list[str]:
    """One text or a list of texts, as embedding requests give them."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ApiError(400, "input must be a string or a list of strings", "invalid_request")
    return texts
