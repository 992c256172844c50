"""Model calls with a cost, spread over days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tests.integration.signals.telemetry import Row, insert_scores, insert_spans

__all__ = ["NOW", "Row", "daily_calls", "insert_scores", "insert_spans", "make_call"]

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_NUMBERS = count(1)


def make_call(at: datetime, cost_usd: float | None = 0.01, **columns: Any) -> Row:
    """A call of gpt-4o-mini, a request of its own, 1,000 tokens in and 100 out, unless columns differ."""
    number = next(_NUMBERS)
    call: Row = {
        "trace_id": f"t{number:015d}",
        "span_id": f"s{number:07d}",
        "parent_span_id": "",
        "name": "chat gpt-4o-mini",
        "kind": "llm",
        "service": "voc-chat",
        "environment": "prod",
        "provider": "openai",
        "model": "gpt-4o-mini",
        "started_at": at,
        "received_at": at + timedelta(seconds=2),
        "duration_ms": 900.0,
        "status": "ok",
        "error_class": "",
        "token_source": "provider",
        "input_tokens": 1000,
        "uncached_input_tokens": 1000,
        "cache_read_tokens": 0,
        "output_tokens": 100,
        "cost_usd": None if cost_usd is None else f"{cost_usd:.9f}",
        "cost_source": "unpriced" if cost_usd is None else "computed",
    }
    return {**call, **columns}


def daily_calls(days: int, cost_usd: float = 10.0, **columns: Any) -> list[Row]:
    """Two calls a day, at 06:00 and at 18:00, on the days before one; together they cost so much."""
    midnight = NOW.replace(hour=0)
    return [
        make_call(midnight - timedelta(days=day) + timedelta(hours=hour), cost_usd / 2, **columns)
        for day in range(days, 0, -1)
        for hour in (6, 18)
    ]


def make_search(at: datetime, query: str, documents: str) -> Row:
    """A search for documents, which costs nothing."""
    unused = {"provider": "", "model": "", "token_source": "none", "cost_usd": None, "cost_source": "none"}
    tokens = dict.fromkeys(("input_tokens", "uncached_input_tokens", "output_tokens"), 0)
    texts = {"name": "search", "kind": "retriever", "input": query, "output": documents}
    return {**make_call(at, None), **unused, **tokens, **texts}
