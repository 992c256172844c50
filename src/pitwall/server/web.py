"""What the features add to the web application.

Imports their endpoints, and with them the web framework, so it is itself imported while the stores open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from starlette.routing import BaseRoute

from pitwall.access.endpoints import CountSpans, keys_router, projects_router
from pitwall.access.session_endpoints import session_router
from pitwall.server.app import WebParts, create_app
from pitwall.server.edge import Edge
from pitwall.server.health import Check
from pitwall.server.lifecycle import Pitwall
from pitwall.server.status import IngestStatus, ServerFacts, status_router


@dataclass(frozen=True, kw_only=True)
class WebFeatures:
    """What the features of one server bring.

    Attributes:
        routers: Endpoints under `/api/v1`.
        late_routers: Returns those that take long to import.
        raw_routes: Starlette routes served past FastAPI: the ingest doors.
        raw_paths: What OpenAPI says of them.
        checks: What has to work for the server to be ready, besides the state store.
        ingest_status: Counts what is stored; None while there is no telemetry store.
        count_spans: Counts the spans of every project; None likewise.
    """

    routers: Sequence[APIRouter] = ()
    late_routers: Callable[[], Sequence[APIRouter]] = tuple
    raw_routes: Sequence[BaseRoute] = ()
    raw_paths: Mapping[str, Any] = field(default_factory=dict)
    checks: Mapping[str, Check] = field(default_factory=dict)
    ingest_status: IngestStatus | None = None
    count_spans: CountSpans | None = None


def build_app(pitwall: Pitwall) -> Edge:
    """Build the web application of a server."""
    features = pitwall.web(pitwall)
    return create_app(
        WebParts(
            access=pitwall.access,
            version=pitwall.version,
            is_started=lambda: pitwall.is_started,
            checks={"state": pitwall.state.check, **features.checks},
            routers=[
                status_router(lambda: _facts(pitwall), features.ingest_status),
                keys_router(pitwall.access),
                session_router(pitwall.access),
                projects_router(pitwall.access, features.count_spans),
                *features.routers,
            ],
            late_routers=features.late_routers,
            raw_routes=features.raw_routes,
            raw_paths=features.raw_paths,
            allowed_origins=pitwall.settings.server.allowed_origins,
        )
    )


def _facts(pitwall: Pitwall) -> ServerFacts:
    return ServerFacts(
        version=pitwall.version,
        profile=pitwall.settings.profile.value,
        started_at=pitwall.started_at,
        uptime_seconds=pitwall.uptime_seconds,
        addresses=pitwall.addresses,
    )
