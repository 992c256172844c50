"""`pitwall eval run --tracker` and `eval track`, in this process and through the API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pitwall.access.client import ApiClient
from pitwall.access.service import AccessService
from pitwall.cli.main import run as run_cli
from pitwall.core.errors import Conflict, InvalidInput
from pitwall.evals.runs.access import RemoteRuns
from pitwall.evals.runs.detail import RunDetails
from pitwall.evals.runs.endpoints import RunDesk, eval_runs_router
from pitwall.evals.runs.preparing import RunPreparer
from pitwall.evals.runs.reading import RunReader
from pitwall.evals.runs.service import EvalRuns
from pitwall.evals.runs.types import EvalRun
from pitwall.evals.trackers import remote
from pitwall.evals.trackers.endpoints import trackers_router
from pitwall.evals.trackers.jobs import TrackerWorker
from pitwall.evals.trackers.remote import track_there
from pitwall.server.app import WebParts, create_app
from tests.integration.evals.trackers.conftest import make_trackers, settings_for
from tests.support.eval_runs import Lab, code_metric, write_dataset
from tests.support.in_process import InProcess
from tests.support.trackers import FakeTracker, running_tracker


@pytest.fixture
def phoenix(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeTracker]:
    """A Phoenix that the settings know."""
    monkeypatch.chdir(tmp_path)
    with running_tracker("phoenix") as tracker:
        monkeypatch.setenv("PITWALL_TRACKERS__PHOENIX__URL", tracker.url)
        yield tracker


def test_run_is_sent_when_it_is_over_and_a_tracker_that_is_down_fails_nothing(
    phoenix: FakeTracker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 0 both times; the link says how it stands and what sends it again."""

    def say(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run_cli(["eval", *arguments, "--data-dir", str(tmp_path / "data")])
        return code, *capsys.readouterr()

    phoenix.answers = lambda _request: (401, {})
    file = str(write_dataset(tmp_path / "qa.json", 2))
    code, _, told = say("run", file, "--metrics", "exact_match", "--tracker", "phoenix")
    assert code == 0
    assert "phoenix: not sent. Phoenix at http://127.0.0.1" in told
    phoenix.answers = []
    code, _, told = say("show", "latest")
    (again,) = [line.partition("with: ")[2] for line in told.splitlines() if "Send it again" in line]
    assert again.startswith("pitwall eval track run_")
    code, out, _ = say(*again.split()[2:], "--output", "json")
    assert (code, json.loads(out)["trackers"][0]["state"]) == (0, "sent")
    code, out, _ = say("show", "latest", "--output", "json")
    (link,) = json.loads(out)["trackers"]
    assert (link["cases_sent"], link["scores_sent"], link["reason"], link["send_again"]) == (2, 2, None, None)
    code, _, told = say("run", "qa", "--metrics", "exact_match", "--tracker", "phoenix")
    assert code == 0
    assert "phoenix: 2 cases and 2 scores sent: " in told


def test_tracker_that_is_not_configured_is_told_before_the_run(
    phoenix: FakeTracker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No run is in the history; without `--tracker` and with `none` nothing is sent anywhere."""
    file = str(write_dataset(tmp_path / "qa.json", 2))
    base = ["eval", "run", file, "--metrics", "exact_match", "--data-dir", str(tmp_path / "data")]
    assert run_cli([*base, "--tracker", "phoenix,mlflow"]) == 2
    assert "trackers.mlflow.url is not set" in capsys.readouterr().err.replace("\n", " ")
    assert run_cli(["eval", "history", "--data-dir", str(tmp_path / "data"), "--output", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"] == []
    assert run_cli(base) == run_cli([*base, "--tracker", "none"]) == 0
    assert not phoenix.requests


def test_run_that_goes_on_is_sent_again(
    phoenix: FakeTracker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It was stopped by its budget and sent so; `--resume` sends the rest without being told where to."""
    file = str(write_dataset(tmp_path / "qa.json", 3))
    data = ["--data-dir", str(tmp_path / "data")]
    asked = ["--metrics", "faithfulness", "--profile", "simulated", "--max-calls", "2"]
    assert run_cli(["eval", "run", file, *asked, "--tracker", "phoenix", *data]) == 1
    before = set(phoenix.scores)
    capsys.readouterr()
    assert run_cli(["eval", "history", "--output", "json", *data]) == 0
    run_id = json.loads(capsys.readouterr().out)["runs"][0]["id"]
    assert run_cli(["eval", "run", "--resume", run_id, "--max-calls", "100", *data]) == 0
    assert "phoenix: 3 cases and 3 scores sent: " in capsys.readouterr().err
    assert before < set(phoenix.scores)
    assert len(phoenix.scores) == 3


@pytest.fixture
def tracked(lab: Lab, phoenix: FakeTracker) -> Iterator[tuple[ApiClient, TrackerWorker]]:
    """An API on the store of the lab, and the job that its server would run."""

    def prepares_nothing() -> RunPreparer:
        raise AssertionError("no run is begun here")

    trackers = make_trackers(lab, settings_for(phoenix))
    reader = RunReader(lab.state, lab.datasets)
    worker = TrackerWorker(trackers)
    desk = RunDesk(
        lab.runs,
        reader,
        prepares_nothing,
        trackers,
        lab.clock,
        lambda: None,
        RunDetails(lab.state, lab.clock),
    )
    parts = WebParts(
        access=AccessService(lab.state, lab.clock, allow_anonymous=True),
        version="0",
        is_started=lambda: True,
        routers=[
            eval_runs_router(desk),
            trackers_router(EvalRuns(lab.state, lab.clock), trackers, worker.run),
        ],
    )
    with ApiClient("http://127.0.0.1", transport=InProcess(create_app(parts))) as client:
        yield client, worker


def test_api_sends_a_run_and_tells_how_it_stands(
    tracked: tuple[ApiClient, TrackerWorker], run: EvalRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "_LOOK_SECONDS", 0.01)
    client, _ = tracked
    answer = track_there(client, run.id, ["phoenix"], {})
    (link,) = answer["trackers"]
    assert (link["state"], link["cases_sent"]) == ("sent", 3)
    assert RemoteRuns(client, None).get(run.id)["trackers"] == [link]


def test_api_refuses_what_cannot_be_sent(
    tracked: tuple[ApiClient, TrackerWorker], lab: Lab, run: EvalRun
) -> None:
    """A run that is under way, and a tracker that the server does not know."""
    client, _ = tracked
    metrics = [code_metric("one", lambda _case: 1.0)]
    version = lab.datasets.get("default", "qa", None)[1]
    queued = lab.begin(version, metrics)
    with pytest.raises(Conflict, match="can be sent once it is over"):
        client.post(f"/api/v1/evals/runs/{queued.id}/track", {"trackers": ["phoenix"]}, {})
    with pytest.raises(InvalidInput, match="The tracker mlflow is not configured"):
        client.post(f"/api/v1/evals/runs/{run.id}/track", {"trackers": ["mlflow"]}, {})
