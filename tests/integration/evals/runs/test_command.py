"""`pitwall eval run` in this process: what it says, its exit codes, and bad input named clearly."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from pitwall.cli.main import run as run_cli
from tests.support.eval_runs import write_dataset

RETRIEVER = ("--retriever", "bm25", "--retriever-docs", ".")


@pytest.fixture(autouse=True)
def _no_models_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever lies in the working directory is nobody's settings."""
    monkeypatch.chdir(tmp_path)


class Told:
    """What a command said."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Terminal:
    """Types commands about one data directory."""

    def __init__(self, data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._data_dir = data_dir
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Told:
        self._capsys.readouterr()
        code = run_cli(["eval", *arguments, "--data-dir", str(self._data_dir)])
        said = self._capsys.readouterr()
        return Told(code, said.out, said.err)


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(tmp_path / "data", capsys)


def test_judge_is_asked_anew_only_when_that_is_wished(say: Terminal, tmp_path: Path) -> None:
    """A second run finds every answer; a fresh one takes none of other runs, and its plan says so."""
    file = str(write_dataset(tmp_path / "qa.json", 2))
    arguments = ("run", file, "-m", "faithfulness", "--profile", "simulated", "--output", "json")
    made = [say(*arguments, *more).json["progress"]["calls_made"] for more in ((), (), ("--fresh",))]
    assert made[0] == made[2] > made[1] == 0
    assert say("show", "latest", "--output", "json").json["plan"]["is_fresh"] is True


def test_run_says_what_it_takes_and_what_came_of_it(say: Terminal, tmp_path: Path) -> None:
    """The estimate before, the result after; JSON in the API's shape; a dry run begins nothing."""
    file = write_dataset(tmp_path / "qa.json", 3)
    told = say("run", str(file), "--metrics", "exact_match", "--profile", "simulated", "--output", "json")
    assert told.code == 0
    assert "3 cases of qa, judged by exact_match." in told.err
    assert "No model is asked." in told.err
    assert told.json["summary"]["metrics"]["exact_match"]["mean"] == 1.0
    assert told.json["resume"] is None
    elsewhere = tmp_path / "runs.db"
    for number in ("first", "second"):
        assert say("run", str(file), "-m", "exact_match", "--db", str(elsewhere), "--name", number).code == 0
    listed = say("history", "-n", "1", "--db", str(elsewhere), "--output", "json").json["runs"]
    assert [run["name"] for run in listed] == ["second"]
    assert len(say("history", "--output", "json").json["runs"]) == 1
    planned = say("run", "qa", "--metrics", "faithfulness", "--profile", "simulated", "--dry-run")
    assert planned.code == 0
    assert "At most 6 model calls to simulated" in planned.err
    assert len(say("history", "--output", "json").json["runs"]) == 1


