"""A full disk: senders are told when to come back, nothing acknowledged is lost, and it goes on by itself."""

from __future__ import annotations

import resource
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.pitwall_process import Clients, PitwallServer
from tests.support.stores import open_store
from tests.support.telemetry import assert_stored_once

DISK_MIB = 420  # the server keeps 256 MiB free for merges


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a file system of its own with little room."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small file system needs root")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def _filled(disk: Path) -> Iterator[None]:
    """Take all the room that is left, to the last byte."""
    ballast = disk / "ballast"
    block = b"\0" * (1 << 20)
    with ballast.open("wb", buffering=0) as file:
        while block:
            try:
                file.write(block)
            except OSError:
                block = block[: len(block) // 2]
    try:
        yield
    finally:
        ballast.unlink()


def _wait_for_refusal(server: PitwallServer, clients: Clients) -> None:
    server.wait_for(lambda: bool(clients.refusals))
    time.sleep(1.0)  # let the store find out too


@pytest.mark.slow
@pytest.mark.parametrize("end", ["goes on", "is killed"])
def test_full_disk_refuses_and_recovers(small_disk: Path, tmp_path: Path, end: str) -> None:
    """503 with Retry-After while there is no room; when there is, everything acknowledged is there once."""
    with PitwallServer(small_disk / "data", log_path=tmp_path / "server.log") as server:
        server.start()
        with Clients(server.url) as clients:
            time.sleep(1.0)
            with _filled(small_disk):
                _wait_for_refusal(server, clients)
                assert httpx.get(f"{server.url}/health/live").status_code == 200
                if end == "is killed":
                    server.kill()
            if end == "is killed":
                server.start()
            server.wait_for(lambda: clients.send_one() is None)
        _check(server, clients)


@pytest.mark.slow
def test_write_that_fails_half_way_is_no_acknowledgement(tmp_path: Path) -> None:
    """No byte can be written to any file, the server's own log included: the same promises hold."""
    with PitwallServer(tmp_path / "data") as server, Clients(server.start().url) as clients:
        assert server.process is not None
        time.sleep(1.0)
        _, hard = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (0, hard))
        _wait_for_refusal(server, clients)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        server.wait_for(lambda: clients.send_one() is None)
        clients.stop()
        _check(server, clients)


def _check(server: PitwallServer, clients: Clients) -> None:
    assert {refusal.status for refusal in clients.refusals} == {503}
    assert all(int(refusal.retry_after or 0) > 0 for refusal in clients.refusals)
    assert server.wait_until_applied()["spans_total"] > 0
    assert server.stop() == 0
    with open_store(server.data_dir) as engine:
        assert_stored_once(engine, clients.acknowledged)


def test_start_on_a_full_disk_says_so(small_disk: Path, tmp_path: Path) -> None:
    """A server that cannot write its data directory ends with a sentence that names it, not a traceback."""
    with PitwallServer(small_disk / "data", log_path=tmp_path / "server.log") as server:
        server.start().stop()
        with _filled(small_disk):
            code = server.run_to_its_end()
        said = server.log_path.read_text()
        assert code != 0
        assert "Traceback" not in said
        assert str(server.data_dir) in said
        assert "room" in said
        server.start()
