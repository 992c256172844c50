"""1.1 GB of `llm.call` lines to five-minute windows by model, straight from the file.

The file stays in the page cache and in the work directory. Each pass runs in a process of its own, so that
its largest resident memory can be told; what a pass answers must agree with what was written.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.harness.registry import Context, Step
from benchmarks.harness.results import Figure, at_least, at_most
from benchmarks.harness.server import PITWALL

_LINES: Final = 4_520_000
_MODELS: Final = (
    "qwen2.5:7b",
    "gpt-4o-mini",
    "gemini-2.0-flash",
    "claude-sonnet-4-5",
    "llama3.1:8b",
    "exaone3.5",
)
_DAYS: Final = 7
_BEGIN_UNIX_MS: Final = 1_790_000_000_000
_CHUNK_LINES: Final = 50_000
_WINDOW: Final = timedelta(minutes=5)
_GROWTH_LINES: Final = 50_000
_MOST_GROWTH: Final = 1.1


@dataclass(frozen=True, slots=True)
class Written:
    """What is in a file."""

    lines: int
    prompt_tokens: int
    succeeded: int


def write_lines(
    lines: int, seed: int, *, first_unix_ms: int = _BEGIN_UNIX_MS
) -> Iterator[tuple[bytes, Written]]:
    """Make `llm.call` lines as `json.dumps` writes them, evenly over a week, in chunks."""
    rng = np.random.default_rng(seed)
    step_ms = _DAYS * 86_400_000 / lines
    for first in range(0, lines, _CHUNK_LINES):
        count = min(_CHUNK_LINES, lines - first)
        times = first_unix_ms + ((first + np.arange(count)) * step_ms).astype(np.int64)
        stamps = np.datetime_as_string(times.astype("datetime64[ms]"))
        succeeded = rng.random(count) >= 0.02
        prompt = rng.integers(50, 4000, count)
        rows = zip(
            stamps.tolist(),
            rng.integers(0, len(_MODELS), count).tolist(),
            succeeded.tolist(),
            rng.gamma(2.0, 600.0, count).round(1).tolist(),
            prompt.tolist(),
            rng.integers(1, 900, count).tolist(),
            rng.integers(0, 2**62, count).tolist(),
            strict=True,
        )
        text = "".join(_line(*row) for row in rows)
        yield text.encode(), Written(count, int(prompt.sum()), int(succeeded.sum()))


def _line(
    stamp: str, model: int, is_success: bool, latency_ms: float, prompt: int, completion: int, identity: int
) -> str:
    error = "null" if is_success else '"timeout"'
    return (
        f'{{"ts": "{stamp}Z", "event": "llm.call", "model": "{_MODELS[model]}", "provider": "ollama", '
        f'"success": {"true" if is_success else "false"}, "latency_ms": {latency_ms}, '
        f'"prompt_tokens": {prompt}, "completion_tokens": {completion}, "error": {error}, '
        f'"interaction_id": "{identity:016x}"}}\n'
    )


def _provide(path: Path, lines: int, seed: int) -> Written:
    """Write a file unless it is there whole; returns what is in it."""
    facts = path.with_suffix(".facts.json")
    if facts.exists() and path.exists():
        known = json.loads(facts.read_text())
        if known.pop("bytes") == path.stat().st_size:
            return Written(**known)
    total = Written(0, 0, 0)
    with path.open("wb") as file:
        for text, added in write_lines(lines, seed):
            file.write(text)
            total = _sum(total, added)
    facts.write_text(json.dumps({"bytes": path.stat().st_size, **_as_dict(total)}))
    return total


def _sum(left: Written, right: Written) -> Written:
    return Written(
        left.lines + right.lines,
        left.prompt_tokens + right.prompt_tokens,
        left.succeeded + right.succeeded,
    )


def _as_dict(written: Written) -> dict[str, int]:
    return {
        "lines": written.lines,
        "prompt_tokens": written.prompt_tokens,
        "succeeded": written.succeeded,
    }


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass over a file; seconds of the aggregation alone, the engine being open."""

    seconds: float
    cpu_seconds: float
    largest_rss_mb: float
    bytes_read: int
    windows: int


def run_pass(path: Path, written: Written, checkpoints: Path | None = None) -> Pass:
    """Aggregate a file in a process of its own.

    Raises:
        RuntimeError: The answer does not agree with what was written.
    """
    command = [sys.executable, "-m", "benchmarks.bench_jsonl", str(path)]
    if checkpoints is not None:
        command += ["--checkpoints", str(checkpoints)]
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=root)
    found: dict[str, Any] = json.loads(done.stdout)
    if found.pop("answer") != _as_dict(written):
        raise RuntimeError(f"the answer over {path.name} does not agree with {written}")
    return Pass(**found)


