"""Starting and ending the SDK in a process."""

from __future__ import annotations

import atexit
import logging
import multiprocessing.util
import os
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from opentelemetry import trace

from pitwall import __version__
from pitwall.sdk.bridge import BridgeProcessor, provider_is_foreign
from pitwall.sdk.config import ClientConfig, Limits, build_resource, resolve_config
from pitwall.sdk.instrument import Instrumented, turn_on
from pitwall.sdk.pipeline import Pipeline
from pitwall.sdk.queueing import Tally
from pitwall.sdk.runtime import SCOPE_NAME, runtime
from pitwall.sdk.span import Scope
from pitwall.sdk.tracer import LeanTracerProvider

_log = logging.getLogger("pitwall.sdk")
_SCOPE = Scope(SCOPE_NAME, __version__)
_NOTHING = Tally(0, 0, 0, {})


class _Door:
    """Where the spans of this process come in: our provider, or a processor on the application's own.

    OpenTelemetry lets a process set its provider once, so the door stays when a client is replaced.
    """

    def __init__(self) -> None:
        self._own: LeanTracerProvider | None = None
        self._bridge: BridgeProcessor | None = None

    def open(
        self, pipeline: Pipeline, config: ClientConfig, resource: Mapping[str, Any]
    ) -> trace.TracerProvider:
        """Let spans flow into `pipeline`; return the provider that makes them."""
        current = trace.get_tracer_provider()
        if self._own is None and provider_is_foreign(current):
            if self._bridge is None:
                self._bridge = BridgeProcessor(pipeline)
                current.add_span_processor(self._bridge)  # type: ignore[attr-defined]
            self._bridge.sink = pipeline
            return current
        if self._own is None:
            self._own = LeanTracerProvider(pipeline)
            trace.set_tracer_provider(self._own)
        self._own.retarget(pipeline, config.sample_ratio, Resource(resource))
        return self._own

    def close(self) -> None:
        """Let spans flow nowhere."""
        if self._own is not None:
            self._own.retarget(None)
        if self._bridge is not None:
            self._bridge.sink = None


class Resource:
    """What foreign span processors read from `span.resource`."""

    def __init__(self, attributes: Mapping[str, Any]) -> None:
        self.attributes = attributes
        self.schema_url = ""


class Client:
    """The running SDK of this process; made by `init`.

    Attributes:
        config: What it was set up with.
        instrumented: Instrumentations that were turned on.
    """

    def __init__(self, config: ClientConfig) -> None:
        self.config = config
        self.instrumented: tuple[Instrumented, ...] = ()
        self._pipeline: Pipeline | None = None

    @property
    def enabled(self) -> bool:
        """Whether anything is recorded."""
        return self._pipeline is not None

    def flush(self, timeout: float = 5.0) -> bool:
        """Wait until every span ended so far is delivered or given up and the counters are sent.

        Args:
            timeout: Seconds.

        Returns:
            False when time ran out.
        """
        return self._pipeline is None or self._pipeline.flush(timeout)

    def shutdown(self, timeout: float = 5.0) -> bool:
        """Send what is queued and record nothing from now on; False when spans were lost."""
        with _state.lock:
            pipeline, self._pipeline = self._pipeline, None
            if pipeline is None:
                return True
            if _state.client is self:
                _state.door.close()
                _state.client = None
                runtime.send_score = None
        return pipeline.shutdown(timeout)

    def tally(self) -> Tally:
        """What became of the spans ended so far: exported, dropped by reason, still queued."""
        return self._pipeline.tally() if self._pipeline is not None else _NOTHING

    def connect(self) -> trace.TracerProvider:
        """Make the queue and the exporter of this process and let spans flow into it; again after a fork."""
        resource = build_resource(self.config, __version__)
        self._pipeline = Pipeline(self.config, resource, _SCOPE)
        runtime.send_score = self._pipeline.offer_score
        return _state.door.open(self._pipeline, self.config, resource)

    def start(self) -> None:
        """Start sending; counters go out from now on even when there are no spans."""
        if self._pipeline is not None:
            self._pipeline.start()

    def after_fork(self) -> None:
        """Begin anew in a child process; what was queued in the parent is the parent's to send."""
        if self._pipeline is not None:
            self._pipeline.abandon()
            self.connect()


