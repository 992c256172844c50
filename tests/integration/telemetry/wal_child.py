"""A process that appends and applies under load until it is killed; started by test_wal_kill.

Usage: python wal_child.py DIRECTORY RUN. Prints `ready`, then writes each acknowledged request to
`DIRECTORY/acked`. With RUN 0 it sends nothing, applies what is left and ends by itself.
"""

from __future__ import annotations

import os
import random
import sys
import threading
from pathlib import Path

import structlog

from pitwall.core.vocabulary import TelemetryType
from pitwall.stores.telemetry.room import LogOptions
from pitwall.stores.telemetry.salvage import Landing
from pitwall.stores.telemetry.stream_log import SealPolicy
from pitwall.stores.telemetry.wal import WriteAheadLog
from pitwall.stores.telemetry.writer import TelemetryWriter, WriterOptions

STREAMS = (TelemetryType.TRACES, TelemetryType.LOGS)
THREADS = 4


def make_body(name: str) -> bytes:
    """Build the request of that name: always the same bytes, up to 40 KB."""
    source = random.Random(name)
    data = name.encode() + b" " + source.randbytes(source.choice([10, 500, 5_000, 40_000]))
    length, prefix = len(data), bytearray(b"\x0a")
    while length > 0x7F:
        prefix.append(length & 0x7F | 0x80)
        length >>= 7
    return bytes(prefix) + bytes([length]) + data


def stream_of(name: str) -> TelemetryType:
    return STREAMS[len(name) % 2]


class DirectoryStore:
    """Exactly-once by token, durable against a kill: a file per segment, put in place by one rename."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(exist_ok=True)

    def insert_segment(self, stream: TelemetryType, path: Path, token: str) -> None:
        target, data = self.directory / token, path.read_bytes()
        if target.exists():
            assert target.read_bytes() == data, f"{token} was used for other data"
            return
        scratch = self.directory / f".{token}"
        scratch.write_bytes(data)
        scratch.rename(target)

    def landing(self, stream: TelemetryType, first_position: int, last_position: int) -> Landing:
        return Landing.NOTHING


def send(log: WriteAheadLog, acked: int, names: list[str]) -> None:
    """Send in small groups, as clients with several requests in flight do."""
    for first in range(0, len(names), 5):
        group = names[first : first + 5]
        futures = [log.append(stream_of(name), "shop", make_body(name), 1, "otlp_http") for name in group]
        for name, future in zip(group, futures, strict=True):
            future.result(60)
            os.write(acked, f"{name}\n".encode())


def main(directory: Path, run: int) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    log = WriteAheadLog(directory / "wal", LogOptions(max_segment_bytes=300_000, min_free_bytes=0))
    options = WriterOptions(policy=SealPolicy(0.005, 0.02))
    writer = TelemetryWriter(log, DirectoryStore(directory / "store"), lambda rejected: b"", options=options)
    log.start()
    writer.start()
    acked = os.open(directory / "acked", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    if run:
        known = (directory / "acked").read_text().split()[-40:]
        work = [[*known[at::THREADS], *(f"{run}/{at}/{n}" for n in range(100_000))] for at in range(THREADS)]
        threads = [threading.Thread(target=send, args=(log, acked, names)) for names in work]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert writer.drain(60)
    assert writer.stop()
    log.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
