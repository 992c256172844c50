"""A command line without the server's packages: everything that asks a server works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import httpx
import pytest

from pitwall.cli.main import root
from tests.e2e.running import ROOT, Project, bare_environ
from tests.support import base_process

FAILED = 1
INVALID = 2
CHECK_FAILED = 3
CALL = {
    "event": "llm.call",
    "model": "gpt-4o-mini",
    "provider": "openai",
    "success": True,
    "latency_ms": 40.0,
    "prompt_tokens": 10,
    "completion_tokens": 5,
    "error": None,
    "interaction_id": "r-1",
}


ABOUT_NOTHING = [
    ["alerts", "show", "0" * 32],
    ["errors", "show", "0" * 32],
    ["traces", "profile", "0" * 32],
    ["notifications", "deliveries", "show", "none"],
    ["incidents", "show", "999"],
    ["incidents", "ack", "999"],
    ["incidents", "assign", "999", "--to", "kim"],
    ["incidents", "comment", "999", "Seen."],
    ["incidents", "resolve", "999", "--note", "Over."],
    ["incidents", "reopen", "999"],
    ["ops", "snapshot", "--run-id", "run_nothing"],
    ["datasets", "from-traces", "seen", "--since", "1h"],
    ["datasets", "from-incident", "mine", "999"],
    ["eval", "cancel", "run_nothing"],
    ["eval", "anchors", "set", "core", "--run", "run_nothing", "--metrics", "faithfulness"],
    ["eval", "anchors", "show", "none"],
    ["eval", "anchors", "check", "none"],
    ["eval", "anchors", "delete", "none", "--yes"],
    ["eval", "track", "run_nothing", "--tracker", "mlflow"],
]
"""Commands about what this project does not have: the server's refusal is their answer."""


def told_commands(directory: Path) -> list[list[str]]:
    """Commands that watch, notify and count costs, with the files they take."""
    rule = directory / "rule.yaml"
    rule.write_text(
        "name: mine.errors\ntitle: {en: Mine, ko: 내 규칙}\nwindow: 5m\n"
        'when:\n  threshold: {signal: requests.error_rate, critical: "> 0.5"}\n'
    )
    routes = directory / "routes.yaml"
    routes.write_text("route:\n  receivers: []\n")
    events = directory / "events.jsonl"
    events.write_text('{"run_id": "r", "stage_type": "retrieval", "duration_ms": 5}\n')
    snapshot = directory / "snapshot.json"
    snapshot.write_text('{"command": "ops.snapshot", "version": 1, "data": {}}')
    weekly = ["--days", "sat", "--begins", "02:00", "--ends", "04:00", "--reason", "backup"]
    return [
        ["alerts", "list"],
        ["alerts", "rules"],
        ["alerts", "rule", "save", str(rule), "--yes"],
        ["alerts", "rule", "show", "mine.errors"],
        ["alerts", "disable", "mine.errors"],
        ["alerts", "enable", "mine.errors"],
        ["alerts", "preview", "mine.errors", "--since", "now-1h"],
        ["alerts", "rule", "delete", "mine.errors", "--yes"],
        ["incidents", "list"],
        ["changes", "add", "--kind", "deploy", "--title", "1.2"],
        ["notifications", "channels", "save", "ops", "--to", "http://127.0.0.1:1/"],
        ["notifications", "channels", "list"],
        ["notifications", "channels", "show", "ops"],
        ["notifications", "test", "ops"],
        ["notifications", "routes", "import", str(routes)],
        ["notifications", "routes", "export"],
        ["notifications", "routes", "show"],
        ["notifications", "routes", "test", "--label", "model=x"],
        ["notifications", "silences", "list"],
        ["notifications", "maintenance", "save", "night", *weekly],
        ["notifications", "maintenance", "list"],
        ["notifications", "maintenance", "delete", "night"],
        ["notifications", "deliveries", "list"],
        ["notifications", "channels", "delete", "ops", "--yes"],
        ["judge", "calls"],
        ["stage", "ingest", str(events)],
        ["stage", "list", "r"],
        ["stage", "summary", "r"],
        ["stage", "compute-metrics", "r"],
        ["stage", "report"],
        ["ops", "diff", str(snapshot), str(snapshot)],
        ["eval", "online", "set", "grounded", "--metrics", "offline_groundedness", "--sample", "0.5"],
        ["eval", "online", "list"],
        ["eval", "online", "show", "grounded"],
        ["eval", "online", "disable", "grounded"],
        ["eval", "online", "enable", "grounded"],
        ["eval", "online", "delete", "grounded", "--yes"],
        ["eval", "missed", "-o", str(directory / "missed.csv")],
        ["costs", "summary"],
        ["costs", "spend"],
        ["costs", "advice"],
        ["budgets", "set", "month", "--amount", "500"],
        ["budgets", "list"],
        ["budgets", "show", "month"],
        ["budgets", "remove", "month", "--yes"],
        ["errors", "groups"],
        ["signals", "anomalies", "llm.requests"],
    ]


