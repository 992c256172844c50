"""A disk that is really full: 503, nothing acknowledged is lost, and on again when there is room."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pitwall.core.errors import Unavailable
from pitwall.core.vocabulary import TelemetryType
from pitwall.stores.telemetry.files import Files
from pitwall.stores.telemetry.room import LogOptions
from pitwall.stores.telemetry.stream_log import SealPolicy
from pitwall.stores.telemetry.wal import WriteAheadLog
from pitwall.stores.telemetry.writer import TelemetryWriter, WriterOptions
from tests.unit.stores.telemetry.log_doubles import MemoryStore, encode_letter, make_body

TRACES = TelemetryType.TRACES


class TrustingFiles(Files):
    """Does not look ahead: the log meets the full disk only when it writes."""

    def free_bytes(self, path: Path) -> int:
        return 1 << 40


def append(log: WriteAheadLog, number: int) -> bytes | None:
    """Send one request of 100 KB; return its body if it was acknowledged."""
    body = make_body(f"{number}".ljust(100_000))
    try:
        log.append(TRACES, "shop", body, 1, "otlp_http").result(10)
    except Unavailable as error:
        return None if error.details["retry_after_seconds"] > 0 else b"refused without a time to retry"
    return body


def fill_and_empty(directory: Path, files: Files) -> None:
    """Fill the disk twice, emptying the log in between; every acknowledged request must arrive once."""
    store, acked, refused = MemoryStore(), [], 0
    log = WriteAheadLog(
        directory,
        LogOptions(max_segment_bytes=1_000_000, min_free_bytes=0, max_unapplied_bytes=1 << 40),
        files=files,
    )
    writer = TelemetryWriter(log, store, encode_letter, options=WriterOptions(policy=SealPolicy(0, 0)))
    log.start()
    for attempt in range(2):
        for number in range(60):
            body = append(log, attempt * 60 + number)
            acked += [body] if body else []
            refused += body is None
        log.seal_due(SealPolicy(0, 0))
        while writer.step() == 0.0:
            pass
    log.close()
    assert refused
    assert len(acked) >= 60
    assert store.bodies(TRACES) == acked


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"a small file system cannot be mounted here (needs root): {mounted.stderr.strip()}")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.parametrize("files", [Files(), TrustingFiles()], ids=["looks ahead", "meets ENOSPC"])
def test_full_file_system_loses_nothing(small_disk: Path, files: Files) -> None:
    """With and without looking at the free space first."""
    fill_and_empty(small_disk / "wal", files)


def test_limited_file_size_loses_nothing(tmp_path: Path) -> None:
    """Where nothing can be mounted, the system's limit on the size of a file plays the full disk."""
    outcome = subprocess.run(
        [sys.executable, "-m", "tests.integration.telemetry.test_wal_disk_full", str(tmp_path / "wal")],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    assert outcome.returncode == 0, outcome.stderr


def refuse_beyond_a_file_size(directory: Path) -> None:
    """Let files grow to 250 KB only: the third request of each segment fails, the next segment takes it."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (250_000, 250_000))
    fill_and_empty(directory, Files())


if __name__ == "__main__":
    refuse_beyond_a_file_size(Path(sys.argv[1]))
