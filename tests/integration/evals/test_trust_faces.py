"""Labels and calibration over HTTP and on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from pitwall.access.service import AccessService
from pitwall.cli.main import root
from pitwall.evals.runs.schemas import JudgeCalibration
from pitwall.evals.trust.endpoints import trust_router
from pitwall.evals.trust.schemas import TrustView
from pitwall.evals.trust.service import Trust
from pitwall.kit.clock import ManualClock
from pitwall.server.app import WebParts, create_app
from pitwall.stores.state import StateStore
from tests.support.in_process import InProcess
from tests.support.stored_eval_runs import store_run

SCORES = [0.9] * 27 + [0.1] * 3 + [0.9] * 4 + [0.1] * 16


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StateStore]:
    store = StateStore.in_directory(tmp_path, clock=ManualClock()).open()
    yield store
    store.close()


@pytest.fixture
def api(store: StateStore) -> Iterator[httpx.Client]:
    clock = ManualClock()
    parts = WebParts(
        access=AccessService(store, clock, allow_anonymous=True),
        version="0",
        is_started=lambda: True,
        routers=[trust_router(Trust(store, clock))],
    )
    with httpx.Client(transport=InProcess(create_app(parts)), base_url="http://127.0.0.1") as client:
        yield client


def _run(folder: Path, *arguments: str, language: str = "en") -> Result:
    runner = CliRunner(env={"PITWALL_LANG": language})
    return runner.invoke(root, ["eval", *arguments, "--data-dir", str(folder)], standalone_mode=False)


def _labels_file(folder: Path) -> Path:
    path = folder / "labels.csv"
    rows = [f"c{case},{'pass' if case < 30 else 'fail'}" for case in range(len(SCORES))]
    path.write_text("\n".join(["id,label", *rows, "c999,pass"]), "utf-8")
    return path


def test_labels_and_trust_over_http(api: httpx.Client, store: StateStore) -> None:
    """Queue, label, list, measure, keep."""
    run = store_run(store, {"m": SCORES[:3]})
    queue = api.get("/api/v1/evals/labels/queue", params={"run": run, "metric": "m"}).json()["cases"]
    label = {"example_id": queue[0]["example_id"], "metric": "m", "value": 1, "comment": "좋음"}
    added = api.post("/api/v1/evals/labels", json={"run": run, "labels": [label]})
    assert added.json() == {"added": 1, "unmatched_count": 0, "unmatched": []}
    listed = api.get("/api/v1/evals/labels", params={"dataset": "faq"}).json()["labels"]
    assert [(one["example_id"], one["rater"]) for one in listed] == [(queue[0]["example_id"], "anonymous")]
    measured = api.get("/api/v1/evals/trust", params={"run": run}).json()
    TrustView.model_validate(measured)
    assert measured["metrics"][0]["state"] == "few_labels"
    identity = measured["metrics"][0]["identity"]
    asked = {"identity": [identity]}
    assert api.get("/api/v1/evals/trust/calibrations", params=asked).json() == {"calibrations": []}
    assert api.post("/api/v1/evals/trust", json={"run": run}).json() == measured
    kept = api.get("/api/v1/evals/trust/calibrations", params=asked).json()["calibrations"]
    assert (kept[0]["state"], kept[0]["content"]) == ("few_labels", measured["metrics"][0])


@pytest.mark.parametrize("value", [-0.1, 2, "pass"])
def test_label_outside_of_its_range_is_refused(api: httpx.Client, store: StateStore, value: object) -> None:
    """Over HTTP a label is a number between 0 and 1."""
    run = store_run(store, {"m": SCORES[:3]})
    body = {"run": run, "labels": [{"example_id": "c0", "metric": "m", "value": value}]}
    assert api.post("/api/v1/evals/labels", json=body).status_code == 422


def test_commands_import_list_and_measure(store: StateStore, tmp_path: Path) -> None:
    """From a file to what the judge is worth, with the case that the run does not have told."""
    run = store_run(store, {"m": SCORES})
    file = _labels_file(tmp_path)
    done = _run(tmp_path, "labels", "import", str(file), "--run", run, "--metric", "m", "--rater", "kim")
    assert done.stdout == "Kept 50 labels.\n"
    assert "c999" in done.stderr
    assert "kim" in _run(tmp_path, "labels", "list", "faq", "--limit", "5").stdout
    shown = _run(tmp_path, "trust", run, "--keep", language="ko")
    assert "보정됨" in shown.stdout
    assert "0.900 [0.744, 0.965]" in shown.stdout
    found = json.loads(_run(tmp_path, "trust", run, "--output", "json").stdout)
    assert found["metrics"][0]["corrected"]["value"] == pytest.approx(0.6)


def test_run_says_uncalibrated_until_it_was_measured(store: StateStore, tmp_path: Path) -> None:
    """A metric without a judge says nothing; whoever reads the table or a report is told as well."""
    run = store_run(store, {"m": SCORES}, judge="some-model")
    without = store_run(store, {"m": SCORES})
    assert _calibration(tmp_path, without) == {}
    assert _calibration(tmp_path, run)["m"]["state"] == "uncalibrated"
    assert "uncalibrated" in _run(tmp_path, "show", run).stderr
    assert "보정 안 됨" in _run(tmp_path, "export", run, "--format", "md", language="ko").stdout
    _run(tmp_path, "labels", "import", str(_labels_file(tmp_path)), "--run", run, "--metric", "m")
    _run(tmp_path, "trust", run, "--keep")
    found = _calibration(tmp_path, run)["m"]
    JudgeCalibration.model_validate(found)
    assert (found["state"], found["n_labels"], found["run_id"]) == ("calibrated", 50, run)
    assert found["true_positive"]["value"] == pytest.approx(0.9)


def _calibration(folder: Path, run: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_run(folder, "show", run, "--output", "json").stdout)["calibration"]
    return found


def test_wrong_use_is_told(store: StateStore, tmp_path: Path) -> None:
    """Neither run nor dataset, a scale that is none, a file that is none."""
    file = _labels_file(tmp_path)
    neither = _run(tmp_path, "labels", "import", str(file), "--metric", "m")
    assert getattr(neither.exception, "exit_code", None) == 2
    scale = _run(tmp_path, "labels", "import", str(file), "--dataset", "faq", "--scale", "5-1")
    assert getattr(scale.exception, "exit_code", None) == 2
    no_metric = _run(tmp_path, "labels", "import", str(file), "--dataset", "faq")
    assert "no metric" in str(no_metric.exception)
