"""What it takes to measure a program that judges a dataset: the dataset, a slow judge, the program's use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.harness.registry import ROOT

CASES: Final = 200
CONCURRENCY: Final = 16
DELAY_SECONDS: Final = 0.2
_ANSWER: Final = (
    "The fee is 3,000 won and is paid once. It is refunded when the order is cancelled within a day. "
)


@dataclass
class Judge:
    """A judge that runs; once it is over, `counts` has its `calls` and the `most_at_once`."""

    port: int
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        """Where an OpenAI-compatible client finds it."""
        return f"http://127.0.0.1:{self.port}/v1"


@dataclass(frozen=True)
class Used:
    """What a process used, and the JSON that it wrote."""

    wall_seconds: float
    cpu_seconds: float
    peak_mb: float
    said: dict[str, Any]


@contextmanager
def running_judge() -> Iterator[Judge]:
    """Start the slow judge and stop it at the end."""
    command = [sys.executable, "-m", "benchmarks.harness.slow_judge", str(DELAY_SECONDS)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        judge = Judge(int(process.stdout.readline()))
        try:
            yield judge
        finally:
            process.stdin.close()
            judge.counts.update(json.loads(process.stdout.read()))


def measure_process(command: Sequence[str], environment: Mapping[str, str], directory: Path) -> Used:
    """Run a command to its end; what it writes to stdout is one JSON document.

    Raises:
        AssertionError: It ended with an error.
    """
    variables = {**os.environ, **environment}
    began = time.monotonic()
    with subprocess.Popen(
        command, env=variables, cwd=directory, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        peak = _Peak(process.pid)
        peak.start()
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise AssertionError(f"{command[0]} ended with {process.returncode}")
    cpu = usage.ru_utime + usage.ru_stime
    return Used(time.monotonic() - began, cpu, peak.megabytes(), json.loads(said))


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


def write_dataset(path: Path, cases: int) -> Path:
    """Write cases with an answer of two sentences and three chunks, in the EvalVault form."""
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
