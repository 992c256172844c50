"""The log as a state machine: acknowledged means applied exactly once, in order, through any history."""

from __future__ import annotations

import errno
import shutil
import tempfile
from concurrent.futures import Future
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pitwall.core.vocabulary import TelemetryType
from pitwall.kit.clock import ManualClock
from pitwall.stores.telemetry.acks import Ack
from pitwall.stores.telemetry.room import LogOptions
from pitwall.stores.telemetry.stream_log import SealPolicy
from pitwall.stores.telemetry.wal import WriteAheadLog
from pitwall.stores.telemetry.writer import TelemetryWriter, WriterOptions
from tests.unit.stores.telemetry.log_doubles import (
    FaultyFiles,
    MemoryStore,
    SimulatedCrash,
    abandon,
    encode_letter,
    from_zero,
    make_body,
)

STREAMS = st.sampled_from([TelemetryType.TRACES, TelemetryType.LOGS])
SIZES = st.sampled_from([1, 20, 400])
NUMBERS = st.lists(st.integers(0, 11), min_size=1, max_size=4)
FAULTS = st.tuples(
    st.sampled_from(["datasync", "write", "sync_directory"]),
    st.sampled_from([errno.EIO, errno.ENOSPC]),
    st.integers(1, 2),
)
NOW = SealPolicy(0.0, 0.0)

Key = tuple[TelemetryType, bytes]


class LogMachine(RuleBasedStateMachine):
    """Appends, faults, crashes, restarts and a store that fails around its inserts, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp(prefix="pitwall-log-"))
        self.clock = ManualClock()
        self.files = FaultyFiles()
        self.store = MemoryStore()
        self.sent: set[Key] = set()
        self.acked: dict[Key, int | None] = {}
        self.waiting: list[tuple[Key, Future[Ack]]] = []
        self.open()

    def open(self) -> None:
        options = LogOptions(max_segment_bytes=600, min_free_bytes=0)
        self.log = WriteAheadLog(
            self.directory / "wal", options, clock=self.clock, files=self.files, random_bits=from_zero
        )
        self.writer = TelemetryWriter(
            self.log, self.store, encode_letter, options=WriterOptions(policy=NOW), clock=self.clock
        )

    def crash(self) -> None:
        self.collect()
        self.waiting.clear()
        self.files.crash_after_bytes = None
        self.files.failures.clear()
        abandon(self.log)
        self.open()

    def collect(self) -> None:
        """Take note of acknowledgements; a second one for the same request must say that it is a repeat."""
        for key, future in self.waiting:
            if future.done() and future.exception() is None:
                ack = future.result()
                assert key not in self.acked or ack.is_duplicate, f"{key} was taken twice"
                self.acked.setdefault(key, ack.position)
        self.waiting = [(key, future) for key, future in self.waiting if not future.done()]

    @rule(stream=STREAMS, numbers=NUMBERS, size=SIZES)
    def send(self, stream: TelemetryType, numbers: list[int], size: int) -> None:
        self.append(stream, numbers, size)
        self.flush()

    @rule(stream=STREAMS, numbers=NUMBERS, size=SIZES)
    def append(self, stream: TelemetryType, numbers: list[int], size: int) -> None:
        """Few different requests, so that repeats meet every state of the first."""
        for number in numbers:
            body = make_body(f"{number}".ljust(size, "."))
            self.sent.add((stream, body))
            self.waiting.append(((stream, body), self.log.append(stream, "shop", body, 1, "otlp_http")))

    def flush(self) -> None:
        self.log.flush()
        self.collect()
        assert not self.waiting

    @rule(stream=STREAMS, numbers=NUMBERS, faults=FAULTS, can_cut=st.booleans())
    def send_to_a_failing_disk(
        self, stream: TelemetryType, numbers: list[int], faults: tuple[str, int, int], can_cut: bool
    ) -> None:
        self.append(stream, numbers, 20)
        self.files.fail(*faults)
        if not can_cut:
            self.files.fail("truncate", errno.EIO)
        self.flush()
        self.files.failures.clear()

    @rule(stream=STREAMS, numbers=NUMBERS, capacity=st.integers(0, 700))
    def send_to_a_full_disk(self, stream: TelemetryType, numbers: list[int], capacity: int) -> None:
        self.append(stream, numbers, 20)
        self.files.capacity = capacity
        self.flush()
        self.files.capacity = None

    @rule(stream=STREAMS, numbers=NUMBERS, cut=st.integers(0, 600))
    def die_while_writing(self, stream: TelemetryType, numbers: list[int], cut: int) -> None:
        self.append(stream, numbers, 20)
        self.files.crash_after_bytes = cut
        try:
            self.log.flush()
        except SimulatedCrash:
            self.crash()
        self.files.crash_after_bytes = None

    @rule(
        faults=st.lists(st.sampled_from(["", "before", "after", "crash before", "crash after"]), max_size=3)
    )
    def apply(self, faults: list[str]) -> None:
        self.store.plan = list(faults)
        try:
            for _ in range(5):
                self.writer.step()
        except SimulatedCrash:
            self.crash()
        self.clock.advance(1)

    @rule(cut=st.integers(0, 120))
    def die_while_noting_success(self, cut: int) -> None:
        self.files.crash_after_bytes = cut
        self.store.plan = []
        try:
            self.writer.step()
        except SimulatedCrash:
            self.crash()
        self.files.crash_after_bytes = None

    @rule()
    def disk_fails_while_noting_success(self) -> None:
        self.files.fail("datasync", errno.EIO)
        self.apply([])
        self.files.failures.clear()

    @rule()
    def killed(self) -> None:
        self.crash()

    @rule()
    def stopped_cleanly(self) -> None:
        self.log.close()
        self.collect()
        self.open()

    @rule(seconds=st.integers(-100_000, 10))
    def wall_clock_jumps(self, seconds: int) -> None:
        self.clock.jump(seconds)

    @invariant()
    def nothing_is_applied_twice_or_out_of_order(self) -> None:
        for stream in (TelemetryType.TRACES, TelemetryType.LOGS):
            positions = self.store.positions(stream)
            assert positions == sorted(set(positions))
            bodies = self.store.bodies(stream)
            assert len(bodies) == len(set(bodies))

    def teardown(self) -> None:
        self.store.plan = []
        self.crash()
        for _ in range(500):
            self.writer.step()
            self.clock.advance(1)
        assert self.log.is_empty()
        self.nothing_is_applied_twice_or_out_of_order()
        applied = {
            (stream, body): header.position
            for rows in self.store.applied.values()
            for stream, header, body in rows
        }
        for key, position in self.acked.items():
            assert key in applied, f"{key} was acknowledged and is missing"
            assert position in (None, applied[key])
        assert applied.keys() <= self.sent
        assert not self.log.quarantine.exists()
        self.log.close()
        shutil.rmtree(self.directory)


TestLogMachine = LogMachine.TestCase
TestLogMachine.settings = settings(
    max_examples=200, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
