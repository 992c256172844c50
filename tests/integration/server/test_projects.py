"""Projects as an operator meets them: a key made one, something came in, and nothing of it hides."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.server.processes import Server, run_command
from tests.support.telemetry import TraceBatch


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that six spans of the project `shop` have come to, and none of `default`."""
    server = Server(tmp_path_factory.mktemp("projects") / "data").start()
    _key(server, "idle", "ingest")
    body = TraceBatch(first=1, traces=2, started_at=time.time()).encode()
    headers = {"content-type": "application/x-protobuf", "x-api-key": _key(server, "shop", "ingest")}
    httpx.post(f"{server.url}/v1/traces", content=body, headers=headers).raise_for_status()
    deadline = time.monotonic() + 20
    while httpx.get(f"{server.url}/api/v1/status").json()["spans_total"] < 6:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield server
    server.stop()


def _key(server: Server, project: str, scopes: str) -> str:
    at = ("--data-dir", str(server.data_dir))
    made = run_command("keys", "create", "--name", "k", "--project", project, "--scopes", scopes, *at)
    return made.stdout.strip()


def _run(server: Server, *arguments: str, language: str = "en") -> tuple[str, str]:
    environ = {"PITWALL_LANG": language}
    done = run_command(*arguments, "--data-dir", str(server.data_dir), environ=environ)
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def _projects(server: Server, **headers: str) -> dict[str, Any]:
    answer = httpx.get(f"{server.url}/api/v1/projects", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_operator_sees_every_project_with_its_spans(server: Server) -> None:
    """The command line says what the API says: names, times, and spans as the status counts them."""
    asked = _projects(server)
    assert asked["project"] == "default"
    spans = {project["id"]: project["spans_total"] for project in asked["projects"]}
    assert spans == {"_pitwall": 0, "default": 0, "idle": 0, "shop": 6}
    assert set(asked["projects"][0]) == {"id", "name", "created_at", "spans_total"}
    assert json.loads(_run(server, "projects", "list", "--output", "json")[0]) == asked
    table = _run(server, "projects", "list")[0]
    assert [line.split()[:2] for line in table.splitlines() if line.startswith("shop")] == [["shop", "shop"]]


def test_key_sees_its_own_project_only(server: Server) -> None:
    """No name of another tenant is told to a key, and another project is refused."""
    headers = {"x-api-key": _key(server, "shop", "read")}
    asked = _projects(server, **headers)
    assert asked["project"] == "shop"
    assert [(one["id"], one["spans_total"]) for one in asked["projects"]] == [("shop", 6)]
    url = f"{server.url}/api/v1/projects"
    assert httpx.get(url, params={"project": "idle"}, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "command", [("traces", "list"), ("signals", "show"), ("signals", "show", "--since", "1h")]
)
def test_empty_answer_names_the_projects_that_have_data(server: Server, command: tuple[str, ...]) -> None:
    """Looking at the wrong project is told, with the option that looks at the right one."""
    stdout, stderr = _run(server, *command)
    assert stdout == ""
    assert "shop" in stderr
    assert "--project shop" in stderr
    assert "idle" not in stderr
    assert "데이터가 있는 다른 프로젝트: shop" in _run(server, *command, language="ko")[1]


def test_empty_answer_of_the_project_with_data_names_no_other(server: Server) -> None:
    """Where there is nothing elsewhere, nothing is said of it."""
    _, stderr = _run(server, "traces", "list", "--until", "2020-01-01", "--project", "shop")
    assert "No traces match" in stderr
    assert "--project" not in stderr


def test_key_is_sent_to_no_other_project(server: Server) -> None:
    """A key's empty answer does not point to where the key cannot look."""
    key = _key(server, "idle", "read")
    _, stderr = _run(server, "traces", "list", "--api-key", key)
    assert "--project" not in stderr


def test_status_tells_whose_spans_it_counts(server: Server) -> None:
    """The table splits the total, so that it does not contradict an empty list of traces."""
    assert "shop=6" in _run(server, "status")[0]
    assert "shop=6" not in _run(server, "status", "--project", "idle")[0]


def test_project_with_data_has_metrics_files(server: Server) -> None:
    """`metrics/<project>/` beside the files of `default`, and none for who has sent nothing."""
    server.stop()
    server.start()
    metrics = server.data_dir / "metrics"
    deadline = time.monotonic() + 60
    while not (metrics / "shop" / "1h.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert {path.name for path in metrics.iterdir()} == {"1m.json", "5m.json", "1h.json", "shop"}


def test_projects_are_listed_without_a_server(server: Server) -> None:
    """The command opens the directory itself, as others do."""
    server.stop()
    try:
        listed = json.loads(_run(server, "projects", "list", "--output", "json")[0])["projects"]
        assert {one["id"]: one["spans_total"] for one in listed}["shop"] == 6
    finally:
        server.start()
