"""Questions about traces that `bench_queries` does not ask: dense days, deep pages, huge traces, sessions.

The store is filled by the engine itself with RAG traces of five spans, inputs and outputs of up to 115 words,
so that a million spans stand in one day: the worst case of a text search. Through HTTP on one connection, the
engine's condition cache off.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from benchmarks.harness.quantiles import milliseconds
from benchmarks.harness.registry import Context, Step
from benchmarks.harness.results import Figure, at_most
from benchmarks.harness.server import running_pitwall
from benchmarks.harness.wire import Connection
from pitwall.ingest.mapping.views import install
from pitwall.stores.telemetry.clickhouse import open_embedded
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.migrate import migrate

_CHUNK_TRACES: Final = 50_000
_LARGE_TRACE_SPANS: Final = 5_000
_LARGE_TRACE: Final = "large-trace-0001"
_NEEDLE: Final = "환불지연코드7731"
_WORDS: Final = (
    "arrayMap(i -> if(i % 3 = 0, concat('단어', toString(i)), concat('w', toString(i))), range(5000))"
)
_TEXT: Final = (
    "arrayStringConcat(arrayMap(i -> words[1 + toUInt16(exp(rand64({seed} + i + k) / 18446744073709551616. "
    "* log(5000)) - 1)], range({length})), ' ')"
)
_FILL: Final = """
INSERT INTO spans_in (project, environment, service, trace_id, span_id, parent_span_id, name, kind,
    started_at, duration_ms, received_at, status, error_class, model, token_source, input_tokens,
    output_tokens, cost_usd, cost_source, session_id, user_id, input, output, attributes)
WITH {words} AS words
SELECT 'default', 'prod', 'voc', reinterpret(sipHash128(n), 'FixedString(16)'),
    reinterpret(sipHash64(n, k), 'FixedString(8)'),
    if(k = 0, toFixedString('', 8), reinterpret(sipHash64(n, 0), 'FixedString(8)')),
    ['POST /voc/chat', 'embed', 'retrieve', 'rerank', 'chat'][k + 1],
    ['chain', 'embedding', 'retriever', 'reranker', 'llm'][k + 1],
    fromUnixTimestamp64Nano(toInt64({start_nano} + n * {step_nano} + k * 1000000)),
    [1800., 60, 50, 80, 1400][k + 1], now64(3), if(k = 4 AND n % 50 = 0, 'error', 'ok'),
    if(k = 4 AND n % 50 = 0, 'timeout', ''),
    if(k = 4, ['qwen2.5:7b', 'gpt-4o-mini', 'claude-sonnet-4-5'][1 + n % 3], ''),
    if(k = 4, 'provider', 'none'), if(k = 4, 900, 0), if(k = 4, 200, 0),
    if(k = 4, toDecimal64(0.002, 12), NULL), if(k = 4, 'computed', 'none'),
    concat('s', toString(intDiv(n, 6))), concat('u', toString(sipHash64(n) % 20000)),
    concat(if(n = {needle_at} AND k = 4, '{needle} ', ''), {input}), {output},
    map('http.route', '/voc/chat', 'x.a', hex(sipHash128(n, k)), 'x.b', '3.5')
FROM (SELECT number + {offset} AS n FROM numbers({traces})) ARRAY JOIN range(5) AS k
"""
_FILL_LARGE: Final = """
INSERT INTO spans_in (project, trace_id, span_id, parent_span_id, name, kind, started_at, duration_ms,
    received_at, status, input, attributes)
SELECT 'default', '{trace}', leftPad(toString(number + 1), 8, '0'),
    if(number = 0, toFixedString('', 8), toFixedString(leftPad(toString(intDiv(number, 3) + 1), 8, '0'), 8)),
    concat('step ', toString(number)), 'tool',
    fromUnixTimestamp64Nano(toInt64({start_nano} + number * 1000000)),
    5000. - number, now64(3), 'ok', concat('input ', toString(number), repeat(' word', 100)),
    map('x.a', hex(sipHash128(number)), 'x.b', '3.5')
