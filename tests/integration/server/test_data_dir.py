"""Who owns a data directory, also after its owner was killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pitwall.core.errors import InvalidInput
from pitwall.stores.data_dir import (
    DataDirInUse,
    DataDirLock,
    RuntimeInfo,
    discover,
    find_holder,
    remove_runtime_file,
    write_runtime_file,
)

SINCE = "2026-11-20T09:00:00Z"
HOLD = (
    "import sys, time\n"
    "from pathlib import Path\n"
    "from pitwall.stores.data_dir import DataDirLock\n"
    f"with DataDirLock(Path(sys.argv[1]), 'pitwall up', since='{SINCE}'):\n"
    "    print('held', flush=True)\n"
    "    time.sleep(60)\n"
)


def hold(data_dir: Path) -> subprocess.Popen[str]:
    """Let another process own the directory."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(data_dir)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def make_info(pid: int) -> RuntimeInfo:
    return RuntimeInfo(
        pid, "http://127.0.0.1:8400", SINCE, "0.1.0", "t0k3n", {"http": "http://127.0.0.1:8400"}
    )


def test_second_owner_is_refused_and_told_about_the_first(tmp_path: Path) -> None:
    """The conflict names process, address and since when, and says what to do."""
    first = hold(tmp_path)
    write_runtime_file(tmp_path, make_info(first.pid))
    with pytest.raises(DataDirInUse) as caught:
        DataDirLock(tmp_path, "pitwall serve", since=SINCE).acquire()
    kill(first)
    for part in ("`pitwall up`", f"process {first.pid}", "at http://127.0.0.1:8400", SINCE, "--url"):
        assert part in str(caught.value)


def test_directory_of_a_killed_owner_is_free(tmp_path: Path) -> None:
    """kill -9 leaves files behind and no ownership; the next owner just takes over."""
    first = hold(tmp_path)
    write_runtime_file(tmp_path, make_info(first.pid))
    assert discover(tmp_path) == make_info(first.pid)
    kill(first)
    assert discover(tmp_path) is None
    with DataDirLock(tmp_path, "pitwall up", since=SINCE):
        assert discover(tmp_path) is None, "the file of the killed server must not count for the new owner"
        write_runtime_file(tmp_path, make_info(os.getpid()))
        assert discover(tmp_path) == make_info(os.getpid())


def test_looking_for_a_server_does_not_stop_one_from_starting(tmp_path: Path) -> None:
    """`discover` may look at the very moment a server takes the lock."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom pitwall.stores.data_dir import discover\n"
        "while True: discover(Path(sys.argv[1]))\n"
    )
    with DataDirLock(tmp_path, "x", since=SINCE):
        pass
    watcher = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
    try:
        for _ in range(20):
            with DataDirLock(tmp_path, "pitwall up", since=SINCE):
                pass
    finally:
        watcher.kill()
        watcher.wait()


def test_runtime_file_is_private_and_hides_its_token(tmp_path: Path) -> None:
    """The token is for the server's user only, and never in a log by accident."""
    write_runtime_file(tmp_path, make_info(1))
    assert (tmp_path / "server.json").stat().st_mode & 0o777 == 0o600
    assert "t0k3n" not in repr(make_info(1))
    assert list(tmp_path.glob("*.tmp")) == []


def test_only_the_own_runtime_file_is_removed(tmp_path: Path) -> None:
    """A server that ends late leaves the file of its successor alone."""
    write_runtime_file(tmp_path, make_info(1))
    remove_runtime_file(tmp_path)
    assert (tmp_path / "server.json").exists()
    write_runtime_file(tmp_path, make_info(os.getpid()))
    remove_runtime_file(tmp_path)
    assert not (tmp_path / "server.json").exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"pid": 1}', b"\xff\x00"])
def test_damaged_files_count_as_none(tmp_path: Path, content: bytes) -> None:
    """Torn or foreign files in the directory lead to no error and to no server."""
    (tmp_path / "server.json").write_bytes(content)
    (tmp_path / "lock").write_bytes(content)
    assert discover(tmp_path) is None
    with DataDirLock(tmp_path, "pitwall up", since=SINCE):
        holder = find_holder(tmp_path)
        assert holder is not None
        assert holder.pid == os.getpid()
        assert discover(tmp_path) is None


def test_missing_directory_has_no_server_and_is_made_private(tmp_path: Path) -> None:
    """Looking makes nothing; taking makes the directory for its user only."""
    data_dir = tmp_path / "a" / "b"
    assert discover(data_dir) is None
    assert not data_dir.exists()
    with DataDirLock(data_dir, "pitwall up", since=SINCE):
        assert data_dir.stat().st_mode & 0o777 == 0o700


def test_file_in_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    """What cannot be a data directory is named, with the flag to choose another."""
    (tmp_path / "file").touch()
    assert discover(tmp_path / "file") is None
    with pytest.raises(InvalidInput, match="--data-dir"):
        DataDirLock(tmp_path / "file", "pitwall up", since=SINCE).acquire()
