"""Every face shows the same numbers: API, command line, metrics files and `/metrics`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from datetime import timedelta
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
from pitwall.signals.openmetrics import (
    CONTENT_TYPE,
    Family,
    OpenMetricsExporter,
    Sample,
    metric_name,
    part_labels,
)
from pitwall.signals.service import Signals
from pitwall.signals.types import BoardQuery, SignalResult
from pitwall.signals.watermark import Watermark
from pitwall.stores.state import StateStore
from pitwall.stores.telemetry.engine import Rows, TelemetryEngine
from tests.integration.signals.telemetry import (
    NOON,
    insert_points,
    insert_scores,
    insert_spans,
    make_point,
    make_span,
    random_spans,
)


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
    """An hour of two services and two models in which every signal has data, complete at the tests' time."""
    insert_spans(telemetry_engine, project, random_spans(7, 6000))
    points = [point for service in ("voc-chat", "search") for point in _reported_by(service)]
    insert_points(telemetry_engine, project, [*points, *_recorded()])
    scores = [score for service in ("voc-chat", "search") for score in _judged(service)]
    insert_scores(telemetry_engine, project, scores)
    return project


def _judged(service: str) -> Iterator[dict[str, Any]]:
    """What the answers of a service were given in the last five minutes."""
    columns = {"service": service, "at": NOON + timedelta(minutes=58)}
    for number in range(len(service)):
        yield {"name": "confidence", "value": 1 / (number + 1), **columns}
        yield {"name": "match", "value": float(number > 2), **columns}
        yield {"name": "user_thumb", "value": float(number > 1), **columns}
        yield {"name": "user_satisfaction", "value": 1.0 + number % 5, **columns}
        yield {"name": "framework", "label": "GRI" if number % 3 else "SASB", **columns}


_GROWTH: dict[str, Any] = {"type": "sum", "temporality": "delta", "is_monotonic": True}


def _reported_by(service: str) -> Iterator[dict[str, Any]]:
    """What an application's instance tells of itself in the last five minutes."""
    share = len(service)  # so that the services differ
    gauges = {"pitwall.requests.in_progress": share, "pitwall.uptime": 60 * share}
    counters = {"pitwall.sdk.spans.exported": 100 * share, "pitwall.sdk.spans.dropped": share % 3 + 1}
    columns = {"service": service, "at": NOON + timedelta(minutes=58)}
    for name, value in gauges.items():
        yield make_point(name, value, **columns)
    for name, value in counters.items():
        yield make_point(name, value, **_GROWTH, **columns)
    for outcome, count in (("allowed", 10 * share), ("refused", share)):
        told = {"attributes": {"rule": "burst", "outcome": outcome}}
        yield make_point("pitwall.rate_limit.requests", count, **_GROWTH, **told, **columns)
    yield from _probed(share, columns)


