"""What the rollups of spans can answer: dimensions, facts that were counted, numbers that were summed.

A *fact* is a condition whose true and known records were counted when the span arrived. Everything else
has to be asked of the raw records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from pitwall.signals.expressions import Column, Comparison, Condition, Not, Truth
from pitwall.signals.prices import CACHEABLE_USD, INPUT_USD, IS_PRICED


@dataclass(frozen=True, slots=True)
class Rollup:
    """A tier of states."""

    table: str
    time: str
    grain: timedelta


MINUTE = Rollup("spans_by_minute", "minute", timedelta(minutes=1))
HOUR = Rollup("spans_by_hour", "hour", timedelta(hours=1))

DIMENSIONS = frozenset(
    {
        "kind",
        "environment",
        "service",
        "version",
        "provider",
        "model",
        "component",
        "experiment",
        "variant",
        "error_class",
        "is_root",
    }
)


@dataclass(frozen=True, slots=True)
class Fact:
    """State columns of a condition: on how many spans it held, on how many it was known."""

    holds: str
    known: str
    negated: bool = False

    @property
    def weight(self) -> str:
        """SQL of the number of spans, per state row, for which the condition is true."""
        return f"({self.known} - {self.holds})" if self.negated else self.holds


@dataclass(frozen=True, slots=True)
class Measure:
    """What a row of states says of a number, as SQL: its sum, on how many spans it was known, its maximum and
    sketch if they are kept.
    """

    total: str
    known: str
    maximum: str | None = None
    sketch: str | None = None


def _at_todays_price(amount: str) -> Measure:
    return Measure(f"if({IS_PRICED}, {amount}, 0)", f"if({IS_PRICED}, tokens_known, 0)")


FACTS: Mapping[Condition, Fact] = {
    Comparison(Column("status"), "=", "error"): Fact("errors", "spans"),
    Comparison(Column("hits"), ">", 0.0): Fact("hits", "documents_known"),
    Truth(Column("rerank_enabled")): Fact("reranked", "rerank_known"),
    Truth(Column("cache_hit")): Fact("cache_hits", "cache_known"),
    Truth(Column("parse_ok")): Fact("parse_ok", "parse_known"),
    Truth(Column("is_fallback")): Fact("fallbacks", "fallback_known"),
    Comparison(Column("retry_count"), ">", 0.0): Fact("retried", "retries_known"),
    Truth(Column("has_tokens")): Fact("tokens_known", "(tokens_known + tokens_missing)"),
    Truth(Column("is_priced")): Fact("priced", "(priced + unpriced)"),
}

MEASURES: Mapping[str, Measure] = {
    "duration_ms": Measure("duration_ms_sum", "durations_known", "duration_ms_max", "duration_ms_sketch"),
    "ttft_ms": Measure("ttft_ms_sum", "ttft_known", sketch="ttft_ms_sketch"),
    "cost_usd": Measure("cost_usd", "priced"),
    "input_usd": _at_todays_price(INPUT_USD),
    "cacheable_usd": _at_todays_price(CACHEABLE_USD),
    "hits": Measure("documents", "documents_known"),
    "embedding_count": Measure("embeddings", "embeddings_known"),
    "retry_count": Measure("retries", "retries_known"),
    **{
        name: Measure(name, "tokens_known", sketch=f"{name}_sketch")
        for name in ("input_tokens", "output_tokens")
    },
    **{
        name: Measure(name, "tokens_known")
        for name in ("uncached_input_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")
    },
}

# State columns that map every value of a number to how many spans had it, which is exact.
VALUE_COUNTS: Mapping[str, str] = {"hits": "document_counts"}


def find_fact(condition: Condition) -> Fact | None:
    """The fact a condition is, or whose opposite it is; None if nothing of the kind was counted."""
    match condition:
        case Not(part):
            fact = find_fact(part)
            return fact and Fact(fact.holds, fact.known, not fact.negated)
        case Comparison(column, "!=", value):
            fact = FACTS.get(Comparison(column, "=", value))
            return fact and Fact(fact.holds, fact.known, negated=True)
        case Comparison(column, "=", bool() as value):
            fact = FACTS.get(Truth(column))
            return fact and Fact(fact.holds, fact.known, negated=not value)
        case _:
            return FACTS.get(condition)
