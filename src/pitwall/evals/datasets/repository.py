"""All SQL about datasets; an example is stored once in a project, however many versions have it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, delete, func, insert, select, update

from pitwall.evals.datasets.staging import NewVersion, StagedRow, Staging
from pitwall.evals.datasets.types import Dataset, DatasetVersion, Facts
from pitwall.kit.ids import new_id
from pitwall.stores.state.tables import (
    dataset_examples,
    dataset_version_examples,
    dataset_versions,
    datasets,
    projects,
)
from pitwall.stores.state.upserts import insert_new

_BATCH = 500


class StoredDatasets:
    """Datasets of one project, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def lock(self) -> None:
        """Let nobody else write datasets of this project until the transaction ends."""
        mine = select(projects.c.id).where(projects.c.id == self._project_id)
        self._connection.execute(mine.with_for_update(key_share=True))

    def find(self, name: str) -> Dataset | None:
        """Return a dataset by name; None if it has no version."""
        row = self._connection.execute(self._listed().where(datasets.c.name == name)).mappings().first()
        return None if row is None else _dataset(row)

    def page(self, *, limit: int, after: str | None = None) -> list[Dataset]:
        """Return datasets by name, behind the last seen."""
        query = self._listed().order_by(datasets.c.name).limit(limit)
        if after is not None:
            query = query.where(datasets.c.name > after)
        return [_dataset(row) for row in self._connection.execute(query).mappings()]

    def versions(self, dataset_id: str, *, limit: int, before: int | None = None) -> list[DatasetVersion]:
        """Return versions, newest first, below the last seen."""
        query = self._versions(dataset_id).order_by(dataset_versions.c.number.desc()).limit(limit)
        if before is not None:
            query = query.where(dataset_versions.c.number < before)
        return [_version(row) for row in self._connection.execute(query).mappings()]

    def version(
        self, dataset_id: str, *, number: int | None = None, label: str | None = None
    ) -> DatasetVersion | None:
        """Return a version by number, else the newest of a label, else the newest."""
        query = self._versions(dataset_id)
        if number is not None:
            query = query.where(dataset_versions.c.number == number)
        if label is not None:
            query = query.where(dataset_versions.c.label == label)
        query = query.order_by(dataset_versions.c.number.desc()).limit(1)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _version(row)

    def find_equal(self, dataset_id: str, content_hash: str, new: NewVersion) -> DatasetVersion | None:
        """Return the newest version with the same examples that says nothing else than a new one would."""
        query = self._versions(dataset_id).where(dataset_versions.c.content_hash == content_hash)
        for row in self._connection.execute(query.order_by(dataset_versions.c.number.desc())).mappings():
            if new.label in (None, row["label"]) and new.thresholds in (None, row["thresholds"]):
                return _version(row)
        return None

    def ensure(self, name: str, *, at: datetime, by: str) -> str:
        """Return the id of the dataset of a name, which is made if there is none."""
        mine = (datasets.c.project_id == self._project_id) & (datasets.c.name == name)
        known = self._connection.execute(select(datasets.c.id).where(mine)).scalar()
        if known is not None:
            return str(known)
        values = {"id": new_id(), "project_id": self._project_id, "name": name}
        self._connection.execute(
            insert(datasets).values(**values, last_number=0, created_at=at, created_by=by)
        )
        return values["id"]

    def begin(self, dataset_id: str, staging: Staging, new: NewVersion, *, at: datetime, by: str) -> str:
        """Make room for a version, which nobody sees before it is finished; returns its id."""
        values = {
            "id": new_id(),
            "project_id": self._project_id,
            "dataset_id": dataset_id,
            "content_hash": staging.content_hash,
            "label": new.label,
            "thresholds": new.thresholds or {},
            "example_count": len(staging),
            "facts": asdict(staging.facts),
            "source": new.source,
            "created_at": at,
            "created_by": by,
        }
        self._connection.execute(insert(dataset_versions).values(**values))
        return str(values["id"])

    def add(self, version_id: str, rows: Sequence[StagedRow]) -> None:
        """Add examples to a version that is being written."""
        mine = self._project_id
        insert_new(
            self._connection,
            dataset_examples,
            [{"project_id": mine, "hash": row.hash, "content": row.content} for row in rows],
        )
        self._connection.execute(
            insert(dataset_version_examples),
            [
                {
                    "version_id": version_id,
                    "position": row.position,
                    "project_id": mine,
                    "example_id": row.example_id,
                    "example_hash": row.hash,
                }
                for row in rows
            ],
        )

    def finish(self, version_id: str, dataset_id: str) -> None:
        """Give a version that was written its number, and with it to everybody."""
        this_dataset = datasets.c.id == dataset_id
        grown = update(datasets).where(this_dataset).values(last_number=datasets.c.last_number + 1)
        self._connection.execute(grown)
        number = self._connection.execute(select(datasets.c.last_number).where(this_dataset)).scalar_one()
        this = dataset_versions.c.id == version_id
        self._connection.execute(update(dataset_versions).where(this).values(number=number))

    def has_groups(self, version_id: str) -> bool:
        """Tell whether examples of a version belong to groups, without reading them."""
        query = select(dataset_versions.c.facts).where(
            dataset_versions.c.id == version_id, dataset_versions.c.project_id == self._project_id
        )
        facts = self._connection.execute(query).scalar()
        return bool(facts and facts["fields"].get("group"))

    def examples(self, version_id: str, *, limit: int, after: int = -1) -> list[tuple[int, str]]:
        """Return positions and stored texts of examples, behind the last seen."""
        of, one = dataset_version_examples.c, dataset_examples.c
        query = (
            select(of.position, one.content)
            .join(dataset_examples, (one.project_id == of.project_id) & (one.hash == of.example_hash))
            .where(of.version_id == version_id, of.project_id == self._project_id, of.position > after)
            .order_by(of.position)
            .limit(limit)
        )
        return [(position, content) for position, content in self._connection.execute(query)]

    def examples_at(self, version_id: str, positions: Collection[int]) -> list[tuple[int, str]]:
        """Return positions and stored texts of some examples."""
        of, one = dataset_version_examples.c, dataset_examples.c
        query = (
            select(of.position, one.content)
            .join(dataset_examples, (one.project_id == of.project_id) & (one.hash == of.example_hash))
            .where(of.version_id == version_id, of.project_id == self._project_id)
            .where(of.position.in_(positions))
        )
        return [(position, content) for position, content in self._connection.execute(query)]

    def hashes(self, version_id: str) -> dict[str, str]:
        """Return the hashes of the examples of a version by their ids, in their order."""
        of = dataset_version_examples.c
        query = select(of.example_id, of.example_hash).where(
            of.version_id == version_id, of.project_id == self._project_id
        )
        rows = self._connection.execute(query.order_by(of.position))
        return {row.example_id: row.example_hash for row in rows}

    def unfinished(self, before: datetime) -> list[str]:
        """Return the ids of versions that somebody began to write before a time and never finished."""
        query = select(dataset_versions.c.id).where(
            dataset_versions.c.project_id == self._project_id,
            dataset_versions.c.number.is_(None),
            dataset_versions.c.created_at < before,
        )
        return [str(id_) for id_ in self._connection.execute(query).scalars()]

    def hide(self, version_ids: Collection[str]) -> None:
        """Take versions from everybody; `remove_some` then does away with them."""
        these = dataset_versions.c.id.in_(version_ids) & (dataset_versions.c.project_id == self._project_id)
        self._connection.execute(update(dataset_versions).where(these).values(number=None))

    def remove_some(self, version_id: str, count: int) -> bool:
        """Remove examples of a hidden version, and what no other version has; tells whether more are left.

        With its last example the version goes, and the dataset with its last version.
        """
        of = dataset_version_examples.c
        mine = (of.version_id == version_id) & (of.project_id == self._project_id)
        query = select(of.position, of.example_hash).where(mine).order_by(of.position).limit(count)
        rows = self._connection.execute(query).all()
        if rows:
            through = of.position <= rows[-1].position
            self._connection.execute(delete(dataset_version_examples).where(mine, through))
            self._remove_orphans([row.example_hash for row in rows])
        if len(rows) == count:
            return True
        self._remove_version(version_id)
        return False

    def _remove_orphans(self, hashes: Sequence[str]) -> None:
        of, one = dataset_version_examples.c, dataset_examples.c
        other = select(of.version_id).where(of.project_id == one.project_id, of.example_hash == one.hash)
        for chunk in _chunks(hashes):
            lonely = (one.project_id == self._project_id) & one.hash.in_(chunk) & ~other.exists()
            self._connection.execute(delete(dataset_examples).where(lonely))

    def _remove_version(self, version_id: str) -> None:
        version = dataset_versions.c
        this = (version.id == version_id) & (version.project_id == self._project_id)
        dataset_id = self._connection.execute(select(version.dataset_id).where(this)).scalar()
        self._connection.execute(delete(dataset_versions).where(this))
        others = select(version.id).where(version.dataset_id == datasets.c.id)
        last = (datasets.c.id == dataset_id) & ~others.exists()
        self._connection.execute(delete(datasets).where(last))

    def _versions(self, dataset_id: str) -> Select[Any]:
        return select(dataset_versions).where(
            dataset_versions.c.dataset_id == dataset_id,
            dataset_versions.c.project_id == self._project_id,
            dataset_versions.c.number.is_not(None),
        )

    def _listed(self) -> Select[Any]:
        """Datasets with their newest version and the number of all."""
        numbers = (
            select(
                dataset_versions.c.dataset_id,
                func.max(dataset_versions.c.number).label("newest"),
                func.count(dataset_versions.c.number).label("version_count"),
            )
            .where(dataset_versions.c.project_id == self._project_id, dataset_versions.c.number.is_not(None))
            .group_by(dataset_versions.c.dataset_id)
            .subquery()
        )
        own = (
            datasets.c.name.label("dataset_name"),
            datasets.c.created_at.label("dataset_created_at"),
            datasets.c.created_by.label("dataset_created_by"),
        )
        return (
            select(dataset_versions, numbers.c.version_count, *own)
            .join(numbers, numbers.c.dataset_id == datasets.c.id)
            .join(
                dataset_versions,
                (dataset_versions.c.dataset_id == datasets.c.id)
                & (dataset_versions.c.number == numbers.c.newest),
            )
            .where(datasets.c.project_id == self._project_id)
        )


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[at : at + _BATCH] for at in range(0, len(values), _BATCH))


def _dataset(row: RowMapping) -> Dataset:
    return Dataset(
        id=row["dataset_id"],
        name=row["dataset_name"],
        created_at=row["dataset_created_at"],
        created_by=row["dataset_created_by"],
        version_count=row["version_count"],
        latest=_version(row),
    )


def _version(row: RowMapping) -> DatasetVersion:
    return DatasetVersion(
        id=row["id"],
        dataset_id=row["dataset_id"],
        number=row["number"],
        content_hash=row["content_hash"],
        label=row["label"],
        thresholds=row["thresholds"],
        example_count=row["example_count"],
        facts=Facts(**row["facts"]),
        source=row["source"],
        created_at=row["created_at"],
        created_by=row["created_by"],
    )
