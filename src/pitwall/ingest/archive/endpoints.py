"""`/api/v1/archive`: looking into the archive of trace files with the scope read, the rest with act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.errors import InvalidInput
from pitwall.core.vocabulary import Scope
from pitwall.ingest.archive.schemas import ArchiveList, ArchiveRunBody, ImportedView, RestoredView, RunView
from pitwall.ingest.archive.service import Archive
from pitwall.kit.clock import Clock
from pitwall.kit.durations import InvalidInstant, parse_instant
from pitwall.kit.paging import InvalidCursor, decode_cursor, encode_cursor

DEFAULT_DAYS = 30
Reader = Annotated[Principal, requires(Scope.READ)]
Operator = Annotated[Principal, requires(Scope.ACT)]
_CURSOR = "archive"


@dataclass(frozen=True, slots=True)
class ArchiveDefaults:
    """What a run takes that says nothing: where trace files are, and how old they have to be."""

    directory: Path | None
    after_days: int | None


def archive_router(archive: Archive, defaults: ArchiveDefaults, clock: Clock) -> APIRouter:
    """Return the endpoints of the archive; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/archive", tags=["archive"])
    _add_reading(router, archive, clock)
    _add_changing(router, archive, defaults)
    return router


def _add_reading(router: APIRouter, archive: Archive, clock: Clock) -> None:
    @router.get("", summary="List archived trace files")
    def list_archive(
        principal: Reader,
        since: Annotated[str | None, Query(description="Only what may be later, such as `now-90d`.")] = None,
        until: Annotated[str | None, Query(description="Only what may be earlier.")] = None,
        contains: Annotated[
            str, Query(max_length=1000, description="Only files in which this text stands; slow.")
        ] = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        cursor: str | None = None,
    ) -> ArchiveList:
        """Return the files of the project's archive, newest first."""
        start, end = (_instant(text, clock) for text in (since, until))
        after = _position(cursor)
        found = [
            entry
            for entry in archive.list(principal.project_id, start, end, contains)
            if after is None or (entry.archived_at, entry.name) < after
        ]
        shown = found[:limit]
        last = shown[-1] if len(found) > limit else None
        following = None if last is None else encode_cursor(_CURSOR, last.archived_at.isoformat(), last.name)
        return ArchiveList.of(shown, following)


def _add_changing(router: APIRouter, archive: Archive, defaults: ArchiveDefaults) -> None:
    @router.post("/run", summary="Archive old trace files")
    def run_archive(principal: Operator, body: ArchiveRunBody | None = None) -> RunView:
        """Pack and move the old files of a directory; what is not wholly imported stays, with the reason."""
        wanted = body or ArchiveRunBody()
        directory = defaults.directory if wanted.directory is None else Path(wanted.directory)
        if directory is None:
            raise InvalidInput(
                "No directory is given.",
                code="archive.no_directory",
                hint="Name the directory of the trace files, or set ingest.trace_dir.",
            )
        days = wanted.older_than_days or defaults.after_days or DEFAULT_DAYS
        return RunView.of(archive.run(principal.project_id, directory, timedelta(days=days)))

    @router.post("/{name}/restore", summary="Put an archived file back")
    def restore_file(principal: Operator, name: str) -> RestoredView:
        """Unpack a file to where it was; its records are not imported a second time."""
        return RestoredView.of(archive.restore(name, by=principal))

    @router.post("/{name}/import", summary="Import an archived file")
    def import_file(principal: Operator, name: str) -> ImportedView:
        """Import a file into the project; records that are there already are not stored again."""
        return ImportedView.of(archive.import_(name, by=principal))


def _instant(text: str | None, clock: Clock) -> datetime | None:
    try:
        return None if text is None else parse_instant(text, now=clock.now())
    except InvalidInstant as error:
        raise InvalidInput(f"{error}.") from error


def _position(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    try:
        at, name = decode_cursor(_CURSOR, cursor)
        return datetime.fromisoformat(str(at)), str(name)
    except (InvalidCursor, ValueError) as error:
        raise InvalidInput(f"{error}.", code="archive.bad_cursor") from error
