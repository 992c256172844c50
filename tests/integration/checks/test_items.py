"""Items of checklists against real services, files and telemetry: right, wrong and nothing to look at."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.checks.errors import ChecklistNotFound, ReportNotFound
from pitwall.checks.items import ITEM, Item
from pitwall.checks.manifest import write_manifest
from pitwall.checks.pack_files import load_checklists
from pitwall.checks.running import run_items
from pitwall.checks.service import Checklists
from pitwall.checks.settings_text import setting_texts
from pitwall.checks.surroundings import Looking, Surroundings
from pitwall.checks.types import ItemResult, ReportStatus, RunRequest
from pitwall.core.errors import InvalidInput, NotPermitted
from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.service import Submission
from pitwall.ingest.wire import Parsed
from pitwall.kit.clock import SystemClock
from pitwall.probes.recording import ResultRecorder
from pitwall.probes.running import Runner
from pitwall.probes.service import ProbeParts, Probes
from pitwall.probes.types import PROBE, Outcome, ProbeStatus, Result
from pitwall.settings import load_settings
from pitwall.signals.catalogue import core_pack
from pitwall.stores.state import AuditLog, IngestSource
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.retention import apply_retention
from pitwall.traces.service import Traces
from tests.integration.probes.http_service import running_service
from tests.support.services import running_simulator
from tests.support.watched_store import WatchedStore, open_watched_store

TEXTS = {"title": {"en": "T", "ko": "제목"}, "todo": {"en": "Do", "ko": "조치"}}
CLOCK = SystemClock()


@pytest.fixture
def store(tmp_path: Path, telemetry_engine: TelemetryEngine, project: str) -> Iterator[WatchedStore]:
    with open_watched_store(tmp_path / "data", telemetry_engine, project) as opened:
        yield opened


@pytest.fixture
def sources() -> list[IngestSource]:
    return []


@pytest.fixture
def around(store: WatchedStore, sources: list[IngestSource], tmp_path: Path) -> Surroundings:
    runner = Runner({}, "/", pause_seconds=0.01)
    parts = ProbeParts(store.state, [], runner, ResultRecorder(store.ingest), store.signals, CLOCK)
    return Surroundings(
        settings=load_settings(environ={"PITWALL_DATA_DIR": str(tmp_path / "data")}),
        signals=store.signals,
        traces=Traces(store.engine, CLOCK),
        engine=store.engine,
        probes=Probes(parts),
        runner=runner,
        clock=CLOCK,
        sources=lambda _project: sources,
        count_spans=lambda: 0,
    )


def _item(kind: str, **fields: Any) -> Item:
    return ITEM.validate_python({"name": "one", "kind": kind, **TEXTS, **fields})


def _look(
    around: Surroundings, project: str, kind: str, *, settings: dict[str, str] | None = None, **fields: Any
) -> ItemResult:
    looking = Looking(around, LOCAL_OPERATOR.on_project(project), {}, settings or {})
    (result,) = run_items([_item(kind, **fields)], looking)
    assert result.finding.detail.en
    assert result.finding.detail.ko
    assert (result.todo is None) is (result.finding.status.value in {"passed", "skipped"})
    return result


def _status(*arguments: Any, **fields: Any) -> str:
    return _look(*arguments, **fields).finding.status.value


def test_http_item_asks_an_address(around: Surroundings, project: str) -> None:
    """It passes with its latency, fails with the reason, and is an error where the address is none."""
    with running_service() as (url, _):
        well = _look(around, project, "http", url=f"{url}/well").finding
        assert (well.status.value, well.unit) == ("passed", "ms")
        assert _status(around, project, "http", url=f"{url}/unhealthy") == "failed"
        assert _status(around, project, "http", url=f"{url}/missing", severity="warning") == "warning"
    assert _status(around, project, "http", url="nowhere") == "error"


def test_probes_item_runs_the_probes_of_the_project(around: Surroundings, project: str) -> None:
    """None is skipped; one that is down is failed and named; other kinds are left out."""
    assert _status(around, project, "probes") == "skipped"
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        probe = PROBE.validate_python({"name": "db", "kind": "tcp", "address": address, "retries": 0})
        around.probes.save(probe, by=LOCAL_OPERATOR.on_project(project))
        assert _status(around, project, "probes") == "passed"
        assert _status(around, project, "probes", of=["redis"]) == "skipped"
    down = _look(around, project, "probes").finding
    assert down.status.value == "failed"
    assert "db: " in down.detail.en


def test_signal_item_judges_and_trend_compares(
    around: Surroundings, store: WatchedStore, project: str
) -> None:
    """Half of the probe's runs were down: beyond the limit; no data is skipped, never passed."""
    now = CLOCK.now()
    question: dict[str, Any] = {"signal": "probe.uptime", "limit": "< 0.9"}
    assert _status(around, project, "signal", **question) == "skipped"
    recorder = ResultRecorder(store.ingest)
    _record(recorder, project, now - timedelta(hours=36), ups=40, downs=0)
    _record(recorder, project, now - timedelta(hours=1), ups=20, downs=20)
    store.drain()
    beyond = _look(around, project, "signal", **question).finding
    assert (beyond.status.value, beyond.value, beyond.unit) == ("failed", 0.5, "ratio")
    assert "50" in beyond.detail.ko
    assert _status(around, project, "signal", signal="probe.uptime", limit="< 0.4") == "passed"
    assert _status(around, project, "signal", signal="probe.uptime") == "failed"
    assert _status(around, project, "signal", signal="probe.uptime", over="72h", min_count=500) == "skipped"
    trend: dict[str, Any] = {"signal": "probe.uptime", "over": "24h", "worse": "falls"}
    fallen = _look(around, project, "signal_trend", **trend).finding
    assert fallen.status.value == "failed"
    assert "-50" in fallen.detail.en
    assert _status(around, project, "signal_trend", **{**trend, "worse": "grows"}) == "passed"
    assert _status(around, project, "signal_trend", **trend, by_ratio=0.6) == "passed"
    assert _status(around, project, "signal_trend", **trend, min_count=100) == "skipped"


