"""The command line as a newcomer uses it: plain pipes and a real terminal, English and Korean."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.running import COMMAND, SCRIPTS, Project, bare_environ, run_in_terminal, run_program
from tests.integration.server.processes import free_port
from tests.support.data_sets import figures_of, own_and_public

REQUEST_LOGS = own_and_public(
    "request_log.csv", "llm_traces/azure_llm_2023/AzureLLMInferenceTrace_code.csv.gz"
)
COLOUR = re.compile(r"\x1b\[[0-9;]*\b(?:3|4|9|10)[0-7]m")
KOREAN = {"LANG": "ko_KR.UTF-8"}
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def shop(own_project: Project, tmp_path: Path) -> Project:
    """A project that one request of a web application has come into."""
    environ = {"PITWALL_ENDPOINT": own_project.server.otlp_url, "PITWALL_API_KEY": own_project.token}
    run_program([sys.executable, SCRIPTS / "pitwall_web_app.py"], environ, tmp_path)
    own_project.spans(5)
    for total in ("logs_total", "scores_total"):  # they come by requests of their own
        own_project.wait_for(total, 1)
    return own_project


def access(project: Project) -> dict[str, str]:
    """What `export` would set for the commands of a session."""
    return {"PITWALL_URL": project.server.url, "PITWALL_API_KEY": project.token}


def run(project: Project, *arguments: str) -> str:
    """The output of a command that works on a project."""
    return run_program([*COMMAND, *arguments], access(project), Path.cwd()).stdout


def in_terminal(project: Project, *arguments: str, columns: int = 80, **environ: str) -> str:
    """What a command shows in a terminal, without colours; it must succeed."""
    code, screen = run_in_terminal([*COMMAND, *arguments], {**access(project), **environ}, columns)
    assert code == 0, screen
    return re.sub(r"\x1b\[[0-9;]*m", "", screen)


def test_status_is_the_answer_of_the_api(shop: Project) -> None:
    """`pitwall status --output json` has the members scripts rely on, with the API's values."""
    told = json.loads(run(shop, "status", "--output", "json"))
    asked = shop.get("/status")
    assert {**told, "uptime_seconds": 0} == {**asked, "uptime_seconds": 0}
    assert told["spans_total"] == 5


def test_daily_checks_see_api_and_ui_on_one_store(own_project: Project) -> None:
    """The page that a browser gets counts as the UI, and the API counts the spans that the store holds."""
    address = f"{own_project.server.url}/api/v1/checks/daily/run"
    report = httpx.post(address, json={}, timeout=60, trust_env=False).raise_for_status().json()
    (faces,) = [one for one in report["items"] if one["title"]["en"].startswith("API and UI")]
    assert faces["status"] == "passed", faces["detail"]


def test_list_and_tree_show_the_request(shop: Project) -> None:
    """The list names the trace; the tree has every span with its kind, its model and its tokens."""
    (trace,) = json.loads(run(shop, "traces", "list", "--output", "json"))["traces"]
    assert trace["trace_id"] in run(shop, "traces", "list")
    tree = run(shop, "traces", "show", trace["trace_id"])
    for part in ("POST /chat", "(embedding)", "(retriever)", "(llm)", "gpt-4o-mini", "1000→200"):
        assert part in tree.replace(",", "")


def test_trace_as_json_is_the_answer_of_the_api(shop: Project) -> None:
    """Scripts get from the command line what they would get from the API."""
    trace_id = shop.spans(5)[0]["trace_id"]
    assert json.loads(run(shop, "traces", "show", trace_id, "--output", "json")) == shop.trace(trace_id)


def points(project: Project, name: str, *arguments: str) -> list[tuple[str, float | None]]:
    """Start and value of every window of a signal on the day of a request log."""
    rows = json.loads(run(project, "signals", "query", name, *arguments, "--output", "json"))["rows"]
    return [(row["start"], row["value"]) for row in rows]


