"""`pitwall ingest` from outside: into a data directory, into a server, killed, interrupted, misused."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.integration.ingest.file_store import call_line, ids, write_calls
from tests.integration.server.processes import COMMAND, MakeServer, run_command

_ASK = """
import json, sys
from pathlib import Path
from pitwall.stores.telemetry.clickhouse import open_embedded
engine = open_embedded(Path(sys.argv[1]), memory_limit_bytes=1 << 30)
print(json.dumps(engine.query(sys.argv[2]).rows))
engine.close()
"""
_WAIT_SECONDS = 30.0
# More than a dozen chunks of a megabyte: enough to be killed in the middle four times.
COUNT = 15_000
_WIDTH = 900


def ask(data_dir: Path, sql: str) -> list[list[Any]]:
    """Query the telemetry store of a data directory that nobody has open."""
    command = [sys.executable, "-c", _ASK, str(data_dir / "telemetry"), sql]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows: list[list[Any]] = json.loads(done.stdout)
    return rows


def stored_ids(data_dir: Path) -> list[str]:
    """Return the request ids of all spans, sorted."""
    return [row[0] for row in ask(data_dir, "SELECT request_id FROM spans ORDER BY request_id")]


def write_wide_calls(path: Path, numbers: range) -> None:
    """Write calls in lines that are mostly spaces: they fill chunks, and cost the store nothing."""
    lines = (call_line(number).rstrip().ljust(_WIDTH) + b"\n" for number in numbers)
    path.write_bytes(b"".join(lines))


def offset_of(data_dir: Path) -> int:
    """Return how far the only source is imported, without disturbing whoever imports it."""
    with suppress(sqlite3.OperationalError):
        connection = sqlite3.connect(f"file:{data_dir / 'state.db'}?mode=ro", uri=True)
        try:
            row = connection.execute("SELECT max(next_offset) FROM ingest_sources").fetchone()
        finally:
            connection.close()
        return int(row[0] or 0)
    return 0


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_import_without_a_server(tmp_path: Path) -> None:
    """The command opens the data directory itself; the second time there is nothing to do."""
    path, data_dir = tmp_path / "llm_calls.jsonl", tmp_path / "data"
    write_calls(path, range(300))
    arguments = ("ingest", "jsonl", str(tmp_path), "--data-dir", str(data_dir), "--output", "json")
    first, second = (json.loads(run_command(*arguments).stdout) for _ in range(2))
    assert (first["rows"], first["rejected"], first["skipped"]) == (300, 0, 0)
    assert (second["rows"], second["skipped"]) == (0, 300)
    assert stored_ids(data_dir) == ids(range(300))


def test_malformed_line_stops_with_file_line_and_reason(tmp_path: Path) -> None:
    """Without --skip-invalid nothing of a small file is stored; with it the good lines are."""
    path, data_dir = tmp_path / "a.jsonl", tmp_path / "data"
    path.write_bytes(call_line(1) + b'{"event": "llm.call", "ts": "soon"}\n' + call_line(2))
    stopped = run_command("ingest", "jsonl", str(path), "--data-dir", str(data_dir))
    assert stopped.returncode != 0
    assert "a.jsonl:2: ts is 'soon', which is no time" in stopped.stderr
    assert "--skip-invalid" in stopped.stderr
    done = run_command(
        "ingest", "jsonl", str(path), "--data-dir", str(data_dir), "--skip-invalid", "--output", "json"
    )
    assert (done.returncode, json.loads(done.stdout)["rows"]) == (0, 2)
    assert "a.jsonl:2: ts is 'soon'" in done.stderr
    assert ask(data_dir, "SELECT reason, record_index FROM dead_letters") == [["wrong_type", 2]]


def test_stdin_and_a_project_of_choice(tmp_path: Path) -> None:
    """Lines of a pipe go to the project that the operator names; the same input adds nothing."""
    data_dir = tmp_path / "data"
    lines = b"".join(map(call_line, range(50)))
    command = [*COMMAND, "ingest", "jsonl", "-", "--project", "piped", "--data-dir", str(data_dir)]
    for _ in range(2):
        subprocess.run(command, input=lines, check=True, capture_output=True)
    assert ask(data_dir, "SELECT project, count() FROM spans GROUP BY project") == [["piped", 50]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["csv", "a.csv", "--map", "started_at=TIME,input_tokens=tokens"], "Did you mean TIMES"),
        (["csv", "a.csv", "--map", "input_tokens=tokens"], "no started_at"),
        (["csv", "a.csv", "--map", "started_at=TIMES", "--set", "kind"], "FIELD=VALUE"),
        (["jsonl", "missing.jsonl"], "no file missing.jsonl"),
        (["jsonl", "."], "none of the trace files"),
        (["jsonl", "a.csv", "--set", "kind=llm"], "--set needs --map"),
        (["jsonl", "-", "--follow"], "leave --follow out"),
    ],
)
def test_wrong_input_is_said_before_anything_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    """Message or hint says what is wrong."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("TIMES,tokens\n2026-01-01,3\n")
    done = run_command("ingest", *arguments, "--data-dir", str(tmp_path / "data"))
    assert done.returncode != 0
    assert said in done.stderr


