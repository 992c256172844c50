"""What can be measured: named steps, each bounded in time and recorded by itself."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.harness.results import Figure, StepRecord

ROOT = Path(__file__).resolve().parents[2]
_ENGINE_PACKAGES = ("chdb-core", "clickhouse-connect", "uvicorn", "grpcio", "protobuf")


@dataclass(frozen=True, slots=True)
class Context:
    """What a step is told.

    Attributes:
        is_quick: Take a small size: to see that the benchmark works, not to measure.
        work_dir: For data; large data sets in it are used again.
    """

    is_quick: bool
    work_dir: Path

    def size(self, full: int, quick: int) -> int:
        """Choose a size."""
        return quick if self.is_quick else full

    def directory(self, name: str) -> Path:
        """Make a directory in the work directory."""
        path = self.work_dir / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def say(self, text: str) -> None:
        """Report progress."""
        print(f"  {datetime.now(UTC):%H:%M:%S} {text}", file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to measure.

    Attributes:
        name: `benchmark` or `benchmark.part`.
        title: One line for `--list`.
        minutes: About how long the full size takes on two cores.
        is_default: Whether it runs when nothing is named and not all are asked for.
    """

    name: str
    title: str
    run: Callable[[Context], list[Figure]]
    minutes: float
    is_default: bool = True


class NotMeasured(Exception):
    """A step cannot be measured here; the message says why."""


def choose(steps: Sequence[Step], names: Sequence[str], *, is_all: bool = False) -> list[Step]:
    """Pick steps by name or by the part before the point; nothing named means the default ones.

    Raises:
        LookupError: No step has such a name.
    """
    if is_all:
        return list(steps)
    if not names:
        return [step for step in steps if step.is_default]
    for name in names:
        if not any(_is_named(step, name) for step in steps):
            raise LookupError(f"There is no benchmark {name!r}; --list shows them.")
    return [step for step in steps if any(_is_named(step, name) for name in names)]


def _is_named(step: Step, name: str) -> bool:
    return step.name == name or step.name.startswith(f"{name}.")


def run_step(step: Step, context: Context) -> StepRecord:
    """Run a step; whatever goes wrong becomes part of its record."""
    began, load = time.monotonic(), os.getloadavg()[0]
    started_at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    figures: list[Figure] = []
    error = ""
    try:
        figures = step.run(context)
    except NotMeasured as reason:
        error = str(reason)
    except Exception as problem:  # noqa: BLE001 one step's failure must not lose the others' figures
        traceback.print_exc()
        error = f"{type(problem).__name__}: {problem}"
    return StepRecord(
        step=step.name,
        commit=commit(),
        started_at=started_at,
        seconds=round(time.monotonic() - began, 1),
        is_quick=context.is_quick,
        load_before=round(load, 2),
        figures=figures,
        error=error,
    )


def commit() -> str:
    """Name the measured code, with a `+` if there are changes on top of the commit."""
    try:
        short = _git("rev-parse", "--short", "HEAD")
        return short + ("+" if _git("status", "--porcelain", "--", "src") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", "--no-optional-locks", *arguments], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def describe_machine() -> dict[str, str]:
    """Describe what the figures depend on."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    facts = {
        "cpu": f"{os.cpu_count()} x {models[0] if models else platform.machine()}",
        "memory_gib": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f}",
        "system": platform.platform(),
        "python": platform.python_version(),
    }
    return facts | {name: version(name) for name in _ENGINE_PACKAGES}
