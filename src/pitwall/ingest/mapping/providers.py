"""One name for each provider, whatever the SDK calls it: OpenTelemetry's where it has one."""

from __future__ import annotations

from typing import Final

from pitwall.ingest.mapping.sql import lookup

PROVIDER_ALIASES: Final[dict[str, str]] = {
    "az.ai.inference": "azure.ai.inference",
    "az.ai.openai": "azure.ai.openai",
    "azure": "azure.ai.openai",
    "azure_openai": "azure.ai.openai",
    "azure-openai": "azure.ai.openai",
    "azure-openai.chat": "azure.ai.openai",
    "azure-openai.responses": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "aws": "aws.bedrock",
    "aws_bedrock": "aws.bedrock",
    "amazon-bedrock": "aws.bedrock",
    "gemini": "gcp.gemini",
    "google": "gcp.gemini",
    "google_genai": "gcp.gemini",
    "gcp.vertex.agent": "gcp.gen_ai",
    "google-gla": "gcp.gemini",
    "google.generative-ai": "gcp.gemini",
    "vertex_ai": "gcp.vertex_ai",
    "vertexai": "gcp.vertex_ai",
    "google-vertex": "gcp.vertex_ai",
    "google.vertex.chat": "gcp.vertex_ai",
    "mistral": "mistral_ai",
    "mistralai": "mistral_ai",
    "xai": "x_ai",
    "x-ai": "x_ai",
    "moonshot": "moonshot_ai",
    "watsonx": "ibm.watsonx.ai",
    "openai.chat": "openai",
    "openai.responses": "openai",
    "openai.completion": "openai",
    "openai.embedding": "openai",
    "anthropic.messages": "anthropic",
    "mistral.chat": "mistral_ai",
    "cohere.chat": "cohere",
    "groq.chat": "groq",
    "xai.chat": "x_ai",
    "deepseek.chat": "deepseek",
    "perplexity.chat": "perplexity",
}


def provider_sql(text: str) -> str:
    """Normal name of a provider given as text."""
    lowered = f"lower(trimBoth({text}, '\"'))"
    return lookup(lowered, PROVIDER_ALIASES, lowered)


def normal_provider(text: str) -> str:
    """The same in Python."""
    lowered = "".join(c.lower() if c.isascii() else c for c in text.strip('"'))
    return PROVIDER_ALIASES.get(lowered, lowered)
