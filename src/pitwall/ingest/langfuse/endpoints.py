"""`/api/public`: what Langfuse's SDKs use of its API to send, besides OTLP under `/api/public/otel`."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

import orjson
from fastapi import APIRouter, Depends, Request, Response

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.ingest.failures import MalformedRequest
from pitwall.ingest.json_text import load_json
from pitwall.ingest.langfuse.service import EventResult, LangfuseDoor

Sender = Annotated[Principal, requires(Scope.INGEST)]


class _Sent(NamedTuple):
    """A body, and what was repaired in it."""

    body: Any
    repairs: tuple[str, ...]


async def _read(request: Request) -> _Sent:
    try:
        return _Sent(*load_json(await request.body()))
    except orjson.JSONDecodeError as problem:
        raise MalformedRequest(f"The body is not valid JSON: {problem}.") from None


Json = Annotated[_Sent, Depends(_read)]

_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}}
_ACCEPTED, _MULTI_STATUS = 202, 207


def langfuse_router(door: LangfuseDoor, *, version: str) -> APIRouter:
    """Return the endpoints.

    Args:
        version: Version of Pitwall, for the health check.
    """
    router = APIRouter(prefix="/api/public", tags=["langfuse"])

    @router.get("/health", summary="Health, as Langfuse SDKs ask for it")
    def get_health() -> dict[str, str]:
        """Answer that the server is there."""
        return {"version": version, "status": "OK"}

    @router.get("/projects", summary="The project of a key, as Langfuse SDKs ask for it")
    def get_projects(principal: Sender) -> dict[str, Any]:
        """Return the project that the caller's key belongs to."""
        project = principal.project_id
        organization = {"id": "pitwall", "name": "Pitwall"}
        return {"data": [{"id": project, "name": project, "organization": organization, "metadata": {}}]}

    @router.post("/scores", summary="Send scores in Langfuse's form", openapi_extra=_BODY)
    def send_scores(principal: Sender, sent: Json, response: Response) -> dict[str, Any]:
        """Store one score or a list of them; answers when they are durable.

        A list with bad scores among them is answered with 207, and the good ones are kept.
        """
        if not isinstance(sent.body, list):
            return {"id": door.take_score(principal.project_id, sent.body)}
        results = door.take_scores(principal.project_id, sent.body)
        errors = [{"message": _message(result)} for result in results if result.error is not None]
        if not errors:
            response.status_code = _ACCEPTED
            return {"message": "Accepted"}
        response.status_code = _MULTI_STATUS
        return {"accepted": len(results) - len(errors), "rejected": len(errors), "errors": errors}

    @router.post(
        "/ingestion",
        status_code=_MULTI_STATUS,
        summary="Send a batch of Langfuse events",
        openapi_extra=_BODY,
    )
    def send_batch(principal: Sender, sent: Json) -> dict[str, Any]:
        """Store traces, observations and scores of SDKs before OpenTelemetry; answers for each event."""
        events = sent.body.get("batch") if isinstance(sent.body, dict) else None
        if not isinstance(events, list):
            raise MalformedRequest("The body has no list `batch`.")
        results = door.take_batch(principal.project_id, events, repairs=sent.repairs)
        return {
            "successes": [{"id": result.id, "status": 201} for result in results if result.error is None],
            "errors": [
                {"id": result.id, "status": 400, "message": _message(result)}
                for result in results
                if result.error is not None
            ],
        }

    return router


def _message(result: EventResult) -> str:
    return f"{result.id}: {result.error}"
