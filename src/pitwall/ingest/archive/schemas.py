"""The wire shapes of the archive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pitwall.ingest.archive.types import ArchivedFile, Imported, Outcome, Restored, RunOutcome


class ArchivedFileView(BaseModel):
    """A file in the archive."""

    name: str
    project: str
    original: str = Field(description="What the file was called.")
    directory: str = Field(description="Where it was.")
    since: datetime | None = Field(description="Earliest time that a line tells.")
    until: datetime | None = Field(description="Latest time that a line tells.")
    rows: int
    bytes: int = Field(description="Unpacked.")
    packed_bytes: int
    sha256: str = Field(description="Of the unpacked file.")
    archived_at: datetime

    @classmethod
    def of(cls, entry: ArchivedFile) -> Self:
        """Return the view of a file."""
        return cls.model_validate(asdict(entry))


class ArchiveList(BaseModel):
    """Files in the archive, newest first."""

    files: list[ArchivedFileView]
    next_cursor: str | None = Field(description="Where the next page begins; null at the end.")

    @classmethod
    def of(cls, entries: Iterable[ArchivedFile], next_cursor: str | None) -> Self:
        """Return the view of several files."""
        return cls(files=[ArchivedFileView.of(entry) for entry in entries], next_cursor=next_cursor)


class ArchiveRunBody(BaseModel):
    """What is to be archived; everything may be left out."""

    model_config = ConfigDict(extra="forbid")

    directory: Annotated[str, StringConstraints(min_length=1, max_length=4000)] | None = Field(
        default=None, description="Directory of trace files; null for the setting ingest.trace_dir."
    )
    older_than_days: Annotated[float, Field(gt=0, le=36_500)] | None = Field(
        default=None, description="Null for the setting archive.after_days, or 30."
    )


class FileOutcomeView(BaseModel):
    """What became of a file that was old enough."""

    path: str
    outcome: Outcome
    reason: dict[str, str] | None = Field(description="Why it was kept or failed, by language.")
    archive: ArchivedFileView | None


class RunView(BaseModel):
    """What a run did."""

    files: list[FileOutcomeView]
    deleted: list[ArchivedFileView] = Field(description="Deleted because of archive.max_bytes.")

    @classmethod
    def of(cls, outcome: RunOutcome) -> Self:
        """Return the view of a run."""
        files = [
            FileOutcomeView(
                path=str(one.path),
                outcome=one.outcome,
                reason=None if one.reason is None else {"en": one.reason.en, "ko": one.reason.ko},
                archive=None if one.archive is None else ArchivedFileView.of(one.archive),
            )
            for one in outcome.files
        ]
        return cls(files=files, deleted=[ArchivedFileView.of(entry) for entry in outcome.deleted])


class RestoredView(BaseModel):
    """A file that is back."""

    path: str
    archive: ArchivedFileView

    @classmethod
    def of(cls, restored: Restored) -> Self:
        """Return the view of a restored file."""
        return cls(path=str(restored.path), archive=ArchivedFileView.of(restored.archive))


class ImportedView(BaseModel):
    """What an import stored."""

    rows: int = Field(description="Records stored now.")
    known: int = Field(description="Records that were there already.")
    rejected: int = Field(description="Lines put aside.")
    archive: ArchivedFileView

    @classmethod
    def of(cls, imported: Imported) -> Self:
        """Return the view of an import."""
        return cls(
            rows=imported.rows,
            known=imported.known,
            rejected=imported.rejected,
            archive=ArchivedFileView.of(imported.archive),
        )
