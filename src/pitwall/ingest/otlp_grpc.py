"""The OTLP/gRPC door: the three Export methods over raw bytes, so that nothing is parsed twice.

A server with threads of its own: it was measured to be as fast as the asyncio one, and leaves the event loop
to HTTP.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import grpc
import structlog

from pitwall.access.types import Principal, require
from pitwall.core.errors import Conflict, PitwallError
from pitwall.core.vocabulary import Scope
from pitwall.ingest.answers import export_response, internal_status, status_of
from pitwall.ingest.counters import Exchange
from pitwall.ingest.otlp_protobuf import parse_protobuf
from pitwall.ingest.service import IngestService, Submission
from pitwall.ingest.wire import OTLP_STREAMS, OtlpStream

log = structlog.get_logger(__name__)

DOOR = "otlp_grpc"
_THREADS = 32
_STATUS_CODES: dict[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}
_DETAILS = "grpc-status-details-bin"

# Finds the principal of a call from its metadata, given like HTTP headers; may block.
AuthenticateCall = Callable[[Sequence[tuple[bytes, bytes]]], Principal]


@dataclass(frozen=True, slots=True)
class GrpcAddress:
    """Where to listen; port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: int = 4317

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class OtlpGrpcDoor:
    """A gRPC server for OTLP; a component of the server.

    Args:
        service: Where requests go.
        authenticate: Finds the principal of a call.
        address: Where to listen.
    """

    name = DOOR

    def __init__(
        self, service: IngestService, authenticate: AuthenticateCall, address: GrpcAddress | None = None
    ) -> None:
        self._service = service
        self._authenticate = authenticate
        self._address = address or GrpcAddress()
        self._server: Any = None
        self.port = self._address.port

    def start(self) -> None:
        """Listen.

        Raises:
            Conflict: The port is taken.
        """
        server = grpc.server(
            ThreadPoolExecutor(_THREADS, thread_name_prefix="pitwall-otlp-grpc"),
            options=[
                ("grpc.max_receive_message_length", self._service.limits.max_body_bytes),
                ("grpc.so_reuseport", 0),  # two servers on one port would share the calls
            ],
        )
        methods = {
            stream.rpc: _Method(stream, self._service, self._authenticate) for stream in OTLP_STREAMS.values()
        }
        server.add_generic_rpc_handlers((_Methods(methods),))
        try:
            self.port = server.add_insecure_port(str(self._address))
        except RuntimeError as error:
            raise Conflict(
                f"The gRPC door cannot listen on {self._address}.",
                code="server.port_taken",
                hint="Choose another port with --grpc-port; 0 turns the door off.",
                details={"port": self._address.port},
            ) from error
        server.start()
        self._server = server

    def stop(self, timeout_seconds: float) -> None:
        """Refuse new calls, let running ones end in time, and close."""
        if self._server is not None:
            self._server.stop(timeout_seconds).wait(timeout_seconds + 1.0)
            self._server = None


class _Methods(grpc.GenericRpcHandler):
    """Finds the handler of a method by its full name; gRPC answers UNIMPLEMENTED to others."""

    def __init__(self, methods: dict[str, _Method]) -> None:
        self._handlers: dict[str, Any] = {
            # Without a deserializer the handler gets the bytes as they came.
            name: grpc.unary_unary_rpc_method_handler(method)
            for name, method in methods.items()
        }

    def service(self, handler_call_details: Any) -> Any:
        return self._handlers.get(handler_call_details.method)


class _Refusal(grpc.Status):
    """A status with google.rpc.Status in the trailing metadata, where clients look for RetryInfo."""

    def __init__(self, status: Any) -> None:
        self.code = _STATUS_CODES[status.code]
        self.details = status.message
        self.trailing_metadata = ((_DETAILS, status.SerializeToString()),)


class _Method:
    """Export of one stream."""

    def __init__(self, stream: OtlpStream, service: IngestService, authenticate: AuthenticateCall) -> None:
        self._stream = stream
        self._service = service
        self._authenticate = authenticate

    def __call__(self, body: bytes, context: Any) -> bytes:
        """Serve one call; a refusal is raised inside gRPC."""
        started = time.perf_counter()
        failure = None
        try:
            answer = self._serve(body, context)
        except PitwallError as error:
            failure, status = error.code, status_of(error)
        except Exception as error:
            failure, status = "internal", internal_status()
            log.exception("ingest.call.failed", rpc=self._stream.rpc, error=type(error).__name__)
        finally:
            exchange = Exchange(time.perf_counter() - started, len(body), len(body), failure)
            self._service.metrics.count_request(DOOR, self._stream.telemetry_type, exchange)
        if failure is not None:
            context.abort_with_status(_Refusal(status))
        return answer

    def _serve(self, body: bytes, context: Any) -> bytes:
        principal = self._authenticate(_headers(context.invocation_metadata()))
        require(principal, Scope.INGEST)
        parsed = parse_protobuf(self._stream, body, max_records=self._service.limits.max_records)
        stream = self._stream.telemetry_type
        submission = Submission(stream, principal.project_id, DOOR, parsed, drops_copies=True)
        result = self._service.accept_blocking(submission)
        return bytes(export_response(self._stream, result).SerializeToString())


def _headers(metadata: Any) -> list[tuple[bytes, bytes]]:
    return [
        (key.encode("latin-1"), value if isinstance(value, bytes) else value.encode("utf-8"))
        for key, value in metadata or ()
    ]
