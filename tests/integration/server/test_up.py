"""`pitwall up` as a process: ready, clean end, one owner, safe by default, and commands that talk to it."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from pathlib import Path

import httpx
import pytest

from tests.integration.server.processes import MakeServer, free_port, run_command
from tests.support.telemetry import TraceBatch


def test_up_serves_every_http_port_and_ends_cleanly(make_server: MakeServer) -> None:
    """One application answers on both ports; SIGTERM ends with 0, a free directory and no runtime file."""
    server = make_server(otlp_port=free_port()).start()
    for port in (server.port, server.otlp_port):
        answer = httpx.get(f"http://127.0.0.1:{port}/api/v1/status")
        assert answer.json()["profile"] == "dev"
    code, stderr = server.stop()
    assert code == 0
    assert f"is ready at {server.url}" in stderr
    assert "Traceback" not in stderr
    assert not (server.data_dir / "server.json").exists()


def test_interrupt_while_a_client_waits_ends_cleanly(make_server: MakeServer) -> None:
    """Ctrl-C with an open keep-alive connection is a normal end."""
    server = make_server().start()
    with httpx.Client(base_url=server.url) as client:
        client.get("/health/live")
        assert server.stop(signal.SIGINT)[0] == 0


def test_signal_while_starting_ends_cleanly(make_server: MakeServer) -> None:
    """A stop that comes before ready is obeyed too, without a traceback."""
    server = make_server()
    process = server.launch()
    while not (server.data_dir / "state.db").exists():
        assert process.poll() is None
        time.sleep(0.005)
    code, stderr = server.stop()
    assert code in (0, -signal.SIGTERM)
    assert "Traceback" not in stderr


def test_second_server_is_refused_by_name_of_the_first(make_server: MakeServer) -> None:
    """Same data, other ports: the refusal names the first server's process and address."""
    first = make_server().start()
    code, stderr = make_server().refused()
    assert code == 1
    assert first.process is not None
    assert f"process {first.process.pid}" in stderr
    assert first.url in stderr
    assert httpx.get(f"{first.url}/health/ready").status_code == 200


def test_server_starts_after_kill_9(make_server: MakeServer) -> None:
    """What a killed server left behind neither stops the next one nor is mistaken for it."""
    first = make_server().start()
    first.stop(signal.SIGKILL)
    assert (first.data_dir / "server.json").exists()
    assert "No server runs" in run_command("status", "--data-dir", str(first.data_dir)).stderr
    second = make_server().start()
    assert second.process is not None
    assert json.loads((second.data_dir / "server.json").read_bytes())["pid"] == second.process.pid


