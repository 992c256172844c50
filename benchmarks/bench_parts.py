"""The benchmarks of single parts, which also run by themselves, in the shared form."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, Final

from benchmarks.harness.registry import ROOT, Context, Step
from benchmarks.harness.results import Figure, at_most

_STRETCH_US: Final = 5.0


def _run(script: str, *arguments: str) -> Any:
    command = [sys.executable, str(ROOT / "benchmarks" / script), "--json", *arguments]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT).stdout)


def sdk(context: Context) -> list[Figure]:
    """What a span costs the application, beside the OpenTelemetry SDK in the same run."""
    spans, rounds = context.size(20_000, 2_000), context.size(5, 1)
    rows = {
        row["case"]: row
        for row in _run("bench_sdk.py", "--spans", str(spans), "--rounds", str(rounds))["rows"]
    }
    size = f"{spans:,} spans of 1.5 KB, median of {rounds}"
    figures = [_case(rows[case], claim, size, rows["otel-noop"]) for case, claim in _SDK_CASES]
    tracer = rows["pitwall"]["app_cpu_us"]
    rate = rows["pitwall-rate"]
    lost = rate["ended"] - rate["exported"]
    return [
        *figures,
        Figure("SDK, Pitwall's tracer: stretch", size, "us CPU/span", tracer, at_most(_STRETCH_US)),
        Figure(
            "SDK, spans lost",
            f"{rate['ended']:,} spans at {rate['spans_per_second']:,}/s",
            "spans",
            lost,
            at_most(0),
            f"{rate['dropped']} of them counted as dropped; longest queue {rate['longest_queue']:,}",
        ),
    ]


_SDK_CASES: Final = (
    ("otel-noop", "SDK, OpenTelemetry with a batch processor, nothing sent"),
    ("otel-otlp", "SDK, OpenTelemetry with a batch processor, OTLP"),
    ("pitwall", "SDK, Pitwall's tracer"),
    ("pitwall-helpers", "SDK, Pitwall's helpers"),
)


def _case(row: dict[str, Any], claim: str, size: str, reference: dict[str, Any]) -> Figure:
    """CPU of the application's thread; only Pitwall's tracer has a bar, the OpenTelemetry SDK of this run."""
    bar = at_most(reference["app_cpu_us"]) if row["case"] == "pitwall" else None
    note = f"wall {row['wall_us']} us, whole process {row['process_cpu_us']} us CPU"
    return Figure(claim, size, "us CPU/span", row["app_cpu_us"], bar, note)


def doors(context: Context) -> list[Figure]:
    """What a span costs up to the acknowledgement, no store behind the log."""
    spans = context.size(60_000, 4_000)
    return [_door(row, spans) for row in _run("bench_doors.py", "--spans", str(spans))]


def _door(row: dict[str, Any], spans: int) -> Figure:
    size = f"{spans:,} spans, {row['spans_per_request']}-span requests"
    times = f"p50 {row['ack_p50_ms']}, p95 {row['ack_p95_ms']} ms"
    note = f"{row['spans_per_second']:,}/s acknowledged, {times}"
    cpu = row["server_cpu_us_per_span"]
    return Figure(f"door, {row['door']}", size, "us server CPU/span", cpu, note=note)


def log(context: Context) -> list[Figure]:
    """What an acknowledgement costs: the write-ahead log alone."""
    seconds = context.size(2, 1)
    directory = context.directory("wal")
    rows = _run("bench_wal.py", "--seconds", str(seconds), "--directory", str(directory))
    return [_ack(row, seconds) for row in rows]


def _ack(row: dict[str, Any], seconds: int) -> Figure:
    size = f"{row['body_bytes'] / 1000:,.0f} KB bodies, {row['clients']} clients, {seconds} s"
    times = f"p50 {row['ack_p50_ms']:.2f} ms, on the event loop p95 {row['append_p95_us']:.0f} us"
    note = f"{row['acks_per_second']:,.0f}/s, {row['mb_per_second']:,.0f} MB/s, {times}"
    return Figure("log, acknowledgement p95", size, "ms", row["ack_p95_ms"], note=note)


def signals(context: Context) -> list[Figure]:
    """How long every core signal takes over rows of seven kinds, two services and five models."""
    spans, rounds = context.size(10_000_000, 200_000), context.size(20, 5)
    directory = context.directory("signals") / f"{spans}"
    arguments = ["--spans", str(spans), "--rounds", str(rounds), "--data-dir", str(directory)]
    rows = _run("bench_signals.py", *arguments)
    return [
        _slowest([row for row in rows if row["range"] == name], spans, bar)
        for name, bar in zip(dict.fromkeys(row["range"] for row in rows), (50.0, 100.0), strict=True)
    ]


def _slowest(rows: list[dict[str, Any]], spans: int, bar: float) -> Figure:
    ordered = sorted(rows, key=lambda row: -row["p95_ms"])
    named = ", ".join(f"{row['signal']} {row['p95_ms']:.0f}" for row in ordered[:5])
    size = f"{spans:,} spans, {len(rows)} signals"
    claim = f"signal over {rows[0]['range']}, slowest signal, p95"
    return Figure(claim, size, "ms", ordered[0]["p95_ms"], at_most(bar), f"slowest: {named} ms")


STEPS: Final = (
    Step("sdk", "what a span costs the application", sdk, 1),
    Step("log", "what an acknowledgement costs", log, 0.5),
    Step("doors", "what a span costs up to the acknowledgement", doors, 1),
    Step("signals", "every core signal over rows of more kinds", signals, 12, is_default=False),
)
