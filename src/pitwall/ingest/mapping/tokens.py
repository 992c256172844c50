"""Token algebra: what a dialect calls "input tokens", turned into classes that do not overlap.

Two meanings are on the wire. *Inclusive*: the input count contains cached tokens (OpenTelemetry, OpenAI,
Gemini). *Additive*: it does not (raw Anthropic, Langfuse usage details). The stored columns are always the
same:

    input_tokens = uncached_input_tokens + cache_read_tokens + cache_write_tokens
    output_tokens contains reasoning_tokens
    cache_write_tokens contains cache_write_1h_tokens

Decision, in this order: cache counts that exceed the input cannot be part of it: additive. A reported total
that equals the sum of all classes: additive. Else the table below. Reasoning is added to the output when it
exceeds it, or when only so the reported total adds up (Gemini). A count that is negative or above
`MAX_TOKENS` is treated as missing; the raw attribute stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MAX_TOKENS: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Additive:
    """Spans whose input count leaves cached tokens out. An empty member matches everything."""

    dialect: str = ""
    provider: str = ""
    scope: str = ""


ADDITIVE: Final[tuple[Additive, ...]] = (
    Additive(dialect="langfuse"),
    Additive(dialect="mlflow", provider="anthropic"),
    Additive(dialect="vercel", provider="anthropic"),
    Additive(dialect="openlit", provider="anthropic"),
    Additive(dialect="traceloop", provider="aws.bedrock"),
    Additive(scope="openlit", provider="anthropic"),
    Additive(scope="claude-code"),
    Additive(scope="com.anthropic.claude_code"),
    Additive(dialect="claude_code"),
)

# Keys of usage objects sent as JSON (Langfuse usage_details, MLflow tokenUsage, raw provider usage), best
# first.
USAGE_JSON_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "input_tokens": (
        "input",
        "input_tokens",
        "prompt_tokens",
        "inputTokens",
        "promptTokens",
        "prompt_token_count",
    ),
    "output_tokens": (
        "output",
        "output_tokens",
        "completion_tokens",
        "outputTokens",
        "completionTokens",
        "candidates_token_count",
    ),
    "total_tokens": ("total", "total_tokens", "totalTokens", "total_token_count"),
    "cache_read_tokens": (
        "input_cached_tokens",
        "input_cache_read",
        "cache_read_input_tokens",
        "cache_read_tokens",
        "prompt_details.cache_read",
        "cachedInputTokens",
        "prompt_cached_tokens",
        "promptCachedTokens",
        "cached_content_token_count",
    ),
    "cache_write_tokens": (
        "input_cache_creation",
        "input_cache_write",
        "cache_creation_input_tokens",
        "cache_write_tokens",
        "prompt_details.cache_write",
    ),
    "reasoning_tokens": (
        "output_reasoning_tokens",
        "output_reasoning",
        "reasoning_tokens",
        "completion_details.reasoning",
        "reasoningTokens",
        "thoughts_token_count",
    ),
    "cache_write_1h_tokens": ("cache_creation_input_tokens_above_1hr", "input_cache_creation_1h"),
}
# Where objects of providers keep details; asked when no key above has the count.
NESTED_USAGE: Final[dict[str, tuple[str, str]]] = {
    "cache_read_tokens": ("prompt_tokens_details", "cached_tokens"),
    "reasoning_tokens": ("completion_tokens_details", "reasoning_tokens"),
    "cache_write_tokens": ("anthropic", "cacheCreationInputTokens"),
    "cache_write_1h_tokens": ("cache_creation", "ephemeral_1h_input_tokens"),
}
# Usage objects with these keys come from OpenAI unchanged, whoever sent them: inclusive.
INCLUSIVE_USAGE_KEYS: Final = ("prompt_tokens", "promptTokens")


@dataclass(frozen=True, slots=True)
class RawTokens:
    """Counts as the dialect gave them; None is unknown."""

    input_tokens: int | None
    output_tokens: int | None
    total_tokens: int | None
    cache_read_tokens: int | None
    cache_write_tokens: int | None
    reasoning_tokens: int | None
    cache_write_1h_tokens: int | None = None

    @property
    def is_known(self) -> bool:
        return self.input_tokens is not None or self.output_tokens is not None


@dataclass(frozen=True, slots=True)
class Tokens:
    """Disjoint input classes and output, with their parts; all 0 when nothing is known."""

    uncached_input_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cache_write_1h_tokens: int = 0

    @property
    def input_tokens(self) -> int:
        return self.uncached_input_tokens + self.cache_read_tokens + self.cache_write_tokens


def is_additive_by_table(dialect: str, provider: str, scope: str) -> bool:
    """Whether the table says that the input count leaves cached tokens out."""
    return any(
        entry.dialect in ("", dialect) and entry.provider in ("", provider) and entry.scope in ("", scope)
        for entry in ADDITIVE
    )


def classify(raw: RawTokens, *, additive_by_table: bool) -> Tokens:
    """Turn one dialect's counts into disjoint classes."""
    read, write_1h = raw.cache_read_tokens or 0, raw.cache_write_1h_tokens or 0
    write = max(raw.cache_write_tokens or 0, write_1h)
    given, output, reasoning = raw.input_tokens or 0, raw.output_tokens or 0, raw.reasoning_tokens or 0
    cached = read + write
    additive = (
        cached > given or (cached > 0 and raw.total_tokens == given + cached + output) or additive_by_table
    )
    uncached = given if additive else given - cached
    if reasoning > output or (raw.total_tokens or 0) == given + output + reasoning:
        output += reasoning
    return Tokens(uncached, read, write, output, reasoning, write_1h)


def additive_sql(dialect: str, provider: str, scope: str) -> str:
    """The table as a condition."""
    conditions = []
    for entry in ADDITIVE:
        parts = [
            f"{expression} = '{value}'"
            for expression, value in (
                (dialect, entry.dialect),
                (provider, entry.provider),
                (scope, entry.scope),
            )
            if value
        ]
        conditions.append(f"({' AND '.join(parts)})")
    return " OR ".join(conditions)


def count_sql(text: str) -> str:
    """Nullable(UInt32): a token count from text; NULL when absent, negative or absurd."""
    return f"accurateCastOrNull(toInt32OrNull({text}), 'UInt32')"


def parse_count(text: str) -> int | None:
    """A token count from text; None when absent, negative or absurd."""
    digits = text.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return None
    number = int(digits)
    return number if number <= MAX_TOKENS else None
