"""Analyses of stored runs: made once, over HTTP, on the command line, and of real files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from pitwall.access.service import AccessService
from pitwall.cli.main import root
from pitwall.evals.analysis.dashboard import draw_dashboard
from pitwall.evals.analysis.endpoints import analysis_router
from pitwall.evals.analysis.errors import RunNotOver
from pitwall.evals.analysis.repository import KeptAnalyses
from pitwall.evals.analysis.schemas import AnalysisView
from pitwall.evals.analysis.service import Analyses
from pitwall.evals.analysis.wire import outputs
from pitwall.evals.runs.types import EvalRun
from pitwall.evals.types import Answer, Context, Example
from pitwall.kit.i18n import Language
from pitwall.server.app import WebParts, create_app
from pitwall.stores.state import StateStore
from tests.support.data_sets import shared_data
from tests.support.eval_runs import Lab, code_metric, make_example
from tests.support.in_process import InProcess

EVALVAULT = shared_data() / "rag_eval_ko" / "evalvault"
_TOPICS = ("해지 환급금", "암 진단비")


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A project on SQLite."""
    store = StateStore.in_directory(tmp_path / "data").open()
    yield Lab(store)
    store.close()


def _example(number: int) -> Example:
    topic = _TOPICS[number % 2]
    contexts = tuple(Context(f"{topic} 약관 {rank}") for rank in range(number % 3))
    return make_example(
        number,
        question=f"{topic}은 얼마인가요 {number}?",
        language="ko",
        metadata={"topic": topic},
        answer=Answer(text=f"{topic} 답변", contexts=contexts, latency_ms=10.0 * number),
    )


def _run(lab: Lab, shift: float = 0.0) -> EvalRun:
    """A run in which every question about refunds fails."""
    version = lab.store(_example(number) for number in range(40))
    metric = code_metric(
        "faithfulness",
        lambda case: (
            (0.3 if _TOPICS[0] in case.example.question else 0.9) + shift + len(case.example.id) / 100
        ),
    )
    run = lab.begin(version, [metric])
    return asyncio.run(lab.work(run.id, [metric]))


