"""Writing versions, and doing away with them, in transactions so short that others can write too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from pitwall.access.types import Principal
from pitwall.evals.datasets.errors import DatasetChanged
from pitwall.evals.datasets.lookup import find_dataset
from pitwall.evals.datasets.repository import StoredDatasets
from pitwall.evals.datasets.staging import NewVersion, StagedRow, Staging
from pitwall.evals.datasets.types import DatasetVersion, Imported
from pitwall.kit.clock import Clock
from pitwall.stores.state import AuditEntry, AuditLog, Projects, StateStore

_WRITTEN_AT_ONCE = 1_000
_ABANDONED_AFTER = timedelta(days=1)
"""How long after it was begun a version that has no number yet counts as left behind by a crash."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a version is being written."""

    name: str
    dataset_id: str
    version_id: str
    based_on: DatasetVersion | None = None


class VersionWriter:
    """Writes and removes versions; calls block.

    Args:
        state: Where they are.
        clock: When it was done.
    """

    def __init__(self, state: StateStore, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def write(
        self,
        name: str,
        staging: Staging,
        new: NewVersion,
        by: Principal,
        based_on: DatasetVersion | None = None,
    ) -> Imported:
        """Make a version of what was staged, or find the one that has it already.

        Raises:
            DatasetChanged: The version that it is based on is not the newest any more.
        """
        now = self._clock.now()
        self._clear_away(by.project_id, now - _ABANDONED_AFTER)
        with self._state.session() as session:
            Projects(session).get(by.project_id)
            stored = StoredDatasets(session, by.project_id)
            stored.lock()
            dataset_id = stored.ensure(name, at=now, by=by.actor)
            known = stored.find_equal(dataset_id, staging.content_hash, new)
            if known is not None:
                return Imported(dataset=find_dataset(stored, name), version=known, is_new=False)
            version_id = stored.begin(dataset_id, staging, new, at=now, by=by.actor)
        try:
            return self._write_examples(_Place(name, dataset_id, version_id, based_on), staging, by)
        except BaseException:
            self.remove(by.project_id, [version_id])
            raise

    def _clear_away(self, project_id: str, before: datetime) -> None:
        """Remove what crashes left half written or half deleted."""
        with self._state.session(read_only=True) as session:
            left = StoredDatasets(session, project_id).unfinished(before)
        self.remove(project_id, left)

    def _write_examples(self, place: _Place, staging: Staging, by: Principal) -> Imported:
        """Write piece by piece; the last transaction shows the version."""
        for rows in _batches(staging.rows()):
            with self._state.session() as session:
                stored = StoredDatasets(session, by.project_id)
                stored.lock()
                stored.add(place.version_id, rows)
        with self._state.session() as session:
            stored = StoredDatasets(session, by.project_id)
            stored.lock()
            _check_newest(stored, place)
            stored.finish(place.version_id, place.dataset_id)
            dataset = find_dataset(stored, place.name)
            version = dataset.latest
            details = {
                "version": version.number,
                "examples": version.example_count,
                "hash": version.content_hash,
            }
            entry = audit_entry("dataset.version_added", place.name, by, details, self._clock.now())
            AuditLog(session).record(entry)
        return Imported(dataset=dataset, version=version, is_new=True)

    def remove(self, project_id: str, version_ids: Iterable[str]) -> None:
        """Do away with versions that were hidden."""
        for version_id in version_ids:
            has_more = True
            while has_more:
                with self._state.session() as session:
                    stored = StoredDatasets(session, project_id)
                    stored.lock()
                    has_more = stored.remove_some(version_id, _WRITTEN_AT_ONCE)


def audit_entry(
    action: str, name: str, by: Principal, details: Mapping[str, object], at: datetime
) -> AuditEntry:
    """What the audit log says of a change to a dataset."""
    return AuditEntry(
        at=at,
        actor=by.actor,
        action=action,
        object=f"dataset:{name}",
        project_id=by.project_id,
        details=details,
    )


def _batches(rows: Iterator[StagedRow]) -> Iterator[list[StagedRow]]:
    while batch := list(islice(rows, _WRITTEN_AT_ONCE)):
        yield batch


def _check_newest(stored: StoredDatasets, place: _Place) -> None:
    if place.based_on is None:
        return
    now = stored.version(place.dataset_id)
    if now is None or now.id != place.based_on.id:
        raise DatasetChanged(
            f"Dataset {place.name!r} got another version in the meantime.",
            hint="Do it again; nothing was kept.",
        )
