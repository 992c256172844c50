"""`GET /api/v1/evals/metrics`: what can be measured."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter

from pitwall.access.dependencies import requires
from pitwall.core.vocabulary import Scope
from pitwall.evals.metrics.registry import Registry, load
from pitwall.evals.metrics.schemas import EvalMetricList


def eval_metrics_router(metrics: Callable[[], Registry] = load) -> APIRouter:
    """Return the endpoint that lists metrics."""
    router = APIRouter(prefix="/api/v1/evals/metrics", tags=["evaluations"])
    reader = requires(Scope.READ)

    @router.get("", summary="List metrics", dependencies=[reader])
    def list_metrics() -> EvalMetricList:
        """Return every metric with its version, direction, range, needs and options, and the presets."""
        return EvalMetricList.of(metrics())

    return router
