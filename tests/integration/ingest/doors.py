"""A real web server with the OTLP doors on a real write-ahead log."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from pitwall.access.types import ALL_SCOPES, Principal, PrincipalKind, Role
from pitwall.core.errors import NotAuthenticated
from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.limits import IngestLimits
from pitwall.ingest.masker import Masker
from pitwall.ingest.otlp_http import otlp_routes
from pitwall.ingest.service import IngestService
from pitwall.kit.clock import SystemClock
from pitwall.stores.telemetry.entries import decode_header
from pitwall.stores.telemetry.room import LogOptions
from pitwall.stores.telemetry.wal import WriteAheadLog

KEYS = {b"Bearer shop-key": "shop", b"Bearer other-key": "other"}
MIB = 1 << 20


@dataclass(frozen=True)
class Kept:
    """An entry read back from the log's files."""

    project: str
    record_count: int
    door: str
    body: bytes


class Doors:
    """A running server; `kept` reads what it made durable from the disk."""

    def __init__(self, url: str, service: IngestService, directory: Path) -> None:
        self.url = url
        self.service = service
        self._directory = directory

    def kept(self, stream: TelemetryType) -> list[Kept]:
        """Read every entry of a stream back from its files."""
        entries: list[Kept] = []
        for segment in sorted((self._directory / stream).glob("*.seg")):
            entries += _read_segment(segment.read_bytes())
        return entries


def _read_segment(data: bytes) -> Iterator[Kept]:
    offset = 0
    while offset < len(data):
        header = decode_header(data, offset)
        body = data[header.body_start : header.end]
        yield Kept(header.project, header.record_count, header.door, body)
        offset = header.end


def principal_of(headers: Iterable[tuple[bytes, bytes]]) -> Principal:
    """Find the project by the key, as the access service does; no key is the anonymous operator of dev."""
    key = dict(headers).get(b"authorization")
    if key is None:
        return Principal(PrincipalKind.ANONYMOUS, "anonymous", "default", ALL_SCOPES, Role.OPERATOR)
    if key not in KEYS:
        raise NotAuthenticated("This key is not known.")
    return Principal(PrincipalKind.API_KEY, "k", KEYS[key], ALL_SCOPES, Role.OPERATOR)


@contextmanager
def run_doors(directory: Path, limits: IngestLimits | None = None) -> Iterator[Doors]:
    """Run a server on a free port of the loopback until the block ends."""
    log = WriteAheadLog(directory, LogOptions(min_free_bytes=MIB))
    log.start()
    masker = Masker(text=lambda text: text, raw=lambda body: body)
    service = IngestService(log, SystemClock(), masker=masker, limits=limits)

    async def authenticate(headers: Iterable[tuple[bytes, bytes]]) -> Principal:
        return principal_of(headers)

    app = Starlette(routes=otlp_routes(service, authenticate))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield Doors(_url_of(server, thread), service, directory)
    finally:
        server.should_exit = True
        thread.join(10)
        log.close()


def _url_of(server: uvicorn.Server, thread: threading.Thread) -> str:
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive(), "the server did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    return f"http://127.0.0.1:{port}"
