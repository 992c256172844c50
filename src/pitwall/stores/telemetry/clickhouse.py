"""The one client to ClickHouse, in the process (chDB) or remote.

Calls block and release the interpreter lock while the engine works: call them on worker threads, never on an
event loop, and never after a fork (a forked child hangs in its first query).
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import os
import queue
import re
import shutil
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import clickhouse_connect
import structlog
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import (
    ClickHouseError,
    DatabaseError,
    OperationalError,
    StreamFailureError,
)
from clickhouse_connect.driver.summary import QuerySummary

from pitwall.core.errors import Conflict, InvalidInput, PitwallError
from pitwall.stores.telemetry.cluster import rewrite
from pitwall.stores.telemetry.credentials import Credentials
from pitwall.stores.telemetry.delimited import count_messages
from pitwall.stores.telemetry.engine import (
    QueryFailed,
    QueryTimedOut,
    Rows,
    SegmentInsert,
    SegmentRejected,
    StoreUnavailable,
)
from pitwall.stores.telemetry.error_text import connection_message, engine_message
from pitwall.stores.telemetry.hollow_parts import WriteCheck
from pitwall.stores.telemetry.unfinished import forget_unfinished_inserts

DEFAULT_MEMORY_LIMIT_BYTES = 1536 * 1024**2
DEFAULT_QUERY_SECONDS = 30.0

_log = structlog.get_logger(__name__)

_LOGGED_SQL = 2000
# chDB's allocator takes its options from this variable only, when the library is loaded. Memory goes back to
# the system a second after it was freed, not five: that keeps 30 MB less while questions are asked, and at no
# cost in CPU that could be measured.
_ALLOCATOR_OPTIONS = ("JE_MALLOC_CONF", "dirty_decay_ms:1000")
_CONFIG_NAME = "chdb.xml"
_MAX_CLIENTS = 8
_CLIENT_WAIT_SECONDS = 30.0
_ERROR_CODE = re.compile(r"Code: (\d+)")

# A Distributed table would take rows and bring them to their nodes later: a dictionary that is loaded again
# at once, or the next start, would not see them. Segments do not pass such tables (see `cluster.py`).
_CLUSTER_SETTINGS = {"distributed_foreground_insert": 1}

# ClickHouse error codes that speak of the data itself: sending the same bytes again cannot help.
_DATA_ERROR_CODES = frozenset(
    {6, 26, 27, 32, 33, 38, 41, 69, 70, 72, 117, 131, 190, 321, 349, 407, 434, 436, 444, 553, 636}
)
_TIMEOUT_CODES = frozenset({159, 160, 209})


class _ClientPool:
    """At most `_MAX_CLIENTS` clients, one thread at a time each (a chDB handle serialises its callers)."""

    def __init__(self, connect_arguments: Mapping[str, Any]) -> None:
        self._connect_arguments = dict(connect_arguments)
        self._idle: queue.LifoQueue[Client | None] = queue.LifoQueue()
        for _ in range(_MAX_CLIENTS):
            self._idle.put(None)
        self._is_closed = False

    @contextlib.contextmanager
    def client(self) -> Iterator[Client]:
        client = self._take()
        try:
            yield client
        finally:
            if self._is_closed:
                client.close()
            self._idle.put(client)

    def close(self) -> None:
        self._is_closed = True
        for _ in range(_MAX_CLIENTS):
            with contextlib.suppress(queue.Empty):
                client = self._idle.get(timeout=_CLIENT_WAIT_SECONDS)
                if client is not None:
                    client.close()

    def _take(self) -> Client:
        if self._is_closed:
            raise StoreUnavailable("The telemetry store is closed.")
        try:
            client = self._idle.get(timeout=_CLIENT_WAIT_SECONDS)
        except queue.Empty:
            raise StoreUnavailable(
                f"All {_MAX_CLIENTS} connections to the telemetry store were busy for "
                f"{_CLIENT_WAIT_SECONDS:.0f} s.",
                details={"retry_after_seconds": 5},
            ) from None
        if client is not None:
            return client
        try:
            return clickhouse_connect.get_client(**self._connect_arguments)
        except BaseException:
            self._idle.put(None)
            raise


class _ClickHouseEngine:
    """Everything the two worlds share."""

    def __init__(self, connect_arguments: Mapping[str, Any], max_query_seconds: float) -> None:
        self._pool = _ClientPool(connect_arguments)
        self._query_settings = {"max_execution_time": max_query_seconds}

    def query(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        settings: Mapping[str, Any] | None = None,
    ) -> Rows:
        with _translated_errors(sql), self._pool.client() as client:
            chosen = {**self._query_settings, **(settings or {})}
            result = client.query(sql, parameters=dict(parameters or {}), settings=chosen)
            return Rows(tuple(result.column_names), [tuple(row) for row in result.result_rows])

    def command(self, sql: str) -> None:
        with _translated_errors(sql), self._pool.client() as client:
            client.command(sql)

    def close(self) -> None:
        self._pool.close()


class EmbeddedEngine(_ClickHouseEngine):
    """chDB: ClickHouse inside this process, on a directory that only this process may open.

    Args:
        path: Directory of the store; its parent gets the engine's settings and a scratch directory.
        memory_limit_bytes: What the engine may use.
        max_query_seconds: Longest time of a query whose settings name no other.
    """

    def __init__(
        self,
        path: Path,
        *,
        memory_limit_bytes: int = DEFAULT_MEMORY_LIMIT_BYTES,
        max_query_seconds: float = DEFAULT_QUERY_SECONDS,
    ) -> None:
        self._path = path.absolute()
        self._scratch = self._path.parent / "tmp"
        options = {
            "max_server_memory_usage": str(memory_limit_bytes),
            "config-file": str(self._path.parent / _CONFIG_NAME),
        }
        arguments = {"interface": "chdb", "path": str(self._path), "chdb_options": options}
        super().__init__(arguments, max_query_seconds)
        self._write_check = WriteCheck(self)
        os.putenv(*_ALLOCATOR_OPTIONS)  # not in `open`, which runs while other threads may read variables

    def open(self) -> Self:
        """Start the engine; raises Conflict if the directory cannot be opened."""
        _empty_private_directory(self._scratch)
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        # chDB takes server settings from a file only.
        (self._path.parent / _CONFIG_NAME).write_bytes(self._server_settings())
        forget_unfinished_inserts(self._path)
        _import_chdb()
        try:
            self.query("SELECT 1")
        except (ClickHouseError, RuntimeError, PitwallError) as error:
            raise Conflict(
                f"The telemetry store at {self._path} cannot be opened: {error}",
                code="telemetry_store.locked",
                hint="Another process may own it (see `pitwall status`), or a newer version wrote it.",
            ) from error
        return self

    def _server_settings(self) -> bytes:
        return (resources.files("pitwall.stores.telemetry") / _CONFIG_NAME).read_bytes()

    def insert_rows(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, token: str | None = None
    ) -> None:
        scratch = self._scratch / f"{uuid.uuid4().hex}.jsonl"
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(_json_rows(columns, rows))
        try:
            settings = _settings_clause({"insert_deduplication_token": token or uuid.uuid4().hex})
            self.command(
                f"INSERT INTO {table} ({', '.join(columns)}) FROM INFILE {_quoted(str(scratch))} "
                f"{settings} FORMAT JSONEachRow"
            )
        finally:
            scratch.unlink(missing_ok=True)

    def insert_segment(self, segment: SegmentInsert) -> None:
        settings = {"format_schema": f"{self._schema_file(segment.schema)}:{segment.message}"}
        # Not Connection.send_insert: it swallows the errors of materialized views and loses their rows.
        with self._write_check.around_insert(), _insert_errors(segment):
            self.command(
                f"INSERT INTO {segment.table} FROM INFILE {_quoted(str(segment.path.absolute()))} "
                f"{_settings_clause(settings | _exactness_settings(segment.token))} FORMAT Protobuf"
            )

    def _schema_file(self, schema: str) -> Path:
        """Put the schema into a file: given as text, chDB would write it to the working directory."""
        path = self._scratch / f"{hashlib.sha256(schema.encode()).hexdigest()[:32]}.proto"
        if not path.exists():
            unfinished = path.with_suffix(f".{uuid.uuid4().hex}")
            unfinished.write_text(schema)
            unfinished.rename(path)
        return path


class RemoteEngine(_ClickHouseEngine):
    """A ClickHouse server over HTTP, or a cluster when `cluster` names one (see `cluster.py`).

    Args:
        url: Address of the server.
        cluster: Name of the cluster.
        timeout_seconds: How long to wait for any answer; more than a query may take, or its error is lost.
        max_query_seconds: Longest time of a query whose settings name no other.
    """

    def __init__(
        self,
        url: str,
        *,
        cluster: str | None = None,
        timeout_seconds: float = 30.0,
        max_query_seconds: float = DEFAULT_QUERY_SECONDS,
    ) -> None:
        arguments = _remote_arguments(url, timeout_seconds)
        if cluster:
            arguments["settings"] = _CLUSTER_SETTINGS
        super().__init__(arguments, max_query_seconds)
        self._cluster = cluster
        self._credentials = Credentials(arguments["username"], arguments["password"])

    def command(self, sql: str) -> None:
        for statement in rewrite(sql, self._cluster) if self._cluster else [sql]:
            with _translated_errors(statement), self._pool.client() as client:
                client.command(self._credentials.give_to_dictionary(statement))

    def insert_rows(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, token: str | None = None
    ) -> None:
        settings = {"insert_deduplication_token": token or uuid.uuid4().hex}
        with _translated_errors(table), self._pool.client() as client:
            client.raw_insert(
                table,
                column_names=columns,
                insert_block=_json_rows(columns, rows),
                fmt="JSONEachRow",
                settings=settings,
            )

    def insert_segment(self, segment: SegmentInsert) -> None:
        with _insert_errors(segment), _translated_errors(segment.table), self._pool.client() as client:
            # Read whole (segments are bounded): the client repeats a request whose answer was lost, and a
            # file handle would then be at its end.
            block = segment.path.read_bytes()
            settings = _schema_settings(segment) | _exactness_settings(segment.token)
            summary = client.raw_insert(segment.table, insert_block=block, fmt="Protobuf", settings=settings)
        _refuse_lost_rows(segment, block, summary)


def open_embedded(path: Path, *, memory_limit_bytes: int = DEFAULT_MEMORY_LIMIT_BYTES) -> EmbeddedEngine:
    """Open chDB on `path`, creating it if needed; raises Conflict if another process owns it."""
    return EmbeddedEngine(path, memory_limit_bytes=memory_limit_bytes).open()


def open_remote(url: str, *, cluster: str | None = None, timeout_seconds: float = 30.0) -> RemoteEngine:
    """Open a server named `clickhouse://user:password@host:port/database` (`clickhouses://` for TLS)."""
    return RemoteEngine(url, cluster=cluster, timeout_seconds=timeout_seconds)


def _import_chdb() -> None:
    """Import chDB as on a machine without pyarrow, which it would load for formats that nobody asks for here.

    That is 45 MB of memory and a tenth of a second.
    """
    if "pyarrow" in sys.modules:
        return
    sys.modules["pyarrow"] = None  # type: ignore[assignment]  # an import of it raises ImportError
    try:
        importlib.import_module("chdb")
    finally:
        del sys.modules["pyarrow"]


def _remote_arguments(url: str, timeout_seconds: float) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in {"clickhouse", "clickhouses"} or not parts.hostname:
        raise InvalidInput(
            f"The telemetry store address {url!r} is not understood.",
            hint="Use clickhouse://user:password@host:8123/database, or leave it unset for chDB.",
        )
    return {
        "host": parts.hostname,
        "port": parts.port or (8443 if parts.scheme == "clickhouses" else 8123),
        "username": unquote(parts.username or "default"),
        "password": unquote(parts.password or ""),
        "database": unquote(parts.path.lstrip("/")) or "default",
        "secure": parts.scheme == "clickhouses",
        "autogenerate_session_id": False,
        "send_receive_timeout": timeout_seconds,
        "connect_timeout": min(timeout_seconds, 10.0),
    }


def _refuse_lost_rows(segment: SegmentInsert, block: bytes, summary: QuerySummary) -> None:
    """Notice that the stage table had no view: another server is just replacing the mapping.

    What went in is gone then, and no token is spent: the same insert later stores everything.
    """
    if "written_rows" in summary.summary and summary.written_rows <= count_messages(block):
        raise StoreUnavailable(
            f"{segment.path.name} was not stored: the views behind {segment.table} are being replaced.",
            hint="It is sent again by itself.",
            details={"retry_after_seconds": 1},
        )


def _schema_settings(segment: SegmentInsert) -> dict[str, str]:
    return {
        "format_schema_source": "string",
        "format_schema": segment.schema,
        "format_schema_message_name": segment.message,
    }


def _exactness_settings(token: str) -> dict[str, str]:
    """Make a repeated insert add only what is missing, in every table behind the stage."""
    return {
        "insert_deduplication_token": token,
        "deduplicate_blocks_in_dependent_materialized_views": "1",
        # One view after the other in one thread: a repeated insert must be cut into the same blocks.
        "max_insert_threads": "1",
        "max_threads": "1",
        "materialized_views_squash_parallel_inserts": "0",
        # The views are long and each insert plans them anew: what planning and compiling would save in one
        # insert is less than they take.
        "query_plan_enable_optimizations": "0",
        "compile_expressions": "0",
    }


def _settings_clause(settings: Mapping[str, str]) -> str:
    return "SETTINGS " + ", ".join(f"{name} = {_quoted(value)}" for name, value in settings.items())


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _json_rows(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    lines = (
        json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False, default=str) for row in rows
    )
    return "\n".join(lines).encode()


def _empty_private_directory(path: Path) -> None:
    """Leave an empty directory for this user only; a killed process may have left telemetry in it."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(mode=0o700, parents=True)


