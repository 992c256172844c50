"""Comparisons over HTTP and on the command line: numbers, exit codes, forms for builds, both languages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from click.testing import CliRunner, Result

from pitwall.access.service import AccessService
from pitwall.cli.main import root
from pitwall.evals.comparison.ci import CiFormat
from pitwall.evals.comparison.endpoints import comparison_router
from pitwall.evals.comparison.schemas import ComparisonView, GateView
from pitwall.evals.comparison.service import Comparisons
from pitwall.kit.clock import ManualClock
from pitwall.server.app import WebParts, create_app
from pitwall.stores.state import StateStore
from tests.support.in_process import InProcess
from tests.support.stored_eval_runs import store_run

BEFORE = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.95, 0.85, 0.75, 0.65]
AFTER = [value - 0.05 - 0.005 * place for place, value in enumerate(BEFORE)]


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
        routers=[comparison_router(Comparisons(store, clock))],
    )
    with httpx.Client(transport=InProcess(create_app(parts)), base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
def pair(store: StateStore) -> tuple[str, str]:
    """A run and one that is worse."""
    before = store_run(store, {"faithfulness": BEFORE, "hit_rate": [1.0] * 10}, threshold=0.6)
    after = store_run(store, {"faithfulness": AFTER, "hit_rate": [1.0] * 10}, threshold=0.6)
    return before, after


def _run(store: StateStore, *arguments: str, language: str = "en", **environ: str) -> Result:
    """Run `pitwall eval` on the data directory of a store, without a server."""
    folder = str(Path(store.address.partition("///")[2]).parent)
    runner = CliRunner(env={"PITWALL_LANG": language, "GITHUB_STEP_SUMMARY": "", **environ})
    return runner.invoke(root, ["eval", *arguments, "--data-dir", folder], standalone_mode=False)


def _exit_code(result: Result) -> int:
    """What the process would end with: the code of an error that Pitwall expects, or the returned one."""
    error = result.exception
    if error is not None and not isinstance(error, SystemExit):
        return int(getattr(error, "exit_code", -1))
    return result.return_value if isinstance(result.return_value, int) else result.exit_code


def test_comparison_over_http(api: httpx.Client, pair: tuple[str, str]) -> None:
    """Every number of the service, and null where there is none."""
    answer = api.get("/api/v1/evals/compare", params={"a": pair[0], "b": pair[1], "margin": ["0.01"]})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    ComparisonView.model_validate(found)
    worse, same = found["metrics"]
    assert (worse["verdict"], worse["n"], worse["margin"]) == ("worse", 10, 0.01)
    assert worse["interval"]["high"] < -0.01
    assert (same["verdict"], same["interval"], same["p"]) == ("no_difference_shown", None, 1.0)
    assert found["verdicts"]["worse"] == 1
    assert found["slices"] is None


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"b": "run_unknown"}, 404, "eval_run.not_found"),
        ({"margin": "wide"}, 422, "eval_comparison.invalid"),
        ({"metric": "ndcg"}, 422, "eval_comparison.invalid"),
        ({"alpha": "2"}, 422, "input.invalid"),
    ],
)
def test_wrong_questions_are_named(
    api: httpx.Client, pair: tuple[str, str], params: dict[str, str], status: int, code: str
) -> None:
    """As problems, with a way out."""
    answer = api.get("/api/v1/evals/compare", params={"a": pair[0], "b": pair[1], **params})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_baseline_and_gate_over_http(api: httpx.Client, pair: tuple[str, str]) -> None:
    """Set, listed, and used by the gate of its dataset."""
    put = api.put("/api/v1/evals/baselines/faq", json={"run": pair[0]})
    assert (put.status_code, put.json()["name"]) == (200, "main")
    listed = api.get("/api/v1/evals/baselines/faq").json()["baselines"]
    assert [one["run_id"] for one in listed] == [pair[0]]
    answer = api.post("/api/v1/evals/gate", json={"run": pair[1]})
    found = answer.json()
    GateView.model_validate(found)
    assert (found["exit"], found["exit_code"], found["baseline"]) == ("regression", 2, "main")
    assert found["checks"][0]["text"]["ko"].startswith("faithfulness: 기준 실행보다")
    assert api.put("/api/v1/evals/baselines/voc", json={"run": pair[0]}).status_code == 422


def test_command_compares_and_writes_reports(
    store: StateStore, pair: tuple[str, str], tmp_path: Path
) -> None:
    """A table for people, the API's JSON for programs, both files under their names."""
    reports = tmp_path / "reports" / "comparison"
    result = _run(store, "compare", *pair, "--report", "--report-dir", str(reports))
    assert result.exit_code == 0, result.output
    assert "worse" in result.stdout
    assert "no difference shown" in result.stdout
    stem = f"comparison_{pair[0][-8:]}_{pair[1][-8:]}"
    assert {path.name for path in reports.iterdir()} == {f"{stem}.json", f"{stem}.md"}
    page = (reports / f"{stem}.md").read_text("utf-8")
    assert "| faithfulness | worse | 0.710 |" in page
    written = json.loads((reports / f"{stem}.json").read_text("utf-8"))
    as_json = _run(store, "compare", *pair, "--output", "json")
    assert json.loads(as_json.stdout) == written


