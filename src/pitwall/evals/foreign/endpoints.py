"""`POST /api/v1/evals/results`: results of other tools become runs, with the scope act."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.evals.foreign.importing import ForeignResults, ImportOptions
from pitwall.evals.foreign.reading import read_results
from pitwall.evals.runs.schemas import EvalRunView
from pitwall.evals.runs.types import EvalRun
from pitwall.evals.runs.wire import run_view
from pitwall.kit.json_answers import json_response

Operator = Annotated[Principal, requires(Scope.ACT)]
_UPLOAD: Any = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def foreign_router(results: ForeignResults) -> APIRouter:
    """Return the endpoint that takes results in."""
    router = APIRouter(prefix="/api/v1/evals", tags=["evaluations"])

    @router.post(
        "/results",
        status_code=201,
        summary="Take results of another tool in",
        openapi_extra=_UPLOAD,
        responses={201: {"model": EvalRunView}},
    )
    async def take_results(
        request: Request,
        principal: Operator,
        file: Annotated[
            str, Query(description="Name of the file; its suffix tells the form.", max_length=300)
        ],
        name: Annotated[str | None, Query(description="Of run and dataset; else what the file says.")] = None,
        lower: Annotated[list[str] | None, Query(description="Metrics that are better when lower.")] = None,
    ) -> Response:
        """Make a finished run of a file of Ragas, DeepEval, EvalVault or promptfoo, sent as the body.

        What has no number there has no score here; identities say whose metrics they are.
        """
        content = await request.body()
        options = ImportOptions(file=file, name=name, lower=lower or ())

        def take() -> EvalRun:
            return results.take(read_results(file, content), options, by=principal)

        run = await asyncio.to_thread(take)
        return json_response(run_view(run, results.clock.now()), status_code=201)

    return router
