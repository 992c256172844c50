"""`/api/v1/evals/imports`: results of other tools as runs, with the scope act."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.evals.datasets.endpoints import Format
from pitwall.evals.datasets.service import Upload
from pitwall.evals.datasets.uploading import UPLOAD, receive
from pitwall.evals.imports.schemas import ImportedRunView
from pitwall.evals.imports.service import ResultImports
from pitwall.evals.imports.types import ImportOptions, Tool
from pitwall.evals.runs.thresholds import read_threshold
from pitwall.evals.runs.wire import run_view
from pitwall.kit.json_answers import json_response

Operator = Annotated[Principal, requires(Scope.ACT)]


def result_imports_router(imports: ResultImports) -> APIRouter:
    """Return the endpoint that takes result files."""
    router = APIRouter(prefix="/api/v1/evals/imports", tags=["evaluations"])

    @router.post(
        "",
        status_code=201,
        summary="Import results of another tool",
        openapi_extra=UPLOAD,
        responses={201: {"model": ImportedRunView}},
    )
    async def import_results(
        request: Request,
        principal: Operator,
        file: Annotated[
            str, Query(description="Name of the file; its suffix tells the format.", max_length=300)
        ],
        format: Annotated[Format | None, Query(description="Instead of what name and content tell.")] = None,  # noqa: A002
        tool: Annotated[Tool | None, Query(description="Instead of what the content tells.")] = None,
        dataset: Annotated[
            str | None,
            Query(
                description="Stored dataset that was judged, also `name@version`; else one of the questions."
            ),
        ] = None,
        name: Annotated[str | None, Query(description="Of the run.", max_length=300)] = None,
        metric: Annotated[
            list[str] | None, Query(description="Columns to take for metrics besides the known ones.")
        ] = None,
        threshold: Annotated[list[str] | None, Query(description="`metric=value`.")] = None,
    ) -> Response:
        """Make a finished run of results of EvalVault, Ragas or DeepEval, or of a table, sent as the body.

        Its scores keep the tool in their identity, so that nothing takes them for scores of Pitwall.
        """
        options = ImportOptions(
            file_format=format,
            tool=tool,
            dataset=dataset,
            name=name,
            metrics=metric or (),
            thresholds=dict(map(read_threshold, threshold or ())),
        )
        with imports.datasets.scratch() as body:
            await receive(request.stream(), body)
            made = await asyncio.to_thread(imports.import_file, Upload(file, body), options, by=principal)
        view = {**run_view(made.run, imports.clock.now()), "left_out": list(made.left_out)}
        return json_response(view, status_code=201)

    return router