class _State:
    """The client of this process."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.door = _Door()
        self.client: Client | None = None
        self.hooks_registered = False


_state = _State()


def init(
    *,
    service: str,
    endpoint: str | None = None,
    trace_dir: str | os.PathLike[str] | None = None,
    environment: str | None = None,
    version: str | None = None,
    api_key: str | None = None,
    headers: Mapping[str, str] | None = None,
    capture_content: bool = True,
    instrument: str | Iterable[str] = (),
    sample_ratio: float = 1.0,
    compress: bool | None = None,
    resource_attributes: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
) -> Client:
    """Start recording in this process; called again, the former client is flushed and replaced.

    Never raises into the application: what cannot be used is logged under `pitwall.sdk` and left out.

    Args:
        service: Name of the application.
        endpoint: Address of the server's OTLP door; default PITWALL_ENDPOINT, else http://127.0.0.1:4318.
        trace_dir: Directory for JSONL trace files instead of a server; default TRACE_DIR. TRACE_ENABLE=0
            turns the files off and nothing else. The files hold model calls, retrievals, embeddings and cache
            lookups; other spans and scores need a server. Files and server together only when both are given.
        environment: dev, staging, prod...; default PITWALL_ENVIRONMENT.
        version: Version of the application; default PITWALL_SERVICE_VERSION.
        api_key: Sent as bearer token; default PITWALL_API_KEY.
        headers: Further HTTP headers.
        capture_content: Whether prompts, answers, queries and documents are recorded; False holds for what
            other instrumentations put on spans, too.
        instrument: Libraries to instrument with the packages that are installed, or "auto".
        sample_ratio: Share of traces recorded, from 0 to 1.
        compress: Whether bodies are gzipped; default only when the server is not on this machine.
        resource_attributes: Further attributes of this process.
        limits: Bounds on memory and time.

    Returns:
        The client; `client.enabled` says whether it records.
    """
    try:
        config = resolve_config(
            service=service,
            endpoint=endpoint,
            trace_dir=trace_dir,
            environment=environment,
            version=version,
            api_key=api_key,
            headers=headers,
            capture_content=capture_content,
            sample_ratio=sample_ratio,
            compress=compress,
            resource_attributes=resource_attributes,
            limits=limits,
        )
        return _start(config, instrument)
    except Exception:  # noqa: BLE001  # the application must run, recorded or not
        _log.exception("sdk.init_failed service=%r", service)
        return Client(ClientConfig(service=str(service)))


def _start(config: ClientConfig, instrument: str | Iterable[str]) -> Client:
    with _state.lock:
        if _state.client is not None:
            _state.client.shutdown(config.limits.exit_flush_seconds)
        client = Client(config)
        if not config.enabled:
            return client
        provider = client.connect()
        runtime.tracer = provider.get_tracer(SCOPE_NAME, __version__)
        runtime.capture_content = config.capture_content
        _state.client = client
        _register_hooks()
    client.start()
    if instrument:
        client.instrumented = turn_on(instrument, provider)
    return client


def current_client() -> Client | None:
    """The client made by the last `init`, None before it and after `shutdown`."""
    return _state.client


def _register_hooks() -> None:
    if _state.hooks_registered:
        return
    _state.hooks_registered = True
    atexit.register(_at_exit)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_after_fork_in_child)
    # Children of multiprocessing end without atexit; this runs in each of them right after the fork.
    multiprocessing.util.register_after_fork(_state, _flush_at_child_exit)


def _at_exit() -> None:
    client = _state.client
    if client is not None:
        client.shutdown(client.config.limits.exit_flush_seconds)


def _after_fork_in_child() -> None:
    _state.lock = threading.RLock()
    if _state.client is not None:
        _state.client.after_fork()


def _flush_at_child_exit(_: object) -> None:
    multiprocessing.util.Finalize(None, _at_exit, exitpriority=10)
