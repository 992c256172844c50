"""What the archive holds, and what a run of it did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pitwall.kit.i18n import Text


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """One file in the archive.

    Attributes:
        name: Of the packed file; unique in the archive.
        project: Whose records they are.
        original: What the file was called.
        directory: Where it was.
        since, until: Earliest and latest time that a line tells; None if none does.
        rows: Lines.
        bytes: Of the original, unpacked.
        packed_bytes: Of the packed file.
        sha256: Of the original, unpacked.
    """

    name: str
    project: str
    original: str
    directory: str
    since: datetime | None
    until: datetime | None
    rows: int
    bytes: int
    packed_bytes: int
    sha256: str
    archived_at: datetime

    def overlaps(self, since: datetime | None, until: datetime | None) -> bool:
        """Whether the file may hold something of a range; one that tells no times always may."""
        if self.since is None or self.until is None:
            return True
        return (until is None or self.since < until) and (since is None or self.until >= since)


class Outcome(StrEnum):
    """What became of a file that was old enough."""

    ARCHIVED = "archived"
    KEPT = "kept"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one file; `reason` is why it was kept or failed."""

    path: Path
    outcome: Outcome
    archive: ArchivedFile | None = None
    reason: Text | None = None


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What a run did.

    Attributes:
        deleted: Archives that were deleted because of the size limit, oldest first.
    """

    files: tuple[FileOutcome, ...]
    deleted: tuple[ArchivedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Restored:
    """An archived file that is back where it was."""

    archive: ArchivedFile
    path: Path


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import of an archived file stored; `known` records were there already."""

    archive: ArchivedFile
    rows: int
    known: int
    rejected: int