def _record(recorder: ResultRecorder, project: str, at: datetime, *, ups: int, downs: int) -> None:
    probe = PROBE.validate_python({"name": "p", "kind": "disk", "path": "/"})
    for number in range(ups + downs):
        status = ProbeStatus.UP if number < ups else ProbeStatus.DOWN
        recorder.record(project, probe, Result(at + timedelta(seconds=number), Outcome(status)))


def test_trace_files_item_wants_young_files_that_are_taken_in(
    around: Surroundings, project: str, sources: list[IngestSource], tmp_path: Path
) -> None:
    """Nothing written, and written but not taken in, are told apart."""
    folder = tmp_path / "traces"
    question: dict[str, Any] = {"path": str(folder), "within": "1h"}
    assert _status(around, project, "trace_files_grow", **question) == "failed"
    folder.mkdir()
    assert _status(around, project, "trace_files_grow", **question) == "failed"
    file = folder / "llm_calls.jsonl"
    file.write_text("{}\n")
    not_taken = _look(around, project, "trace_files_grow", **question).finding
    assert "taken in" in not_taken.detail.en
    sources.append(IngestSource(project, "s", "jsonl", str(file), 3, "", 1, 0, CLOCK.now()))
    assert _status(around, project, "trace_files_grow", **question) == "passed"
    os.utime(file, (time.time() - 7200,) * 2)
    assert "nothing was written" in _look(around, project, "trace_files_grow", **question).finding.detail.en


def test_archive_item_counts_what_lies_about(around: Surroundings, project: str, tmp_path: Path) -> None:
    """Rotated files that are too old are named; the present one never is."""
    question: dict[str, Any] = {"path": str(tmp_path / "traces"), "older_than": "10d"}
    assert _status(around, project, "archive", **question) == "skipped"
    (tmp_path / "traces").mkdir()
    for name in ("llm_calls.jsonl", "llm_calls.jsonl.1"):
        file = tmp_path / "traces" / name
        file.write_text("{}\n")
        os.utime(file, (time.time() - 20 * 86_400,) * 2)
    old = _look(around, project, "archive", **question).finding
    assert (old.status.value, old.value) == ("failed", 1.0)
    assert "llm_calls.jsonl.1" in old.detail.en
    assert _status(around, project, "archive", **{**question, "older_than": "30d"}) == "passed"


