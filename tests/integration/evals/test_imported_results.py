"""Results of EvalVault, Ragas and DeepEval as runs, over HTTP and on the command line."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.access.service import AccessService
from pitwall.evals.comparison.endpoints import comparison_router
from pitwall.evals.comparison.service import Comparisons
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.datasets.staging import NewVersion
from pitwall.evals.imports.endpoints import result_imports_router
from pitwall.evals.imports.schemas import ImportedRunView
from pitwall.evals.imports.service import ResultImports
from pitwall.evals.metrics.registry import load
from pitwall.evals.runs.detail import RunDetails
from pitwall.evals.runs.endpoints import RunDesk, eval_runs_router
from pitwall.evals.runs.preparing import RunPreparer
from pitwall.evals.runs.reading import RunReader
from pitwall.evals.runs.service import EvalRuns
from pitwall.evals.trackers.service import Trackers
from pitwall.evals.types import Example
from pitwall.kit.clock import ManualClock
from pitwall.server.app import WebParts, create_app
from pitwall.settings.tracker_groups import TrackersSettings
from pitwall.stores.state import AuditLog, StateStore
from tests.support.in_process import InProcess, run_command
from tests.unit.evals.imports.test_forms import DEEPEVAL

IMPORTS = "/api/v1/evals/imports"
RUNS = "/api/v1/evals/runs"
QUESTIONS = ("언제 환불되나요?", "배송은 얼마나 걸리나요?", "교환할 수 있나요?")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StateStore]:
    store = StateStore.in_directory(tmp_path).open()
    yield store
    store.close()


@pytest.fixture
def datasets(store: StateStore) -> Datasets:
    return Datasets(store, ManualClock())


@pytest.fixture
def transport(store: StateStore, datasets: Datasets) -> InProcess:
    clock = ManualClock()
    reader = RunReader(store, datasets)
    trackers = Trackers(state=store, clock=clock, reader=reader, settings=TrackersSettings())
    desk = RunDesk(
        EvalRuns(store, clock), reader, _no_preparer, trackers, clock, lambda: None, RunDetails(store, clock)
    )
    routers = [
        result_imports_router(ResultImports(store, clock, datasets, load)),
        eval_runs_router(desk),
        comparison_router(Comparisons(store, clock)),
    ]
    access = AccessService(store, clock, allow_anonymous=True)
    return InProcess(
        create_app(WebParts(access=access, version="0", is_started=lambda: True, routers=routers))
    )


def _no_preparer() -> RunPreparer:
    raise AssertionError("nothing is planned here")


@pytest.fixture
def api(transport: InProcess) -> Iterator[httpx.Client]:
    with httpx.Client(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


def ragas_file(folder: Path, name: str = "ragas.csv", faithfulness: tuple[Any, ...] = (1.0, 0.5, "")) -> Path:
    """A table as `result.to_pandas().to_csv()` writes it."""
    path = folder / name
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["user_input", "retrieved_contexts", "response", "reference", "faithfulness", "year"])
        for number, question in enumerate(QUESTIONS):
            rows.writerow([question, "['문맥']", f"답 {number}", "정답", faithfulness[number], 2024])
    return path


def send(api: httpx.Client, path: Path, **query: Any) -> httpx.Response:
    return api.post(IMPORTS, params={"file": path.name, **query}, content=path.read_bytes())


def test_table_of_ragas_becomes_a_run(api: httpx.Client, tmp_path: Path, store: StateStore) -> None:
    """With its dataset, statistics, and what has no value told as such."""
    answer = send(api, ragas_file(tmp_path), threshold="faithfulness=0.8")
    assert answer.status_code == 201, answer.text
    run = ImportedRunView.model_validate(answer.json())
    assert run.left_out == ["year"]
    assert run.plan.target == {"kind": "imported", "tool": "ragas", "file": "ragas.csv"}
    assert run.summary is not None
    summary = run.summary.metrics["faithfulness"]
    assert (summary.identity, summary.n_scored, summary.n_total) == ("faithfulness@ragas", 2, 3)
    assert (summary.mean, summary.reasons) == (0.75, {"no_value": 1})
    assert (run.summary.passed_cases, run.summary.decided_cases) == (1, 2)
    cases = api.get(f"{RUNS}/{run.id}/cases").json()["cases"]
    assert [case["question"] for case in cases] == list(QUESTIONS)
    (bare,) = cases[2]["scores"]
    assert (bare["status"], bare["value"], bare["reason"]) == ("undetermined", None, "no_value")
    case = api.get(f"{RUNS}/{run.id}/cases/0").json()
    assert [one["text"] for one in case["judged_answer"]["contexts"]] == ["문맥"]
    with store.session(read_only=True) as session:
        assert "eval_run.imported" in [entry.action for entry in AuditLog(session).list(limit=10)]


def test_two_imports_share_a_dataset_and_compare(api: httpx.Client, tmp_path: Path) -> None:
    """Scores are not part of the dataset, so the same questions are the same version."""
    first = send(api, ragas_file(tmp_path)).json()
    second = send(api, ragas_file(tmp_path, faithfulness=(0.0, 0.5, 1.0))).json()
    assert first["dataset_version_id"] == second["dataset_version_id"]
    compared = api.get("/api/v1/evals/compare", params={"a": first["id"], "b": second["id"]}).json()
    assert [metric["metric"] for metric in compared["metrics"]] == ["faithfulness"]


def test_file_of_deepeval(api: httpx.Client, tmp_path: Path) -> None:
    """Also where the cases stand a level deeper; an error stays one, with what was said of it."""
    path = tmp_path / ".latest_test_run.json"
    path.write_text(json.dumps({"testRunData": {"testCases": [DEEPEVAL]}, "testRunLink": None}))
    run = send(api, path).json()
    assert run["dataset"] == "latest_test_run"
    metrics = run["summary"]["metrics"]
    assert metrics["answer_relevancy"]["identity"] == "answer_relevancy@deepeval:judge=gpt-4.1"
    assert (metrics["correctness_geval"]["n_errors"], metrics["correctness_geval"]["mean"]) == (1, None)
    case = api.get(f"{RUNS}/{run['id']}/cases/0").json()
    assert [score["explanation"] for score in case["scores"]] == ["to the point", "timed out"]
    assert case["judged_answer"]["contexts"][0]["text"] == "환불은 3일 안에 됩니다."


def test_metric_where_less_is_better(api: httpx.Client, tmp_path: Path) -> None:
    """The tool's own verdicts say which way a metric is better."""
    one = {"name": "Bias", "threshold": 0.5, "success": True, "score": 0.1}
    path = tmp_path / "run.json"
    path.write_text(json.dumps({"testCases": [{**DEEPEVAL, "metricsData": [one]}]}))
    bias = send(api, path).json()["summary"]["metrics"]["bias"]
    assert (bias["direction"], bias["pass_rate"]) == ("lower", 1.0)