def test_run_is_analysed_once_and_finds_what_is_wrong(lab: Lab) -> None:
    """The slice, the cluster and the terms that were planted; asked again, the kept one comes back."""
    analyses = Analyses(lab.state, lab.datasets, lab.clock)
    run = _run(lab)
    first = analyses.get("default", run.id)
    said = outputs(first)
    assert not [node for node in first["nodes"] if node["status"] == "failed"]
    assert said["slices"]["found"][0]["value"] == _TOPICS[0]
    cluster = said["failure_clusters"]["clusters"][0]
    assert cluster["positions"] == list(range(0, 40, 2))
    assert all(cluster["cases"][one["position"] // 2] == one["case"] for one in cluster["representatives"])
    assert {one["term"] for one in said["keywords"]["in_failing"]} == {"해지", "환급금"}
    assert said["retrieval"]["empty"]["n"] == 14
    assert first == analyses.get("default", run.id)
    assert first["duration_ms"] == analyses.get("default", run.id[:14])["duration_ms"]


def test_analysis_over_http(lab: Lab) -> None:
    """The endpoint answers in its declared shape, with 409 for a run that goes on and 404 for none."""
    run = _run(lab)
    waiting = lab.begin(lab.store([_example(0)]), [code_metric("faithfulness", lambda _case: 1.0)])
    parts = WebParts(
        access=AccessService(lab.state, lab.clock, allow_anonymous=True),
        version="0",
        is_started=lambda: True,
        routers=[analysis_router(Analyses(lab.state, lab.datasets, lab.clock))],
    )
    with httpx.Client(transport=InProcess(create_app(parts)), base_url="http://127.0.0.1") as client:
        answer = client.get(f"/api/v1/evals/runs/{run.id}/analysis")
        assert answer.status_code == 200, answer.text
        assert AnalysisView.model_validate(answer.json()).run.cases == 40
        report = client.get(f"/api/v1/evals/runs/{run.id}/analysis/report", params={"language": "ko"})
        assert "## 메트릭" in report.text
        assert report.headers["content-disposition"] == f'attachment; filename="analysis_{run.id}.md"'
        whole = client.get(f"/api/v1/evals/runs/{run.id}/analysis/report", params={"format": "json"})
        assert whole.json() == answer.json()
        assert client.get(f"/api/v1/evals/runs/{waiting.id}/analysis").status_code == 409
        assert client.get("/api/v1/evals/runs/run_none/analysis").status_code == 404


def test_run_that_goes_on_is_not_analysed(lab: Lab) -> None:
    """Its numbers would change under the analysis."""
    version = lab.store([_example(0)])
    run = lab.begin(version, [code_metric("faithfulness", lambda _case: 1.0)])
    with pytest.raises(RunNotOver, match="queued"):
        Analyses(lab.state, lab.datasets, lab.clock).get("default", run.id)


def test_kept_analysis_is_replaced_by_one_of_how_the_run_ended(any_store: StateStore) -> None:
    """One for each run, known by its key, on both kinds of store."""
    lab = Lab(any_store)
    run = lab.begin(lab.store([_example(0)]), [code_metric("faithfulness", lambda _case: 1.0)])
    for key in ("first", "second"):
        with any_store.session() as session:
            KeptAnalyses(session, "default").put(run.id, key, {"key": key}, lab.clock.now())
    with any_store.session(read_only=True) as session:
        kept = KeptAnalyses(session, "default")
        assert kept.find(run.id, "first") is None
        assert kept.find(run.id, "second") == {"key": "second"}
        assert KeptAnalyses(session, "another").find(run.id, "second") is None


def test_trend_compares_with_the_run_before_of_the_same_content(lab: Lab) -> None:
    """Two runs over the same cases; one over others is not in the line."""
    first, second = _run(lab), _run(lab, shift=0.05)
    other = lab.store([_example(90)])
    metric = code_metric("faithfulness", lambda _case: 1.0)
    asyncio.run(lab.work(lab.begin(other, [metric]).id, [metric]))
    said = outputs(Analyses(lab.state, lab.datasets, lab.clock).get("default", second.id))["trend"]
    assert [one["run"] for one in said["runs"]] == [first.id, second.id]
    line = said["metrics"][0]
    assert line["since_previous"]["verdict"] == "better"
    assert line["since_previous"]["difference"] == pytest.approx(0.05)
    assert len(line["points"]) == 2


def test_dashboard_has_korean_labels_or_says_that_it_has_none(lab: Lab, tmp_path: Path) -> None:
    """A picture in each format; without a font the remark names the way out."""
    pytest.importorskip("matplotlib")
    analysis = Analyses(lab.state, lab.datasets, lab.clock).get("default", _run(lab).id)
    for file_format, begins in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")):
        drawn = draw_dashboard(analysis, tmp_path, file_format, Language.KOREAN)
        assert drawn.path.read_bytes().startswith(begins)


@pytest.mark.parametrize("name", ["insurance_qa_korean.json", "insurance_qa_english.json", "edge_cases.json"])
def test_real_file_is_run_and_analysed_on_the_command_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`eval run --auto-analyze`, then `eval analyze`, write the artifacts where tools look for them."""
    path = EVALVAULT / name
    if not path.exists():
        pytest.skip(f"there is no {path}; see PITWALL_SHARED_DATA")
    place = ["--data-dir", str(tmp_path / "data")]
    monkeypatch.chdir(tmp_path)
    began = CliRunner(env={"PITWALL_LANG": "en"}).invoke(
        root,
        [
            "eval",
            "run",
            str(path),
            "--metrics",
            "f1_score,offline_groundedness",
            "--auto-analyze",
            "--output",
            "json",
            *place,
        ],
        standalone_mode=False,
    )
    assert began.return_value == 0, (began.output, began.exception)
    run_id = json.loads(began.stdout)["id"]
    folder = tmp_path / "reports" / "analysis"
    index = json.loads((folder / "artifacts" / f"analysis_{run_id}" / "index.json").read_text())
    assert not [node["error"] for node in index["nodes"] if node["status"] == "failed"]
    assert (folder / f"analysis_{run_id}.json").exists()
    said = CliRunner(env={"PITWALL_LANG": "en"}).invoke(
        root,
        [
            "eval",
            "analyze",
            run_id,
            "--report",
            "r.html",
            "--language",
            "ko",
            "--output-dir",
            "out",
            *place,
        ],
        standalone_mode=False,
    )
    assert said.exception is None, said.output
    assert "<svg" in (tmp_path / "r.html").read_text("utf-8")
    assert "## 메트릭" in (tmp_path / "out" / f"analysis_{run_id}.md").read_text("utf-8")
