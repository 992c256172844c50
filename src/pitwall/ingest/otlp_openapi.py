"""The OTLP doors in OpenAPI: they are plain ASGI, so nothing describes them by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.answers import PayloadFormat
from pitwall.ingest.otlp_http import PATH_PREFIXES
from pitwall.ingest.wire import OTLP_STREAMS, OtlpStream

_DESCRIPTION = (
    "Takes an {request} as protobuf or JSON, plain or compressed with gzip or zstd, and answers when it is "
    "durable. Records that are refused become dead letters; the partial success names them, and the good "
    "ones are kept."
)


def otlp_paths() -> Mapping[str, Any]:
    """The path items of all doors."""
    return {
        f"{prefix}/{telemetry_type.value}": {"post": _operation(prefix, telemetry_type, stream)}
        for prefix in PATH_PREFIXES
        for telemetry_type, stream in OTLP_STREAMS.items()
    }


def _operation(prefix: str, telemetry_type: TelemetryType, stream: OtlpStream) -> dict[str, Any]:
    what = telemetry_type.value
    return {
        "tags": ["otlp"],
        "summary": f"Send {what} by OTLP"
        if prefix == PATH_PREFIXES[0]
        else f"Send {what}, as Langfuse SDKs do",
        "description": _DESCRIPTION.format(request=stream.request_type.DESCRIPTOR.full_name),
        "operationId": f"otlp_{what}_{prefix.strip('/').replace('/', '_')}",
        "requestBody": {"required": True, "content": _content()},
        "responses": {
            "200": _answer(stream.response_type.DESCRIPTOR.full_name),
            "4XX": _answer("google.rpc.Status: the request cannot be served"),
            "5XX": _answer(
                "google.rpc.Status: the server cannot serve now; Retry-After says when to come back"
            ),
        },
    }


def _answer(description: str) -> dict[str, Any]:
    return {"description": description, "content": _content()}


def _content() -> dict[str, Any]:
    return {
        PayloadFormat.PROTOBUF.value: {"schema": {"type": "string", "format": "binary"}},
        PayloadFormat.JSON.value: {"schema": {"type": "object"}},
    }
