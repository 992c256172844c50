"""The pages in a real browser over a million spans: what the first load sends, and how long people wait.

Times are taken by the page's own clock, from the press of a key or the begin of the load to the frame in
which the answer stands, with a browser that has nothing cached but what one visit leaves.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from benchmarks.harness.dataset import DataSet, provide
from benchmarks.harness.quantiles import quantile
from benchmarks.harness.registry import ROOT, Context, NotMeasured, Step
from benchmarks.harness.results import Bar, Figure, at_most
from benchmarks.harness.server import running_pitwall
from benchmarks.harness.traffic import MODELS

_INDEX: Final = ROOT / "src" / "pitwall" / "server" / "ui" / "index.html"
_CHROMIUM: Final = "/usr/bin/chromium"
_FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--no-proxy-server")
_BOARD: Final = "benchmark"
_TILES: Final = (
    *("requests.p95_latency_ms", "requests.per_minute", "requests.error_rate", "llm.tokens"),
    *("requests.count", "llm.failure_rate", "llm.p95_latency_ms", "llm.input_tokens_per_call"),
    *("cost.usd", "rag.hit_rate", "cache.hit_rate", "llm.p95_ttft_ms"),
)
_RANGES: Final = ("24h", "7d", "1h", "15m", "5m")
_PATIENCE_MS: Final = 30_000

_CALM_MS: Final = 500
_LONG_PROJECT: Final = "long-trace"
_LONG_TRACE: Final = bytes(range(16))
_LONG_SPANS: Final = 5_000

# Resolves in the frame after a condition holds, with the page's time. The page's policy forbids making code
# of texts there, so the condition is put in here.
_WHEN: Final = """() => new Promise((resolve) => {
  const look = () => (CONDITION)
    ? requestAnimationFrame(() => setTimeout(() => resolve(performance.now())))
    : requestAnimationFrame(look);
  look();
})"""
_ALL_TILES: Final = (
    "document.querySelectorAll('main [data-band]').length >= {count} "
    "&& !document.querySelector('main ul[aria-busy=true]') && !document.querySelector('main [data-stale]')"
)
_VALUES: Final = "/api/v1/signals/query"
_LIST: Final = "/api/v1/traces?"
_COUNT: Final = (
    "performance.getEntriesByType('resource').filter((entry) => entry.name.includes('{address}')).length"
)
_LIST_STANDS: Final = "document.querySelectorAll('main [role=grid][aria-busy=false] [role=row]').length > 1"
_CHOOSE_RANGE: Final = """(wanted) => {
  const began = performance.now();
  for (const input of document.querySelectorAll('header input[type=radio]'))
    if (input.value === wanted) input.click();
  return began;
}"""
_TREE_STANDS: Final = (
    "document.querySelectorAll('main [role=treegrid] [role=row]').length > 20 "
    "&& document.querySelector('main [role=tabpanel]') && !document.querySelector('main [aria-busy=true]')"
)
_NEXT_KEY: Final = """(key) => {
  const note = (event) => { if (event.key === key) window.pressedAt = performance.now(); };
  document.addEventListener('keydown', note, { capture: true });
}"""
_LONG_LIST: Final = 100_000
_FRAMES: Final = 300
_ROWS: Final = "document.querySelectorAll('main [role=grid] [role=rowgroup]')[1]"
# The bottom is gone to in every frame, until so many rows are on the page's scroll bar.
_TO_ROW: Final = f"""(wanted) => new Promise((resolve) => {{
  const list = document.querySelector('main [role=grid]');
  const go = () => {{
    if (parseFloat({_ROWS}.style.height) / 32 >= wanted) return resolve();
    list.scrollTop = list.scrollHeight;
    requestAnimationFrame(go);
  }};
  go();
}})"""
# Ten rows a frame, up where rows have been given back; returns how long each frame took.
_SCROLL: Final = """(frames) => new Promise((resolve) => {
  const list = document.querySelector('main [role=grid]');
  const times = [];
  let before = performance.now();
  const go = (now) => {
    times.push(now - before);
    before = now;
    if (times.length >= frames) return resolve(times.slice(1));
    list.scrollTop -= 320;
    requestAnimationFrame(go);
  };
  requestAnimationFrame(go);
})"""
_SENT: Final = """() => performance.getEntriesByType('resource')
  .filter((entry) => entry.initiatorType === 'script' || entry.name.endsWith('.js'))
  .reduce((sum, entry) => sum + entry.encodedBodySize, 0)"""


@dataclass(frozen=True, slots=True)
class Browsing:
    """A browser on a server over a data set.

    Attributes:
        rounds: How often each wait is measured.
    """

    page: Any
    url: str
    data: DataSet
    rounds: int

    @property
    def size(self) -> str:
        """At which size is measured."""
        return f"{self.data.spans:,} spans, {self.rounds} times"

    def when(self, condition: str) -> float:
        """Wait until a condition on the page holds; returns the page's time in milliseconds."""
        return when(self.page, condition)

    def calm_down(self) -> None:
        """Let what the page asks besides come to its end; its live events never do."""
        self.page.wait_for_timeout(_CALM_MS)


