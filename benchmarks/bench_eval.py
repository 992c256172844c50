"""What a run of evaluations costs beside the judge: wall time over the floor, processor time, memory."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

from benchmarks.harness.judged import (
    CASES,
    CONCURRENCY,
    DELAY_SECONDS,
    Judge,
    Used,
    measure_process,
    running_judge,
    write_dataset,
)
from benchmarks.harness.registry import Context, Step
from benchmarks.harness.results import Figure, at_most

CALLS_PER_CASE: Final = 2
_MAIN: Final = "from pitwall.cli.main import main; main()"


def measure_runner(context: Context) -> list[Figure]:
    """Judge cases by faithfulness against a judge that answers in 200 ms, 16 at once."""
    cases = context.size(CASES, 48)
    directory = context.directory("eval")
    start, _ = run_pitwall(directory, 1)
    measured, judge = run_pitwall(directory, cases)
    floor = cases * CALLS_PER_CASE * DELAY_SECONDS / CONCURRENCY
    took = measured.said["progress"]["seconds"]
    size = f"{cases} cases, {CONCURRENCY} at once, judge {DELAY_SECONDS * 1000:.0f} ms"
    note = f"floor {floor:.2f} s, run {took:.2f} s, at most {judge.counts['most_at_once']} calls at once"
    per_call_ms = (measured.cpu_seconds - start.cpu_seconds) * 1000 / ((cases - 1) * CALLS_PER_CASE)
    split = f"{start.cpu_seconds:.2f} s with one case, then {per_call_ms:.2f} ms a call"
    return [
        Figure("a run's wall time over the floor", size, "%", (took / floor - 1) * 100, at_most(15), note),
        Figure("the whole command's wall time", size, "s", measured.wall_seconds),
        Figure("processor time of the command", size, "s", measured.cpu_seconds, at_most(1.5), split),
        Figure("peak memory of the command", size, "MB", measured.peak_mb, at_most(80)),
    ]


def run_pitwall(directory: Path, cases: int) -> tuple[Used, Judge]:
    """Run the command on an empty state store.

    Raises:
        AssertionError: Not every case was scored by two calls.
    """
    for old in (directory / "data").glob("state.db*"):
        old.unlink()
    dataset = write_dataset(directory / "qa.json", cases)
    with running_judge() as judge:
        models = _write_models(directory / "models.yaml", judge)
        asked = ["--metrics", "faithfulness", "--profile", "judge", "--output", "json"]
        where = ["--data-dir", str(directory / "data")]
        command = [sys.executable, "-c", _MAIN, "eval", "run", str(dataset), *asked, *where]
        measured = measure_process(command, {"PITWALL_MODELS__FILE": str(models)}, Path.cwd())
    scored = measured.said["summary"]["metrics"]["faithfulness"]["n_scored"]
    if scored != cases or judge.counts["calls"] != cases * CALLS_PER_CASE:
        raise AssertionError(f"{scored} of {cases} cases scored by {judge.counts['calls']} calls")
    return measured, judge


def _write_models(path: Path, judge: Judge) -> Path:
    profile = {
        "provider": "vllm",
        "model": "judge",
        "base_url": judge.base_url,
        "concurrency": CONCURRENCY,
    }
    path.write_text(json.dumps({"profiles": {"judge": {"llm": profile}}}))
    return path


STEPS = (
    Step("eval.runner", "a run of faithfulness against a judge that answers in 200 ms", measure_runner, 0.3),
)
