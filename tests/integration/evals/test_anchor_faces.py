"""Anchors over HTTP and on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from structlog.testing import capture_logs

from pitwall.access.service import AccessService
from pitwall.cli.main import root
from pitwall.evals.anchors.checking import AnchorChecker, CheckerParts
from pitwall.evals.anchors.endpoints import anchors_router
from pitwall.evals.anchors.schemas import AnchorsDetail, AnchorsList
from pitwall.evals.anchors.service import Anchors
from pitwall.evals.metrics.registry import Registry
from pitwall.evals.runs.reading import RunReader
from pitwall.kit.clock import ManualClock
from pitwall.llm.profiles import ModelProfile
from pitwall.llm.types import Api, ModelEndpoint
from pitwall.server.app import WebParts, create_app
from pitwall.stores.state import StateStore
from tests.support.eval_runs import AskingMetric, Lab, make_example
from tests.support.in_process import InProcess
from tests.support.judge_server import Act, JudgeServer, running_judge
from tests.support.stored_eval_runs import store_run

N = 10
CLOCK = ManualClock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StateStore]:
    store = StateStore.in_directory(tmp_path, clock=CLOCK).open()
    yield store
    store.close()


@pytest.fixture
def run(store: StateStore) -> str:
    version = Lab(store, CLOCK).store([make_example(number) for number in range(N)])
    ids = [f"e{number}" for number in range(N)]
    return store_run(store, {"asking": [0.9] * N}, dataset_version_id=version.id, ids=ids, judge="judge")


@pytest.fixture
def judge() -> Iterator[JudgeServer]:
    """A judge that is stricter than the run's was."""
    with running_judge(lambda _asked: Act(json.dumps({"value": 0.2}))) as server:
        yield server


@pytest.fixture
def transport(store: StateStore, judge: JudgeServer) -> InProcess:
    """An API whose anchors are checked at once."""

    def registry() -> Registry:
        return Registry((AskingMetric(),), {}, ())

    checker = AnchorChecker(
        CheckerParts(
            state=store,
            clock=CLOCK,
            reader=RunReader(store, Lab(store, CLOCK).datasets),
            registry=registry,
            profile=lambda _: ModelProfile("judge", ModelEndpoint(Api.OPENAI, "judge", judge.openai_url)),
        )
    )

    def work() -> None:
        with capture_logs():  # they would stand in the output of the command
            checker.run()

    parts = WebParts(
        access=AccessService(store, CLOCK, allow_anonymous=True),
        version="0",
        is_started=lambda: True,
        routers=[anchors_router(Anchors(store, CLOCK, registry=registry, wake=work))],
    )
    return InProcess(create_app(parts))


def _run(transport: InProcess, *arguments: str, language: str = "en") -> Result:
    runner = CliRunner(env={"PITWALL_LANG": language})
    return runner.invoke(
        root, ["eval", "anchors", *arguments], obj=lambda *_: nullcontext(transport), standalone_mode=False
    )


def test_commands_set_check_show_and_delete(transport: InProcess, run: str) -> None:
    """A judge that moved is exit code 3 for whoever waits, and said in both languages."""
    done = _run(transport, "set", "core", "--run", run, "--every", "12h", "--margin", "0.1")
    assert "10 answers of" in done.stderr
    assert "every 12h, with at most 20 calls" in done.stderr
    checked = _run(transport, "check", "core", "--wait", "--output", "json")
    assert checked.return_value == 3
    found = json.loads(checked.stdout)
    AnchorsDetail.model_validate(found)
    assert (found["every_seconds"], found["margin"], found["last_check"]["state"]) == (43_200, 0.1, "moved")
    listed = json.loads(_run(transport, "list", "--output", "json").stdout)
    AnchorsList.model_validate(listed)
    assert [one["name"] for one in listed["anchors"]] == ["core"]
    shown = _run(transport, "show", "core", language="ko")
    assert "판정 모델 변동" in shown.stdout
    assert "-0.700" in shown.stderr
    assert _run(transport, "check", "core").return_value == 0
    _run(transport, "delete", "core", "--yes")
    assert "There are no anchors" in _run(transport, "list").stdout + _run(transport, "list").stderr


def test_wrong_use_is_told(transport: InProcess, run: str) -> None:
    """No such run, no such anchors, a time that is none."""
    assert "run_nothing" in str(_run(transport, "set", "core", "--run", "run_nothing").exception)
    assert "'other'" in str(_run(transport, "show", "other").exception)
    assert (
        getattr(_run(transport, "set", "x", "--run", run, "--every", "often").exception, "exit_code", 0) == 2
    )
