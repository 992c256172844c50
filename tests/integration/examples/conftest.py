"""A running model simulator, as users start it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.support.services import running_simulator


@pytest.fixture(scope="module")
def simulator_url() -> Iterator[str]:
    """Address of a simulator without waits, one per test module."""
    with running_simulator() as url:
        yield url


@pytest.fixture
def http(simulator_url: str) -> Iterator[httpx.Client]:
    """A client of the simulator; all faults are off before and after the test."""
    with httpx.Client(base_url=simulator_url, timeout=10) as client:
        client.delete("/__simulator__/faults").raise_for_status()
        yield client
        client.delete("/__simulator__/faults").raise_for_status()
