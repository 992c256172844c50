"""What the company evaluates: one dataset in two versions, each judged by a run that asks no model."""

from __future__ import annotations

import json
import time
from typing import Any, Final

import httpx

from tests.e2e.running import RunningPitwall
from tests.e2e.ui.world_texts import DOCUMENTS, TALKS

DATASET: Final = "voc-questions"
_COPIES: Final = 4
_INVENTED: Final = "Shipping abroad costs 25 dollars and takes 90 days."
_METRICS: Final = ("faithfulness", "answer_relevancy", "context_recall", "f1_score", "number_consistency")


def build_evaluations(server: RunningPitwall) -> dict[str, str]:
    """Import both versions and judge them; the second answers worse. Returns the ids of the runs."""
    runs = {
        f"run_{name}": _judge(server, name, _file(name, invents))
        for name, invents in (("before", False), ("after", True))
    }
    url = f"{server.url}/api/v1/evals/baselines/{DATASET}"
    httpx.put(url, json={"run": runs["run_before"]}, trust_env=False, timeout=60).raise_for_status()
    return runs


def _file(name: str, invents: bool) -> bytes:
    cases = [_case(at, invents and at % 2 == 0) for at in range(_COPIES * len(TALKS))]
    content = {"name": DATASET, "version": name, "thresholds": {"faithfulness": 0.8}, "test_cases": cases}
    return json.dumps(content, ensure_ascii=False).encode()


def _case(at: int, invents: bool) -> dict[str, Any]:
    talk = TALKS[at % len(TALKS)]
    found = [text for _, _, text in DOCUMENTS[at % 3 : at % 3 + 2]]
    return {
        "id": f"q{at:02}",
        "question": talk.question,
        "answer": f"{talk.answer.split('. ')[0]}. {_INVENTED}" if invents else talk.answer,
        # The simulated judge holds words against words: what was answered stands in the last document.
        "contexts": [*found, talk.answer] if at != 5 else [],
        "ground_truth": talk.answer if at % 7 else None,
        "metadata": {"topic": ("battery", "returns", "delivery")[at % 3]},
    }


def _judge(server: RunningPitwall, name: str, content: bytes) -> str:
    with httpx.Client(base_url=f"{server.url}/api/v1", trust_env=False, timeout=60) as client:
        client.post("/datasets", params={"file": f"{name}.json"}, content=content).raise_for_status()
        body = {"dataset": DATASET, "name": name, "metrics": _METRICS, "profile": "simulated"}
        begun = client.post("/evals/runs", json=body)
        begun.raise_for_status()
        run_id = str(begun.json()["id"])
        _wait_for(client, run_id)
        return run_id


def _wait_for(client: httpx.Client, run_id: str) -> None:
    deadline = time.monotonic() + 60
    while (state := client.get(f"/evals/runs/{run_id}").json()["state"]) != "finished":
        assert state in ("queued", "running"), state
        assert time.monotonic() < deadline, f"the run {run_id} is {state}"
        time.sleep(0.2)
