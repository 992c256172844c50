"""Archiving, finding, bringing back; crash-safe at every step."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from pitwall.access.types import Principal, require
from pitwall.core.errors import InvalidInput, PitwallError
from pitwall.core.vocabulary import Scope
from pitwall.ingest.archive.errors import ArchiveDamaged, ArchiveNotFound, ArchiveOccupied
from pitwall.ingest.archive.index import locked, read_index, sync_directory, write_index
from pitwall.ingest.archive.packing import Facts, holds, pack, unpack_facts, unpacked
from pitwall.ingest.archive.selection import old_files, why_kept
from pitwall.ingest.archive.types import (
    ArchivedFile,
    FileOutcome,
    Imported,
    Outcome,
    Restored,
    RunOutcome,
)
from pitwall.ingest.files.contents import inode_of, open_content
from pitwall.ingest.files.importer import FileImport, ImportOptions
from pitwall.ingest.files.types import Reader, SourceSink
from pitwall.kit.clock import Clock
from pitwall.kit.i18n import Text
from pitwall.stores.state import AuditEntry, AuditLog, StateStore

log = structlog.get_logger(__name__)

PARTIAL = ".partial-"
_SUFFIX = ".zst"
_HASH_DIGITS = 12
_CHANGED = Text("it was written while it was packed", "압축하는 동안 파일이 바뀌었습니다")
_FAILED = Text("{reason}", "{reason}")


@dataclass(frozen=True, slots=True)
class ArchiveParts:
    """What the archive works with.

    Attributes:
        directory: Where packed files and their index are.
        max_bytes: Size at which the oldest are deleted; None deletes none.
        sink: Returns the sources of a project.
    """

    directory: Path
    max_bytes: int | None
    sink: Callable[[str], SourceSink]
    state: StateStore
    clock: Clock


class Archive:
    """The archive of a server; calls block and may come from any thread."""

    def __init__(self, parts: ArchiveParts) -> None:
        self._parts = parts
        self._directory = parts.directory
        self._lock = threading.Lock()

    def list(
        self, project: str, since: datetime | None, until: datetime | None, contains: str = ""
    ) -> list[ArchivedFile]:
        """Return the files of a project that may hold something of a range, newest first.

        Args:
            contains: Only files in which this text stands; each is unpacked to look.
        """
        entries = [one for one in read_index(self._directory).values() if one.project == project]
        text = contains.encode("utf-8", "surrogatepass")
        found = [
            entry
            for entry in entries
            if entry.overlaps(since, until) and (not text or holds(self._directory / entry.name, text))
        ]
        return sorted(found, key=lambda entry: (entry.archived_at, entry.name), reverse=True)

    def run(self, project: str, directory: Path, older_than: timedelta) -> RunOutcome:
        """Archive the old files of a directory, then delete the oldest archives if there is a limit.

        Raises:
            InvalidInput: The directory is the archive itself, or is not there.
            ArchiveInUse: Another process is at work.
            ArchiveDamaged: The index cannot be read.
        """
        self._check(directory)
        with self._lock, locked(self._directory):
            self._recover(directory)
            before = self._parts.clock.now() - older_than
            sources = self._parts.sink(project).sources()
            files = []
            for path in old_files(directory, before):
                reason = why_kept(path, sources)
                kept = FileOutcome(path, Outcome.KEPT, reason=reason)
                files.append(kept if reason is not None else self._archive(project, path))
            return RunOutcome(tuple(files), tuple(self._prune()))

    def restore(self, name: str, *, by: Principal) -> Restored:
        """Put an archived file back where it was; the archive keeps its own.

        What is imported of it already is not imported again, and it is archived again once it is old.

        Raises:
            ArchiveNotFound: The project has none of that name.
            ArchiveDamaged: It is not what was archived; nothing is written.
            ArchiveOccupied: There is another file of its name.
            InvalidInput: Its directory is not there any more.
        """
        require(by, Scope.ACT)
        entry = self._find(by.project_id, name)
        target = Path(entry.directory) / entry.original.removesuffix(".gz").removesuffix(_SUFFIX)
        if not target.parent.is_dir():
            raise InvalidInput(
                f"There is no directory {target.parent} any more.",
                code="archive.no_directory",
                hint="Make it, or import the archive: `pitwall archive import NAME`.",
            )
        with self._lock, locked(self._directory):
            if not _is_restored(target, entry):
                self._unpack(entry, target)
        self._note("archive.restored", entry, by)
        return Restored(entry, target)

    def import_(self, name: str, *, by: Principal) -> Imported:
        """Import an archived file into the caller's project; records that are there are not stored again.

        Raises:
            ArchiveNotFound: The archive has none of that name.
            ArchiveDamaged: It cannot be unpacked.
            LimitExceeded, Unavailable: The store takes nothing.
        """
        require(by, Scope.ACT)
        entry = self._find(None if by.may_choose_project else by.project_id, name)
        content = open_content(self._directory / entry.name)
        options = ImportOptions(Reader("jsonl"), skip_invalid=True)
        path = Path(entry.directory) / entry.original
        file = FileImport(path, content, self._parts.sink(by.project_id), options)
        try:
            file.advance(is_final=True)
        finally:
            file.close()
        self._note("archive.imported", entry, by)
        progress = file.progress
        return Imported(entry, progress.rows, progress.skipped, progress.rejected)

    def _check(self, directory: Path) -> None:
        if not directory.is_dir():
            raise InvalidInput(
                f"There is no directory {directory}.",
                code="archive.no_directory",
                hint="Name the directory of the trace files, or set ingest.trace_dir.",
            )
        if directory.resolve() == self._directory.resolve():
            raise InvalidInput(
                f"{directory} is the archive itself.",
                code="archive.same_directory",
                hint="Set archive.dir to another directory than that of the trace files.",
            )

    def _archive(self, project: str, path: Path) -> FileOutcome:
        try:
            return self._archive_file(project, path)
        except (PitwallError, OSError) as error:
            log.warning("archive.failed", path=str(path), error=str(error))
            reason = Text(_FAILED.en.format(reason=error), _FAILED.ko.format(reason=error))
            return FileOutcome(path, Outcome.FAILED, reason=reason)

    def _archive_file(self, project: str, path: Path) -> FileOutcome:
        """Pack, compare, put in place, write into the index, remove the original: in this order."""
        looked = path.stat()
        partial = self._directory / f"{PARTIAL}{path.name}"
        facts = pack(path, partial)
        if unpack_facts(partial).sha256 != facts.sha256:
            raise ArchiveDamaged(f"{partial} is not what {path} holds.", hint="Check the disk.")
        if _state(path.stat()) != _state(looked):
            return FileOutcome(path, Outcome.KEPT, reason=_CHANGED)
        entry = self._entry(project, path, partial.stat().st_size, facts)
        partial.replace(self._directory / entry.name)
        sync_directory(self._directory)
        index = read_index(self._directory)
        entry = index.setdefault(entry.name, entry)
        write_index(self._directory, index.values())
        if _state(path.stat()) != _state(looked):
            return FileOutcome(path, Outcome.KEPT, reason=_CHANGED)
        path.unlink()
        sync_directory(path.parent)
        log.info("archive.archived", path=str(path), name=entry.name, rows=entry.rows)
        return FileOutcome(path, Outcome.ARCHIVED, entry)

    def _entry(self, project: str, path: Path, packed_bytes: int, facts: Facts) -> ArchivedFile:
        return ArchivedFile(
            name=archive_name(path.name, project, facts.sha256),
            project=project,
            original=path.name,
            directory=str(path.parent.resolve()),
            since=facts.since,
            until=facts.until,
            rows=facts.rows,
            bytes=facts.size,
            packed_bytes=packed_bytes,
            sha256=facts.sha256,
            archived_at=self._parts.clock.now(),
        )

    def _recover(self, directory: Path) -> None:
        """Finish what a killed run began: forget half a file, and take a whole one into the index."""
        for partial in self._directory.glob(f"{PARTIAL}*"):
            partial.unlink()
        index = read_index(self._directory)
        known = {entry.name for entry in index.values()}
        orphans = [path for path in self._directory.glob(f"*{_SUFFIX}") if path.name not in known]
        for path in sorted(orphans):
            entry = self._adopted(directory, path)
            if entry is not None:
                index[entry.name] = entry
                write_index(self._directory, index.values())

    def _adopted(self, directory: Path, path: Path) -> ArchivedFile | None:
        """The entry of a packed file that has none; None for a file that is none of ours."""
        try:
            original, project, digest = path.name.removesuffix(_SUFFIX).rsplit(".", 2)
            facts = unpack_facts(path)
        except (ValueError, ArchiveDamaged) as error:
            log.warning("archive.stranger", name=path.name, error=str(error))
            return None
        if not facts.sha256.startswith(digest):
            log.warning("archive.stranger", name=path.name)
            return None
        log.info("archive.adopted", name=path.name)
        return self._entry(project, directory / original, path.stat().st_size, facts)

    def _prune(self) -> Iterator[ArchivedFile]:
        """Delete the oldest archives while all of them are larger than allowed."""
        limit = self._parts.max_bytes
        index = read_index(self._directory)
        total = sum(entry.packed_bytes for entry in index.values())
        for entry in sorted(index.values(), key=_age):
            if limit is None or total <= limit:
                return
            del index[entry.name]
            write_index(self._directory, index.values())
            (self._directory / entry.name).unlink(missing_ok=True)
            total -= entry.packed_bytes
            log.warning("archive.deleted", name=entry.name, rows=entry.rows, limit_bytes=limit)
            yield entry

    def _find(self, project: str | None, name: str) -> ArchivedFile:
        entry = read_index(self._directory).get(name)
        if entry is None or (project is not None and entry.project != project):
            raise ArchiveNotFound(f"The archive has no file {name!r}.", hint="See `pitwall archive list`.")
        return entry

    def _unpack(self, entry: ArchivedFile, target: Path) -> None:
        packed = self._directory / entry.name
        if unpack_facts(packed).sha256 != entry.sha256:
            raise ArchiveDamaged(f"The archived file {packed} is not what was archived.")
        partial = target.with_name(f"{PARTIAL}{target.name}")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            for piece in unpacked(packed):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
        sync_directory(target.parent)

    def _note(self, action: str, entry: ArchivedFile, by: Principal) -> None:
        with self._parts.state.session() as session:
            AuditLog(session).record(
                AuditEntry(
                    at=self._parts.clock.now(),
                    actor=by.actor,
                    action=action,
                    object=f"archive:{entry.name}",
                    project_id=by.project_id,
                    details={"rows": entry.rows, "sha256": entry.sha256},
                )
            )


def archive_name(name: str, project: str, digest: str) -> str:
    """Name of a packed file: what it was called, and enough of its hash to tell it from others."""
    plain = name.removesuffix(".gz").removesuffix(_SUFFIX)
    return f"{plain}.{project}.{digest[:_HASH_DIGITS]}{_SUFFIX}"


def _state(status: os.stat_result) -> tuple[str, int, int]:
    return inode_of(status), status.st_size, status.st_mtime_ns


def _age(entry: ArchivedFile) -> tuple[datetime, str]:
    return entry.until or entry.archived_at, entry.name


def _is_restored(target: Path, entry: ArchivedFile) -> bool:
    """Whether the file is back already.

    Raises:
        ArchiveOccupied: Another file has its name.
    """
    if not target.exists():
        return False
    content, facts = open_content(target), Facts()
    try:
        while piece := content.read_at(facts.size, 1 << 20):
            facts.add(piece)
    finally:
        content.close()
    if facts.sha256 == entry.sha256:
        return True
    raise ArchiveOccupied(
        f"There is another file {target}.", hint="Move it away, or import the archive instead."
    )
