"""A refused segment: sound entries are stored once, guilty ones become dead letters."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from pitwall.core.vocabulary import TelemetryType
from pitwall.kit.clock import ManualClock
from pitwall.stores.telemetry.acks import Ack
from pitwall.stores.telemetry.engine import SegmentRejected
from pitwall.stores.telemetry.entries import EntryHeader
from pitwall.stores.telemetry.room import LogOptions
from pitwall.stores.telemetry.salvage import MAX_DEAD_LETTER_BODY_BYTES, RejectedEntry
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

TRACES, LETTERS = TelemetryType.TRACES, TelemetryType.DEAD_LETTERS
NOW = WriterOptions(policy=SealPolicy(0.0, 0.0))


class SelfFlushingLog(WriteAheadLog):
    """A log without a flusher thread whose dead letters are written by the thread that waits for them."""

    def append(
        self,
        stream: TelemetryType,
        project: str,
        body: bytes,
        record_count: int,
        door: str,
        *,
        ignore_limits: bool = False,
    ) -> Future[Ack]:
        future = super().append(stream, project, body, record_count, door, ignore_limits=ignore_limits)
        if door == "writer":
            self.flush()
        return future


class Harness:
    """A log, a store that refuses poison, and a writer that takes one step at a time."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.clock = ManualClock()
        self.files = FaultyFiles()
        self.store = MemoryStore()
        self.letters: list[RejectedEntry] = []
        self.open()

    def open(self) -> None:
        self.log = SelfFlushingLog(
            self.directory,
            LogOptions(min_free_bytes=0),
            clock=self.clock,
            files=self.files,
            random_bits=from_zero,
        )
        self.writer = TelemetryWriter(self.log, self.store, self.encode, options=NOW, clock=self.clock)

    def encode(self, rejected: RejectedEntry) -> bytes:
        self.letters.append(rejected)
        return encode_letter(rejected)

    def put(self, *texts: str) -> None:
        """Make one segment of all texts."""
        self.put_bodies(*bodies(*texts))

    def put_bodies(self, *requests: bytes) -> None:
        """Make one segment of all requests."""
        for request in requests:
            self.log.append(TRACES, "shop", request, 3, "otlp_http")
        self.log.flush()
        self.log.seal_due(NOW.policy)

    def run(self) -> None:
        while not self.log.is_empty():
            self.writer.step()
            self.clock.advance(1)

    def run_through_crashes(self) -> int:
        """Like `run`, restarting after each crash; return how many there were."""
        crashes = 0
        while True:
            try:
                self.run()
                return crashes
            except SimulatedCrash:
                crashes += 1
                self.files.crash_after_bytes = None
                abandon(self.log)
                self.open()


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Harness]:
    harness = Harness(tmp_path / "wal")
    yield harness
    harness.log.close()


def bodies(*texts: str) -> list[bytes]:
    return [make_body(text) for text in texts]


def dead(*texts: str) -> list[bytes]:
    return [make_body(b"segment.refused|" + make_body(text)) for text in texts]


def test_guilty_entry_becomes_a_dead_letter_and_the_others_are_kept(harness: Harness) -> None:
    """One bad request among many costs only itself, and the order of the rest stays."""
    texts = [f"{number}" for number in range(20)]
    harness.put(*texts[:13], "poison", *texts[13:])
    harness.run()
    assert harness.store.bodies(TRACES) == bodies(*texts)
    assert harness.store.bodies(LETTERS) == dead("poison")
    letter = harness.letters[0]
    assert (letter.stream, letter.project, letter.door, letter.log_position) == (
        TRACES,
        "shop",
        "otlp_http",
        13,
    )
    assert "poison" in letter.message
    stats = harness.log.stats().streams[TRACES]
    assert (stats.applied_entries, stats.rejected_records) == (21, 3)
    assert len(harness.store.calls) < 40
    assert list((harness.directory / "traces").glob("*.s*")) == []


