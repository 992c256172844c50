"""Files followed while they grow, are rotated, truncated and come back."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitwall.ingest.files.follow import Follower
from pitwall.ingest.files.importer import ImportOptions
from pitwall.ingest.files.jobs import TraceDirFollower
from pitwall.kit.clock import ManualClock
from pitwall.sdk.jsonl import RotatingJsonl
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.ingest.file_store import (
    JSONL,
    FileStore,
    call_line,
    ids,
    open_file_store,
    write_calls,
)


@pytest.fixture
def store(tmp_path: Path, telemetry_engine: TelemetryEngine, project: str) -> Iterator[FileStore]:
    with open_file_store(tmp_path / "data", telemetry_engine, project) as opened:
        yield opened


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def follow(store: FileStore, clock: ManualClock, *paths: Path) -> Follower:
    """Follow paths on a clock that is moved by hand."""
    options = ImportOptions(JSONL, skip_invalid=True, chunk_bytes=2_000)
    return Follower(paths, store.sink, options, monotonic=clock.monotonic)


def test_growing_file_is_followed_line_by_line(store: FileStore, clock: ManualClock, tmp_path: Path) -> None:
    """A file that is not there yet, then grows; half a line waits for its other half."""
    path = tmp_path / "llm_calls.jsonl"
    follower = follow(store, clock, path)
    assert follower.poll() == 0
    write_calls(path, range(3))
    assert follower.poll() > 0
    line = call_line(3)
    with path.open("ab") as file:
        file.write(line[:50])
        file.flush()
        assert follower.poll() == 0
        file.write(line[50:])
    follower.poll()
    follower.close()
    assert (follower.rows, store.request_ids()) == (4, ids(range(4)))


def test_renamed_file_is_read_to_its_end_and_the_new_one_from_its_beginning(
    store: FileStore, clock: ManualClock, tmp_path: Path
) -> None:
    """Rotation by renaming, with a writer that still has the old file open."""
    path = tmp_path / "llm_calls.jsonl"
    write_calls(path, range(5))
    follower = follow(store, clock, path)
    follower.poll()
    with path.open("ab") as late:
        path.rename(tmp_path / "llm_calls.jsonl.1")
        write_calls(path, range(10, 13))
        follower.poll()
        late.write(call_line(5) + call_line(6)[:-1])
    follower.poll()
    clock.advance(10)
    follower.poll()  # the old file stayed quiet: its last line is as whole as it will be
    follower.close()
    assert store.request_ids() == ids([*range(7), *range(10, 13)])


def test_removed_file_is_read_to_its_end(store: FileStore, clock: ManualClock, tmp_path: Path) -> None:
    """A file that has no name any more is still read as long as it is written to."""
    path = tmp_path / "llm_calls.jsonl"
    write_calls(path, range(3))
    follower = follow(store, clock, path)
    follower.poll()
    with path.open("ab") as file:
        path.unlink()
        file.write(call_line(3))
        file.flush()
        follower.poll()
    clock.advance(10)
    follower.poll()
    follower.close()
    assert store.request_ids() == ids(range(4))


def test_copied_and_truncated_file_loses_nothing(
    store: FileStore, clock: ManualClock, tmp_path: Path
) -> None:
    """What was written after the last look is in the copy, which is the same source."""
    path = tmp_path / "llm_calls.jsonl"
    write_calls(path, range(40))
    follower = follow(store, clock, path)
    follower.poll()
    write_calls(path, range(40, 50))
    copy = tmp_path / "llm_calls.jsonl.1"
    copy.write_bytes(path.read_bytes()[:3_000])
    follower.poll()  # the copy is under way
    shutil.copy(path, copy)
    os.truncate(path, 0)
    write_calls(path, range(100, 104))
    follower.poll()
    clock.advance(10)
    follower.poll()
    follower.close()
    assert store.request_ids() == ids([*range(50), *range(100, 104)])


def test_rotation_while_nobody_looked_is_caught_up(
    tmp_path: Path, telemetry_engine: TelemetryEngine, project: str, clock: ManualClock
) -> None:
    """Two rotations during a restart, the older one packed: every line once; older files stay out."""
    path = tmp_path / "llm_calls.jsonl"
    stranger = tmp_path / "llm_calls.jsonl.7"
    write_calls(stranger, range(900, 905))
    os.utime(stranger, (1, 1))
    write_calls(path, range(10))
    with open_file_store(tmp_path / "data", telemetry_engine, project) as store:
        follower = follow(store, clock, path)
        follower.poll()
        follower.close()
    write_calls(path, range(10, 15))
    packed = tmp_path / "llm_calls.jsonl.2.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    os.utime(packed, (2_000_000_000, 2_000_000_000))
    path.unlink()
    middle = tmp_path / "llm_calls.jsonl.1"
    write_calls(middle, range(20, 25))
    os.utime(middle, (2_000_000_100, 2_000_000_100))
    write_calls(path, range(30, 32))
    os.utime(path, (2_000_000_200, 2_000_000_200))
    with open_file_store(tmp_path / "data", telemetry_engine, project) as store:
        follower = follow(store, clock, path)
        follower.poll()
        clock.advance(10)
        follower.poll()
        follower.close()
        assert store.request_ids() == ids([*range(15), *range(20, 25), *range(30, 32)])


def test_file_being_packed_is_tried_again(store: FileStore, clock: ManualClock, tmp_path: Path) -> None:
    """A torn gzip file does not stop the follower."""
    directory = tmp_path / "traces"
    directory.mkdir()
    whole = gzip.compress(b"".join(map(call_line, range(200))))
    packed = directory / "llm_calls.jsonl.1.gz"
    packed.write_bytes(whole[: len(whole) // 2])
    follower = follow(store, clock, directory)
    follower.poll()
    packed.write_bytes(whole)
    follower.poll()
    follower.close()
    assert store.request_ids() == ids(range(200))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.one_of(st.integers(1, 30), st.sampled_from(["poll", "wait", "restart"])), min_size=1, max_size=25
    )
)
def test_sdk_rotation_loses_and_doubles_nothing(
    steps: list[int | str],
    tmp_path_factory: pytest.TempPathFactory,
    telemetry_engine: TelemetryEngine,
    project: str,
) -> None:
    """The SDK's own rotating writer against looks and restarts at any moment, no file being removed."""
    directory = tmp_path_factory.mktemp("rotation")
    writer = RotatingJsonl(directory / "llm_calls.jsonl", max_bytes=2_000, keep_files=1_000)
    clock, written = ManualClock(), 0
    with open_file_store(directory / "data", telemetry_engine, f"{project}-{directory.name}") as store:
        follower = follow(store, clock, directory)
        for step in [*steps, "poll", "wait", "poll"]:
            if isinstance(step, int):
                writer.append([_event(number) for number in range(written, written + step)])
                written += step
            elif step == "poll":
                follower.poll()
            elif step == "wait":
                clock.advance(6)
            else:
                follower.close()
                follower = follow(store, clock, directory)
        follower.close()
        writer.close()
        assert store.request_ids() == ids(range(written))


def _event(number: int) -> dict[str, object]:
    return {
        "ts": f"2026-11-20T09:{number // 60:02d}:{number % 60:02d}Z",
        "event": "llm.call",
        "success": True,
        "interaction_id": f"r-{number:06d}",
    }


def test_server_follows_a_trace_directory(store: FileStore, tmp_path: Path) -> None:
    """The four files of a directory that appears later, malformed lines put aside."""
    import time

    directory = tmp_path / "traces"
    follower = TraceDirFollower(store.files, directory, store.project)
    follower.start()
    try:
        directory.mkdir()
        write_calls(directory / "llm_calls.jsonl", range(3))
        (directory / "cache.jsonl").write_bytes(
            b'{"ts": 1795176000, "event": "embed.cache", "hit": true}\n{oops\n'
        )
        (directory / "other.jsonl").write_bytes(call_line(9))
        deadline = time.monotonic() + 20
        while store.count() < 4 and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        follower.stop(10)
    assert sorted(store.query("kind, count()", rest="GROUP BY kind")) == [("cache", 1), ("llm", 3)]
    assert store.count("dead_letters") == 1
