"""`/api/v1/signals/{name}/anomalies`: what a detector would have told of a signal."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.anomalies.registry import DEFAULT, detector_names
from pitwall.anomalies.schemas import AnomalyAnswer
from pitwall.anomalies.service import Anomalies
from pitwall.anomalies.wire import (
    DEFAULT_LEARN,
    DEFAULT_SERIES,
    DEFAULT_SINCE,
    DEFAULT_STEP,
    backtest_view,
    read_question,
)
from pitwall.core.vocabulary import Scope
from pitwall.kit.json_answers import json_response
from pitwall.signals.wire import split_list

Reader = Annotated[Principal, requires(Scope.READ)]


def anomalies_router(anomalies: Anomalies) -> APIRouter:
    """Return the endpoint of back-tests; it runs on worker threads."""
    router = APIRouter(prefix="/api/v1/signals", tags=["signals"])

    @router.get(
        "/{name}/anomalies", summary="Back-test a detector", responses={200: {"model": AnomalyAnswer}}
    )
    def find_anomalies(
        principal: Reader,
        name: str,
        since: Annotated[str, Query(description="Start: ISO 8601 or relative.")] = DEFAULT_SINCE,
        until: Annotated[str | None, Query(description="End; default is the last complete window.")] = None,
        step: Annotated[str, Query(description="Length of the windows.")] = DEFAULT_STEP,
        by: Annotated[str | None, Query(description="Labels that split the signal, by commas.")] = None,
        where: Annotated[str | None, Query(description="Condition on the records.")] = None,
        detector: Annotated[str, Query(description=f"One of {', '.join(detector_names())}.")] = DEFAULT,
        learn: Annotated[
            str, Query(description="So much before the range is learnt first; 0 for nothing.")
        ] = DEFAULT_LEARN,
        false_alarms_per_week: Annotated[
            float, Query(gt=0, description="Alarms a week and series that are acceptable by chance.")
        ] = 1.0,
        max_series: Annotated[int, Query(ge=1, le=200, description="Series at most.")] = DEFAULT_SERIES,
        timezone: Annotated[
            str | None, Query(description="In which weekdays and hours are told.", examples=["Asia/Seoul"])
        ] = None,
    ) -> Response:
        """Return alarms that a detector would have raised, with usual ranges, by default of seven days.

        It sees every window once, in order, and learns it after it has judged it, as it would live.
        """
        times = {"since": since, "until": until, "step": step, "learn": learn, "timezone": timezone}
        what = {"name": name, "by": split_list(by), "where": where, "detector": detector}
        limits = {"false_alarms_per_week": false_alarms_per_week, "max_series": max_series}
        present = anomalies.signals.watermark.present()
        question = read_question(present, principal.project_id, {**times, **what, **limits})
        return json_response(backtest_view(anomalies.backtest(question)))

    return router