def evaluation_commands(directory: Path) -> list[list[str]]:
    """Commands of evaluations, each on what the ones before have left."""
    questions, document = directory / "questions.json", directory / "terms.md"
    example = {"id": "1", "question": "Where is it?", "answer": "Here.", "ground_truth": "Here."}
    questions.write_text(json.dumps({"name": "mine", "test_cases": [example]}))
    document.write_text("The guarantee lasts twelve months and begins on the day of delivery. " * 8)
    scores, labels = directory / "scores.csv", directory / "labels.csv"
    scores.write_text("question,answer,faithfulness\nWhere is it?,Here.,0.5\n")
    labels.write_text("id,label\n1,pass\n")
    return [
        ["datasets", "import", str(questions)],
        ["datasets", "list"],
        ["datasets", "show", "mine"],
        ["datasets", "versions", "mine"],
        ["datasets", "diff", "mine", "1"],
        ["datasets", "export", "mine", "-o", str(directory / "out.jsonl")],
        ["datasets", "synthesize", str(document), "--profile", "simulated", "--name", "terms"],
        ["eval", "run", "mine", "--metrics", "exact_match"],
        ["eval", "history"],
        ["eval", "import", str(scores)],
        ["eval", "show", "latest"],
        ["eval", "export", "latest", "-o", str(directory / "run.json")],
        ["eval", "compare", "latest", "latest"],
        ["eval", "gate", "latest"],
        ["eval", "baseline", "set", "latest"],
        ["eval", "baseline", "get", "mine"],
        ["eval", "regress", "latest"],
        ["eval", "ci", "latest", "--format", "markdown"],
        ["eval", "labels", "import", str(labels), "--run", "latest", "--metric", "exact_match"],
        ["eval", "labels", "list", "mine"],
        ["eval", "trust", "latest"],
        ["eval", "anchors", "list"],
        ["eval", "analyze", "latest", "--output-dir", str(directory), "--profile", "simulated"],
        ["datasets", "delete", "terms", "--yes"],
    ]


def run(project: Project, commands: Sequence[Sequence[str]]) -> list[str]:
    """Run commands on a project of the server, as its operator; return what each printed. All must work."""
    printed = []
    for command, (code, stdout, stderr) in zip(commands, _outcomes(project, commands), strict=True):
        assert code in (0, CHECK_FAILED), f"{command}: {code}\n{stdout}\n{stderr}"
        printed.append(stdout)
    return printed


def refusals(project: Project, commands: Sequence[Sequence[str]]) -> list[str]:
    """Run commands that the server refuses; return what each said of that."""
    said = []
    for command, (code, stdout, stderr) in zip(commands, _outcomes(project, commands), strict=True):
        assert code in (FAILED, INVALID), f"{command}: {code}\n{stdout}\n{stderr}"
        said.append(stderr)
    return said


