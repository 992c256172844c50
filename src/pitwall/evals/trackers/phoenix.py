"""Phoenix: cases as traces of a session in a project, scores as annotations of their spans.

Traces go to `POST /v1/traces`, which knows a span that it has; annotations are kept once for a name and an
identifier. Both are taken at once and stored a moment later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pitwall.evals.trackers import otlp
from pitwall.evals.trackers.client import Address, TrackerClient
from pitwall.evals.trackers.sending import refusals_of, send_traces
from pitwall.evals.trackers.types import OutgoingCase, OutgoingRun, OutgoingScore, Report, TrackerName
from pitwall.settings.tracker_groups import PhoenixTrackerSettings

_PROJECT: Final = "openinference.project.name"


def address_of(settings: PhoenixTrackerSettings) -> Address:
    """Where it is, and how it lets us in."""
    assert settings.url is not None
    key = settings.api_key
    return Address(
        name="Phoenix",
        url=settings.url,
        credentials="trackers.phoenix.api_key",
        headers={} if key is None else {"authorization": f"Bearer {key.get_secret_value()}"},
    )


class Phoenix:
    """Sends to a project of Phoenix, which it makes if there is none."""

    name = TrackerName.PHOENIX

    def __init__(self, client: TrackerClient, url: str, project: str) -> None:
        self._client = client
        self._url = url.rstrip("/")
        self._project = project

    def open(self, run: OutgoingRun, report: Report) -> None:
        """Nothing is to be made."""
        report.url = f"{self._url}/redirects/sessions/{run.id}"

    def send_cases(self, run: OutgoingRun, cases: Sequence[OutgoingCase], report: Report) -> None:
        """Send cases and what metrics say of them."""
        body = otlp.encode(run, cases, resource={_PROJECT: self._project})
        if not send_traces(self._client, "/v1/traces", body, cases, report):
            return
        notes = [_annotation(run, case, score) for case in cases for score in case.scores]
        if notes:
            with refusals_of(len(notes), report):
                self._annotate("span", notes)
                report.scores_sent += sum(score.value is not None for case in cases for score in case.scores)

    def close(self, run: OutgoingRun, report: Report) -> None:
        """Send what metrics say of the run, as annotations of its session."""
        notes = [
            {
                "session_id": run.id,
                "name": metric.name,
                "identifier": f"pitwall:{run.id}",
                "annotator_kind": "CODE",
                "result": {"score": metric.mean, "explanation": metric.comment},
                "metadata": {"evaluator": metric.identity},
            }
            for metric in run.metrics
            if metric.mean is not None
        ]
        if notes and report.cases_sent:
            with refusals_of(len(notes), report):
                self._annotate("session", notes)

    def _annotate(self, what: str, notes: Sequence[Mapping[str, Any]]) -> None:
        self._client.request("POST", f"/v1/{what}_annotations", json={"data": notes})


def _annotation(run: OutgoingRun, case: OutgoingCase, score: OutgoingScore) -> dict[str, Any]:
    """A score; one without a value says so with its label."""
    return {
        "span_id": case.span_id,
        "name": score.metric,
        "identifier": f"pitwall:{run.id}:{score.sample}",
        "annotator_kind": "LLM" if score.is_judged else "CODE",
        "result": {
            "score": score.value,
            "label": score.label if score.value is not None else score.status,
            "explanation": score.explanation or score.reason,
        },
        "metadata": {"evaluator": score.identity, "score_id": score.id},
    }
