"""Which documents the dataset of an evaluation run calls right."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import islice

from sqlalchemy import and_, select

from pitwall.evals.datasets.canonical import read_example
from pitwall.stores.state import StateStore
from pitwall.stores.state.tables import dataset_examples, dataset_version_examples, eval_runs

_MOST_CASES = 500
"""So many cases are looked up; of others it is not known."""


class DatasetLabels:
    """Reads labels of datasets; calls block."""

    def __init__(self, state: StateStore) -> None:
        self._state = state

    def find(self, project_id: str, run_id: str, case_ids: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """Return the documents with a gain by case, for cases of the run's dataset that have any."""
        placed, kept = dataset_version_examples, dataset_examples
        query = (
            select(placed.c.example_id, kept.c.content)
            .join(eval_runs, eval_runs.c.dataset_version_id == placed.c.version_id)
            .join(kept, and_(kept.c.project_id == placed.c.project_id, kept.c.hash == placed.c.example_hash))
            .where(
                eval_runs.c.id == run_id,
                eval_runs.c.project_id == project_id,
                placed.c.example_id.in_(list(islice(sorted(case_ids), _MOST_CASES))),
            )
        )
        with self._state.session(read_only=True) as session:
            rows = session.execute(query).all()
        found = {case: read_example(content).relevance or {} for case, content in rows}
        return {
            case: tuple(document for document, gain in relevance.items() if gain > 0)
            for case, relevance in found.items()
            if relevance
        }
