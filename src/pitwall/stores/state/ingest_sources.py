"""Where the import of each file stands, so that it goes on from there after a restart."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from pitwall.stores.state.tables import ingest_sources


@dataclass(frozen=True, slots=True)
class IngestSource:
    """One imported or followed file.

    Attributes:
        source_id: Identity that survives renames (rotation), chosen by the importer.
        kind: Which importer, such as `jsonl` or `csv`.
        path: Where the file was last seen.
        next_offset: Bytes of it that are acknowledged; reading goes on there.
        fingerprint: Of the first bytes, to tell a grown file from another one of the same name.
        rows: Records accepted so far.
        rejected: Records refused so far.
    """

    project_id: str
    source_id: str
    kind: str
    path: str
    next_offset: int
    fingerprint: str
    rows: int
    rejected: int
    updated_at: datetime


class IngestSources:
    """All SQL about import positions, within the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, project_id: str, source_id: str) -> IngestSource | None:
        """Return the position of one source, or None if it was never imported."""
        query = select(ingest_sources).where(
            ingest_sources.c.project_id == project_id, ingest_sources.c.source_id == source_id
        )
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _source(row)

    def list(self, project_id: str) -> list[IngestSource]:
        """Return all sources of a project, by path."""
        query = (
            select(ingest_sources)
            .where(ingest_sources.c.project_id == project_id)
            .order_by(ingest_sources.c.path, ingest_sources.c.source_id)
        )
        return [_source(row) for row in self._connection.execute(query).mappings()]

    def save(self, source: IngestSource) -> None:
        """Add or replace the position of one source."""
        same = (ingest_sources.c.project_id == source.project_id) & (
            ingest_sources.c.source_id == source.source_id
        )
        changed = self._connection.execute(update(ingest_sources).where(same).values(**asdict(source)))
        if changed.rowcount == 0:
            self._connection.execute(insert(ingest_sources).values(**asdict(source)))

    def forget(self, project_id: str, source_id: str) -> bool:
        """Remove one source, so that the file would be imported again; returns whether it was known."""
        query = delete(ingest_sources).where(
            ingest_sources.c.project_id == project_id, ingest_sources.c.source_id == source_id
        )
        return self._connection.execute(query).rowcount > 0


def _source(row: RowMapping) -> IngestSource:
    return IngestSource(**row)
