"""Ten million spans over thirty days, taken in by a real server and kept between runs.

Beside them lie the points that the application's instances report of themselves in that time, and what judges
say of answers.

The directory's name holds a hash of everything that shapes the stored data, so that a change of the schema,
the mapping or the traffic makes a new one. Loading goes by chunks; one that was interrupted goes on where it
was.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from benchmarks.harness import traffic
from benchmarks.harness.judgements import Judgements
from benchmarks.harness.load import HttpSender, Plan, send
from benchmarks.harness.registry import ROOT, Context, NotMeasured
from benchmarks.harness.reports import Reports
from benchmarks.harness.server import PitwallServer, running_pitwall
from benchmarks.harness.store import inspect_store
from benchmarks.harness.templates import Pool, ProtobufEncoding, make_pool_of
from benchmarks.harness.traffic import Traffic

DAYS: Final = 30
SPANS_PER_REQUEST: Final = 500
_CHUNK_REQUESTS: Final = 1000
_CHUNK_SECONDS: Final = 300.0
_LOAD_BUDGET_SECONDS: Final = 2400.0
_CLIENTS: Final = 4
_TELLING_RATIO: Final = 0.2
"""How many traces have the spans and attributes that the others lack, so that every signal has data."""
_REPORT_SECONDS: Final = 10
"""How often an instance reports on itself: the SDK's default."""
_JUDGE_SECONDS: Final = 60
"""How often an answer is judged."""
_STEP_NANO: Final = 300 * 10**9
_SOURCES: Final = (
    "src/pitwall/stores/telemetry/migrations",
    "src/pitwall/stores/telemetry/chdb.xml",
    "src/pitwall/ingest/mapping",
    "src/pitwall/ingest/pricing",
)


@dataclass(frozen=True, slots=True)
class DataSet:
    """A loaded data directory and what is in it.

    Attributes:
        end_unix_nano: When the newest request ended.
    """

    data_dir: Path
    pool: Pool
    requests: int
    end_unix_nano: int

    @property
    def spans(self) -> int:
        """Spans in it."""
        return self.requests * SPANS_PER_REQUEST

    @property
    def end(self) -> datetime:
        """When the newest request ended."""
        return datetime.fromtimestamp(self.end_unix_nano / 1e9, UTC)

    def end_of(self, number: int) -> int:
        """When the traces of request `number` ended: requests are spread evenly, oldest first."""
        return end_of_request(number, self.requests, self.end_unix_nano)

    def requests_since(self, length: timedelta) -> range:
        """Numbers of the requests whose traces all began within the last `length`."""
        return range(self.requests - int(self.requests * length / timedelta(days=DAYS)) + 1, self.requests)


