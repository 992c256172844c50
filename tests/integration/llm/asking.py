"""What the tests of this folder ask, and how."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

from pydantic import BaseModel

from pitwall.llm.models import EndpointModels, ModelsPlan, open_models
from pitwall.llm.types import Api, Message, ModelEndpoint
from pitwall.stores.state import StateStore
from tests.support.judge_server import JudgeServer


class Verdict(BaseModel):
    id: int
    verdict: Literal["yes", "no"]


class Verdicts(BaseModel):
    verdicts: list[Verdict]


def endpoint(server: JudgeServer, api: Api = Api.OPENAI, **fields: Any) -> ModelEndpoint:
    """The server as an endpoint."""
    url = server.openai_url if api is Api.OPENAI else server.url
    return ModelEndpoint(api, "judge", url, **{"timeout_seconds": 5.0, **fields})


def question(*claims: str) -> list[Message]:
    """Ask for verdicts on claims."""
    listed = "\n".join(f"{number}: {claim}" for number, claim in enumerate(claims, start=1))
    return [Message("system", "You judge claims."), Message("user", listed)]


@asynccontextmanager
async def models_of(
    server: JudgeServer, state: StateStore | None = None, api: Api = Api.OPENAI, **fields: Any
) -> AsyncIterator[EndpointModels]:
    """The models of a run that pauses for no time between attempts."""
    of_plan = {name: fields.pop(name) for name in ("run_id", "is_fresh", "budget") if name in fields}
    judge = endpoint(server, api, **fields)
    plan = ModelsPlan(judge, judge, **of_plan)
    async with open_models(plan, state) as models:
        yield models
