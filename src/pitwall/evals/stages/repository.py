"""All SQL about stage events."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, insert, select, update

from pitwall.evals.stages.canonical import event_json, read_stored
from pitwall.evals.stages.types import StageEvent, StageRun
from pitwall.kit.hashing import json_hash
from pitwall.kit.ids import new_id
from pitwall.stores.state.tables import stage_events, stage_runs
from pitwall.stores.state.upserts import insert_new

_AT_ONCE = 500

Item = TypeVar("Item")
Key = tuple[str, int]
"""What names an event in its run."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event with the id that lists go by."""

    id: str
    event: StageEvent


class StageEvents:
    """Stage events of one project, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def lock(self, run_id: str, now: datetime) -> None:
        """Make sure that a run is there, and keep others from adding to it until the transaction ends."""
        values = {
            "project_id": self._project_id,
            "run_id": run_id,
            "event_count": 0,
            "last_id": "",
            "first_at": now,
            "last_at": now,
            "relevance": {},
        }
        insert_new(self._connection, stage_runs, [values])
        self._connection.execute(select(stage_runs.c.run_id).where(self._is_run(run_id)).with_for_update())

    def hashes(self, run_id: str, stage_ids: Collection[str]) -> dict[Key, str]:
        """Return the fingerprints of events that are kept."""
        found: dict[Key, str] = {}
        for some in _chunks(list(stage_ids)):
            query = select(
                stage_events.c.stage_id, stage_events.c.attempt, stage_events.c.content_hash
            ).where(self._of(run_id), stage_events.c.stage_id.in_(some))
            found |= {(row[0], row[1]): row[2] for row in self._connection.execute(query)}
        return found

    def add(self, run_id: str, events: Sequence[StageEvent], now: datetime) -> None:
        """Keep new events of a locked run."""
        rows = [self._row(event, now) for event in events]
        for some in _chunks(rows):
            self._connection.execute(insert(stage_events), some)
        counted = stage_runs.c.event_count + len(rows)
        changed = update(stage_runs).where(self._is_run(run_id))
        self._connection.execute(changed.values(event_count=counted, last_id=rows[-1]["id"], last_at=now))

    def set_relevance(self, run_id: str, relevance: Mapping[str, Sequence[str]]) -> None:
        """Say which documents are right, by case; what was said before is replaced."""
        self._connection.execute(
            update(stage_runs).where(self._is_run(run_id)).values(relevance=dict(relevance))
        )

    def find_run(self, run_id: str) -> StageRun | None:
        """Return a run, or None."""
        row = self._connection.execute(select(stage_runs).where(self._is_run(run_id))).mappings().first()
        return None if row is None else _run(row)

    def newest_run(self) -> StageRun | None:
        """Return the run that events were added to last."""
        found = self.runs(limit=1)
        return found[0] if found else None

    def runs(self, *, limit: int, before: str | None = None) -> list[StageRun]:
        """Return runs that have events, those whose events came last first."""
        mine = and_(stage_runs.c.project_id == self._project_id, stage_runs.c.event_count > 0)
        query = select(stage_runs).where(mine).order_by(stage_runs.c.last_id.desc()).limit(limit)
        if before is not None:
            query = query.where(stage_runs.c.last_id < before)
        return [_run(row) for row in self._connection.execute(query).mappings()]

    def events(
        self, run_id: str, *, limit: int, after: str | None = None, stage_type: str | None = None
    ) -> list[StoredEvent]:
        """Return events of a run in the order they came."""
        query = select(stage_events.c.id, stage_events.c.content).where(self._of(run_id))
        if stage_type is not None:
            query = query.where(stage_events.c.stage_type == stage_type)
        if after is not None:
            query = query.where(stage_events.c.id > after)
        rows = self._connection.execute(query.order_by(stage_events.c.id).limit(limit))
        return [StoredEvent(row[0], read_stored(row[1])) for row in rows]

    def _row(self, event: StageEvent, now: datetime) -> dict[str, Any]:
        content = event_json(event)
        return {
            "id": new_id(),
            "project_id": self._project_id,
            "run_id": event.run_id,
            "stage_id": event.stage_id,
            "attempt": event.attempt,
            "stage_type": event.stage_type,
            "content": content,
            "content_hash": json_hash(content),
            "recorded_at": now,
        }

    def _is_run(self, run_id: str) -> ColumnElement[bool]:
        return and_(stage_runs.c.project_id == self._project_id, stage_runs.c.run_id == run_id)

    def _of(self, run_id: str) -> ColumnElement[bool]:
        return and_(stage_events.c.project_id == self._project_id, stage_events.c.run_id == run_id)


def fingerprint(event: StageEvent) -> str:
    """Return what tells whether two events say the same."""
    return json_hash(event_json(event))


def _run(row: RowMapping) -> StageRun:
    relevance = {case: tuple(ids) for case, ids in row["relevance"].items()}
    return StageRun(
        run_id=row["run_id"],
        event_count=row["event_count"],
        last_id=row["last_id"],
        first_at=row["first_at"],
        last_at=row["last_at"],
        relevance=relevance,
    )


def _chunks(values: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))
