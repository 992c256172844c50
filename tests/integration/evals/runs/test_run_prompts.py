"""Runs with prompts of somebody's own: what the judge is asked, what is kept, what compares."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.cli.main import run as run_cli
from pitwall.evals.anchors.checking import AnchorChecker, CheckerParts
from pitwall.evals.anchors.service import Anchors
from pitwall.evals.anchors.types import AnchorOptions
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.judging.own_prompts import check_prompts
from pitwall.evals.metrics.registry import load
from pitwall.evals.runs.planning import RunOptions
from pitwall.evals.runs.reading import RunReader
from pitwall.evals.runs.service import EvalRuns, NewRun
from pitwall.evals.runs.types import PlannedPrompts, Where
from pitwall.evals.snapshots.service import Snapshots
from pitwall.kit.clock import SystemClock
from pitwall.llm.profiles import ModelProfile
from pitwall.llm.types import Api, ModelEndpoint
from pitwall.stores.state import StateStore
from tests.support.eval_runs import Lab, claims_judge, code_metric, make_example, write_dataset, write_models
from tests.support.judge_server import JudgeServer, running_judge

OWN = """
claim_support:
  version: 7
  en:
    system: {rules}
    user: "Judge these: {{ids}}."
"""


@pytest.fixture
def judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JudgeServer]:
    monkeypatch.chdir(tmp_path)
    with running_judge(claims_judge) as server:
        monkeypatch.setenv("PITWALL_MODELS__FILE", str(write_models(tmp_path, server.openai_url)))
        yield server


class Desk:
    """Types commands about runs of one data directory; answers are JSON."""

    def __init__(self, directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._directory = directory
        self._capsys = capsys
        self.told = ""

    def __call__(self, *arguments: str, code: int = 0) -> Any:
        self._capsys.readouterr()
        where = ["--data-dir", str(self._directory / "data")]
        assert run_cli([*arguments, *where, "--output", "json"]) == code
        said = self._capsys.readouterr()
        self.told = said.err
        return json.loads(said.out) if said.out else None


@pytest.fixture
def do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def _systems(judge: JudgeServer, since: int = 0) -> set[str]:
    """What the judge was told first, of verdicts on claims."""
    asked = [one.body["messages"] for one in judge.chats[since:]]
    return {said[0]["content"].splitlines()[0] for said in asked if "claims key" in said[1]["content"]}


def _snapshot(directory: Path, run_id: str) -> Mapping[str, Any]:
    """What the run kept when it began."""
    with closing(StateStore.in_directory(directory / "data").open()) as state:
        found = Snapshots(state, load, lambda *_: []).get("default", run_id)
    assert found.kept is not None
    assert found.kept["prompts"] == found.facts["prompts"]
    return found.kept


def test_run_goes_on_with_the_prompts_that_it_was_begun_with(
    judge: JudgeServer, do: Desk, tmp_path: Path
) -> None:
    """Whatever becomes of the file; what else was begun with it is another ruler, and is told to be."""
    dataset, file = write_dataset(tmp_path / "qa.json", 3), tmp_path / "own.yaml"
    asked = ["-m", "faithfulness", "--profile", "judge"]
    file.write_text(OWN.format(rules="First rules."))
    first = do("eval", "run", str(dataset), *asked, "--prompts", str(file), "--max-calls", "3", code=1)
    assert "Prompts of your own: claim_support." in do.told
    assert first["state"] == "stopped"
    file.write_text(OWN.format(rules="Second rules."))
    second = do("eval", "run", "qa", *asked, "--prompts", str(file))
    file.unlink()
    before = len(judge.chats)
    resumed = do("eval", "run", "--resume", first["id"], "--max-calls", "100")
    assert resumed["state"] == "finished"
    assert _systems(judge, before) == {"First rules."}
    assert resumed["plan"]["prompts"] == first["plan"]["prompts"] != second["plan"]["prompts"]
    built_in = do("eval", "run", "qa", *asked)
    assert built_in["plan"]["prompts"] is None
    assert len(_systems(judge)) == 3
    compared = [do("eval", "compare", first["id"], other["id"]) for other in (second, built_in)]
    assert all("prompts_differ" in [one["kind"] for one in told["notices"]] for told in compared)
    digests = [run["plan"]["prompts"]["replaced"]["claim_support"] for run in (first, second)]
    (prompts,) = [one["text"]["en"] for one in compared[0]["changes"] if one["part"] == "prompts"]
    assert prompts.startswith("The prompts of faithfulness went from claim_support")
    assert all(digest in prompts for digest in digests)
    snapshot = _snapshot(tmp_path, first["id"])
    assert snapshot["prompts"]["texts"]["claim_support"]["en"]["system"] == "First rules."
    assert snapshot["command"].endswith(f"--prompts {first['id']}")
    before = len(judge.chats)
    again = do("eval", "run", "qa@1", *asked, "--prompts", first["id"])
    assert again["plan"]["metrics"] == first["plan"]["metrics"]
    assert len(judge.chats) == before  # the same words are the same calls


def test_anchors_of_a_run_are_judged_with_its_prompts(judge: JudgeServer, do: Desk, tmp_path: Path) -> None:
    """So the judge is held against the same ruler, not told to have moved because of other words."""
    file = tmp_path / "own.yaml"
    file.write_text(OWN.format(rules="My rules."))
    asked = ["-m", "faithfulness", "--profile", "judge", "--prompts", str(file)]
    run = do("eval", "run", str(write_dataset(tmp_path / "qa.json", 8)), *asked)
    before, clock = len(judge.chats), SystemClock()
    with closing(StateStore.in_directory(tmp_path / "data").open()) as state:
        anchors = Anchors(state, clock, registry=load)
        anchors.save("core", AnchorOptions(run_id=run["id"]), by=LOCAL_OPERATOR)
        profile = ModelProfile("judge", ModelEndpoint(Api.OPENAI, "judge", judge.openai_url))
        reader = RunReader(state, Datasets(state, clock))
        parts = CheckerParts(
            state=state, clock=clock, reader=reader, registry=load, profile=lambda _name: profile
        )
        assert AnchorChecker(parts).check_next()
        (drift,) = anchors.get("default", "core").checks[0].content["metrics"]
    assert _systems(judge, before) == {"My rules."}
    assert drift["is_other_ruler"] is False


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            OWN.format(rules="x").replace("{ids}", "all"),
            "own.yaml:6: claim_support, en, user: the place {ids}",
        ),
        (OWN.replace("claim_support", "claim_suport").format(rules="x"), "do you mean 'claim_support'?"),
        (None, "There is no file own.yaml."),
    ],
)
def test_wrong_prompts_begin_nothing(
    do: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, said: str
) -> None:
    """Nobody is asked anything."""
    monkeypatch.chdir(tmp_path)
    if text is not None:
        Path("own.yaml").write_text(text)
    dataset = write_dataset(tmp_path / "qa.json", 1)
    asked = ["-m", "faithfulness", "--profile", "simulated", "--prompts", "own.yaml"]
    do("eval", "run", str(dataset), *asked, code=2)
    assert said in do.told
    assert "Hint: " in do.told
    assert do("eval", "history")["runs"] == []


def test_prompts_are_kept_once_and_by_project(any_store: StateStore) -> None:
    """On each kind of store; a run that asks with none has Pitwall's own."""
    lab = Lab(any_store)
    metric = code_metric("one", lambda _case: 1.0)
    version = lab.store([make_example(1)])
    own = check_prompts({"claims": {"version": 1, "ko": {"system": "규칙", "user": "나열하십시오."}}})
    plan = lab.plan(version, [metric], prompts=own)
    assert plan.prompts == PlannedPrompts(own.hash or "", {"claims": own.get("claims").digest})
    new = NewRun(
        name="x",
        dataset=lab.facts(version, RunOptions()),
        plan=plan,
        cases=1,
        calls=0,
        where=Where.CLI,
        prompts=own,
    )
    runs = EvalRuns(any_store, SystemClock())
    first, second = (runs.add(new, by=LOCAL_OPERATOR) for _ in range(2))
    for run in (first, second):
        found, kept = runs.prompts_of("default", run.id)
        assert (found.plan.prompts, kept, kept.own) == (plan.prompts, own, own.own)
    plain = lab.begin(version, [metric])
    assert runs.prompts_of("default", plain.id)[1].hash is None
