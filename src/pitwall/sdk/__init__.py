"""What runs inside the user's application: spans, scores, logs, health. It never raises, never blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pitwall.sdk.client import Client, current_client, init
from pitwall.sdk.config import Limits
from pitwall.sdk.context import current_request_id, mark_request, request_context
from pitwall.sdk.health import health_app, health_router
from pitwall.sdk.llm import LlmCall, llm_call
from pitwall.sdk.middleware import RequestContextMiddleware
from pitwall.sdk.observe import observe
from pitwall.sdk.operation import cache_lookup, parse_step, tool_call
from pitwall.sdk.rag import embedding, rerank, retrieval
from pitwall.sdk.scores import score

if TYPE_CHECKING:
    from pitwall.sdk.log_setup import add_trace_context, configure_logging

__all__ = [
    "Client",
    "Limits",
    "LlmCall",
    "RequestContextMiddleware",
    "add_trace_context",
    "cache_lookup",
    "configure_logging",
    "current_client",
    "current_request_id",
    "embedding",
    "health_app",
    "health_router",
    "init",
    "llm_call",
    "mark_request",
    "observe",
    "parse_step",
    "request_context",
    "rerank",
    "retrieval",
    "score",
    "tool_call",
]

# structlog takes 25 ms to import, and only applications that let Pitwall set up their logs need it.
_NEEDS_STRUCTLOG = frozenset({"add_trace_context", "configure_logging"})


def __getattr__(name: str) -> Any:
    if name in _NEEDS_STRUCTLOG:
        from pitwall.sdk import log_setup

        return getattr(log_setup, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
