"""The server's wall clock jumps: nothing crashes, nothing is lost or doubled, and windows stay right."""

from __future__ import annotations

import os
import sys
import time
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
TRACES_PER_MINUTE = 6


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


@pytest.mark.slow
@pytest.mark.parametrize("jump", [-2 * HOUR, 2 * HOUR], ids=["backwards", "forwards"])
def test_jump_of_the_wall_clock_changes_no_window(tmp_path: Path, jump: int) -> None:
    """Sent before, during and after a jump, spans are counted in the minutes in which they happened, once."""
    clock = Clock(tmp_path)
    server = PitwallServer(
        tmp_path / "data",
        command=(sys.executable, "-m", "tests.support.clock_process"),
        environ={"CLOCK_FILE": str(clock.file), "PYTHONPATH": os.pathsep.join([str(Path.cwd()), *sys.path])},
    )
    begin = time.time() // MINUTE * MINUTE - 30 * MINUTE
    sent = [
        TraceBatch(first=1 + at * TRACES_PER_MINUTE, traces=TRACES_PER_MINUTE, started_at=begin + at * MINUTE)
        for at in range(9)
    ]
    with server:
        clients = Clients(server.start().url)
        for at, batch in enumerate(sent):
            clock.jump_to(jump if at in (3, 4, 5) else 0)
            assert clients.send(batch) is None
            assert clients.send(batch) is None, "a repeat is acknowledged"
            assert server.status()["uptime_seconds"] >= 0
        server.wait_until_applied()
        assert _minutes(server, begin, begin + 9 * MINUTE) == [(TRACES_PER_MINUTE, TRACES_PER_MINUTE)] * 9
        assert server.status()["spans_total"] == sum(batch.span_count for batch in sent)
        clock.jump_to(jump)
        assert httpx.get(f"{server.url}/metrics").status_code == 200
        server.kill()
        # Not ahead: a restart knows the age of a request by the wall clock, and forgets the old ones.
        clock.jump_to(min(jump, 0))
        server.start()
        assert clients.send(sent[0]) is None
        server.wait_until_applied()
        assert server.stop() == 0
    assert "Traceback" not in server.log_path.read_text()
    with open_store(server.data_dir) as engine:
        assert_stored_once(engine, clients.acknowledged)