@pytest.mark.parametrize("path", REQUEST_LOGS)
def test_request_log_has_its_figures_as_signals(own_project: Project, path: Path) -> None:
    """A CSV with a column map, then the signals: quantiles of the prompts, totals, the busiest minute."""
    columns = "started_at=TIMESTAMP,input_tokens=ContextTokens,output_tokens=GeneratedTokens"
    run(own_project, "ingest", "csv", str(path), "--map", columns, "--set", "model=gpt-code")
    figures = figures_of(path)
    own_project.wait_for("spans_total", figures["rows"])
    busiest = figures["busiest_minute"]
    start = datetime.fromisoformat(busiest).date()
    day = ("--since", f"{start}", "--until", f"{start + timedelta(days=1)}")
    for quantile, expected in zip(("p50", "p95", "p99"), figures["input_quantiles"], strict=True):
        ((_, value),) = points(own_project, f"llm.{quantile}_input_tokens", *day)
        assert value == pytest.approx(expected, rel=0.0101), quantile  # from a sketch of 1 %
    totals = {
        "llm.requests": "rows",
        "llm.input_tokens": "input_tokens",
        "llm.output_tokens": "output_tokens",
    }
    for name, figure in totals.items():
        assert [value for _, value in points(own_project, name, *day)] == [figures[figure]]
    minutes = [point for point in points(own_project, "llm.requests", *day, "--step", "1m") if point[1]]
    assert max(minutes, key=lambda point: point[1] or 0) == (busiest, figures["busiest_minute_requests"])
    assert len(minutes) == figures["minutes_with_requests"]


def test_key_opens_until_it_is_revoked(shop: Project, tmp_path: Path) -> None:
    """A key is shown once, is listed without its secret, works, and opens nothing once revoked."""
    operator = {"PITWALL_URL": shop.server.url}
    create = (
        "keys",
        "create",
        "--name",
        "other",
        "--project",
        shop.name,
        "--scopes",
        "read",
        "--output",
        "json",
    )
    key = json.loads(run_program([*COMMAND, *create], operator, tmp_path).stdout)
    listed = run_program([*COMMAND, "keys", "list", "--project", shop.name], operator, tmp_path).stdout
    assert key["id"] in listed
    assert key["token"] not in listed
    headers = {"authorization": f"Bearer {key['token']}"}
    url = f"{shop.server.url}/api/v1/traces"
    assert httpx.get(url, headers=headers).status_code == 200
    run_program([*COMMAND, "keys", "revoke", key["id"], "--yes"], operator, tmp_path)
    assert httpx.get(url, headers=headers).status_code == 401


