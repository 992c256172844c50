"""`/api/v1/signals`: the catalogue and its numbers."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.core.vocabulary import Scope
from pitwall.kit.json_answers import json_response
from pitwall.signals.exports import ExportFormat
from pitwall.signals.exports import export as export_signals
from pitwall.signals.openmetrics import CONTENT_TYPE, OpenMetricsExporter
from pitwall.signals.schemas import (
    ExemplarsView,
    ExplanationView,
    ExportView,
    Questions,
    SeriesAnswers,
    SignalAnswer,
    SignalAnswers,
    SignalList,
    SignalView,
)
from pitwall.signals.service import Signals
from pitwall.signals.several import answers_in_rows, answers_in_series
from pitwall.signals.wire import (
    board_query,
    exemplars_view,
    explanation_view,
    read_exemplar_query,
    read_query,
    result_view,
    signal_view,
    split_list,
)

Reader = Annotated[Principal, requires(Scope.READ)]

_NAME = Query(description="Name of the signal.", examples=["llm.success_rate"])
_SINCE = Query(description="Start: ISO 8601 or relative, such as `now-1h`.", examples=["now-24h"])
_UNTIL = Query(
    description="End, not part of the range; default is now, the present minute or step included, as far as "
    "it has come in (`complete` is false)."
)
_LAST = Query(description="Instead of a range: the latest complete window of this length, such as `5m`.")
_STEP = Query(description="Length of the epoch-aligned windows, such as `5m`; default is the whole range.")
_BY = Query(description="Labels that split the answer, separated by commas.", examples=["service,model"])
_LABEL = Query(description="Label of the series; may be repeated.", examples=["model:gpt-4o"])
_WHERE = Query(description="Condition on the records.", examples=["model = 'gpt-4o'"])


def _written_question(
    name: Annotated[str, _NAME],
    since: Annotated[str | None, _SINCE] = None,
    until: Annotated[str | None, _UNTIL] = None,
    last: Annotated[str | None, _LAST] = None,
    step: Annotated[str | None, _STEP] = None,
    by: Annotated[str | None, _BY] = None,
    where: Annotated[str | None, _WHERE] = None,
) -> dict[str, Any]:
    times = {"since": since, "until": until, "last": last, "step": step}
    return {"name": name, **times, "by": split_list(by), "where": where}


WrittenQuestion = Annotated[dict[str, Any], Depends(_written_question)]
"""One question as the query of an address has it."""


def signals_router(signals: Signals) -> APIRouter:
    """Return the endpoints of signals; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/signals", tags=["signals"])

    @router.get("", summary="List signals", responses={200: {"model": SignalList}})
    def list_signals(_principal: Reader) -> Response:
        """Return the catalogue."""
        return json_response({"signals": [signal_view(signal) for signal in signals.catalogue]})

    @router.get("/query", summary="Query a signal", responses={200: {"model": SignalAnswer}})
    def query(principal: Reader, written: WrittenQuestion) -> Response:
        """Return one value per window and label set, with its count and band."""
        question = read_query(signals.watermark.present(), principal.project_id, written)
        return json_response(result_view(signals.query(question)))

    @router.post(
        "/query",
        summary="Query several signals",
        responses={200: {"model": SignalAnswers | SeriesAnswers}},
    )
    def query_several(principal: Reader, questions: Questions) -> Response:
        """Return the answers in the order of the questions, all as of one moment.

        They are answered together: twelve signals cost little more than one.
        """
        written = [item.model_dump() for item in questions.queries]
        answers = answers_in_series if questions.shape == "series" else answers_in_rows
        return json_response({"results": answers(signals, principal.project_id, written)})

    @router.get("/current", summary="Current values", responses={200: {"model": SignalAnswers}})
    def current(
        principal: Reader,
        since: Annotated[str | None, _SINCE] = None,
        until: Annotated[str | None, _UNTIL] = None,
        last: Annotated[str | None, _LAST] = None,
        step: Annotated[str | None, _STEP] = None,
        by: Annotated[str | None, _BY] = None,
    ) -> Response:
        """Return every signal at once, by default over the latest complete five minutes.

        A signal is split by those of the labels that it has.
        """
        written = {"since": since, "until": until, "last": last, "step": step, "by": by}
        results = signals.board(board_query(signals.watermark.present(), principal.project_id, written))
        return json_response({"results": [result_view(result) for result in results]})

    @router.get("/explain", summary="Explain an answer", responses={200: {"model": ExplanationView}})
    def explain(principal: Reader, written: WrittenQuestion) -> Response:
        """Return the statements that answer a question and, if it has no value, why not."""
        question = read_query(signals.watermark.present(), principal.project_id, written)
        return json_response(explanation_view(signals.explanation(question)))

    @router.get("/exemplars", summary="Traces behind a value", responses={200: {"model": ExemplarsView}})
    def exemplars(
        principal: Reader,
        name: Annotated[str, _NAME],
        since: Annotated[str | None, _SINCE] = None,
        until: Annotated[str | None, _UNTIL] = None,
        last: Annotated[str | None, _LAST] = None,
        label: Annotated[list[str] | None, _LABEL] = None,
        where: Annotated[str | None, _WHERE] = None,
        limit: Annotated[int, Query(ge=1, le=100, description="Traces at most.")] = 10,
    ) -> Response:
        """Return traces whose records make up a value, those that make it worse first.

        Of a formula these are the records of its first operand, such as the failures of a share of failures.
        """
        times = {"since": since, "until": until, "last": last}
        written = {"name": name, **times, "labels": label, "where": where, "limit": limit}
        question = read_exemplar_query(signals.watermark.present(), principal.project_id, written)
        return json_response(exemplars_view(signals.exemplars(question)))

    @router.get("/export", summary="Export signals", responses={200: {"model": ExportView}})
    def export(principal: Reader, format: ExportFormat = "json") -> Response:  # noqa: A002 - the parameter's name
        """Return a text: the last complete five minutes of every signal."""
        exported = export_signals(signals, principal.project_id, format)
        return json_response({"media_type": exported.media_type, "text": exported.text})

    @router.get("/{name}", summary="Show a signal", responses={200: {"model": SignalView}})
    def show(_principal: Reader, name: str) -> Response:
        """Return one signal of the catalogue."""
        return json_response(signal_view(signals.catalogue.get(name)))

    return router


def metrics_router(exporter: OpenMetricsExporter) -> APIRouter:
    """Return the endpoint that Prometheus scrapes."""
    router = APIRouter(tags=["signals"])

    @router.get("/metrics", summary="Scrape signals as OpenMetrics", response_class=Response)
    def metrics(principal: Reader) -> Response:
        """Return the last complete five minutes of every signal, and metrics of this server."""
        return Response(exporter.text(principal.project_id), headers={"content-type": CONTENT_TYPE})

    return router
