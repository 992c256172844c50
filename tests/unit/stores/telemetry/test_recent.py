"""Repeats are recognised for the horizon, not longer than memory allows, and across restarts."""

from __future__ import annotations

from pathlib import Path

import pytest

from pitwall.kit.clock import ManualClock
from pitwall.stores.telemetry.files import Files
from pitwall.stores.telemetry.recent import AppliedJournal, RepeatIndex, pack_seen
from tests.unit.stores.telemetry.log_doubles import FaultyFiles

HORIZON = 600.0


def make_index(clock: ManualClock, max_entries: int = 1000) -> RepeatIndex:
    return RepeatIndex(clock, horizon_seconds=HORIZON, max_entries=max_entries)


def make_hash(number: int) -> bytes:
    return number.to_bytes(16, "big")


def open_journal(path: Path, files: Files | None = None) -> AppliedJournal:
    return AppliedJournal(path, files or Files(), horizon_seconds=HORIZON)


def test_repeat_is_known_for_the_whole_horizon() -> None:
    """A request is remembered at least for the horizon and at most for a quarter longer."""
    clock = ManualClock()
    index = make_index(clock)
    index.add(make_hash(0))
    clock.advance(HORIZON / 8 - 1)
    index.add(make_hash(1))
    clock.advance(HORIZON)
    assert make_hash(1) in index
    clock.advance(HORIZON / 4)
    assert make_hash(0) not in index
    assert make_hash(1) not in index
    assert len(index) == 0


def test_wall_clock_jump_forgets_nothing() -> None:
    """Age is measured on the monotonic clock: setting the wall clock moves no horizon."""
    clock = ManualClock()
    index = make_index(clock)
    index.add(make_hash(0))
    clock.jump(-86_400)
    assert make_hash(0) in index
    clock.jump(7 * 86_400)
    assert make_hash(0) in index


def test_memory_is_bounded_and_the_newest_are_kept() -> None:
    """Beyond the bound the oldest go first, an eighth at a time, and are counted."""
    index = make_index(ManualClock(), max_entries=80)
    for number in range(1000):
        index.add(make_hash(number))
    assert len(index) <= 80
    assert index.evicted == 1000 - len(index)
    assert all(make_hash(number) in index for number in range(930, 1000))


def test_restored_requests_keep_their_age() -> None:
    """After a restart the horizon goes on from the arrival; a request from the future counts as new."""
    clock = ManualClock()
    index = make_index(clock)
    now = clock.unix_nano()
    old, recent, future = now - 601 * 10**9, now - 500 * 10**9, now + 3600 * 10**9
    index.restore([(make_hash(2), future), (make_hash(1), recent), (make_hash(0), old)])
    assert make_hash(0) not in index
    assert make_hash(1) in index
    clock.advance(300)
    assert make_hash(1) not in index
    assert make_hash(2) in index


def test_journal_is_read_back(tmp_path: Path) -> None:
    """The last applied position and the hashes survive a restart."""
    journal = open_journal(tmp_path / "recent.bin")
    journal.append(10, pack_seen(make_hash(1), 5), 5)
    journal.append(20, pack_seen(make_hash(2), 6) + pack_seen(make_hash(3), 7), 7)
    journal.close()
    again = open_journal(tmp_path / "recent.bin")
    assert again.applied_before == 20
    assert again.seen == [(make_hash(1), 5), (make_hash(2), 6), (make_hash(3), 7)]
    assert again.is_whole
    again.close()


def test_torn_journal_keeps_the_frames_before(tmp_path: Path) -> None:
    """Cut at any byte of its last frame, the journal keeps the first, says so, and goes on."""
    path = tmp_path / "recent.bin"
    journal = open_journal(path)
    journal.append(10, pack_seen(make_hash(1), 5), 5)
    first_frame = path.stat().st_size
    journal.append(20, pack_seen(make_hash(2), 6), 6)
    journal.close()
    data = path.read_bytes()
    for size in range(first_frame + 1, len(data)):
        path.write_bytes(data[:size])
        cut = open_journal(path)
        assert (cut.applied_before, cut.is_whole) == (10, False)
        cut.append(30, b"", 6)
        cut.close()
        again = open_journal(path)
        assert (again.applied_before, again.is_whole) == (30, True)
        again.close()


def test_failed_append_leaves_no_trace(tmp_path: Path) -> None:
    """A journal write that failed half-way is cut off before the next one."""
    files = FaultyFiles()
    journal = open_journal(tmp_path / "recent.bin", files)
    journal.append(10, b"", 0)
    files.fail("datasync", 5)
    with pytest.raises(OSError, match="Input/output error"):
        journal.append(20, pack_seen(make_hash(1), 0), 0)
    files.capacity = 3
    with pytest.raises(OSError, match="No space left"):
        journal.append(20, pack_seen(make_hash(1), 0), 0)
    files.capacity = None
    journal.append(20, pack_seen(make_hash(2), 0), 0)
    journal.close()
    again = open_journal(tmp_path / "recent.bin")
    assert (again.applied_before, again.seen) == (20, [(make_hash(2), 0)])
    again.close()


def test_journal_does_not_grow_for_ever(tmp_path: Path) -> None:
    """Hashes past the horizon leave the file; the last position stays."""
    path = tmp_path / "recent.bin"
    journal = open_journal(path)
    second = 10**9
    for number in range(200):
        seen = b"".join(pack_seen(make_hash(number * 1000 + at), number * 60 * second) for at in range(1000))
        journal.append(number, seen, number * 60 * second)
    journal.close()
    assert path.stat().st_size < 2_000_000  # 200,000 hashes would be 4.8 MB, 11,000 are within the horizon
    again = open_journal(path)
    assert again.applied_before == 199
    assert {make_hash(number) for number in range(190_000, 200_000)} <= {seen for seen, _ in again.seen}
    again.close()