def end_of_request(number: int, requests: int, end_unix_nano: int) -> int:
    """Spread requests evenly over thirty days, oldest first."""
    return end_unix_nano - (requests - 1 - number) * (DAYS * 86_400 * 10**9 // requests)


def latest_end() -> int:
    """Choose when a data set made now ends: at the last whole five minutes."""
    return time.time_ns() // _STEP_NANO * _STEP_NANO


def make_spread_pool(templates_made: int, requests: int) -> Pool:
    """Make the pool of a data set: the traces of a request begin in the time up to the request before."""
    spread = DAYS * 86_400 / requests
    traffic = Traffic(seed=30, telling_ratio=_TELLING_RATIO)
    return make_pool_of(traffic, requests=templates_made, spans=SPANS_PER_REQUEST, spread_seconds=spread)


def provide(context: Context, spans: int) -> DataSet:
    """Return a loaded data set, made now if there is none.

    Raises:
        NotMeasured: Time ran out; the next call goes on from here.
        RuntimeError: What is stored is not exactly what was sent.
    """
    requests = spans // SPANS_PER_REQUEST
    home = context.work_dir / f"dataset-{spans}-{_key()}"
    for old in context.work_dir.glob(f"dataset-{spans}-*"):
        if old != home:
            shutil.rmtree(old)
    pool = make_spread_pool(context.size(200, 10), requests)
    marker = _read(home) or _begin(home)
    if not (marker.get("is_whole") and marker.get("has_judgements")):
        context.say(f"loading {spans:,} spans into {home} (kept for later runs)")
        _load(context, home, marker, pool, requests)
    return DataSet(home / "data", pool, requests, marker["end_unix_nano"])


def _load(context: Context, home: Path, marker: dict[str, Any], pool: Pool, requests: int) -> None:
    deadline = time.monotonic() + _LOAD_BUDGET_SECONDS
    with running_pitwall(home / "data") as server:
        if server.status()["spans_total"] != marker["requests"] * SPANS_PER_REQUEST:
            shutil.rmtree(home)
            raise NotMeasured("loading was interrupted in the middle of a chunk; the next run begins anew")
        if not marker.get("has_reports"):
            told = Reports(marker["end_unix_nano"], DAYS, context.size(_REPORT_SECONDS, 300))
            context.say(f"loading {told.points:,} points that instances report of themselves")
            told.send(server, _CHUNK_SECONDS)
            marker = marker | {"has_reports": True}
            _write(home, marker)
        if not marker.get("has_judgements"):
            judged = Judgements(marker["end_unix_nano"], DAYS, context.size(_JUDGE_SECONDS, 1800))
            context.say(f"loading {judged.scores:,} scores of answers")
            judged.send(server, _CHUNK_SECONDS)
            marker = marker | {"has_judgements": True}
            _write(home, marker)
        loading = Loading(pool, requests, marker["end_unix_nano"])
        for loaded in loading.run(context, server, marker["requests"]):
            _write(home, marker | {"requests": loaded})
            if time.monotonic() > deadline:
                raise NotMeasured(f"{loaded * SPANS_PER_REQUEST:,} spans are loaded; run it again to go on")
    store = inspect_store(home / "data")
    if store.spans != requests * SPANS_PER_REQUEST:
        raise RuntimeError(f"{store.spans:,} spans are stored instead of {requests * SPANS_PER_REQUEST:,}")
    _write(home, marker | {"requests": requests, "is_whole": True})


@dataclass(frozen=True, slots=True)
class Loading:
    """Sends a data set to a server, oldest first, chunk by chunk."""

    pool: Pool
    requests: int
    end_unix_nano: int

    def run(self, context: Context, server: PitwallServer, first: int = 0) -> Iterator[int]:
        """Yield how many requests are stored, each time a chunk is queryable."""
        while first < self.requests:
            count = min(_CHUNK_REQUESTS, self.requests - first)
            plan = Plan(_CLIENTS, requests=count, first_request=first, end_of=self._end_of)
            sent = send(self.pool, plan, lambda: HttpSender(server.port, ProtobufEncoding.content_type))
            first += count
            applied = server.wait_applied(first * SPANS_PER_REQUEST, _CHUNK_SECONDS)
            rate = sent.spans / (applied - sent.began)
            context.say(f"{first * SPANS_PER_REQUEST:,} spans stored, {rate:,.0f} a second")
            yield first

    def _end_of(self, number: int) -> int:
        return end_of_request(number, self.requests, self.end_unix_nano)


def _begin(home: Path) -> dict[str, Any]:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    marker = {"requests": 0, "end_unix_nano": latest_end()}
    _write(home, marker)
    return marker


def _read(home: Path) -> dict[str, Any] | None:
    path = home / "marker.json"
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def _write(home: Path, marker: dict[str, Any]) -> None:
    unfinished = home / "marker.part"
    unfinished.write_text(json.dumps(marker))
    unfinished.replace(home / "marker.json")


def _key() -> str:
    digest = hashlib.sha256(str(traffic.VERSION).encode())
    harness = ROOT / "benchmarks" / "harness"
    paths = [harness / f"{name}.py" for name in ("reports", "templates", "traffic")]
    for source in map(ROOT.joinpath, _SOURCES):
        paths += sorted(path for path in source.rglob("*") if path.suffix in {".py", ".sql"}) or [source]
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
