"""Where the dialects keep each fact: raw fields and the attribute keys that may carry them, best first.

This is the table to edit when an SDK invents a new attribute name. It is data: `compile` turns it into SQL,
`oracle` reads it directly. A key belongs to exactly one field; the first key with a non-empty value wins.
Reference: OpenTelemetry GenAI conventions 1.41 and later, OpenInference 0.1.42, OpenLLMetry 0.62, Langfuse
SDK 5, MLflow 3.18, Vercel AI SDK 4 to 6, pydantic-ai, OpenLIT, LiteLLM, Laminar, Google ADK, LiveKit, Weave,
Claude Code, Codex. Attributes named `pitwall.*` stand first everywhere. `docs/reference/dialects.md` is made
of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Field:
    """One fact about a span, as text, and the attribute keys that may carry it, best first."""

    name: str
    keys: tuple[str, ...]


# Set by doors, on records of any dialect: it says nothing of which one.
DURATION_KNOWN_KEY: Final = "pitwall.duration.known"

FIELDS: Final[tuple[Field, ...]] = (
    # The three fields that say what a span is come first: `kinds` looks at the head of the sorted slots only.
    Field(
        "kind",
        (
            "pitwall.span.kind",
            "langfuse.observation.type",
            "openinference.span.kind",
            "mlflow.spanType",
            "traceloop.span.kind",
            "lmnr.span.type",
            "genkit:metadata:subtype",
            "span.type",
        ),
    ),
    Field("operation", ("ai.operationId", "gen_ai.operation.name", "llm.request.type")),
    Field("database", ("db.system.name", "db.system")),
    Field(
        "provider",
        (
            "gen_ai.provider.name",
            "gen_ai.system",
            "llm.provider",
            "llm.system",
            "decision.provider",
            "mlflow.llm.provider",
            "ai.model.provider",
            "litellm.request.provider",
        ),
    ),
    Field(
        "request_model",
        (
            "gen_ai.request.model",
            "llm.request.model_name",
            "llm.model_name",
            "embedding.model_name",
            "reranker.model_name",
            "decision.model_name",
            "langfuse.observation.model.name",
            "mlflow.llm.model",
            "ai.model.id",
            "pitwall.rerank.model",
            "litellm.request.model",
            "litellm.model",
            "model_name",
            "model",
        ),
    ),
    Field("invocation_json", ("llm.invocation_parameters", "embedding.invocation_parameters")),
    Field("response_model", ("gen_ai.response.model", "llm.response.model_name", "ai.response.model")),
    # Tokens, each as its dialect means it; `tokens` turns them into disjoint classes.
    Field(
        "input_tokens",
        (
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.prompt_tokens",
            "llm.token_count.prompt",
            "decision.token_count.input",
            "ai.usage.inputTokens",
            "ai.usage.promptTokens",
            "ai.usage.tokens",
            "llm.usage.prompt_tokens",
            "codex.turn.token_usage.input_tokens",
            "input_tokens",
        ),
    ),
    Field(
        "output_tokens",
        (
            "gen_ai.usage.output_tokens",
            "gen_ai.usage.completion_tokens",
            "llm.token_count.completion",
            "decision.token_count.output",
            "ai.usage.outputTokens",
            "ai.usage.completionTokens",
            "llm.usage.completion_tokens",
            "codex.turn.token_usage.output_tokens",
            "output_tokens",
        ),
    ),
    Field(
        "total_tokens",
        (
            "gen_ai.usage.total_tokens",
            "llm.usage.total_tokens",
            "llm.token_count.total",
            "ai.usage.totalTokens",
            "litellm.usage.total_tokens",
            "codex.turn.token_usage.total_tokens",
        ),
    ),
    Field(
        "cache_read_tokens",
        (
            "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.usage.cache_read_input_tokens",
            "llm.token_count.prompt_details.cache_read",
            "ai.usage.inputTokenDetails.cacheReadTokens",
            "ai.usage.cachedInputTokens",
            "gen_ai.usage.details.cache_read_tokens",
            "gen_ai.usage.input_cached_tokens",
            "llm.usage.cache_read_input_tokens",
            "codex.turn.token_usage.cached_input_tokens",
            "cache_read_tokens",
        ),
    ),
    Field(
        "cache_write_tokens",
        (
            "gen_ai.usage.cache_write.input_tokens",
            "gen_ai.usage.cache_creation.input_tokens",
            "gen_ai.usage.cache_creation_input_tokens",
            "llm.token_count.prompt_details.cache_write",
            "ai.usage.inputTokenDetails.cacheWriteTokens",
            "gen_ai.usage.details.cache_write_tokens",
            "llm.usage.cache_creation_input_tokens",
            "cache_creation_tokens",
        ),
    ),
    # The part of the cache writes that is kept for an hour; it has a price of its own.
    Field("cache_write_1h_tokens", ("pitwall.usage.cache_write_1h.input_tokens",)),
    Field(
        "reasoning_tokens",
        (
            "gen_ai.usage.reasoning.output_tokens",
            "gen_ai.usage.reasoning_tokens",
            "llm.token_count.completion_details.reasoning",
            "ai.usage.outputTokenDetails.reasoningTokens",
            "ai.usage.reasoningTokens",
            "gen_ai.usage.details.reasoning_tokens",
            "gen_ai.usage.experimental.reasoning_tokens",
            "llm.usage.reasoning_tokens",
            "codex.turn.token_usage.reasoning_output_tokens",
        ),
    ),
    Field(
        "usage_json",
        (
            "langfuse.observation.usage_details",
            "mlflow.chat.tokenUsage",
            "lk.llm_metrics",
            "lk.realtime_model_metrics",
            "ai.response.providerMetadata",
        ),
    ),
    # A whole answer as JSON: the output, and its `usage_metadata`.
    Field("answer_json", ("gcp.vertex.agent.llm_response",)),
    Field("token_source", ("pitwall.token.source",)),
    Field(
        "reported_cost",
        (
            "gen_ai.usage.cost",
            "llm.cost.total",
            "gen_ai.cost.total_cost",
            "litellm.cost.total_cost",
            "operation.cost",
            "langfuse.observation.cost_details",
            "mlflow.llm.cost",
            "cost_usd",
        ),
    ),
    Field(
        "ttft_seconds",
        ("gen_ai.response.time_to_first_chunk", "gen_ai.server.time_to_first_token", "lk.response.ttft"),
    ),
    Field("ttft_ms", ("ai.response.msToFirstChunk", "ttft_ms")),
    Field("first_token_at", ("langfuse.observation.completion_start_time",)),
    Field(
        "session_id",
        (
            "gen_ai.conversation.id",
            "session.id",
            "langfuse.session.id",
            "traceloop.association.properties.session_id",
            "traceloop.association.properties.chat_id",
            "lmnr.association.properties.session_id",
            "mlflow.trace.session",
            "ai.telemetry.metadata.sessionId",
            "gcp.vertex.agent.session_id",
            "wandb.thread_id",
            "lk.room_name",
            "conversation.id",
        ),
    ),
    Field(
        "user_id",
        (
            "user.id",
            "enduser.id",
            "langfuse.user.id",
            "traceloop.association.properties.user_id",
            "lmnr.association.properties.user_id",
            "gen_ai.user",
            "llm.user",
            "mlflow.trace.user",
            "ai.telemetry.metadata.userId",
            "lk.participant_identity",
            "metadata.user_api_key_end_user_id",
        ),
    ),
    Field("company", ("pitwall.company", "company.id", "company")),
    Field(
        "request_id",
        (
            "pitwall.request.id",
            "request.id",
            "request_id",
            "interaction_id",
            "http.request.header.x-request-id",
            "mlflow.traceRequestId",
            "litellm.call_id",
            "gcp.vertex.agent.invocation_id",
        ),
    ),
    Field("response_id", ("gen_ai.response.id", "ai.response.id")),
    Field("agent", ("gen_ai.agent.name", "agent.name", "agent_name", "lk.agent_name", "graph.node.id")),
    Field(
        "workflow",
        (
            "gen_ai.workflow.name",
            "traceloop.workflow.name",
            "langfuse.trace.name",
            "ai.telemetry.functionId",
        ),
    ),
    Field("entity_name", ("traceloop.entity.name",)),
    Field(
        "tool_name",
        ("gen_ai.tool.name", "tool.name", "ai.toolCall.name", "lk.function_tool.name", "tool_name"),
    ),
    Field(
        "tool_call_id",
        (
            "gen_ai.tool.call.id",
            "tool_call.id",
            "ai.toolCall.id",
            "lk.function_tool.id",
            "tool.id",
            "tool_use_id",
        ),
    ),
    Field(
        "prompt_name",
        (
            "gen_ai.prompt.name",
            "langfuse.observation.prompt.name",
            "traceloop.prompt.key",
            "prompt.id",
        ),
    ),
    Field(
        "prompt_version",
        (
            "gen_ai.prompt.version",
            "langfuse.observation.prompt.version",
            "traceloop.prompt.version",
            "llm.prompt_template.version",
        ),
    ),
    # A list of name and version, asked when neither stands alone.
    Field("linked_prompts", ("mlflow.linkedPrompts",)),
    Field(
        "experiment",
        ("pitwall.experiment", "feature_flag.key", "langfuse.experiment.name", "langfuse.experiment.id"),
    ),
    Field(
        "variant",
        ("pitwall.variant", "feature_flag.result.variant", "feature_flag.variant"),
    ),
    Field("run_id", ("pitwall.run.id",)),
    # "false" on a record whose source says when it began and not how long it took.
    Field("duration_known", (DURATION_KNOWN_KEY,)),
    Field("stage", ("pitwall.stage",)),
    # Retrieval, embeddings, caches.
    Field("top_k", ("gen_ai.retrieval.top_k", "db.vector.query.top_k", "reranker.top_k")),
    Field("request_top_k", ("gen_ai.request.top_k",)),
    Field("documents_json", ("gen_ai.retrieval.documents",)),
    Field("document_count", ("pitwall.document.count", "gen_ai.retrieval.document_count")),
    Field("rerank_enabled", ("pitwall.rerank.enabled",)),
    Field("rerank_input_count", ("pitwall.rerank.input_count",)),
    Field("data_source", ("gen_ai.data_source.id", "db.collection.name", "db.vector.collection")),
    Field("embedding_count", ("pitwall.embedding.count",)),
    Field("embedding_dimensions", ("gen_ai.embeddings.dimension.count",)),
    Field("cache_name", ("pitwall.cache.name",)),
    Field("cache_hit", ("pitwall.cache.hit", "gen_ai.cache.hit", "cache.hit")),
    Field("parse_ok", ("pitwall.parse.ok",)),
    Field("fallback", ("pitwall.fallback",)),
    Field("retry_count", ("pitwall.retry.count", "http.request.resend_count", "lk.retry_count")),
    # How it ended.
    Field("error_class", ("pitwall.error.class",)),
    Field("error_type", ("error.type", "exception.type")),
    Field("level", ("langfuse.observation.level",)),
    Field("level_message", ("langfuse.observation.status_message", "exception.message")),
    Field(
        "finish_reason",
        (
            "gen_ai.response.finish_reasons",
            "llm.finish_reason",
            "ai.response.finishReason",
            "llm.response.finish_reason",
            "llm.response.stop_reason",
            "gen_ai.completion.0.finish_reason",
            "stop_reason",
        ),
    ),
    Field("http_status", ("http.response.status_code", "http.status_code")),
    Field("http_method", ("http.request.method", "http.method")),
    Field("http_route", ("http.route", "http.target", "url.path")),
    Field("environment", ("langfuse.environment",)),
    Field("release", ("langfuse.release",)),
    # What went in and what came out. Message lists win over the raw body of the call.
    Field("input_messages", ("gen_ai.input.messages",)),
    Field("instructions", ("gen_ai.system_instructions",)),
    Field(
        "input",
        (
            "gen_ai.retrieval.query.text",
            "langfuse.observation.input",
            "input.value",
            "reranker.query",
            "mlflow.spanInputs",
            "traceloop.entity.input",
            "lmnr.span.input",
            "ai.prompt.messages",
            "ai.prompt",
            "ai.values",
            "ai.value",
            "ai.toolCall.args",
            "gen_ai.prompt",
            "gen_ai.tool.call.arguments",
            "pydantic_ai.all_messages",
            "all_messages_events",
            "tool.parameters",
            "gcp.vertex.agent.tool_call_args",
            "gcp.vertex.agent.llm_request",
            "gcp.vertex.agent.data",
            "lk.chat_ctx",
            "lk.user_input",
            "lk.function_tool.arguments",
            "lk.input_text",
            "litellm.messages",
            "user_prompt",
            "gen_ai.input.messages_ref",
            "db.query.text",
            "input",
        ),
    ),
    Field("output_messages", ("gen_ai.output.messages",)),
    Field(
        "output",
        (
            "langfuse.observation.output",
            "output.value",
            "mlflow.spanOutputs",
            "traceloop.entity.output",
            "lmnr.span.output",
            "ai.response.text",
            "ai.response.object",
            "ai.response.toolCalls",
            "ai.toolCall.result",
            "gen_ai.completion",
            "gen_ai.tool.call.result",
            "final_result",
            "gcp.vertex.agent.tool_response",
            "lk.response.text",
            "lk.response.function_calls",
            "lk.function_tool.output",
            "gen_ai.output.messages_ref",
            "output",
        ),
    ),
    Field("embedding_list", ("ai.embeddings",)),
    # Scores on the span: whether there are any (see `feedback`).
    Field(
        "feedback",
        (
            "evaluations.0.evaluation.name",
            "annotations.0.annotation.name",
            "trace.evaluations.0.evaluation.name",
            "trace.annotations.0.annotation.name",
            "session.evaluations.0.evaluation.name",
            "session.annotations.0.annotation.name",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Indexed:
    """A list spread over attributes, `<prefix>.<N>.<part>`; `parts` empty means every part belongs to the
    list.
    """

    name: str
    prefixes: tuple[str, ...]
    parts: tuple[str, ...] = ()


INDEXED: Final[tuple[Indexed, ...]] = (
    Indexed("input_list", ("llm.input_messages", "gen_ai.prompt")),
    Indexed("output_list", ("llm.output_messages", "gen_ai.completion")),
    Indexed("documents", ("retrieval.documents", "reranker.output_documents", "output.documents")),
    Indexed("vectors", ("embedding.embeddings",)),
    Indexed("rerank_input", ("reranker.input_documents", "input.documents")),
)

# A reported cost given as a JSON object: the first of these members, else the sum of all.
COST_TOTAL_KEYS: Final = ("total", "total_cost")

# The member of `answer_json` that has the usage.
ANSWER_USAGE: Final = "usage_metadata"
# The finish reason of a call that failed.
ERROR_FINISH: Final = "error"

# A first token before the start, or later than the longest span there may be, is a clock gone wrong.
MAX_TTFT_MS: Final = 7 * 86_400_000
# A reported cost below 0 or above this is no cost of a call.
MAX_COST_USD: Final = 999_999

# So many characters tell the prefixes apart.
NUMBERED_HEAD: Final = 13

# Span event names and attributes that carry facts of the span.
FIRST_TOKEN_EVENTS: Final = ("First Token Stream Event", "gen_ai.content.first_token", "first_token")
DOCUMENT_EVENTS: Final = ("db.query.result", "db.search.result")
INPUT_EVENT_KEYS: Final = ("gen_ai.input.messages", "gen_ai.prompt")
OUTPUT_EVENT_KEYS: Final = ("gen_ai.output.messages", "gen_ai.completion")
# Events that are one message each; who speaks in it. The last asks nobody: it is what was answered.
MESSAGE_ROLES: Final[Mapping[str, str]] = MappingProxyType(
    {f"gen_ai.{role}.message": role for role in ("system", "user", "assistant", "tool")}
)
ANSWER_EVENT: Final = "gen_ai.choice"
# An attribute of such events that holds the whole message as JSON.
MESSAGE_BODY_KEY: Final = "gen_ai.event.content"

# Resource attributes. `environment` and `version` fall back to span attributes (Langfuse sends them there).
# What SDKs call a service that nobody named gives way to a project's name.
SERVICE_KEYS: Final = ("service.name",)
UNNAMED_SERVICE: Final = "unknown_service"
PROJECT_KEYS: Final = ("openinference.project.name",)
ENVIRONMENT_KEYS: Final = ("deployment.environment.name", "deployment.environment", "langfuse.environment")
VERSION_KEYS: Final = ("service.version", "langfuse.release")

# The dialect of a span is the first of these that owns one of its known attributes; `otel` when none does.
DIALECTS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("pitwall", ("pitwall.",)),
    ("langfuse", ("langfuse.",)),
    (
        "openinference",
        (
            "openinference.",
            "llm.token_count.",
            "llm.input_messages",
            "llm.output_messages",
            "llm.model_name",
            "llm.request.model_name",
            "llm.response.model_name",
            "llm.cost.",
            "llm.provider",
            "llm.system",
            "input.value",
            "output.value",
            "retrieval.documents",
            "input.documents",
            "output.documents",
            "reranker.",
            "embedding.",
            "decision.",
        ),
    ),
    ("mlflow", ("mlflow.",)),
    ("litellm", ("litellm.", "gen_ai.cost.", "metadata.user_api_key_")),
    ("traceloop", ("traceloop.", "llm.request.type", "llm.usage.", "db.vector.", "llm.response.")),
    ("vercel", ("ai.",)),
    ("laminar", ("lmnr.",)),
    ("genkit", ("genkit:",)),
    (
        "pydantic_ai",
        ("pydantic_ai.", "gen_ai.usage.details.", "agent_name", "model_name", "all_messages_events"),
    ),
    (
        "openlit",
        ("gen_ai.usage.cost", "gen_ai.retrieval.document_count", "gen_ai.server.time_to_first_token"),
    ),
    ("adk", ("gcp.vertex.agent.",)),
    ("livekit", ("lk.",)),
    ("codex", ("codex.",)),
    ("claude_code", ("claude_code.", "cache_creation_tokens")),
    ("weave", ("wandb.", "weave.")),
    ("genai", ("gen_ai.",)),
)
DEFAULT_DIALECT: Final = "otel"


def dialect_rank(key: str) -> int:
    """Position in `DIALECTS` of the dialect that owns `key`; `len(DIALECTS)` when no dialect does."""
    if key == DURATION_KNOWN_KEY:
        return len(DIALECTS)
    for rank, (_, prefixes) in enumerate(DIALECTS):
        if key.startswith(prefixes):
            return rank
    return len(DIALECTS)


@dataclass(frozen=True, slots=True)
class Slot:
    """A known key, packed into 17 bits: field (7), priority within the field (5), dialect rank (5)."""

    field: int
    priority: int
    rank: int

    @property
    def code(self) -> int:
        return self.field << 10 | self.priority << 5 | self.rank

    @property
    def mark(self) -> int:
        """Field and priority alone: which key it was."""
        return self.code >> 5


def _slots() -> dict[str, Slot]:
    table: dict[str, Slot] = {}
    for number, field in enumerate(FIELDS, start=1):
        for priority, key in enumerate(field.keys):
            if key in table:
                raise ValueError(f"attribute key {key!r} belongs to two fields, the second is {field.name!r}")
            table[key] = Slot(number, priority, dialect_rank(key))
    for number, indexed in enumerate(INDEXED, start=len(FIELDS) + 1):
        for priority, prefix in enumerate(indexed.prefixes):
            table[f"{prefix}.N"] = Slot(number, priority, dialect_rank(prefix))
    return table


SLOTS: Final[dict[str, Slot]] = _slots()
FIELD_NUMBERS: Final[dict[str, int]] = {
    name: number
    for number, name in enumerate(
        [*(entry.name for entry in FIELDS), *(indexed.name for indexed in INDEXED)], start=1
    )
}
