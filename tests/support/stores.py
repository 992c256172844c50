"""Both kinds of telemetry store behind one handle, for tests that want an empty one of their own or kill one.

An embedded store runs in a process of its own: chDB opens one directory per process, and only a process can
be killed. The engine that a test holds is a proxy; everything behind it is the real `EmbeddedEngine`.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.managers import BaseManager
from pathlib import Path
from typing import Any, Protocol, cast

from pitwall.ingest.mapping.views import install
from pitwall.stores.telemetry.clickhouse import EmbeddedEngine, open_remote
from pitwall.stores.telemetry.engine import Rows, SegmentInsert, TelemetryEngine
from pitwall.stores.telemetry.migrate import migrate
from tests.support.clickhouse_process import ClickHouseServer

REMOTE_TIMEOUT_SECONDS = 20.0


class PromptEngine(EmbeddedEngine):
    """A store whose merges and deletions need not wait for their turn, and no more of them run at once.

    A server has two of them begun at any time, so as to leave the machine to the application. There a
    deletion from three parts takes most of a second, in which nothing happens.
    """

    def _server_settings(self) -> bytes:
        began, now = (f"concurrency_ratio>{ratio}<".encode() for ratio in (1, 4))
        settings = super()._server_settings()
        assert began in settings
        return settings.replace(began, now)


def prepare(engine: TelemetryEngine) -> TelemetryEngine:
    """Give a store everything that the server gives it before the first insert, retention excepted."""
    migrate(engine)
    install(engine)
    return engine


class StoreUnderTest(Protocol):
    """A place with any number of empty stores, each under a name."""

    def open(self, name: str) -> TelemetryEngine:
        """Open a store, empty at first; afterwards and after `kill`, again with what it holds."""

    def kill(self) -> None:
        """Kill the process that owns the data (SIGKILL)."""

    def part_names(self, name: str, table: str) -> list[str]:
        """Names of the parts that a table has on disk now."""

    def close(self) -> None:
        """End everything."""


class _Worker:
    """Lives in the other process: at most one engine at a time."""

    def __init__(self) -> None:
        self._engine: EmbeddedEngine | None = None

    def open(self, path: Path) -> None:
        self.close()
        self._engine = PromptEngine(path, memory_limit_bytes=1 << 30).open()

    def call(self, method: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        return getattr(self._engine, method)(*arguments, **options)

    def close(self) -> None:
        if self._engine is not None:
            self._engine.close()
            self._engine = None


class _Manager(BaseManager):
    """Starts the process with the worker in it."""


_Manager.register("Worker", _Worker)


class _EngineProxy:
    """A TelemetryEngine whose work is done by a worker."""

    def __init__(self, worker: _Worker) -> None:
        self._worker = worker

    def query(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        settings: Mapping[str, Any] | None = None,
    ) -> Rows:
        return cast(Rows, self._worker.call("query", (sql, parameters), {"settings": settings}))

    def command(self, sql: str) -> None:
        self._worker.call("command", (sql,), {})

    def insert_rows(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, token: str | None = None
    ) -> None:
        self._worker.call("insert_rows", (table, columns, rows), {"token": token})

    def insert_segment(self, segment: SegmentInsert) -> None:
        self._worker.call("insert_segment", (segment,), {})

    def close(self) -> None:
        self._worker.close()


class EmbeddedStore:
    """chDB in a process of its own, one directory per name."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._manager: _Manager | None = None
        self._worker: Any = None

    def open(self, name: str) -> TelemetryEngine:
        if self._manager is None:
            self._manager = _Manager(ctx=multiprocessing.get_context("spawn"))
            self._manager.start()
            self._worker = cast(Any, self._manager).Worker()
        self._worker.open(self._directory / name / "telemetry")
        return _EngineProxy(self._worker)

    @property
    def pid(self) -> int:
        """The process that holds the engine."""
        pid: int = self._process.pid
        return pid

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self._process.join()
        self._forget()

    def part_names(self, name: str, table: str) -> list[str]:
        return _entries(self._directory / name / "telemetry/data/default" / table)

    def close(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._forget()

    @property
    def _process(self) -> Any:
        assert self._manager is not None
        return cast(Any, self._manager)._process

    def _forget(self) -> None:
        manager, self._manager, self._worker = self._manager, None, None
        assert manager is not None
        manager.shutdown()


@contextmanager
def open_store(data_dir: Path) -> Iterator[TelemetryEngine]:
    """Open the embedded store of a data directory whose server is gone, to look into it."""
    store = EmbeddedStore(data_dir.parent)
    try:
        yield store.open(data_dir.name)
    finally:
        store.close()


class RemoteStore:
    """A ClickHouse server over HTTP, one database per name."""

    def __init__(self, directory: Path) -> None:
        self.server = ClickHouseServer(directory)
        self._names: set[str] = set()
        self._engines: list[TelemetryEngine] = []

    def open(self, name: str) -> TelemetryEngine:
        if self.server.process is None:
            self.server.start()
        if name not in self._names:
            self.server.create_database(name)
            self._names.add(name)
        engine = open_remote(self.server.url(name), timeout_seconds=REMOTE_TIMEOUT_SECONDS)
        self._engines.append(engine)
        return engine

    def kill(self) -> None:
        self._close_engines()
        self.server.kill()

    def part_names(self, name: str, table: str) -> list[str]:
        return _entries(self.server.directory / "data/data" / name / table)

    def close(self) -> None:
        self._close_engines()
        self.server.stop()

    def _close_engines(self) -> None:
        for engine in self._engines:
            engine.close()
        self._engines.clear()


def _entries(directory: Path) -> list[str]:
    """Part directories that have their final name, which begins with the partition."""
    with contextlib.suppress(FileNotFoundError):
        names = [entry.name for entry in directory.iterdir()]
        return [name for name in names if name[0].isdigit() or name.startswith("all_")]
    return []
