"""Runs sent to real trackers: Phoenix and MLflow from environments of their own, read back by their APIs.

What tests hold with recording servers is asked of the real ones: every case and score is there once, also
after sending twice, and nothing personal is. The figure is the time that sending took.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks.harness.peers import MLFLOW, PHOENIX, Peer, install, running_peer
from benchmarks.harness.registry import ROOT, Context, Step
from benchmarks.harness.results import Figure

_EMAIL: Final = "kim@example.co.kr"
_SETTLE_SECONDS: Final = 60.0
_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Found:
    """What a tracker has of a run: its cases, its scores, everything as text."""

    cases: int
    scores: int
    text: str


def measure(context: Context) -> list[Figure]:
    """Send one run to each tracker twice, and read it back."""
    cases = context.size(300, 20)
    return [
        _sent(context, MLFLOW, "mlflow", cases, _read_mlflow),
        _sent(context, PHOENIX, "phoenix", cases, _read_phoenix),
    ]


def _sent(
    context: Context, peer: Peer, name: str, cases: int, read: Callable[[httpx.Client, str], Found]
) -> Figure:
    context.say(f"providing {peer.requirement}")
    install(peer)
    directory = context.directory("trackers") / name
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    with running_peer(peer, directory / "peer") as server:
        url = f"http://127.0.0.1:{server.port}"
        environ = {f"PITWALL_TRACKERS__{name.upper()}__URL": url}
        run_id = _judge(directory, _write(directory / "qa.json", cases))
        seconds = [_track(directory, run_id, name, environ) for _ in range(2)]
        with httpx.Client(base_url=url, trust_env=False, timeout=60) as api:
            found = _settled(lambda: read(api, run_id), cases)
    if (found.cases, found.scores) != (cases, 2 * cases):
        raise RuntimeError(f"{peer.name} has {found.cases} cases and {found.scores} scores of {cases} cases")
    if _EMAIL in found.text or "[masked:email]" not in found.text:
        raise RuntimeError(f"{peer.name} was sent an address that is not masked")
    note = f"again {seconds[1]:.1f} s; all there once, masked"
    return Figure(
        f"run sent to {peer.requirement}", f"{cases:,} cases, 2 scores each", "s", seconds[0], note=note
    )


def _write(path: Path, cases: int) -> Path:
    written = [
        {
            "id": f"e{number}",
            "question": f"환불은 언제 되나요? {number} {_EMAIL}",
            "answer": f"{number}일 안에 됩니다.",
            "contexts": ["환불은 7일 안에 처리됩니다."],
            "ground_truth": f"{number}일 안에 됩니다.",
        }
        for number in range(cases)
    ]
    path.write_text(json.dumps({"name": "qa", "test_cases": written}), "utf-8")
    return path


def _judge(directory: Path, file: Path) -> str:
    asked = ["run", str(file), "--metrics", "exact_match,f1_score", "--output", "json"]
    return str(json.loads(_pitwall(directory, *asked))["id"])


def _track(directory: Path, run_id: str, name: str, environ: dict[str, str]) -> float:
    began = time.monotonic()
    _pitwall(directory, "track", run_id, "--tracker", name, environ=environ)
    return time.monotonic() - began


def _pitwall(directory: Path, *arguments: str, environ: dict[str, str] | None = None) -> str:
    program = [sys.executable, "-c", "from pitwall.cli.main import main; main()", "eval"]
    told = subprocess.run(
        [*program, *arguments, "--data-dir", str(directory / "data")],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **(environ or {})},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return told.stdout


def _settled(read: Callable[[], Found], cases: int) -> Found:
    """What is there once nothing is missing: Phoenix stores a moment after it has answered."""
    ends_at = time.monotonic() + _SETTLE_SECONDS
    while (found := read()).scores < 2 * cases and time.monotonic() < ends_at:
        time.sleep(0.5)
    return found


def _read_mlflow(api: httpx.Client, run_id: str) -> Found:
    experiment = _json(
        api.get("/api/2.0/mlflow/experiments/get-by-name", params={"experiment_name": "pitwall"})
    )["experiment"]["experiment_id"]
    runs = _json(api.post("/api/2.0/mlflow/runs/search", json={"experiment_ids": [experiment]}))["runs"]
    if [_tags(run)["pitwall.run_id"] for run in runs] != [run_id]:
        raise RuntimeError(f"MLflow has {len(runs)} runs for one")
    wanted = [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}}]
    traces: list[dict[str, Any]] = []
    token = None
    while True:
        body = {"locations": wanted, "max_results": _PAGE, **({"page_token": token} if token else {})}
        page = _json(api.post("/api/3.0/mlflow/traces/search", json=body))
        traces += page.get("traces", [])
        token = page.get("next_page_token")
        if not token:
            break
    return Found(len(traces), sum(len(trace.get("assessments", [])) for trace in traces), _text(traces))


def _read_phoenix(api: httpx.Client, run_id: str) -> Found:
    spans = _pages(api, "/v1/projects/pitwall/spans", {"limit": _PAGE})
    answers = [span for span in spans if span["attributes"].get("pitwall.run_id") == run_id]
    ids = [span["context"]["span_id"] for span in answers if span["name"] == "answer"]
    notes: list[Any] = []
    for start in range(0, len(ids), 50):
        part = {"span_ids": ids[start : start + 50], "limit": _PAGE}
        notes += _pages(api, "/v1/projects/pitwall/span_annotations", part)
    return Found(len(ids), len(notes), _text(spans))


def _pages(api: httpx.Client, path: str, query: dict[str, Any]) -> list[Any]:
    found: list[Any] = []
    cursor = None
    while True:
        page = _json(api.get(path, params={**query, **({"cursor": cursor} if cursor else {})}))
        found += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def _json(answer: httpx.Response) -> Any:
    return answer.raise_for_status().json()


def _tags(run: dict[str, Any]) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in run["data"]["tags"]}


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


STEPS: Final = (
    Step("peers.trackers", "A run sent to real Phoenix and MLflow", measure, 4, is_default=False),
)
