"""All SQL about records of files: which of them the telemetry store has already."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.files.batch import POSITION_KEY
from pitwall.stores.telemetry.engine import TelemetryEngine

SpanIds = tuple[bytes, bytes]

_IDS_PER_QUERY = 1_000
_TABLES = {TelemetryType.METRICS: "points", TelemetryType.LOGS: "logs"}


class StoredRecords:
    """Looks for records by what names them; calls block.

    Args:
        engine: The store.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def find_spans(self, project: str, ids: Collection[SpanIds], first: int, last: int) -> set[SpanIds]:
        """Return those of the spans (trace id, span id) that are stored.

        Args:
            first, last: Earliest and latest start, Unix nanoseconds.
        """
        rows = self._find(
            "SELECT hex(trace_id), hex(span_id) FROM spans WHERE project = {project:String} "
            "AND started_at >= fromUnixTimestamp64Nano({first:Int64}, 'UTC') "
            "AND started_at <= fromUnixTimestamp64Nano({last:Int64}, 'UTC') "
            "AND hex(span_id) IN {ids:Array(String)}",
            {"project": project, "first": first, "last": last},
            [span_id.hex().upper() for _, span_id in ids],
        )
        return {(bytes.fromhex(trace_id), bytes.fromhex(span_id)) for trace_id, span_id in rows} & set(ids)

    def find_positions(self, stream: TelemetryType, project: str, positions: Collection[str]) -> set[str]:
        """Return those of the positions from which there are points or log records."""
        rows = self._find(
            f"SELECT DISTINCT resource_attributes['{POSITION_KEY}'] AS position FROM {_TABLES[stream]} "
            "WHERE project = {project:String} AND position IN {ids:Array(String)}",
            {"project": project},
            list(positions),
        )
        return {position for (position,) in rows}

    def find_letters(self, project: str, ids: Collection[str]) -> set[str]:
        """Return those of the dead letters that are stored."""
        rows = self._find(
            "SELECT DISTINCT dead_letter_id FROM dead_letters "
            "WHERE project = {project:String} AND dead_letter_id IN {ids:Array(String)}",
            {"project": project},
            list(ids),
        )
        return {letter_id for (letter_id,) in rows}

    def _find(self, sql: str, parameters: dict[str, Any], ids: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        for start in range(0, len(ids), _IDS_PER_QUERY):
            part = ids[start : start + _IDS_PER_QUERY]
            yield from self._engine.query(sql, {**parameters, "ids": list(part)}).rows
