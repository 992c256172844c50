"""Sends requests from several clients at once, as fast as they go or at a steady pace; times each answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Protocol

import grpc
from google.protobuf.message import Message

from benchmarks.harness.templates import Pool
from benchmarks.harness.wire import Connection

_EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_BUSY = (429, 503)
_NOTHING_REJECTED = (b"", b"{}", b'{"partialSuccess":{}}')
_LONGEST_WAIT_SECONDS = 1.0
_LONGEST_BUSY_SECONDS = 120.0


class Sender(Protocol):
    """One client's connection."""

    def send(self, body: memoryview) -> float | None:
        """Send a request; returns None once it is acknowledged, or the seconds the server asks to wait.

        Raises:
            RuntimeError: The server refused the request, or part of it.
        """

    def close(self) -> None:
        """Close the connection."""


class HttpSender:
    """OTLP over HTTP."""

    def __init__(
        self, port: int, content_type: str, *, path: str = "/v1/traces", headers: dict[str, str] | None = None
    ) -> None:
        self._connection = Connection(port, timeout_seconds=300)
        self._path = path
        self._headers = {"content-type": content_type, **(headers or {})}

    def send(self, body: memoryview) -> float | None:
        """See `Sender.send`."""
        answer = self._connection.post(self._path, body, self._headers)
        if answer.status in _BUSY:
            return min(answer.retry_after_seconds, _LONGEST_WAIT_SECONDS)
        if answer.status != 200 or answer.body not in _NOTHING_REJECTED:
            raise RuntimeError(f"{self._path} answered {answer.status}: {answer.body[:300]!r}")
        return None

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def send_one_by_one(port: int, path: str, requests: Iterable[Message]) -> None:
    """Send requests over one connection, each as soon as the one before it is acknowledged.

    Raises:
        RuntimeError: The server refused one, or part of it.
    """
    sender = HttpSender(port, "application/x-protobuf", path=path)
    try:
        for request in requests:
            body = memoryview(request.SerializeToString())
            while (wait := sender.send(body)) is not None:
                time.sleep(wait)
    finally:
        sender.close()


class GrpcSender:
    """OTLP over gRPC, on a connection of its own."""

    def __init__(self, port: int) -> None:
        options = [("grpc.use_local_subchannel_pool", 1)]
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=options)
        self._export: Any = self._channel.unary_unary(_EXPORT)

    def send(self, body: memoryview) -> float | None:
        """See `Sender.send`."""
        try:
            answer = self._export(bytes(body), timeout=60)
        except grpc.RpcError as error:
            if error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED):
                return 0.05
            raise RuntimeError(f"gRPC answered {error.code()}: {error.details()}") from error
        if answer not in _NOTHING_REJECTED:
            raise RuntimeError(f"gRPC answered {answer[:300]!r}")
        return None

    def close(self) -> None:
        """Close the connection."""
        self._channel.close()


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send.

    Attributes:
        requests: How many; None means as many as time allows.
        seconds: No request begins later than this; None sets no end.
        spans_per_second: Pace at which requests are due; None sends each as soon as a client is free.
        first_request: Number of the first request in the pool: other numbers are other requests.
        end_of: When the traces of a request ended, by its number; None is now.
    """

    clients: int
    requests: int | None = None
    seconds: float | None = None
    spans_per_second: float | None = None
    first_request: int = 0
    end_of: Callable[[int], int] | None = None


@dataclass(slots=True)
class Sent:
    """What was sent.

    Attributes:
        ack_seconds: From the first byte sent to the answer, per acknowledged request.
        acks: Monotonic times of the acknowledgements, each of one request; in order once all is sent.
        busy_answers: Requests that the server asked to send again later.
        began, ended: Monotonic times of the first request and the last answer.
    """

    spans_per_request: int
    ack_seconds: list[float] = field(default_factory=list)
    acks: list[float] = field(default_factory=list)
    busy_answers: int = 0
    began: float = 0.0
    ended: float = 0.0
    generator_cpu_seconds: float = 0.0

    @property
    def spans(self) -> int:
        """Spans acknowledged."""
        return len(self.acks) * self.spans_per_request

    @property
    def acked_per_second(self) -> float:
        """Spans acknowledged per second of sending."""
        return self.spans / (self.ended - self.began)


class _Run:
    """Shares the requests out between clients."""

    def __init__(self, pool: Pool, plan: Plan) -> None:
        self._pool, self._plan = pool, plan
        self._lock = threading.Lock()
        self._taken = 0
        self._failure: BaseException | None = None
        self.sent = Sent(pool.spans_per_request)
        self.sent.began = time.monotonic()

    def client(self, sender: Sender) -> None:
        """Send until nothing is left; a failure ends all clients."""
        try:
            while (number := self._take()) is not None:
                self._send(sender, number)
        except BaseException as error:  # noqa: BLE001 handed to the thread that waits, which raises it
            self._failure = error

    def _take(self) -> int | None:
        plan = self._plan
        with self._lock:
            number = self._taken
            self._taken += 1
        now = due = time.monotonic()
        if plan.spans_per_second is not None:
            due = self.sent.began + number * self._pool.spans_per_request / plan.spans_per_second
        is_late = plan.seconds is not None and max(now, due) - self.sent.began >= plan.seconds
        if self._failure or is_late or (plan.requests is not None and number >= plan.requests):
            return None
        time.sleep(max(0.0, due - time.monotonic()))
        return plan.first_request + number

    def _send(self, sender: Sender, number: int) -> None:
        end_of = self._plan.end_of
        body = self._pool.body(number, end_of(number) if end_of else time.time_ns())
        began = first = time.monotonic()
        while (wait := sender.send(body)) is not None:
            with self._lock:
                self.sent.busy_answers += 1
            if self._failure:
                return
            if began - first > _LONGEST_BUSY_SECONDS:
                raise RuntimeError(f"the server was busy for {_LONGEST_BUSY_SECONDS:.0f} s on end")
            time.sleep(wait)
            began = time.monotonic()
        ended = time.monotonic()
        with self._lock:
            self.sent.ack_seconds.append(ended - began)
            self.sent.acks.append(ended)

    def finish(self) -> Sent:
        """Return what was sent; raises what ended a client."""
        if self._failure is not None:
            raise self._failure
        self.sent.acks.sort()
        self.sent.ended = self.sent.acks[-1]
        return self.sent


def send(pool: Pool, plan: Plan, connect: Callable[[], Sender]) -> Sent:
    """Send requests from the pool.

    Raises:
        RuntimeError: The server refused a request, or part of one.
        OSError: A connection failed.
    """
    with ExitStack() as stack:
        senders = [connect() for _ in range(plan.clients)]
        for sender in senders:
            stack.callback(sender.close)
        run = _Run(pool, plan)
        cpu = time.process_time()
        threads = [threading.Thread(target=run.client, args=(sender,)) for sender in senders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        sent = run.finish()
    sent.generator_cpu_seconds = time.process_time() - cpu
    return sent