def when(page: Any, condition: str) -> float:
    """Wait until a condition on a page holds; returns the page's time in milliseconds."""
    time: float = page.evaluate(_WHEN.replace("CONDITION", condition))
    return time


def measure(context: Context) -> list[Figure]:
    """Load pages, switch ranges and filter lists."""
    if not _INDEX.exists():
        raise NotMeasured("the UI is not built; run `make ui`")
    if not Path(_CHROMIUM).exists():
        raise NotMeasured("Chromium is not installed; `make setup-system` installs it")
    data = provide(context, context.size(1_000_000, 50_000))
    with running_pitwall(data.data_dir) as server:
        _save_board(f"http://127.0.0.1:{server.port}")
        _send_long_trace(f"http://127.0.0.1:{server.port}")
        with _browsing(server.port, data, rounds=context.size(30, 3)) as browsing:
            context.say("loading the overview")
            figures = _first_load(browsing)
            context.say("switching the time range")
            figures.append(_switch_range(browsing))
            context.say("filtering the list of traces")
            figures.append(_filter_list(browsing))
            context.say("scrolling a long list")
            figures.append(_scroll_list(browsing, context.size(_LONG_LIST, 3_000)))
            context.say("opening a long trace")
            figures.append(_open_long_trace(browsing))
            return figures


def _save_board(url: str) -> None:
    title = {"en": "Benchmark", "ko": "벤치마크"}
    board = {
        "name": _BOARD,
        "title": title,
        "tiles": [{"signal": name} for name in _TILES],
        "charts": [{"title": title, "kind": "lines", "signals": ["requests.p95_latency_ms"]}],
    }
    answer = httpx.put(f"{url}/api/v1/boards/{_BOARD}", json=board, trust_env=False)
    answer.raise_for_status()


def _send_long_trace(url: str) -> None:
    """Put a trace of 5,000 spans into a project of its own, unless an earlier run did."""
    address = f"{url}/api/v1/traces/{_LONG_TRACE.hex()}?project={_LONG_PROJECT}"
    if httpx.get(address, trust_env=False).status_code == 200:
        return
    wanted = {"name": "benchmark", "project": _LONG_PROJECT, "scopes": ["ingest"]}
    key = httpx.post(f"{url}/api/v1/keys", json=wanted, trust_env=False).raise_for_status().json()["token"]
    headers = {"content-type": "application/x-protobuf", "authorization": f"Bearer {key}"}
    body = _long_trace().SerializeToString()
    httpx.post(f"{url}/v1/traces", content=body, headers=headers, trust_env=False).raise_for_status()
    while httpx.get(address, trust_env=False).status_code != 200:
        time.sleep(0.1)


