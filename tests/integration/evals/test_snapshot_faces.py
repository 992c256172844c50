"""Snapshots of runs over HTTP and on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import Result

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.access.service import AccessService
from pitwall.access.types import KeyRequest
from pitwall.core.vocabulary import Scope
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.datasets.staging import NewVersion
from pitwall.evals.metrics.registry import identity, load
from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.types import EvalRun, Plan, PlannedMetric, RunState, ThresholdFrom, Where
from pitwall.evals.snapshots.endpoints import snapshots_router
from pitwall.evals.snapshots.repository import RetrieverFacts
from pitwall.evals.snapshots.schemas import RunSnapshotView
from pitwall.evals.snapshots.service import Snapshots
from pitwall.evals.stages.service import Stages
from pitwall.evals.stages.spans import NO_SPANS
from pitwall.evals.types import Example
from pitwall.kit.clock import ManualClock
from pitwall.server.app import WebParts, create_app
from pitwall.stores.state import StateStore
from pitwall.stores.telemetry.engine import StoreUnavailable, TelemetryEngine
from tests.integration.traces.telemetry import insert_spans, make_span
from tests.support.in_process import InProcess, run_command

RUN = "run_" + "1" * 32
LATER_RUN = "run_" + "2" * 32
KEPT = {
    "form": 1,
    "taken_at": "2026-01-01T00:00:00Z",
    "pitwall": "0.0.9",
    "git": {"commit": "ef" * 20, "branch": "main", "is_dirty": False, "changed_files": 0},
    "packages": {"pydantic": "2.0.0"},
    "settings": [],
    "environment": {"PITWALL_LANG": "ko"},
    "system": {"os": "Linux", "cpu": "x"},
    "python": {"version": "3.11.7", "implementation": "CPython"},
    "retrievers": [],
    "redacted": 2,
}


@pytest.fixture
def transport(store: StateStore, access: AccessService, telemetry_engine: TelemetryEngine) -> InProcess:
    return transport_of(store, access, RetrieverFacts(telemetry_engine, store).find)


def transport_of(store: StateStore, access: AccessService, find: Any) -> InProcess:
    routers = [snapshots_router(Snapshots(store, load, find))]
    return InProcess(
        create_app(WebParts(access=access, version="0", is_started=lambda: True, routers=routers))
    )


def add_run(store: StateStore, run_id: str = RUN, *, kept: dict[str, Any] | None = None) -> None:
    """A run over a stored dataset, judged by a metric of Pitwall's own and one of a file that is gone."""
    clock = ManualClock()
    new = NewVersion(source={"kind": "test"})
    version = (
        Datasets(store, clock).add("qa", [Example(id="a", question="?")], new, by=LOCAL_OPERATOR).version
    )
    metric = load().find("f1_score")
    planned = (
        PlannedMetric("f1_score", metric.spec.version, identity(metric), 0.5, ThresholdFrom.FLAG),
        PlannedMetric("mine", 1, "mine@1", None, None),
    )
    run = EvalRun(
        id=run_id,
        project_id="default",
        name="qa",
        dataset="qa",
        dataset_version_id=version.id,
        dataset_hash=version.content_hash,
        state=RunState.FINISHED,
        where=Where.CLI,
        plan=Plan(metrics=planned),
        created_at=clock.now(),
        created_by="me",
        snapshot=kept,
    )
    with store.session() as session:
        Runs(session, "default").add(run)


def run(transport: InProcess, *arguments: str, language: str = "en", **environ: str) -> Result:
    return run_command(transport, "ops", *arguments, language=language, environ=environ)


def test_facts_of_a_run(transport: InProcess, store: StateStore) -> None:
    """Dataset, metrics with their prompts where they are known, and the command to run it again."""
    add_run(store)
    with httpx.Client(transport=transport, base_url="http://127.0.0.1") as client:
        answer = client.get(f"/api/v1/evals/runs/{RUN}/snapshot")
    assert answer.status_code == 200, answer.text
    view = RunSnapshotView.model_validate(answer.json())
    assert (view.run.id, view.kept) == (RUN, None)
    assert (view.facts["dataset"]["version"], view.facts["dataset"]["examples"]) == (1, 1)
    assert [metric["prompts"] for metric in view.facts["metrics"]] == [{}, None]
    assert view.facts["command"] == "pitwall eval run qa@1 --metrics f1_score,mine --threshold f1_score=0.5"


