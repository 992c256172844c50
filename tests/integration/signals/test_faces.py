"""Every face shows the same numbers: API, command line, metrics files and `/metrics`."""

from __future__ import annotations

import asyncio
import csv
import gzip
import json
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from pitwall.access.service import AccessService
from pitwall.cli.main import root
from pitwall.kit.clock import ManualClock
from pitwall.server.app import WebParts, create_app
from pitwall.signals.catalogue import Catalogue
from pitwall.signals.endpoints import metrics_router, signals_router
from pitwall.signals.metrics_files import MetricsFileWriter, ProjectMetricsFiles, write_metrics_files
from pitwall.signals.openmetrics import CONTENT_TYPE, Family, OpenMetricsExporter, Sample
from pitwall.signals.service import Signals
from pitwall.signals.watermark import Watermark
from pitwall.stores.state import StateStore
from pitwall.stores.telemetry.engine import Rows, TelemetryEngine
from tests.integration.signals.telemetry import (
    NOON,
    Row,
    insert_points,
    insert_spans,
    make_point,
    make_span,
    random_spans,
)

AZURE = Path("/work/shared/data/llm_traces/azure_llm_2023")
# What the description of that data says of it.
AZURE_CONTEXT_TOKENS = {
    "llm.p50_input_tokens": 1469,
    "llm.p95_input_tokens": 7303.3,
    "llm.p99_input_tokens": 7436,
}
AZURE_BUSIEST_MINUTE = ("2023-11-16T18:31:00Z", 585)


class InProcess(httpx.BaseTransport):
    """Calls the application from a blocking client."""

    def __init__(self, app: Any) -> None:
        self._app = httpx.ASGITransport(app, client=("127.0.0.1", 1))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        copy = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
        response = await self._app.handle_async_request(copy)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())


def _process_metrics() -> Sequence[Family]:
    return [Family("pitwall_test_requests", "counter", "Requests.", "", (Sample(3, {}, "_total"),))]


@pytest.fixture
def transport(signals: Signals, tmp_path: Path) -> Iterator[InProcess]:
    """The web application with the signals' endpoints, for an anonymous caller on this machine."""
    clock = ManualClock(NOON)
    store = StateStore.in_directory(tmp_path, clock=clock).open()
    parts = WebParts(
        access=AccessService(store, clock, allow_anonymous=True),
        version="0",
        is_started=lambda: True,
        routers=[signals_router(signals), metrics_router(OpenMetricsExporter(signals, _process_metrics))],
    )
    yield InProcess(create_app(parts))
    store.close()


@pytest.fixture
def api(transport: InProcess, project: str) -> Iterator[httpx.Client]:
    with httpx.Client(
        transport=transport, base_url="http://127.0.0.1", params={"project": project}
    ) as client:
        yield client


@pytest.fixture
def filled(telemetry_engine: TelemetryEngine, project: str) -> str:
    """An hour of spans of one service and model, complete at the tests' time."""
    spans = [{**span, "service": "voc-chat"} for span in random_spans(23, 1500)]
    for span in spans:
        span["model"] = "qwen2.5:7b" if span["model"] else ""
    insert_spans(telemetry_engine, project, spans)
    return project


def _run(transport: InProcess, *arguments: str) -> Result:
    return CliRunner().invoke(root, ["signals", *arguments], obj=lambda _settings: nullcontext(transport))


