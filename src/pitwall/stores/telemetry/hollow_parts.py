"""Finds what chDB believes to have stored and the disk did not take.

chDB passes over errors of the `write` call (disk full, quota, I/O error): an insert or a merge ends well and
leaves files that are too short. Queries fail or count rows that are not there, and the next start drops the
part. So whoever deletes the only other copy of the data looks at the files first.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from pitwall.stores.telemetry.engine import UNLIMITED, StoreUnavailable, TelemetryEngine

_log = structlog.get_logger(__name__)

_PARTS = (
    "SELECT table, name, path, bytes_on_disk, partition_id, min_block_number, max_block_number "
    "FROM system.parts WHERE database = currentDatabase() AND "
)
# Files of a part that the engine's `bytes_on_disk` leaves out, and those of them that are never empty.
_UNCOUNTED = frozenset(
    {
        "checksums.txt",
        "columns.txt",
        "columns_substreams.txt",
        "default_compression_codec.txt",
        "metadata_version.txt",
        "txn_version.txt",
    }
)
_NEVER_EMPTY = ("checksums.txt", "columns.txt")
_RETRY_AFTER_SECONDS = 5


@dataclass(frozen=True, slots=True)
class _Part:
    table: str
    name: str
    path: str
    bytes_on_disk: int
    partition_id: str
    first_block: int
    last_block: int

    def is_hollow(self) -> bool:
        """Tell whether files of the part are shorter than the engine believes; a removed part is not."""
        try:
            sizes = {entry.name: entry.stat().st_size for entry in Path(self.path).iterdir()}
        except FileNotFoundError:
            return False
        counted = sum(size for name, size in sizes.items() if name not in _UNCOUNTED)
        return counted < self.bytes_on_disk or any(sizes.get(name) == 0 for name in _NEVER_EMPTY)

    def replaces(self, other: _Part) -> bool:
        """Tell whether this part was made of the other one."""
        same_place = (self.table, self.partition_id) == (other.table, other.partition_id)
        return same_place and self.first_block <= other.first_block and other.last_block <= self.last_block


class WriteCheck:
    """Looks at the files of every part once, soon after it was written.

    Args:
        engine: An embedded store; its directory is on this machine.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._sound: frozenset[str] = frozenset()
        self._lost_parts = 0

    @contextmanager
    def around_insert(self) -> Iterator[None]:
        """Run an insert and take out the parts that are not on the disk.

        Raises:
            StoreUnavailable: There were some, found by this insert or by another one meanwhile: which
                insert a part belongs to cannot be told, so each of them has to be done again. The
                deduplication id is forgotten where rows are missing; elsewhere nothing is stored twice.
        """
        before = self._lost_parts
        yield
        with self._lock:
            self._take_out_hollow()
            if lost := self._lost_parts - before:
                raise StoreUnavailable(
                    f"The disk did not take {lost} part(s) of the telemetry store.",
                    hint="Make room on the disk or look for its errors; telemetry waits in the log.",
                    details={"retry_after_seconds": _RETRY_AFTER_SECONDS},
                )

    def _take_out_hollow(self) -> None:
        active = self._parts("active AND rows > 0")
        hollow = [part for part in active if part.path not in self._sound and part.is_hollow()]
        if not hollow:
            self._sound = frozenset(part.path for part in active)
            return
        self._lost_parts += len(hollow)
        replaced = self._parts("NOT active")
        for part in hollow:
            self._take_out(part, replaced)

    def _parts(self, condition: str) -> list[_Part]:
        return [_Part(*row) for row in self._engine.query(_PARTS + condition, settings=UNLIMITED).rows]

    def _take_out(self, part: _Part, replaced: Collection[_Part]) -> None:
        has_sources = any(part.replaces(other) for other in replaced)
        _log.error(
            "telemetry_store.part_not_on_disk", table=part.table, part=part.name, has_sources=has_sources
        )
        if has_sources:
            # A merge: loading the table again finds the result broken and takes the parts it was made of.
            self._engine.command(f"DETACH TABLE {part.table}")
            self._engine.command(f"ATTACH TABLE {part.table}")
        else:
            self._engine.command(f"ALTER TABLE {part.table} DROP PART '{part.name}'")
