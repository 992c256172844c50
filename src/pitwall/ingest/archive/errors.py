"""What can go wrong with the archive."""

from __future__ import annotations

from pitwall.core.errors import Conflict, InvalidInput, NotFound


class ArchiveNotFound(NotFound):
    """The archive has no file of this name."""

    default_code = "archive.not_found"


class ArchiveDamaged(InvalidInput):
    """An archived file, or the index, is not what was written."""

    default_code = "archive.damaged"


class ArchiveInUse(Conflict):
    """Another process is at work on the archive."""

    default_code = "archive.in_use"


class ArchiveOccupied(Conflict):
    """Where the file came from there is another of its name."""

    default_code = "archive.occupied"
