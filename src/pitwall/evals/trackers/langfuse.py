"""Langfuse: cases as traces of a session and items of an experiment, scores by the public API.

Traces go to `POST /api/public/otel/v1/traces`, where equal ids replace each other; scores go one by one to
`POST /api/public/scores` under ids of ours. The bulk endpoint `/api/public/ingestion` is gone in version 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from pitwall.evals.trackers import otlp
from pitwall.evals.trackers.client import Address, TrackerClient
from pitwall.evals.trackers.sending import in_parallel, send_traces
from pitwall.evals.trackers.types import OutgoingCase, OutgoingRun, Report, TrackerName
from pitwall.kit.hashing import json_hash
from pitwall.settings.tracker_groups import LangfuseTrackerSettings

_API: Final = "/api/public"
_INGESTION_VERSION: Final = "4"


def address_of(settings: LangfuseTrackerSettings) -> Address:
    """Where it is, and how it lets us in."""
    assert settings.url is not None
    assert settings.public_key is not None
    assert settings.secret_key is not None
    return Address(
        name="Langfuse",
        url=settings.url,
        credentials="trackers.langfuse.public_key and trackers.langfuse.secret_key",
        auth=(settings.public_key, settings.secret_key.get_secret_value()),
    )


class Langfuse:
    """Sends to a project of Langfuse: that of the keys."""

    name = TrackerName.LANGFUSE

    def __init__(self, client: TrackerClient, url: str) -> None:
        self._client = client
        self._url = url.rstrip("/")

    def open(self, run: OutgoingRun, report: Report) -> None:
        """Find the project."""
        project = self._client.read("GET", f"{_API}/projects", "data", 0, "id")
        report.url = f"{self._url}/project/{project}/sessions/{run.id}"

    def send_cases(self, run: OutgoingRun, cases: Sequence[OutgoingCase], report: Report) -> None:
        """Send cases and what metrics say of them."""
        body = otlp.encode(run, cases, resource={}, extra=partial(_attributes, run))
        headers = {"x-langfuse-ingestion-version": _INGESTION_VERSION}
        if send_traces(self._client, f"{_API}/otel/v1/traces", body, cases, report, headers):
            scores = [score for case in cases for score in _scores(case)]
            report.scores_sent += in_parallel(self._post_score, scores, report)

    def close(self, run: OutgoingRun, report: Report) -> None:
        """Send what metrics say of the run, as scores of its session."""
        told = [
            {
                "id": json_hash(["eval-run", run.id, metric.name]),
                "sessionId": run.id,
                "name": metric.name,
                "value": metric.mean,
                "dataType": "NUMERIC",
                "comment": metric.comment,
            }
            for metric in run.metrics
            if metric.mean is not None
        ]
        in_parallel(self._post_score, told, report)

    def _post_score(self, score: Mapping[str, Any]) -> None:
        self._client.request("POST", f"{_API}/scores", json=score)


def _attributes(run: OutgoingRun, case: OutgoingCase) -> dict[str, otlp.Value]:
    known: dict[str, otlp.Value | None] = {
        "langfuse.trace.name": run.name,
        "langfuse.session.id": run.id,
        "langfuse.trace.tags": ["pitwall"],
        "langfuse.trace.metadata.pitwall_run_id": run.id,
        "langfuse.trace.input": case.question,
        "langfuse.trace.output": otlp.as_text(case.answer),
        "langfuse.experiment.id": run.id,
        "langfuse.experiment.name": run.name,
        "langfuse.experiment.item.id": case.example_id,
        "langfuse.experiment.item.root_observation_id": case.span_id,
        "langfuse.experiment.item.expected_output": case.reference,
        **{f"langfuse.experiment.metadata.{name}": value for name, value in run.facts.items()},
    }
    return {name: value for name, value in known.items() if value is not None}


def _scores(case: OutgoingCase) -> list[dict[str, Any]]:
    return [
        {
            "id": score.id,
            "traceId": case.trace_id,
            "name": score.metric,
            "value": score.value,
            "dataType": "NUMERIC",
            "comment": score.explanation,
            "metadata": {
                "evaluator": score.identity,
                "passed": score.passed,
                "repetition": score.sample,
            },
        }
        for score in case.scores
        if score.value is not None
    ]
