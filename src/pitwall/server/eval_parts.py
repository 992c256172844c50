"""What evaluations need in a server: datasets, runs, and the jobs that do them and publish their scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pitwall.evals.datasets.service import Datasets
from pitwall.evals.metrics.registry import load
from pitwall.evals.runs.jobs import RunWorker
from pitwall.evals.runs.publishing import ScorePublisher
from pitwall.evals.runs.reading import RunReader
from pitwall.evals.runs.repository import runs_of_versions
from pitwall.evals.runs.service import EvalRuns
from pitwall.ingest.service import AppendLog, IngestService
from pitwall.kit.clock import Clock
from pitwall.settings import LoadedSettings, Settings
from pitwall.stores.state import StateStore
from pitwall.work.jobs import PeriodicJob
from pitwall.work.leases import Lease

if TYPE_CHECKING:
    from pitwall.evals.runs.bench import Bench
    from pitwall.evals.runs.judging import Judges
    from pitwall.evals.runs.preparing import RunPreparer
    from pitwall.server.lifecycle import Component

_PUBLISH_SECONDS = 5.0


class EvalParts:
    """Everything about evaluations."""

    def __init__(
        self, settings: Settings, state: StateStore, clock: Clock, environ: Mapping[str, str]
    ) -> None:
        self._settings = settings
        self._state = state
        self._clock = clock
        self._environ = environ
        self.datasets = Datasets(
            state, clock, scratch_dir=settings.data_dir / "scratch", used_by=runs_of_versions
        )
        self.runs = EvalRuns(state, clock)
        self.reader = RunReader(state, self.datasets)
        self.worker = RunWorker(self._bench, self.runs)

    def preparer(self) -> RunPreparer:
        """Return what plans runs, with the metrics and profiles of now."""
        from pitwall.evals.runs.preparing import RunPreparer

        return RunPreparer(self.datasets, load(), self._judges)

    def components(
        self, log: AppendLog, ingest: IngestService, lease: Callable[[str], Lease | None]
    ) -> list[Component]:
        """The jobs, in the order they start."""
        publisher = ScorePublisher(self._state, self.reader, log, ingest, self._clock)
        publish = PeriodicJob("eval-scores", _PUBLISH_SECONDS, publisher.run, lease=lease("eval-scores"))
        return [self.worker, publish]

    @cached_property
    def _judges(self) -> Judges:
        """Imported, like all that works on runs, when there is one."""
        from pitwall.evals.runs.judging import Judges

        return Judges(self._settings, self._environ, self._state, self._clock)

    def _bench(self) -> Bench:
        from pitwall.evals.runs.bench import Bench
        from pitwall.evals.snapshots.keeping import SnapshotKeeper

        registry = load()
        return Bench(
            state=self._state,
            clock=self._clock,
            datasets=self.datasets,
            registry=registry,
            open_judge=self._judges.open,
            environ=self._environ,
            note_start=SnapshotKeeper(
                state=self._state,
                clock=self._clock,
                registry=registry,
                loaded=LoadedSettings(self._settings, {}, None),
                directory=Path.cwd(),
                environ=self._environ,
            ),
        )
