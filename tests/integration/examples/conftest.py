"""A running model simulator, as users start it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[3]
NO_WAITS = ("--first-token-ms", "0", "--per-token-ms", "0", "--embedding-ms", "0")


@pytest.fixture(scope="module")
def simulator_url() -> Iterator[str]:
    """Address of a simulator without waits, one per test module."""
    command = [sys.executable, "-m", "examples.model_server", "--port", "0", *NO_WAITS]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["simulated"] is True
        yield ready["address"]
        process.terminate()
        process.communicate(timeout=10)


@pytest.fixture
def http(simulator_url: str) -> Iterator[httpx.Client]:
    """A client of the simulator; all faults are off before and after the test."""
    with httpx.Client(base_url=simulator_url, timeout=10) as client:
        client.delete("/__simulator__/faults").raise_for_status()
        yield client
        client.delete("/__simulator__/faults").raise_for_status()
