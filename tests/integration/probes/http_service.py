"""A service on HTTP that misbehaves in every way a probe has to bear."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Service(BaseHTTPRequestHandler):
    """Answers by path; `hits` counts requests by path."""

    protocol_version = "HTTP/1.1"
    hits: dict[str, int]
    release: threading.Event

    def do_GET(self) -> None:
        self.hits[self.path] = self.hits.get(self.path, 0) + 1
        name = self.path.strip("/").replace("-", "_") or "well"
        getattr(self, f"answer_{name}", self.answer_missing)()

    def answer_well(self) -> None:
        self.send(200, {"status": "healthy", "checks": [{"name": "db", "ok": True}]})

    def answer_degraded(self) -> None:
        self.send(200, {"status": "degraded"})

    def answer_unhealthy(self) -> None:
        self.send(503, {"status": "unhealthy"})

    def answer_missing(self) -> None:
        self.send(404, {})

    def answer_token(self) -> None:
        self.send(200 if self.headers.get("authorization") == "Bearer s3cret" else 401, {})

    def answer_moved(self) -> None:
        self.redirect("/well")

    def answer_elsewhere(self) -> None:
        self.redirect("http://localhost:9/well")

    def answer_circle(self) -> None:
        self.redirect("/circle")

    def answer_flaky(self) -> None:
        self.send(200 if self.hits[self.path] % 2 == 0 else 500, {})

    def answer_slow(self) -> None:
        self.release.wait(1.0)
        self.send(200, {})

    def answer_hangs(self) -> None:
        self.release.wait(30)

    def answer_drips(self) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.release.wait(0.05):
            self.wfile.write(b"x")

    def answer_endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(64):
            self.wfile.write(b"x" * 65_536)
        self.close_connection = True

    def answer_garbage(self) -> None:
        self.wfile.write(b"\x00\x01 no http\r\n\r\n")
        self.close_connection = True

    def send(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def redirect(self, location: str) -> None:
        self.send_response(302)
        self.send_header("location", location)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Does not complain about clients that hang up."""

    daemon_threads = True

    def handle_error(self, *_arguments: Any) -> None:
        """A probe that gave up closes its connection."""


@contextmanager
def running_service(certificate: str | None = None) -> Iterator[tuple[str, dict[str, int]]]:
    """The service on a free port; yields its address and how often each path was asked for."""
    hits: dict[str, int] = {}
    release = threading.Event()
    handler = type("Handler", (Service,), {"hits": hits, "release": release})
    server = Server(("127.0.0.1", 0), handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    scheme = "http" if certificate is None else "https"
    try:
        yield f"{scheme}://127.0.0.1:{server.server_address[1]}", hits
    finally:
        release.set()
        server.shutdown()
        server.server_close()
        thread.join()