def _outcomes(project: Project, commands: Sequence[Sequence[str]]) -> list[tuple[int, str, str]]:
    """Run commands one after the other in one process of the base install."""
    done = subprocess.run(
        [sys.executable, "-m", base_process.__name__],
        input=json.dumps(commands),
        cwd=ROOT,
        env=bare_environ(PITWALL_URL=project.server.url, PITWALL_PROJECT=project.name),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [(code, stdout, stderr) for code, stdout, stderr in json.loads(done.stdout)]


def remote_commands() -> set[str]:
    """Names of all commands that take the address of a server."""
    return {name for name, command in _leaves(root, ()) if any(p.name == "url" for p in command.params)}


def _leaves(group: click.Group, path: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from _leaves(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    """A trace file of one call, made just now, and a line that is none."""
    path = tmp_path / "llm_calls.jsonl"
    path.write_text(json.dumps({"ts": datetime.now(UTC).isoformat(), **CALL}) + "\n{broken\n")
    return path


def test_commands_that_ask_a_server_need_no_package_of_it(
    own_project: Project, calls: Path, tmp_path: Path
) -> None:
    """Every command with --url runs in a base install; what they print is the server's answer."""
    csv = tmp_path / "requests.csv"
    csv.write_text("at,tokens\n2026-11-01T00:00:00Z,10\n")
    first = [
        ["ingest", "jsonl", str(calls), "--skip-invalid"],
        ["ingest", "csv", str(csv), "--map", "started_at=at,input_tokens=tokens"],
        ["keys", "create", "--name", "app", "--output", "json"],
    ]
    board = tmp_path / "board.yaml"
    board.write_text("name: mine\ntitle: {en: Mine, ko: 내 보드}\ntiles: [{signal: requests.count}]\n")
    key_id = json.loads(run(own_project, first)[-1])["id"]
    trace_id = own_project.spans(2)[-1]["trace_id"]
    own_project.wait_for("dead_letters_total", 1)
    (letter,) = own_project.get("/telemetry/dead-letters")["dead_letters"]
    probe = tmp_path / "probe.yaml"
    probe.write_text("{name: there, kind: disk, path: /}\n")
    item = "{name: mine, kind: retention, title: {en: Mine, ko: 내 것}, todo: {en: Do, ko: 조치}}"
    (tmp_path / "items.yaml").write_text(f"[{item}]\n")
    rotated = tmp_path / "traces" / "llm_calls.jsonl.1"
    rotated.parent.mkdir()
    rotated.write_bytes(calls.read_bytes().replace(b'"r-1"', b'"r-2"'))
    os.utime(rotated, (0, 0))
    watch = [
        ["ingest", "jsonl", str(rotated), "--skip-invalid"],
        ["archive", "run", str(rotated.parent)],
        ["archive", "list", "--output", "json"],
        ["checks", "weekly", "--output", "json"],
    ]
    *_, archived, report = run(own_project, watch)
    archive = json.loads(archived)["files"][0]["name"]
    then = [
        ["archive", "import", archive],
        ["archive", "restore", archive],
        ["probes", "add", "here", "disk", "path=/"],
        ["probes", "import", str(probe)],
        ["probes", "list"],
        ["probes", "show", "here"],
        ["probes", "run", "here"],
        ["probes", "remove", "here", "--yes"],
        ["checks", "daily"],
        ["checks", "deploy"],
        ["checks", "release", "--set", f"tree={tmp_path}"],
        ["checks", "run", "night", "--file", str(tmp_path / "items.yaml")],
        ["checks", "list"],
        ["checks", "reports"],
        ["checks", "show", json.loads(report)["id"]],
        ["status"],
        ["ingest", "sources"],
        ["traces", "list"],
        ["traces", "show", trace_id],
        ["traces", "columns"],
        ["traces", "facets", "--column", "model"],
        ["errors", "list"],
        ["changes", "list"],
        ["signals", "list"],
        ["signals", "explain", "llm.requests"],
        ["signals", "exemplars", "llm.requests"],
        ["boards", "list"],
        ["boards", "show", "cost"],
        ["boards", "export", "cost"],
        ["boards", "import", str(board), "--yes"],
        ["boards", "delete", "mine", "--yes"],
        ["scrape", "add", "pitwall", f"{own_project.server.url}/metrics"],
        ["scrape", "run", "pitwall"],
        ["scrape", "list"],
        ["scrape", "remove", "pitwall", "--yes"],
        ["signals", "show"],
        ["signals", "query", "llm.requests"],
        ["signals", "export"],
        ["telemetry", "dead-letters", "list"],
        ["telemetry", "dead-letters", "show", letter["id"]],
        ["telemetry", "dead-letters", "retry", "--all", "--yes"],
        ["telemetry", "remap", "--dry-run"],
        ["telemetry", "recost", "--dry-run"],
        ["telemetry", "unwrap", "--dry-run"],
        ["keys", "list"],
        ["projects", "list"],
        ["keys", "revoke", key_id, "--yes"],
        ["prices", "list", "--provider", "openai", "--output", "json"],
        ["prices", "show", "gpt-4o-mini", "--provider", "openai", "--output", "json"],
    ]
    *_, price_list, price = run(own_project, then)
    evaluated = evaluation_commands(tmp_path)
    run(own_project, evaluated)
    told = told_commands(tmp_path)
    silence = ["notifications", "silences", "add", "--match", "rule=none", "--for", "1h", "--reason", "r"]
    *_, silenced = run(own_project, [*told, [*silence, "--output", "json"]])
    told += [silence, ["notifications", "silences", "end", json.loads(silenced)["id"]]]
    run(own_project, told[-1:])
    for stderr in refusals(own_project, ABOUT_NOTHING):
        assert "Hint:" in stderr
    ran = [" ".join(command) for command in (*first, *watch, *then, *evaluated, *told, *ABOUT_NOTHING)]
    assert not {name for name in remote_commands() if not any(line.startswith(name) for line in ran)}
    assert json.loads(price_list) == own_project.get("/prices", provider="openai")
    assert json.loads(price) == own_project.get("/prices/lookup", model="gpt-4o-mini", provider="openai")


def test_prices_are_for_readers(own_project: Project) -> None:
    """A key that may only send learns no prices; a model without one is told as such."""
    assert own_project.get("/prices", contains="gpt-4o-mini")["prices"]
    key = {"name": "sender", "project": own_project.name, "scopes": ["ingest"]}
    url = f"{own_project.server.url}/api/v1"
    token = httpx.post(f"{url}/keys", json=key, trust_env=False).json()["token"]
    assert httpx.get(f"{url}/prices", headers={"x-api-key": token}, trust_env=False).status_code == 403
    unpriced = httpx.get(f"{url}/prices/lookup", params={"model": "house-model"}, trust_env=False)
    assert (unpriced.status_code, unpriced.json()["code"]) == (404, "prices.unpriced")
