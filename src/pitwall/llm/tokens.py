"""How many tokens a text may have, without a tokenizer: for estimates and limits, never for a bill."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from pitwall.llm.types import Message, ModelEndpoint, Usage

_ASCII_PER_TOKEN = 4.0
# Hangul and Han characters are between half a token and one and a half, by tokenizer.
_TOKENS_PER_WIDE = 0.9
_PER_MESSAGE = 4
_MILLION = Decimal(1_000_000)


def estimate_tokens(text: str) -> int:
    """Return about how many tokens a text has; Korean counts by the character."""
    characters = len(text)
    wide = (len(text.encode("utf-8", "surrogatepass")) - characters) / 2
    return int(max(0.0, characters - wide) / _ASCII_PER_TOKEN + wide * _TOKENS_PER_WIDE) + 1


def prompt_tokens(messages: Iterable[Message]) -> int:
    """Return about how many tokens a conversation has."""
    return sum(estimate_tokens(message.content) + _PER_MESSAGE for message in messages)


def cost_usd(endpoint: ModelEndpoint, usage: Usage) -> Decimal | None:
    """What tokens cost; None where the model has no price or the server did not count."""
    parts = (
        (usage.input_tokens, endpoint.input_usd_per_million),
        (usage.output_tokens, endpoint.output_usd_per_million),
    )
    total = Decimal(0)
    for tokens, price in parts:
        if tokens == 0:
            continue
        if tokens is None or price is None:
            return None
        total += tokens * price / _MILLION
    return total
