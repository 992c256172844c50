"""Where the writer puts a sealed segment: the stage table of its stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pitwall.core.vocabulary import TelemetryType
from pitwall.stores.telemetry.engine import UNLIMITED, SegmentInsert, TelemetryEngine
from pitwall.stores.telemetry.salvage import Landing

_TARGETS: Mapping[TelemetryType, str] = {
    TelemetryType.TRACES: "spans",
    TelemetryType.METRICS: "points",
    TelemetryType.LOGS: "logs",
    TelemetryType.SCORES: "scores",
    TelemetryType.DEAD_LETTERS: "dead_letters",
}


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage table and the protobuf message its rows are.

    Attributes:
        table: Table of engine Null; its views normalise what passes through.
        message: Name of the message in `schema`.
        schema: Text of a .proto file.
    """

    table: str
    message: str
    schema: str


class EngineSink:
    """Inserts segments into an engine, each under its own deduplication token."""

    def __init__(self, engine: TelemetryEngine, stages: Mapping[TelemetryType, Stage]) -> None:
        self._engine = engine
        self._stages = stages

    def insert_segment(self, stream: TelemetryType, path: Path, token: str) -> None:
        """Store a segment exactly once, however often this is called with the same token.

        Raises:
            StoreUnavailable: Try again later.
            SegmentRejected: The bytes themselves are at fault.
        """
        stage = self._stages[stream]
        self._engine.insert_segment(SegmentInsert(stage.table, path, token, stage.schema, stage.message))

    def landing(self, stream: TelemetryType, first_position: int, last_position: int) -> Landing:
        """Tell whether a refused insert left rows behind.

        What the engine rejects it rejects while it parses and normalises the segment, one block, before the
        views of the target tables see the first row: no row in the main table means none anywhere.
        """
        found = self._engine.query(
            f"SELECT count() FROM {_TARGETS[stream]} "
            "WHERE log_position BETWEEN {first:UInt64} AND {last:UInt64}",
            {"first": first_position, "last": last_position},
            settings=UNLIMITED,
        ).scalar()
        # Rows there do not prove that every table behind has theirs: never ALL.
        return Landing.PARTIAL if found else Landing.NOTHING
