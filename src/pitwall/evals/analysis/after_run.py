"""The analysis that follows a run on the command line."""

from __future__ import annotations

from pathlib import Path

from pitwall.evals.analysis.artifacts import DEFAULT_DIR
from pitwall.evals.analysis.publishing import Published, Wanted, publish
from pitwall.evals.analysis.service import Analyses
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.runs.types import EvalRun
from pitwall.kit.clock import Clock
from pitwall.kit.i18n import Language
from pitwall.stores.state import StateStore


def analyse_after_run(
    state: StateStore,
    datasets: Datasets,
    clock: Clock,
    run: EvalRun,
    language: Language,
    *,
    folder: Path = DEFAULT_DIR,
) -> Published:
    """Analyse a run that is over, keep the analysis, and write its files."""
    analysis = Analyses(state, datasets, clock).get(run.project_id, run.id)
    return publish(analysis, Wanted(folder=folder, language=language))
