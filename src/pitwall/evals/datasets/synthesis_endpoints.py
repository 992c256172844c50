"""`POST /api/v1/datasets/synthesize`: questions about documents by the model of a profile; takes act."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Annotated, Any

from fastapi import APIRouter
from starlette.responses import Response

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.evals.datasets.service import Datasets, Upload
from pitwall.evals.datasets.synthesis.schemas import SynthesisBody, SynthesizedDataset
from pitwall.evals.datasets.synthesis.types import Document
from pitwall.evals.datasets.types import ReadOptions
from pitwall.evals.datasets.wire import imported_view
from pitwall.kit.json_answers import json_response
from pitwall.llm.profiles import ModelProfiles
from pitwall.stores.state import StateStore

Operator = Annotated[Principal, requires(Scope.ACT)]


@dataclass(frozen=True, slots=True)
class SynthesisDesk:
    """What the endpoint works with.

    Attributes:
        profiles: Reads the profiles as they are now.
    """

    datasets: Datasets
    state: StateStore
    profiles: Callable[[], ModelProfiles]

    def synthesize(self, body: SynthesisBody, *, by: Principal) -> dict[str, Any]:
        """Ask the model, and keep what it made as a version of a dataset; blocks until it is done.

        Raises:
            ProfileUnknown: There is no such profile.
            CallFailed: The model gave nothing at all.
            InvalidInput: It gave nothing that can be used.
        """
        from pitwall.evals.datasets.synthesis.result import check_made, dataset_file

        made = asyncio.run(self._make(body, by))
        check_made(made)
        upload = Upload(f"{body.name}.json", BytesIO(dataset_file(body.name, body.plan(), made)))
        kept = self.datasets.import_file(upload, ReadOptions(file_format="json"), name=body.name, by=by)
        return {**imported_view(kept), "counts": asdict(made.counts)}

    async def _make(self, body: SynthesisBody, by: Principal) -> Any:
        from pitwall.evals.datasets.synthesis.making import Synthesizer
        from pitwall.evals.datasets.synthesis.simulated import register_rule
        from pitwall.llm.budget import BudgetLimits
        from pitwall.llm.models import ModelsPlan, open_models
        from pitwall.llm.types import Api

        judge = self.profiles().get(body.profile).judge
        if judge.api is Api.SIMULATED:
            register_rule()
        asked = ModelsPlan(judge, project_id=by.project_id, budget=BudgetLimits(max_calls=body.max_calls))
        documents = [Document(one.name, one.text) for one in body.documents]
        async with open_models(asked, self.state) as models:
            return await Synthesizer(models, judge.model, body.plan()).make(documents)


def synthesis_router(desk: SynthesisDesk) -> APIRouter:
    """Return the endpoint; it runs on a worker thread."""
    router = APIRouter(prefix="/api/v1/datasets", tags=["datasets"])

    @router.post(
        "/synthesize",
        status_code=201,
        summary="Make a dataset of documents",
        responses={201: {"model": SynthesizedDataset}},
    )
    def synthesize(principal: Operator, body: SynthesisBody) -> Response:
        """Let the model of a profile ask questions about documents, with answers and where they stand.

        Answers when the model is done, so give many documents in several requests. A question whose quote
        does not stand in its passage is dropped.
        """
        return json_response(desk.synthesize(body, by=principal), status_code=201)

    return router
