"""A ClickHouse server for tests: its HTTP interface with the real engine (chDB) behind it, faults on demand.

It is a process of its own, because chDB opens one directory per process and tests want to kill it;
`clickhouse_process` starts, steers and kills it. By hand, from the root of the repository:

    python -m tests.support.clickhouse_server --path DIRECTORY [--port N] [--user U --password P]

One line of JSON on stdout says where it listens. A request gets a connection of its own with the settings,
the database and the `{name:Type}` parameters of its URL; bodies may be gzip or zstd; error codes and HTTP
statuses are those of a real server. Not there: sessions, external tables, progress, the native protocol.

`POST /faults` with `{"mode", "count", "match", ...}` arms a fault for the next `count` statements in which
the regular expression `match` is found; `GET /faults` tells what is armed, how often each mode struck and how
many statements are under way; `DELETE /faults` disarms everything and lets hanging requests go on.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import signal
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import zstandard

from tests.support.clickhouse_engine import Engine, EngineError, Outcome, Statement
from tests.support.clickhouse_faults import FaultMode, Faults

# Parameters of a URL that are not settings of the query.
_TRANSPORT = frozenset(
    """query database user password query_id quota_key compress decompress buffer_size wait_end_of_query role
    client_protocol_version default_format enable_http_compression send_progress_in_http_headers
    http_headers_progress_interval_ms cancel_http_readonly_queries_on_client_close""".split()
)
_PARAMETER = "param_"
_STATUS_OF_CODE = {
    **dict.fromkeys((6, 26, 27, 32, 38, 41, 62, 72, 117, 386), 400),
    **dict.fromkeys((46, 47, 50, 60, 81, 115), 404),
    **dict.fromkeys((192, 193, 497, 516), 403),
    48: 501,
    159: 408,
    202: 503,
}
_NOT_IMPLEMENTED = 48


def decompress(body: bytes, encoding: str) -> bytes:
    """Decode a request body; a client may send several frames, one after the other.

    Raises:
        EngineError: The encoding is not supported.
    """
    if encoding in ("", "identity"):
        return body
    if encoding == "gzip":
        return gzip.decompress(body)
    if encoding != "zstd":
        raise EngineError(_NOT_IMPLEMENTED, f"Content-Encoding {encoding!r}. (NOT_IMPLEMENTED)")
    parts = []
    while body:
        frame = zstandard.ZstdDecompressor().decompressobj()
        parts.append(frame.decompress(body))
        body = frame.unused_data
    return b"".join(parts)


def compress(body: bytes, accepted: str) -> tuple[bytes, str | None]:
    """Encode an answer as an Accept-Encoding header allows."""
    encodings = [part.partition(";")[0].strip() for part in accepted.split(",")]
    if "zstd" in encodings:
        return zstandard.ZstdCompressor().compress(body), "zstd"
    if "gzip" in encodings:
        return gzip.compress(body, 1), "gzip"
    return body, None


class Server(ThreadingHTTPServer):
    """The listening socket with what its handlers share."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, engine: Engine, user: str, password: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.engine = engine
        self.faults = Faults()
        self.credentials = (user, password)
        self.is_stopping = False

    def stop(self) -> None:
        """Take no more statements; `serve_forever` returns."""
        self.is_stopping = True
        self.shutdown()

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        self._route()

    def do_POST(self) -> None:
        self._route()

    def do_DELETE(self) -> None:
        self._route()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the base class names it so
        """Say nothing: a test reads what goes wrong from the answers."""

    def _route(self) -> None:
        url = urlsplit(self.path)
        body = self._read_body()
        if url.path == "/faults":
            self._steer(body)
        elif url.path == "/ping":
            self._answer(200, b"Ok.\n")
        else:
            self._query(dict(parse_qsl(url.query, keep_blank_values=True)), body)

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _steer(self, body: bytes) -> None:
        if self.command == "POST":
            self.server.faults.arm(json.loads(body))
        elif self.command == "DELETE":
            self.server.faults.clear()
        self._answer(200, json.dumps(self.server.faults.report()).encode())

    def _query(self, url: dict[str, str], body: bytes) -> None:
        try:
            self._check_credentials(url)
            statement = _statement(url, decompress(body, self.headers.get("Content-Encoding", "").lower()))
            with self.server.faults.running_statement():
                if self.server.is_stopping:
                    self._drop()
                else:
                    self._run(url, statement)
        except EngineError as error:
            self._answer_error(_STATUS_OF_CODE.get(error.code, 500), error.code, str(error))

    def _run(self, url: dict[str, str], statement: Statement) -> None:
        fault = self.server.faults.take(statement.sql[:4096].decode(errors="replace"))
        mode = fault.mode if fault else None
        if fault and mode is FaultMode.STATUS:
            text = f"Code: {fault.code}. DB::Exception: injected." if fault.code else "injected"
            self._answer_error(fault.status, fault.code, text)
            return
        if mode is FaultMode.DROP_BEFORE:
            self._drop()
            return
        if fault and mode is FaultMode.HANG:
            self.server.faults.hang(fault)
        outcome = self.server.engine.run(statement)
        if mode is FaultMode.DROP_AFTER:
            self._drop()
        else:
            self._answer_outcome(url, outcome, is_cut=mode is FaultMode.TRUNCATE)

    def _check_credentials(self, url: dict[str, str]) -> None:
        user, password = url.get("user", "default"), url.get("password", "")
        scheme, _, encoded = self.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            user, _, password = base64.b64decode(encoded).decode().partition(":")
        if (user, password) != self.server.credentials:
            raise EngineError(516, f"{user}: Authentication failed. (AUTHENTICATION_FAILED)")

    def _answer_outcome(self, url: dict[str, str], outcome: Outcome, *, is_cut: bool) -> None:
        body, encoding = outcome.body, None
        if url.get("enable_http_compression") == "1":
            body, encoding = compress(body, self.headers.get("Accept-Encoding", ""))
        headers = {
            "X-ClickHouse-Timezone": self.server.engine.timezone,
            "X-ClickHouse-Query-Id": url.get("query_id") or str(uuid.uuid4()),
            "X-ClickHouse-Summary": json.dumps({"written_rows": str(outcome.rows_written)}),
        }
        if encoding:
            headers["Content-Encoding"] = encoding
        self._answer(200, body, headers, cut_to=len(body) // 2 if is_cut else None)

    def _answer_error(self, status: int, code: int | None, text: str) -> None:
        self._answer(status, text.encode(), {"X-ClickHouse-Exception-Code": str(code)} if code else {})

    def _answer(
        self, status: int, body: bytes, headers: dict[str, str] | None = None, *, cut_to: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[:cut_to])
        if cut_to is not None:
            self._drop()

    def _drop(self) -> None:
        self.close_connection = True


def _statement(url: dict[str, str], body: bytes) -> Statement:
    if "session_id" in url:
        raise EngineError(_NOT_IMPLEMENTED, "There are no sessions here. (NOT_IMPLEMENTED)")
    query = url.get("query", "").encode()
    parameters = {name.removeprefix(_PARAMETER): text for name, text in url.items() if _is_parameter(name)}
    others = (name for name in url if name not in _TRANSPORT and not _is_parameter(name))
    settings = {name: url[name] for name in others}
    sql = query + (b"\n" if query and body else b"") + body
    output_format = url.get("default_format", "TabSeparated")
    return Statement(sql, url.get("database", ""), settings, parameters, output_format)


def _is_parameter(name: str) -> bool:
    return name.startswith(_PARAMETER)


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--path", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--user", default="default")
    parser.add_argument("--password", default="")
    options = parser.parse_args()
    engine = Engine(options.path.resolve(), options.user, options.password)
    server = Server(options.port, engine, options.user, options.password)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.stop).start())
    sys.stdout.write(json.dumps({"port": server.server_address[1]}) + "\n")
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.05)
    server.faults.clear()
    while server.faults.running:  # the engine does not close under a statement
        time.sleep(0.01)
    engine.close()


if __name__ == "__main__":
    main()
