"""What an acknowledgement costs: acks per second, latency, and the time `append` takes from the event loop.

Usage: python benchmarks/bench_wal.py [--directory D] [--seconds 2] [--json]

Clients are tasks of one event loop with one request in flight each; every acknowledgement is a synced write.
Bodies are random bytes in one protobuf field; segments are thrown away as fast as they are sealed, so this
measures the log alone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pitwall.core.vocabulary import TelemetryType
from pitwall.stores.telemetry.salvage import Landing
from pitwall.stores.telemetry.wal import WriteAheadLog
from pitwall.stores.telemetry.writer import TelemetryWriter

CLIENTS = (1, 4, 16)
BODY_BYTES = (70_000, 700_000)


class Nowhere:
    """A store that takes everything at once and keeps nothing."""

    def insert_segment(self, stream: TelemetryType, path: Path, token: str) -> None:
        """Take a segment."""

    def landing(self, stream: TelemetryType, first_position: int, last_position: int) -> Landing:
        return Landing.NOTHING


@dataclass(frozen=True, slots=True)
class Figures:
    """One case; times over all requests of the case."""

    clients: int
    body_bytes: int
    acks_per_second: float
    mb_per_second: float
    ack_p50_ms: float
    ack_p95_ms: float
    append_p50_us: float
    append_p95_us: float


@dataclass(slots=True)
class Times:
    """Seconds of each request: until its future, until its acknowledgement."""

    append: list[float] = field(default_factory=list)
    ack: list[float] = field(default_factory=list)


def quantile(values: Sequence[float], p: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(p * len(ordered)))]


def make_body(template: bytearray) -> bytes:
    """A body never seen before: the length prefix stays, the first bytes of the text change."""
    template[4:20] = os.urandom(16)
    return bytes(template)


def make_template(size: int) -> bytearray:
    length = size - 4
    prefix = bytes([0x0A, length & 0x7F | 0x80, length >> 7 & 0x7F | 0x80, length >> 14])
    return bytearray(prefix + os.urandom(length))


async def client(log: WriteAheadLog, size: int, until: float, times: Times) -> None:
    template = make_template(size)
    while time.perf_counter() < until:
        body = make_body(template)
        start = time.perf_counter()
        acknowledged = log.append_async(TelemetryType.TRACES, "bench", body, 500, "bench")
        times.append.append(time.perf_counter() - start)
        await acknowledged
        times.ack.append(time.perf_counter() - start)


async def run_case(log: WriteAheadLog, clients: int, size: int, seconds: float) -> Figures:
    times, start = Times(), time.perf_counter()
    await asyncio.gather(*(client(log, size, start + seconds, times) for _ in range(clients)))
    rate = len(times.ack) / (time.perf_counter() - start)
    return Figures(
        clients,
        size,
        rate,
        rate * size / 1e6,
        quantile(times.ack, 0.5) * 1e3,
        quantile(times.ack, 0.95) * 1e3,
        quantile(times.append, 0.5) * 1e6,
        quantile(times.append, 0.95) * 1e6,
    )


def run(directory: Path, seconds: float) -> list[Figures]:
    """Measure all cases on a fresh log in `directory`."""
    log = WriteAheadLog(directory / "wal")
    writer = TelemetryWriter(log, Nowhere(), lambda _: b"")
    log.start()
    writer.start()
    try:
        return [asyncio.run(run_case(log, count, size, seconds)) for size in BODY_BYTES for count in CLIENTS]
    finally:
        writer.stop()
        log.close()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--directory", type=Path, help="where to write; a temporary directory by default")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of each case")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="pitwall-bench-", dir=arguments.directory))
    try:
        figures = run(directory, arguments.seconds)
    finally:
        shutil.rmtree(directory)
    if arguments.json:
        print(json.dumps([asdict(each) for each in figures]))
        return
    print("clients  body KB   acks/s   MB/s  ack p50 ms  p95 ms  append p50 us  p95 us")
    for each in figures:
        load = f"{each.clients:7d} {each.body_bytes / 1000:8.0f}"
        rates = f"{each.acks_per_second:8.0f} {each.mb_per_second:6.0f}"
        acks = f"{each.ack_p50_ms:11.2f} {each.ack_p95_ms:7.2f}"
        print(f"{load} {rates} {acks} {each.append_p50_us:14.0f} {each.append_p95_us:7.0f}")


if __name__ == "__main__":
    main()