FROM numbers({spans})
"""

Check = Callable[[Any], bool]


def measure(context: Context) -> list[Figure]:
    """Fill a store if it is not there yet, and ask."""
    traces = context.size(300_000, 10_000)
    directory = context.directory("traces") / f"{traces}-traces"
    end = _fill(directory, traces)
    with (
        running_pitwall(directory, use_condition_cache=False) as server,
        Connection(server.port) as connection,
    ):
        size = f"{traces * 5:,} spans in a day"
        calls = context.size(40, 3)
        return [
            _figure(connection, claim, f"{size}, {calls} calls", bar_ms, path, calls, check)
            for claim, bar_ms, path, check in _questions(end)
        ]


def _questions(end: datetime) -> Iterator[tuple[str, float | None, str, Check]]:
    day = {"since": (end - timedelta(days=1)).isoformat(), "until": end.isoformat()}

    def traces(**asked: str) -> str:
        return f"/api/v1/traces?{urlencode({**day, **asked})}"

    yield "first 50 of a day", None, traces(), lambda answer: len(answer["traces"]) == 50
    yield (
        "text that one span of a day has",
        None,
        traces(q=_NEEDLE),
        lambda answer: len(answer["traces"]) == 1,
    )
    yield "text that no span has", None, traces(q="nowhere9"), lambda answer: not answer["traces"]
    yield "text of every third span", None, traces(q="단어39"), lambda answer: len(answer["traces"]) == 50
    rare = traces(filter="error_class:eq:auth")
    yield "filter that matches nothing", None, rare, lambda answer: not answer["traces"]
    large = f"/api/v1/traces/{_LARGE_TRACE.encode().hex()}?limit={_LARGE_TRACE_SPANS}"
    yield f"trace of {_LARGE_TRACE_SPANS:,} spans, whole", 1000, large, _is_large
    yield "sessions of a day", None, f"/api/v1/sessions?{urlencode(day)}", lambda a: len(a["sessions"]) == 50


def _is_large(answer: Any) -> bool:
    return len(answer["spans"]) == _LARGE_TRACE_SPANS


def _figure(
    connection: Connection, claim: str, size: str, bar_ms: float | None, path: str, calls: int, check: Check
) -> Figure:
    seconds = []
    for number in range(calls + 1):
        began = time.perf_counter()
        answer = connection.get(path)
        took = time.perf_counter() - began
        if answer.status != 200 or not check(json.loads(answer.body)):
            return Figure(claim, size, "ms", None, None, f"answered {answer.status}, not what is expected")
        if number:  # the first one warms up
            seconds.append(took)
    bar = None if bar_ms is None else at_most(bar_ms)
    note = f"p50 {milliseconds(seconds, 0.5):.1f} ms"
    return Figure(f"{claim}, p95", size, "ms", milliseconds(seconds, 0.95), bar, note)


def _fill(directory: Path, traces: int) -> datetime:
    """Write the store once; returns the end of its day."""
    done = directory / "filled-until"
    if done.exists():
        return datetime.fromisoformat(done.read_text())
    directory.mkdir(parents=True, exist_ok=True)
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    engine = open_embedded(directory / "telemetry")
    try:
        migrate(engine)
        install(engine)
        _insert(engine, traces, end)
    finally:
        engine.close()
    done.write_text(end.isoformat())
    return end


def _insert(engine: TelemetryEngine, traces: int, end: datetime) -> None:
    start_nano = int((end - timedelta(days=1)).timestamp()) * 10**9
    for offset in range(0, traces, _CHUNK_TRACES):
        engine.command(
            _FILL.format(
                words=_WORDS,
                start_nano=start_nano,
                step_nano=86_400 * 10**9 // traces,
                needle_at=traces // 3,
                needle=_NEEDLE,
                input=_TEXT.format(seed=1, length="if(k = 4, 115, 60)"),
                output=_TEXT.format(seed=100_000, length="if(k IN (0, 4), 110, 0)"),
                offset=offset,
                traces=min(_CHUNK_TRACES, traces - offset),
            )
        )
    engine.command(_FILL_LARGE.format(trace=_LARGE_TRACE, start_nano=start_nano, spans=_LARGE_TRACE_SPANS))


STEPS: Final = (Step("traces", "dense days, huge traces, sessions through HTTP", measure, 6),)
