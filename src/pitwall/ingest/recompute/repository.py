"""All SQL about computing stored spans again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pitwall.ingest.mapping.remap import recost_select
from pitwall.ingest.mapping.values import PAYLOAD_MARK
from pitwall.ingest.mapping.views import current_version
from pitwall.ingest.recompute.wrappers import UsageSpan, find_wrappers
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.literals import id_literal, quoted
from pitwall.stores.telemetry.rebuild import SpanRange

_KEY = "project, trace_id, span_id, log_position"
_SPAN = "project, started_at, trace_id, span_id"
_HAS_REFERENCES = f"arrayExists(v -> startsWith(v, char({ord(PAYLOAD_MARK)})), mapValues(attributes))"
_COSTS = ("cost_usd", "cost_source", "price_version")
_SPANS_PER_QUERY = 50_000
_TRACES_PER_QUERY = 5_000
_KEYS_PER_QUERY = 5_000
_HAS_USAGE = "token_source IN ('provider', 'estimated')"
_HOUR = timedelta(hours=1)
# Looked for in the background: slower is better than large.
_FRUGAL = {"max_threads": 1, "max_bytes_before_external_group_by": 32 * 1024**2}


class StoredSpans:
    """Reads the spans of a project and says what they would be now; calls block."""

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def mapping_version(self) -> int:
        """Return the version of the mapping in force."""
        return current_version(self._engine)

    def price_version(self) -> str:
        """Return the version of the price book in force."""
        return str(
            self._engine.query("SELECT version FROM price_books ORDER BY installed_at DESC LIMIT 1").scalar()
        )

    def hours(
        self, project: str, since: datetime | None, until: datetime | None
    ) -> list[tuple[datetime, int]]:
        """Return the hours that have spans, with their number, oldest first."""
        conditions = [f"project = {quoted(project)}"]
        if since is not None:
            conditions.append(f"started_at >= toDateTime({int(since.timestamp())}, 'UTC')")
        if until is not None:
            conditions.append(f"started_at < toDateTime({int(until.timestamp())}, 'UTC')")
        rows = self._engine.query(
            "SELECT toUnixTimestamp(toStartOfHour(started_at)) AS hour, count() FROM spans "
            f"WHERE {' AND '.join(conditions)} GROUP BY hour ORDER BY hour"
        ).rows
        return [(datetime.fromtimestamp(hour, UTC), count) for hour, count in rows]

    def pieces(self, condition: str) -> list[str]:
        """Cut a condition into narrower ones, each for as many spans as one query should hold in memory."""
        rows = self._engine.query(
            "SELECT toUnixTimestamp(toStartOfMinute(started_at)) AS minute, count() FROM spans "
            f"WHERE {condition} GROUP BY minute ORDER BY minute"
        ).rows
        starts: list[int] = []
        size = 0
        for minute, count in rows:
            if not starts or size + count > _SPANS_PER_QUERY:
                starts.append(minute)
                size = 0
            size += count
        ends = [*starts[1:], rows[-1][0] + 60] if rows else []
        return [
            f"{condition} AND started_at >= toDateTime({begin}, 'UTC') "
            f"AND started_at < toDateTime({end}, 'UTC')"
            for begin, end in zip(starts, ends, strict=True)
        ]

    def wrappers(self, wanted: SpanRange) -> list[tuple[bytes, bytes]]:
        """Return (trace id, span id) of spans that repeat the usage of others, and are not marked as such.

        Spans of the range are looked at together with what began up to an hour before or after it.
        """
        around = SpanRange(wanted.project, wanted.since - _HOUR, wanted.until + _HOUR).condition()
        traces = self._engine.query(_traces_to_unwrap(around), settings=_FRUGAL).rows
        found: set[tuple[bytes, bytes]] = set()
        for at in range(0, len(traces), _TRACES_PER_QUERY):
            ids = ", ".join(id_literal(trace_id) for (trace_id,) in traces[at : at + _TRACES_PER_QUERY])
            rows = self._engine.query(
                f"SELECT trace_id, span_id, parent_span_id, {_HAS_USAGE} FROM spans "
                f"WHERE {around} AND trace_id IN ({ids})"
            ).rows
            found |= find_wrappers(UsageSpan(*row) for row in rows)
        return sorted(found)

    def count(self, condition: str) -> int:
        """Return how many spans fulfil a condition."""
        return int(self._engine.query(f"SELECT count() FROM spans WHERE {condition}").scalar())


def older_than(mapping_version: int) -> str:
    """Return the condition on spans that an earlier mapping made."""
    return f"mapping_version < {mapping_version}"


def outside(hours: Sequence[datetime]) -> str:
    """Return the condition on spans that began in none of these hours."""
    if not hours:
        return "1"
    listed = ", ".join(str(int(hour.timestamp())) for hour in hours)
    return f"toUnixTimestamp(toStartOfHour(started_at)) NOT IN ({listed})"


def with_all_texts(condition: str) -> str:
    """Return the condition narrowed to spans whose long values are all in the payloads."""
    chosen = f"SELECT {_SPAN} FROM spans WHERE {condition}"
    kept = f"SELECT {_SPAN} FROM payloads WHERE ({_SPAN}) IN ({chosen})"
    return f"{condition} AND (NOT {_HAS_REFERENCES} OR ({_SPAN}) IN ({kept}))"


def recosted(condition: str) -> str:
    """Return the query for the spans whose cost is another now, with the columns of `spans`."""
    same = " AND ".join(f"stored.{name} <=> priced.{name}" for name in _COSTS)
    replaced = ", ".join(f"priced.{name} AS {name}" for name in _COSTS)
    return (
        f"SELECT stored.* REPLACE ({replaced}) FROM (SELECT * FROM spans WHERE {condition}) AS stored "
        f"ANY INNER JOIN ({recost_select(condition)}) AS priced USING ({_KEY}) WHERE NOT ({same})"
    )


def these_spans(keys: Sequence[tuple[bytes, bytes]]) -> list[str]:
    """Return conditions that together hold for the spans of these (trace id, span id)."""
    pairs = [f"({id_literal(trace_id)}, {id_literal(span_id)})" for trace_id, span_id in keys]
    return [
        f"(trace_id, span_id) IN ({', '.join(pairs[at : at + _KEYS_PER_QUERY])})"
        for at in range(0, len(pairs), _KEYS_PER_QUERY)
    ]


def unwrapped(condition: str) -> str:
    """Return the query for spans as wrappers, with the columns of `spans`: their usage counts elsewhere."""
    free = "true AS is_usage_rollup, NULL AS cost_usd, 'none' AS cost_source, '' AS price_version"
    return f"SELECT * REPLACE ({free}) FROM (SELECT * FROM spans WHERE {condition} AND NOT is_usage_rollup)"


def _traces_to_unwrap(condition: str) -> str:
    """Return the query for traces with usage that came in several requests and counts more than once."""
    return (
        f"SELECT trace_id FROM spans WHERE {condition} AND {_HAS_USAGE} AND NOT is_usage_rollup "
        "GROUP BY trace_id HAVING uniqExact(log_position) > 1"
    )