def _error_code(error: Exception) -> int | None:
    code = getattr(error, "code", None)
    if isinstance(code, int):
        return code
    match = _ERROR_CODE.search(str(error))
    return int(match[1]) if match else None


@contextlib.contextmanager
def _translated_errors(what: str) -> Iterator[None]:
    try:
        yield
    except (OperationalError, StreamFailureError, OSError) as error:
        _log.debug("telemetry_store.no_answer", error=str(error), sql=what[:_LOGGED_SQL])
        raise StoreUnavailable(f"The telemetry store does not answer: {connection_message(error)}") from error
    except DatabaseError as error:
        _log.debug("telemetry_store.refused", error=str(error), sql=what[:_LOGGED_SQL])
        code, message = _error_code(error), engine_message(error)
        if code in _TIMEOUT_CODES:
            raise QueryTimedOut(f"A query of the telemetry store took too long: {message}") from error
        raise QueryFailed(message, details={"sql": what[:_LOGGED_SQL], "engine_code": code}) from error


@contextlib.contextmanager
def _insert_errors(segment: SegmentInsert) -> Iterator[None]:
    """Count an unknown failure as the store's: a schema mistake must not turn data into dead letters."""
    try:
        yield
    except QueryFailed as error:
        if error.details.get("engine_code") in _DATA_ERROR_CODES:
            raise SegmentRejected(f"{segment.path.name}: {error.message}", details=error.details) from error
        raise StoreUnavailable(
            f"{segment.path.name} could not be stored: {error.message}", details=error.details
        ) from error
    except QueryTimedOut as error:
        raise StoreUnavailable(f"{segment.path.name} could not be stored in time: {error.message}") from error
