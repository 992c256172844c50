"""What runs inside the user's application: spans, scores, logs, health. It never raises, never blocks."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from pitwall.sdk.client import Client, current_client, init
from pitwall.sdk.config import Limits
from pitwall.sdk.context import current_request_id, current_trace_id, mark_request, request_context
from pitwall.sdk.failures import Failure, classify_error
from pitwall.sdk.llm import LlmCall, llm_call
from pitwall.sdk.middleware import RequestContextMiddleware
from pitwall.sdk.observe import observe
from pitwall.sdk.operation import cache_lookup, parse_step, tool_call
from pitwall.sdk.rag import embedding, rerank, retrieval
from pitwall.sdk.scores import score
from pitwall.sdk.user_feedback import feedback

if TYPE_CHECKING:
    from pitwall.sdk.errors import (
        AIError,
        AITimeoutError,
        GuardrailError,
        ParseError,
        ProviderError,
        RateLimitError,
        TokenLimitError,
        ValidationError,
    )
    from pitwall.sdk.health.app import health_app, health_router
    from pitwall.sdk.health.machine import check_disk, check_gpu
    from pitwall.sdk.health.models import check_embedding, check_ollama, check_openai
    from pitwall.sdk.health.stores import check_chroma, check_postgres, check_redis
    from pitwall.sdk.health.types import CheckResult, HealthCheck
    from pitwall.sdk.log_setup import add_trace_context, configure_logging
    from pitwall.sdk.profiling import ProfileMiddleware, profile
    from pitwall.sdk.rate_limits import RateLimit, RateLimitMiddleware

__all__ = [
    "AIError",
    "AITimeoutError",
    "CheckResult",
    "Client",
    "Failure",
    "GuardrailError",
    "HealthCheck",
    "Limits",
    "LlmCall",
    "ParseError",
    "ProfileMiddleware",
    "ProviderError",
    "RateLimit",
    "RateLimitError",
    "RateLimitMiddleware",
    "RequestContextMiddleware",
    "TokenLimitError",
    "ValidationError",
    "add_trace_context",
    "cache_lookup",
    "check_chroma",
    "check_disk",
    "check_embedding",
    "check_gpu",
    "check_ollama",
    "check_openai",
    "check_postgres",
    "check_redis",
    "classify_error",
    "configure_logging",
    "current_client",
    "current_request_id",
    "current_trace_id",
    "embedding",
    "feedback",
    "health_app",
    "health_router",
    "init",
    "llm_call",
    "mark_request",
    "observe",
    "parse_step",
    "profile",
    "request_context",
    "rerank",
    "retrieval",
    "score",
    "tool_call",
]

# Not every application needs these, and some cost time to import (structlog alone 25 ms).
_ON_DEMAND = {
    "AIError": "pitwall.sdk.errors",
    "AITimeoutError": "pitwall.sdk.errors",
    "GuardrailError": "pitwall.sdk.errors",
    "ParseError": "pitwall.sdk.errors",
    "ProviderError": "pitwall.sdk.errors",
    "RateLimitError": "pitwall.sdk.errors",
    "TokenLimitError": "pitwall.sdk.errors",
    "ValidationError": "pitwall.sdk.errors",
    "health_app": "pitwall.sdk.health.app",
    "health_router": "pitwall.sdk.health.app",
    "check_disk": "pitwall.sdk.health.machine",
    "check_gpu": "pitwall.sdk.health.machine",
    "check_embedding": "pitwall.sdk.health.models",
    "check_ollama": "pitwall.sdk.health.models",
    "check_openai": "pitwall.sdk.health.models",
    "check_chroma": "pitwall.sdk.health.stores",
    "check_postgres": "pitwall.sdk.health.stores",
    "check_redis": "pitwall.sdk.health.stores",
    "CheckResult": "pitwall.sdk.health.types",
    "HealthCheck": "pitwall.sdk.health.types",
    "add_trace_context": "pitwall.sdk.log_setup",
    "configure_logging": "pitwall.sdk.log_setup",
    "ProfileMiddleware": "pitwall.sdk.profiling",
    "profile": "pitwall.sdk.profiling",
    "RateLimit": "pitwall.sdk.rate_limits",
    "RateLimitMiddleware": "pitwall.sdk.rate_limits",
}


def __getattr__(name: str) -> Any:
    if name not in _ON_DEMAND:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_ON_DEMAND[name]), name)
    globals()[name] = value
    return value
