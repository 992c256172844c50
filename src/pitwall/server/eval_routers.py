"""The endpoints of evaluations, put together."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from fastapi import APIRouter

from pitwall.evals.analysis.endpoints import analysis_router
from pitwall.evals.analysis.service import Analyses
from pitwall.evals.anchors.endpoints import anchors_router
from pitwall.evals.comparison.endpoints import comparison_router
from pitwall.evals.comparison.service import Comparisons
from pitwall.evals.datasets.endpoints import datasets_router
from pitwall.evals.datasets.from_traces import ProductionExamples
from pitwall.evals.datasets.synthesis_endpoints import SynthesisDesk, synthesis_router
from pitwall.evals.feedback.endpoints import feedback_router
from pitwall.evals.imports.endpoints import result_imports_router
from pitwall.evals.imports.service import ResultImports
from pitwall.evals.judging.endpoints import eval_prompts_router
from pitwall.evals.metrics.endpoints import eval_metrics_router
from pitwall.evals.metrics.registry import load as load_metrics
from pitwall.evals.missed.endpoints import missed_router
from pitwall.evals.missed.repository import MissedRepository
from pitwall.evals.missed.service import Missed
from pitwall.evals.online.endpoints import online_router
from pitwall.evals.runs.detail import RunDetails
from pitwall.evals.runs.endpoints import RunDesk, eval_runs_router
from pitwall.evals.snapshots.endpoints import snapshots_router
from pitwall.evals.snapshots.repository import RetrieverFacts
from pitwall.evals.snapshots.service import Snapshots
from pitwall.evals.stages.endpoints import stages_router
from pitwall.evals.stages.labels import DatasetLabels
from pitwall.evals.stages.pack_files import load_rules
from pitwall.evals.stages.service import Stages
from pitwall.evals.stages.spans import StageSpans
from pitwall.evals.trackers.endpoints import trackers_router
from pitwall.evals.trust.endpoints import trust_router
from pitwall.evals.trust.service import Trust
from pitwall.ingest.mapping.masking import mask_text
from pitwall.llm.endpoints import ModelDesk, llm_router
from pitwall.llm.service import StoredCalls
from pitwall.server.telemetry import masking_groups
from pitwall.signals.catalogue import all_packs
from pitwall.traces.service import Traces

if TYPE_CHECKING:
    from pitwall.server.lifecycle import Pitwall
    from pitwall.server.parts import Telemetry


def eval_routers(telemetry: Telemetry, pitwall: Pitwall, traces: Traces) -> list[APIRouter]:
    """Build the routers of datasets, runs and what is made of them, and of live evaluation."""
    evals, state, clock = telemetry.evals, pitwall.state, pitwall.clock
    engine, online = telemetry.store.engine, telemetry.online
    production = ProductionExamples(evals.datasets, traces, telemetry.incidents.desk)
    missed = Missed(MissedRepository(engine), traces, online.registry, production)
    return [
        datasets_router(evals.datasets, production),
        synthesis_router(SynthesisDesk(evals.datasets, state, evals.profiles)),
        result_imports_router(ResultImports(state, clock, evals.datasets, load_metrics)),
        eval_runs_router(_run_desk(telemetry, pitwall)),
        trackers_router(evals.runs, evals.trackers, evals.wake_trackers),
        analysis_router(Analyses(state, evals.datasets, clock)),
        comparison_router(Comparisons(state, clock)),
        trust_router(Trust(state, clock)),
        anchors_router(telemetry.anchors.anchors),
        eval_metrics_router(),
        eval_prompts_router(),
        snapshots_router(Snapshots(state, load_metrics, RetrieverFacts(engine, state).find)),
        stages_router(_stages(telemetry, pitwall)),
        online_router(online.rules),
        feedback_router(online.feedback(telemetry.log.log, telemetry.ingest)),
        missed_router(missed),
        llm_router(ModelDesk(StoredCalls(state), evals.profiles, state, clock)),
    ]


def _run_desk(telemetry: Telemetry, pitwall: Pitwall) -> RunDesk:
    evals, clock = telemetry.evals, pitwall.clock
    return RunDesk(
        runs=evals.runs,
        reader=evals.reader,
        preparer=evals.preparer,
        trackers=evals.trackers,
        clock=clock,
        wake=evals.worker.wake,
        details=RunDetails(pitwall.state, clock),
    )


def _stages(telemetry: Telemetry, pitwall: Pitwall) -> Stages:
    settings = pitwall.settings
    return Stages(
        pitwall.state,
        pitwall.clock,
        find_spans=StageSpans(telemetry.store.engine).find,
        find_labels=DatasetLabels(pitwall.state).find,
        rules=load_rules(all_packs(settings.packs)),
        mask=partial(mask_text, groups=masking_groups(settings)),
    )
