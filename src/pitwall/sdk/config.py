"""How the SDK is set up: arguments over environment over defaults; only here is the environment read."""

from __future__ import annotations

import logging
import os
import platform
import socket
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pitwall.sdk.values import clean_value

_log = logging.getLogger("pitwall.sdk")
DEFAULT_ENDPOINT = "http://127.0.0.1:4318"
_FALSE = frozenset({"0", "false", "no", "off"})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on memory and time. Times in seconds, sizes in bytes."""

    max_queue_spans: int = 65_536
    max_queue_bytes: int = 96 << 20
    max_batch_spans: int = 1_024
    max_batch_bytes: int = 4 << 20
    linger_seconds: float = 0.25
    metrics_interval_seconds: float = 10.0
    timeout_seconds: float = 10.0
    retry_seconds: float = 300.0
    exit_flush_seconds: float = 3.0
    jsonl_max_bytes: int = 64 << 20
    jsonl_keep_files: int = 5


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """Everything a client needs to run; without endpoint and trace_dir it records nothing."""

    service: str
    endpoint: str | None = None
    trace_dir: Path | None = None
    environment: str | None = None
    version: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    capture_content: bool = True
    sample_ratio: float = 1.0
    compress: bool = False
    resource_attributes: Mapping[str, Any] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    @property
    def enabled(self) -> bool:
        return self.endpoint is not None or self.trace_dir is not None


def resolve_config(
    *,
    service: str,
    endpoint: str | None = None,
    trace_dir: str | os.PathLike[str] | None = None,
    environment: str | None = None,
    version: str | None = None,
    api_key: str | None = None,
    headers: Mapping[str, str] | None = None,
    capture_content: bool = True,
    sample_ratio: float = 1.0,
    compress: bool | None = None,
    resource_attributes: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
    environ: Mapping[str, str] = os.environ,
) -> ClientConfig:
    """Merge the arguments of `init` with the environment.

    A project uses the server or files, not both: with a trace directory and no endpoint given, only files are
    written. What cannot be used (an address without a host, say) is logged and left out; nothing raises.
    """
    address = endpoint or environ.get("PITWALL_ENDPOINT")
    directory = _trace_dir(trace_dir, environ)
    if address is None and directory is None:
        address = DEFAULT_ENDPOINT
    if environ.get("PITWALL_SDK_DISABLED", "").lower() in {"1", "true", "yes", "on"}:
        address = directory = None
    address = _checked_endpoint(address)
    key = api_key or environ.get("PITWALL_API_KEY")
    return ClientConfig(
        service=str(service),
        endpoint=address,
        trace_dir=directory,
        environment=environment or environ.get("PITWALL_ENVIRONMENT"),
        version=version or environ.get("PITWALL_SERVICE_VERSION"),
        headers={**({"authorization": f"Bearer {key}"} if key else {}), **(headers or {})},
        capture_content=capture_content,
        sample_ratio=sample_ratio,
        compress=_is_remote(address) if compress is None else compress,
        resource_attributes=clean_value(resource_attributes or {}),
        limits=limits or Limits(),
    )


def _trace_dir(given: str | os.PathLike[str] | None, environ: Mapping[str, str]) -> Path | None:
    if environ.get("TRACE_ENABLE", "1").strip().lower() in _FALSE:
        return None
    value = given or environ.get("TRACE_DIR")
    return Path(value).expanduser() if value else None


def _checked_endpoint(endpoint: str | None) -> str | None:
    if endpoint is None:
        return None
    try:
        parts = urlsplit(endpoint)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        _log.error("sdk.endpoint_invalid endpoint=%r expected=%s", endpoint, DEFAULT_ENDPOINT)
        return None
    return endpoint


def _is_remote(endpoint: str | None) -> bool:
    return endpoint is not None and urlsplit(endpoint).hostname not in _LOOPBACK


def build_resource(config: ClientConfig, sdk_version: str) -> dict[str, Any]:
    """Resource attributes of this process; every call makes a new service.instance.id."""
    resource = {
        **config.resource_attributes,
        "service.name": config.service,
        "service.instance.id": str(uuid.uuid4()),
        "service.version": config.version,
        "deployment.environment.name": config.environment,
        "telemetry.sdk.name": "pitwall",
        "telemetry.sdk.language": "python",
        "telemetry.sdk.version": sdk_version,
        "process.pid": os.getpid(),
        "process.runtime.name": platform.python_implementation().lower(),
        "process.runtime.version": platform.python_version(),
        "host.name": socket.gethostname(),
    }
    return {key: value for key, value in resource.items() if value is not None}
