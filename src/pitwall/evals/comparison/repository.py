"""All SQL of comparisons but that of scores: what cases are about, baselines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import orjson
from sqlalchemy import Connection, RowMapping, select

from pitwall.evals.comparison.types import Baseline
from pitwall.evals.datasets.canonical import example_of
from pitwall.evals.datasets.repository import StoredDatasets
from pitwall.evals.types import Example
from pitwall.kit.hashing import json_hash
from pitwall.stores.state.tables import (
    dataset_examples,
    dataset_version_examples,
    eval_baselines,
)
from pitwall.stores.state.upserts import insert_or_replace

_ASKED = ("question", "reference", "reference_contexts", "relevance", "reference_tool_calls")


class CaseReader:
    """Reads what the cases of a dataset version are about.

    Args:
        connection: The caller's transaction.
    """

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def has_groups(self, version_id: str) -> bool:
        """Tell whether cases of a version belong to groups, without reading them."""
        return StoredDatasets(self._connection, self._project_id).has_groups(version_id)

    def groups(self, version_id: str) -> dict[str, str]:
        """Return the group of each case that has one."""
        written = self._written(version_id)
        return {one["id"]: one["group"] for one in written if one.get("group") is not None}

    def asked(self, version_id: str) -> dict[str, str]:
        """Return a fingerprint of each case without its answer: what is asked and what is right."""
        return {one["id"]: json_hash([one.get(name) for name in _ASKED]) for one in self._written(version_id)}

    def examples(self, version_id: str) -> Iterator[Example]:
        """Yield the examples of a version."""
        return map(example_of, self._written(version_id))

    def _written(self, version_id: str) -> Iterator[Mapping[str, str]]:
        of, one = dataset_version_examples.c, dataset_examples.c
        query = (
            select(one.content)
            .join(dataset_version_examples, (one.project_id == of.project_id) & (one.hash == of.example_hash))
            .where(of.version_id == version_id, of.project_id == self._project_id)
        )
        for (content,) in self._connection.execute(query):
            yield orjson.loads(content)


class Baselines:
    """The runs that others are held against, by dataset and name, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def find(self, dataset: str, name: str) -> Baseline | None:
        """Return a baseline of a dataset."""
        mine = (eval_baselines.c.project_id == self._project_id) & (eval_baselines.c.dataset == dataset)
        query = select(eval_baselines).where(mine, eval_baselines.c.name == name)
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _baseline(row)

    def list(self, dataset: str) -> list[Baseline]:
        """Return the baselines of a dataset by name."""
        mine = (eval_baselines.c.project_id == self._project_id) & (eval_baselines.c.dataset == dataset)
        query = select(eval_baselines).where(mine).order_by(eval_baselines.c.name)
        return [_baseline(row) for row in self._connection.execute(query).mappings()]

    def put(self, baseline: Baseline) -> None:
        """Keep a baseline in place of the one of the same name."""
        row = {
            "project_id": self._project_id,
            "dataset": baseline.dataset,
            "name": baseline.name,
            "run_id": baseline.run_id,
            "set_at": baseline.set_at,
            "set_by": baseline.set_by,
        }
        insert_or_replace(self._connection, eval_baselines, [row])


def _baseline(row: RowMapping) -> Baseline:
    return Baseline(row["dataset"], row["name"], row["run_id"], row["set_at"], row["set_by"])
