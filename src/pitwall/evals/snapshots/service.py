"""What is known of what a run ran on: the snapshot it was begun with, and what can be told of it now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from pitwall.core.errors import PitwallError, Unavailable
from pitwall.evals.datasets.repository import StoredDatasets
from pitwall.evals.datasets.types import DatasetVersion
from pitwall.evals.metrics.naming import parse_name
from pitwall.evals.metrics.registry import Registry, identity
from pitwall.evals.metrics.types import MetricSpec
from pitwall.evals.runs.kept_prompts import KeptPrompts
from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.types import EvalRun, JudgeFacts
from pitwall.evals.snapshots.redaction import Redaction
from pitwall.evals.snapshots.taking import Subject, subject_facts
from pitwall.stores.state import StateStore

log = structlog.get_logger(__name__)

FindRetrievers = Callable[[str, str], list[dict[str, Any]]]
"""Parameters of the searches of a run: project and run."""


@dataclass(frozen=True, slots=True)
class RunSnapshot:
    """What is known of a run.

    Attributes:
        kept: The snapshot that was taken when the run began; None for a run without one.
        facts: What the stores tell of the run now, without its surroundings.
    """

    run: EvalRun
    kept: Mapping[str, Any] | None
    facts: Mapping[str, Any]


class Snapshots:
    """Snapshots of runs; calls block.

    Args:
        load_metrics: Collects the metrics whose prompts can be named, only when somebody asks.
        find_retrievers: Finds parameters of searches.
    """

    def __init__(
        self, state: StateStore, load_metrics: Callable[[], Registry], find_retrievers: FindRetrievers
    ) -> None:
        self._state = state
        self._load_metrics = load_metrics
        self._find_retrievers = find_retrievers

    def get(self, project_id: str, run_id: str) -> RunSnapshot:
        """Return what is known of a run.

        Raises:
            RunNotFound: There is none.
        """
        with self._state.session(read_only=True) as session:
            run = Runs(session, project_id).get(run_id)
            version = find_version(StoredDatasets(session, project_id), run)
            prompts = KeptPrompts(session, project_id).of(run)
        subject = Subject(
            run=run,
            version=version,
            specs=specs_of(run, self._load_metrics().with_prompts(prompts)),
            prompts=prompts,
            retrievers=self._retrievers(project_id, run.id),
        )
        return RunSnapshot(run, run.snapshot, Redaction().apply(subject_facts(subject)))

    def _retrievers(self, project_id: str, run_id: str) -> list[dict[str, Any]]:
        """Parameters of searches; the rest is told also while the telemetry store does not answer."""
        try:
            return self._find_retrievers(project_id, run_id)
        except Unavailable as error:
            log.warning("snapshots.retrievers_not_asked", project=project_id, error=str(error))
            return []


def find_version(datasets: StoredDatasets, run: EvalRun) -> DatasetVersion | None:
    """Return the version of the dataset that a run judges; None if it is gone."""
    dataset = datasets.find(run.dataset)
    if dataset is None:
        return None
    versions = datasets.versions(dataset.id, limit=dataset.version_count)
    return next((version for version in versions if version.id == run.dataset_version_id), None)


def specs_of(run: EvalRun, registry: Registry) -> dict[str, MetricSpec]:
    """Return the metrics of a run as they are known here, as long as they are the same.

    Args:
        registry: The metrics, asking with the prompts of the run.
    """
    judge = run.plan.judge or JudgeFacts("", "")
    found = {}
    for planned in run.plan.metrics:
        try:
            metric = registry.find(planned.name)
        except PitwallError:
            continue  # of a file or a package that is not here
        if identity(metric, judge.model or None, judge.embedding_model) == planned.identity:
            found[planned.name] = metric.spec
    return found


def files_of(run: EvalRun, registry: Registry) -> dict[str, Path]:
    """Return the files in which metrics of a run stand, by metric."""
    sources = {one.name: registry.sources.get(parse_name(one.name).base) for one in run.plan.metrics}
    return {name: Path(source) for name, source in sources.items() if source and Path(source).is_file()}
