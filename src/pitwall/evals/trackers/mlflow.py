"""MLflow: a run with its numbers in an experiment, cases as traces of the run, scores as assessments.

The run is found again by its tag `pitwall.run_id`. Traces go to `POST /v1/traces`; what they are of, and
their assessments under ids of ours, to `POST /api/3.0/mlflow/traces`, which overwrites what it has.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

import httpx

from pitwall.evals.trackers import otlp
from pitwall.evals.trackers.client import Address, TrackerClient
from pitwall.evals.trackers.errors import TrackerFailed
from pitwall.evals.trackers.sending import in_parallel, refusals_of, send_traces
from pitwall.evals.trackers.types import OutgoingCase, OutgoingRun, OutgoingScore, Report, TrackerName
from pitwall.kit.clock import from_unix_nano
from pitwall.kit.durations import format_instant
from pitwall.settings.tracker_groups import MlflowTrackerSettings

_API: Final = "/api/2.0/mlflow"
_TRACES: Final = "/api/3.0/mlflow/traces"
_NO_KEY: Final = re.compile(r"[^\w. /-]")
_MOST_PARAM: Final = 6000
_MOST_PREVIEW: Final = 1000
_MISSING: Final = "RESOURCE_DOES_NOT_EXIST"
_EXISTS: Final = "RESOURCE_ALREADY_EXISTS"


def address_of(settings: MlflowTrackerSettings) -> Address:
    """Where it is, and how it lets us in."""
    assert settings.url is not None
    token, password = settings.token, settings.password
    return Address(
        name="MLflow",
        url=settings.url,
        credentials="trackers.mlflow.token, or trackers.mlflow.username and trackers.mlflow.password",
        headers={} if token is None else {"authorization": f"Bearer {token.get_secret_value()}"},
        auth=None
        if token is not None or settings.username is None or password is None
        else (settings.username, password.get_secret_value()),
    )


class Mlflow:
    """Sends to an experiment of MLflow, which it makes if there is none."""

    name = TrackerName.MLFLOW

    def __init__(self, client: TrackerClient, url: str, experiment: str) -> None:
        self._client = client
        self._url = url.rstrip("/")
        self._experiment = experiment
        self._experiment_id = ""
        self._run_id = ""

    def open(self, run: OutgoingRun, report: Report) -> None:
        """Find or make the experiment and the run."""
        self._experiment_id = self._find_experiment() or self._make_experiment()
        self._run_id = self._find_run(run) or self._make_run(run)
        report.url = f"{self._url}/#/experiments/{self._experiment_id}/runs/{self._run_id}"

    def send_cases(self, run: OutgoingRun, cases: Sequence[OutgoingCase], report: Report) -> None:
        """Send cases and what metrics say of them."""
        headers = {"x-mlflow-experiment-id": self._experiment_id, "x-mlflow-run-id": self._run_id}
        body = otlp.encode(run, cases, resource={})
        if send_traces(self._client, "/v1/traces", body, cases, report, headers):
            taken = in_parallel(partial(self._post_info, run), cases, report)
            if taken == len(cases):
                report.scores_sent += sum(score.value is not None for case in cases for score in case.scores)

    def close(self, run: OutgoingRun, report: Report) -> None:
        """Send the numbers of the run and end it there."""
        at = _millis(run.finished_at)
        numbers = {"pass_rate": run.pass_rate, **run.numbers}
        for metric in run.metrics:
            numbers |= {
                metric.name: metric.mean,
                f"{metric.name}.low": metric.low,
                f"{metric.name}.high": metric.high,
                f"{metric.name}.pass_rate": metric.pass_rate,
                f"{metric.name}.scored": float(metric.n_scored),
            }
        told = [
            {"key": _key(name), "value": value, "timestamp": at, "step": 0}
            for name, value in numbers.items()
            if value is not None
        ]
        with refusals_of(len(told), report):
            self._post(f"{_API}/runs/log-batch", run_id=self._run_id, metrics=told, params=_params(run))
        status = "FINISHED" if run.state == "finished" else "KILLED"
        with refusals_of(1, report):
            self._post(f"{_API}/runs/update", run_id=self._run_id, status=status, end_time=at)

    def _find_experiment(self) -> str | None:
        answer = self._client.request(
            "GET",
            f"{_API}/experiments/get-by-name",
            params={"experiment_name": self._experiment},
            accept=(404,),
        )
        if answer.status_code == 404 and self._client.pick(answer, "error_code") == _MISSING:
            return None
        if self._client.pick(answer, "experiment", "lifecycle_stage") == "deleted":
            raise TrackerFailed(
                f"The experiment {self._experiment!r} of MLflow is deleted. Restore it, or name another one "
                "with trackers.mlflow.experiment."
            )
        return str(self._client.pick(answer, "experiment", "experiment_id"))

    def _make_experiment(self) -> str:
        answer = self._client.request(
            "POST", f"{_API}/experiments/create", json={"name": self._experiment}, accept=(400,)
        )
        if answer.status_code == 400:
            if self._client.pick(answer, "error_code") == _EXISTS:  # made by somebody else meanwhile
                return str(self._find_experiment())
            said = self._client.pick(answer, "message")
            raise TrackerFailed(f"MLflow does not make the experiment {self._experiment!r}: {said}")
        return str(self._client.pick(answer, "experiment_id"))

    def _find_run(self, run: OutgoingRun) -> str | None:
        found = self._post(
            f"{_API}/runs/search",
            experiment_ids=[self._experiment_id],
            filter=f"tags.`pitwall.run_id` = '{run.id}'",
            max_results=1,
        )
        runs = self._client.pick(found).get("runs")  # absent if there is none
        return str(self._client.pick(found, "runs", 0, "info", "run_id")) if runs else None

    def _make_run(self, run: OutgoingRun) -> str:
        tags = {"pitwall.run_id": run.id, "mlflow.runType": "genai_evaluate"}
        made = self._post(
            f"{_API}/runs/create",
            experiment_id=self._experiment_id,
            run_name=run.name,
            start_time=_millis(run.started_at),
            tags=[{"key": key, "value": value} for key, value in tags.items()],
        )
        return str(self._client.pick(made, "run", "info", "run_id"))

    def _post_info(self, run: OutgoingRun, case: OutgoingCase) -> None:
        self._post(_TRACES, trace={"trace_info": self._info(run, case)})

    def _info(self, run: OutgoingRun, case: OutgoingCase) -> dict[str, Any]:
        said = otlp.as_text(case.answer)
        known = {
            "trace_id": _trace(case),
            "trace_location": {
                "type": "MLFLOW_EXPERIMENT",
                "mlflow_experiment": {"experiment_id": self._experiment_id},
            },
            "request_time": format_instant(from_unix_nano(case.start_unix_nano)),
            "execution_duration": None if case.latency_ms is None else f"{case.latency_ms / 1000:.6f}s",
            "state": "OK" if case.error is None else "ERROR",
            "request_preview": case.question[:_MOST_PREVIEW],
            "response_preview": None if said is None else said[:_MOST_PREVIEW],
            "trace_metadata": {"mlflow.sourceRun": self._run_id, "mlflow.trace.session": run.id},
            "tags": {
                "mlflow.traceName": run.name,
                "pitwall.run_id": run.id,
                "pitwall.example_id": case.example_id,
            },
            "assessments": [
                *(
                    _assessment(case, score)
                    for score in case.scores
                    if score.value is not None or score.status == "error"
                ),
            ],
        }
        return {name: value for name, value in known.items() if value is not None}

    def _post(self, path: str, **content: Any) -> httpx.Response:
        return self._client.request("POST", path, json=content)


def _trace(case: OutgoingCase) -> str:
    return f"tr-{case.trace_id}"


def _assessment(case: OutgoingCase, score: OutgoingScore) -> dict[str, Any]:
    """A score, or that its metric failed: MLflow keeps both as feedback."""
    failed = {"error_code": score.reason or score.status, "error_message": score.explanation or ""}
    at = format_instant(from_unix_nano(case.end_unix_nano))
    known = {
        "assessment_id": f"a-{score.id}",
        "assessment_name": score.metric,
        "trace_id": _trace(case),
        "source": {
            "source_type": "LLM_JUDGE" if score.is_judged else "CODE",
            "source_id": score.identity,
        },
        "create_time": at,
        "last_update_time": at,
        "feedback": {"error": failed} if score.value is None else {"value": score.value},
        "rationale": score.explanation,
        "metadata": {
            "repetition": str(score.sample),
            **({} if score.label is None else {"verdict": score.label}),
        },
        "valid": True,
    }
    return {name: value for name, value in known.items() if value is not None}


def _params(run: OutgoingRun) -> list[dict[str, str]]:
    """What does not change when a run is gone on with: MLflow takes a parameter once."""
    said = dict(run.facts)
    for metric in run.metrics:
        said[f"metric.{metric.name}"] = metric.identity
        if metric.threshold is not None:
            said[f"threshold.{metric.name}"] = f"{metric.threshold:g}"
    return [{"key": _key(name), "value": value[:_MOST_PARAM]} for name, value in said.items()]


def _key(name: str) -> str:
    """A name as MLflow allows it: `recall@5` is none."""
    return _NO_KEY.sub("_", name)[:250]


def _millis(at: datetime) -> int:
    return round(at.timestamp() * 1000)