def _gauges(text: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    parser = pytest.importorskip("prometheus_client.openmetrics.parser")
    return {
        family.name: [(dict(sample.labels), sample.value) for sample in family.samples]
        for family in parser.text_string_to_metric_families(text)
    }


def test_every_face_shows_the_same_number(
    signals: Signals, transport: InProcess, api: httpx.Client, filled: str, tmp_path: Path
) -> None:
    """API, command line, metrics file and `/metrics` agree on every signal with a single value."""
    write_metrics_files(signals, filled, tmp_path)
    written = json.loads((tmp_path / "5m.json").read_text())
    exposed = _gauges(api.get("/metrics").text)
    shown = json.loads(_run(transport, "show", "--output", "json", "--project", filled).stdout)
    compared = 0
    for result in shown["results"]:
        if len(result["rows"]) != 1 or result["rows"][0]["labels"] or result["rows"][0]["value"] is None:
            continue
        value = result["rows"][0]["value"]
        group, _, name = result["name"].partition(".")
        answer = api.get("/api/v1/signals/query", params={"name": result["name"], "last": "5m"}).json()
        queried = _run(
            transport, "query", result["name"], "--last", "5m", "--output", "json", "--project", filled
        )
        assert answer["rows"][0]["value"] == value
        assert json.loads(queried.stdout) == answer
        assert written[group][name] == value
        if "model" not in signals.catalogue.get(result["name"]).by or group == "llm":
            ((_, sample),) = exposed["pitwall_" + result["name"].replace(".", "_")]
            assert sample == pytest.approx(value)
        compared += 1
    assert compared > 30


def test_real_trace_has_the_figures_of_its_description(
    transport: InProcess, api: httpx.Client, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """The Azure code trace: quantiles of its prompts, token totals, its busiest minute."""
    if not AZURE.exists():
        pytest.skip("the Azure 2023 code trace is not on this machine")
    insert_spans(telemetry_engine, project, list(_azure_calls()))
    day = {"since": "2023-11-16", "until": "2023-11-17"}
    for name, expected in AZURE_CONTEXT_TOKENS.items():
        answer = api.get("/api/v1/signals/query", params={"name": name, **day}).json()
        assert answer["rows"][0]["value"] == pytest.approx(expected, rel=0.0101)  # from a sketch of 1 %
    totals = {
        name: api.get("/api/v1/signals/query", params={"name": name, **day}).json()["rows"][0]["value"]
        for name in ("llm.input_tokens", "llm.output_tokens", "llm.requests")
    }
    assert totals == {"llm.input_tokens": 18_059_974, "llm.output_tokens": 245_896, "llm.requests": 8819}
    arguments = ["query", "llm.requests", "--since", day["since"], "--until", day["until"], "--step", "1m"]
    minutes = json.loads(_run(transport, *arguments, "--output", "json", "--project", project).stdout)["rows"]
    busiest = max(minutes, key=lambda row: row["value"] or 0)
    assert (busiest["start"], busiest["value"]) == AZURE_BUSIEST_MINUTE
    assert sum(row["value"] is not None for row in minutes) == 45


def _azure_calls() -> Iterator[Row]:
    for path in sorted(AZURE.iterdir()):
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as lines:
            for line in csv.DictReader(lines):
                yield make_span(
                    started_at=datetime.fromisoformat(line["TIMESTAMP"][:26] + "+00:00"),
                    token_source="provider",
                    input_tokens=int(line["ContextTokens"]),
                    output_tokens=int(line["GeneratedTokens"]),
                )


def test_metrics_is_open_metrics(api: httpx.Client, filled: str) -> None:
    """The exposition parses strictly, has the right type and ends as it must."""
    response = api.get("/metrics")
    assert response.headers["content-type"] == CONTENT_TYPE
    assert response.text.endswith("# EOF\n")
    gauges = _gauges(response.text)
    assert gauges["pitwall_test_requests"] == [({}, 3.0)]
    assert gauges["pitwall_llm_p95_latency_ms"][0][0] == {"service": "voc-chat", "model": "qwen2.5:7b"}
    assert gauges["pitwall_signal_window_end_timestamp_seconds"] == [({}, NOON.timestamp() + 3600)]
    assert not gauges["pitwall_requests_in_progress"], "no data is no sample"


def test_hostile_label_does_not_break_the_exposition(
    api: httpx.Client, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Quotes, backslashes and line ends in a model's name come back as they were."""
    name = 'qwen"7b\\\n한글'
    started = NOON + timedelta(minutes=58)
    insert_spans(telemetry_engine, project, [make_span(model=name, started_at=started)])
    assert _gauges(api.get("/metrics").text)["pitwall_llm_requests"] == [
        ({"service": "voc-chat", "model": name}, 1.0)
    ]


def test_metrics_files_have_the_documented_shape(signals: Signals, project: str, tmp_path: Path) -> None:
    """The documented keys are there for every window, null without data."""
    write_metrics_files(signals, project, tmp_path)
    for window in ("1m", "5m", "1h"):
        document = json.loads((tmp_path / f"{window}.json").read_text())
        assert document["ts"] == "2026-11-20T13:00:00Z"
        assert document["window"] == window
        assert (document["llm"]["success_rate"], document["llm"]["p95_latency_ms"]) == (None, None)
        assert (document["rag"]["hit_rate"], document["rag"]["rerank_rate"]) == (None, None)
        assert document["cache"]["embed_hit_rate"] is None
        assert document["bands"]["llm"]["success_rate"] == "no_data"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1h.json", "1m.json", "5m.json"]


def test_metrics_files_are_written_from_the_start_and_the_writer_stops(
    signals: Signals, project: str, tmp_path: Path
) -> None:
    """A started writer writes at once, and ends when it is told to."""
    writer = MetricsFileWriter(signals, project, tmp_path / "metrics")
    writer.start()
    try:
        for _ in range(100):
            if (tmp_path / "metrics" / "1h.json").exists():
                break
            asyncio.run(asyncio.sleep(0.05))
    finally:
        writer.stop(5.0)
    assert json.loads((tmp_path / "metrics" / "1h.json").read_text())["window"] == "1h"
    assert writer.failures == 0


def test_every_project_with_telemetry_has_metrics_files(
    signals: Signals, api: httpx.Client, telemetry_engine: TelemetryEngine, filled: str, tmp_path: Path
) -> None:
    """A folder of its name, with the numbers of every other face, once anything at all has come in."""
    late = f"{filled}-late"
    writer = ProjectMetricsFiles(signals, lambda: [filled, late], tmp_path, share=1)
    writer.write()
    written = json.loads((tmp_path / filled / "1h.json").read_text())["llm"]["requests"]
    answer = api.get("/api/v1/signals/query", params={"name": "llm.requests", "last": "1h"}).json()
    assert written == answer["rows"][0]["value"] > 0
    assert not (tmp_path / late).exists()
    insert_points(telemetry_engine, late, [make_point("pitwall.requests.in_progress", 4, at=NOON)])
    writer.write()
    assert (tmp_path / late / "5m.json").exists()


def test_project_that_went_quiet_keeps_files_without_values(
    signals: Signals, clock: ManualClock, filled: str, tmp_path: Path
) -> None:
    """The files are written on until no window can hold a value, and then left alone."""
    writer, written = (
        ProjectMetricsFiles(signals, lambda: [filled], tmp_path, share=1),
        tmp_path / filled / "1h.json",
    )
    clock.advance(23 * 3600)
    writer.write()
    last = written.read_text()
    assert json.loads(last)["llm"]["requests"] is None
    clock.advance(3 * 3600)
    writer.write()
    assert written.read_text() == last


def test_projects_without_telemetry_cost_one_question_together(
    telemetry_engine: TelemetryEngine, catalogue: Catalogue, clock: ManualClock, project: str, tmp_path: Path
) -> None:
    """A thousand projects that nobody sends to do not ask a thousand times."""
    asked: list[str] = []

    class Counting:
        def query(self, sql: str, *arguments: Any, **options: Any) -> Rows:
            asked.append(sql)
            return telemetry_engine.query(sql, *arguments, **options)

    signals = Signals(Counting(), catalogue, Watermark(clock, lambda: 0.0))  # type: ignore[arg-type]
    names = [f"{project}-{number}" for number in range(1000)]
    ProjectMetricsFiles(signals, lambda: names, tmp_path / "metrics", share=1).write()
    assert len(asked) == 1


def test_project_that_fails_does_not_hold_up_the_others(
    signals: Signals, telemetry_engine: TelemetryEngine, filled: str, tmp_path: Path
) -> None:
    """The failure is counted; the files of the next project are written all the same."""
    other = f"a-{filled}"
    insert_spans(telemetry_engine, other, [make_span(started_at=NOON)])
    (tmp_path / other).write_text("a file where the folder should be")
    writer = ProjectMetricsFiles(signals, lambda: [other, filled], tmp_path, share=1)
    writer.write()
    assert writer.failures == 1
    assert (tmp_path / filled / "1h.json").exists()


def test_several_questions_are_answered_in_order(api: httpx.Client, filled: str) -> None:
    """One request may carry many questions."""
    names = ["rag.hit_rate", "llm.requests"]
    body = {"queries": [{"name": name, "last": "1h", "by": ["service"]} for name in names]}
    results = api.post("/api/v1/signals/query", json=body).json()["results"]
    assert [result["name"] for result in results] == names
    assert results[0]["rows"][0]["labels"] == {"service": "voc-chat"}


def test_row_has_the_fixed_fields(api: httpx.Client, filled: str) -> None:
    """Scripts rely on the names of a row's fields."""
    row = api.get("/api/v1/signals/query", params={"name": "llm.requests", "last": "5m"}).json()["rows"][0]
    assert set(row) == {"labels", "start", "end", "value", "count", "band", "complete"}
    assert (row["start"], row["end"]) == ("2026-11-20T12:55:00Z", "2026-11-20T13:00:00Z")


def test_present_minute_counts_unless_an_end_is_named(
    transport: InProcess, api: httpx.Client, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """A call of this minute is in every answer up to now, which is told to be incomplete."""
    insert_spans(telemetry_engine, project, [make_span(started_at=NOON + timedelta(hours=1, seconds=4))])
    asked = {"name": "llm.requests", "since": "now-1h"}
    answers = [
        api.get("/api/v1/signals/query", params=asked).json(),
        api.get("/api/v1/signals/query", params={"name": "llm.requests", "until": "now"}).json(),
        api.post("/api/v1/signals/query", json={"queries": [asked]}).json()["results"][0],
        next(
            one
            for one in api.get("/api/v1/signals/current", params={"since": "now-1h"}).json()["results"]
            if one["name"] == "llm.requests"
        ),
    ]
    for answer in answers:
        (row,) = answer["rows"]
        assert (row["start"], row["end"]) == ("2026-11-20T12:00:00Z", "2026-11-20T13:01:00Z")
        assert (row["value"], row["complete"]) == (1, False)
        assert answer["tables"] == ["spans_by_minute"]
    assert "1 calls" in _run(transport, "show", "--since", "now-1h", "--project", project).stdout


def test_latest_complete_window_leaves_the_present_minute_out(
    transport: InProcess, api: httpx.Client, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """`last`, and a board that is asked for no range, end where everything has arrived; a hint says more."""
    insert_spans(telemetry_engine, project, [make_span(started_at=NOON + timedelta(hours=1, seconds=4))])
    last = api.get("/api/v1/signals/query", params={"name": "llm.requests", "last": "5m"}).json()
    board = api.get("/api/v1/signals/current").json()["results"]
    for answer in (last, *board):
        assert answer["until"] == "2026-11-20T13:00:00Z"
        assert all(row["complete"] for row in answer["rows"])
    assert last["rows"][0]["value"] is None
    shown = _run(transport, "show", "--project", project)
    assert "No data from 2026-11-20T12:55:00Z until 2026-11-20T13:00:00Z" in shown.stderr
    assert "--since now-1h" in shown.stderr
    assert "--since now-1h" not in _run(transport, "show", "--since", "now-2h", "--until", "now-1h").stderr


def test_named_ends_that_count_back_from_now_leave_no_gap(api: httpx.Client) -> None:
    """An hour ago is the same whole minute as a start and as an end."""
    asked = {"name": "llm.requests", "until": "now-1h", "since": "now-2h"}
    answer = api.get("/api/v1/signals/query", params=asked).json()
    assert (answer["since"], answer["until"]) == ("2026-11-20T11:00:00Z", "2026-11-20T12:00:00Z")


@pytest.mark.parametrize(
    ("parameters", "status", "complaint"),
    [
        ({"name": "llm.nonsense"}, 404, "no signal"),
        ({"name": "llm.requests", "since": "yesterday"}, 422, "no instant"),
        ({"name": "llm.requests", "step": "5 parsecs"}, 422, "no length of time"),
        ({"name": "llm.requests", "last": "5m", "since": "now-1h"}, 422, "stands for a whole range"),
        ({"name": "llm.requests", "by": "colour"}, 422, "cannot be split by colour"),
        ({"name": "llm.requests", "where": "model = "}, 422, "Expected a number"),
        ({"name": "llm.requests", "since": "now", "until": "now-1h"}, 422, "is empty"),
        ({}, 422, "name"),
    ],
)
def test_wrong_question_is_a_problem_that_says_why(
    api: httpx.Client, parameters: dict[str, str], status: int, complaint: str
) -> None:
    """The answer names what is wrong; nothing is guessed."""
    response = api.get("/api/v1/signals/query", params=parameters)
    assert response.status_code == status
    assert complaint in response.json()["detail"]


def test_catalogue_is_served(api: httpx.Client) -> None:
    """The list and a single signal are the same entry."""
    listed = {signal["name"]: signal for signal in api.get("/api/v1/signals").json()["signals"]}
    assert listed["rag.hit_rate"] == api.get("/api/v1/signals/rag.hit_rate").json()
    assert listed["rag.hit_rate"]["bands"]["warning"] == "< 0.6"


def test_show_prints_values_bands_and_the_last_hour(transport: InProcess, filled: str) -> None:
    """A table for people: title, value with its unit, band, a sparkline; what has no data is left out."""
    result = _run(transport, "show", "--project", filled)
    assert result.exit_code == 0, result.output
    line = next(line for line in result.stdout.splitlines() if line.startswith("llm.p95_latency_ms"))
    assert " ms" in line
    assert any(tick in line for tick in "▁▂▃▄▅▆▇█")
    assert "requests.in_progress" not in result.stdout
    assert "no data" in result.stderr


def test_show_speaks_korean(transport: InProcess, monkeypatch: pytest.MonkeyPatch, filled: str) -> None:
    """Titles follow the user's language."""
    monkeypatch.setenv("PITWALL_LANG", "ko")
    assert "RAG 적중률" in _run(transport, "show", "--project", filled).stdout


def test_plot_draws_every_series(
    transport: InProcess, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """A small chart with the highest value at its axis; windows without data stay empty."""
    spans = [make_span(started_at=NOON + timedelta(minutes=n)) for n in (0, 0, 1, 3)]
    insert_spans(telemetry_engine, project, spans)
    arguments = [
        "--since",
        "2026-11-20T12:00:00Z",
        "--until",
        "2026-11-20T12:04:00Z",
        "--step",
        "1m",
        "--plot",
    ]
    result = _run(transport, "query", "llm.requests", *arguments, "--project", project)
    assert result.exit_code == 0, result.output
    assert "2 calls ┤█" in result.stdout
    assert result.stdout.splitlines()[-1].endswith("┤██·█")


def test_in_progress_reaches_the_command_line(
    transport: InProcess, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """A gauge that the application reports is a signal like any other."""
    at = NOON + timedelta(minutes=58)
    insert_points(telemetry_engine, project, [make_point("pitwall.requests.in_progress", 4, at=at)])
    result = _run(
        transport, "query", "requests.in_progress", "--last", "5m", "--output", "jsonl", "--project", project
    )
    assert json.loads(result.stdout)["value"] == 4


@pytest.mark.parametrize("format_", ["json", "openmetrics", "prometheus-rules", "grafana"])
def test_export_writes_every_format(transport: InProcess, filled: str, format_: str) -> None:
    """Each format is what its readers expect."""
    result = _run(transport, "export", "--format", format_, "--project", filled)
    assert result.exit_code == 0, result.output
    if format_ == "openmetrics":
        assert "pitwall_llm_requests" in _gauges(result.stdout)
    elif format_ != "prometheus-rules":
        assert json.loads(result.stdout)
