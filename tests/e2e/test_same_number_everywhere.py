"""One question, one number: command line, API, metrics file and `/metrics` of a server agree exactly."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from pitwall.kit.durations import format_instant
from pitwall.signals.metrics_files import WINDOWS
from tests.e2e.running import COMMAND, RunningPitwall, run_program, running_pitwall
from tests.support.telemetry import TraceBatch

WINDOW = WINDOWS["5m"]
QUERIED = ("llm.requests", "llm.success_rate", "llm.p95_latency_ms", "llm.tokens", "cost.usd")
_SAMPLE = re.compile(r"(?P<name>pitwall_\w+?)(?:{(?P<labels>.*)})? (?P<value>\S+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

Labels = frozenset[tuple[str, str]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPitwall]:
    """A server that starts on spans of the last two windows, so that its first files have numbers."""
    data_dir = tmp_path_factory.mktemp("numbers") / "data"
    with running_pitwall(data_dir) as first:
        for batch in _batches():
            body = batch.encode()
            headers = {"content-type": "application/x-protobuf"}
            httpx.post(f"{first.otlp_url}/v1/traces", content=body, headers=headers).raise_for_status()
        _wait_stored(first, sum(batch.span_count for batch in _batches()))
    # A minute may have ended between two of the batches: that file knows only the first of them.
    shutil.rmtree(data_dir / "metrics", ignore_errors=True)
    with running_pitwall(data_dir) as second:
        yield second


def _batches() -> list[TraceBatch]:
    """Requests of very different lengths from 14 minutes ago until now."""
    begin = time.time() - 14 * 60
    return [
        TraceBatch(first=1 + 1_000 * at, traces=70, started_at=begin, spacing_seconds=12, duration_ms=length)
        for at, length in enumerate((3, 40, 77, 900))
    ]


def _wait_stored(server: RunningPitwall, count: int) -> None:
    deadline = time.monotonic() + 20
    while httpx.get(f"{server.url}/api/v1/status").json()["spans_total"] < count:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def document(server: RunningPitwall) -> dict[str, Any]:
    """The metrics file of the last complete five minutes, as the server wrote it when it started."""
    path = server.data_dir / "metrics" / "5m.json"
    deadline = time.monotonic() + 60
    while True:
        found: dict[str, Any] | None = json.loads(path.read_bytes()) if path.exists() else None
        if found and found["llm"]["requests"] is not None:
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


@pytest.fixture(scope="module")
def window(document: dict[str, Any]) -> dict[str, str]:
    """The file's window as a range to ask for."""
    return _window_until(datetime.fromisoformat(document["ts"]))


def _window_until(end: datetime) -> dict[str, str]:
    return {"since": format_instant(end - WINDOW), "until": format_instant(end)}


def _api(server: RunningPitwall, name: str, **parameters: str) -> list[dict[str, Any]]:
    answer = httpx.get(f"{server.url}/api/v1/signals/query", params={"name": name, **parameters}, timeout=30)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["rows"]
    return rows


def _cli(server: RunningPitwall, *arguments: str) -> Any:
    done = run_program([*COMMAND, *arguments, "--url", server.url, "--output", "json"], {}, Path.cwd())
    return json.loads(done.stdout)


def _plain(rows: list[dict[str, Any]]) -> Any:
    """Rows as the metrics file writes them: a number, or numbers by the one label of a distribution."""
    if len(rows) == 1 and not rows[0]["labels"]:
        return rows[0]["value"]
    return {next(iter(row["labels"].values())): row["value"] for row in rows} or None


def test_metrics_file_says_what_the_api_says(
    server: RunningPitwall, document: dict[str, Any], window: dict[str, str]
) -> None:
    """Every value of the file is the API's answer for the file's own window, null where there is no data."""
    names = [signal["name"] for signal in httpx.get(f"{server.url}/api/v1/signals").json()["signals"]]
    asked = {name: _plain(_api(server, name, **window)) for name in names}
    written = {name: document[name.partition(".")[0]][name.partition(".")[2]] for name in names}
    assert written.keys() == asked.keys()
    for name, value in asked.items():
        # Where a sum of fractions is split over threads, its last digit depends on the order.
        assert written[name] == (None if value is None else pytest.approx(value, rel=1e-12)), name
    assert sum(value is not None for value in asked.values()) > 20
    assert asked["rag.hit_rate"] is None


