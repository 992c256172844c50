"""Lets everything fail that an application calls, and reports how the SDK classes each exception."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable
from typing import Any

import anthropic  # type: ignore[import-not-found]
import google.genai.errors as google_errors  # type: ignore[import-untyped]
import grpc
import httpx
import jsonschema  # type: ignore[import-untyped]
import ollama  # type: ignore[import-not-found]
import openai  # type: ignore[import-not-found]
import pydantic
import requests
import tenacity  # type: ignore[import-not-found]

import pitwall
from pitwall.sdk.span import exception_type

MODELS = os.environ["MODEL_URL"]
NOWHERE = os.environ["NOWHERE_URL"]
HELLO = [{"role": "user", "content": "hello"}]
SLOW: dict[str, Any] = {"model": "slow-model", "messages": HELLO}
JSON_SCHEMA = {"type": "object", "required": ["answer"]}


class Answer(pydantic.BaseModel):
    days: int


def openai_at(url: str, **options: Any) -> Any:
    return openai.OpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0, **options)


def ask_openai(model: str, url: str = MODELS, **options: Any) -> None:
    openai_at(url, **options).chat.completions.create(model=model, messages=HELLO)


def ask_anthropic(url: str, status: int = 0, kind: str = "") -> None:
    """A real client; a status is answered by a transport in place of the network."""
    body = {"type": "error", "error": {"type": kind, "message": "as the provider says it"}}
    module = sys.modules[anthropic.DefaultHttpxClient.__mro__[1].__module__.partition(".")[0]]
    client = None
    if status:
        client = module.Client(transport=module.MockTransport(lambda _: module.Response(status, json=body)))
    models = anthropic.Anthropic(base_url=url, api_key="k", max_retries=0, http_client=client)
    models.messages.create(model="claude", max_tokens=9, messages=HELLO)


def ask_google(status: int, name: str, message: str) -> None:
    kind = google_errors.ServerError if status >= 500 else google_errors.ClientError
    raise kind(status, {"error": {"code": status, "message": message, "status": name}})


def ask_grpc() -> None:
    with grpc.insecure_channel(NOWHERE.removeprefix("http://")) as channel:
        find: Any = channel.unary_unary("/shop.Search/Find")
        find(b"", timeout=20)


def ask_with_tenacity() -> None:
    retrying = tenacity.Retrying(stop=tenacity.stop_after_attempt(2))
    retrying(ask_openai, "busy-model")


def ask_in_group() -> None:
    async def all_at_once() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.wait_for(asyncio.sleep(9), 0.01))

    asyncio.run(all_at_once())


def wrapped() -> None:
    try:
        ask_openai("busy-model")
    except openai.OpenAIError as error:
        raise RuntimeError("the answer could not be made") from error


def ask_httpx_status(path: str) -> None:
    httpx.get(f"{MODELS}{path}").raise_for_status()


FAILURES: dict[str, Callable[[], object]] = {
    "openai rate limit": lambda: ask_openai("busy-model"),
    "openai server error": lambda: ask_openai("broken-model"),
    "openai unknown model": lambda: ask_openai("no-such-model"),
    "openai timeout": lambda: ask_openai("slow-model", timeout=0.2),
    "openai down": lambda: ask_openai("m", NOWHERE),
    "openai in a wrapper": wrapped,
    "anthropic down": lambda: ask_anthropic(NOWHERE),
    "anthropic overloaded": lambda: ask_anthropic(NOWHERE, 529, "overloaded_error"),
    "anthropic rate limit": lambda: ask_anthropic(NOWHERE, 429, "rate_limit_error"),
    "anthropic key": lambda: ask_anthropic(NOWHERE, 401, "authentication_error"),
    "anthropic bad request": lambda: ask_anthropic(NOWHERE, 400, "invalid_request_error"),
    "google quota": lambda: ask_google(429, "RESOURCE_EXHAUSTED", "Quota exceeded"),
    "google overloaded": lambda: ask_google(503, "UNAVAILABLE", "The model is overloaded."),
    "google too long": lambda: ask_google(
        400, "INVALID_ARGUMENT", "The input token count (9) exceeds the maximum number of tokens allowed (5)."
    ),
    "ollama unknown model": lambda: ollama.Client(MODELS).chat("no-such-model", HELLO),
    "ollama rate limit": lambda: ollama.Client(MODELS).chat("busy-model", HELLO),
    "ollama server error": lambda: ollama.Client(MODELS).chat("broken-model", HELLO),
    "ollama timeout": lambda: ollama.Client(MODELS, timeout=0.2).chat("slow-model", HELLO),
    "ollama down": lambda: ollama.Client(NOWHERE).list(),
    "httpx down": lambda: httpx.get(NOWHERE),
    "httpx status": lambda: ask_httpx_status("/nothing-here"),
    "httpx timeout": lambda: httpx.post(f"{MODELS}/api/chat", json=SLOW, timeout=0.2),
    "requests down": lambda: requests.get(NOWHERE, timeout=9),
    "requests status": lambda: requests.get(f"{MODELS}/nothing-here", timeout=9).raise_for_status(),
    "requests no json": lambda: requests.get(f"{MODELS}/", timeout=9).json(),
    "requests timeout": lambda: requests.post(f"{MODELS}/api/chat", json=SLOW, timeout=0.2),
    "grpc down": ask_grpc,
    "tenacity gave up": ask_with_tenacity,
    "asyncio timeout": lambda: asyncio.run(asyncio.wait_for(asyncio.sleep(9), 0.01)),
    "asyncio group": ask_in_group,
    "json": lambda: json.loads("{'answer': 3}"),
    "pydantic field": lambda: Answer(days="soon"),  # type: ignore[arg-type]
    "pydantic json": lambda: Answer.model_validate_json("{'days'"),
    "jsonschema": lambda: jsonschema.validate({}, JSON_SCHEMA),
    "a bug": lambda: SLOW["timeout"],
}


def told(raiser: Callable[[], object]) -> dict[str, Any]:
    """What an exception is called and says, and the class that the SDK finds."""
    try:
        raiser()
    except BaseException as error:  # noqa: BLE001  # whatever comes is what is reported
        status = getattr(error, "status_code", 0)
        return {
            "type": exception_type(error),
            "text": f"{type(error).__name__}: {error}",
            "status": status if isinstance(status, int) and status > 0 else 0,
            "error_class": pitwall.classify_error(error).error_class,
        }
    return {"error_class": "nothing was raised"}


if __name__ == "__main__":
    sys.stdout.write(json.dumps({name: told(raiser) for name, raiser in FAILURES.items()}) + "\n")