def test_run_killed_as_soon_as_it_was_recorded_goes_on(
    say: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not look as if it waited for its turn: nobody would ever take it."""

    def die(*_: object) -> None:
        raise SystemExit(137)

    file = write_dataset(tmp_path / "qa.json", 2)
    with monkeypatch.context() as patched:
        patched.setattr("pitwall.evals.runs.terminal.Terminal.begin", die)
        patched.setattr(
            "pitwall.evals.runs.running.make_holder", lambda: f"{socket.gethostname()}:999999999:x"
        )
        with pytest.raises(SystemExit):
            say("run", str(file), "--metrics", "exact_match")
    (run,) = say("history", "--output", "json").json["runs"]
    assert run["state"] == "running"
    assert say("run", "--resume", run["id"]).code == 0


def test_korean_reads_korean(say: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PITWALL_LANG", "ko")
    told = say("run", str(write_dataset(tmp_path / "qa.json", 2)), "--metrics", "exact_match")
    assert "케이스 2개 중 2개 통과" in told.err
    assert "완료했습니다." in told.err


@pytest.mark.parametrize(
    ("content", "arguments", "said"),
    [
        ({"test_cases": []}, ["--metrics", "exact_match"], "no example"),
        (
            {"test_cases": [{"id": "a", "question": "x"}, {"id": "a", "question": "y"}]},
            ["--metrics", "exact_match"],
            "a",
        ),
        (
            {"test_cases": [{"id": "a", "question": "x", "answer": "y"}]},
            ["--metrics", "exact_match"],
            "needs reference, which none of the 1 cases",
        ),
        (
            {"test_cases": [{"id": "a", "question": "x", "answer": "y"}]},
            ["--metrics", "exact_mtch"],
            "There is no metric 'exact_mtch'",
        ),
        (
            {"test_cases": [{"id": "a", "question": "x", "answer": "y", "contexts": ["c"]}]},
            ["--metrics", "faithfulness", "--profile", "nobody"],
            "There is no model profile 'nobody'",
        ),
        (
            {"test_cases": [{"id": "a", "question": "x", "answer": "y", "contexts": ["c"]}]},
            ["--metrics", "faithfulness"],
            "asks a judge, and no profile is chosen",
        ),
    ],
)
def test_bad_input_is_named_and_begins_nothing(
    say: Terminal, tmp_path: Path, content: dict[str, Any], arguments: list[str], said: str
) -> None:
    """Exit code 1 or 2, a message and a way out, and no run in the history."""
    file = tmp_path / "qa.json"
    file.write_text(json.dumps({"name": "qa", **content}))
    told = say("run", str(file), *arguments)
    assert told.code in (1, 2)
    assert said in told.err
    assert "Hint: " in told.err
    assert say("history", "--output", "json").json["runs"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Name a dataset, or a run with --resume"),
        (["qa", "--resume", "run_1"], "Name a dataset, or a run with --resume"),
        (["--resume", "run_1", "--metrics", "x"], "--metrics: a run that goes on keeps its plan"),
        (["qa", "--threshold", "0.5"], "is no threshold; write it as faithfulness=0.8"),
        (["no-such-dataset"], "There is no dataset 'no-such-dataset'"),
        (["none.json"], "There is no file 'none.json', and no dataset of that name."),
        (["--resume", "run_none"], "There is no evaluation run 'run_none'"),
        (["qa", "--retriever", "bm25"], "name them with --retriever-docs"),
        (["qa", "--chunk-size", "200"], "--chunk-size: only with --retriever"),
        (["qa", *RETRIEVER, "--target", "http://127.0.0.1:9/ask"], "finds its own"),
        (["qa", *RETRIEVER], "There are no documents in"),
    ],
)
def test_wrong_usage_is_told(say: Terminal, arguments: list[str], said: str) -> None:
    told = say("run", *arguments)
    assert told.code in (1, 2)
    assert said in told.err.replace("\n", " ")


def test_metrics_of_a_file_judge_like_all_others(say: Terminal, tmp_path: Path) -> None:
    """A user's Python file with METRICS, its threshold set by a flag."""
    own = tmp_path / "own.py"
    own.write_text(
        "from pitwall.evals.metrics.types import CodeMetric, Family, MetricSpec\n"
        "from pitwall.evals.types import Score, ScoreStatus\n"
        "from pitwall.kit.i18n import Text\n"
        "def judge(case):\n"
        "    return Score('brevity', ScoreStatus.SCORED, 1.0 if len(case.answer.text) < 100 else 0.0)\n"
        "SPEC = MetricSpec('brevity', 1, Family.FORMAT, Text('Brevity', '간결함'), Text('', ''))\n"
        "METRICS = (CodeMetric(SPEC, judge),)\n"
    )
    file = write_dataset(tmp_path / "qa.json", 2)
    asked = ["--metrics", "brevity", "--metric-file", str(own), "--threshold", "brevity=1"]
    told = say("run", str(file), *asked, "--output", "json")
    assert told.code == 0
    (planned,) = told.json["plan"]["metrics"]
    assert (planned["threshold"], planned["threshold_from"]) == (1.0, "flag")
    assert told.json["summary"]["passed_cases"] == 2


def test_export_writes_what_its_ending_says(say: Terminal, tmp_path: Path) -> None:
    """And refuses an ending that says nothing."""
    say("run", str(write_dataset(tmp_path / "qa.json", 2)), "--metrics", "exact_match")
    assert say("export", "latest", "-o", str(tmp_path / "run.csv")).code == 0
    assert (tmp_path / "run.csv").read_text("utf-8-sig").startswith("position,example_id")
    assert "is none of json, jsonl" in say("export", "latest", "-o", str(tmp_path / "run.pdf")).err
    assert not (tmp_path / "run.pdf").exists()


def write_questions(folder: Path) -> tuple[str, str]:
    """Two questions with labels and no contexts, one with contexts, and the documents that answer them."""
    documents = {"fees": "The premium is paid for 20 years.", "claims": "Send the certificate with a claim."}
    docs = folder / "docs.json"
    docs.write_text(json.dumps([{"id": name, "text": text} for name, text in documents.items()]))
    cases: list[dict[str, Any]] = [
        {"id": "a", "question": "How long is the premium paid?", "relevance": {"fees": 1}},
        {"id": "b", "question": "Is a claim without certificate paid?", "relevance": {"claims": 1}},
        {"id": "c", "question": "Why?", "contexts": ["its own"]},
    ]
    file = folder / "asked.json"
    file.write_text(json.dumps({"test_cases": [{**case, "answer": "For 20 years."} for case in cases]}))
    return str(file), str(docs)


def test_contexts_are_found_in_documents_and_the_snapshot_says_how(say: Terminal, tmp_path: Path) -> None:
    """Labels can be held against them; what a case has stays; another number of passages is a change."""
    file, docs = write_questions(tmp_path)
    searched = ("run", file, "-m", "hit_rate,mrr", "--retriever", "bm25", "--retriever-docs", docs)
    told = say(*searched, "--retriever-top-k", "1", "--output", "json")
    assert told.code == 0
    assert "Contexts by bm25: 1 of 2 passages out of 2 documents, for 2 cases." in told.err
    assert "1 case keeps the contexts that it has." in told.err
    assert told.json["summary"]["metrics"]["hit_rate"]["mean"] == 1.0
    case = say("show", "latest", "--case", "0", "--output", "json").json
    assert [one["id"] for one in case["judged_answer"]["contexts"]] == ["fees"]
    both = say(*searched, "--retriever-top-k", "2", "--replace-contexts", "--output", "json")
    assert "The contexts of 1 case are replaced." in both.err
    compared = say("compare", told.json["id"], both.json["id"], "--output", "json").json
    changed = {one["what"]: (one["before"], one["after"]) for one in compared["changes"]}
    assert changed == {"retriever top_k": (1, 2), "retriever replaces": (False, True)}


def test_server_of_an_address_searches_no_documents(capsys: pytest.CaptureFixture[str]) -> None:
    """They are here, not there; it is said before anything is sent."""
    assert run_cli(["eval", "run", "qa", *RETRIEVER, "--url", "http://127.0.0.1:9"]) == 2
    assert "does not search documents of the command line" in capsys.readouterr().err


def test_run_goes_on_with_the_documents_that_it_was_begun_with_only(say: Terminal, tmp_path: Path) -> None:
    """Contexts that were found are kept with the run; others come from the same documents or not at all."""
    file, docs = write_questions(tmp_path)
    searched = ("--retriever", "dense", "--retriever-docs", docs, "--profile", "simulated")
    stopped = say("run", file, "-m", "faithfulness", *searched, "--max-calls", "2", "--output", "json")
    run_id = stopped.json["id"]
    assert stopped.json["state"] == "stopped"
    content = Path(docs).read_text()
    Path(docs).write_text(content.replace("20 years", "10 years"))
    refused = say("run", "--resume", run_id, "--max-calls", "99")
    assert refused.code == 2
    assert "are not those that the run was begun with" in refused.err.replace("\n", " ")
    Path(docs).write_text(content)
    done = say("run", "--resume", run_id, "--max-calls", "99", "--output", "json").json
    assert (done["state"], done["summary"]["metrics"]["faithfulness"]["n_scored"]) == ("finished", 3)