def test_scores_of_a_stored_dataset(api: httpx.Client, tmp_path: Path, datasets: Datasets) -> None:
    """EvalVault writes scores without questions: they are found by the ids of the dataset."""
    examples = [Example(f"kr-{number}", question) for number, question in enumerate(QUESTIONS)]
    datasets.add("qa", examples, NewVersion(source={"kind": "test"}), by=LOCAL_OPERATOR)
    metrics = [{"name": "faithfulness", "score": 0.6, "threshold": 0.7, "passed": False}]
    path = tmp_path / "run.json"
    results = [{"test_case_id": "kr-2", "all_passed": False, "metrics": metrics}]
    path.write_text(json.dumps({"run_id": "x", "dataset_name": "qa", "results": results}))
    bare = send(api, path)
    assert bare.status_code == 422
    assert "--dataset" in bare.json()["hint"]
    run = send(api, path, dataset="qa").json()
    assert run["plan"]["metrics"][0]["threshold_from"] == "file"
    assert [case["example_id"] for case in api.get(f"{RUNS}/{run['id']}/cases").json()["cases"]] == ["kr-2"]
    other = path.with_name("other.json")
    other.write_text(path.read_text().replace("kr-2", "kr-9"))
    refused = send(api, other, dataset="qa")
    assert refused.status_code == 422
    assert refused.json()["code"] == "eval_import.no_such_example"


def test_file_without_scores_is_refused(api: httpx.Client, tmp_path: Path) -> None:
    """Saying which columns might be some; nothing is kept."""
    path = tmp_path / "qa.csv"
    path.write_text("question,answer,politeness\nq,a,0.5\n")
    refused = send(api, path)
    assert refused.status_code == 422
    assert "politeness" in refused.json()["detail"]
    assert api.get(RUNS).json()["runs"] == []
    taken = send(api, path, metric="politeness").json()
    assert taken["summary"]["metrics"]["politeness"]["mean"] == 0.5


def test_imported_run_cannot_be_gone_on_with(api: httpx.Client, tmp_path: Path) -> None:
    """Nobody can be asked again."""
    run = send(api, ragas_file(tmp_path)).json()
    refused = api.post(f"{RUNS}/{run['id']}/resume", json={})
    assert refused.status_code == 409
    assert "imported" in refused.json()["detail"]


def test_command(transport: InProcess, tmp_path: Path) -> None:
    """It shows what the run came to."""
    result = run_command(transport, "eval", "import", str(ragas_file(tmp_path)), language="ko")
    assert result.exit_code == 0, result.output
    assert "faithfulness@ragas" in result.stdout
    assert "ragas의 점수" in result.stderr
    assert "year" in result.stderr