def test_settings_item_tells_what_is_not_in_force(around: Surroundings, project: str) -> None:
    """What the caller sees and the server runs with are compared; so is what is expected."""
    ours = setting_texts(around.settings)
    assert _status(around, project, "settings") == "skipped"
    assert _status(around, project, "settings", settings=ours) == "passed"
    differing = {**ours, "masking.mode": "off", "server.port": "1"}
    changed = _look(around, project, "settings", settings=differing).finding
    assert (changed.status.value, "masking.mode" in changed.detail.en) == ("failed", True)
    assert "server.port" not in changed.detail.en
    assert _status(around, project, "settings", expect={"profile": "dev"}) == "passed"
    assert _status(around, project, "settings", expect={"profile": "prod"}) == "failed"
    unsafe = replace(around, settings=load_settings(environ={"PITWALL_PROFILE": "prod"}))
    assert _status(unsafe, project, "settings", settings=setting_texts(unsafe.settings)) == "failed"


def test_secret_settings_are_compared_without_being_told() -> None:
    """A secret is a fingerprint; another secret is another one."""
    texts = [
        setting_texts(load_settings(environ={"PITWALL_PROBES__SECRETS": f"redis={word}"}))["probes.secrets"]
        for word in ("hunter2hunter2", "hunter3hunter3", "hunter2hunter2")
    ]
    assert "hunter" not in "".join(texts)
    assert texts[0] == texts[2] != texts[1]


def test_retention_item_compares_tables_with_settings(around: Surroundings, project: str) -> None:
    """A table that keeps rows for another time than the settings say is named."""
    retention = around.settings.telemetry_store.retention
    days = {
        name: getattr(retention, f"{name}_days")
        for name in ("spans", "payloads", "points", "logs", "scores", "dead_letters")
    }
    days |= {"minute_rollups": retention.rollups_minute_days, "hour_rollups": retention.rollups_hour_days}
    apply_retention(around.engine, days)
    try:
        assert _status(around, project, "retention") == "passed"
        apply_retention(around.engine, {**days, "logs": 3})
        differing = _look(around, project, "retention").finding
        assert differing.status.value == "failed"
        assert "logs 3d" in differing.detail.en
    finally:
        apply_retention(around.engine, {})


def test_docs_item_tells_what_changed_since_the_index(
    around: Surroundings, project: str, tmp_path: Path
) -> None:
    """Added, changed and removed documents are counted and named; without a note nothing is claimed."""
    docs = tmp_path / "docs"
    assert _status(around, project, "docs_indexed", path=str(docs)) == "failed"
    docs.mkdir()
    for name in ("a.md", "b.md", "c.md"):
        (docs / name).write_text(name)
    assert _status(around, project, "docs_indexed", path=str(docs)) == "skipped"
    write_manifest(docs)
    assert _status(around, project, "docs_indexed", path=str(docs)) == "passed"
    (docs / "a.md").write_text("새 내용")
    (docs / "b.md").unlink()
    (docs / "d.md").write_text("d")
    changed = _look(around, project, "docs_indexed", path=str(docs)).finding
    assert (changed.status.value, changed.value) == ("failed", 3.0)
    assert "1 added, 1 changed, 1 removed" in changed.detail.en
    (docs / ".pitwall-index.json").write_text("{")
    assert _status(around, project, "docs_indexed", path=str(docs)) == "error"