def test_refusal_that_goes_away_costs_nothing(harness: Harness) -> None:
    """The whole segment is tried again before anything is decided."""
    refusals = [SegmentRejected("hiccup")]

    def refuse_once() -> None:
        if refusals:
            raise refusals.pop()

    harness.store.on_insert = refuse_once
    harness.put("a", "b")
    harness.run()
    assert harness.store.bodies(TRACES) == bodies("a", "b")
    assert len({token for _, token in harness.store.calls}) == 1
    assert harness.letters == []


def land_and_refuse(store: MemoryStore, count: int) -> None:
    """Let the first `count` entries of each refused insert land all the same."""
    insert = store.insert_segment

    def leaky(stream: TelemetryType, path: Path, token: str) -> None:
        try:
            insert(stream, path, token)
        except SegmentRejected:
            rows = [(stream, EntryHeader("shop", at, 0, b"", 1, "", 0, 0, 0), b"?") for at in range(count)]
            store.applied[token] = rows
            raise

    store.insert_segment = leaky  # type: ignore[method-assign]


def test_partly_stored_segment_is_never_split(harness: Harness) -> None:
    """If some rows landed, halves under other tokens would double them: all entries become dead letters."""
    land_and_refuse(harness.store, 2)
    harness.put("a", "b", "poison")
    harness.run()
    assert len({token for stream, token in harness.store.calls if stream is TRACES}) == 1
    assert [letter.reason for letter in harness.letters] == ["segment.partly_stored"] * 3
    assert [letter.body for letter in harness.letters] == bodies("a", "b", "poison")


def test_segment_that_landed_whole_counts_as_stored(harness: Harness) -> None:
    """A refusal after everything landed is no reason to send anything again."""
    land_and_refuse(harness.store, 3)
    harness.put("a", "b", "poison")
    harness.run()
    assert harness.letters == []
    assert len(harness.store.positions(TRACES)) == 3


def test_long_body_is_kept_whole_in_quarantine(harness: Harness) -> None:
    """A dead letter carries the beginning and the true size; no byte of the request is thrown away."""
    text = "poison" + "x" * MAX_DEAD_LETTER_BODY_BYTES
    harness.put("a", text)
    harness.run()
    letter = harness.letters[0]
    assert (len(letter.body), letter.body_bytes) == (MAX_DEAD_LETTER_BODY_BYTES, len(make_body(text)))
    assert [make_body(text) in file.read_bytes() for file in harness.log.quarantine.iterdir()] == [True]
    assert harness.store.bodies(TRACES) == bodies("a")


def test_refused_dead_letter_is_set_aside(harness: Harness) -> None:
    """A dead letter that is refused itself makes no further dead letters; its bytes stay in quarantine."""
    harness.log.append(LETTERS, "shop", make_body("letter"), 1, "otlp_http")
    harness.log.flush()

    def refuse() -> None:
        raise SegmentRejected("no letters today")

    harness.store.on_insert = refuse
    harness.run()
    assert harness.letters == []
    assert [make_body("letter") in file.read_bytes() for file in harness.log.quarantine.iterdir()] == [True]


def test_full_disk_while_burying_waits(harness: Harness) -> None:
    """If the dead letter cannot be written, the segment stays until it can."""
    harness.put("a", "poison")
    harness.files.fail("write", errno.ENOSPC, times=3)
    harness.run()
    assert harness.store.bodies(TRACES) == bodies("a")
    assert harness.store.bodies(LETTERS) == dead("poison")


STRANGE = b"\x9a\x06\x06poison"  # field 99, which OTLP does not have


def strange(name: str) -> bytes:
    """Build an OTLP request that the store refuses for a field of the span that OTLP does not know."""
    return _request(_known(name).resource_spans[0].scope_spans[0].spans[0].SerializeToString() + STRANGE)


def _known(name: str) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.add(name=name)
    return request


def _request(span: bytes) -> bytes:
    for tag in (b"\x12", b"\x12", b"\x0a"):
        span = tag + bytes([len(span)]) + span
    return span