def _long_trace() -> ExportTraceServiceRequest:
    """Fifty steps of an agent with a hundred calls each."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.add(key="service.name").value.string_value = "agent"
    spans = group.scope_spans.add().spans
    began = time.time_ns() - 600 * 10**9
    for number in range(_LONG_SPANS):
        parent = 0 if number <= 50 else 1 + number % 50
        spans.add(
            trace_id=_LONG_TRACE,
            span_id=(number + 1).to_bytes(8),
            parent_span_id=b"" if number == 0 else (parent + 1).to_bytes(8),
            name="agent run" if number == 0 else f"step {number}" if number <= 50 else f"call {number}",
            start_time_unix_nano=began + number * 10**8,
            end_time_unix_nano=began + (600 * 10**9 if number == 0 else number * 10**8 + 5 * 10**9),
        )
    return request


@contextmanager
def _browsing(port: int, data: DataSet, rounds: int) -> Iterator[Browsing]:
    from playwright.sync_api import sync_playwright  # of the development environment

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=list(_FLAGS))
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
        context.set_default_timeout(_PATIENCE_MS)
        yield Browsing(context.new_page(), f"http://127.0.0.1:{port}", data, rounds)
        browser.close()


def _first_load(browsing: Browsing) -> list[Figure]:
    """Load the overview in a fresh browser: until every tile has its value, and a key is answered."""
    waits, sent = [], 0
    for _ in range(browsing.rounds):
        context = browsing.page.context.browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.goto(f"{browsing.url}/?board={_BOARD}&range=24h", wait_until="commit")
        when(page, _ALL_TILES.format(count=len(_TILES)))
        page.keyboard.press("?")
        waits.append(when(page, "document.querySelector('[role=dialog]')"))
        sent = page.evaluate(_SENT)
        context.close()
    return [
        Figure(
            "script of the first load", "overview", "kB", sent / 1000, at_most(300), "as sent, gzip or br"
        ),
        _figure(browsing, "overview interactive with all values", waits, at_most(2000)),
    ]


def _switch_range(browsing: Browsing) -> Figure:
    """Switch to a range that this visit has not asked for, so that no answer is known from before."""
    page, waits = browsing.page, []
    for number in range(browsing.rounds):
        ranges = _RANGES[number % 2 :: 2]
        page.goto(f"{browsing.url}/?board={_BOARD}&range=30m")
        browsing.when(_ALL_TILES.format(count=len(_TILES)))
        browsing.calm_down()
        for wanted in ranges:
            before = page.evaluate(f"() => {_COUNT.format(address=_VALUES)}")
            began = page.evaluate(_CHOOSE_RANGE, wanted)
            shown = f"{_COUNT.format(address=_VALUES)} > {before} && {_ALL_TILES.format(count=len(_TILES))}"
            waits.append(browsing.when(shown) - began)
            browsing.calm_down()
    return _figure(browsing, "12-tile board, range switched, all values", waits, at_most(500))


def _filter_list(browsing: Browsing) -> Figure:
    """Type a filter that nobody asked for before, and press Enter."""
    page, rng, waits = browsing.page, random.Random(7), []
    kinds = [f"model:eq:{model}" for model in MODELS] + ["status:eq:error", "kind:eq:llm"]
    for _ in range(browsing.rounds):
        page.goto(f"{browsing.url}/traces?range=7d&filter={quote(json.dumps([rng.choice(kinds)]))}")
        browsing.when(_LIST_STANDS)
        browsing.calm_down()
        before = page.evaluate(f"() => {_COUNT.format(address=_LIST)}")
        page.keyboard.press("/")
        page.keyboard.type(f"duration_ms:gt:{rng.randrange(1000, 400_000) / 1000}")
        page.evaluate(_NEXT_KEY, "Enter")
        page.keyboard.press("Enter")
        shown = f"{_COUNT.format(address=_LIST)} > {before} && {_LIST_STANDS}"
        waits.append(browsing.when(shown) - page.evaluate("() => window.pressedAt"))
    return _figure(browsing, "list of traces filtered, first page", waits, at_most(400))


def _scroll_list(browsing: Browsing, rows: int) -> Figure:
    """Go down the list until it has so many rows, then scroll up again: how long a frame takes."""
    page = browsing.page
    page.goto(f"{browsing.url}/traces?range=7d&level=span")
    browsing.when(_LIST_STANDS)
    browsing.calm_down()
    page.evaluate(_TO_ROW, rows)
    browsing.calm_down()
    frames = page.evaluate(_SCROLL, _FRAMES)
    size = f"{rows:,} rows, {_FRAMES} frames of ten rows"
    return Figure(
        "a long list scrolled, frame, p95", size, "ms", quantile(frames, 0.95), at_most(34), _median(frames)
    )


def _open_long_trace(browsing: Browsing) -> Figure:
    """Open it from the list by a key, as people come to a trace: until its tree and its first span stand."""
    page, waits = browsing.page, []
    for _ in range(browsing.rounds):
        page.goto(f"{browsing.url}/traces?range=24h&project={_LONG_PROJECT}")
        browsing.when(_LIST_STANDS)
        browsing.calm_down()
        page.keyboard.press("j")
        page.evaluate(_NEXT_KEY, "o")
        page.keyboard.press("o")
        waits.append(browsing.when(_TREE_STANDS) - page.evaluate("() => window.pressedAt"))
    size = f"{_LONG_SPANS:,} spans, {browsing.rounds} times"
    return Figure(
        "a long trace opened, p95", size, "ms", quantile(waits, 0.95), at_most(1000), _median(waits)
    )


def _figure(browsing: Browsing, claim: str, waits: list[float], bar: Bar) -> Figure:
    return Figure(f"{claim}, p95", browsing.size, "ms", quantile(waits, 0.95), bar, _median(waits))


def _median(waits: list[float]) -> str:
    return f"p50 {quantile(waits, 0.5):.0f} ms"


STEPS: Final = (Step("ui", "the pages in a browser over a million spans", measure, 8.0),)
