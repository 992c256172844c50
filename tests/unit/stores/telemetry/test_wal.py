"""The write-ahead log towards the doors: what an acknowledgement means, and when there is none."""

from __future__ import annotations

import asyncio
import errno
import shutil
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from pitwall.core.errors import Conflict, InvalidInput, LimitExceeded, Unavailable
from pitwall.core.vocabulary import TelemetryType
from pitwall.kit.clock import ManualClock
from pitwall.stores.telemetry.acks import Ack
from pitwall.stores.telemetry.room import LogOptions
from pitwall.stores.telemetry.stream_log import SealPolicy
from pitwall.stores.telemetry.wal import WriteAheadLog
from tests.unit.stores.telemetry.log_doubles import FaultyFiles, abandon, from_zero, make_body, read_entries

TRACES = TelemetryType.TRACES
SEAL_NOW = SealPolicy(linger_seconds=0, busy_linger_seconds=0)
OPTIONS = LogOptions(min_free_bytes=0)


class Harness:
    """A log on a real directory that is flushed by hand."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.clock = ManualClock()
        self.files = FaultyFiles()
        self.log = self.open()

    def open(self, options: LogOptions = OPTIONS) -> WriteAheadLog:
        self.log = WriteAheadLog(
            self.directory, options, clock=self.clock, files=self.files, random_bits=from_zero
        )
        return self.log

    def append(self, text: str | bytes, project: str = "shop", stream: TelemetryType = TRACES) -> Future[Ack]:
        return self.log.append(stream, project, make_body(text), 5, "otlp_http")

    def durable(self, text: str | bytes, project: str = "shop") -> Ack:
        future = self.append(text, project)
        self.log.flush()
        return future.result(timeout=0)

    def kill_and_reopen(self) -> WriteAheadLog:
        abandon(self.log)
        return self.open()

    def apply_all(self, stream: TelemetryType = TRACES) -> list[bytes]:
        """Play the writer: take everything in order and return the bodies."""
        bodies = []
        self.log.seal_due(SEAL_NOW)
        while (segment := self.log.next_sealed(stream)) is not None:
            self.log.verify(segment)
            bodies += [body for _, body in read_entries(segment.path.read_bytes())]
            self.log.mark_applied(segment)
        return bodies


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Harness]:
    harness = Harness(tmp_path / "wal")
    yield harness
    harness.log.close()


def bodies(*texts: str) -> list[bytes]:
    return [make_body(text) for text in texts]


def test_acknowledged_request_survives_a_crash(harness: Harness) -> None:
    """After the future is done the request is there, whatever happens to the process."""
    assert harness.durable("a") == Ack(0)
    assert harness.durable("b") == Ack(1)
    harness.kill_and_reopen()
    assert harness.apply_all() == bodies("a", "b")


def test_request_is_not_acknowledged_before_it_is_synced(harness: Harness) -> None:
    """A future stays open until the disk has confirmed the data."""
    future = harness.append("a")
    done_at_sync: list[bool] = []
    harness.files.on_sync = lambda: done_at_sync.append(future.done())
    harness.log.flush()
    assert done_at_sync == [False]
    assert future.done()


def test_group_shares_one_sync(harness: Harness) -> None:
    """Everything queued while the disk was busy becomes durable with one sync."""
    before = harness.files.syncs
    futures = [harness.append(f"request {number}") for number in range(200)]
    harness.log.flush()
    assert [future.result(0).position for future in futures] == list(range(200))
    assert harness.files.syncs == before + 1


def test_streams_have_their_own_order(harness: Harness) -> None:
    """Positions count per stream; one stream's entries never appear in another."""
    traces = harness.append("t")
    logs = harness.append("l", stream=TelemetryType.LOGS)
    harness.log.flush()
    assert (traces.result(0), logs.result(0)) == (Ack(0), Ack(0))
    assert harness.apply_all(TelemetryType.LOGS) == bodies("l")
    assert harness.apply_all(TRACES) == bodies("t")