def test_what_changed_stands_beside_the_numbers(store: StateStore, api: httpx.Client) -> None:
    """In the API, on the command line, in reports and comments; where nobody knows, that is said."""
    commits = ("ab" * 20, "cd" * 20)
    runs = [
        store_run(store, {"m": BEFORE}, snapshot={"git": {"commit": commit}, "packages": {"p": commit[:2]}})
        for commit in commits
    ]
    found = api.get("/api/v1/evals/compare", params={"a": runs[0], "b": runs[1]}).json()
    assert [(one["part"], one["before"], one["after"]) for one in found["changes"]] == [
        ("git", *commits),
        ("packages", "ab", "cd"),
    ]
    shown = _run(store, "compare", *runs, language="ko").stderr
    assert found["changes"][0]["text"]["ko"] in shown
    comment = _run(store, "ci", runs[1], "--against", runs[0], "--format", "markdown").stdout
    assert "- The commit went from abababababab to cdcdcdcdcdcd." in comment
    unknown = _run(store, "compare", runs[0], store_run(store, {"m": AFTER})).stderr
    assert "What else changed is not known" in unknown


def test_command_speaks_korean(store: StateStore, pair: tuple[str, str], tmp_path: Path) -> None:
    """The table, the remarks and the page."""
    result = _run(
        store, "compare", *pair, "--report", "--report-dir", str(tmp_path / "r"), "--slices", language="ko"
    )
    assert "악화" in result.stdout
    page = next((tmp_path / "r").glob("*.md")).read_text("utf-8")
    assert "| 메트릭 | 판정 |" in page
    assert "변화가 확인된 슬라이스가 없습니다(0개 검정)" in page


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["gate", "{a}"], 0),
        (["gate", "{a}", "--threshold", "faithfulness=0.9"], 1),
        (["gate", "{a}", "--pass-rate", "0.9"], 1),
        (["gate", "{b}", "--against", "{a}"], 2),
        (["gate", "{b}", "--against", "{a}", "--margin", "0.2"], 0),
        (["gate", "run_00000000"], 3),
        (["gate", "{a}", "--baseline", "release"], 3),
        (["regress", "{b}", "--against", "{a}"], 2),
        (["regress", "{a}", "--against", "{b}"], 0),
        (["regress", "{b}"], 3),
        (["ci", "{b}", "--format", "json", "--against", "{a}"], 2),
        (["ci", "run_00000000", "--format", "json"], 3),
        (["gate", "{b}", "--against", "{other}", "--strict"], 3),
    ],
)
def test_exit_codes(store: StateStore, pair: tuple[str, str], arguments: list[str], code: int) -> None:
    """0 passed, 1 a demand is not met, 2 worse than the baseline, 3 nothing to judge."""
    other = store_run(store, {"faithfulness": BEFORE}, judge="another")
    filled = [word.format(a=pair[0], b=pair[1], other=other) for word in arguments]
    result = _run(store, *filled)
    assert _exit_code(result) == code, result.output


