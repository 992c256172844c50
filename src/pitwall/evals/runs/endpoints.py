"""`/api/v1/evals/runs`: looking at runs with the scope read, beginning and ending them with act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from starlette.responses import Response

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.evals.datasets.service import parse_reference
from pitwall.evals.runs.detail import RunDetails
from pitwall.evals.runs.exporting.choosing import FORMATS, export_run
from pitwall.evals.runs.queries import DEFAULT_LIMIT, case_query, run_query
from pitwall.evals.runs.reading import RunReader
from pitwall.evals.runs.schemas import (
    CaseDetail,
    CaseList,
    CreatedRun,
    EvalDistributions,
    EvalRunDetail,
    EvalRunList,
    EvalRunView,
    NewEvalRun,
    PlannedRun,
    ResumeBody,
    RunPrompts,
)
from pitwall.evals.runs.service import EvalRuns
from pitwall.evals.runs.targets.opening import check_server_target
from pitwall.evals.runs.types import CaseFilter, Mode, RunState, Where
from pitwall.evals.runs.wire import (
    case_detail,
    cases_view,
    distributions_view,
    prepared_view,
    run_prompts_view,
    run_view,
    runs_view,
)
from pitwall.evals.trackers.service import Trackers
from pitwall.kit.clock import Clock
from pitwall.kit.i18n import Language
from pitwall.kit.json_answers import json_response

if TYPE_CHECKING:
    from pitwall.evals.runs.preparing import PreparedRun, RunPreparer

Reader = Annotated[Principal, requires(Scope.READ)]
Operator = Annotated[Principal, requires(Scope.ACT)]
Limit = Annotated[int, Query(ge=1, le=500, description="Rows at most.")]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before.")]
Format = Literal["json", "jsonl", "csv", "xlsx", "md", "html"]


@dataclass(frozen=True, slots=True)
class RunDesk:
    """What the endpoints of runs work with.

    Attributes:
        preparer: Returns what plans runs, with the metrics and profiles of now.
        wake: Tells the worker that a run waits.
    """

    runs: EvalRuns
    reader: RunReader
    preparer: Callable[[], RunPreparer]
    trackers: Trackers
    clock: Clock
    wake: Callable[[], None]
    details: RunDetails

    def prepare(self, body: NewEvalRun, by: Principal) -> PreparedRun:
        """Plan a run."""
        check_server_target(body.target.plan())
        preparer = self.preparer()
        name, wanted = parse_reference(body.dataset)
        dataset, version = preparer.datasets.get(by.project_id, name, wanted)
        return preparer.prepare(dataset.name, version, body.options(), body.profile, by=by)


def eval_runs_router(desk: RunDesk) -> APIRouter:
    """Return the endpoints of runs; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/evals/runs", tags=["evaluations"])
    _add_lists(router, desk)
    _add_wholes(router, desk)
    _add_deeds(router, desk)
    return router