def test_files_are_private(harness: Harness) -> None:
    """Raw telemetry is readable by its owner only."""
    harness.durable("secret")
    for path in [harness.directory, *harness.directory.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_applied_telemetry_leaves_the_disk(harness: Harness) -> None:
    """The log keeps raw bytes only until the store has them."""
    harness.durable("a")
    harness.apply_all()
    assert not any(b"a" in path.read_bytes() for path in harness.directory.rglob("*.seg"))
    assert harness.log.is_empty()


# Repeats.


def test_repeat_is_acknowledged_and_dropped(harness: Harness) -> None:
    """A client that missed the answer may send again; the data counts once, also after it was applied."""
    harness.durable("a")
    assert harness.durable("a") == Ack(None, is_duplicate=True)
    assert harness.apply_all() == bodies("a")
    assert harness.durable("a").is_duplicate
    assert harness.apply_all() == []
    assert harness.log.stats().streams[TRACES].duplicate_entries == 2


def test_repeat_on_the_way_shares_the_outcome(harness: Harness) -> None:
    """A repeat that arrives before the first is durable waits for it, and fails with it."""
    first, second = harness.append("a"), harness.append("a")
    assert not second.done()
    harness.log.flush()
    assert (first.result(0), second.result(0)) == (Ack(0), Ack(0, is_duplicate=True))
    harness.files.fail("write", errno.ENOSPC)
    third, fourth = harness.append("b"), harness.append("b")
    harness.log.flush()
    assert isinstance(third.exception(0), Unavailable)
    assert isinstance(fourth.exception(0), Unavailable)


def test_repeat_is_known_after_a_restart(harness: Harness) -> None:
    """Neither a crash before nor one after applying makes a repeat count twice."""
    harness.durable("applied")
    harness.apply_all()
    harness.durable("waiting")
    harness.kill_and_reopen()
    assert harness.durable("applied").is_duplicate
    assert harness.durable("waiting").is_duplicate
    assert harness.apply_all() == bodies("waiting")


def test_same_body_of_another_project_is_not_a_repeat(harness: Harness) -> None:
    """Two projects may send the same bytes."""
    harness.durable("a", project="one")
    assert harness.durable("a", project="two") == Ack(1)


def test_same_body_after_the_horizon_is_new(harness: Harness) -> None:
    """Only repeats within the horizon are dropped."""
    harness.durable("a")
    harness.clock.advance(OPTIONS.retry_horizon_seconds * 1.3)
    assert harness.durable("a") == Ack(1)


def test_wall_clock_that_goes_back_changes_nothing(harness: Harness) -> None:
    """Lag, order and repeats do not depend on the wall clock, before or after a restart."""
    harness.durable("a")
    harness.clock.jump(-3600)
    harness.clock.advance(2)
    assert harness.durable("a").is_duplicate
    harness.durable("b")
    assert harness.log.stats().ingest_lag_seconds == pytest.approx(2)
    harness.kill_and_reopen()
    assert harness.durable("a").is_duplicate
    assert 0 <= harness.log.stats().ingest_lag_seconds < 1
    assert harness.apply_all() == bodies("a", "b")


# The disk fails.


def test_full_disk_refuses_and_goes_on_when_there_is_room(harness: Harness) -> None:
    """ENOSPC is a 503 with Retry-After; what was acknowledged is kept, the next request finds a sound log."""
    harness.durable("before")
    harness.files.capacity = 10
    refused = harness.append("x" * 1000)
    harness.log.flush()
    error = refused.exception(0)
    assert isinstance(error, Unavailable)
    assert error.code == "wal.disk_full"
    assert error.details["retry_after_seconds"] > 0
    harness.files.capacity = None
    assert harness.durable("after").position == 1
    assert harness.durable("x" * 1000) == Ack(2)  # it was refused, so it is no repeat
    harness.kill_and_reopen()
    assert harness.apply_all() == bodies("before", "after", "x" * 1000)


@pytest.mark.parametrize("failing", ["write", "datasync"])
def test_failed_write_is_repeated_in_a_fresh_segment(harness: Harness, failing: str) -> None:
    """After a failed sync the file's later pages mean nothing: the group goes to another file, once."""
    harness.durable("before")
    harness.files.fail(failing, errno.EIO)
    assert harness.durable("again") == Ack(1)
    assert len(list((harness.directory / "traces").glob("*.seg"))) == 2
    harness.kill_and_reopen()
    assert harness.apply_all() == bodies("before", "again")


def test_disk_that_stays_broken_refuses(harness: Harness) -> None:
    """When the fresh segment fails too, the requests fail and nothing of them is left."""
    harness.durable("before")
    harness.files.fail("datasync", errno.EIO, times=2)
    future = harness.append("lost")
    harness.log.flush()
    assert isinstance(future.exception(0), Unavailable)
    assert harness.log.stats().last_error
    harness.kill_and_reopen()
    assert harness.apply_all() == bodies("before")


@pytest.mark.parametrize("reopen", [False, True])
def test_tail_that_cannot_be_cut_is_not_applied(harness: Harness, reopen: bool) -> None:
    """Where even truncation fails, the repeated write in the next segment is the one that counts."""
    harness.durable("before")
    harness.files.fail("datasync", errno.EIO)
    harness.files.fail("truncate", errno.EIO)
    assert harness.durable("again") == Ack(1)
    if reopen:
        harness.kill_and_reopen()
    assert harness.apply_all() == bodies("before", "again")


def test_mistake_in_the_flusher_fails_its_group_only(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unexpected exception is an error of the requests at hand, not the end of the log."""

    def break_once(*_: object) -> int:
        monkeypatch.undo()
        raise RuntimeError("mistake")

    monkeypatch.setattr(harness.files, "write", break_once)
    future = harness.append("a")
    harness.log.flush()
    assert isinstance(future.exception(0), Unavailable)
    harness.durable("b")
    assert harness.apply_all() == bodies("b")


# Bounds.


def test_log_full_refuses_until_something_is_applied(harness: Harness) -> None:
    """What waits for the store is bounded: 429 with Retry-After, and on again when the store took some."""
    harness.log.close()
    harness.open(replace(OPTIONS, max_unapplied_bytes=3000))
    for number in range(2):
        harness.durable(f"{number}" + "x" * 1000)
    with pytest.raises(LimitExceeded) as caught:
        harness.append("y" * 1000)
    assert caught.value.details["retry_after_seconds"] > 0
    assert harness.log.stats().streams[TRACES].refused_entries == 1
    harness.apply_all()
    assert harness.log.stats().unapplied_bytes == 0
    harness.durable("y" * 1000)


def test_bound_counts_what_an_earlier_process_left(harness: Harness) -> None:
    """A restart does not reset the bound."""
    harness.durable("x" * 2000)
    harness.log.close()
    harness.open(replace(OPTIONS, max_unapplied_bytes=3000))
    with pytest.raises(LimitExceeded):
        harness.append("y" * 2000)


def test_queue_in_memory_is_bounded(harness: Harness) -> None:
    """A disk that hangs cannot fill the memory."""
    harness.log.close()
    harness.open(replace(OPTIONS, max_queued_bytes=3000))
    harness.append("x" * 2000)
    with pytest.raises(LimitExceeded, match="wait for the disk"):
        harness.append("y" * 2000)
    harness.log.flush()
    harness.append("y" * 2000)


def test_request_larger_than_every_bound_still_fits_an_empty_log(harness: Harness) -> None:
    """A bound below the size of one request must not refuse it for ever."""
    harness.log.close()
    harness.open(
        LogOptions(max_segment_bytes=100, max_unapplied_bytes=100, max_queued_bytes=100, min_free_bytes=0)
    )
    harness.durable("x" * 5000)
    assert harness.apply_all() == bodies("x" * 5000)


def test_nearly_full_disk_refuses_before_the_store_suffers(harness: Harness) -> None:
    """Below the free-space floor requests are refused with 503, although the log itself could still write."""
    harness.log.close()
    harness.open(replace(OPTIONS, min_free_bytes=1000))
    harness.durable("a")
    harness.files.free = 900
    harness.clock.advance(1)
    with pytest.raises(Unavailable, match="no room"):
        harness.append("b")
    harness.files.free = 1 << 30
    harness.clock.advance(1)
    harness.durable("b")


def test_own_dead_letters_pass_the_bounds(harness: Harness) -> None:
    """What must be kept to make room is taken even when the log is full."""
    harness.log.close()
    harness.open(replace(OPTIONS, max_unapplied_bytes=100))
    harness.durable("x" * 1000)
    harness.log.append(
        TelemetryType.DEAD_LETTERS, "shop", make_body("letter"), 1, "writer", ignore_limits=True
    )
    harness.log.flush()
    assert harness.apply_all(TelemetryType.DEAD_LETTERS) == bodies("letter")


@pytest.mark.parametrize("project", ["p" * 600, "프로젝트" * 50])
def test_endless_project_name_is_refused(harness: Harness, project: str) -> None:
    """A header is bounded, so that damage can be told from a long header."""
    with pytest.raises(InvalidInput, match="too long"):
        harness.append("a", project=project)


# Segments, positions, tokens.


def test_full_segment_is_sealed_at_once(harness: Harness) -> None:
    """A group larger than a segment is cut where segments end, in order."""
    harness.log.close()
    harness.open(replace(OPTIONS, max_segment_bytes=3000))
    futures = [harness.append(f"{number}".ljust(1000)) for number in range(10)]
    harness.log.flush()
    assert [future.result(0).position for future in futures] == list(range(10))
    assert harness.log.next_sealed(TRACES) is not None
    assert len(list((harness.directory / "traces").glob("*.seg"))) >= 4
    assert harness.apply_all() == [make_body(f"{number}".ljust(1000)) for number in range(10)]


def test_segment_is_sealed_by_age(harness: Harness) -> None:
    """At low load data waits for the linger time, and the caller learns how long."""
    policy = SealPolicy(linger_seconds=0.1, busy_linger_seconds=0.4, busy_bytes=100)
    harness.durable("a")
    assert harness.log.seal_due(policy) == pytest.approx(0.1)
    harness.clock.advance(0.06)
    assert harness.log.seal_due(policy) == pytest.approx(0.04)
    harness.clock.advance(0.05)
    assert harness.log.seal_due(policy) is None
    assert harness.log.next_sealed(TRACES) is not None


def test_busy_segment_gets_more_time(harness: Harness) -> None:
    """A segment that fills fast waits longer, for a cheaper insert."""
    policy = SealPolicy(linger_seconds=0.1, busy_linger_seconds=0.4, busy_bytes=100)
    harness.durable("x" * 200)
    harness.clock.advance(0.2)
    assert harness.log.seal_due(policy) == pytest.approx(0.2)
    harness.clock.advance(0.3)
    assert harness.log.seal_due(policy) is None
    assert harness.log.next_sealed(TRACES) is not None


def test_positions_and_tokens_are_never_used_again(harness: Harness) -> None:
    """Not even when all segments are gone: a token that comes back with other data would lose that data."""
    seen = []
    for number in range(5):
        position = harness.durable(f"{number}").position
        harness.log.seal_due(SEAL_NOW)
        segment = harness.log.next_sealed(TRACES)
        assert segment is not None
        seen.append((position, harness.log.token(segment)))
        harness.log.mark_applied(segment)
        harness.kill_and_reopen()
    assert [position for position, _ in seen] == list(range(5))
    assert len({token for _, token in seen}) == 5


@pytest.mark.parametrize("damage", ["remove", "cut"])
def test_lost_journal_starts_a_new_identity(harness: Harness, damage: str) -> None:
    """If nothing tells which positions were used, tokens begin with another identity."""
    harness.durable("a")
    harness.log.seal_due(SEAL_NOW)
    segment = harness.log.next_sealed(TRACES)
    assert segment is not None
    token = harness.log.token(segment)
    harness.log.mark_applied(segment)
    harness.log.close()
    journal = harness.directory / "traces" / "recent.bin"
    if damage == "remove":
        journal.unlink()
    else:
        journal.write_bytes(journal.read_bytes()[:-1])
    harness.open()
    harness.durable("b")
    harness.log.seal_due(SEAL_NOW)
    segment = harness.log.next_sealed(TRACES)
    assert segment is not None
    assert harness.log.token(segment).split("-")[0] != token.split("-")[0]


def test_lost_journal_loses_nothing_that_comes_after(harness: Harness) -> None:
    """A new identity starts elsewhere; entries below the old positions are not taken for applied."""
    starts = iter([9, 3])
    harness.log.close()
    shutil.rmtree(harness.directory)
    harness.log = WriteAheadLog(harness.directory, OPTIONS, random_bits=lambda bits: next(starts, 9))
    for text in ("a", "b"):
        harness.durable(text)
        harness.apply_all()
    harness.log.close()
    for journal in harness.directory.glob("*/recent.bin"):
        journal.write_bytes(journal.read_bytes()[:-1])
    harness.log = WriteAheadLog(harness.directory, OPTIONS, random_bits=lambda bits: 3)
    assert harness.durable("c") == Ack(3 << 32)
    harness.kill_and_reopen()
    assert harness.durable("c").is_duplicate
    assert harness.apply_all() == bodies("c")
    harness.kill_and_reopen()
    assert harness.durable("d") == Ack((3 << 32) + 1)


def test_logs_of_two_servers_do_not_share_positions(tmp_path: Path) -> None:
    """A position alone tells rows of several servers apart; it is exact in JSON."""
    positions = []
    for name in ("one", "two"):
        log = WriteAheadLog(tmp_path / name, OPTIONS)
        future = log.append(TRACES, "shop", make_body("a"), 1, "otlp_http")
        log.close()
        positions.append(future.result(0).position or 0)
    assert positions[0] != positions[1]
    assert max(positions) < 2**53


def test_segment_applied_before_a_crash_is_not_applied_again(harness: Harness) -> None:
    """A crash between noting a segment and removing it leaves nothing to do."""
    harness.durable("a")
    harness.log.seal_due(SEAL_NOW)
    segment = harness.log.next_sealed(TRACES)
    assert segment is not None
    data = segment.path.read_bytes()
    harness.log.mark_applied(segment)
    abandon(harness.log)
    segment.path.write_bytes(data)
    harness.open()
    assert harness.apply_all() == []
    assert harness.durable("b") == Ack(1)


def test_damaged_entry_of_an_earlier_segment_is_set_aside_before_applying(harness: Harness) -> None:
    """A wrong byte found after a restart costs its own entry, which is kept; the others reach the store."""
    for text in ("a", "b", "c"):
        harness.append(text)
    harness.log.flush()
    harness.log.seal_due(SEAL_NOW)
    harness.durable("last")
    segment = harness.log.next_sealed(TRACES)
    assert segment is not None
    abandon(harness.log)
    data = segment.path.read_bytes()
    segment.path.write_bytes(data.replace(make_body("b"), make_body("B")))
    harness.open()
    assert harness.apply_all() == bodies("a", "c", "last")
    assert [make_body("B") in file.read_bytes() for file in harness.log.quarantine.iterdir()] == [True]
    assert harness.log.stats().unapplied_bytes == 0


# Life.


def test_second_process_is_refused(harness: Harness) -> None:
    """A directory belongs to one log at a time."""
    with pytest.raises(Conflict, match="open in another process"):
        WriteAheadLog(harness.directory)
    harness.log.close()
    harness.open()


def test_closed_log_keeps_what_was_queued(harness: Harness) -> None:
    """Closing writes the queue, refuses what comes later, and may be repeated."""
    future = harness.append("a")
    harness.log.close()
    harness.log.close()
    assert future.result(0) == Ack(0)
    with pytest.raises(Unavailable, match="stopping"):
        harness.append("b")
    harness.open()
    assert harness.apply_all() == bodies("a")


def test_stats_tell_depth_lag_and_totals(harness: Harness) -> None:
    """The figures are those of the log; what was never measured is None."""
    assert harness.log.stats().sync_p50_ms is None
    harness.durable("a")
    harness.clock.advance(3)
    harness.durable("b")
    stats = harness.log.stats()
    traces = stats.streams[TRACES]
    assert (traces.depth_entries, traces.depth_records) == (2, 10)
    assert (
        traces.depth_bytes
        == stats.unapplied_bytes
        == (harness.directory / "traces" / f"{0:020d}.seg").stat().st_size
    )
    assert traces.oldest_unapplied_age_seconds == stats.ingest_lag_seconds == pytest.approx(3)
    assert (traces.appended_entries, traces.appended_records, traces.applied_records) == (2, 10, 0)
    harness.apply_all()
    stats = harness.log.stats()
    assert (stats.streams[TRACES].applied_entries, stats.streams[TRACES].applied_records) == (2, 10)
    assert (stats.ingest_lag_seconds, stats.unapplied_bytes, stats.queued_bytes) == (0, 0, 0)
    assert stats.sync_p50_ms is not None


def test_lag_counts_what_still_waits_for_the_disk(harness: Harness) -> None:
    """A hanging disk shows as lag although nothing is in a segment yet."""
    harness.append("a")
    harness.clock.advance(4)
    assert harness.log.stats().ingest_lag_seconds == pytest.approx(4)


async def test_event_loop_waits_without_blocking(tmp_path: Path) -> None:
    """Tasks await their requests, one wake-up serves a whole group, and a cancelled task harms nobody."""
    log = WriteAheadLog(tmp_path / "wal", OPTIONS, random_bits=from_zero)
    waits = [
        log.append_async(TRACES, "shop", make_body(f"{number}"), 1, "otlp_http") for number in range(100)
    ]
    waits[7].cancel()
    calls = 0
    loop = asyncio.get_running_loop()
    schedule = loop.call_soon_threadsafe

    def counting(*args: object) -> object:
        nonlocal calls
        calls += 1
        return schedule(*args)  # type: ignore[arg-type]

    loop.call_soon_threadsafe = counting  # type: ignore[method-assign,assignment]
    log.start()
    acks = await asyncio.gather(*(wait for wait in waits if not wait.cancelled()))
    assert sorted(ack.position for ack in acks if ack.position is not None) == [
        n for n in range(100) if n != 7
    ]
    assert calls == 1
    log.close()


def test_waiter_of_a_closed_loop_is_left_alone(harness: Harness) -> None:
    """A loop that ended meanwhile does not break the flusher; its request is durable."""

    async def leave() -> None:
        harness.log.append_async(TRACES, "shop", make_body("a"), 1, "otlp_http")

    asyncio.run(leave())
    harness.log.flush()
    assert harness.durable("b") == Ack(1)
    assert harness.apply_all() == bodies("a", "b")


def test_threads_and_a_loop_append_together(tmp_path: Path) -> None:
    """Four threads and an event loop at once: every request gets its own position, in its sender's order."""
    log = WriteAheadLog(tmp_path / "wal", replace(OPTIONS, max_segment_bytes=20_000), random_bits=from_zero)
    log.start()
    positions: dict[int, list[int | None]] = {sender: [] for sender in range(5)}

    def send(sender: int) -> None:
        futures = [log.append(TRACES, "shop", make_body(f"{sender}/{n}"), 1, "otlp_grpc") for n in range(200)]
        positions[sender] = [future.result(20).position for future in futures]

    async def send_async() -> None:
        acks = await asyncio.gather(
            *(log.append_async(TRACES, "shop", make_body(f"4/{n}"), 1, "otlp_http") for n in range(200))
        )
        positions[4] = [ack.position for ack in acks]

    threads = [threading.Thread(target=send, args=(sender,)) for sender in range(4)]
    for thread in threads:
        thread.start()
    asyncio.run(send_async())
    for thread in threads:
        thread.join()
    log.close()
    assert sorted(
        position for each in positions.values() for position in each if position is not None
    ) == list(range(1000))
    assert all(each == sorted(each, key=lambda position: position or 0) for each in positions.values())
    stored = [
        entry
        for path in sorted((tmp_path / "wal" / "traces").glob("*.seg"))
        for entry in read_entries(path.read_bytes())
    ]
    assert [header.position for header, _ in stored] == list(range(1000))
    for sender in range(5):
        assert [stored[at or 0][1] for at in positions[sender]] == [
            make_body(f"{sender}/{n}") for n in range(200)
        ]
