"""`<window>.json` every minute: the latest complete 1m, 5m and 1h of every signal, for scripts."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
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


class MetricsFileWriter:
    """Writes the files of one project from a thread of its own.

    Args:
        signals: Where the numbers come from.
        project: Whose.
        directory: Where the files go; made if it is missing.
    """

    name = "metrics_files"

    def __init__(self, signals: Signals, project: str, directory: Path) -> None:
        self._signals = signals
        self._project = project
        self._directory = directory
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.failures = 0

    def start(self) -> None:
        """Begin to write, at once and then after every minute."""
        self._directory.mkdir(parents=True, exist_ok=True)
        self._thread = threading.Thread(target=self._run, name="pitwall-metrics-files", daemon=True)
        self._thread.start()

    def stop(self, timeout_seconds: float) -> None:
        """End the thread; a write under way is finished."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout_seconds)

    def write(self) -> None:
        """Write all files now.

        Raises:
            PitwallError: The signals cannot be computed.
            OSError: A file cannot be written; the earlier one stays whole.
        """
        for label, length in WINDOWS.items():
            document = metrics_document(label, self._signals.current(self._project, length))
            _replace(
                self._directory / f"{label}.json", orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"
            )

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.write()
            except (PitwallError, OSError) as error:
                self.failures += 1
                log.warning("metrics_files.failed", directory=str(self._directory), error=str(error))
            except Exception:
                self.failures += 1
                log.exception("metrics_files.failed", directory=str(self._directory))
            self._stopping.wait(self._seconds_until_next())

    def _seconds_until_next(self) -> float:
        """Until the watermark passes the next whole minute, by whatever the wall clock says now."""
        watermark: datetime = self._signals.watermark()
        left = floor_to(watermark, _MINUTE) + _MINUTE - watermark
        return max(_SHORTEST_WAIT_SECONDS, left.total_seconds())


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
