"""Ready-made checks of the machine: GPU and disk."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from pitwall.sdk.health.types import Check, CheckResult, degraded, failed, fine
from pitwall.sdk.values import finite

_GPU_FIELDS = ("index", "name", "utilization.gpu", "memory.used", "memory.total", "temperature.gpu")
_COMMAND_SECONDS = 30.0


def check_gpu(
    max_memory_ratio: float = 0.98, max_temperature_c: float = 90.0, *, command: str = "nvidia-smi"
) -> Check:
    """The driver answers and sees a GPU; a full or hot one is degraded.

    Args:
        max_memory_ratio: Used share of a GPU's memory up to which all is well.
        max_temperature_c: Temperature likewise, in degrees Celsius.
        command: The program that is asked.
    """

    def check() -> CheckResult:
        query = [command, f"--query-gpu={','.join(_GPU_FIELDS)}", "--format=csv,noheader,nounits"]
        try:
            done = subprocess.run(
                query, capture_output=True, text=True, timeout=_COMMAND_SECONDS, check=False
            )
        except FileNotFoundError:
            return failed(f"{command} is not installed")
        if done.returncode:
            return failed(
                (done.stdout or done.stderr).strip()[:200] or f"{command} ended with {done.returncode}"
            )
        gpus = [_gpu(line) for line in done.stdout.splitlines() if line.strip()]
        return _judged(gpus, max_memory_ratio, max_temperature_c)

    return check


def _gpu(line: str) -> dict[str, Any]:
    """What a line tells; `[N/A]` and `[Not Supported]` are unknown."""
    index, name, busy, used, total, temperature = (part.strip() for part in line.split(","))
    return {
        "index": index,
        "name": name,
        "utilization_percent": finite(_number(busy)),
        "memory_used_mib": finite(_number(used)),
        "memory_total_mib": finite(_number(total)),
        "temperature_c": finite(_number(temperature)),
    }


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _judged(gpus: list[dict[str, Any]], max_memory_ratio: float, max_temperature_c: float) -> CheckResult:
    if not gpus:
        return failed("no GPU is visible")
    for gpu in gpus:
        used, total, temperature = gpu["memory_used_mib"], gpu["memory_total_mib"], gpu["temperature_c"]
        if used is not None and total and used / total > max_memory_ratio:
            return degraded(f"GPU {gpu['index']} has {used / total:.0%} of its memory in use", gpus=gpus)
        if temperature is not None and temperature > max_temperature_c:
            return degraded(f"GPU {gpu['index']} is at {temperature:g} °C", gpus=gpus)
    return fine(gpus=gpus)


def check_disk(
    path: str | os.PathLike[str] = "/", min_free_ratio: float = 0.05, warning_free_ratio: float = 0.15
) -> Check:
    """The disk that holds a path has room.

    Args:
        path: A file or directory on it.
        min_free_ratio: A smaller free share is a failure.
        warning_free_ratio: A smaller free share is degraded.
    """

    def check() -> CheckResult:
        usage = shutil.disk_usage(Path(path))
        free = usage.free / usage.total
        facts = {"free_bytes": usage.free, "total_bytes": usage.total, "free_ratio": round(free, 4)}
        message = f"{free:.1%} of the disk of {os.fspath(path)} is free"
        if free < min_free_ratio:
            return failed(message, **facts)
        return degraded(message, **facts) if free < warning_free_ratio else fine(**facts)

    return check
