"""What the rest of Pitwall knows of ClickHouse: one protocol, the same SQL, schema and errors in both worlds.

`clickhouse.py` has the two implementations: chDB in this process and a remote server or cluster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from pitwall.core.errors import PitwallError, Unavailable

UNLIMITED: Final[Mapping[str, Any]] = {"max_execution_time": 0}
"""Settings of a query that must come to its end: nobody waits for its answer, or work depends on it."""


class StoreUnavailable(Unavailable):
    """The telemetry store cannot be reached, is full or is overloaded; the same call may succeed later."""

    default_code = "telemetry_store.unavailable"


class SegmentRejected(PitwallError):
    """The store understood the request but not the data in it; sending the same bytes again cannot help."""

    default_code = "telemetry_store.rejected"


class QueryFailed(PitwallError):
    """The store refused a query; the message carries the engine's own words."""

    default_code = "telemetry_store.query_failed"


class QueryTimedOut(Unavailable):
    """A query ran longer than its limit."""

    default_code = "telemetry_store.query_timed_out"


@dataclass(frozen=True, slots=True)
class Rows:
    """A query's answer: column names and row tuples in the same order.

    Attributes:
        columns: Empty when there are no rows: the engine sends the names with the first block.
    """

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def dicts(self) -> list[dict[str, Any]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def scalar(self) -> Any:
        """The only value of a one-row, one-column answer."""
        return self.rows[0][0]


@dataclass(frozen=True, slots=True)
class SegmentInsert:
    """One write-ahead-log segment on its way into a stage table.

    Attributes:
        table: Stage table, engine Null, whose views normalise and store.
        path: File of varint-delimited protobuf messages.
        token: Deduplication token; the same token again adds only what is missing.
        schema: Text of the .proto file that describes the messages.
        message: Name of the message in that schema.
    """

    table: str
    path: Path
    token: str
    schema: str
    message: str


class TelemetryEngine(Protocol):
    """What the rest of Pitwall knows of ClickHouse."""

    def query(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        settings: Mapping[str, Any] | None = None,
    ) -> Rows:
        """Run a SELECT with server-side `{name:Type}` parameters.

        Raises:
            QueryTimedOut: It took longer than a query may, or than its own setting `max_execution_time`.
        """

    def command(self, sql: str) -> None:
        """Run a statement that answers nothing (DDL, ALTER, DELETE)."""

    def insert_rows(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, token: str | None = None
    ) -> None:
        """Insert a few JSON-representable rows."""

    def insert_segment(self, segment: SegmentInsert) -> None:
        """Push a segment through its stage table; raises StoreUnavailable or SegmentRejected."""

    def close(self) -> None:
        """Release every handle; the engine cannot be used afterwards."""
