"""The server's wall clock jumps: nothing crashes, nothing is lost or doubled, and windows stay right."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.pitwall_process import Clients, PitwallServer
from tests.support.stores import open_store
from tests.support.telemetry import TraceBatch, assert_stored_once

HOUR = 3600
MINUTE = 60
TRACES = 6


class Clock:
    """The wall clock of the server under test."""

    def __init__(self, directory: Path) -> None:
        self.file = directory / "clock"
        self.jump_to(0)

    def jump_to(self, offset_seconds: int) -> None:
        """Set the clock so many seconds off the true time."""
        scratch = self.file.with_suffix(".new")
        scratch.write_text(str(offset_seconds))
        scratch.replace(self.file)


def _minutes(server: PitwallServer, since: float, until: float) -> list[tuple[float, int]]:
    """Ask for requests by the minute; return (value, count) of each window."""
    times = {
        name: datetime.fromtimestamp(at, UTC).isoformat() for name, at in (("since", since), ("until", until))
    }
    question = {"name": "requests.count", "step": "1m", **times}
    rows: list[dict[str, Any]] = (
        httpx.get(f"{server.url}/api/v1/signals/query", params=question).raise_for_status().json()["rows"]
    )
    return [(row["value"], row["count"]) for row in rows]


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    """Return a clock that is right."""
    return Clock(tmp_path)


@pytest.fixture
def server(tmp_path: Path, clock: Clock) -> Iterator[PitwallServer]:
    """Return a server that lives by that clock, not started yet."""
    path = os.pathsep.join([str(Path.cwd()), *sys.path])
    with PitwallServer(
        tmp_path / "data",
        command=(sys.executable, "-m", "tests.support.clock_process"),
        environ={"CLOCK_FILE": str(clock.file), "PYTHONPATH": path},
    ) as server:
        yield server


@pytest.mark.slow
@pytest.mark.parametrize("jump", [-2 * HOUR, 2 * HOUR], ids=["backwards", "forwards"])
def test_jump_of_the_wall_clock_changes_no_window(server: PitwallServer, clock: Clock, jump: int) -> None:
    """Sent before, during and after a jump, spans are counted once, in the minutes in which they happened."""
    begin = time.time() // MINUTE * MINUTE - 30 * MINUTE
    sent = [
        TraceBatch(first=1 + at * TRACES, traces=TRACES, started_at=begin + at * MINUTE) for at in range(9)
    ]
    clients = Clients(server.start().url)
    for at, batch in enumerate(sent):
        clock.jump_to(jump if at in (3, 4, 5) else 0)
        assert clients.send(batch) is None
        assert clients.send(batch) is None, "a repeat is acknowledged"
        assert server.status()["uptime_seconds"] >= 0
    server.wait_until_applied()
    assert _minutes(server, begin, begin + 9 * MINUTE) == [(TRACES, TRACES)] * 9
    assert server.status()["spans_total"] == sum(batch.span_count for batch in sent)
    clock.jump_to(jump)
    assert httpx.get(f"{server.url}/metrics").status_code == 200
    assert server.stop() == 0
    assert "Traceback" not in server.log_path.read_text()
    with open_store(server.data_dir) as engine:
        assert_stored_once(engine, clients.acknowledged)


@pytest.mark.slow
def test_restart_with_the_clock_set_back_knows_what_it_has(server: PitwallServer, clock: Clock) -> None:
    """Requests of the future, as they seem then, are neither applied again nor taken for new ones."""
    clients = Clients(server.start().url)
    batch = TraceBatch(started_at=time.time())
    assert clients.send(batch) is None
    server.wait_until_applied()
    server.kill()
    clock.jump_to(-2 * HOUR)
    server.start()
    assert clients.send(batch) is None
    assert server.wait_until_applied()["spans_total"] == batch.span_count
