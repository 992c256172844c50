"""What every script asks a model: the same calls of the unmodified `openai` client, whatever watches them."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from typing import Any

from openai import OpenAI, RateLimitError  # type: ignore[import-not-found]

CHAT_MODEL = "gpt-4o-mini"
EMBEDDING_MODEL = "text-embedding-3-small"
BUSY_MODEL = "busy-model"
QUESTION = "환불은 며칠 걸리나요?"
SOURCE = "환불은 반품을 받은 날부터 영업일 3일 안에 끝나며 며칠 걸리나 궁금하면 고객센터에 묻습니다."
MESSAGES = [
    {"role": "system", "content": f"참고 문서:\n[환불 안내]\n{SOURCE}"},
    {"role": "user", "content": QUESTION},
]
TEXTS = ["환불 규정", "배송 지연 안내"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the application itself saw of one model call."""

    text: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    error: str = ""


def openai_client() -> Any:
    """The client of the simulated model server; it does not try again, so one call is one request."""
    return OpenAI(base_url=os.environ["MODEL_URL"] + "/v1", api_key="not-needed", max_retries=0)


def chat(client: Any) -> Seen:
    """One whole answer."""
    reply = client.chat.completions.create(model=CHAT_MODEL, messages=MESSAGES, temperature=0.2)
    usage = reply.usage
    return Seen(reply.choices[0].message.content, usage.prompt_tokens, usage.completion_tokens)


def stream(client: Any) -> Seen:
    """One streamed answer that ends with its usage."""
    chunks = list(
        client.chat.completions.create(
            model=CHAT_MODEL, messages=MESSAGES, stream=True, stream_options={"include_usage": True}
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    usage = chunks[-1].usage
    return Seen(text, usage.prompt_tokens, usage.completion_tokens)


def embed(client: Any) -> Seen:
    """Vectors of two texts."""
    reply = client.embeddings.create(model=EMBEDDING_MODEL, input=TEXTS)
    return Seen(input_tokens=reply.usage.prompt_tokens)


def fail(client: Any) -> Seen:
    """A call that the provider refuses because of its rate limit."""
    try:
        client.chat.completions.create(model=BUSY_MODEL, messages=MESSAGES)
    except RateLimitError as error:
        return Seen(error=type(error).__name__)
    raise AssertionError("the model server did not refuse the call")


def converse(client: Any) -> dict[str, Seen]:
    """All four calls."""
    return {"chat": chat(client), "stream": stream(client), "embed": embed(client), "fail": fail(client)}


def report(seen: dict[str, Seen], **more: Any) -> None:
    """Tell the test what the application saw, as one JSON line."""
    calls = {name: asdict(call) for name, call in seen.items()}
    sys.stdout.write(json.dumps({**calls, **more}, ensure_ascii=False) + "\n")
