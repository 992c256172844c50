"""The name of a call: what it asks, and whom. Equal questions have equal names, so answers can be kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pitwall.kit.hashing import json_hash
from pitwall.llm.types import Message, ModelEndpoint

_DIGITS = 8


def chat_key(endpoint: ModelEndpoint, messages: Sequence[Message], shape_hash: str, sample: int) -> str:
    """Name a question; how the reply is structured on the way does not matter, nor do limits and prices."""
    parameters = [endpoint.temperature, endpoint.seed, endpoint.max_tokens]
    asked = [[message.role, message.content] for message in messages]
    return json_hash(["chat", *_whom(endpoint), parameters, asked, shape_hash, sample])


def parameters_of(endpoint: ModelEndpoint) -> dict[str, Any]:
    """What answers of a model depend on besides its name and the question; options by their hash alone."""
    return {
        "temperature": endpoint.temperature,
        "seed": endpoint.seed,
        "max_tokens": endpoint.max_tokens,
        "options": json_hash(dict(endpoint.options))[:_DIGITS] if endpoint.options else None,
    }


def embedding_key(endpoint: ModelEndpoint, text: str) -> str:
    """Name the vector of a text."""
    return json_hash(["embedding", *_whom(endpoint), text])


def _whom(endpoint: ModelEndpoint) -> list[Any]:
    return [endpoint.api.value, endpoint.base_url.rstrip("/"), endpoint.model, dict(endpoint.options)]


def place_key(endpoint: ModelEndpoint) -> str:
    """Name a model at an address."""
    return json_hash([endpoint.api.value, endpoint.base_url.rstrip("/"), endpoint.model])


def seed_of(endpoint: ModelEndpoint, sample: int) -> int | None:
    """The seed of a sample; without one a further sample still asks differently."""
    if endpoint.seed is None:
        return None if sample == 0 else sample
    return endpoint.seed + sample
