"""How long people wait: `pitwall up` until it is ready, `pitwall --help`, `import pitwall`.

`import pitwall` alone loads hardly anything, because its names are looked up on demand; what an application
waits for is the import and the first name it uses, so both are told.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from benchmarks.harness.registry import Context, Step
from benchmarks.harness.results import Figure, at_most
from benchmarks.harness.server import PITWALL, PitwallServer

_TIME_IMPORT: Final = "import time; began = time.perf_counter(); {}; print(time.perf_counter() - began)"
_IMPORTS: Final = {
    "`import pitwall`": "import pitwall",
    "`import pitwall; pitwall.init`": "import pitwall; pitwall.init",
}


def measure(context: Context) -> list[Figure]:
    """Start everything a few times; medians."""
    rounds = context.size(9, 2)
    size = f"median of {rounds}"
    directory = context.directory("startup")
    first = [_up(directory / "data", is_fresh=True) for _ in range(rounds)]
    again = [_up(directory / "data", is_fresh=False) for _ in range(rounds)]
    return [
        _figure("`pitwall up` to ready, empty directory", size, "s", first, 2.0),
        _figure("`pitwall up` to ready, started before", size, "s", again, 2.0),
        _figure("`pitwall --help`", size, "ms", [_help() * 1000 for _ in range(rounds)], 250),
        *(
            _figure(claim, size, "ms", [_time_import(code) * 1000 for _ in range(rounds)], 150)
            for claim, code in _IMPORTS.items()
        ),
    ]


def _figure(claim: str, size: str, unit: str, values: list[float], bar: float) -> Figure:
    note = f"{min(values):.3g} to {max(values):.3g} {unit}"
    return Figure(claim, size, unit, statistics.median(values), at_most(bar), note)


def _up(data_dir: Path, *, is_fresh: bool) -> float:
    if is_fresh:
        shutil.rmtree(data_dir, ignore_errors=True)
    server = PitwallServer(data_dir)
    try:
        return server.wait_ready(server.port, "/health/ready")
    finally:
        server.stop()


def _help() -> float:
    began = time.perf_counter()
    subprocess.run([PITWALL, "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def _time_import(code: str) -> float:
    command = [sys.executable, "-c", _TIME_IMPORT.format(code)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


STEPS: Final = (Step("startup", "up, --help and import", measure, 1),)
