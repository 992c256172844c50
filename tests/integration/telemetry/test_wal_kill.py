"""kill -9 of a real process under load: every acknowledged request is in the store exactly once."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from pitwall.core.vocabulary import TelemetryType
from tests.integration.telemetry import wal_child
from tests.unit.stores.telemetry.log_doubles import read_entries

KILLS = 30
SEED = 20261120


def start(directory: Path, run: int) -> subprocess.Popen[str]:
    """Start a child and wait until its log is open."""
    process = subprocess.Popen(
        [sys.executable, wal_child.__file__, str(directory), str(run)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    if line != "ready\n":
        process.kill()
        pytest.fail(f"run {run} did not start: {line}{process.communicate()[1]}")
    return process


def stored(directory: Path, stream: TelemetryType) -> list[tuple[int, bytes]]:
    """Return (position, body) of all rows of a stream, in the order of its segments."""
    files = sorted(
        (path for path in (directory / "store").iterdir() if f"-{stream.value}-" in path.name),
        key=lambda path: int(path.name.rsplit("-", 1)[1]),
    )
    return [(header.position, body) for path in files for header, body in read_entries(path.read_bytes())]


@pytest.mark.slow
def test_killed_at_any_moment_nothing_acknowledged_is_lost_or_doubled(tmp_path: Path) -> None:
    """Thirty kills at random moments under load, with repeats of requests that earlier lives acknowledged."""
    moments = random.Random(SEED)
    for run in range(1, KILLS + 1):
        process = start(tmp_path, run)
        time.sleep(moments.uniform(0.0, 0.35))
        process.kill()
        _, errors = process.communicate()
        assert "Traceback" not in errors, errors
    process = start(tmp_path, 0)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors

    acked = (tmp_path / "acked").read_text().splitlines()
    assert len(set(acked)) > 100  # a busy machine kills early
    assert len(acked) > len(set(acked)), "no repeat was ever acknowledged"
    for stream in wal_child.STREAMS:
        rows = stored(tmp_path, stream)
        assert [position for position, _ in rows] == sorted({position for position, _ in rows})
        counts = Counter(body for _, body in rows)
        assert set(counts.values()) == {1}, "a request is stored twice"
        missing = [
            n for n in set(acked) if wal_child.stream_of(n) is stream and wal_child.make_body(n) not in counts
        ]
        assert missing == []
    assert not (tmp_path / "wal" / "quarantine").exists()