@pytest.mark.parametrize(
    "arguments",
    [["--margin", "wide"], ["--margin", "-0.1"], ["--threshold", "0.9"], ["--rule", "sometimes"]],
)
def test_wrong_options_are_usage_errors(
    store: StateStore, pair: tuple[str, str], arguments: list[str]
) -> None:
    """Told before anything is read."""
    assert _exit_code(_run(store, "gate", pair[0], *arguments)) == 2


def test_baseline_commands(store: StateStore, pair: tuple[str, str]) -> None:
    """Set by the beginning of an id, shown, and found by `regress`."""
    assert _run(store, "baseline", "get", "faq").stderr == "faq has no such baseline.\n"
    done = _run(store, "baseline", "set", pair[0], language="ko")
    assert "기준" in done.stdout
    assert pair[0] in _run(store, "baseline", "get", "faq").stdout
    listed = json.loads(_run(store, "baseline", "get", "faq", "--name", "other", "--output", "json").stdout)
    assert listed == {"baselines": []}
    assert _exit_code(_run(store, "regress", pair[1])) == 2


def _ci(store: StateStore, pair: tuple[str, str], *arguments: str, **environ: str) -> Result:
    return _run(store, "ci", pair[1], "--against", pair[0], *arguments, **environ)


def test_github_annotations_and_step_summary(
    store: StateStore, pair: tuple[str, str], tmp_path: Path
) -> None:
    """What failed is an error of the build; the page goes where GitHub wants it, after what is there."""
    summary = tmp_path / "summary.md"
    summary.write_text("before\n", "utf-8")
    result = _ci(store, pair, "--format", "github", GITHUB_STEP_SUMMARY=str(summary))
    lines = result.stdout.splitlines()
    assert lines[0].startswith("::error title=regression%3A faithfulness::faithfulness: worse than")
    assert lines[-1] == "::notice title=pitwall::Evaluation of faq: worse than the baseline"
    page = summary.read_text("utf-8")
    assert page.startswith("before\n## Evaluation of faq")
    assert "| ❌ | regression | faithfulness |" in page


@pytest.mark.parametrize("form", [form.value for form in CiFormat])
def test_report_of_a_build_is_the_same_over_http(
    store: StateStore, api: httpx.Client, pair: tuple[str, str], form: str
) -> None:
    """To the byte, with the exit code that the command ends with."""
    body = {"run": pair[1], "against": pair[0]}
    answer = api.post("/api/v1/evals/ci", params={"format": form}, json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-pitwall-exit-code"] == "2"
    told = _run(store, "ci", pair[1], "--against", pair[0], "--format", form)
    assert answer.text == told.stdout


def test_gitlab_code_quality(store: StateStore, pair: tuple[str, str]) -> None:
    """One entry for what failed; its fingerprint does not change with the run."""
    entries: list[dict[str, Any]] = json.loads(_ci(store, pair, "--format", "gitlab").stdout)
    assert [(one["check_name"], one["severity"]) for one in entries] == [("pitwall-regression", "critical")]
    again = store_run(store, {"faithfulness": AFTER, "hit_rate": [1.0] * 10}, threshold=0.6)
    other = json.loads(_ci(store, (pair[0], again), "--format", "gitlab").stdout)
    assert other[0]["fingerprint"] == entries[0]["fingerprint"]


def test_junit(store: StateStore, pair: tuple[str, str], tmp_path: Path) -> None:
    """A test for everything that was looked at; the file is XML whatever the dataset is called."""
    a, b = (store_run(store, {"faithfulness": values}, dataset='a<b&"\x07"') for values in (BEFORE, AFTER))
    path = tmp_path / "report.xml"
    result = _ci(store, (a, b), "--format", "junit", "-o", str(path), "--threshold", "faithfulness=0.1")
    assert _exit_code(result) == 2
    suite = ElementTree.parse(path).getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")
    failed = [case for case in suite.iter("testcase") if case.find("failure") is not None]
    assert [(case.get("classname"), case.get("name")) for case in failed] == [
        ("pitwall.faithfulness", "regression")
    ]


def test_markdown_comment(store: StateStore, pair: tuple[str, str]) -> None:
    """In the language of whoever reads it."""
    result = _run(store, "ci", pair[1], "--against", pair[0], "--format", "markdown", language="ko")
    assert "## faq 평가: 기준 실행보다 악화" in result.stdout
    assert "| faithfulness | 악화 |" in result.stdout
