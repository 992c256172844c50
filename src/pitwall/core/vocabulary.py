"""The closed vocabularies that cross parts: span kinds, error classes, severities, bands, telemetry types."""

from __future__ import annotations

from enum import StrEnum


class SpanKind(StrEnum):
    """What a span is, whatever dialect said it."""

    LLM = "llm"
    EMBEDDING = "embedding"
    RETRIEVER = "retriever"
    RERANKER = "reranker"
    TOOL = "tool"
    AGENT = "agent"
    WORKFLOW = "workflow"
    CHAIN = "chain"
    CACHE = "cache"
    PARSER = "parser"
    GUARDRAIL = "guardrail"
    EVALUATOR = "evaluator"
    HTTP = "http"
    OTHER = "other"


class ErrorClass(StrEnum):
    """Why a call failed, in terms a team acts on."""

    TIMEOUT = "timeout"
    RATE_LIMIT = "rate_limit"
    TOKEN_LIMIT = "token_limit"
    PROVIDER = "provider"
    PARSE = "parse"
    VALIDATION = "validation"
    GUARDRAIL = "guardrail"
    AUTH = "auth"
    NETWORK = "network"
    CANCELLED = "cancelled"
    INTERNAL = "internal"


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


class Band(StrEnum):
    """Where a signal's value stands; `no_data` when it is absent or too thin to judge."""

    NORMAL = "normal"
    WARNING = "warning"
    CRITICAL = "critical"
    NO_DATA = "no_data"


class TelemetryType(StrEnum):
    """The streams of the write-ahead log; each has its own stage table and segments."""

    TRACES = "traces"
    METRICS = "metrics"
    LOGS = "logs"
    SCORES = "scores"
    DEAD_LETTERS = "dead_letters"


class TokenSource(StrEnum):
    """Where a span's token counts come from; `none` for spans that have no tokens by nature."""

    NONE = "none"
    PROVIDER = "provider"
    ESTIMATED = "estimated"
    MISSING = "missing"


class CostSource(StrEnum):
    """Where a span's cost comes from; an unknown model is `unpriced`, never 0."""

    NONE = "none"
    COMPUTED = "computed"
    REPORTED = "reported"
    UNPRICED = "unpriced"


class Scope(StrEnum):
    """What an API key may do."""

    INGEST = "ingest"
    READ = "read"
    ACT = "act"