def test_model_tags_item_compares_digests(around: Surroundings, project: str) -> None:
    """A pinned digest that differs and a model that is not there are named."""
    with running_simulator() as url:
        model = httpx.get(f"{url}/api/tags", trust_env=False).json()["models"][0]
        digest = model["digest"].removeprefix("sha256:")[:12]
        pinned = f"{model['name']}@{digest}"
        assert _status(around, project, "model_tags", url=url, models=pinned) == "passed"
        assert _status(around, project, "model_tags", url=url, models=f"{pinned}, nobody:1b") == "failed"
        other = f"{model['name']}@{'0' * 12}"
        assert _status(around, project, "model_tags", url=url, models=other) == "failed"
    assert _status(around, project, "model_tags", url=url, models=pinned) == "error"


def test_smoke_item_asks_and_judges_answers(around: Surroundings, project: str, tmp_path: Path) -> None:
    """The simulated model answers; what the answer has to be like decides, and the question is named."""
    with running_simulator() as url:
        model = httpx.get(f"{url}/api/tags", trust_env=False).json()["models"][0]["name"]
        fields: dict[str, Any] = {
            "url": f"{url}/api/generate",
            "body": {"model": model, "prompt": "{question}", "stream": False},
            "answer": "response",
        }
        assert _status(around, project, "smoke", **fields) == "skipped"
        good = {"question": "배송비가 얼마예요?", "min_characters": 2, "has": ["model", "done"]}
        assert _status(around, project, "smoke", **fields, questions=[good]) == "passed"
        bad = _look(
            around, project, "smoke", **fields, questions=[good, {**good, "contains": ["없는 낱말"]}]
        ).finding
        assert (bad.status.value, bad.value) == ("failed", 1.0)
        assert "배송비가 얼마예요?" in bad.detail.en
        file = tmp_path / "questions.yaml"
        file.write_text("- question: 안녕하세요\n  has: [nothing]\n", "utf-8")
        assert _status(around, project, "smoke", **fields, file=str(file)) == "failed"
        file.write_text("- ask: 안녕하세요\n", "utf-8")
        assert _status(around, project, "smoke", **fields, file=str(file)) == "error"
    assert _status(around, project, "smoke", **fields, questions=[good]) == "failed"


def test_artifacts_item_wants_an_index_that_is_true(
    around: Surroundings, project: str, tmp_path: Path
) -> None:
    """No index, a file that is named and missing, and a name that leads out are problems."""
    folder = tmp_path / "artifacts"
    assert _status(around, project, "artifacts_index", path=str(folder)) == "skipped"
    run = folder / "run-1"
    run.mkdir(parents=True)
    (run / "report.html").write_text("x")
    assert _status(around, project, "artifacts_index", path=str(folder)) == "failed"
    (run / "index.json").write_text(json.dumps({"files": [{"path": "report.html"}]}))
    assert _status(around, project, "artifacts_index", path=str(folder)) == "passed"
    (run / "index.json").write_text(json.dumps({"files": ["report.html", "gone.csv", "../../x"]}))
    assert _look(around, project, "artifacts_index", path=str(folder)).finding.value == 2.0


def test_sanitiser_item_wants_the_rules_in_force(around: Surroundings, project: str) -> None:
    """Off is failed, and so is a group of rules that is missing."""
    assert _status(around, project, "sanitiser") == "passed"
    assert _status(around, project, "sanitiser", rules=["secrets", "phone"]) == "failed"
    off = replace(around, settings=load_settings(environ={"PITWALL_MASKING__MODE": "off"}))
    assert _status(off, project, "sanitiser") == "failed"


def test_one_database_item_has_nothing_to_compare_without_a_server(
    around: Surroundings, project: str
) -> None:
    """A command on the data directory itself has no other face."""
    assert _status(around, project, "one_database") == "skipped"


def test_run_item_finds_the_traces_of_a_run(around: Surroundings, store: WatchedStore, project: str) -> None:
    """Without a run there is nothing to look for; one that is named and missing is failed."""
    assert _status(around, project, "run_findable") == "skipped"
    assert _status(around, project, "run_findable", run_id="run_nobody") == "failed"
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add(name="eval", trace_id=b"t" * 16)
    span.span_id, span.start_time_unix_nano = b"s" * 8, CLOCK.unix_nano()
    span.end_time_unix_nano = span.start_time_unix_nano + 1_000_000
    span.attributes.add(key="pitwall.run.id").value.string_value = "run_42"
    parsed = Parsed(request, request.SerializeToString())
    store.ingest.accept_blocking(Submission(TelemetryType.TRACES, project, "test", parsed))
    store.drain()
    found = _look(around, project, "run_findable").finding
    assert (found.status.value, found.value) == ("passed", 1.0)
    assert "run_42" in found.detail.en


