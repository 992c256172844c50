"""Following files while they grow: across rotation, truncation and their absence.

Files are known by inode, so that one that is renamed is followed to its end under the new name. One that was
copied and truncated continues in its copy, which is the same source, and begins anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pitwall.core.errors import InvalidInput, NotFound
from pitwall.ingest.files.contents import UNPACK_FAILED, PlainFile, inode_of, open_content
from pitwall.ingest.files.discovery import TRACE_FILES, oldest_first, trace_files, with_rotated
from pitwall.ingest.files.identity import find_source, read_head
from pitwall.ingest.files.importer import FileImport, ImportOptions, Progress
from pitwall.ingest.files.types import SourceSink

# A file that was renamed may still be written to by a process that has it open.
_DRAIN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Look:
    """A file as it looked: where, which, and whether it has changed since."""

    path: Path
    inode: str
    size: int
    modified_ns: int

    @classmethod
    def at(cls, path: Path) -> _Look | None:
        try:
            status = path.stat()
        except FileNotFoundError:
            return None
        return cls(path, inode_of(status), status.st_size, status.st_mtime_ns)

    @property
    def state(self) -> tuple[str, int, int]:
        """The same as long as nobody writes to the file; its name does not matter."""
        return self.inode, self.size, self.modified_ns


@dataclass(slots=True)
class _Followed:
    """An open file and when it last had something new."""

    file: FileImport
    is_plain: bool
    changed_at: float


class Follower:
    """Imports what is new in some files each time `poll` is called.

    Args:
        paths: Files, or directories of trace files; they need not exist yet.
        sink: Where chunks go.
        on_progress: Told after each chunk.
        monotonic: Seconds from an arbitrary start.
        sleep: Waits while the store takes nothing.

    Attributes:
        rows: Records stored so far.
        rejected: Lines put aside so far.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        sink: SourceSink,
        options: ImportOptions,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._paths = tuple(paths)
        self._sink = sink
        self._options = options
        self._on_progress = on_progress
        self._monotonic = monotonic
        self._sleep = sleep
        self._followed: dict[str, _Followed] = {}
        # Files that need not be looked into until they change: read to their end, or nobody's business.
        self._settled: set[tuple[str, int, int]] = set()
        self._has_looked = False
        self.rows = 0
        self.rejected = 0

    def poll(self) -> int:
        """Import what is new; return how many bytes that was.

        Raises:
            InvalidLine: A line is malformed and is not to be skipped.
            LimitExceeded, Unavailable: The store took nothing for as long as the options say.
        """
        looks = self._look_around()
        if not self._has_looked:
            self._settled |= self._find_strangers(looks)
            self._has_looked = True
        self._settled &= {look.state for look in looks}
        imported = sum(self._visit(look) for look in looks)
        named = {look.inode for look in looks}
        imported += sum(self._drain(inode) for inode in list(self._followed) if inode not in named)
        return imported

    def close(self) -> None:
        """Let go of all files."""
        for inode in list(self._followed):
            self._leave(inode)

    def _look_around(self) -> list[_Look]:
        """Return the files that are there now, oldest first."""
        paths: list[Path] = []
        for path in self._paths:
            paths += trace_files(path) if path.is_dir() else with_rotated(path)
        looks = [_Look.at(path) for path in oldest_first(paths)]
        return [look for look in looks if look is not None]

    def _find_strangers(self, looks: Sequence[_Look]) -> set[tuple[str, int, int]]:
        """Return the rotated files that nobody asked for.

        Who names a directory means all files in it. Who names one file means that file and, after a restart,
        what it was rotated to meanwhile: every file that is not older than the newest one known already.
        """
        strangers: set[tuple[str, int, int]] = set()
        for target in self._paths:
            if target.is_dir():
                continue
            rotated = set(with_rotated(target)) - {target}
            siblings = [look for look in looks if look.path in rotated]
            newest_known = max(
                (at for at, look in enumerate(siblings) if self._is_known(look.path)), default=len(siblings)
            )
            strangers |= {look.state for look in siblings[:newest_known]}
        return strangers

    def _is_known(self, path: Path) -> bool:
        try:
            content = open_content(path)
        except (NotFound, InvalidInput):
            return False
        try:
            head = read_head(content, is_final=False)
            return bool(head) and find_source(content, head, self._sink.sources()) is not None
        except InvalidInput:
            return False
        finally:
            content.close()

    def _visit(self, look: _Look) -> int:
        if look.state in self._settled:
            return 0
        followed = self._followed.get(look.inode)
        if followed is not None and not followed.file.is_same_file():
            self._leave(look.inode)
            followed = None
        followed = followed or self._begin(look)
        if followed is None:
            return 0
        followed.file.path = look.path
        if not followed.is_plain:
            return self._read_packed(look, followed)
        imported = self._advance(followed)
        has_ended = look.path not in self._live_paths() and self._is_idle(followed)
        if followed.file.is_old_copy or (not imported and has_ended):
            imported += followed.file.advance(is_final=True)
            self._leave(look.inode)
            self._settled.add(look.state)
        return imported

    def _begin(self, look: _Look) -> _Followed | None:
        if not look.size:
            return None
        try:
            content = open_content(look.path)
        except NotFound:
            return None
        if content.inode != look.inode:
            content.close()  # renamed just now; the next look finds it under its new name
            return None
        file = FileImport(
            look.path, content, self._sink, self._options, on_progress=self._on_progress, sleep=self._sleep
        )
        followed = _Followed(file, isinstance(content, PlainFile), self._monotonic())
        self._followed[look.inode] = followed
        return followed

    def _read_packed(self, look: _Look, followed: _Followed) -> int:
        """Read a packed file, which does not grow; one that is being packed changes once more."""
        imported = 0
        try:
            imported = followed.file.advance(is_final=True)
        except InvalidInput as error:
            if error.code != UNPACK_FAILED:
                raise
        self._leave(look.inode)
        self._settled.add(look.state)
        return imported

    def _drain(self, inode: str) -> int:
        """Read on in a file that has no name any more, until it stays quiet."""
        followed = self._followed[inode]
        imported = self._advance(followed)
        if not imported and self._is_idle(followed):
            imported = followed.file.advance(is_final=True)
            self._leave(inode)
        return imported

    def _advance(self, followed: _Followed) -> int:
        imported = followed.file.advance(is_final=False)
        if imported:
            followed.changed_at = self._monotonic()
        return imported

    def _leave(self, inode: str) -> None:
        file = self._followed.pop(inode).file
        file.close()
        self.rows += file.progress.rows
        self.rejected += file.progress.rejected

    def _is_idle(self, followed: _Followed) -> bool:
        return self._monotonic() - followed.changed_at >= _DRAIN_SECONDS

    def _live_paths(self) -> set[Path]:
        live = set(self._paths)
        for path in self._paths:
            live |= {path / name for name in TRACE_FILES}
        return live
