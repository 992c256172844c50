"""What a model server says its models are: Ollama knows a digest for each, so that a name that was pulled
again with other weights is another model."""

from __future__ import annotations

import httpx

_SECONDS = 3.0


def ollama_digests(base_url: str, *, transport: httpx.BaseTransport | None = None) -> dict[str, str]:
    """Return the digests of an Ollama server's models by name; empty if it does not answer.

    Args:
        transport: For tests: where the request goes instead of the network.
    """
    address = base_url.rstrip("/").removesuffix("/v1").removesuffix("/api")
    try:
        with httpx.Client(transport=transport, timeout=_SECONDS) as client:
            answer = client.get(f"{address}/api/tags").raise_for_status().json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return {}
    models = answer.get("models") if isinstance(answer, dict) else None
    known = [one for one in models if isinstance(one, dict)] if isinstance(models, list) else []
    return {str(one["name"]): str(one["digest"]) for one in known if one.get("name") and one.get("digest")}