def measure(context: Context) -> list[Figure]:
    """Read the file a few times, a quarter of it once, and once more after it has grown."""
    directory = context.directory("jsonl")
    lines = context.size(_LINES, 200_000)
    path, quarter = directory / f"calls-{lines}.jsonl", directory / f"calls-{lines // 4}.jsonl"
    context.say(f"providing {path}")
    written = _provide(path, lines, 1)
    small = run_pass(quarter, _provide(quarter, lines // 4, 2))
    passes = [run_pass(path, written) for _ in range(3)]
    megabytes = path.stat().st_size / 1e6
    seconds = statistics.median(found.seconds for found in passes)
    size = f"{lines:,} lines, {megabytes:,.0f} MB, {passes[0].windows:,} windows"
    largest = max(found.largest_rss_mb for found in passes)
    each = ", ".join(f"{megabytes / found.seconds:,.0f}" for found in passes)
    cpu = megabytes / statistics.median(found.cpu_seconds for found in passes)
    note = f"passes {each}; {cpu:,.0f} MB per CPU second"
    ratio_note = f"{largest:,.0f} MB for the whole, {small.largest_rss_mb:,.0f} MB for a quarter"
    return [
        Figure("JSONL to windows by model", size, "MB/s", megabytes / seconds, at_least(600), note),
        Figure(
            "largest resident memory, whole file : quarter of it",
            size,
            "x",
            largest / small.largest_rss_mb,
            at_most(_MOST_GROWTH),
            ratio_note,
        ),
        *_second_pass(context, path, written, seconds),
        _command(path, size),
    ]


def _second_pass(context: Context, path: Path, written: Written, first_seconds: float) -> list[Figure]:
    """Read with checkpoints, let the file grow, and read again."""
    checkpoints = context.directory("jsonl") / "checkpoints"
    shutil.rmtree(checkpoints, ignore_errors=True)
    before = path.stat().st_size
    run_pass(path, written, checkpoints)
    try:
        with path.open("ab") as file:
            for text, added in write_lines(_GROWTH_LINES, 3):
                file.write(text)
                written = _sum(written, added)
        new_bytes = path.stat().st_size - before
        again = run_pass(path, written, checkpoints)
    finally:
        os.truncate(path, before)
    size = f"{new_bytes / 1e6:,.1f} MB new of {(before + new_bytes) / 1e6:,.0f} MB"
    note = f"{again.seconds:.3f} s, against {first_seconds:.2f} s for the whole"
    share = again.bytes_read / new_bytes
    return [Figure("second pass, bytes read : new bytes", size, "x", share, at_most(1.0), note)]


def _command(path: Path, size: str) -> Figure:
    arguments = [
        "signals",
        "jsonl",
        str(path),
        "--window",
        "5m",
        "--by",
        "model",
        "--fresh",
        "--output",
        "json",
    ]
    began = time.perf_counter()
    done = subprocess.run([PITWALL, *arguments], check=True, capture_output=True)
    took = time.perf_counter() - began
    rate = path.stat().st_size / took / 1e6
    note = f"{rate:,.0f} MB/s with start-up and {len(done.stdout) / 1e6:,.1f} MB of JSON"
    return Figure("`pitwall signals jsonl`, from start to end", size, "s", took, note=note)


def _pass(path: Path, checkpoints: Path | None) -> dict[str, Any]:
    """Aggregate in this process."""
    from pitwall.signals.jsonl import aggregate, scratch_engine

    with scratch_engine() as engine:
        began, cpu = time.perf_counter(), time.process_time()
        report = aggregate(engine, [path], window=_WINDOW, by=("model",), checkpoints=checkpoints)
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    windows = report.windows
    return {
        "seconds": seconds,
        "cpu_seconds": cpu,
        "largest_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
        "bytes_read": report.bytes_read,
        "windows": len(windows),
        "answer": {
            "lines": sum(window.count for window in windows),
            "prompt_tokens": sum(window.prompt_tokens for window in windows),
            "succeeded": sum(round((window.success_rate or 0) * window.count) for window in windows),
        },
    }


def main() -> None:
    """Run one pass and print it; `run_pass` starts this."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--checkpoints", type=Path)
    options = parser.parse_args()
    print(json.dumps(_pass(options.path, options.checkpoints)))


STEPS: Final = (Step("jsonl", "1.1 GB of llm.call lines to windows", measure, 2),)

if __name__ == "__main__":
    main()
