"""What evaluations need in a server: datasets, runs, and the jobs that do them and publish their scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pitwall.evals.datasets.service import Datasets
from pitwall.evals.metrics.registry import load
from pitwall.evals.runs.dataset_facts import KeptCounts
from pitwall.evals.runs.jobs import RunWorker
from pitwall.evals.runs.publishing import ScorePublisher
from pitwall.evals.runs.reading import RunReader
from pitwall.evals.runs.repository import runs_of_versions, runs_that_need_calls
from pitwall.evals.runs.service import EvalRuns
from pitwall.evals.trackers.jobs import TrackerWorker
from pitwall.evals.trackers.service import Trackers
from pitwall.ingest.service import AppendLog, IngestService
from pitwall.kit.clock import Clock
from pitwall.llm.profiles import ModelProfiles
from pitwall.llm.retention import INTERVAL_SECONDS as FORGET_SECONDS
from pitwall.llm.retention import CallRetention
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
        self._counts = KeptCounts()
        self.reader = RunReader(state, self.datasets)
        self.worker = RunWorker(self._bench, self.runs)
        self.trackers = Trackers(state=state, clock=clock, reader=self.reader, settings=settings.trackers)
        self.tracker_worker: TrackerWorker | None = None

    def wake_trackers(self) -> None:
        """Let the job of trackers look now, if it runs in this process."""
        if self.tracker_worker is not None:
            self.tracker_worker.wake()

    def profiles(self) -> ModelProfiles:
        """Return the profiles of models as they are now."""
        return self._judges.profiles()

    def preparer(self) -> RunPreparer:
        """Return what plans runs, with the metrics and profiles of now."""
        from pitwall.evals.runs.preparing import RunPreparer

        return RunPreparer(self.datasets, load(), self._judges, self.runs, self._counts)

    def components(
        self, log: AppendLog, ingest: IngestService, lease: Callable[[str], Lease | None]
    ) -> list[Component]:
        """The jobs, in the order they start."""
        publisher = ScorePublisher(self._state, self.reader, log, ingest, self._clock)
        publish = PeriodicJob("eval-scores", _PUBLISH_SECONDS, publisher.run, lease=lease("eval-scores"))
        self.tracker_worker = TrackerWorker(self.trackers, lease("eval-trackers"))
        days = timedelta(days=self._settings.models.calls_days)
        retention = CallRetention(self._state, self._clock, days, runs_that_need_calls())
        forget = PeriodicJob("llm-calls", FORGET_SECONDS, retention.run, lease=lease("llm-calls"))
        return [self.worker, publish, self.tracker_worker, forget]

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
                describe_models=self._judges.describe,
            ),
        )
