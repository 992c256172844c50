"""Keeps with a run what it runs on, when it begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from pitwall.evals.datasets.repository import StoredDatasets
from pitwall.evals.metrics.registry import Registry
from pitwall.evals.runs.kept_prompts import KeptPrompts
from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.types import EvalRun
from pitwall.evals.snapshots.service import files_of, find_version, specs_of
from pitwall.evals.snapshots.taking import Subject, take_snapshot
from pitwall.kit.clock import Clock
from pitwall.llm.types import Api
from pitwall.settings.loader import LoadedSettings
from pitwall.stores.state import StateStore

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotKeeper:
    """Takes the snapshot of a run that this process holds; calls block.

    Attributes:
        loaded: The settings in effect; without origins where nobody knows them.
        directory: Whose git tree counts.
        describe_models: Tells how the models of a run are asked.
    """

    state: StateStore
    clock: Clock
    registry: Registry
    loaded: LoadedSettings
    directory: Path
    environ: Mapping[str, str]
    describe_models: Callable[[EvalRun], Mapping[str, Any] | None]

    def __call__(self, run: EvalRun) -> None:
        """Keep the snapshot of a run; a run never fails because it cannot be taken."""
        try:
            self._keep(run, self._take(run))
        except Exception:  # whatever git, a file or the network does: the scores count more
            log.exception("eval_run.snapshot_failed", run_id=run.id)

    def _take(self, run: EvalRun) -> Mapping[str, Any]:
        with self.state.session(read_only=True) as session:
            version = find_version(StoredDatasets(session, run.project_id), run)
            prompts = KeptPrompts(session, run.project_id).of(run)
        described = self.describe_models(run)
        subject = Subject(
            run=run,
            version=version,
            specs=specs_of(run, self.registry.with_prompts(prompts)),
            prompts=prompts,
            files=files_of(run, self.registry),
            digests=_digests(run),
            model_config=None if described is None else dict(described),
        )
        return take_snapshot(
            subject,
            self.loaded,
            now=self.clock.now(),
            directory=self.directory,
            environ=self.environ,
        )

    def _keep(self, run: EvalRun, snapshot: Mapping[str, Any]) -> None:
        assert run.holder is not None
        with self.state.session() as session:
            Runs(session, run.project_id).keep_snapshot(run.id, run.holder, snapshot)


def _digests(run: EvalRun) -> Mapping[str, str]:
    """What the Ollama of the judge says its models are; other servers do not say."""
    judge = run.plan.judge
    if judge is None or judge.api != Api.OLLAMA:
        return {}
    from pitwall.evals.snapshots.digests import ollama_digests  # HTTP, only for runs that need it

    return ollama_digests(judge.base_url)
