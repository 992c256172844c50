"""The writer: everything acknowledged reaches the store once and in order, whatever the store does."""

from __future__ import annotations

import errno
import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pitwall.core.vocabulary import TelemetryType
from pitwall.kit.clock import ManualClock
from pitwall.stores.telemetry.room import LogOptions
from pitwall.stores.telemetry.segments import Segment
from pitwall.stores.telemetry.stream_log import SealPolicy
from pitwall.stores.telemetry.wal import WriteAheadLog
from pitwall.stores.telemetry.writer import OnApplied, TelemetryWriter, WriterOptions
from tests.unit.stores.telemetry.log_doubles import (
    FaultyFiles,
    MemoryStore,
    abandon,
    encode_letter,
    from_zero,
    make_body,
)

TRACES, LOGS, METRICS = TelemetryType.TRACES, TelemetryType.LOGS, TelemetryType.METRICS
OPTIONS = WriterOptions(policy=SealPolicy(0.0, 0.0), first_retry_seconds=0.1, max_retry_seconds=2.0)


class Harness:
    """A log and a writer that take one step at a time, with time moved by hand."""

    def __init__(self, directory: Path) -> None:
        self.clock = ManualClock()
        self.files = FaultyFiles()
        self.store = MemoryStore()
        self.log = WriteAheadLog(
            directory,
            LogOptions(max_segment_bytes=1000, min_free_bytes=0),
            clock=self.clock,
            files=self.files,
            random_bits=from_zero,
        )
        self.writer = self.make_writer()

    def make_writer(
        self, on_applied: OnApplied | None = None, *, parallel_inserts: int = 1
    ) -> TelemetryWriter:
        self.writer = TelemetryWriter(
            self.log,
            self.store,
            encode_letter,
            options=replace(OPTIONS, parallel_inserts=parallel_inserts),
            clock=self.clock,
            on_applied=on_applied,
            jitter=random.Random(1),
        )
        return self.writer

    def put(self, *texts: str, stream: TelemetryType = TRACES) -> None:
        """Make each text a segment of its own."""
        for text in texts:
            self.log.append(stream, "shop", make_body(text), 1, "otlp_http")
            self.log.flush()
            self.log.seal_due(OPTIONS.policy)

    def run(self, steps: int = 100) -> None:
        """Step until nothing is due now."""
        for _ in range(steps):
            if self.writer.step() != 0.0:
                return


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Harness]:
    harness = Harness(tmp_path / "wal")
    yield harness
    harness.log.close()


def bodies(*texts: str) -> list[bytes]:
    return [make_body(text) for text in texts]


def test_segments_arrive_in_order(harness: Harness) -> None:
    """Oldest first, each once, and nothing is left."""
    harness.put("a", "b", "c")
    harness.run()
    assert harness.store.bodies(TRACES) == bodies("a", "b", "c")
    assert harness.log.is_empty()
    assert harness.writer.step() is None


@pytest.mark.parametrize("fault", ["before", "after"])
def test_unavailable_store_is_tried_again(harness: Harness, fault: str) -> None:
    """Whether the insert was lost or only its answer: the data is there once, in order."""
    harness.store.plan = [fault] * 5
    harness.put("a", "b")
    for _ in range(10):
        harness.run()
        harness.clock.advance(2)
    assert harness.store.bodies(TRACES) == bodies("a", "b")
    assert harness.writer.stats().failed_attempts == 5
    assert harness.writer.stats().errors == {}


def test_retries_slow_down_to_a_limit(harness: Harness) -> None:
    """Pauses double with jitter up to the limit, and never end."""
    harness.store.plan = ["before"] * 40
    harness.put("a")
    pauses = []
    for _ in range(40):
        assert harness.writer.step() == 0.0
        pause = harness.writer.step()
        assert pause is not None
        pauses.append(pause)
        harness.clock.advance(pause + 1e-6)
    assert 0.05 <= pauses[0] <= 0.1
    assert all(1.0 <= pause <= 2.0 for pause in pauses[6:])
    assert len(set(pauses)) > 30
    harness.run()
    assert harness.store.bodies(TRACES) == bodies("a")