def _probed(share: int, columns: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What a probe of a service found."""
    attributes = {"probe": f"p{share}", "probe.kind": "http", "probe.status": "degraded"}
    values = {
        "up": 1.0,
        "latency": 10.0 * share,
        "free_ratio": 1 / share,
        "memory_bytes": 1000.0 * share,
        "models_loaded": share,
        "collection_size": 100 * share,
        "certificate_days": 9 * share,
    }
    for name, value in values.items():
        yield make_point(f"pitwall.probe.{name}", value, attributes=attributes, **columns)


def _recorded() -> Iterator[dict[str, Any]]:
    """What Pitwall records of the costs and judges of a project in the last five minutes."""
    columns = {"service": "pitwall", "at": NOON + timedelta(minutes=58)}
    yield make_point("pitwall.cost.month_to_date", 12.5, **columns)
    yield make_point("pitwall.cost.projected_month", 31.25, **columns)
    for name, share in (("used", 0.625), ("projected", 1.5)):
        yield make_point(f"pitwall.budget.{name}", share, attributes={"budget": "month"}, **columns)
    judged = {"anchors": "core", "eval.metric": "faithfulness", "eval.judge": "judge"}
    for name, value in (("moved", 1.0), ("anchor_agreement", 0.75), ("anchor_shift", -0.125)):
        yield make_point(f"pitwall.eval.judge.{name}", value, attributes=judged, **columns)


def _run(transport: InProcess, *arguments: str) -> Result:
    return CliRunner().invoke(root, ["signals", *arguments], obj=lambda *_: nullcontext(transport))


def _gauges(text: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    parser = pytest.importorskip("prometheus_client.openmetrics.parser")
    families = list(parser.text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families), "a family twice"
    return {
        family.name: [(dict(sample.labels), sample.value) for sample in family.samples] for family in families
    }


def _by_labels(pairs: Iterable[tuple[Mapping[str, str], float | None]]) -> dict[frozenset[Any], float]:
    """Values by their labels, without those that have no data."""
    return {frozenset(labels.items()): value for labels, value in pairs if value is not None}


def _close(values: Mapping[frozenset[Any], float] | list[float]) -> Any:
    """The same number: a mean's sum may be added up in another order, which shows in the sixteenth digit."""
    return pytest.approx(values, rel=1e-12)


def _values(rows: Sequence[Mapping[str, Any]]) -> dict[frozenset[Any], float]:
    return _by_labels((row["labels"], row["value"]) for row in rows)


def test_every_face_shows_the_same_number(
    signals: Signals, transport: InProcess, api: httpx.Client, filled: str, tmp_path: Path
) -> None:
    """API, command line, metrics file and `/metrics` show the same whole of every signal; none is empty."""
    write_metrics_files(signals, filled, tmp_path)
    written = json.loads((tmp_path / "5m.json").read_text())
    exposed = _gauges(api.get("/metrics").text)
    shown = json.loads(_run(transport, "show", "--output", "json", "--project", filled).stdout)["results"]
    assert [result["name"] for result in shown] == [signal.name for signal in signals.catalogue]
    for result in shown:
        group, _, name = result["name"].partition(".")
        asked = {"name": result["name"], "last": "5m"}
        answer = api.get("/api/v1/signals/query", params=asked).json()
        queried = _run(
            transport, "query", result["name"], "--last", "5m", "--output", "json", "--project", filled
        )
        whole = _values(answer["rows"])
        assert whole, result["name"]
        assert _values(json.loads(queried.stdout)["rows"]) == _close(whole)
        assert _values(result["rows"]) == _close(whole)
        assert _in_file(written[group][name]) == _close(list(whole.values()))
        assert _by_labels(exposed[metric_name(result["name"])]) == _close(whole)


def _in_file(value: float | dict[str, float | None]) -> list[float]:
    """What a metrics file says of a signal: a number, or one for each bucket of a distribution."""
    numbers = value.values() if isinstance(value, dict) else [value]
    return [number for number in numbers if number is not None]


def test_scrape_has_the_parts_beside_the_whole(signals: Signals, api: httpx.Client, filled: str) -> None:
    """By service and model, `/metrics` says what the API says, in families of their own."""
    exposed = _gauges(api.get("/metrics").text)
    current = api.get("/api/v1/signals/current", params={"by": "service,model"}).json()["results"]
    parts = {result["name"]: _values(result["rows"]) for result in current}
    for signal in signals.catalogue:
        by = part_labels(signal)
        if not by:  # worked out of the project as a whole
            assert signal.name.startswith(("cost.", "eval.judge."))
            continue
        assert _by_labels(exposed[metric_name(signal.name, by)]) == _close(parts[signal.name])
        services = {dict(labels)["service"] for labels in parts[signal.name]}
        assert services == {"voc-chat", "search"}, signal.name
    assert len(exposed["pitwall_llm_p95_latency_ms_by_service_model"]) == 4
    assert len(exposed["pitwall_rag_hit_rate_by_service"]) == 2


def test_sum_over_a_family_counts_nothing_twice(api: httpx.Client, filled: str) -> None:
    """Whole and parts share no family, so adding up either gives the count; observations too."""
    exposed = _gauges(api.get("/metrics").text)
    rows = api.get("/api/v1/signals/query", params={"name": "llm.requests", "last": "5m"}).json()["rows"]
    for family in ("pitwall_llm_requests", "pitwall_llm_requests_by_service_model"):
        assert sum(value for _, value in exposed[family]) == rows[0]["value"]
    for family in ("pitwall_signal_observations", "pitwall_signal_observations_by_service_model"):
        counted = [value for labels, value in exposed[family] if labels["signal"] == "llm.requests"]
        assert sum(counted) == rows[0]["count"]


def test_scrape_asks_one_statement_per_set_of_labels(
    signals: Signals, api: httpx.Client, filled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole and the parts are a board each, and within a minute nothing is computed again."""
    asked: list[tuple[str, ...]] = []
    board = signals.board

    def noted(query: BoardQuery) -> list[SignalResult]:
        asked.append(query.by)
        return board(query)

    monkeypatch.setattr(signals, "board", noted)
    for _ in range(3):
        api.get("/metrics")
    assert asked == [(), ("service", "model")]


def test_metrics_is_open_metrics(api: httpx.Client, filled: str) -> None:
    """The exposition parses strictly, has the right type and ends as it must."""
    response = api.get("/metrics")
    assert response.headers["content-type"] == CONTENT_TYPE
    assert response.text.endswith("# EOF\n")
    gauges = _gauges(response.text)
    assert gauges["pitwall_test_requests"] == [({}, 3.0)]
    assert [labels for labels, _ in gauges["pitwall_llm_p95_latency_ms"]] == [{}]
    assert gauges["pitwall_signal_window_end_timestamp_seconds"] == [({}, NOON.timestamp() + 3600)]


def test_no_data_is_no_sample(api: httpx.Client, project: str) -> None:
    """Of a signal without data there is a family and nothing in it: neither 0 nor NaN."""
    gauges = _gauges(api.get("/metrics").text)
    assert gauges["pitwall_requests_in_progress"] == gauges["pitwall_llm_requests_by_service_model"] == []


def test_hostile_label_does_not_break_the_exposition(
    api: httpx.Client, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """Quotes, backslashes and line ends in a model's name come back as they were."""
    name = 'qwen"7b\\\n한글'
    started = NOON + timedelta(minutes=58)
    insert_spans(telemetry_engine, project, [make_span(model=name, started_at=started)])
    assert _gauges(api.get("/metrics").text)["pitwall_llm_requests_by_service_model"] == [
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
    """A started writer writes when its pause is over, and ends when it is told to."""
    later = MetricsFileWriter(signals, project, tmp_path / "later", pause_seconds=3600)
    writer = MetricsFileWriter(signals, project, tmp_path / "metrics")
    later.start()
    writer.start()
    try:
        for _ in range(100):
            if (tmp_path / "metrics" / "1h.json").exists():
                break
            asyncio.run(asyncio.sleep(0.05))
    finally:
        writer.stop(5.0)
        later.stop(5.0)
    assert list((tmp_path / "later").iterdir()) == []
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
    assert [row["labels"] for row in results[0]["rows"]] == [{"service": "search"}, {"service": "voc-chat"}]


def test_several_questions_in_series_keep_their_errors_apart(api: httpx.Client, filled: str) -> None:
    """The shape of boards: windows once, and a signal that is gone does not fail the others."""
    queries = [{"name": name, "since": "now-1h", "step": "5m"} for name in ("llm.requests", "llm.removed")]
    body = {"queries": queries, "shape": "series"}
    found, failed = api.post("/api/v1/signals/query", json=body).json()["results"]
    assert len(found["starts"]) == len(found["complete"]) == len(found["series"][0]["values"]) == 13
    assert failed["error"]["code"] == "signal.not_found"
    assert api.post("/api/v1/signals/query", json={"queries": queries}).status_code == 404
    assert api.post("/api/v1/signals/query", json={**body, "shape": "heap"}).status_code == 422


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


def test_show_prints_values_bands_and_the_last_hour(
    transport: InProcess, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """A table for people: title, value with its unit, band, a sparkline; what has no data is left out."""
    insert_spans(telemetry_engine, project, random_spans(23, 1500))
    result = _run(transport, "show", "--project", project)
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


@pytest.mark.parametrize("format_", ["json", "openmetrics"])
def test_export_writes_every_format(transport: InProcess, filled: str, format_: str) -> None:
    """Each format is what its readers expect."""
    result = _run(transport, "export", "--format", format_, "--project", filled)
    assert result.exit_code == 0, result.output
    if format_ == "openmetrics":
        assert "pitwall_llm_requests" in _gauges(result.stdout)
    else:
        assert json.loads(result.stdout)


def test_explanation_has_the_fixed_shape(
    transport: InProcess, api: httpx.Client, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """What the API tells of a missing value, the command line says in words, with the statements."""
    insert_spans(telemetry_engine, project, [make_span(started_at=NOON + timedelta(minutes=30))])
    asked = {"name": "rag.hit_rate", "last": "1h", "by": "service"}
    answer = api.get("/api/v1/signals/explain", params=asked).json()
    assert set(answer) == {"name", "statements", "no_data"}
    assert set(answer["statements"][0]) == {"sql", "tables"}
    why = answer["no_data"]
    assert (why["reason"], why["last_seen_at"]) == ("none_match", None)
    assert set(why["text"]) == {"en", "ko"}
    assert why["needs"][0] == {"what": {"en": "spans", "ko": "스팬"}, "seen": True}
    command = ["explain", "rag.hit_rate", "--last", "1h", "--project", project]
    shown = _run(transport, *command)
    assert shown.exit_code == 0, shown.output
    assert "kind = 'retriever'" in shown.stderr
    assert "FROM spans_by_hour" in shown.stdout
    printed = _run(
        transport, "explain", "rag.hit_rate", "--last", "1h", "--output", "json", "--project", project
    )
    assert json.loads(printed.stdout)["no_data"] == why


def test_explanation_of_a_value_is_its_statement(
    transport: InProcess, api: httpx.Client, filled: str
) -> None:
    """Where there is a value, nothing is missing."""
    asked = {"name": "llm.requests", "last": "1h"}
    assert api.get("/api/v1/signals/explain", params=asked).json()["no_data"] is None
    shown = _run(transport, "explain", "llm.requests", "--last", "1h", "--project", filled)
    assert "a value that can be judged" in shown.stderr
    assert "missing" not in shown.stdout


def test_exemplars_lead_to_traces(
    transport: InProcess, api: httpx.Client, telemetry_engine: TelemetryEngine, project: str
) -> None:
    """The traces behind a point of a series, the same from the API and the command line."""
    started = NOON + timedelta(minutes=30)
    spans = [
        make_span(trace_id=f"trace-{n}", name=f"call {n}", duration_ms=n, model=model, started_at=started)
        for n, model in ((1, "qwen2.5:7b"), (2, "qwen2.5:7b"), (3, "gpt-4o"))
    ]
    insert_spans(telemetry_engine, project, spans)
    asked = {"name": "llm.p95_latency_ms", "last": "1h", "label": ["model:qwen2.5:7b", "service:voc-chat"]}
    answer = api.get("/api/v1/signals/exemplars", params={**asked, "limit": 5}).json()
    assert (answer["name"], answer["order"]) == ("llm.p95_latency_ms", "highest")
    assert answer["exemplars"][0] == {
        "trace_id": b"trace-2".ljust(16, b"\0").hex(),
        "span_id": b"01234567".hex(),
        "at": "2026-11-20T12:30:00Z",
        "value": 2.0,
        "name": "call 2",
        "service": "voc-chat",
        "model": "qwen2.5:7b",
        "status": "ok",
        "duration_ms": 2.0,
    }
    arguments = ["llm.p95_latency_ms", "--last", "1h", "--label", "model:qwen2.5:7b", "--project", project]
    assert json.loads(_run(transport, "exemplars", *arguments, "--output", "json").stdout) == answer
    assert "call 2" in _run(transport, "exemplars", *arguments).stdout
    empty = _run(transport, "exemplars", "rag.hit_rate", "--last", "1h", "--project", project)
    assert "pitwall signals explain rag.hit_rate" in empty.stderr


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ({"label": "model"}, "no label"),
        ({"label": "colour:red"}, "no label 'colour'"),
        ({"limit": 1000}, "limit"),
        ({"since": "now", "until": "now-1h"}, "is empty"),
    ],
)
def test_wrong_question_for_exemplars_says_why(
    api: httpx.Client, parameters: dict[str, Any], complaint: str
) -> None:
    """As everywhere."""
    answer = api.get("/api/v1/signals/exemplars", params={"name": "llm.requests", **parameters})
    assert answer.status_code == 422
    assert complaint in answer.json()["detail"]
