"""`<window>.json` every minute: the latest complete 1m, 5m and 1h of every signal, for scripts."""

from __future__ import annotations

import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import structlog

from pitwall.core.errors import PitwallError
from pitwall.kit.durations import format_instant
from pitwall.signals.service import Signals
from pitwall.signals.types import SignalResult, SignalRow
from pitwall.signals.windows import floor_to

log = structlog.get_logger(__name__)

WINDOWS = {"1m": timedelta(minutes=1), "5m": timedelta(minutes=5), "1h": timedelta(hours=1)}
_MINUTE = timedelta(minutes=1)
_SHORTEST_WAIT_SECONDS = 1.0
# Longer than any window looks back.
_QUIET_AFTER = timedelta(days=1)


class _EveryMinute(ABC):
    """Writes files from a thread of its own, first after a pause and then after every minute.

    Args:
        signals: Where the numbers come from.
        directory: Where the files go; made if it is missing.
        pause_seconds: All signals three times are a second of work that somebody else may wait for.
    """

    name: str

    def __init__(self, signals: Signals, directory: Path, *, pause_seconds: float = 0.0) -> None:
        self._signals = signals
        self._directory = directory
        self._pause_seconds = pause_seconds
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.failures = 0

    @abstractmethod
    def write(self) -> None:
        """Write all files now; what fails is logged and counted, and the earlier files stay whole."""

    def start(self) -> None:
        """Begin to write."""
        self._directory.mkdir(parents=True, exist_ok=True)
        self._thread = threading.Thread(target=self._run, name=f"pitwall-{self.name}", daemon=True)
        self._thread.start()

    def stop(self, timeout_seconds: float) -> None:
        """End the thread; a write under way is finished."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout_seconds)

    @contextmanager
    def _noting_failure(self, directory: Path) -> Iterator[None]:
        try:
            yield
        except (PitwallError, OSError) as error:
            self.failures += 1
            log.warning("metrics_files.failed", directory=str(directory), error=str(error))
        except Exception:
            self.failures += 1
            log.exception("metrics_files.failed", directory=str(directory))

    def _run(self) -> None:
        self._stopping.wait(self._pause_seconds)
        while not self._stopping.is_set():
            self.write()
            self._stopping.wait(self._seconds_until_next())

    def _seconds_until_next(self) -> float:
        """Until the watermark passes the next whole minute, by whatever the wall clock says now."""
        watermark: datetime = self._signals.watermark()
        left = floor_to(watermark, _MINUTE) + _MINUTE - watermark
        return max(_SHORTEST_WAIT_SECONDS, left.total_seconds())


class MetricsFileWriter(_EveryMinute):
    """Writes the files of one project into a directory.

    Args:
        signals: Where the numbers come from.
        project: Whose.
        directory: Where the files go; made if it is missing.
        pause_seconds: Before the first files.
    """

    name = "metrics_files"

    def __init__(
        self, signals: Signals, project: str, directory: Path, *, pause_seconds: float = 0.0
    ) -> None:
        super().__init__(signals, directory, pause_seconds=pause_seconds)
        self._project = project

    def write(self) -> None:
        """Write the files of the project now."""
        with self._noting_failure(self._directory):
            write_metrics_files(self._signals, self._project, self._directory)


class ProjectMetricsFiles(_EveryMinute):
    """Writes the files of many projects, each into a folder of its name.

    A project has files from the first minute with telemetry on, for as long as something happens in it; a day
    after the last record they stay as they are, without values. All projects together take a tenth of one
    thread: where there are very many, a round is longer than a minute, and `ts` tells how fresh a file is.

    Args:
        signals: Where the numbers come from.
        projects: Returns whose there may be files now.
        directory: Where the folders go; made if it is missing.
        share: Part of the time that may be spent writing.
        pause_seconds: Before the first files.
    """

    name = "project_metrics_files"

    def __init__(
        self,
        signals: Signals,
        projects: Callable[[], Sequence[str]],
        directory: Path,
        *,
        share: float = 0.1,
        pause_seconds: float = 0.0,
    ) -> None:
        super().__init__(signals, directory, pause_seconds=pause_seconds)
        self._projects = projects
        self._rest_per_work = 1 / share - 1

    def write(self) -> None:
        """Write the files of every project with telemetry, one after the other and with pauses."""
        active: list[str] = []
        with self._noting_failure(self._directory):
            active = sorted(self._signals.active_projects(self._projects(), within=_QUIET_AFTER))
        for project in active:
            started = time.monotonic()
            with self._noting_failure(self._directory / project):
                write_metrics_files(self._signals, project, self._directory / project)
            if self._stopping.wait((time.monotonic() - started) * self._rest_per_work):
                return


def write_metrics_files(signals: Signals, project: str, directory: Path) -> None:
    """Write the files of one project now; the directory is made if it is missing.

    Raises:
        PitwallError: The signals cannot be computed.
        OSError: A file cannot be written; the earlier one stays whole.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for label, length in WINDOWS.items():
        document = metrics_document(label, signals.current(project, length))
        _replace(directory / f"{label}.json", orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")


def metrics_document(label: str, results: Iterable[SignalResult]) -> dict[str, Any]:
    """The document of one window: groups, in them values by the rest of the signal's name, null without data.

    `counts`, `bands` and `units` repeat that shape. A distribution is an object of its buckets.
    """
    groups: dict[str, dict[str, Any]] = {}
    counts: dict[str, dict[str, int]] = {}
    bands: dict[str, dict[str, str]] = {}
    units: dict[str, dict[str, str]] = {}
    until = None
    for result in results:
        until = result.until
        group, _, name = result.name.partition(".")
        groups.setdefault(group, {})[name] = _value(result.rows)
        counts.setdefault(group, {})[name] = max((row.count for row in result.rows), default=0)
        units.setdefault(group, {})[name] = result.unit
        if len(result.rows) == 1 and not result.rows[0].labels:
            bands.setdefault(group, {})[name] = result.rows[0].band.value
    timestamp = None if until is None else format_instant(until)
    return {"ts": timestamp, "window": label, **groups, "counts": counts, "bands": bands, "units": units}


def _value(rows: list[SignalRow]) -> float | dict[str, float | None] | None:
    if len(rows) == 1 and not rows[0].labels:
        return rows[0].value
    return {next(iter(row.labels.values())): row.value for row in rows} or None


def _replace(path: Path, content: bytes) -> None:
    """Put a new file in place of the old one in one step, so that a reader never sees half of it."""
    scratch = path.with_suffix(".tmp")
    with scratch.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
