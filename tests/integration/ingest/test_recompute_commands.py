"""`pitwall telemetry remap` and `recost`, with prices of one's own, against a real server."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.integration.server.processes import COMMAND, Server

PRICES = "prices:\n  - model: own-model\n    input_usd_per_mtok: 2\n"
CALLS = 5


def _request(now_ns: int) -> dict[str, Any]:
    attributes = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "own-model"}
    span = {
        "name": "chat",
        "startTimeUnixNano": str(now_ns),
        "endTimeUnixNano": str(now_ns + 10**9),
        "attributes": [
            *({"key": key, "value": {"stringValue": value}} for key, value in attributes.items()),
            {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "1000000"}},
            {"key": "gen_ai.usage.output_tokens", "value": {"intValue": "1"}},
        ],
    }
    spans = [{**span, "traceId": f"{n:032x}", "spanId": f"{n:016x}"} for n in range(1, CALLS + 1)]
    return {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that took calls while it had no price for them, and has one since its restart."""
    directory = tmp_path_factory.mktemp("data")
    server = Server(directory / "d").start()
    request = _request(time.time_ns() - 600 * 10**9)
    answer = httpx.post(f"{server.url}/v1/traces", json=request, trust_env=False)
    assert answer.status_code == 200
    server.stop()
    (directory / "prices.yaml").write_text(PRICES)
    server.environ["PITWALL_PRICES__FILE"] = str(directory / "prices.yaml")
    server.start()
    yield server
    if server.process is not None and server.process.poll() is None:
        server.stop()


def _run(server: Server, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *arguments, "--data-dir", str(server.data_dir)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def _total(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    total: dict[str, Any] = orjson.loads(done.stdout)["total"]
    return total


def _cost(server: Server) -> float | None:
    asked = {"name": "cost.usd", "since": "now-1h"}
    answer = httpx.get(f"{server.url}/api/v1/signals/query", params=asked, trust_env=False)
    assert answer.status_code == 200, answer.text
    rows = answer.json()["rows"]
    value: float | None = rows[0]["value"] if rows else None
    return value


def test_recost_gives_stored_calls_the_new_price(server: Server) -> None:
    """The dry run tells it, the run does it, the signal shows it, and another run has nothing to do."""
    dry = _run(server, "telemetry", "recost", "--dry-run", "--output", "json")
    assert _total(dry) == {
        "spans": CALLS,
        "changed": CALLS,
        "kept_without_text": 0,
        "kept_without_rows": 0,
        "cost_before_usd": None,
        "cost_after_usd": "10.000000000000",
    }
    assert "Nothing was changed" in dry.stderr
    assert _total(_run(server, "telemetry", "recost", "--yes", "--output", "json"))["changed"] == CALLS
    assert _total(_run(server, "telemetry", "recost", "--yes", "--output", "json"))["changed"] == 0
    assert _cost(server) == 10.0


def test_remap_of_current_spans_changes_nothing(server: Server) -> None:
    """The table says how many spans were looked at."""
    done = _run(server, "telemetry", "remap", "--since", "now-2h", "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].split()[2:4] == [str(CALLS), "0"]


def test_range_without_spans_is_told(server: Server) -> None:
    """Nothing to do is a sentence, not an empty table, and nobody is asked."""
    done = _run(server, "telemetry", "recost", "--since", "2020-01-01", "--until", "2020-01-02")
    assert (done.returncode, done.stdout) == (0, "")
    assert "No spans are stored in that range." in done.stderr


def test_question_unanswered_stops(server: Server) -> None:
    """Without --yes and without an answer nothing is done."""
    done = _run(server, "telemetry", "recost")
    assert done.returncode == 130
    assert f"{CALLS} stored spans" in done.stderr


def test_server_refuses_to_start_with_a_bad_price_file(tmp_path: Path) -> None:
    """The message names file and line."""
    path = tmp_path / "prices.yaml"
    path.write_text(PRICES.replace("2\n", "two\n"))
    code, said = Server(tmp_path / "d", environ={"PITWALL_PRICES__FILE": str(path)}).refused()
    assert code != 0
    assert f"{path}:3:" in said
