"""Scraping over real sockets: good pages, bad pages, slow pages, and who waits for whom."""

from __future__ import annotations

import asyncio
import http.server
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.masker import Masker
from pitwall.ingest.scrape.errors import TargetFromSettings, TargetNotFound
from pitwall.ingest.scrape.jobs import ScrapeLoop
from pitwall.ingest.scrape.service import Scraping, new_client
from pitwall.ingest.scrape.types import MAX_PAGE_BYTES, ScrapeReport, Target, TargetOrigin
from pitwall.ingest.service import IngestService
from pitwall.kit.clock import SystemClock
from pitwall.stores.state import DEFAULT_PROJECT, StateStore
from pitwall.stores.telemetry.acks import Ack

PLAIN = "text/plain; version=0.0.4"


@dataclass
class Kept:
    """A write-ahead log that keeps everything in memory."""

    requests: list[ExportMetricsServiceRequest] = field(default_factory=list)

    def append(self, stream: TelemetryType, project: str, body: bytes, count: int, door: str) -> Future[Ack]:
        self.requests.append(ExportMetricsServiceRequest.FromString(body))
        done: Future[Ack] = Future()
        done.set_result(Ack(position=len(self.requests), is_duplicate=False))
        return done

    def append_async(self, *arguments: Any) -> asyncio.Future[Ack]:
        raise AssertionError("scraping has threads of its own")

    def values(self, name: str) -> list[float]:
        """The gauge's values, oldest first."""
        return [
            point.as_double
            for request in self.requests
            for metric in request.resource_metrics[0].scope_metrics[0].metrics
            if metric.name == name
            for point in metric.gauge.data_points
        ]


@dataclass(frozen=True)
class Answer:
    body: bytes = b"x 1\n"
    content_type: str = PLAIN
    status: int = 200
    seconds: float = 0.0


@contextmanager
def _page(answer: Answer) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(answer.seconds)
            self.send_response(answer.status)
            self.send_header("content-type", answer.content_type)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/metrics"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateStore]:
    store = StateStore.in_directory(tmp_path).open()
    yield store
    store.close()


@pytest.fixture
def scraping(state: StateStore, kept: Kept) -> Scraping:
    masker = Masker(lambda text: text, lambda body: body)
    ingest = IngestService(kept, SystemClock(), masker=masker)
    fixed = Target("fixed", "http://127.0.0.1:1/metrics", origin=TargetOrigin.SETTINGS)
    return Scraping(state, [fixed], ingest, SystemClock())


def _scrape(scraping: Scraping, answer: Answer, **target: Any) -> ScrapeReport:
    async def run(url: str) -> ScrapeReport:
        async with new_client() as client:
            found = Target("page", url, **target)
            return await scraping.scrape(client, (DEFAULT_PROJECT, "page"), found)

    with _page(answer) as url:
        return asyncio.run(run(url))


def test_page_becomes_points_and_is_up(scraping: Scraping, kept: Kept) -> None:
    """Its samples, `up`, the duration and how many samples there were."""
    report = _scrape(scraping, Answer(b"x 1\ny 2\n"))
    assert (report.is_up, report.samples, report.points, report.error) == (True, 2, 2, None)
    assert (kept.values("x"), kept.values("up"), kept.values("scrape_samples_scraped")) == (
        [1.0],
        [1.0],
        [2.0],
    )
    assert kept.values("scrape_duration_seconds")[0] > 0


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(status=500), "it answered 500"),
        (Answer(b"<html>", "text/html"), "it answered text/html, which is no page of metrics"),
        (Answer(b"not a page\n"), "it is no page of metrics; line 1"),
        (Answer(b"x 1\n", "application/openmetrics-text"), "ends without `# EOF`"),
        (Answer(b"#" * (MAX_PAGE_BYTES + 1)), "larger than 10 MiB"),
        (Answer(seconds=2), "did not answer within 0.5 s"),
    ],
)
def test_what_is_no_page_is_down_with_its_reason(
    scraping: Scraping, kept: Kept, answer: Answer, error: str
) -> None:
    """`up` is 0, nothing else is stored, and the report says why."""
    report = _scrape(scraping, answer, timeout_seconds=0.5 if answer.seconds else 10.0)
    assert not report.is_up
    assert error in str(report.error)
    assert (kept.values("up"), kept.values("x")) == ([0.0], [])


def test_wrong_lines_leave_the_page_up(scraping: Scraping) -> None:
    """What could be read is stored, what could not is counted with the first line."""
    report = _scrape(scraping, Answer(b"x 1\nwhat\n"))
    assert (report.is_up, report.points, report.dropped) == (True, 1, {"malformed": 1})
    assert str(report.problem).startswith("line 2")


def test_large_page_is_read(scraping: Scraping, kept: Kept) -> None:
    """Ten thousand series in one page, none lost."""
    body = b"".join(b'x{i="%d"} %d\n' % (index, index) for index in range(10_000))
    assert _scrape(scraping, Answer(body)).points == 10_000
    assert sum(kept.values("x")) == sum(range(10_000))


def test_slow_page_keeps_no_other_waiting(scraping: Scraping, kept: Kept) -> None:
    """Beside one that never answers, the other is scraped at its own pace."""
    with _page(Answer(seconds=30)) as slow, _page(Answer()) as quick:
        for name, url in (("slow", slow), ("quick", quick)):
            scraping.put(Target(name, url, every_seconds=0.2, timeout_seconds=20), by=LOCAL_OPERATOR)
        loop = ScrapeLoop(scraping, SystemClock())
        loop.start()
        deadline = time.monotonic() + 20
        while len(kept.values("x")) < 5 and time.monotonic() < deadline:
            time.sleep(0.05)
        started = time.monotonic()
        loop.stop(10)
    assert len(kept.values("x")) >= 5
    assert time.monotonic() - started < 5


def test_change_of_targets_takes_effect_at_once(scraping: Scraping, kept: Kept) -> None:
    """A page that is added is scraped, one that is removed no more, without a restart."""
    loop = ScrapeLoop(scraping, SystemClock())
    loop.start()
    try:
        with _page(Answer()) as url:
            scraping.put(Target("late", url, every_seconds=0.1), by=LOCAL_OPERATOR)
            deadline = time.monotonic() + 20
            while not kept.values("x") and time.monotonic() < deadline:
                time.sleep(0.05)
            assert kept.values("x")
            scraping.remove("late", by=LOCAL_OPERATOR)
            time.sleep(0.5)
            count = len(kept.values("x"))
            time.sleep(0.5)
            assert len(kept.values("x")) == count
    finally:
        loop.stop(10)


def test_targets_are_listed_with_their_origin(scraping: Scraping) -> None:
    """Those of the settings and those of the team, each by its name."""
    scraping.put(Target("mine", "http://127.0.0.1:2/metrics"), by=LOCAL_OPERATOR)
    found = {state.target.name: state.target.origin for state in scraping.list(DEFAULT_PROJECT)}
    assert found == {"fixed": TargetOrigin.SETTINGS, "mine": TargetOrigin.TEAM}
    scraping.remove("mine", by=LOCAL_OPERATOR)
    with pytest.raises(TargetNotFound):
        scraping.get(DEFAULT_PROJECT, "mine")


def test_target_of_the_settings_is_theirs(scraping: Scraping) -> None:
    """Nobody changes it or removes it through the API."""
    with pytest.raises(TargetFromSettings):
        scraping.remove("fixed", by=LOCAL_OPERATOR)
    with pytest.raises(TargetFromSettings):
        scraping.put(Target("fixed", "http://127.0.0.1:2/metrics"), by=LOCAL_OPERATOR)
