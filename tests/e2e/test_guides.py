"""The pages of the guide do what they say: their files are written, their commands run."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from tests.e2e.running import ROOT, Project, bare_environ
from tests.integration.server.processes import free_port

DOCS = ROOT / "docs"
PAGES = sorted((DOCS / "guides").glob("*.md"))
FOLLOW_SECONDS = 3.0
NEEDS_CURL = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
_SENDING = "PITWALL_ENDPOINT=http://127.0.0.1:4318"
# Ports of what a page starts itself.
_OWN_PORT = re.compile(r"\b83\d\d\b")
_FENCE = re.compile(r"^```(?P<language>\w+)(?: (?P<file>\S+))?\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\((?P<target>[^)#:]+)\)")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block; `file` is the name it is to be saved under, or empty."""

    language: str
    file: str
    text: str

    @property
    def commands(self) -> list[str]:
        return [line[2:] for line in self.text.splitlines() if line.startswith("$ ")]


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    found = _FENCE.finditer(page.read_text("utf-8"))
    return [Block(match["language"], match["file"] or "", match["text"]) for match in found]


class Reader:
    """Someone who reads a page, saves its files and types its commands."""

    def __init__(self, project: Project, folder: Path) -> None:
        self._project = project
        self._folder = folder
        self._environ = bare_environ(
            PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            PITWALL_URL=project.server.url,
            PITWALL_API_KEY=project.token,
        )
        self._left_running: list[subprocess.Popen[bytes]] = []
        self._own_ports: dict[str, str] = {}

    def save(self, block: Block) -> None:
        (self._folder / block.file).write_text(block.text, "utf-8")

    def leave(self) -> None:
        """Stop what was left running."""
        for process in self._left_running:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)

    def sit_down_at_the_server(self) -> None:
        """Type from now on without a key, on the machine where the page starts its own servers."""
        for name in ("PITWALL_URL", "PITWALL_API_KEY"):
            self._environ.pop(name)

    def run(self, command: str) -> str:
        """What a command prints; it must succeed.

        One that follows files is interrupted, one that ends with `&` is left running.
        """
        here = self._at_home(command)
        if here.endswith(" &"):
            return self._leave_running(here.removesuffix(" &"))
        with subprocess.Popen(
            ["/bin/sh", "-c", f"exec {here}" if "--follow" in here else here],
            cwd=self._folder,
            env=self._environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            if "--follow" in here:
                time.sleep(FOLLOW_SECONDS)
                assert process.poll() is None, command
                process.send_signal(signal.SIGINT)
            printed, _ = process.communicate(timeout=60)
        assert process.returncode in ((0, 130) if "--follow" in here else (0,)), f"{command}\n{printed}"
        self._take_a_breath()
        return printed

    def run_python(self, text: str) -> None:
        """A piece of Python without a name must run as it stands."""
        script = self._folder / "piece.py"
        script.write_text(text, "utf-8")
        self.run(f"PITWALL_ENDPOINT=http://127.0.0.1:4318 python {script.name}")

    def _at_home(self, command: str) -> str:
        """The command with the ports that are free here."""
        here = command.replace("http://127.0.0.1:8400", self._project.server.url)
        here = here.replace("http://127.0.0.1:4318", self._project.server.otlp_url)
        return _OWN_PORT.sub(lambda match: self._own_ports.setdefault(match[0], str(free_port())), here)

    def _leave_running(self, command: str) -> str:
        log = self._folder / f"running-{len(self._left_running)}.log"
        with log.open("wb") as output:
            self._left_running.append(
                subprocess.Popen(
                    ["/bin/sh", "-c", command],
                    cwd=self._folder,
                    env=self._environ,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )
        return str(log)

    def _take_a_breath(self) -> None:
        """A person types slower than the second in which everything acknowledged can be asked for."""
        deadline = time.monotonic() + 20
        while self._project.get("/status")["ingest_lag_seconds"] and time.monotonic() < deadline:
            time.sleep(0.05)

    def work_through(self, page: Path) -> dict[str, str]:
        """What each command of a page printed."""
        printed: dict[str, str] = {}
        for block in blocks(page):
            if block.file:
                self.save(block)
            elif block.language == "console":
                for command in block.commands:
                    printed[command] = self.run(command)
            elif block.language == "python":
                self.run_python(block.text)
        return printed


@pytest.fixture
def reader(own_project: Project, tmp_path: Path) -> Iterator[Reader]:
    """A reader with a key for everything and an empty folder."""
    body = {"name": "reader", "project": own_project.name, "scopes": ["ingest", "read", "act"]}
    answer = httpx.post(f"{own_project.server.url}/api/v1/keys", json=body, trust_env=False)
    someone = Reader(replace(own_project, token=answer.json()["token"]), tmp_path)
    yield someone
    someone.leave()


def page(name: str) -> Path:
    """The English page; the Korean one has the same blocks."""
    return DOCS / "guides" / f"{name}.md"


def starting(printed: dict[str, str], start: str) -> list[str]:
    """What the commands with that beginning printed."""
    return [text for command, text in printed.items() if command.startswith(start)]


def test_both_languages_have_the_same_blocks() -> None:
    """A command that is right in English is right in Korean, too."""
    english = [page for page in PAGES if not page.name.endswith(".ko.md")]
    assert len(english) >= 4
    assert {page: blocks(page) for page in english} == {
        page: blocks(page.with_suffix(".ko.md")) for page in english
    }


@pytest.mark.parametrize("page", [*ROOT.glob("README*.md"), *DOCS.glob("*.md"), *PAGES], ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    """No page links a file that is not there."""
    targets = {match["target"] for match in _LINK.finditer(page.read_text("utf-8"))}
    assert {target for target in targets if not (page.parent / target).exists()} == set()


def test_files_page(reader: Reader, own_project: Project) -> None:
    """Every file comes in once, by whichever form, and can be asked for."""
    printed = reader.work_through(page("files"))
    own_project.wait_for("spans_total", 10)
    assert "50 %" in starting(printed, "pitwall signals query")[0]
    assert {span["service"] for span in own_project.spans(10)} == {"shop-chat"}
    assert own_project.signal("llm.requests", by="model") == {}  # nothing of it is of the last hour


def test_eval_runs_page(reader: Reader) -> None:
    """A run is planned, done, shown and exported as the page says; the empty answer is no 0."""
    printed = reader.work_through(page("eval-runs"))
    assert "empty_answer 1" in starting(printed, "pitwall eval run support_qa.json")[0]
    assert "support-qa" in starting(printed, "pitwall eval history")[0]
    assert "f1_score" in printed["pitwall eval show latest"]
    found = starting(printed, "pitwall eval run questions.json -m hit_rate@1")[0]
    assert re.search(r"^mrr +0\.833 ", found, re.MULTILINE)


@NEEDS_CURL
def test_otlp_page(reader: Reader) -> None:
    """The hand-made span is accepted and shown."""
    printed = reader.work_through(page("otlp"))
    assert "chat gpt-4o-mini" in starting(printed, "pitwall traces show")[0]


@NEEDS_CURL
def test_langfuse_page(reader: Reader, own_project: Project) -> None:
    """The key is known by its project, and the score is stored."""
    printed = reader.work_through(page("langfuse"))
    assert own_project.name in starting(printed, "curl")[0]
    own_project.wait_for("scores_total", 1)


def test_dead_letters_page(reader: Reader, own_project: Project) -> None:
    """The bad lines are told with their reasons, the good one is kept, a retry says what became of it."""
    printed = reader.work_through(page("dead-letters"))
    listed = starting(printed, "pitwall telemetry dead-letters list")[0]
    assert ("malformed" in listed, "calls.jsonl:3" in listed, "calls.jsonl:2" in listed) == (True, True, True)
    assert "exit code 3: rejected again" in starting(printed, "pitwall telemetry dead-letters retry")[0]
    own_project.wait_for("spans_total", 1)


def test_prices_page(reader: Reader) -> None:
    """Packaged prices are listed and shown, and nothing stored is nothing to price again."""
    printed = reader.work_through(page("prices"))
    assert "gpt-4o-mini" in starting(printed, "pitwall prices list")[0]
    assert "0.15" in starting(printed, "pitwall prices show")[0]
    assert len(starting(printed, "pitwall telemetry recost")) == 2


@NEEDS_CURL
def test_costs_page(reader: Reader) -> None:
    """A month is summed up and split, and budgets are set, shown and removed."""
    printed = reader.work_through(page("costs"))
    month = starting(printed, "pitwall costs summary --month")[0]
    assert ("$0.120" in month, "our-own (1)" in month) == (True, True)
    split, by_user, as_lines = starting(printed, "pitwall costs spend")
    assert ("gpt-4o-mini" in split, "$0.120 in all" in split) == (True, True)
    assert ("Nothing was called" in by_user, as_lines) == (True, "")
    assert "$5.00" in starting(printed, "pitwall budgets show kim")[0]
    assert "user kim@example.com" in starting(printed, "pitwall budgets list")[0]
    summary, *_rest, listed, removed = starting(printed, "curl")
    assert '"projection":' in summary
    assert ('"amount_usd":"500"' in listed, removed) == (True, '{"budget":null}')


def test_stages_page(reader: Reader) -> None:
    """Events come in, metrics say what has no data until labels are given, the report quotes numbers."""
    printed = reader.work_through(page("stages"))
    assert "Events added: 4" in starting(printed, "pitwall stage ingest")[0]
    before, lower, labelled = starting(printed, "pitwall stage compute-metrics")
    assert [line.count("no data") for line in before.splitlines() if "recall_at_k" in line] == [1]
    assert [line.count("300 ms") for line in lower.splitlines() if "retrieval.latency_ms" in line] == [1]
    assert [line.count("0.5") for line in labelled.splitlines() if "recall_at_k" in line] == [1]
    assert "above 500 ms" in starting(printed, "pitwall stage report rag-7")[0]


def test_snapshots_page(reader: Reader) -> None:
    """Two runs keep what they ran on, and what differs between them is told."""
    reader.sit_down_at_the_server()
    printed = reader.work_through(page("snapshots"))
    assert all("kept nothing" not in text for text in starting(printed, "pitwall ops snapshot"))
    assert "The metric f1_score is new in the second" in starting(printed, "pitwall ops diff")[0]


@NEEDS_CURL
def test_sdk_page(reader: Reader, own_project: Project) -> None:
    """Each program runs, the spans arrive with their identity, and files can be imported."""
    printed = reader.work_through(page("sdk"))
    program = starting(printed, f"{_SENDING} python app.py")[0]
    assert ("Three days." in program, "dropped={}" in program) == (True, True)
    assert '"request_id"' in starting(printed, "curl -sS --fail-with-body -i")[0]
    assert "x-request-id: order-17" in starting(printed, "curl -sS --fail-with-body -i")[0]
    assert "r-17" in starting(printed, "cat traces")[0]
    assert "guardrail warning True" in starting(printed, f"{_SENDING} python own_errors.py")[0]
    assert "chat gpt-4o-mini" in starting(printed, "pitwall traces list --filter error_class")[0]
    assert "429 Too Many Requests" in starting(printed, "curl -sS -i")[0]
    assert own_project.get("/traces", filter="attributes.pitwall.profile.samples:gt:0")["traces"]
    spans = own_project.get("/traces", level="span", filter=["request_id:eq:r-17", "user_id:eq:u-7"])["spans"]
    assert {span["kind"] for span in spans} == set(
        "chain cache embedding retriever reranker llm parser tool".split()
    )
    own_project.wait_for("scores_total", 1)


@NEEDS_CURL
def test_signals_page(reader: Reader) -> None:
    """Questions are answered with values, bands and windows, by every face, and exports are whole."""
    printed = reader.work_through(page("signals"))
    assert "llm.success_rate" in starting(printed, "pitwall signals list")[0]
    assert "75 %" in starting(printed, "pitwall signals show --since")[0]
    with_conditions = [text for command, text in printed.items() if "--where" in command]
    assert [f"{count} calls" in text for count, text in enumerate(with_conditions, 1)] == [True, True]
    one, several, _compact, explained, exemplars, _board, metrics = starting(printed, "curl")
    assert '"value":1.0,"count":2,"band":"no_data","complete":true' in one
    assert '"name":"llm.p95_latency_ms"' in several
    assert '"sql":' in explained
    assert '"exemplars":[' in exemplars
    assert "# TYPE pitwall_llm_success_rate gauge" in metrics
    assert '"window": "5m"' in starting(printed, "pitwall signals export --format json")[0]
    assert "qwen2.5:7b" in starting(printed, "pitwall signals jsonl")[0]


@NEEDS_CURL
def test_alerts_page(reader: Reader) -> None:
    """A newcomer's rule is previewed, saved, tested and deleted; the core pack's rules are there."""
    printed = reader.work_through(page("alerts"))
    assert "requests.errors" in starting(printed, "pitwall alerts rules")[0]
    assert "No alerts." in starting(printed, "pitwall alerts list")[0]
    assert "would have fired 0 times" in starting(printed, "pitwall alerts preview")[0]
    assert "for_critical" in starting(printed, "pitwall alerts rule show checkout.errors")[0]
    assert "1 of 1 tests passed." in starting(printed, "pitwall alerts test")[0]
    assert "checkout.errors" in starting(printed, "pitwall alerts rule delete")[0]
    assert '"counts"' in starting(printed, "curl")[0]


@NEEDS_CURL
def test_errors_page(reader: Reader) -> None:
    """The timeout came back after a week, the rate limit is new; one group shows its failures."""
    printed = reader.work_through(page("errors"))
    whole, some = starting(printed, "pitwall errors groups")
    assert whole == some
    assert ("regressed" in whole, "new" in whole) == (True, True)
    (shown,) = starting(printed, "pitwall errors show")
    assert "2 in this time, 0 in the time before; 2 users" in shown
    listed, one = starting(printed, "curl")
    assert ('"status":"regressed"' in listed, '"status":"new"' in listed) == (True, False)
    assert '"samples":[' in one


def test_anomalies_page(reader: Reader) -> None:
    """The bad hour is told against its Fridays, drawn with a mark, and only it."""
    printed = reader.work_through(page("anomalies"))
    told, drawn, by_isolation = starting(printed, "pitwall signals anomalies")
    assert "the usual for a Friday 14:00" in " ".join(told.split())
    assert told.count("2026-11-20T14:00Z") == 1
    assert "▲" in drawn
    assert '"detector": "isolation_forest"' in by_isolation


def test_boards_page(reader: Reader, own_project: Project) -> None:
    """A board goes in, is shown, copied and deleted; a view is kept; the scores of quality arrive."""
    printed = reader.work_through(page("boards"))
    assert "real_time" in starting(printed, "pitwall boards list")[0]
    assert "Tokens today" in starting(printed, "pitwall boards show real_time")[0]
    assert "llm.requests, llm.errors" in starting(printed, "pitwall boards show checkout")[0]
    boards, saved, as_yaml, _kept, views, deleted = starting(printed, "curl")
    assert ('"checkout"' in boards, '"checkout-night"' in boards) == (True, False)
    assert '"origin":"team"' in saved
    assert "llm.success_rate" in as_yaml
    assert '"name":"Slow and failed"' in views
    assert deleted == '{"board":null}'
    own_project.wait_for("scores_total", 3)


@NEEDS_CURL
def test_datasets_page(reader: Reader, own_project: Project) -> None:
    """Files, traces and documents become versions; what was exported is known again."""
    printed = reader.work_through(page("datasets"))
    imported = starting(printed, "pitwall datasets import")
    assert "Imported insurance-qa version 1: 2 examples." in imported[0]
    assert "has these examples already" in imported[2]
    traces, sessions = starting(printed, "pitwall datasets from-traces")
    assert "Added 2 examples to voc-week" in traces
    assert "Added 1 example to voc-talks" in sessions
    assert "turn_faithfulness" in starting(printed, "pitwall eval run voc-talks")[0]
    assert "환불은 며칠 걸리나요?" in starting(printed, "pitwall datasets show voc-week")[0]
    assert "Made terms-qa version 1" in starting(printed, "pitwall datasets synthesize")[0]
    names = {one["name"] for one in own_project.get("/datasets")["datasets"]}
    assert names == {"insurance-qa", "sums", "voc-week", "voc-talks", "terms-qa"}


def test_probes_page(reader: Reader) -> None:
    """The probes find the server and the disk; their uptime is a signal."""
    printed = reader.work_through(page("probes"))
    assert " up " in starting(printed, "pitwall probes list")[0]
    assert "http_status 200" in starting(printed, "pitwall probes show ui")[0]
    assert "probe=ui" in starting(printed, "pitwall signals query")[0]


def test_checks_page(reader: Reader) -> None:
    """The lists run with what the page gives them; documents and artifacts are looked at."""
    printed = reader.work_through(page("checks"))
    assert "weekly" in starting(printed, "pitwall checks reports")[0]
    assert "1 document is as it was indexed" in starting(printed, "pitwall checks deploy")[0]
    assert "1 index names what is there" in starting(printed, "pitwall checks release")[0]
    assert "Pitwall answers" in starting(printed, "pitwall checks run night")[0]


def test_archive_page(reader: Reader, own_project: Project) -> None:
    """The file is archived, found, imported and restored, and its two calls are there once."""
    printed = reader.work_through(page("archive"))
    assert "archived" in starting(printed, "pitwall archive run")[0]
    assert "llm_calls.jsonl.1" in starting(printed, "pitwall archive list")[0]
    imported, restored = starting(printed, "name=")
    assert "Imported 0 records; 2 were there already" in imported
    assert "Restored" in restored
    own_project.wait_for("spans_total", 2)


@NEEDS_CURL
def test_incidents_page(reader: Reader) -> None:
    """Changes are told of by command and request, once each, and listed; there is no incident yet."""
    printed = reader.work_through(page("incidents"))
    added, listed, incidents = starting(printed, "curl")
    assert '"is_new":true' in added
    assert [title in listed for title in ("voc-chat 1.8.2", "Shorter answers", "qwen2.5:14b")] == [True] * 3
    assert "told" in printed["pitwall changes"]
    assert '"counts":{"open":0' in incidents


@NEEDS_CURL
def test_notifications_page(reader: Reader) -> None:
    """A receiver checks the signature of a test; a tree is tried; what was made is listed."""
    printed = reader.work_through(page("notifications"))
    received = Path(starting(printed, "python receiver.py")[0]).read_text("utf-8")
    assert "[테스트] Pitwall 알림 채널 확인" in received
    assert "took the test" in starting(printed, "pitwall notifications test")[0]
    critical, dev = starting(printed, "pitwall notifications routes test")
    assert ('/severity="critical"' in critical, "Nobody would be told" in dev) == (True, True)
    assert "ticket 4711" in starting(printed, "pitwall notifications silences list")[0]
    assert "02:00–04:00 Asia/Seoul" in starting(printed, "pitwall notifications maintenance list")[0]
    assert "[테스트]" in starting(printed, "pitwall notifications deliveries list --limit")[0]
    channels, silence, deliveries = starting(printed, "curl")
    assert '"has_secret":true' in channels
    assert '"state":"active"' in silence
    assert '"reason":"test"' in deliveries


@NEEDS_CURL
def test_traces_page(reader: Reader) -> None:
    """Filters, text, one trace, sessions, users and pages find what the page put in."""
    printed = reader.work_through(page("traces"))
    lists = starting(printed, "pitwall traces list")
    assert ["4bf92f35" in text for text in lists[:6]] == [True, True, False, False, False, True]
    assert "█ on the critical path" in starting(printed, "pitwall traces show")[0]
    assert "영업일 기준 3일입니다." in starting(printed, "pitwall traces show")[1]
    assert '"session_id":"s-1"' in starting(printed, "curl")[9]
    assert "Where is my parcel?" not in lists[-1]


@NEEDS_CURL
def test_operating_page(reader: Reader) -> None:
    """Servers start, production refuses what is unsafe, keys come and go, a copy can be read."""
    reader.sit_down_at_the_server()
    printed = reader.work_through(page("operating"))
    assert "ready" in starting(printed, "curl")[0]
    assert "exit code 3: there is no key yet" in starting(printed, "pitwall up --config")[0]
    assert "exit code 1: in use" in starting(printed, "pitwall up --data-dir ./data --port 8304")[0]
    assert '"profile":"prod"' in starting(printed, 'curl -sS --fail-with-body -H "authorization')[0]
    assert '"needs_key":false' in starting(printed, "curl -sS --fail-with-body -b cookies")[0]
    heard = starting(printed, "curl -sSN")[0]
    assert "event: hello" in heard
    assert "event: freshness" in heard
    assert "qwen2.5:7b" in starting(printed, "pitwall traces list")[0]


@NEEDS_CURL
def test_monitoring_page(reader: Reader) -> None:
    """Files are written, a foreign alert comes in, a page is scraped, rules are imported or refused."""
    printed = reader.work_through(page("monitoring"))
    assert "prometheus/rules/pitwall.yml" in starting(printed, "pitwall artifacts write")[0]
    assert '"fired":1' in starting(printed, "curl")[0]
    assert "DiskFull" in starting(printed, "pitwall alerts list")[0]
    assert "yes" in starting(printed, "pitwall scrape run")[0]
    assert "127.0.0.1" in starting(printed, "pitwall scrape list")[0]
    told, written = starting(printed, "pitwall alerts import")
    assert "1 of 2 rules imported." in told
    assert "predict_linear" in told
    assert "packs/prometheus" in written
