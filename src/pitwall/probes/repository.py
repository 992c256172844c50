"""All SQL about probes that teams saved, and about what probes found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, select, update

from pitwall.probes.types import PROBE, Probe, ProbeRecord, probe_view
from pitwall.probes.wire import read_record, record_view
from pitwall.stores.state.tables import probe_records, probes

log = structlog.get_logger(__name__)


class StoredProbes:
    """Probes of one project, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def list(self) -> list[Probe]:
        """Return all of them by name."""
        query = (
            select(probes.c.content).where(probes.c.project_id == self._project_id).order_by(probes.c.name)
        )
        contents = self._connection.execute(query).scalars()
        return [probe for content in contents if (probe := _read(content)) is not None]

    def find(self, name: str) -> Probe | None:
        """Return one, or None."""
        query = select(probes.c.content).where(self._is(probes, name))
        content = self._connection.execute(query).scalar()
        return None if content is None else _read(content)

    def count(self) -> int:
        """Return how many there are."""
        query = select(func.count()).where(probes.c.project_id == self._project_id)
        return self._connection.execute(query).scalar_one()

    def save(self, probe: Probe, *, at: datetime, by: str) -> None:
        """Add or replace a probe."""
        values = {"content": probe_view(probe), "updated_at": at, "updated_by": by}
        self._put(probes, probe.name, values)

    def remove(self, name: str) -> bool:
        """Forget a probe and what it found; returns whether there was one."""
        self._connection.execute(delete(probe_records).where(self._is(probe_records, name)))
        return self._connection.execute(delete(probes).where(self._is(probes, name))).rowcount > 0

    def records(self) -> dict[str, ProbeRecord]:
        """Return what the probes found, by name."""
        query = select(probe_records).where(probe_records.c.project_id == self._project_id)
        rows = self._connection.execute(query).mappings()
        return {row["name"]: read_record(row["content"], row["since"]) for row in rows}

    def record(self, name: str) -> ProbeRecord | None:
        """Return what one probe found, or None."""
        query = select(probe_records).where(self._is(probe_records, name))
        row = self._connection.execute(query).mappings().first()
        return None if row is None else read_record(row["content"], row["since"])

    def save_record(self, name: str, record: ProbeRecord) -> None:
        """Keep what a probe found."""
        self._put(probe_records, name, {"content": record_view(record), "since": record.since})

    def _put(self, table: Table, name: str, values: dict[str, Any]) -> None:
        changed = self._connection.execute(update(table).where(self._is(table, name)).values(**values))
        if not changed.rowcount:
            key = {"project_id": self._project_id, "name": name}
            self._connection.execute(insert(table).values(**key, **values))

    def _is(self, table: Table, name: str) -> ColumnElement[bool]:
        return (table.c.project_id == self._project_id) & (table.c.name == name)


def all_probes(connection: Connection) -> list[tuple[str, Probe]]:
    """Return the probes of every project with their projects."""
    query = select(probes.c.project_id, probes.c.content).order_by(probes.c.project_id, probes.c.name)
    rows = connection.execute(query)
    return [(project_id, probe) for project_id, content in rows if (probe := _read(content)) is not None]


def changed_at(connection: Connection) -> tuple[int, datetime | None]:
    """Return something that changes whenever a probe of any project does."""
    row = connection.execute(select(func.count(), func.max(probes.c.updated_at))).one()
    return row[0], row[1]


def _read(content: Any) -> Probe | None:
    """A probe as it was saved; one that this version cannot run leaves the others going."""
    try:
        return PROBE.validate_python(content)
    except ValidationError as error:
        log.error("probe.unreadable", content=content, error=str(error))
        return None
