"""A real server that probes, checks and archives by itself, and the commands that ask it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pitwall.cli.main import run
from tests.integration.probes.http_service import running_service
from tests.support.pitwall_process import PitwallServer
from tests.unit.ingest.archive_store import call_lines

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PitwallServer]:
    root = tmp_path_factory.mktemp("watch")
    traces = root / "traces"
    traces.mkdir()
    rotated = traces / "llm_calls.jsonl.1"
    rotated.write_text("".join(f"{line}\n" for line in call_lines(50)), "utf-8")
    os.utime(rotated, (time.time() - 40 * 86_400,) * 2)
    (traces / "llm_calls.jsonl").write_text(
        "".join(f"{line}\n" for line in call_lines(50, first=50)), "utf-8"
    )
    with running_service() as (url, _):
        probes = root / "probes.yaml"
        probes.write_text(
            f"- {{name: api, kind: http, url: '{url}/well', service: shop, every_seconds: 5}}\n"
            f"- {{name: gone, kind: http, url: '{url}/missing', retries: 0, every_seconds: 5}}\n"
        )
        environ = {
            "PITWALL_PROBES__FILE": str(probes),
            "PITWALL_CHECKS__VARIABLES": f"app_url={url}/well",
            "TRACE_DIR": str(traces),
            "PITWALL_ARCHIVE__AFTER_DAYS": "30",
        }
        with PitwallServer(root / "data", environ) as started:
            yield started.start()


@pytest.fixture
def ask(server: PitwallServer, capsys: pytest.CaptureFixture[str]) -> Ask:
    def call(*arguments: str, code: int = 0) -> Any:
        assert run([*arguments, "--data-dir", str(server.data_dir), "--output", "json"]) == code
        return json.loads(capsys.readouterr().out)

    return call


def _probe(server: PitwallServer, name: str) -> dict[str, Any]:
    answer = httpx.get(f"{server.url}/api/v1/probes/{name}", trust_env=False).raise_for_status()
    body: dict[str, Any] = answer.json()
    return body


def test_probes_run_by_themselves_and_show_the_uptime_of_the_signal(server: PitwallServer, ask: Ask) -> None:
    """Up and down are told apart; the list, the signal's own query and the exit code of a run agree."""
    server.wait_for(lambda: all(len(_probe(server, name)["history"]) >= 2 for name in ("api", "gone")))
    server.wait_until_applied()
    probes = {one["name"]: one for one in ask("probes", "list")["probes"]}
    assert {name: one["status"] for name, one in probes.items()} == {"api": "up", "gone": "down"}
    assert probes["gone"]["last"]["error"]["ko"]
    rows = ask("signals", "query", "probe.uptime", "--since", "now-24h", "--by", "probe,service")["rows"]
    # A probe that another test removed still has its past.
    values = {name: row["value"] for row in rows if (name := row["labels"]["probe"]) in probes}
    assert values == {"api": 1.0, "gone": 0.0}
    assert {name: one["uptime"]["24h"] for name, one in probes.items()} == values
    assert ask("probes", "run", "api")["status"] == "up"
    assert ask("probes", "run", "gone", code=3)["status"] == "down"


