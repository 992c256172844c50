"""`pitwall telemetry dead-letters` against a real server, and on its data directory when it is stopped."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.integration.server.processes import COMMAND, Server

BAD_REQUEST = {
    "resourceSpans": [
        {
            "scopeSpans": [
                {
                    "spans": [
                        {
                            "traceId": "0" * 32,
                            "spanId": "eee19b7ec3c1b174",
                            "name": "잃어버린 구간",
                            "startTimeUnixNano": "1544712660000000000",
                            "endTimeUnixNano": "1544712661000000000",
                        }
                    ]
                }
            ]
        }
    ]
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that was sent one span with an all-zero trace id."""
    server = Server(tmp_path_factory.mktemp("data") / "d").start()
    answer = httpx.post(f"{server.url}/v1/traces", json=BAD_REQUEST, trust_env=False)
    assert answer.json()["partialSuccess"]["rejectedSpans"] == "1"
    yield server
    if server.process is not None and server.process.poll() is None:
        server.stop()


def _run(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, "telemetry", "dead-letters", *arguments, "--data-dir", str(data_dir)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def _list(data_dir: Path) -> list[dict[str, Any]]:
    answer = _run(data_dir, "list", "--output", "json")
    assert answer.returncode == 0, answer.stderr
    letters: list[dict[str, Any]] = orjson.loads(answer.stdout)["dead_letters"]
    return letters


def _wait_for_letter(data_dir: Path) -> dict[str, Any]:
    for _ in range(20):
        if letters := _list(data_dir):
            return letters[0]
    raise AssertionError("the letter did not arrive")


def test_letter_is_listed_shown_and_tried_again(server: Server) -> None:
    """A person finds the span, sees what it was, and learns that sending it again does not help."""
    letter = _wait_for_letter(server.data_dir)
    assert (letter["reason"], letter["record_name"]) == ("invalid_trace_id", "잃어버린 구간")

    table = _run(server.data_dir, "list").stdout
    assert "잃어버린 구간" in table
    assert letter["id"] in table

    shown = orjson.loads(_run(server.data_dir, "show", letter["id"], "--output", "json").stdout)
    [span] = shown["request"]["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert span["spanId"] == "eee19b7ec3c1b174"

    again = _run(server.data_dir, "retry", letter["id"], "--output", "json")
    assert again.returncode == 3
    [result] = orjson.loads(again.stdout)
    assert (result["accepted"], result["is_removed"]) == (0, False)
    assert "all zero" in result["rejected"][0]["message"]


def test_api_and_command_show_the_same(server: Server) -> None:
    """JSON output is in the API's shape."""
    _wait_for_letter(server.data_dir)
    answer = httpx.get(f"{server.url}/api/v1/telemetry/dead-letters", trust_env=False)
    assert answer.json()["dead_letters"] == _list(server.data_dir)


def test_unknown_letter_is_a_clear_error(server: Server) -> None:
    """The message names the id and says where ids come from."""
    answer = _run(server.data_dir, "show", "f" * 32)
    assert answer.returncode == 1
    assert f"There is no dead letter '{'f' * 32}'" in answer.stderr
    assert "dead-letters list" in answer.stderr


def test_retry_wants_ids_or_all(server: Server) -> None:
    """Neither or both is a usage error."""
    assert _run(server.data_dir, "retry").returncode == 2
    assert _run(server.data_dir, "retry", "x", "--all").returncode == 2


def test_letters_can_be_listed_without_a_server(server: Server) -> None:
    """The command opens the data directory itself when no server runs on it."""
    letter = _wait_for_letter(server.data_dir)
    server.stop()
    assert _list(server.data_dir) == [letter]
