"""Pitwall: watch, judge and steer LLM and RAG services.

What an application needs is reached from here and imported on first use; `import pitwall` stays light.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pitwall.sdk import (
        AIError,
        AITimeoutError,
        CheckResult,
        Client,
        Failure,
        GuardrailError,
        HealthCheck,
        Limits,
        LlmCall,
        ParseError,
        ProfileMiddleware,
        ProviderError,
        RateLimit,
        RateLimitError,
        RateLimitMiddleware,
        RequestContextMiddleware,
        TokenLimitError,
        ValidationError,
        add_trace_context,
        cache_lookup,
        check_chroma,
        check_disk,
        check_embedding,
        check_gpu,
        check_ollama,
        check_openai,
        check_postgres,
        check_redis,
        classify_error,
        configure_logging,
        current_client,
        current_request_id,
        current_trace_id,
        embedding,
        feedback,
        health_app,
        health_router,
        init,
        llm_call,
        mark_request,
        parse_step,
        profile,
        request_context,
        rerank,
        retrieval,
        score,
        tool_call,
    )
    from pitwall.sdk.observe import observe

__version__ = "0.1.0"

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
    "__version__",
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


def __getattr__(name: str) -> Any:
    """Import a public name on first use (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module("pitwall.sdk"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
