"""Detectors on signals over a real store: alarms, usual ranges, honest ignorance, one answer everywhere."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from click.testing import CliRunner, Result

from pitwall.access.service import AccessService
from pitwall.anomalies.backtest import backtest
from pitwall.anomalies.endpoints import anomalies_router
from pitwall.anomalies.schemas import AnomalyAnswer
from pitwall.anomalies.service import Anomalies
from pitwall.anomalies.trust import rests_on_count
from pitwall.cli.main import root
from pitwall.kit.clock import ManualClock
from pitwall.server.app import WebParts, create_app
from pitwall.signals.catalogue import Catalogue, core_pack, load_catalogue
from pitwall.signals.endpoints import signals_router
from pitwall.signals.service import Signals
from pitwall.signals.watermark import Watermark
from pitwall.stores.state import StateStore
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.signals.telemetry import NOON, Row, insert_spans, make_span

HOUR = timedelta(hours=1)
NOW = NOON + timedelta(minutes=30)
SPIKE = NOON - 3 * HOUR
THIN = NOON - 5 * HOUR
CALLS = 12
SIGNAL = "llm.mean_latency_ms"


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


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue([core_pack()])


@pytest.fixture
def signals(telemetry_engine: TelemetryEngine, catalogue: Catalogue) -> Signals:
    return Signals(telemetry_engine, catalogue, Watermark(ManualClock(NOW), lambda: 0.0))


@pytest.fixture
def transport(signals: Signals, tmp_path: Path) -> Iterator[InProcess]:
    clock = ManualClock(NOW)
    store = StateStore.in_directory(tmp_path, clock=clock).open()
    access = AccessService(store, clock, allow_anonymous=True)
    routers = [signals_router(signals), anomalies_router(Anomalies(signals))]
    yield InProcess(
        create_app(WebParts(access=access, version="0", is_started=lambda: True, routers=routers))
    )
    store.close()


@pytest.fixture
def api(transport: InProcess, project: str) -> Iterator[httpx.Client]:
    url = "http://127.0.0.1"
    with httpx.Client(transport=transport, base_url=url, params={"project": project}) as client:
        yield client


def _hour(at: datetime, model: str, mean_ms: float, calls: int, noise: np.random.Generator) -> Iterator[Row]:
    for duration in mean_ms * noise.lognormal(0.0, 0.1, calls):
        yield make_span(started_at=at + timedelta(minutes=5), model=model, duration_ms=float(duration))


@pytest.fixture
def filled(telemetry_engine: TelemetryEngine, project: str) -> str:
    """Five weeks of a model that is slow by day, with one bad hour and one that rests on a single call.

    Besides one that came this morning.
    """
    noise, spans = np.random.default_rng(3), []
    for hours in range(35 * 24):
        at = NOON - hours * HOUR
        usual = 1000.0 * (1.5 + math.sin(math.tau * at.hour / 24))
        if at == THIN:
            spans += [make_span(started_at=at, duration_ms=2.5 * usual)]
        else:
            spans += _hour(at, "qwen2.5:7b", usual * (3.4 if at == SPIKE else 1.0), CALLS, noise)
        if hours < 6:
            spans += _hour(at, "new-model", 500.0, CALLS, noise)
    insert_spans(telemetry_engine, project, spans)
    return project


def _ask(api: httpx.Client, name: str = SIGNAL, **asked: Any) -> dict[str, Any]:
    answer = api.get(f"/api/v1/signals/{name}/anomalies", params=asked)
    assert answer.status_code == 200, answer.text
    view: dict[str, Any] = answer.json()
    AnomalyAnswer.model_validate(view)
    assert set(view) == set(AnomalyAnswer.model_fields)
    return view


@pytest.mark.usefixtures("filled")
def test_bad_hour_is_told_and_explained_in_both_languages(api: httpx.Client) -> None:
    """Against what is usual at that hour; the slow call that stands alone is none, nor the hour under way."""
    answer = _ask(api, by="model", since="now-1d")
    (alarm,) = answer["alarms"]
    assert (alarm["labels"], alarm["at"]) == ({"model": "qwen2.5:7b"}, "2026-11-20T09:00:00Z")
    assert alarm["low"] < alarm["usual"] < alarm["high"] < alarm["value"]
    ratio = alarm["value"] / alarm["usual"]
    assert 3.0 < ratio < 4.5
    assert (alarm["count"], alarm["pattern"], alarm["form"]) == (CALLS, "hour_of_week", "point")
    assert alarm["text"]["en"].startswith(f"{ratio:.1f}x the usual for a Friday 09:00: ")
    assert alarm["text"]["ko"].startswith(f"금요일 9시대 평소의 {ratio:.1f}배: ")
    assert answer["until"] == "2026-11-20T12:00:00Z"
    assert answer["learnt_since"] < "2026-10-24"


@pytest.mark.usefixtures("filled")
def test_what_has_no_history_says_so(api: httpx.Client) -> None:
    """A model that came this morning is learnt, not judged; the number of windows that it takes is told."""
    answer = _ask(api, by="model", since="now-1d")
    new = next(one for one in answer["series"] if one["labels"]["model"] == "new-model")
    assert (new["judged"], new["learning"], new["missing"]) == (0, 5, 19)
    assert new["note"]["en"] == "Not enough history: 4 of the 50 windows that it takes."
    assert "4개" in new["note"]["ko"]
    assert {point[5] for point in new["points"]} == {"not_enough_history", "no_data"}
    assert [point[1:5] for point in new["points"] if point[5] == "no_data"] == [[None] * 4] * 19


@pytest.mark.usefixtures("filled")
def test_numbers_are_those_of_the_signal(api: httpx.Client) -> None:
    """Value by value what a query says, for the windows that are complete."""
    answer = _ask(api, by="model", since="now-1d", step="30m")
    asked = {"name": SIGNAL, "since": "now-1d", "step": "30m", "by": "model"}
    rows = api.get("/api/v1/signals/query", params=asked).json()["rows"]
    for series in answer["series"]:
        own = [row for row in rows if row["labels"] == series["labels"] and row["complete"]]
        assert [point[:2] for point in series["points"]] == [[row["start"], row["value"]] for row in own]
    assert answer["judged"] == sum(one["judged"] for one in answer["series"])


@pytest.mark.usefixtures("filled")
def test_answer_is_what_a_monitor_would_have_told_live(
    api: httpx.Client, signals: Signals, project: str
) -> None:
    """Score by score the pure back-test over the same numbers, whatever part of them is shown."""
    whole = _ask(api, since="2026-10-20", learn="0", detector="rolling_z")
    shown = _ask(api, since="2026-11-19", learn="30d", detector="rolling_z")
    points = whole["series"][0]["points"]
    times = [datetime.fromisoformat(point[0]).timestamp() for point in points]
    values = [np.nan if point[1] is None else point[1] for point in points]
    rows = api.get(
        "/api/v1/signals/query", params={"name": SIGNAL, "since": "2026-10-20", "step": "1h"}
    ).json()["rows"]
    counts = [row["count"] for row in rows if row["complete"]]
    told = backtest(times, values, step_s=3600.0, counts=counts, detector="rolling_z")
    assert [point[4] for point in points] == [None if math.isnan(one) else one for one in told.scores]
    assert shown["series"][0]["points"] == points[-len(shown["series"][0]["points"]) :]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("detector", ["seasonal", "isolation_forest", "change_point", "rolling_z"])
def test_every_detector_can_be_asked(api: httpx.Client, detector: str) -> None:
    """And says which it was."""
    answer = _ask(api, detector=detector, since="now-7d")
    assert answer["detector"] == detector
    assert answer["series"][0]["judged"] == 7 * 24


@pytest.mark.usefixtures("filled")
def test_stricter_reader_gets_no_more_alarms(api: httpx.Client) -> None:
    """The accepted number of false alarms moves the threshold."""
    strict, loose = (
        len(_ask(api, since="now-30d", detector="rolling_z", false_alarms_per_week=number)["alarms"])
        for number in (0.001, 50.0)
    )
    assert strict < loose


@pytest.mark.usefixtures("filled")
def test_hours_are_told_in_the_reader_s_zone(api: httpx.Client) -> None:
    """Nine in UTC is six in the evening in Seoul."""
    (alarm,) = _ask(api, since="now-1d", by="model", timezone="Asia/Seoul")["alarms"]
    assert "18:00" in alarm["text"]["en"]


@pytest.mark.usefixtures("filled")
def test_only_the_busiest_series_are_looked_at(api: httpx.Client) -> None:
    """And how many others there are is told."""
    answer = _ask(api, by="model", since="now-1d", max_series=1)
    assert [one["labels"]["model"] for one in answer["series"]] == ["qwen2.5:7b"]
    assert answer["left_out_series"] == 1


def test_no_data_is_no_alarm_and_no_error(api: httpx.Client) -> None:
    """Of a project without telemetry, of the future, of the first days of all time."""
    for since in ("now-1d", "2099-01-01", "1970-01-02"):
        until = {"2099-01-01": "2099-01-02", "1970-01-02": "1970-01-04"}.get(since)
        answer = _ask(api, since=since, by="model", **({"until": until} if until else {}))
        assert (answer["alarms"], answer["series"], answer["judged"]) == ([], [], 0)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"detector": "crystal_ball"}, 404),
        ({"step": "soon"}, 422),
        ({"step": "1s"}, 422),
        ({"learn": "long"}, 422),
        ({"timezone": "Mars/Olympus"}, 422),
        ({"timezone": "../../etc/passwd"}, 422),
        ({"false_alarms_per_week": 0}, 422),
        ({"by": "flavour"}, 422),
        ({"since": "now-400d", "step": "1m"}, 422),
        ({"since": "now", "until": "now-1d"}, 422),
    ],
)
def test_wrong_question_is_told_its_mistake(api: httpx.Client, asked: dict[str, Any], status: int) -> None:
    """A sentence and a way out, never a 500."""
    answer = api.get(f"/api/v1/signals/{SIGNAL}/anomalies", params=asked)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


def test_unknown_signal_is_a_404(api: httpx.Client) -> None:
    """As everywhere."""
    assert api.get("/api/v1/signals/no.such/anomalies").status_code == 404


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("llm.p95_latency_ms", True),
        ("llm.success_rate", True),
        ("requests.per_minute", False),
        ("llm.tokens", False),
        ("requests.rate_limited", False),
    ],
)
def test_amounts_do_not_rest_on_their_count(catalogue: Catalogue, name: str, expected: bool) -> None:
    """A share or a mean of few calls is noise; few requests a minute are what the number says."""
    assert rests_on_count(catalogue, catalogue.get(name)) is expected


def _run(transport: InProcess, *arguments: str, language: str = "en") -> Result:
    runner = CliRunner(env={"PITWALL_LANG": language})
    return runner.invoke(root, ["signals", "anomalies", *arguments], obj=lambda *_: nullcontext(transport))


def test_command_answers_as_the_api_does(transport: InProcess, api: httpx.Client, filled: str) -> None:
    """As JSON word for word, as a table with the sentence, as a drawing with a mark below the bad hour."""
    command = (SIGNAL, "--since", "1d", "--by", "model", "--project", filled)
    shown = _run(transport, *command, "--output", "json")
    assert json.loads(shown.stdout) == _ask(api, by="model", since="now-1d")
    table = _run(transport, *command)
    assert "2026-11-20T09:00Z" in table.stdout
    assert "new-model: Not enough history" in table.stderr.replace("model=", "")
    drawn = _run(transport, *command, "--plot").stdout.splitlines()
    mark = next(line for line in drawn if "▲" in line)
    above = drawn[drawn.index(mark) - 8]
    assert above[mark.index("▲")] == "█"
    assert _run(transport, *command, language="ko").stdout.count("평소의 3") == 1


def test_nothing_to_tell_says_how_much_was_looked_at(transport: InProcess, filled: str, project: str) -> None:
    """No alarm is not no data."""
    quiet = _run(transport, SIGNAL, "--since", "2026-11-10", "--until", "2026-11-11", "--project", filled)
    assert "No alarm in 24 judged windows of 1 series." in quiet.stderr
    empty = _run(transport, SIGNAL, "--by", "model", "--project", "nobody")
    assert "pitwall signals explain" in empty.stderr
