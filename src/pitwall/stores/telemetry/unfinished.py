"""Makes chDB forget inserts that a killed process announced and did not finish.

A MergeTree table notes an insert's deduplication id in its log just before it renames the new part into
place. A process killed between the two leaves an id without rows: the same insert, repeated after the
restart, would be taken for a duplicate and its rows would be lost. Replicated tables do both in one step;
an embedded store needs this clean-up before the engine opens it.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import structlog

_log = structlog.get_logger(__name__)

_LOG_FILES = "store/*/*/deduplication_logs/deduplication_log_*.txt"
_PART = re.compile(r"(?P<partition>.+)_(?P<low>\d+)_(?P<high>\d+)_\d+(?:_\d+)?")
_ADDED = "1"


def forget_unfinished_inserts(path: Path) -> int:
    """Remove the deduplication ids that have no part; the engine must not have the store open.

    Ids of parts that were merged stay, because the merged part covers them. Ids of rows that have since
    expired go: the write-ahead log has removed their segments long before.

    Args:
        path: Directory of the store; it may not exist yet.

    Returns:
        How many ids were removed.
    """
    removed = 0
    for file in sorted(path.glob(_LOG_FILES)):
        removed += _clean(file, _Parts(_part_names(file.parent.parent)))
    return removed


def _part_names(table: Path) -> Iterator[str]:
    """Names of the parts that the engine will load; it drops those whose files were not written."""
    for entry in table.iterdir():
        checksums = entry / "checksums.txt"
        if checksums.is_file() and checksums.stat().st_size:
            yield entry.name


class _Parts:
    """The parts of a table, by the blocks they hold."""

    def __init__(self, names: Iterable[str]) -> None:
        self._ranges: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for match in filter(None, map(_PART.fullmatch, names)):
            if not match["partition"].startswith(("tmp", "delete_tmp")):
                self._ranges[match["partition"]].append((int(match["low"]), int(match["high"])))

    def cover(self, name: str) -> bool:
        """Tell whether the part itself or one that it was merged into is there."""
        match = _PART.fullmatch(name)
        if match is None:
            return True  # not a name that we know how to read
        low, high = int(match["low"]), int(match["high"])
        return any(first <= low and high <= last for first, last in self._ranges[match["partition"]])


def _clean(file: Path, parts: _Parts) -> int:
    lines = file.read_text().splitlines(keepends=True)
    unfinished = set(_unfinished(lines, parts))
    if not unfinished:
        return 0
    kept = file.with_suffix(".new")
    with kept.open("w") as output:
        output.writelines(line for at, line in enumerate(lines) if at not in unfinished)
        output.flush()
        os.fsync(output.fileno())
    kept.replace(file)
    _log.warning("telemetry_store.unfinished_inserts_forgotten", file=str(file), count=len(unfinished))
    return len(unfinished)


def _unfinished(lines: list[str], parts: _Parts) -> Iterator[int]:
    """Find the lines that announce a part which is nowhere; a line is `operation, part, id` with tabs."""
    for at, line in enumerate(lines):
        operation, part, _ = line.split("\t", 2)
        if operation == _ADDED and not parts.cover(part):
            yield at
