"""What salvage decided about the parts of a segment, durably, before it acts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from pitwall.stores.telemetry.files import Files
from pitwall.stores.telemetry.segments import Segment


class State(StrEnum):
    """What is to be done with a range: its halves, its one entry without unknown fields, or nothing more."""

    SPLIT = "split"
    REFUSED = "refused"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for the entries [low, high) of a segment.

    Attributes:
        message: Why the store refused it, for REFUSED.
    """

    low: int
    high: int
    state: State
    rejected_records: int = 0
    message: str = ""


class Plan:
    """The decisions about one segment, in a file that is synced before any of them is acted upon."""

    def __init__(self, path: Path, files: Files) -> None:
        self._path = path
        self._files = files
        self._decisions = {(made.low, made.high): made for made in _read_decisions(path)}

    def get(self, low: int, high: int) -> Decision | None:
        """Return what was decided for a range."""
        return self._decisions.get((low, high))

    def add(self, decision: Decision) -> None:
        """Note a decision, or a later one for the same range."""
        decisions = {**self._decisions, (decision.low, decision.high): decision}
        lines = [json.dumps(asdict(made)) for made in decisions.values()]
        self._files.write_whole(self._path, "\n".join(lines).encode())
        self._decisions = decisions

    def rejected_records(self) -> int:
        """Return how many records became dead letters."""
        return sum(made.rejected_records for made in self._decisions.values())


def _read_decisions(path: Path) -> Iterator[Decision]:
    if path.exists():
        for line in path.read_text().splitlines():
            fields = json.loads(line)
            yield Decision(**{**fields, "state": State(fields["state"])})


def plan_path(segment: Segment) -> Path:
    """Return the file of decisions about a segment."""
    return segment.path.with_suffix(".split")
