"""What `pitwall eval run` does in its own process: dataset, plan, models, run, and what to tell of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.access.types import Principal
from pitwall.core.errors import PitwallError
from pitwall.evals.datasets.service import Datasets, Upload, parse_reference
from pitwall.evals.datasets.types import DatasetVersion, ReadOptions
from pitwall.evals.judging.prompts import Prompts
from pitwall.evals.metrics.naming import split_names
from pitwall.evals.metrics.registry import load
from pitwall.evals.runs.bench import Bench, work_on
from pitwall.evals.runs.detail import RunDetails
from pitwall.evals.runs.journal import make_holder
from pitwall.evals.runs.judging import Judges
from pitwall.evals.runs.planning import RunOptions
from pitwall.evals.runs.preparing import RunPreparer
from pitwall.evals.runs.prompts_option import chosen_prompts
from pitwall.evals.runs.service import EvalRuns
from pitwall.evals.runs.targets.opening import target_of
from pitwall.evals.runs.terminal import Terminal
from pitwall.evals.runs.types import EvalRun, Mode, RunBudget, RunState, Where
from pitwall.evals.snapshots.keeping import SnapshotKeeper
from pitwall.evals.trackers.repository import TrackerLinks
from pitwall.kit.cli_options import Target
from pitwall.kit.cli_output import OutputFormat
from pitwall.kit.clock import SystemClock
from pitwall.kit.i18n import choose_language
from pitwall.settings import load as load_settings
from pitwall.settings.loader import LoadedSettings
from pitwall.settings.tracker_groups import TrackersSettings
from pitwall.stores.state import StateStore

if TYPE_CHECKING:
    from pitwall.evals.trackers.local import LocalTrackers

_EXIT_FAILED = 1


def run_here(target: Target, output: OutputFormat, values: Mapping[str, Any]) -> int:
    """Do a run in this process; returns the exit code.

    Raises:
        PitwallError: The run cannot begin, or cannot go on.
    """
    loaded = load_settings(environ=target.environ, config=target.config, flags=target.setting_flags())
    terminal = Terminal(choose_language(target.environ))
    state = StateStore(loaded.settings.state_url, clock=SystemClock()).open()
    try:
        desk = _open_desk(target, loaded, state, terminal, values["metric_files"])
        run = desk.resume(values) if values["resume"] else desk.begin(values)
        if run is None:
            return 0
        terminal.show(RunDetails(state, desk.bench.clock).of(run), output)
        desk.track(run)
        if values["auto_analyze"]:
            terminal.analysed(_analyse(desk.bench, run, terminal))
    finally:
        state.close()
    return 0 if run.state is RunState.FINISHED else _EXIT_FAILED


def _open_desk(
    target: Target,
    loaded: LoadedSettings,
    state: StateStore,
    terminal: Terminal,
    metric_files: Sequence[Path],
) -> _Desk:
    """What a run needs in this process."""
    clock, settings = SystemClock(), loaded.settings
    judges = Judges(settings, target.environ, state, clock, target.config)
    registry = load(metric_files)
    bench = Bench(
        state=state,
        clock=clock,
        datasets=Datasets(state, clock),
        registry=registry,
        open_judge=judges.open,
        environ=target.environ,
        note_start=SnapshotKeeper(
            state=state,
            clock=clock,
            registry=registry,
            loaded=loaded,
            directory=Path.cwd(),
            environ=target.environ,
            describe_models=judges.describe,
        ),
    )
    return _Desk(bench, judges, terminal, LOCAL_OPERATOR.on_project(target.project), settings.trackers)


def _analyse(bench: Bench, run: EvalRun, terminal: Terminal) -> Sequence[Path]:
    from pitwall.evals.analysis.after_run import analyse_after_run  # numpy, only now

    return analyse_after_run(bench.state, bench.datasets, bench.clock, run, terminal.language).paths


@dataclass(frozen=True, slots=True)
class _Desk:
    """Begins runs and goes on with them."""

    bench: Bench
    judges: Judges
    terminal: Terminal
    by: Principal
    tracker_settings: TrackersSettings

    def begin(self, values: Mapping[str, Any]) -> EvalRun | None:
        """Plan a run, say what it takes and do it; None if that was all that was asked for."""
        trackers = self._trackers(values)
        options = _run_options(values, chosen_prompts(values["prompts"], self._prompts_of))
        name, version = self._find_dataset(values)
        preparer = RunPreparer(self.bench.datasets, self.bench.registry, self.judges, self._runs)
        prepared = preparer.prepare(name, version, options, values["profile"], by=self.by)
        self.terminal.announce(prepared)
        if values["dry_run"]:
            return None
        run = self._runs.begin(prepared.new(values["name"], Where.CLI), make_holder(), by=self.by)
        if trackers is not None:
            trackers.ask(run, values["trackers"])
        return self._do(run)

    def resume(self, values: Mapping[str, Any]) -> EvalRun:
        """Go on with a run."""
        trackers = self._trackers(values)
        run = self._runs.prepare_resume(values["resume"], _budget(values), by=self.by)
        if trackers is not None:
            trackers.ask(run, values["trackers"])
        return self._do(self._runs.claim(run.id, make_holder(), project_id=self.by.project_id))

    def track(self, run: EvalRun) -> None:
        """Send a run to where it was to be sent; whatever becomes of that is told, and is no failure."""
        with self.bench.state.session(read_only=True) as session:
            links = TrackerLinks(session).of_run(run.id)
        if links:
            self.terminal.tracked(self._sender().send_run(run, self.terminal.sending))

    def _trackers(self, values: Mapping[str, Any]) -> LocalTrackers | None:
        """What sends the run, if trackers are named; they are looked at before anything begins."""
        if not values["trackers"]:
            return None
        sender = self._sender()
        sender.check(values["trackers"])
        return sender

    def _sender(self) -> LocalTrackers:
        from pitwall.evals.trackers.local import LocalTrackers  # only for runs that are sent

        bench = self.bench
        return LocalTrackers(bench.state, bench.datasets, bench.clock, self.tracker_settings, self.by)

    def _prompts_of(self, run_id: str) -> Mapping[str, Any]:
        return self._runs.prompts_of(self.by.project_id, run_id)[1].own

    def _do(self, claimed: EvalRun) -> EvalRun:
        self.terminal.begin(claimed)
        try:
            with self.terminal.watching(claimed) as watch:
                return asyncio.run(work_on(self.bench, claimed, watch=watch))
        except KeyboardInterrupt:
            self.terminal.interrupted(claimed)
            raise
        except PitwallError as error:
            self._note_failure(claimed, error)
            raise

    def _note_failure(self, run: EvalRun, error: PitwallError) -> None:
        """Let a run that could not even begin say why; one that is another's by now is left alone."""
        self._runs.fail(run, error.message)

    def _find_dataset(self, values: Mapping[str, Any]) -> tuple[str, DatasetVersion]:
        """A file becomes a version of a dataset; a name finds one."""
        text = values["dataset"]
        path = Path(text)
        if not path.is_file():
            name, version = parse_reference(text)
            found, its_version = self.bench.datasets.get(self.by.project_id, name, version)
            return found.name, its_version
        options = ReadOptions(skip_invalid=values["skip_invalid"])
        with path.open("rb") as stream:
            imported = self.bench.datasets.import_file(Upload(path.name, stream), options, by=self.by)
        self.terminal.imported(imported)
        return imported.dataset.name, imported.version

    @property
    def _runs(self) -> EvalRuns:
        return EvalRuns(self.bench.state, self.bench.clock)


def _run_options(values: Mapping[str, Any], prompts: Prompts) -> RunOptions:
    metrics = values["metrics"]
    return RunOptions(
        metrics=None if metrics is None else tuple(split_names(metrics)),
        preset=values["preset"],
        mode=Mode(values["mode"]),
        thresholds=dict(values["thresholds"]),
        target=target_of(values),
        budget=_budget(values),
        limit=values["limit"],
        seed=values["seed"],
        repeats=values["repeats"],
        is_fresh=values["is_fresh"],
        prompts=prompts,
    )


def _budget(values: Mapping[str, Any]) -> RunBudget:
    return RunBudget(values["max_calls"], values["max_cost"], values["max_minutes"])
