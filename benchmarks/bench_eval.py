"""What a run of evaluations costs beside the judge: wall time over the floor, processor time, memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.harness.registry import ROOT, Context, Step
from benchmarks.harness.results import Figure, at_most

_CASES = 200
_CONCURRENCY = 16
_DELAY_SECONDS = 0.2
_CALLS_PER_CASE = 2
_MAIN = "from pitwall.cli.main import main; main()"
_ANSWER = "The fee is 3,000 won and is paid once. It is refunded when the order is cancelled within a day. "


@dataclass
class _Judge:
    port: int
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Measured:
    """What a process used, and what it said of its run."""

    wall_seconds: float
    cpu_seconds: float
    peak_mb: float
    run: dict[str, Any]
    most_at_once: int = 0


def measure_runner(context: Context) -> list[Figure]:
    """Judge cases by faithfulness against a judge that answers in 200 ms, 16 at once."""
    cases = context.size(_CASES, 48)
    directory = context.directory("eval")
    start, measured = _judge_cases(directory, 1), _judge_cases(directory, cases)
    floor = cases * _CALLS_PER_CASE * _DELAY_SECONDS / _CONCURRENCY
    took = measured.run["progress"]["seconds"]
    size = f"{cases} cases, {_CONCURRENCY} at once, judge {_DELAY_SECONDS * 1000:.0f} ms"
    note = f"floor {floor:.2f} s, run {took:.2f} s, at most {measured.most_at_once} calls at once"
    per_call_ms = (measured.cpu_seconds - start.cpu_seconds) * 1000 / ((cases - 1) * _CALLS_PER_CASE)
    split = f"{start.cpu_seconds:.2f} s with one case, then {per_call_ms:.2f} ms a call"
    return [
        Figure("a run's wall time over the floor", size, "%", (took / floor - 1) * 100, at_most(15), note),
        Figure("the whole command's wall time", size, "s", measured.wall_seconds),
        Figure("processor time of the command", size, "s", measured.cpu_seconds, at_most(1.5), split),
        Figure("peak memory of the command", size, "MB", measured.peak_mb, at_most(80)),
    ]


def _judge_cases(directory: Path, cases: int) -> _Measured:
    for old in (directory / "data").glob("state.db*"):
        old.unlink()
    dataset = _write_dataset(directory / f"qa-{cases}.json", cases)
    with _running_judge() as judge:
        models = _write_models(directory / "models.yaml", judge.port)
        measured = _run(directory, dataset, models)
    scored = measured.run["summary"]["metrics"]["faithfulness"]["n_scored"]
    if scored != cases or judge.counts["calls"] != cases * _CALLS_PER_CASE:
        raise AssertionError(f"{scored} of {cases} cases scored by {judge.counts['calls']} calls")
    return replace(measured, most_at_once=judge.counts["most_at_once"])


@contextmanager
def _running_judge() -> Iterator[_Judge]:
    command = [sys.executable, "-m", "benchmarks.harness.slow_judge", str(_DELAY_SECONDS)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        judge = _Judge(int(process.stdout.readline()))
        try:
            yield judge
        finally:
            process.stdin.close()
            judge.counts.update(json.loads(process.stdout.read()))


def _run(directory: Path, dataset: Path, models: Path) -> _Measured:
    asked = ["--metrics", "faithfulness", "--profile", "judge", "--output", "json"]
    environ = {**os.environ, "PITWALL_MODELS__FILE": str(models)}
    where = ["--data-dir", str(directory / "data")]
    command = [sys.executable, "-c", _MAIN, "eval", "run", str(dataset), *asked, *where]
    began = time.monotonic()
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        peak = _Peak(process.pid)
        peak.start()
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise AssertionError(f"the run ended with {process.returncode}")
    cpu = usage.ru_utime + usage.ru_stime
    return _Measured(time.monotonic() - began, cpu, peak.megabytes(), json.loads(said))


class _Peak(threading.Thread):
    """Looks at the most memory that a process had; `wait4` counts its parent's too, from the fork."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._status = Path(f"/proc/{pid}/status")
        self._peak_kib = 0

    def run(self) -> None:
        while True:
            try:
                lines = self._status.read_text().splitlines()
            except OSError:
                return
            for line in lines:
                if line.startswith("VmHWM:"):
                    self._peak_kib = max(self._peak_kib, int(line.split()[1]))
            time.sleep(0.02)

    def megabytes(self) -> float:
        """The peak, once the process is over."""
        self.join()
        return self._peak_kib * 1024 / 1e6


def _write_dataset(path: Path, cases: int) -> Path:
    examples = [
        {
            "id": f"case-{number}",
            "question": f"What is the fee of order {number}, and when is it refunded?",
            "answer": f"Order {number}: {_ANSWER}",
            "contexts": [f"Terms {place} of order {number}. " + _ANSWER * 5 for place in range(3)],
        }
        for number in range(cases)
    ]
    path.write_text(json.dumps({"name": "bench", "test_cases": examples}))
    return path


def _write_models(path: Path, port: int) -> Path:
    judge = {
        "provider": "vllm",
        "model": "judge",
        "base_url": f"http://127.0.0.1:{port}/v1",
        "concurrency": _CONCURRENCY,
    }
    path.write_text(json.dumps({"profiles": {"judge": {"llm": judge}}}))
    return path


STEPS = (
    Step("eval.runner", "a run of faithfulness against a judge that answers in 200 ms", measure_runner, 0.3),
)