def test_error_is_shown_while_it_lasts(harness: Harness) -> None:
    """The status names the store's words for the stream that waits."""
    harness.store.plan = ["before"]
    harness.put("a")
    harness.run()
    assert "no answer" in harness.writer.stats().errors[TRACES]


def test_streams_take_turns(harness: Harness) -> None:
    """A long queue of one stream does not delay the others."""
    harness.put(*(f"t{number}" for number in range(5)))
    harness.put("l0", "l1", stream=LOGS)
    harness.put("m0", stream=METRICS)
    for _ in range(5):
        harness.writer.step()
    streams = [stream for stream, _ in harness.store.calls]
    assert sorted(streams[:3]) == sorted([TRACES, LOGS, METRICS])
    assert streams[3:5] == [TRACES, LOGS]


def test_waiting_stream_does_not_stop_the_others(harness: Harness) -> None:
    """Back-off belongs to a stream."""
    harness.put("t")
    harness.store.plan = ["before"]
    harness.run()
    harness.put("l", stream=LOGS)
    harness.run()
    assert harness.store.bodies(LOGS) == bodies("l")
    assert harness.store.bodies(TRACES) == []


def test_mistake_in_the_client_keeps_the_data(harness: Harness) -> None:
    """An exception nobody planned for is retried like an unavailable store."""
    mistakes = [KeyError("column")]

    def fail_once() -> None:
        if mistakes:
            raise mistakes.pop()

    harness.store.on_insert = fail_once
    harness.put("a")
    harness.run()
    harness.clock.advance(1)
    harness.run()
    assert harness.store.bodies(TRACES) == bodies("a")


def test_journal_failure_applies_again_under_the_same_token(harness: Harness) -> None:
    """If noting success fails, the segment goes to the store again; the token makes that harmless."""
    harness.put("a")
    harness.files.fail("datasync", 5)
    harness.run()
    harness.clock.advance(1)
    harness.run()
    assert [token for _, token in harness.store.calls] == [harness.store.calls[0][1]] * 2
    assert harness.store.bodies(TRACES) == bodies("a")
    assert harness.log.is_empty()


def test_listener_hears_of_each_segment(harness: Harness) -> None:
    """After the store has a segment, and its failure stops nothing."""
    heard: list[tuple[TelemetryType, int]] = []

    def listen(stream: TelemetryType, last_position: int, segment: Segment) -> None:
        heard.append((stream, last_position))
        raise ValueError("listener")

    harness.make_writer(listen)
    harness.put("a", "b")
    harness.run()
    assert heard == [(TRACES, 0), (TRACES, 1)]
    assert harness.writer.stats().failed_callbacks == 2
    assert harness.log.is_empty()


def test_backlog_is_inserted_in_parallel(harness: Harness) -> None:
    """Two inserts wait for each other inside the store; what is applied is still told in order."""
    applied: list[int] = []
    harness.make_writer(lambda stream, position, segment: applied.append(position), parallel_inserts=2)
    harness.put("a", "b", "c", "d")
    meeting = threading.Barrier(2)

    def meet() -> None:
        meeting.wait(10)

    harness.store.on_insert = meet
    harness.run()
    assert applied == [0, 1, 2, 3]
    assert sorted(harness.store.bodies(TRACES)) == bodies("a", "b", "c", "d")
    assert len(harness.store.calls) == 4


@pytest.mark.parametrize("fault", ["before", "after"])
def test_failed_insert_ahead_is_done_again_in_its_turn(harness: Harness, fault: str) -> None:
    """Whichever insert fails, and on whichever side of the store's work, each segment is there once."""
    harness.make_writer(parallel_inserts=2)
    harness.put("a", "b", "c")
    harness.store.plan = ["", fault, fault]
    for _ in range(4):
        harness.run()
        harness.clock.advance(10)
    assert sorted(harness.store.bodies(TRACES)) == bodies("a", "b", "c")
    assert harness.log.is_empty()