def test_command_line_says_what_the_api_says(server: RunningPitwall, window: dict[str, str]) -> None:
    """`signals query --output json` is the API's answer, rows and all."""
    flags = [text for name, value in window.items() for text in (f"--{name}", value)]
    for name in QUERIED:
        told = _cli(server, "signals", "query", name, *flags, "--by", "service")
        assert told["rows"] == _api(server, name, by="service", **window)
        assert set(told["rows"][0]) >= {"labels", "start", "end", "value", "count", "band"}


def test_signals_show_says_what_the_api_says(server: RunningPitwall, window: dict[str, str]) -> None:
    """All current values on the command line are those of `/api/v1/signals/current`."""
    flags = [text for name, value in window.items() for text in (f"--{name}", value)]
    shown = _cli(server, "signals", "show", *flags)["results"]
    asked = httpx.get(f"{server.url}/api/v1/signals/current", params=window, timeout=30).json()["results"]
    assert {one["name"]: one["rows"] for one in shown} == {one["name"]: one["rows"] for one in asked}


def test_scrape_says_what_the_api_says(server: RunningPitwall) -> None:
    """Every sample of `/metrics` is the API's answer for its window, whole and by service and model."""
    exposed = httpx.get(f"{server.url}/metrics", timeout=30).text
    samples = [match.groupdict() for match in map(_SAMPLE.fullmatch, exposed.splitlines()) if match]
    until = next(s for s in samples if s["name"] == "pitwall_signal_window_end_timestamp_seconds")
    window = _window_until(datetime.fromtimestamp(float(until["value"]), UTC))
    for name in QUERIED:
        parts = [label for label in ("service", "model") if label in _labels_of(server, name)]
        for by in ([], parts):
            asked = {
                _labels(row["labels"].items()): row["value"]
                for row in _api(server, name, by=",".join(by), **window)
                if row["value"] is not None
            }
            family = "_by_".join(["pitwall_" + name.replace(".", "_"), *(["_".join(by)] if by else [])])
            scraped = {
                _labels(_LABEL.findall(sample["labels"] or "")): float(sample["value"])
                for sample in samples
                if sample["name"] == family
            }
            assert scraped
            assert scraped == asked


def _labels_of(server: RunningPitwall, name: str) -> list[str]:
    labels: list[str] = httpx.get(f"{server.url}/api/v1/signals/{name}").json()["by"]
    return labels


def _labels(pairs: Any) -> Labels:
    return frozenset((str(name), str(value)) for name, value in pairs)


def test_span_sent_again_in_another_request_counts_once(tmp_path: Path) -> None:
    """A collector sends some spans and then the same with others: status, signals and traces agree."""
    some, others = (TraceBatch(first=first, traces=3, started_at=time.time() - 60) for first in (1, 100))
    first = some.encode()
    with running_pitwall(tmp_path / "data") as server:
        for body in (first, others.encode() + first):  # messages one after the other are one message
            headers = {"content-type": "application/x-protobuf"}
            httpx.post(f"{server.otlp_url}/v1/traces", content=body, headers=headers).raise_for_status()
        _wait_stored(server, some.span_count + others.span_count)
        traces = httpx.get(f"{server.url}/api/v1/traces").json()["traces"]
        rows = _api(server, "llm.requests", since="now-1h", step="5m")
        total = httpx.get(f"{server.url}/api/v1/status").json()["spans_total"]
    assert len(traces) == 6
    assert total == sum(trace["span_count"] for trace in traces)
    assert sum(row["value"] or 0 for row in rows) == 6