def _add_lists(router: APIRouter, desk: RunDesk) -> None:
    @router.get("", summary="List evaluation runs", responses={200: {"model": EvalRunList}})
    def list_runs(
        principal: Reader,
        dataset: Annotated[str | None, Query(description="Of this dataset only.")] = None,
        state: RunState | None = None,
        mode: Mode | None = None,
        text: Annotated[str | None, Query(description="In the name of the run or of the dataset.")] = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Response:
        """Return runs, newest first."""
        query = {"dataset": dataset, "state": state, "mode": mode, "text": text, "limit": limit}
        page = desk.runs.list(principal.project_id, run_query(query), cursor)
        return json_response(runs_view(page, desk.clock.now()))

    @router.get("/{run_id}", summary="Show an evaluation run", responses={200: {"model": EvalRunDetail}})
    def get_run(principal: Reader, run_id: str) -> Response:
        """Return a run with its plan, its progress and, once an attempt is over, its summary.

        For each metric that asks a judge it says how far that judge can be believed.
        """
        return json_response(desk.details.of(desk.runs.get(principal.project_id, run_id)))

    @router.get(
        "/{run_id}/prompts", summary="Show the prompts of a run", responses={200: {"model": RunPrompts}}
    )
    def get_prompts(principal: Reader, run_id: str) -> Response:
        """Return the prompts that a run asks with instead of Pitwall's own, as they were when it began."""
        return json_response(run_prompts_view(*desk.runs.prompts_of(principal.project_id, run_id)))

    @router.get("/{run_id}/cases", summary="List cases of a run", responses={200: {"model": CaseList}})
    def list_cases(
        principal: Reader,
        run_id: str,
        status: CaseFilter = CaseFilter.ALL,
        metric: Annotated[str | None, Query(description="Look at its scores alone.")] = None,
        order: Annotated[
            Literal["position", "worst"], Query(description="`worst` needs a metric: its worst value first.")
        ] = "position",
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Response:
        """Return what is judged so far, also while the run is under way."""
        query = {"status": status, "metric": metric, "order": order, "limit": limit}
        run = desk.runs.get(principal.project_id, run_id)
        return json_response(cases_view(run, desk.reader.cases(run, case_query(query), cursor)))

    @router.get(
        "/{run_id}/cases/{position}", summary="Show a case of a run", responses={200: {"model": CaseDetail}}
    )
    def get_case(principal: Reader, run_id: str, position: int) -> Response:
        """Return a case with its answer, and its scores with evidence and calls."""
        run = desk.runs.get(principal.project_id, run_id)
        return json_response(case_detail(desk.reader.case(run, position)))


def _add_wholes(router: APIRouter, desk: RunDesk) -> None:
    @router.get(
        "/{run_id}/distributions",
        summary="Show how the scores of a run are spread",
        responses={200: {"model": EvalDistributions}},
    )
    def get_distributions(principal: Reader, run_id: str) -> Response:
        """Return the scores of each metric counted into bins, also while the run is under way."""
        run = desk.runs.get(principal.project_id, run_id)
        return json_response(distributions_view(run, desk.reader.distributions(run)))

    @router.get(
        "/{run_id}/export",
        summary="Export a run",
        response_class=StreamingResponse,
        responses={200: {"content": {media: {} for media in FORMATS.values()}, "description": "The file."}},
    )
    def export(
        principal: Reader,
        run_id: str,
        format: Format = "json",  # noqa: A002
        language: Language = Language.ENGLISH,
    ) -> Response:
        """Return a run as a file; reports for people are in English or Korean."""
        run = desk.runs.get(principal.project_id, run_id)
        file = export_run(desk.reader, run, desk.details.of(run), format, language)
        headers = {"content-disposition": f'attachment; filename="{file.name}"'}
        return StreamingResponse(iter(file.chunks), media_type=file.media_type, headers=headers)


def _add_deeds(router: APIRouter, desk: RunDesk) -> None:
    @router.post("/plan", summary="Plan an evaluation run", responses={200: {"model": PlannedRun}})
    def plan_run(principal: Reader, body: NewEvalRun) -> Response:
        """Return what a run would do and what it would take; nothing is begun."""
        return json_response(prepared_view(desk.prepare(body, principal)))

    @router.post(
        "", status_code=201, summary="Begin an evaluation run", responses={201: {"model": CreatedRun}}
    )
    def begin_run(principal: Operator, body: NewEvalRun) -> Response:
        """Queue a run for the server to do."""
        desk.trackers.check(body.trackers)
        prepared = desk.prepare(body, principal)
        run = desk.runs.add(prepared.new(body.name, Where.SERVER), by=principal)
        desk.trackers.ask(run, body.trackers, Where.SERVER, by=principal)
        desk.wake()
        view = {**desk.details.of(run), "estimate": prepared_view(prepared)["estimate"]}
        return json_response(view, status_code=201)

    @router.post("/{run_id}/resume", summary="Resume a run", responses={200: {"model": EvalRunDetail}})
    def resume_run(principal: Operator, run_id: str, body: ResumeBody) -> Response:
        """Let the server go on with a run that is stopped, failed, cancelled or interrupted.

        What is judged is kept and no finished call is made again.
        """
        desk.trackers.check(body.trackers)
        run = desk.runs.enqueue(run_id, body.budget.budget(), by=principal)
        desk.trackers.ask(run, body.trackers, Where.SERVER, by=principal)
        desk.wake()
        return json_response(desk.details.of(run))

    @router.post("/{run_id}/cancel", summary="Cancel a run", responses={200: {"model": EvalRunView}})
    def cancel_run(principal: Operator, run_id: str) -> Response:
        """End a run that waits or is under way, wherever; what is judged is kept."""
        return json_response(run_view(desk.runs.cancel(run_id, by=principal), desk.clock.now()))