def test_refused_record_is_a_dead_letter_with_its_reason(own_project: Project) -> None:
    """A span without a trace id is refused by name, its neighbour kept, and the list tells which and why."""
    span = {"spanId": "00f067aa0ba902b7", "name": "good", "traceId": TRACE_ID}
    times = {"startTimeUnixNano": "1795176000000000000", "endTimeUnixNano": "1795176001000000000"}
    spans = [{**span, **times}, {**span, **times, "traceId": "0" * 32, "name": "bad"}]
    answer = httpx.post(
        f"{own_project.server.otlp_url}/v1/traces",
        json={"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]},
        headers={"authorization": f"Bearer {own_project.token}"},
    )
    assert answer.json()["partialSuccess"]["rejectedSpans"] in (1, "1")
    assert own_project.wait_for("spans_total", 1)["spans_total"] == 1
    own_project.wait_for("dead_letters_total", 1)
    listing = json.loads(run(own_project, "telemetry", "dead-letters", "list", "--output", "json"))
    (letter,) = next(iter(listing.values()))
    assert "trace" in letter["reason"]
    assert letter["reason"] in run(own_project, "telemetry", "dead-letters", "list")


def test_settings_say_where_they_come_from(tmp_path: Path) -> None:
    """`config show` names the variable that set a value; `config check` tells what production lacks."""
    environ = {"PITWALL_SERVER__PORT": "9000"}
    shown = run_program([*COMMAND, "config", "show", "--output", "json"], environ, tmp_path).stdout
    assert '"PITWALL_SERVER__PORT"' in shown
    command = [*COMMAND, "config", "check", "--profile", "prod"]
    checked = subprocess.run(
        command, cwd=tmp_path, env=bare_environ(), capture_output=True, text=True, check=False
    )
    assert checked.returncode == 3
    assert "telemetry_store.url" in checked.stdout
    assert "state_store.url" in checked.stdout


def test_korean_locale_shows_korean_titles(shop: Project) -> None:
    """Titles of signals and notes follow the locale; names of signals stay."""
    screen = in_terminal(shop, "signals", "list", columns=160, **KOREAN)
    assert "LLM 성공률" in screen
    assert "llm.success_rate" in screen
    note = in_terminal(shop, "signals", "show", columns=160, **KOREAN)
    assert "데이터가 없는 신호" in note


def test_no_color_is_honoured(shop: Project) -> None:
    """With NO_COLOR a terminal gets plain text; without it, colours."""
    command = [*COMMAND, "traces", "show", shop.spans(5)[0]["trace_id"]]
    plain = run_in_terminal(command, {**access(shop), "NO_COLOR": "1"})[1]
    colourful = run_in_terminal(command, access(shop))[1]
    assert not COLOUR.search(plain)
    assert COLOUR.search(colourful)


def test_narrow_terminal_shows_whole_trace_ids(shop: Project) -> None:
    """In 80 columns, too, the id in the list can be given to `traces show`."""
    assert shop.spans(5)[0]["trace_id"] in in_terminal(shop, "traces", "list", columns=80)


def test_narrow_terminal_shows_bands(shop: Project) -> None:
    """In 80 columns, too, every value has its count and its band."""
    screen = in_terminal(shop, "signals", "show", "--since", "now-1h", columns=80)
    (calls,) = re.findall(r"^llm\.requests .*$", screen, re.MULTILINE)
    assert {"1", "calls", "normal"} <= set(calls.split())


def test_no_values_names_the_window(shop: Project) -> None:
    """A board without values says where it looked, not headings."""
    screen = in_terminal(shop, "signals", "show", "--since", "2020-01-01", "--until", "2020-01-02")
    assert "No data from 2020-01-01T00:00:00Z until 2020-01-02T00:00:00Z" in screen
    assert "--since now-1h" not in screen


def test_mistyped_signal_names_the_nearest_and_the_list(shop: Project) -> None:
    """The hint has names to choose from and the command that lists all."""
    code, screen = run_in_terminal([*COMMAND, "signals", "show", "llm.request"], access(shop), 200)
    assert code == 1
    assert "Did you mean" in screen
    assert "llm.requests" in screen
    assert "pitwall signals list" in screen


def test_reading_makes_no_data_directory(tmp_path: Path) -> None:
    """A mistyped --data-dir is told, and nothing is made there."""
    mistyped = tmp_path / "dta"
    command = [*COMMAND, "signals", "show", "--data-dir", str(mistyped)]
    done = subprocess.run(command, env=bare_environ(), capture_output=True, text=True, check=False)
    assert not mistyped.exists()
    assert done.returncode == 1


def test_up_in_a_korean_terminal_says_where_to_go_and_ends_on_ctrl_c(tmp_path: Path) -> None:
    """The greeting is Korean and has the address of every door; Ctrl-C is a clean end."""
    screen = _up_until_interrupted(tmp_path / "data", KOREAN)
    assert "준비 완료" in screen
    assert "데이터: " in screen
    assert "Traceback" not in screen


def test_up_announces_every_door(tmp_path: Path) -> None:
    """HTTP, OTLP over HTTP and OTLP over gRPC, each with its address."""
    screen = _up_until_interrupted(tmp_path / "data", {})
    assert re.findall(r"^ +(\w+): \S+:\d+$", screen, re.MULTILINE) == ["http", "otlp_http", "otlp_grpc"]


def _up_until_interrupted(data_dir: Path, environ: dict[str, str]) -> str:
    """Start a server, interrupt it once it is ready; what it wrote, after a clean end."""
    ports: list[Any] = ["--port", free_port(), "--otlp-port", free_port(), "--grpc-port", free_port()]
    command = [*COMMAND, "up", "--data-dir", str(data_dir), *map(str, ports)]
    process = subprocess.Popen(
        command, env=bare_environ() | environ, stderr=subprocess.PIPE, start_new_session=True
    )
    assert process.stderr is not None
    written = b""
    while str(data_dir).encode() not in written:
        piece = os.read(process.stderr.fileno(), 65_536)
        assert piece, written.decode()
        written += piece
    process.send_signal(signal.SIGINT)
    written += process.communicate(timeout=30)[1]
    assert process.returncode == 0, written.decode()
    return written.decode()
