"""Turning on the installed instrumentations: OpenInference, OpenTelemetry GenAI, OpenLLMetry."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from opentelemetry.trace import TracerProvider

_log = logging.getLogger("pitwall.sdk")
_GROUPS = ("openinference_instrumentor", "opentelemetry_instrumentor")
AUTO = "auto"
# What "auto" turns on of OpenTelemetry's and OpenLLMetry's packages: models, frameworks and vector stores,
# not HTTP clients or databases.
_GENAI_LIBRARIES = frozenset(
    """agno alephalpha anthropic bedrock chromadb cohere crewai google_generativeai google_genai groq haystack
    lancedb langchain llamaindex marqo mcp milvus mistralai ollama openai openai_agents pinecone qdrant
    replicate sagemaker together transformers vertexai voyageai watsonx weaviate writer""".split()
)
# Names under which one library is known to the different packages.
_SAME_LIBRARY = {
    "chroma": "chromadb",
    "llama_index": "llamaindex",
    "mistral": "mistralai",
    "google_genai_sdk": "google_genai",
    "botocore": "bedrock",
}


@dataclass(frozen=True, slots=True)
class Instrumented:
    """An instrumentation that was turned on: the library, and the module that watches it."""

    library: str
    module: str


def turn_on(wanted: str | Iterable[str], provider: TracerProvider) -> tuple[Instrumented, ...]:
    """Turn on one instrumentation for each wanted library; the first that works, never two.

    OpenInference comes first because it keeps the content on the span, then OpenTelemetry's own packages,
    then OpenLLMetry.

    Args:
        wanted: `"auto"` for every GenAI library that has an installed instrumentation, or library names.
        provider: Where their spans go.

    Returns:
        What was turned on. What was asked for and cannot be is logged.
    """
    names = [wanted] if isinstance(wanted, str) else list(wanted)
    candidates = _candidates()
    if AUTO in names:
        automatic = [
            library for library, found in candidates.items() if any(_is_genai(library, p) for p in found)
        ]
        names = [name for name in names if name != AUTO] + automatic
    turned_on = []
    for library in dict.fromkeys(_library(name) for name in names):
        result = _first_working(library, candidates.get(library, []), provider)
        if result is not None:
            turned_on.append(result)
            _log.info("sdk.instrumented library=%s module=%s", result.library, result.module)
        elif library not in candidates:
            _log.warning("sdk.instrumentation_missing library=%s known=%s", library, sorted(candidates))
    return tuple(turned_on)


def _candidates() -> dict[str, list[EntryPoint]]:
    """Installed instrumentations by library, the preferred one first."""
    found: dict[str, list[EntryPoint]] = {}
    points = {point.value: point for group in _GROUPS for point in entry_points(group=group)}
    for point in sorted(points.values(), key=_preference):
        found.setdefault(_library(point.name), []).append(point)
    return found


def _preference(point: EntryPoint) -> tuple[int, str]:
    distribution = (point.dist.name if point.dist else "").lower()
    if point.module.startswith("openinference."):
        return 0, point.module
    # OpenLLMetry and OpenTelemetry share the namespace; OpenTelemetry's are the ones with a version or
    # "genai" in it.
    own = "genai" in distribution or distribution.endswith(
        ("-v2", "-vertexai", "-openai-agents-v2", "-google-genai")
    )
    return (1 if own else 2), point.module


def _library(name: str) -> str:
    plain = name.strip().lower().replace("-", "_").removesuffix("_v2").removesuffix("_instrumentor")
    return _SAME_LIBRARY.get(plain, plain)


def _is_genai(library: str, point: EntryPoint) -> bool:
    return library in _GENAI_LIBRARIES or point.module.startswith("openinference.")


def _first_working(library: str, points: list[EntryPoint], provider: TracerProvider) -> Instrumented | None:
    for point in points:
        try:
            instrumentor: Any = point.load()()
            if instrumentor.is_instrumented_by_opentelemetry:
                return Instrumented(library, point.module)
            instrumentor.instrument(tracer_provider=provider)
            if instrumentor.is_instrumented_by_opentelemetry:
                return Instrumented(library, point.module)
        except Exception:  # noqa: BLE001  # foreign code; the next candidate may work
            _log.exception("sdk.instrumentation_failed library=%s module=%s", library, point.module)
    return None