def test_unknown_fields_are_dropped_before_an_entry_is_buried(harness: Harness) -> None:
    """What OTLP knows of the request is stored once, in its place; there is no letter."""
    harness.put_bodies(make_body("a"), strange("b"), make_body("c"))
    harness.run()
    known = _known("b").SerializeToString()
    assert harness.store.bodies(TRACES) == [make_body("a"), known, make_body("c")]
    assert harness.letters == []
    assert harness.log.stats().streams[TRACES].rejected_records == 0


def test_entry_that_is_refused_without_them_too_is_buried_as_it_came(harness: Harness) -> None:
    """The letter holds the request that was sent, with everything in it."""
    harness.put_bodies(strange("poison"), make_body("a"))
    harness.run()
    assert harness.store.bodies(TRACES) == [make_body("a")]
    assert [letter.body for letter in harness.letters] == [strange("poison")]


@settings(max_examples=40, deadline=None)
@given(
    plan=st.lists(st.sampled_from(["", "", "before", "after", "crash before", "crash after"]), max_size=30)
)
def test_dropping_fields_is_exact_through_failures_and_crashes(
    tmp_path_factory: pytest.TempPathFactory, plan: list[str]
) -> None:
    """However often the process dies, the request is stored once and never buried."""
    harness = Harness(tmp_path_factory.mktemp("wal"))
    harness.store.plan = list(plan)
    harness.put_bodies(make_body("a"), strange("b"), make_body("poison"), strange("c"))
    harness.run_through_crashes()
    stored = [make_body("a"), _known("b").SerializeToString(), _known("c").SerializeToString()]
    assert harness.store.bodies(TRACES) == stored
    assert harness.store.bodies(LETTERS) == dead("poison")
    harness.log.close()


@settings(max_examples=60, deadline=None)
@given(
    poisoned=st.sets(st.integers(0, 11), max_size=4),
    plan=st.lists(st.sampled_from(["", "", "before", "after", "crash before", "crash after"]), max_size=30),
)
def test_salvage_is_exact_through_failures_and_crashes(
    tmp_path_factory: pytest.TempPathFactory, poisoned: set[int], plan: list[str]
) -> None:
    """Whatever fails or dies: every sound entry once, every guilty one a single dead letter, in order."""
    harness = Harness(tmp_path_factory.mktemp("wal"))
    texts = [f"poison {number}" if number in poisoned else f"{number}" for number in range(12)]
    harness.store.plan = list(plan)
    harness.put(*texts)
    crashes = harness.run_through_crashes()
    assert crashes <= sum("crash" in step for step in plan)
    assert harness.store.bodies(TRACES) == bodies(*(text for text in texts if "poison" not in text))
    assert harness.store.bodies(LETTERS) == dead(*(text for text in texts if "poison" in text))
    harness.log.close()


@settings(max_examples=60, deadline=None)
@given(
    poisoned=st.sets(st.integers(0, 5), min_size=1, max_size=3),
    writes=st.integers(0, 12),
    cut=st.integers(0, 90),
)
def test_salvage_survives_a_crash_in_any_write(
    tmp_path_factory: pytest.TempPathFactory, poisoned: set[int], writes: int, cut: int
) -> None:
    """A process that dies while it notes a decision or a dead letter goes on from there."""
    harness = Harness(tmp_path_factory.mktemp("wal"))
    texts = [f"poison {number}" if number in poisoned else f"{number}" for number in range(6)]
    harness.put(*texts)
    countdown = [writes]
    write = harness.files.write

    def dying(descriptor: int, buffers: list[bytes]) -> int:
        countdown[0] -= 1
        if countdown[0] == -1:
            harness.files.crash_after_bytes = cut
        return write(descriptor, buffers)

    harness.files.write = dying  # type: ignore[method-assign,assignment]
    harness.run_through_crashes()
    assert harness.store.bodies(TRACES) == bodies(*(text for text in texts if "poison" not in text))
    assert sorted(harness.store.bodies(LETTERS)) == sorted(
        dead(*(text for text in texts if "poison" in text))
    )
    harness.log.close()