def test_reading_is_enough(transport: InProcess, store: StateStore, access: AccessService) -> None:
    """The scope read, in the run's own project; unknown runs are named."""
    add_run(store)
    found = {}
    for scope in Scope:
        key = KeyRequest(scope.value, "default", frozenset({scope}))
        token = access.create_key(key, by=LOCAL_OPERATOR).token
        headers = {"authorization": f"Bearer {token}"}
        with httpx.Client(transport=transport, base_url="http://127.0.0.1", headers=headers) as client:
            found[scope] = client.get(f"/api/v1/evals/runs/{RUN}/snapshot").status_code
            missing = client.get("/api/v1/evals/runs/run_nothing/snapshot")
        if scope is Scope.READ:
            assert (missing.status_code, missing.json()["code"]) == (404, "eval_run.not_found")
    assert found == {Scope.INGEST: 403, Scope.READ: 200, Scope.ACT: 403}


def test_parameters_of_searches(
    store: StateStore, access: AccessService, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Of spans that carry the run and of its stage events: parameters, not results, the most used first."""
    search: dict[str, Any] = {"kind": "retriever", "run_id": RUN, "name": "hybrid"}
    insert_spans(
        telemetry_engine,
        project,
        [
            make_span(1, 1, **search, top_k=5, attributes={"db.collection.name": "docs"}),
            make_span(2, 1, **search, top_k=5, attributes={"db.collection.name": "docs"}),
            make_span(3, 1, **search, top_k=3),
            make_span(4, 1, kind="llm", run_id=RUN),
        ],
    )
    attributes = {"top_k": 7, "strategy": "bm25", "doc_ids": ["a"], "query": "보험?"}
    event = {"run_id": RUN, "stage_type": "retrieval", "stage_name": "bm25", "attributes": attributes}
    by = LOCAL_OPERATOR.on_project(project)
    access_to_project(store, project)
    Stages(store, ManualClock(), find_spans=lambda *_: NO_SPANS).ingest([event], by=by)
    found = RetrieverFacts(telemetry_engine, store).find(project, RUN)
    assert [(one["from"], one["name"], one["uses"], one["parameters"]) for one in found] == [
        ("spans", "hybrid", 2, {"top_k": 5, "db.collection.name": "docs"}),
        ("spans", "hybrid", 1, {"top_k": 3}),
        ("events", "bm25", 1, {"strategy": "bm25", "top_k": 7}),
    ]


def access_to_project(store: StateStore, project: str) -> None:
    """Make the project of a test."""
    from pitwall.stores.state import Projects

    with store.session() as session:
        Projects(session).create(project, project, now=ManualClock().now())


def test_snapshot_without_telemetry(store: StateStore, access: AccessService) -> None:
    """The rest is told while the telemetry store does not answer."""

    def down(*_: object) -> Any:
        raise StoreUnavailable("down")

    add_run(store)
    with httpx.Client(transport=transport_of(store, access, down), base_url="http://127.0.0.1") as client:
        answer = client.get(f"/api/v1/evals/runs/{RUN}/snapshot")
    assert (answer.status_code, answer.json()["facts"]["retrievers"]) == (200, [])


def test_snapshot_that_the_run_kept(transport: InProcess, store: StateStore) -> None:
    """What it was begun with stands first; flags show more of it, and keys leave more out."""
    add_run(store, kept=KEPT)
    told = run(transport, "snapshot", "--run-id", RUN[:12])
    envelope = json.loads(told.stdout)
    assert (told.exit_code, envelope["command"], envelope["version"], envelope["status"]) == (
        0,
        "ops.snapshot",
        1,
        "ok",
    )
    assert {"started_at", "finished_at", "duration_ms", "artifacts"} < set(envelope)
    data = envelope["data"]
    assert (data["run"]["id"], data["taken"], data["pitwall"]) == (RUN, "start", "0.0.9")
    assert (data["dataset"]["name"], data["git"]["branch"]) == ("qa", "main")
    assert not {"environment", "model_config"} & set(data)
    more = run(
        transport,
        "snapshot",
        "--run-id",
        RUN,
        "--include-env",
        "--include-model-config",
        "--redact",
        "system.cpu",
    )
    shown = json.loads(more.stdout)["data"]
    assert shown["environment"] == {"PITWALL_LANG": "ko"}
    assert shown["model_config"]["target"] == {"kind": "stored"}
    assert (shown["system"], shown["redacted"]) == ({"os": "Linux", "cpu": "[redacted]"}, 3)


def test_snapshot_of_a_run_that_kept_nothing(transport: InProcess, store: StateStore, tmp_path: Path) -> None:
    """The surroundings are those of the command, and it says so; the file is named as an artifact."""
    add_run(store)
    file = tmp_path / "out" / "run.json"
    told = run(
        transport,
        "snapshot",
        "--run-id",
        RUN,
        "--output",
        str(file),
        "--include-env",
        PITWALL_ADMIN_TOKEN="hunter2",
    )
    assert told.exit_code == 0, told.stderr
    assert "kept nothing" in told.stderr
    envelope = json.loads(file.read_text("utf-8"))
    assert (envelope["status"], envelope["data"]["taken"]) == ("partial", "later")
    assert envelope["artifacts"] == [str(file)]
    assert envelope["data"]["packages"]["pydantic"]
    assert "hunter2" not in file.read_text("utf-8")


def test_diff_of_runs_and_files(transport: InProcess, store: StateStore, tmp_path: Path) -> None:
    """Two runs, two files or one of each; exit code 1 where something differs; both languages."""
    add_run(store, kept=KEPT)
    add_run(store, LATER_RUN, kept={**KEPT, "pitwall": "0.1.0", "packages": {"pydantic": "2.1.0"}})
    told = run(transport, "diff", RUN, LATER_RUN)
    assert told.exit_code == 1
    assert "Pitwall went from 0.0.9 to 0.1.0." in told.stdout
    assert "pydantic went from 2.0.0 to 2.1.0." in told.stdout
    assert "바뀌었습니다" in run(transport, "diff", RUN, LATER_RUN, language="ko").stdout
    same = run(transport, "diff", RUN, RUN)
    assert (same.exit_code, same.stderr.strip()) == (0, "Nothing differs.")
    with httpx.Client(transport=transport, base_url="http://127.0.0.1") as client:
        over_http = client.get(f"/api/v1/evals/runs/{LATER_RUN}/snapshot/diff", params={"against": RUN})
    assert over_http.json() == json.loads(run(transport, "diff", RUN, LATER_RUN, "--output", "json").stdout)
    file = tmp_path / "run.json"
    run(
        transport,
        "snapshot",
        "--run-id",
        RUN,
        "--include-env",
        "--include-model-config",
        "--output",
        str(file),
    )
    assert run(transport, "diff", str(file), RUN).exit_code == 0
    listed = json.loads(run(transport, "diff", str(file), LATER_RUN, "--output", "json").stdout)
    assert (listed["is_same"], {one["part"] for one in listed["differences"]}) == (
        False,
        {"pitwall", "packages"},
    )


def test_diff_of_something_else_is_refused(transport: InProcess, store: StateStore, tmp_path: Path) -> None:
    """A file that is no snapshot, and a run that is not there, are named."""
    add_run(store, kept=KEPT)
    file = tmp_path / "x.json"
    for text, message in (("{}", "is no snapshot"), ("{", "line 1: no valid JSON")):
        file.write_text(text)
        assert message in str(run(transport, "diff", str(file), RUN).exception)
    assert "run_nothing" in str(run(transport, "diff", "run_nothing", RUN).exception)
