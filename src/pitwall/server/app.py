"""The web application: features' routers behind one edge, described by OpenAPI."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from pitwall.access.http import SESSION_COOKIE
from pitwall.access.service import AccessService
from pitwall.core.errors import PitwallError
from pitwall.server.edge import BodyLimit, Edge
from pitwall.server.health import Check, health_router
from pitwall.server.late_routers import LateRouters
from pitwall.server.problems import (
    MEDIA_TYPE,
    from_http_exception,
    from_validation_error,
    internal_problem,
    problem_response,
)
from pitwall.server.static import BUILT_UI, Ui

OPENAPI_URL = "/api/openapi.json"
_MAX_API_BODY = 8 * 1024**2
_NO_TELEMETRY: Any = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


@dataclass(frozen=True, kw_only=True)
class WebParts:
    """What the web application is made of.

    Attributes:
        access: Finds out who calls.
        version: Version of Pitwall, for OpenAPI.
        is_started: Whether everything has started; until then only health checks are answered.
        checks: What has to work for the server to be ready, by name.
        routers: Endpoints of the features.
        late_routers: Returns those that take long to import; nobody waits for them to call the server ready.
        raw_routes: Starlette routes served past FastAPI: the ingest doors.
        raw_paths: What OpenAPI says of them: path items by path.
        allowed_origins: Origins a browser may call from, besides this machine.
        ui_directory: Where the built UI is; it may be missing.
    """

    access: AccessService
    version: str
    is_started: Callable[[], bool]
    checks: Mapping[str, Check] = field(default_factory=dict)
    routers: Sequence[APIRouter] = ()
    late_routers: Callable[[], Sequence[APIRouter]] = tuple
    raw_routes: Sequence[BaseRoute] = ()
    raw_paths: Mapping[str, Any] = field(default_factory=dict)
    allowed_origins: Sequence[str] = ()
    ui_directory: Path = BUILT_UI


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str = Field(description="Names the kind of problem.")
    title: str = Field(description="Phrase of the HTTP status.")
    status: int
    code: str = Field(description="Stable machine-readable name.")
    detail: str = Field(description="What happened, one sentence.")
    instance: str = Field(description="Names this request, as `X-Request-ID` does.")
    hint: str | None = Field(default=None, description="The way out.")
    details: dict[str, Any] | None = Field(default=None, description="Facts for programs.")


def create_app(parts: WebParts) -> Edge:
    """Build the application that the web server runs on every port."""
    api = FastAPI(
        title="Pitwall",
        version=parts.version,
        summary="Watch, judge and steer LLM and RAG services.",
        openapi_url=OPENAPI_URL,
        docs_url=None,  # its page would load scripts from another host
        redoc_url=None,
        redirect_slashes=False,
        telemetry=_NO_TELEMETRY,
        responses={
            "4XX": _problem("The request cannot be served"),
            "5XX": _problem("The server cannot serve now"),
        },
    )
    api.state.access = parts.access
    api.state.allowed_origins = frozenset(parts.allowed_origins)
    api.include_router(health_router(is_started=parts.is_started, checks=parts.checks))
    for router in parts.routers:
        api.include_router(router)
    late = LateRouters(api, parts.late_routers)
    _answer_errors_as_problems(api)
    _complete_description(api, late, parts.raw_paths)
    return Edge(
        _with_cors(BodyLimit(api, max_bytes=_MAX_API_BODY), parts.allowed_origins),
        state=api,
        raw_routes=parts.raw_routes,
        ui=Ui(parts.ui_directory, version=parts.version),
        is_ready=parts.is_started,
        complete=late.add,
    )


def _with_cors(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    if not origins:
        return app
    return CORSMiddleware(
        app, allow_origins=origins, allow_methods=["*"], allow_headers=["*"], expose_headers=["x-request-id"]
    )


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "model": Problem, "content": {MEDIA_TYPE: {}}}


def _answer_errors_as_problems(api: FastAPI) -> None:
    async def on_pitwall_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, PitwallError)
        return problem_response(error, request.state.request_id)

    async def on_http_exception(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        problem = from_http_exception(error, request.method, request.url.path)
        response = problem_response(problem, request.state.request_id)
        if error.headers:
            response.headers.update(error.headers)
        return response

    async def on_validation_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return problem_response(from_validation_error(error), request.state.request_id)

    async def on_bug(request: Request, _error: Exception) -> Response:
        return problem_response(internal_problem(), request.state.request_id)  # the edge logs it

    api.add_exception_handler(PitwallError, on_pitwall_error)
    api.add_exception_handler(HTTPException, on_http_exception)
    api.add_exception_handler(RequestValidationError, on_validation_error)
    api.add_exception_handler(Exception, on_bug)


def _complete_description(api: FastAPI, late: LateRouters, raw_paths: Mapping[str, Any]) -> None:
    """Put the raw routes and the ways to send a key into the OpenAPI description."""
    describe = api.openapi

    def openapi() -> dict[str, Any]:
        if api.openapi_schema is None:
            late.add()
            schema = describe()
            schema["paths"] |= raw_paths
            components = schema.setdefault("components", {})
            components["securitySchemes"] = {
                "bearer": {"type": "http", "scheme": "bearer", "description": "A Pitwall API key (pw_…)."},
                "basic": {"type": "http", "scheme": "basic", "description": "The key as password."},
                "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": SESSION_COOKIE,
                    "description": "A browser that logged in; changes need `X-Pitwall-UI: 1` as well.",
                },
            }
            schema["security"] = [{}, {"bearer": []}, {"basic": []}, {"apiKey": []}, {"session": []}]
        return api.openapi_schema or {}

    api.openapi = openapi  # type: ignore[method-assign]