def test_poison_ahead_of_its_turn_is_salvaged_in_its_turn(harness: Harness) -> None:
    """A refused follower neither stops the segment before it nor those behind it."""
    harness.make_writer(parallel_inserts=3)
    harness.put("a", "poison", "c", "d")
    harness.log.start()  # dead letters are waited for
    harness.run()
    assert sorted(harness.store.bodies(TRACES)) == bodies("a", "c", "d")
    assert len(harness.store.bodies(TelemetryType.DEAD_LETTERS)) == 1


def test_segment_inserted_ahead_of_a_crash_is_not_stored_twice(harness: Harness, tmp_path: Path) -> None:
    """The next process inserts it again under its token, which adds nothing."""
    harness.make_writer(parallel_inserts=2)
    harness.put("a", "b")
    harness.files.fail("datasync", errno.EIO, times=1)  # of the journal: "a" is stored and not noted
    harness.writer.step()
    abandon(harness.log)
    again = Harness.__new__(Harness)
    again.clock, again.files, again.store = ManualClock(), FaultyFiles(), harness.store
    again.log = WriteAheadLog(
        tmp_path / "wal", LogOptions(min_free_bytes=0), clock=again.clock, random_bits=from_zero
    )
    again.make_writer(parallel_inserts=2)
    again.run()
    assert sorted(harness.store.bodies(TRACES)) == bodies("a", "b")
    assert again.log.is_empty()
    harness.log = again.log


def start(directory: Path, store: MemoryStore, policy: SealPolicy) -> tuple[WriteAheadLog, TelemetryWriter]:
    log = WriteAheadLog(directory, LogOptions(min_free_bytes=0))
    writer = TelemetryWriter(log, store, encode_letter, options=WriterOptions(policy=policy))
    log.start()
    writer.start()
    return log, writer


def put(log: WriteAheadLog, text: str) -> None:
    log.append(TRACES, "shop", make_body(text), 1, "otlp_http").result(10)


def test_thread_applies_after_the_linger_time(tmp_path: Path) -> None:
    """With real threads a lone request reaches the store by itself."""
    arrived = threading.Event()
    store = MemoryStore(on_insert=arrived.set)
    log, writer = start(tmp_path / "wal", store, SealPolicy(0.05, 0.05))
    put(log, "a")
    assert arrived.wait(10)
    assert writer.stop()
    assert store.bodies(TRACES) == bodies("a")
    log.close()


def test_drain_does_not_wait_for_the_linger_time(tmp_path: Path) -> None:
    """A clean stop empties the log at once."""
    store = MemoryStore()
    log, writer = start(tmp_path / "wal", store, SealPolicy(3600, 3600))
    for number in range(20):
        put(log, f"{number}")
    assert writer.drain(10)
    assert len(store.bodies(TRACES)) == 20
    assert writer.stop()
    log.close()


def test_drain_gives_up_when_the_store_is_down(tmp_path: Path) -> None:
    """It says that something is left, and what is left is there at the next start."""
    store = MemoryStore(plan=["before"] * 1000)
    log, writer = start(tmp_path / "wal", store, SealPolicy(3600, 3600))
    put(log, "a")
    assert not writer.drain(0.3)
    assert writer.stop()
    log.close()
    store.plan.clear()
    log, writer = start(tmp_path / "wal", store, SealPolicy(0, 0))
    assert writer.drain(10)
    assert writer.stop()
    log.close()
    assert store.bodies(TRACES) == bodies("a")


def test_hanging_store_blocks_neither_the_log_nor_the_stop(tmp_path: Path) -> None:
    """While an insert hangs requests are acknowledged; stop returns in time; a late success does no harm."""
    hanging, answer = threading.Event(), threading.Event()

    def hang() -> None:
        hanging.set()
        answer.wait(30)

    store = MemoryStore(on_insert=hang)
    log, writer = start(tmp_path / "wal", store, SealPolicy(0, 0))
    put(log, "a")
    assert hanging.wait(10)
    put(log, "b")
    assert not writer.stop(0.1)
    log.close()
    answer.set()
    writer._thread.join(10)
    assert not writer._thread.is_alive()
    store.on_insert = None
    log, writer = start(tmp_path / "wal", store, SealPolicy(0, 0))
    assert writer.drain(10)
    assert writer.stop()
    log.close()
    assert store.bodies(TRACES) == bodies("a", "b")
