"""How long a signal takes over many spans, through HTTP.

    python benchmarks/bench_signals.py [--spans 10000000] [--days 29] [--rounds 20] [--data-dir D] [--json]

Fills the store of a data directory with spans of a RAG service (seven kinds, two services, five models, four
error classes; evenly over the days until now), starts `pitwall serve` on it and asks every core signal: a
day in 5-minute windows and the whole time in hours, by model where the signal has it, else by service.
The range moves with every question, so that nothing is answered from a cache. With --data-dir a filled
directory is kept and used again. Times are the client's, in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from pitwall.kit.durations import format_instant
from pitwall.signals.windows import floor_to
from pitwall.stores.telemetry.clickhouse import open_embedded
from pitwall.stores.telemetry.migrate import migrate

_CHUNK = 200_000
_HOUR = timedelta(hours=1)
_FILL = """
INSERT INTO spans_in (project, environment, service, version, trace_id, span_id, parent_span_id, name, kind,
    component, started_at, duration_ms, received_at, status, error_class, provider, model, input_tokens,
    uncached_input_tokens, output_tokens, token_source, cost_usd, cost_source, ttft_ms, document_count,
    rerank_enabled, cache_hit, parse_ok, is_fallback, input, attributes)
SELECT 'default', 'prod', ['voc-chat', 'search'][1 + (intDiv(n, 7) % 5 = 0)], '1.2.0',
    substring(hex(sipHash128(intDiv(n, 7))), 1, 16), substring(hex(cityHash64(n)), 1, 8),
    toFixedString(if(n % 7 = 0, '', 'parent00'), 8), kind,
    ['http', 'cache', 'embedding', 'retriever', 'reranker', 'llm', 'parser'][1 + n % 7] AS kind,
    multiIf(kind = 'cache', 'embedding', kind = 'retriever', 'documents', ''),
    fromUnixTimestamp64Milli({start} + intDiv(n * {milliseconds}, {spans}), 'UTC'),
    exp(4 + (h % 1000) / 250), now64(3), if(h % 50 = 0, 'error', 'ok'),
    if(h % 50 = 0, ['timeout', 'rate_limit', 'provider'][1 + g % 3], ''),
    if(kind IN ('llm', 'embedding'), 'openai', ''),
    if(kind IN ('llm', 'embedding', 'reranker'),
       ['gpt-4o', 'gpt-4o-mini', 'qwen2.5:7b', 'llama3.1:8b', 'claude-sonnet-4'][1 + g % 5], ''),
    if(kind = 'llm', 200 + h % 3000, 0), if(kind = 'llm', 200 + h % 3000, 0),
    if(kind = 'llm', 50 + g % 500, 0),
    if(kind = 'llm', 'provider', 'none'), if(kind = 'llm', toDecimal64(0.002, 12), NULL),
    if(kind = 'llm', 'computed', 'none'), if(kind = 'llm', 100 + g % 900, NULL),
    if(kind IN ('retriever', 'reranker'), h % 12, NULL), if(kind = 'retriever', g % 2, NULL),
    if(kind = 'cache', g % 3 = 0, NULL), if(kind = 'parser', g % 20 != 0, NULL),
    if(kind = 'llm', g % 40 = 0, NULL),
    if(kind = 'llm', '질문 ' || toString(n), ''), map('k', toString(h % 100))
FROM (SELECT number AS n, cityHash64(number) % 1000003 AS h, cityHash64(number, 1) % 1000003 AS g
      FROM numbers({first}, {count}))
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """One signal over one range."""

    signal: str
    range: str
    tables: list[str]
    rows: int
    p50_ms: float
    p95_ms: float


def fill(data_dir: Path, spans: int, days: int) -> None:
    """Insert the spans unless they are there already."""
    data_dir.mkdir(parents=True, exist_ok=True)
    engine = open_embedded(data_dir / "telemetry")
    try:
        migrate(engine)
        if engine.query("SELECT count() FROM spans").scalar() >= spans:
            return
        start = floor_to(datetime.now(UTC), _HOUR) - timedelta(days=days)
        for first in range(0, spans, _CHUNK):
            engine.command(
                _FILL.format(
                    start=int(start.timestamp() * 1000),
                    milliseconds=days * 86_400_000,
                    spans=spans,
                    first=first,
                    count=min(_CHUNK, spans - first),
                )
            )
    finally:
        engine.close()


@contextmanager
def serve(data_dir: Path) -> Iterator[httpx.Client]:
    """Run a server on the data directory until the block ends."""
    url = f"http://127.0.0.1:{_free_port()}"
    command = [str(Path(sys.executable).with_name("pitwall")), "serve", "--data-dir", str(data_dir)]
    command += ["--port", url.rpartition(":")[2], "--otlp-port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with httpx.Client(base_url=url, timeout=60) as client:
            _wait_until_ready(client, process)
            yield client
    finally:
        process.terminate()
        process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if client.get("/health/ready").is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise RuntimeError("the server did not become ready")


def measure(client: httpx.Client, days: int, rounds: int) -> list[Figures]:
    """Ask every signal for both ranges."""
    catalogue = client.get("/api/v1/signals").raise_for_status().json()["signals"]
    end = floor_to(datetime.now(UTC), _HOUR) - _HOUR
    figures = []
    for signal in catalogue:
        by = next((label for label in ("model", "service") if label in signal["by"]), "")
        for name, length, step in (
            ("24h/5m", timedelta(days=1), "5m"),
            (f"{days}d/1h", timedelta(days=days - 1), "1h"),
        ):
            figures.append(_ask(client, signal["name"], by, name, (end, length, step), rounds))
    return figures


def _ask(
    client: httpx.Client, signal: str, by: str, name: str, asked: tuple[datetime, timedelta, str], rounds: int
) -> Figures:
    end, length, step = asked
    times = []
    for number in range(rounds + 1):
        until = end - _HOUR * number
        parameters = {
            "name": signal,
            "since": format_instant(until - length),
            "until": format_instant(until),
            "step": step,
            "by": by,
        }
        started = time.perf_counter()
        response = client.get("/api/v1/signals/query", params=parameters).raise_for_status()
        times.append((time.perf_counter() - started) * 1000)
    answer = response.json()
    ranks = statistics.quantiles(times[1:], n=20)  # the first one warms up
    return Figures(
        signal, name, answer["tables"], len(answer["rows"]), round(ranks[9], 1), round(ranks[18], 1)
    )


def show(figures: list[Figures]) -> None:
    """Print the table."""
    print(f"{'signal':34}{'range':>9}{'rows':>8}{'p50 ms':>9}{'p95 ms':>9}  tables")
    for row in figures:
        print(
            f"{row.signal:34}{row.range:>9}{row.rows:8}{row.p50_ms:9.1f}{row.p95_ms:9.1f}"
            f"  {', '.join(row.tables)}"
        )


def main() -> None:
    """Measure and print a table or JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--spans", type=int, default=10_000_000, help="spans in the store")
    parser.add_argument("--days", type=int, default=29, help="days they are spread over")
    parser.add_argument("--rounds", type=int, default=20, help="questions per signal and range")
    parser.add_argument("--data-dir", type=Path, help="directory to keep; default is a temporary one")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pitwall-bench-") as scratch:
        data_dir = arguments.data_dir or Path(scratch) / "data"
        fill(data_dir, arguments.spans, arguments.days)
        with serve(data_dir) as client:
            figures = measure(client, arguments.days, arguments.rounds)
    if arguments.json:
        print(json.dumps([asdict(row) for row in figures]))
    else:
        show(figures)


if __name__ == "__main__":
    main()
