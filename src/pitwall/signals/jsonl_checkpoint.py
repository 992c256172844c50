"""What was read of a JSON lines file and what it added up to, kept so that only new bytes are read again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import orjson

from pitwall.stores.telemetry.engine import TelemetryEngine

_FINGERPRINT_BYTES = 1024
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Identity:
    """Which file it is, whatever its name: device, inode and its first bytes."""

    device: int
    inode: int
    head: str
    head_bytes: int


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a file was read.

    Attributes:
        offset: Bytes read; the next line begins there.
        lines: Lines up to there, of which some are events of other kinds or malformed.
    """

    identity: Identity
    offset: int = 0
    lines: int = 0
    other_events: int = 0
    malformed: int = 0

    def advanced(self, *, offset: int, counts: Mapping[str, int]) -> Checkpoint:
        """This checkpoint after more lines were read; `counts` are lines by status."""
        return replace(
            self,
            offset=offset,
            lines=self.lines + sum(counts.values()),
            other_events=self.other_events + counts.get("other", 0),
            malformed=self.malformed + counts.get("malformed", 0),
        )


def identify(descriptor: int, head_bytes: int = _FINGERPRINT_BYTES) -> Identity:
    """Identify an open file by at most `head_bytes` of its beginning."""
    status = os.fstat(descriptor)
    head = os.pread(descriptor, head_bytes, 0)
    return Identity(status.st_dev, status.st_ino, hashlib.sha256(head).hexdigest(), len(head))


class CheckpointStore:
    """Checkpoints of one kind of aggregation; per file a pointer (JSON) and its states (Native).

    States are written under a new name first and the pointer is replaced in one step, so that a killed
    process leaves the earlier checkpoint whole.

    Args:
        directory: Where they are; made if it is missing.
        purpose: Window and labels; other ones have checkpoints of their own.
    """

    def __init__(self, directory: Path, purpose: str) -> None:
        self._directory = directory
        self._purpose = purpose

    def load(
        self, path: Path, identity: Identity, size: int, engine: TelemetryEngine, table: str
    ) -> Checkpoint:
        """Load the states of a file into a table; a file that is new, replaced or cut short starts over."""
        pointer = self._pointer(path)
        try:
            stored = orjson.loads(pointer.read_bytes())
        except (FileNotFoundError, orjson.JSONDecodeError):
            return Checkpoint(identity)
        if stored.get("version") != _VERSION:
            return Checkpoint(identity)
        checkpoint = Checkpoint(
            **{**stored["checkpoint"], "identity": Identity(**stored["checkpoint"]["identity"])}
        )
        states = self._directory / stored["states"]
        if not _same_file(path, checkpoint.identity) or size < checkpoint.offset or not states.exists():
            return Checkpoint(identity)
        engine.command(f"INSERT INTO {table} FROM INFILE '{states}' FORMAT Native")
        return checkpoint

    def save(self, path: Path, checkpoint: Checkpoint, engine: TelemetryEngine, table: str) -> None:
        """Keep the states of a table, merged, as the new checkpoint of a file."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        pointer = self._pointer(path)
        states = pointer.with_name(f"{pointer.stem}-{checkpoint.offset}.native")
        states.unlink(missing_ok=True)
        engine.command(f"{_MERGED.format(table=table)} INTO OUTFILE '{states}' FORMAT Native")
        document = {"version": _VERSION, "states": states.name, "checkpoint": asdict(checkpoint)}
        scratch = pointer.with_suffix(".tmp")
        scratch.write_bytes(orjson.dumps(document))
        scratch.replace(pointer)
        for old in self._directory.glob(f"{pointer.stem}-*.native"):
            if old != states:
                old.unlink()

    def _pointer(self, path: Path) -> Path:
        name = hashlib.sha256(f"{path.resolve()}\n{self._purpose}".encode()).hexdigest()[:32]
        return self._directory / f"{name}.json"


# Chunk 0 is what earlier passes read.
_MERGED = (
    "SELECT toUInt32(0) AS chunk, status, window, labels, sum(lines) AS lines, sum(known) AS known, "
    "sum(succeeded) AS succeeded, sum(timed) AS timed, "
    "quantilesDDMergeState(0.01, 0.5)(latency_ms) AS latency_ms, "
    "sum(latency_ms_sum) AS latency_ms_sum, sum(prompt_tokens) AS prompt_tokens, "
    "sum(completion_tokens) AS completion_tokens FROM {table} GROUP BY status, window, labels"
)


def _same_file(path: Path, known: Identity) -> bool:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return identify(descriptor, known.head_bytes) == known
    finally:
        os.close(descriptor)