def test_probe_that_is_added_runs_within_seconds_and_is_gone_once_removed(
    server: PitwallServer, ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    """The schedule learns of a change by itself; a wrong field is a usage error that names it."""
    port = server.port
    ask("probes", "add", "mine", "tcp", f"address=127.0.0.1:{port}", "every_seconds=600")
    server.wait_for(lambda: _probe(server, "mine")["status"] == "up", 20)
    assert ask("probes", "remove", "mine", "--yes") == {"probe": None}
    wrong = ["probes", "add", "mine", "tcp", f"address=127.0.0.1:{port}", "every_seconds=1"]
    assert run([*wrong, "--data-dir", str(server.data_dir)]) == 2
    assert "every_seconds" in capsys.readouterr().err


def test_old_trace_file_is_archived_and_its_calls_are_counted_once(server: PitwallServer, ask: Ask) -> None:
    """Archived by the server once it is imported; imported again and restored it adds nothing."""
    server.wait_for(lambda: server.status()["spans_total"] == 100)
    traces = Path(server.environ["TRACE_DIR"])
    if (traces / "llm_calls.jsonl.1").exists():  # the job looked before the import was through
        ask("archive", "run")
    (entry,) = ask("archive", "list", "--contains", "r-000042")["files"]
    assert (entry["rows"], entry["original"]) == (50, "llm_calls.jsonl.1")
    assert ask("archive", "list", "--contains", "r-000070")["files"] == []
    again = ask("archive", "import", entry["name"])
    assert (again["rows"], again["known"]) == (0, 50)
    assert Path(ask("archive", "restore", entry["name"])["path"]) == traces / "llm_calls.jsonl.1"
    with (traces / "llm_calls.jsonl").open("a") as file:
        file.write(call_lines(1, first=100)[0] + "\n")
    server.wait_for(lambda: server.status()["spans_total"] == 101)


def test_daily_list_fails_while_a_probe_is_down_and_is_kept(server: PitwallServer, ask: Ask) -> None:
    """The exit code is 3, the failing item says what to do, and the report is found again."""
    server.wait_for(lambda: server.status()["spans_total"] >= 100)  # the trace files are taken in
    report = ask("checks", "daily", code=3)
    items = {item["name"]: item for item in report["items"]}
    assert (items["application"]["status"], items["trace_files"]["status"]) == ("passed", "passed")
    assert items["services"]["status"] == "failed"
    assert "gone" in items["services"]["detail"]["en"]
    assert items["services"]["todo"]["ko"]
    assert items["ollama"]["status"] == "skipped"
    assert items["one_database"]["status"] in {"passed", "warning"}, items["one_database"]
    assert ask("checks", "show", report["id"]) == report
    assert ask("checks", "reports", "--list", "daily")["reports"][0]["id"] == report["id"]
    lists = {one["name"]: one["last_report"] for one in ask("checks", "list")["lists"]}
    assert lists["daily"]["id"] == report["id"]


def test_reports_page_with_a_cursor(
    server: PitwallServer, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every report comes once, newest first; a cursor of nobody is refused."""
    monkeypatch.chdir(tmp_path)
    for _ in range(3):
        ask("checks", "run", "release")
    seen, cursor = [], None
    while True:
        params = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        answer = httpx.get(f"{server.url}/api/v1/checks/reports", params=params, trust_env=False).json()
        seen += [report["at"] for report in answer["reports"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert len(seen) >= 3
    assert seen == sorted(seen, reverse=True)
    refused = httpx.get(f"{server.url}/api/v1/checks/reports", params={"cursor": "x"}, trust_env=False)
    assert refused.json()["code"] == "checks.bad_cursor"


def test_items_of_a_file_and_variables_of_the_caller_count(
    server: PitwallServer, ask: Ask, tmp_path: Path
) -> None:
    """`--file` adds items, `--set` gives what they name; a mistake in the file is told with its line."""
    (tmp_path / "a.txt").write_text("nothing here\n")
    file = tmp_path / "mine.yaml"
    item = "{name: mine, kind: secrets, path: '{place}', title: {en: Mine, ko: 내 것}, todo: {en: D, ko: D}}"
    file.write_text(f"- {item}\n")
    options = ["--file", str(file), "--set", f"place={tmp_path}"]
    report = ask("checks", "run", "night", *options)
    assert [(one["name"], one["status"]) for one in report["items"]] == [("mine", "passed")]
    file.write_text("- {name: mine, kind: nothing}\n")
    assert run(["checks", "run", "night", *options, "--data-dir", str(server.data_dir)]) == 2


def test_what_probes_found_survives_a_restart(server: PitwallServer) -> None:
    """After `kill -9` the last results are there before any probe ran again."""
    server.wait_for(lambda: _probe(server, "gone")["last"] is not None)
    before = _probe(server, "gone")
    server.kill()
    server.environ["PITWALL_PROBES__ENABLED"] = "false"
    server.start()
    after = _probe(server, "gone")
    assert after["history"][-1] in before["history"] or len(after["history"]) == 60
    assert after["last"]["at"] >= before["last"]["at"]
    assert after["status"] in {"down", "unknown"}
