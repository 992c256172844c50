"""Ready-made checks of stores: Chroma, Redis, PostgreSQL."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from pitwall.core.errors import InvalidInput
from pitwall.sdk.health.http import Service
from pitwall.sdk.health.types import Check, CheckResult, failed, fine

_SOCKET_SECONDS = 30.0


def check_chroma(
    where: Any,
    collection: str | None = None,
    *,
    min_count: int = 1,
    headers: Mapping[str, str] | None = None,
    tenant: str = "default_tenant",
    database: str = "default_database",
) -> Check:
    """Chroma answers, and the collection holds what it should.

    Args:
        where: A chromadb client, or the address of a server.
        collection: Its name.
        min_count: Fewer records in the collection are a failure.
        headers: For a server that wants a token.
        tenant: Of the collection, with an address.
        database: Likewise.
    """
    if not isinstance(where, str):
        return lambda: _client_result(where, collection, min_count)
    service = Service(where, dict(headers or {}))
    collections = f"/api/v2/tenants/{quote(tenant, '')}/databases/{quote(database, '')}/collections"

    def check() -> CheckResult:
        beat = service.get("/api/v2/heartbeat")
        if not beat.is_ok:
            return failed(f"HTTP {beat.status}: {str(beat.body)[:200]}")
        if collection is None:
            return fine()
        found = service.get(f"{collections}/{quote(collection, '')}")
        if not found.is_ok:
            return failed(f"collection {collection}: HTTP {found.status}: {str(found.body)[:200]}")
        return _counted(collection, service.get(f"{collections}/{found.member('id')}/count").body, min_count)

    return check


def _client_result(client: Any, collection: str | None, min_count: int) -> CheckResult:
    client.heartbeat()
    if collection is None:
        return fine()
    return _counted(collection, client.get_collection(collection).count(), min_count)


def _counted(collection: str, count: Any, min_count: int) -> CheckResult:
    if not isinstance(count, int):
        return failed(f"collection {collection} did not tell its size: {str(count)[:200]}")
    if count < min_count:
        return failed(f"collection {collection} has {count} records, fewer than {min_count}", count=count)
    return fine(count=count)


def check_redis(url: str = "redis://127.0.0.1:6379") -> Check:
    """Redis answers PING, after AUTH if the address has a password.

    Args:
        url: `redis://[user:password@]host[:port]`, `rediss://` with TLS.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"redis", "rediss"} or not parts.hostname:
        raise InvalidInput("The address of Redis is none.", hint="It looks like redis://127.0.0.1:6379.")
    credentials = [unquote(part) for part in (parts.username, parts.password) if part]
    commands = [["AUTH", *credentials]] if parts.password else []

    def check() -> CheckResult:
        address = (str(parts.hostname), parts.port or 6379)
        with socket.create_connection(address, _SOCKET_SECONDS) as plain:
            encrypts = parts.scheme == "rediss"
            context = ssl.create_default_context() if encrypts else None
            with context.wrap_socket(plain, server_hostname=parts.hostname) if context else plain as talking:
                for command in [*commands, ["PING"]]:
                    reply = _redis_reply(talking, command)
                    if reply.startswith("-"):
                        return failed(reply[1:])
        return fine() if reply == "+PONG" else failed(f"unexpected answer {reply[:100]!r}")

    return check


def _redis_reply(talking: socket.socket, command: list[str]) -> str:
    """The line that Redis answers to a command, in its own protocol (RESP)."""
    words = [word.encode() for word in command]
    parts = [b"*%d\r\n" % len(words), *(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)]
    talking.sendall(b"".join(parts))
    line = b""
    while not line.endswith(b"\r\n"):
        piece = talking.recv(1024)
        if not piece:
            raise ConnectionError("Redis closed the connection")
        line += piece
    return line.decode("utf-8", "replace").rstrip()


def check_postgres(dsn: str) -> Check:
    """PostgreSQL lets the application in and answers a query; needs psycopg.

    Args:
        dsn: Address or keywords, as psycopg takes them.

    Raises:
        InvalidInput: psycopg is not installed.
    """
    try:
        import psycopg
    except ImportError as error:
        raise InvalidInput(
            "check_postgres() needs psycopg, which is not installed.",
            hint='pip install "psycopg[binary]", or give a function of your own that runs a query.',
        ) from error

    def check() -> CheckResult:
        with psycopg.connect(dsn, connect_timeout=int(_SOCKET_SECONDS), autocommit=True) as connection:
            row = connection.execute("SELECT current_setting('server_version')").fetchone()
        return fine(version=row[0] if row else None)

    return check