def test_csv_with_a_map_file(tmp_path: Path) -> None:
    """A map file holds what flags would say."""
    (tmp_path / "map.yaml").write_text(
        "map: {started_at: when, duration_ms: 'took:s', input_tokens: tokens}\n"
        "set: {model: gpt-code}\ntimezone: Asia/Seoul\ndelimiter: ';'\n"
    )
    (tmp_path / "a.csv").write_text("when;took;tokens\n2026-01-01 09:00:00;1.5;30\n")
    data_dir = tmp_path / "data"
    run = ("ingest", "csv", str(tmp_path / "a.csv"), "--map-file", str(tmp_path / "map.yaml"))
    assert run_command(*run, "--data-dir", str(data_dir)).returncode == 0
    assert ask(
        data_dir, "SELECT toString(started_at), duration_ms, input_tokens, model, kind FROM spans"
    ) == [["2026-01-01 00:00:00.000000000", 1500, 30, "gpt-code", "llm"]]


@pytest.mark.slow
def test_killed_import_is_exact(tmp_path: Path) -> None:
    """Killed at any moment and run again, an import that owns the store leaves every line there once."""
    path, data_dir = tmp_path / "llm_calls.jsonl", tmp_path / "data"
    write_wide_calls(path, range(COUNT))
    command = [*COMMAND, "ingest", "jsonl", str(path), "--data-dir", str(data_dir)]
    dice = random.Random(7)
    for _ in range(4):
        _kill_in_the_middle(command, data_dir, dice.uniform(0, 0.2))
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert offset_of(data_dir) == path.stat().st_size
    assert stored_ids(data_dir) == ids(range(COUNT))


def _kill_in_the_middle(command: list[str], data_dir: Path, delay_seconds: float) -> None:
    """Start an import and kill it so long after it stored its first chunk, if it lasts that long."""
    before = offset_of(data_dir)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: offset_of(data_dir) > before or process.poll() is not None)
    time.sleep(delay_seconds)
    process.kill()
    process.wait()


@pytest.mark.slow
def test_import_into_a_server_that_is_killed_is_exact(make_server: MakeServer, tmp_path: Path) -> None:
    """The server is killed in the middle and started again; the next import brings the rest."""
    path, data_dir = tmp_path / "llm_calls.jsonl", tmp_path / "data"
    write_wide_calls(path, range(COUNT))
    command = [*COMMAND, "ingest", "jsonl", str(path), "--data-dir", str(data_dir)]
    server = make_server(data_dir=data_dir).start()
    importing = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: offset_of(data_dir) > 0)
    server.stop(signal.SIGKILL)
    importing.kill()
    importing.communicate()
    server.start()
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    server.stop()
    assert stored_ids(data_dir) == ids(range(COUNT))


def test_following_outlives_a_restart_of_the_server(make_server: MakeServer, tmp_path: Path) -> None:
    """`--follow` waits for the server, goes on where it was, and SIGTERM ends it with its totals."""
    path, data_dir = tmp_path / "llm_calls.jsonl", tmp_path / "data"
    write_calls(path, range(5))
    server = make_server(data_dir=data_dir).start()
    command = [
        *COMMAND,
        "ingest",
        "jsonl",
        str(path),
        "--follow",
        "--data-dir",
        str(data_dir),
        "--output",
        "json",
    ]
    following = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        wait_for(lambda: offset_of(data_dir) == path.stat().st_size)
        server.stop()
        write_calls(path, range(5, 9))
        time.sleep(1)
        server.start()
        wait_for(lambda: offset_of(data_dir) == path.stat().st_size)
        following.send_signal(signal.SIGTERM)
        stdout, stderr = following.communicate(timeout=20)
    finally:
        following.kill()
    assert following.returncode == 0, stderr
    assert json.loads(stdout) == {"rows": 9, "rejected": 0}
    server.stop()
    assert stored_ids(data_dir) == ids(range(9))


def test_key_decides_the_project(make_server: MakeServer, tmp_path: Path) -> None:
    """An ingest key's files are its project's, and it cannot name another."""
    path, data_dir = tmp_path / "llm_calls.jsonl", tmp_path / "data"
    write_calls(path, range(3))
    server = make_server(data_dir=data_dir).start()
    made = run_command(
        "keys", "create", "--name", "k", "--project", "shop", "--data-dir", str(data_dir), "--output", "json"
    )
    key = json.loads(made.stdout)["token"]
    environ = {**os.environ, "PITWALL_API_KEY": key}
    refused = run_command(
        "ingest", "jsonl", str(path), "--url", server.url, "--project", "other", environ=environ
    )
    assert refused.returncode != 0
    assert "belongs to project 'shop'" in refused.stderr
    assert run_command("ingest", "jsonl", str(path), "--url", server.url, environ=environ).returncode == 0
    server.stop()
    assert ask(data_dir, "SELECT project, count() FROM spans GROUP BY project") == [["shop", 3]]
