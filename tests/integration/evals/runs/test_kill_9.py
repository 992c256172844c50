"""`pitwall eval run` killed at twenty random points: what was finished is kept and no call of it repeated."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.types import EvalRun, RunQuery, RunState
from pitwall.kit.clock import SystemClock
from pitwall.stores.state import StateStore
from pitwall.stores.state.tables import eval_scores, llm_calls
from tests.support.eval_runs import claims_judge, write_dataset, write_models
from tests.support.judge_server import JudgeServer, after, running_judge, wait_until

_CASES = 50
_KILLS = 20
_MAIN = "from pitwall.cli.main import main; main()"


@pytest.fixture
def judge() -> Iterator[JudgeServer]:
    with running_judge() as server:
        server.rule = after(0.03, claims_judge)
        yield server


def _begin(tmp_path: Path, arguments: Sequence[str]) -> subprocess.Popen[str]:
    environ = {**os.environ, "PITWALL_MODELS__FILE": str(tmp_path / "models.yaml")}
    command = [sys.executable, "-c", _MAIN, "eval", "run", *arguments, "--data-dir", str(tmp_path / "data")]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _store(tmp_path: Path) -> StateStore:
    return StateStore.in_directory(tmp_path / "data").open()


def _run_of(store: StateStore) -> EvalRun:
    with store.session(read_only=True) as session:
        (run,) = Runs(session, "default").list(RunQuery(), SystemClock().now())
    return run


def _kept_calls(store: StateStore) -> set[str]:
    with store.session(read_only=True) as session:
        bodies = session.execute(select(llm_calls.c.request).where(llm_calls.c.failure.is_(None))).scalars()
        return {_canonical(json.loads(body)) for body in bodies}


def _kept_scores(store: StateStore) -> dict[int, float | None]:
    with store.session(read_only=True) as session:
        rows = session.execute(select(eval_scores.c.position, eval_scores.c.value))
        return {row.position: row.value for row in rows}


def _has_asked(judge: JudgeServer, calls: int) -> bool:
    return len(judge.chats) >= calls


def _canonical(body: object) -> str:
    return json.dumps(body, sort_keys=True)


@pytest.mark.slow
def test_killed_runs_go_on_and_make_no_finished_call_twice(tmp_path: Path, judge: JudgeServer) -> None:
    """Counted at the judge: after a kill, nothing is asked whose answer was in the store."""
    write_models(tmp_path, judge.openai_url, concurrency=4)
    dataset = write_dataset(tmp_path / "qa.json", _CASES)
    moments = random.Random(20_261_128)
    arguments = [str(dataset), "--metrics", "faithfulness", "--profile", "judge"]
    kept: set[str] = set()
    scores: dict[int, float | None] = {}
    for _ in range(_KILLS):
        process = _begin(tmp_path, arguments)
        before, wanted = len(judge.chats), moments.randint(1, 7)
        wait_until(partial(_has_asked, judge, before + wanted), 60)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert not kept & {_canonical(asked.body) for asked in judge.chats[before:]}
        store = _store(tmp_path)
        kept |= _kept_calls(store)
        assert scores.items() <= _kept_scores(store).items()
        scores = _kept_scores(store)
        run = _run_of(store)
        store.close()
        assert run.state is RunState.RUNNING
        arguments = ["--resume", run.id]
    asked = len(judge.chats)
    process = _begin(tmp_path, arguments)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors + output
    assert not kept & {_canonical(asked.body) for asked in judge.chats[asked:]}
    store = _store(tmp_path)
    run = _run_of(store)
    store.close()
    assert run.state is RunState.FINISHED
    assert run.summary is not None
    assert run.summary.metrics["faithfulness"].n_scored == _CASES
    assert run.summary.metrics["faithfulness"].mean == 1.0
    assert run.progress.calls_made == 2 * _CASES


def test_second_process_is_refused_and_ctrl_c_says_how_to_go_on(tmp_path: Path, judge: JudgeServer) -> None:
    """One run has one process; interrupted, that names the command that goes on."""
    judge.rule = after(30.0, claims_judge)
    write_models(tmp_path, judge.openai_url)
    dataset = write_dataset(tmp_path / "qa.json", 5)
    process = _begin(tmp_path, [str(dataset), "--metrics", "faithfulness", "--profile", "judge"])
    wait_until(lambda: bool(judge.chats), 60)
    second = _begin(tmp_path, ["--resume", _id_of(tmp_path)])
    _, errors = second.communicate(timeout=60)
    assert second.returncode == 1
    assert "Another process works on the run" in errors
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"pitwall eval run --resume {_id_of(tmp_path)}" in errors


def _id_of(tmp_path: Path) -> str:
    store = _store(tmp_path)
    run = _run_of(store)
    store.close()
    return run.id
