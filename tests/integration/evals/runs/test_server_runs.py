"""Runs that a real server does: begun over HTTP, gone on with after kill -9, scores beside their spans."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.server.processes import COMMAND
from tests.support.eval_runs import claims_judge, write_dataset, write_models
from tests.support.judge_server import JudgeServer, after, running_judge, wait_until
from tests.support.pitwall_process import PitwallServer
from tests.support.telemetry import TraceBatch

pytestmark = pytest.mark.slow
RUNS = "/api/v1/evals/runs"


@pytest.fixture
def judge() -> Iterator[JudgeServer]:
    with running_judge(claims_judge) as server:
        yield server


@pytest.fixture
def server(tmp_path: Path, judge: JudgeServer) -> Iterator[PitwallServer]:
    models = write_models(tmp_path, judge.openai_url, concurrency=4)
    environ = {"PITWALL_MODELS__FILE": str(models)}
    with PitwallServer(tmp_path / "data", environ=environ).start() as running:
        yield running


def _api(server: PitwallServer) -> httpx.Client:
    return httpx.Client(base_url=server.url, trust_env=False, timeout=30)


def _import(api: httpx.Client, cases: list[dict[str, Any]]) -> None:
    content = json.dumps({"name": "qa", "test_cases": cases})
    api.post("/api/v1/datasets", params={"file": "qa.json"}, content=content).raise_for_status()


def _cases(count: int) -> list[dict[str, Any]]:
    return [
        {
            "id": f"e{number}",
            "question": f"Question {number}?",
            "answer": f"Answer {number}." if number != 2 else "",
            "contexts": [f"Context {number}."],
            "ground_truth": f"Answer {number}.",
            "trace_id": number.to_bytes(16).hex(),
        }
        for number in range(1, count + 1)
    ]


def _wait(api: httpx.Client, run_id: str, *states: str) -> dict[str, Any]:
    def stands() -> bool:
        return _get(api, run_id)["state"] in states

    wait_until(stands, 60)
    return _get(api, run_id)


def _get(api: httpx.Client, run_id: str) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"{RUNS}/{run_id}").raise_for_status().json()
    return found


def _scores(api: httpx.Client, trace_id: str) -> list[dict[str, Any]]:
    answer = api.get(f"/api/v1/traces/{trace_id}").raise_for_status().json()
    scores: list[dict[str, Any]] = answer["scores"]
    return scores


def test_run_begun_over_http_is_done_and_its_scores_stand_beside_the_spans(server: PitwallServer) -> None:
    """Each score of a case with a trace is on that trace once, also after the run was gone on with."""
    with _api(server) as api:
        content = TraceBatch(first=1, traces=5).encode()
        headers = {"content-type": "application/x-protobuf"}
        api.post("/v1/traces", content=content, headers=headers).raise_for_status()
        server.wait_until_applied()
        _import(api, _cases(5))
        body = {"dataset": "qa", "metrics": ["faithfulness", "exact_match"], "profile": "judge"}
        planned = api.post(f"{RUNS}/plan", json=body).raise_for_status().json()
        assert planned["estimate"]["calls"] == 10
        begun = api.post(RUNS, json=body)
        assert begun.status_code == 201
        run = _wait(api, begun.json()["id"], "finished", "failed")
        assert run["state"] == "finished", run["error"]
        assert run["summary"]["metrics"]["faithfulness"]["n_scored"] == 4
        assert run["summary"]["metrics"]["faithfulness"]["reasons"] == {"empty_answer": 1}
        failed = api.get(f"{RUNS}/{run['id']}/cases", params={"status": "failed"}).json()["cases"]
        assert [case["example_id"] for case in failed] == ["e2"]
        case = api.get(f"{RUNS}/{run['id']}/cases/0").json()
        faithful = next(score for score in case["scores"] if score["metric"] == "faithfulness")
        assert faithful["value"] == 1.0
        assert faithful["evidence"]
        assert faithful["calls"]
        spread = api.get(f"{RUNS}/{run['id']}/distributions").raise_for_status().json()["metrics"]
        assert (spread["faithfulness"]["low"], spread["faithfulness"]["high"]) == (0.0, 1.0)
        assert sum(spread["faithfulness"]["counts"]) == 4
        exported = api.get(f"{RUNS}/{run['id']}/export", params={"format": "jsonl"})
        assert len(exported.text.splitlines()) == 6
        trace = (1).to_bytes(16).hex()
        wait_until(lambda: len(_scores(api, trace)) == 2, 30)
        assert {score["name"]: score["value"] for score in _scores(api, trace)} == {
            "faithfulness": 1.0,
            "exact_match": 1.0,
        }
        api.post(f"{RUNS}/{run['id']}/resume", json={}).raise_for_status()
        _wait(api, run["id"], "finished")
        time.sleep(6)  # longer than the job takes to look again
        assert len(_scores(api, trace)) == 2


def test_server_goes_on_after_kill_9_and_after_a_stop(server: PitwallServer, judge: JudgeServer) -> None:
    """What was judged stays; the next server takes the run when its holder has been silent, or at once."""
    judge.rule = after(0.2, claims_judge)
    with _api(server) as api:
        _import(api, [case for case in _cases(40) if case["answer"]])
        body = {"dataset": "qa", "metrics": ["faithfulness"], "profile": "judge"}
        run_id = api.post(RUNS, json=body).raise_for_status().json()["id"]
        wait_until(lambda: len(judge.chats) > 20, 60)
        server.kill()
        server.start()
        wait_until(lambda: len(judge.chats) > 40, 60)
        assert server.stop() == 0
        server.start()
        run = _wait(api, run_id, "finished", "failed")
        assert run["state"] == "finished", run["error"]
        assert run["summary"]["metrics"]["faithfulness"]["n_scored"] == 39
        bodies = [json.dumps(asked.body, sort_keys=True) for asked in judge.chats]
        assert len(set(bodies)) == 78
        # Asked again is at most what was under way at the two ends, or answered and not yet on the disk.
        assert len(bodies) <= 78 + 2 * 2 * 4


def test_run_is_cancelled_and_unknown_things_are_named(server: PitwallServer, judge: JudgeServer) -> None:
    """404 and 409 with a hint, never an empty success."""
    judge.rule = after(20.0, claims_judge)
    with _api(server) as api:
        _import(api, _cases(3))
        body = {"dataset": "qa", "metrics": ["faithfulness"], "profile": "judge"}
        run_id = api.post(RUNS, json=body).json()["id"]
        wait_until(lambda: bool(judge.chats), 30)
        assert api.post(f"{RUNS}/{run_id}/cancel").json()["state"] == "cancelled"
        again = api.post(f"{RUNS}/{run_id}/cancel")
        assert (again.status_code, again.json()["code"]) == (409, "eval_run.is_over")
        for path in ("run_none", f"{run_id}/cases/99"):
            missing = api.get(f"{RUNS}/{path}")
            assert missing.status_code == 404
            assert missing.json()["hint"]
        wrong = api.post(f"{RUNS}/plan", json={**body, "prompts": {"claims": {"version": 1, "en": {}}}})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "eval_prompts.invalid")
        assert wrong.json()["details"]["problems"][0]["prompt"] == "claims"
        unknown = api.post(RUNS, json={**body, "metrics": ["faithfulnes"]})
        assert (unknown.status_code, unknown.json()["code"]) == (422, "metric.unknown")
        local = api.post(RUNS, json={**body, "target": {"kind": "python", "function": "os:system"}})
        assert local.status_code == 422


def test_commands_use_the_running_server(server: PitwallServer) -> None:
    """`history` and `show` say the same with a server as without one."""
    with _api(server) as api:
        _import(api, _cases(3))
        run_id = api.post(RUNS, json={"dataset": "qa", "metrics": ["exact_match"]}).json()["id"]
        _wait(api, run_id, "finished")

    def say(*arguments: str) -> Any:
        command = [*COMMAND, "eval", *arguments, "--data-dir", str(server.data_dir), "--output", "json"]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    questions = (["history"], ["show", run_id], ["show", run_id, "--cases"], ["show", run_id, "--case", "0"])
    served = [say(*question) for question in questions]
    server.stop()
    assert [say(*question) for question in questions] == served


def test_command_with_an_address_lets_the_server_do_the_run(
    server: PitwallServer, judge: JudgeServer, tmp_path: Path
) -> None:
    """The files are sent, the server judges, the command waits and shows what came of it.

    Prompts of one's own are kept there, are what the judge is told, and can be taken for another run.
    """
    dataset = write_dataset(tmp_path / "qa.json", 4)
    prompts = tmp_path / "prompts.yaml"
    prompts.write_text("claims: {version: 2, en: {system: My rules., user: List the claims.}}")
    asked = ["--metrics", "exact_match,faithfulness", "--profile", "judge", "--prompts", str(prompts)]
    command = [*COMMAND, "eval", "run", str(dataset), *asked, "--url", server.url, "--output", "json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    run = json.loads(done.stdout)
    assert (run["where"], run["state"]) == ("server", "finished")
    assert run["summary"]["metrics"]["faithfulness"]["n_scored"] == 4
    told = [one.body["messages"][0]["content"] for one in judge.chats]
    assert sum(text.startswith("My rules.\n") for text in told) == 4
    with _api(server) as api:
        kept = api.get(f"{RUNS}/{run['id']}/prompts").raise_for_status().json()
    assert kept["prompts"]["claims"]["en"]["system"] == "My rules."
    assert kept["hash"] == run["plan"]["prompts"]["hash"]
    again = [*command[:-2], "--dry-run"]
    again[again.index(str(prompts))] = run["id"]
    planned = subprocess.run(again, check=True, capture_output=True, text=True)
    assert json.loads(planned.stdout)["plan"]["prompts"] == run["plan"]["prompts"]
    local = [*COMMAND, "eval", "run", str(dataset), "--target", "os:system", "--url", server.url]
    refused = subprocess.run(local, check=False, capture_output=True, text=True)
    assert refused.returncode == 2
    assert "which the server does not run" in refused.stderr