@pytest.fixture
def checklists(around: Surroundings, store: WatchedStore) -> Checklists:
    lists = load_checklists([core_pack()], None, store.signals.catalogue)
    return Checklists(store.state, lists, around, {"tree": "/nowhere"})


def test_report_is_kept_listed_and_found(checklists: Checklists, store: WatchedStore, project: str) -> None:
    """Reports of the project only, newest first; the run is in the audit log; a wrong name is told."""
    operator = LOCAL_OPERATOR.on_project(project)
    first = checklists.run("release", RunRequest(), by=operator)
    second = checklists.run("release", RunRequest(), by=operator)
    assert [one.id for one in checklists.reports(project, "release", None, 10)] == [second.id, first.id]
    after = checklists.reports(project, None, (second.at, second.id), 10)
    assert [one.id for one in after] == [first.id]
    assert checklists.report(project, first.id) == first
    newest = {state.checklist.name: state.last_report for state in checklists.all(project)}
    assert newest["release"] == second
    assert newest["daily"] is None
    with store.state.session(read_only=True) as session:
        assert AuditLog(session).list(project_id=project)[0].action == "checks.run"
    with pytest.raises(ReportNotFound):
        checklists.report("default", first.id)
    with pytest.raises(ChecklistNotFound, match="daily"):
        checklists.run("monthly", RunRequest(), by=operator)
    with pytest.raises(NotPermitted):
        checklists.run("daily", RunRequest(), by=replace(operator, scopes=frozenset()))


def test_variables_of_the_caller_win_and_items_of_the_caller_are_added(
    checklists: Checklists, project: str, tmp_path: Path
) -> None:
    """The tree of the caller is searched; a list that only the caller knows can be run."""
    (tmp_path / "clean.txt").write_text("nothing\n")
    operator = LOCAL_OPERATOR.on_project(project)
    report = checklists.run("release", RunRequest(variables={"tree": str(tmp_path)}), by=operator)
    assert report.items[0].finding.status.value == "passed"
    text = "- {name: mine, kind: secrets, path: '{tree}', title: {en: T, ko: T}, todo: {en: D, ko: D}}"
    extra = checklists.read_items("night", text)
    night = checklists.run("night", replace(extra, variables={"tree": str(tmp_path)}), by=operator)
    assert [one.name for one in night.items] == ["mine"]
    assert night.status is ReportStatus.PASSED


def test_people_are_told_when_asked_and_a_failure_to_tell_is_noted(
    around: Surroundings, store: WatchedStore, project: str
) -> None:
    """Without a channel it is refused before anything runs; a channel that fails leaves the report."""
    lists = load_checklists([core_pack()], None, store.signals.catalogue)
    operator, told = LOCAL_OPERATOR.on_project(project), []
    silent = Checklists(store.state, lists, around, {})
    with pytest.raises(InvalidInput, match="channel"):
        silent.run("release", RunRequest(notify=True), by=operator)
    heard = Checklists(
        store.state, lists, around, {}, notify=lambda name, report: told.append((name, report.list))
    )
    assert heard.run("release", RunRequest(notify=True), by=operator).notified is True
    assert told == [(project, "release")]

    def broken(_project: str, _report: object) -> None:
        raise ConnectionError("no mail today")

    deaf = Checklists(store.state, lists, around, {}, notify=broken)
    report = deaf.run("release", RunRequest(notify=True), by=operator)
    assert report.notified is False
    assert checklists_kept(deaf, project)[0].id == report.id


def checklists_kept(checklists: Checklists, project: str) -> list[Any]:
    """The reports of a project."""
    return list(checklists.reports(project, None, None, 10))
