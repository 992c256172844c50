"""Results of other tools as runs: over HTTP and by the command, looked at and compared like any run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from pitwall.access.service import AccessService
from pitwall.cli.main import run as run_cli
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.foreign.endpoints import foreign_router
from pitwall.evals.foreign.importing import ForeignResults
from pitwall.evals.metrics.registry import load
from pitwall.evals.runs.schemas import EvalRunView
from pitwall.kit.clock import SystemClock
from pitwall.server.app import WebParts, create_app
from pitwall.stores.state import StateStore
from tests.support.in_process import InProcess
from tests.unit.evals.foreign.test_reading import DEEPEVAL, RAGAS


@pytest.fixture
def api(any_store: StateStore) -> Iterator[httpx.Client]:
    clock = SystemClock()
    access = AccessService(any_store, clock, allow_anonymous=True)
    results = ForeignResults(any_store, Datasets(any_store, clock), clock, load)
    routers = [foreign_router(results)]
    app = create_app(WebParts(access=access, version="0", is_started=lambda: True, routers=routers))
    with httpx.Client(transport=InProcess(app), base_url="http://127.0.0.1") as client:
        yield client


def _send(api: httpx.Client, file: str, content: str, **query: str) -> httpx.Response:
    return api.post("/api/v1/evals/results", params={"file": file, **query}, content=content.encode())


def test_scores_become_a_finished_run(api: httpx.Client) -> None:
    """Two cases of Ragas, one without numbers: n is one, the mean is of one, and the identity says whose."""
    answer = _send(api, "ragas.csv", RAGAS, name="faq")
    assert answer.status_code == 201, answer.text
    view = EvalRunView.model_validate(answer.json())
    assert (view.state, view.dataset) == ("finished", "faq")
    assert view.summary is not None
    shown = view.summary.metrics["faithfulness"]
    assert (shown.mean, shown.n_scored, shown.n_total) == (1.0, 1, 2)
    assert (shown.reasons, shown.identity) == ({"not_scored": 1}, "faithfulness@0:origin=ragas")


def test_same_cases_are_the_same_version_whatever_their_order(api: httpx.Client) -> None:
    """Scores stand beside the right cases all the same."""
    head, *rows = RAGAS.splitlines()
    first = _send(api, "a.csv", RAGAS, name="faq").json()
    turned = _send(api, "b.csv", "\n".join([head, *reversed(rows)]), name="faq").json()
    assert first["dataset_version_id"] == turned["dataset_version_id"]
    assert first["summary"]["metrics"] == turned["summary"]["metrics"]


def test_threshold_direction_and_judge_are_told(api: httpx.Client) -> None:
    """Of the file; a direction that nobody knows is higher unless somebody says so."""
    answer = _send(api, "d.json", json.dumps(DEEPEVAL), lower="answer_relevancy").json()
    metric = answer["plan"]["metrics"][0]
    assert (metric["threshold"], metric["direction"]) == (0.7, "lower")
    assert answer["plan"]["judge"]["model"] == "gpt-5"
    assert answer["summary"]["pass_rate"] == 1.0
    refused = _send(api, "x.json", "{}")
    assert (refused.status_code, refused.json()["code"]) == (422, "eval_results.invalid")


def test_command_takes_results_in_and_compares_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a server, and like runs of Pitwall."""
    (tmp_path / "ragas.csv").write_text(RAGAS)
    better = RAGAS.replace(",1.0,0.67", ",1.0,0.9")
    (tmp_path / "again.csv").write_text(better)
    options = ["--data-dir", str(tmp_path / "data")]
    for name in ("ragas.csv", "again.csv"):
        assert run_cli(["eval", "import", str(tmp_path / name), "--name", "faq", *options]) == 0
    told = capsys.readouterr()
    assert "faithfulness: 1 of 2 cases have no score: not_scored 1." in told.err
    run_cli(["eval", "history", "--output", "json", *options])
    after, before = (run["id"] for run in json.loads(capsys.readouterr().out)["runs"])
    assert run_cli(["eval", "compare", before, after, "--output", "json", *options]) == 0
    found = json.loads(capsys.readouterr().out)["metrics"]
    assert {row["metric"]: round(row["difference"], 2) for row in found} == {
        "faithfulness": 0.0,
        "factual_correctness_mode_f1": 0.23,
    }