def test_taken_port_is_named_with_its_holder_and_flag(make_server: MakeServer) -> None:
    """The message says which port, who has it and what to change; the directory is free again."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, stderr = make_server(otlp_port=port).refused()
    assert code == 1
    for part in (f"Port {port}", f"(process {os.getpid()})", "--otlp-port"):
        assert part in stderr
    make_server().start()


def test_main_port_can_be_off(make_server: MakeServer) -> None:
    """0 turns a port off; with all of them off there is nothing to run."""
    server = make_server(port=0, otlp_port=free_port())
    server.launch()
    assert make_server(port=0, otlp_port=0, data_dir=server.data_dir / "other").refused()[0] == 2
    for _ in range(500):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", server.otlp_port)) == 0:
                break
        time.sleep(0.02)
    assert httpx.get(f"http://127.0.0.1:{server.otlp_port}/health/live", timeout=30).status_code == 200


def test_open_address_needs_a_key(make_server: MakeServer) -> None:
    """Listening beyond loopback needs a key, and is refused with the command that makes one.

    Nothing is done to the telemetry of a server that may not start.
    """
    refused = make_server("--host", "0.0.0.0")
    code, stderr = refused.refused()
    assert code == 2
    assert "pitwall keys create" in stderr
    assert not (refused.data_dir / "telemetry").exists()
    data_dir = str(make_server().data_dir)
    token = run_command("keys", "create", "--name", "ops", "--scopes", "read", "--data-dir", data_dir).stdout
    server = make_server("--host", "0.0.0.0").start()
    status = f"{server.url}/api/v1/status"
    assert httpx.get(status).status_code == 401
    assert httpx.get(status, headers={"x-api-key": token.strip()}).json()["project"] == "default"


def test_prod_tells_every_reason_not_to_start(make_server: MakeServer) -> None:
    """The prod profile refuses with all its reasons at once, missing keys among them."""
    code, stderr = make_server(environ={"PITWALL_PROFILE": "prod"}).refused()
    assert code == 3
    for part in ("API keys", "telemetry_store.url", "state_store.url"):
        assert part in stderr


def test_revocation_by_the_command_line_counts_at_once(make_server: MakeServer) -> None:
    """With a server running, `keys` goes through it: a key just used is refused right after."""
    server = make_server().start()
    at = ("--data-dir", str(server.data_dir))
    key = json.loads(
        run_command("keys", "create", "--name", "app", "--scopes", "read", *at, "--output", "json").stdout
    )
    headers = {"x-api-key": key["token"]}
    assert httpx.get(f"{server.url}/api/v1/status", headers=headers).status_code == 200
    assert run_command("keys", "revoke", key["id"], "--yes", *at).returncode == 0
    assert httpx.get(f"{server.url}/api/v1/status", headers=headers).status_code == 401


@pytest.mark.parametrize("running", [True, False])
def test_keys_commands_say_the_same_with_and_without_a_server(make_server: MakeServer, running: bool) -> None:
    """Create, list and revoke have one outcome, through the server or in the state store itself."""
    server = make_server()
    if running:
        server.start()
    at = ("--data-dir", str(server.data_dir))
    made = run_command("keys", "create", "--name", "app", "--project", "shop", "--expires-in", "1d", *at)
    assert made.stdout.startswith("pw_")
    assert "not shown again" in made.stderr
    (key,) = json.loads(run_command("keys", "list", *at, "--output", "json").stdout)["keys"]
    assert (key["project"], key["scopes"], key["name"]) == ("shop", ["ingest"], "app")
    assert key["expires_at"] > key["created_at"]
    assert run_command("keys", "revoke", key["id"], "--yes", *at).returncode == 0
    missing = run_command("keys", "revoke", "nothing", "--yes", *at)
    assert (missing.returncode, "There is no API key 'nothing'" in missing.stderr) == (1, True)
    bad = run_command("keys", "create", "--name", "x", "--project", "No Such!", *at)
    assert (bad.returncode, "'No Such!' is not a project id" in bad.stderr) == (2, True)


def test_status_command_is_the_api(make_server: MakeServer) -> None:
    """`pitwall status --output json` is what `GET /api/v1/status` says."""
    server = make_server().start()
    shown = json.loads(run_command("status", "--data-dir", str(server.data_dir), "--output", "json").stdout)
    asked = httpx.get(f"{server.url}/api/v1/status").json()
    moving = ("uptime_seconds", "ingest_lag_seconds")
    assert {k: v for k, v in shown.items() if k not in moving} == {
        k: v for k, v in asked.items() if k not in moving
    }


def test_status_without_a_server_counts_in_the_directory(make_server: MakeServer) -> None:
    """As every command that reads, it opens the directory itself, and tells that no server runs."""
    server = make_server().start()
    headers = {"content-type": "application/x-protobuf"}
    body = TraceBatch(first=1, traces=2).encode()
    httpx.post(f"{server.url}/v1/traces", content=body, headers=headers).raise_for_status()
    server.stop()
    at = ("--data-dir", str(server.data_dir))
    told = json.loads(run_command("status", *at, "--output", "json").stdout)
    assert (told["spans_total"], told["ingest_lag_seconds"], told["addresses"]) == (6, 0, {})
    shown = run_command("status", *at, environ={"PITWALL_LANG": "en"})
    assert (shown.returncode, "spans_total" in shown.stdout) == (0, True)
    assert f"No server runs on {server.data_dir}" in shown.stderr


def test_status_of_nothing_says_so(tmp_path: Path) -> None:
    """Neither a directory nor an answer: exit 1, what was looked for, what to do, and nothing is made."""
    missing = tmp_path / "dta"
    result = run_command("status", "--data-dir", str(missing))
    assert (result.returncode, missing.exists()) == (1, False)
    assert f"no data directory {missing}" in result.stderr
    assert "pitwall up" in result.stderr
    unreachable = run_command("status", "--url", f"http://127.0.0.1:{free_port()}")
    assert (unreachable.returncode, "does not answer" in unreachable.stderr) == (1, True)
