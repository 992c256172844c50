"""Replacing stored spans, and making the rollups of their hours anew from the raw rows.

The new rows are collected in a table of their own, `rebuilt_spans_new`. Renaming it to `rebuilt_spans`
decides: from then on the swap is carried out, by `recover` if the process was killed in between. Every step
of the swap may be done again:

1. The stored spans with the keys of the new rows are deleted; so are new rows that an earlier try put there.
2. The new rows are attached, all at once.
3. The rollups of their hours are deleted and made anew from the raw rows.
4. Raw rows and rollups are compared, and the table is dropped.

Spans that arrive meanwhile have other keys and are kept, and they are in the raw rows when the rollups are
made. What may not happen is an insert during step 3: whoever calls `swap` keeps the writer away.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import structlog

from pitwall.core.errors import Conflict
from pitwall.stores.telemetry.engine import UNLIMITED, Rows, StoreUnavailable, TelemetryEngine
from pitwall.stores.telemetry.literals import quoted

_log = structlog.get_logger(__name__)

_DECIDED: Final = "rebuilt_spans"
_COLLECTED: Final = "rebuilt_spans_new"
_NORMALISED: Final = "rebuilt_spans_in"
# The engine would drop rows that equal rows it has seen before, although those were deleted since.
_NO_DEDUPLICATION: Final = "SETTINGS insert_deduplicate = 0"
# Within a project.
_KEY: Final = "trace_id, span_id, log_position"
_FACTS: Final = "sum(spans), sum(errors), sum(input_tokens), sum(output_tokens), sum(cost_usd)"
_RAW_FACTS: Final = (
    "count() AS spans, countIf(status = 'error') AS errors, sumIf(input_tokens, NOT is_usage_rollup) AS "
    "input_tokens, sumIf(output_tokens, NOT is_usage_rollup) AS output_tokens, "
    "sumIf(ifNull(cost_usd, 0), NOT is_usage_rollup) AS cost_usd"
)


class RollupsDiffer(Conflict):
    """Someone else wrote to the hours whose rollups were made anew; the same call later puts them right."""

    default_code = "telemetry_store.rollups_differ"


@dataclass(frozen=True, slots=True)
class SpanRange:
    """Spans of one project that began in [since, until), both whole hours."""

    project: str
    since: datetime
    until: datetime

    def condition(self, column: str = "started_at") -> str:
        """Return the SQL condition; project and time are columns of every table of spans."""
        begin, end = (moment.astimezone(UTC).strftime("%F %T") for moment in (self.since, self.until))
        return (
            f"project = {quoted(self.project)} AND {column} >= toDateTime('{begin}', 'UTC') "
            f"AND {column} < toDateTime('{end}', 'UTC')"
        )


@dataclass(frozen=True, slots=True)
class SpanChange:
    """How many spans are replaced, and the sum of their costs; None where none has a cost."""

    spans: int
    cost_before_usd: Decimal | None
    cost_after_usd: Decimal | None


def incomplete_hours(engine: TelemetryEngine, wanted: SpanRange) -> list[datetime]:
    """Return the hours whose rollups hold other spans than the raw rows do.

    That is so where retention removed raw rows before rollups; such rollups cannot be made anew. Keep the
    writer away meanwhile, or the newest hour may be among them by chance.
    """
    rows = engine.query(
        "SELECT hour FROM ("
        f"SELECT toStartOfHour(started_at) AS hour, toInt64(count()) AS spans FROM spans "
        f"WHERE {wanted.condition()} GROUP BY hour UNION ALL "
        f"SELECT hour, -toInt64(sum(spans)) AS spans FROM spans_by_hour WHERE {wanted.condition('hour')} "
        "GROUP BY hour) GROUP BY hour HAVING sum(spans) != 0 ORDER BY hour"
    ).rows
    return [hour.replace(tzinfo=UTC) for (hour,) in rows]


class SpanRebuild:
    """Collects new rows for stored spans of one project and swaps them in; one at a time on a store.

    Args:
        engine: A migrated store that is no cluster.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def begin(self) -> None:
        """Forget what was collected and not decided."""
        self.forget()
        self._engine.command(f"CREATE TABLE {_COLLECTED} AS spans")
        # Nothing may expire between the deletion of the stored rows and the arrival of the new ones.
        if " TTL " in self._definition(_COLLECTED):
            self._engine.command(f"ALTER TABLE {_COLLECTED} REMOVE TTL")
        self._engine.command(f"CREATE TABLE {_NORMALISED} AS spans_in ENGINE = MergeTree ORDER BY project")

    def add(self, query: str) -> None:
        """Collect rows with the columns of `spans`; their keys must be those of stored spans."""
        self._engine.command(f"INSERT INTO {_COLLECTED} {query} {_NO_DEDUPLICATION}")

    def add_normalised(self, query: str, *, keep_texts: bool = True) -> None:
        """Collect rows with the columns of `spans_in`; their texts go to the payloads at once."""
        self._engine.command(f"TRUNCATE TABLE {_NORMALISED}")
        self._engine.command(f"INSERT INTO {_NORMALISED} {query} {_NO_DEDUPLICATION}")
        if keep_texts:
            self._insert_view("spans_in_to_payloads", "payloads", _NORMALISED)
        self._insert_view("spans_in_to_spans", _COLLECTED, _NORMALISED)

    def change(self, around: SpanRange) -> SpanChange:
        """Compare what was collected with what is stored."""
        collected = f"SELECT {_KEY} FROM {_COLLECTED}"
        spans, after = self._query(f"SELECT count(), sumOrNull(cost_usd) FROM {_COLLECTED}").rows[0]
        before = self._query(
            f"SELECT sumOrNull(cost_usd) FROM spans WHERE {around.condition()} AND ({_KEY}) IN ({collected})"
        ).scalar()
        return SpanChange(spans, before, after)

    def forget(self) -> None:
        """Drop what was collected; nothing stored has changed."""
        for table in (_COLLECTED, _NORMALISED):
            self._engine.command(f"DROP TABLE IF EXISTS {table} SYNC")

    def swap(self) -> None:
        """Put the collected rows in the place of the stored ones.

        Raises:
            StoreUnavailable: The disk did not take the new rows; nothing stored has changed.
            RollupsDiffer: Somebody wrote meanwhile; `recover` makes the rollups anew once more.
        """
        check = self._query(f"CHECK TABLE {_COLLECTED} SETTINGS check_query_single_value_result = 1")
        if check.rows and not int(check.rows[0][0]):
            raise StoreUnavailable("The disk did not take the new rows.", hint="Make room on the disk.")
        self._engine.command(f"RENAME TABLE {_COLLECTED} TO {_DECIDED}")
        self.recover()

    def recover(self) -> bool:
        """Carry out a swap that was decided; returns whether there was one. Quick when there is none.

        Raises:
            RollupsDiffer: As `swap`.
        """
        if not self._definition(_DECIDED):
            return False
        hours = self._hours()
        _log.info("telemetry_store.swapping_spans", hours=len(hours))
        if hours:
            self._replace_spans(SpanRange(hours[0].project, hours[0].since, hours[-1].until))
            self._make_rollups(hours)
        self._engine.command(f"DROP TABLE {_DECIDED} SYNC")
        self.forget()
        return True

    def _query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Rows:
        """Ask without a limit on time: a swap that was begun must come to its end."""
        return self._engine.query(sql, parameters, settings=UNLIMITED)

    def _definition(self, table: str) -> str:
        """Return the CREATE statement of a table, empty if there is none of that name."""
        rows = self._query(
            "SELECT create_table_query FROM system.tables "
            "WHERE database = currentDatabase() AND name = {name:String}",
            {"name": table},
        ).rows
        return str(rows[0][0]) if rows else ""

    def _hours(self) -> Sequence[SpanRange]:
        """Return the hours that have new rows."""
        rows = self._query(
            "SELECT DISTINCT project, toUnixTimestamp(toStartOfHour(started_at)) "
            f"FROM {_DECIDED} ORDER BY ALL"
        ).rows
        return [
            SpanRange(project, datetime.fromtimestamp(hour, UTC), datetime.fromtimestamp(hour + 3600, UTC))
            for project, hour in rows
        ]

    def _replace_spans(self, around: SpanRange) -> None:
        known = f"({_KEY}) IN (SELECT {_KEY} FROM {_DECIDED})"
        self._engine.command(f"DELETE FROM spans WHERE {around.condition()} AND {known}")
        # A text may stand elsewhere since the mapping changed: the new rows brought theirs.
        self._delete_old_texts(around)
        partitions = self._query(f"SELECT DISTINCT _partition_id FROM {_DECIDED}").rows
        for (partition,) in partitions:
            self._engine.command(f"ALTER TABLE spans ATTACH PARTITION ID '{partition}' FROM {_DECIDED}")

    def _delete_old_texts(self, around: SpanRange) -> None:
        """Delete the texts of spans whose new rows brought theirs."""
        key = "trace_id, span_id, mapping_version"
        current = f"SELECT {key} FROM {_DECIDED}"
        brought = (
            f"SELECT trace_id, span_id FROM payloads WHERE {around.condition()} AND ({key}) IN ({current})"
        )
        old = f"{around.condition()} AND (trace_id, span_id) IN ({brought}) AND ({key}) NOT IN ({current})"
        if self._query(f"SELECT count() FROM payloads WHERE {old}").scalar():
            self._engine.command(f"DELETE FROM payloads WHERE {old}")

    def _make_rollups(self, hours: Collection[SpanRange]) -> None:
        minutes = " OR ".join(f"({hour.condition('minute')})" for hour in hours)
        whole_hours = " OR ".join(f"({hour.condition('hour')})" for hour in hours)
        raw = " OR ".join(f"({hour.condition()})" for hour in hours)
        self._engine.command(f"DELETE FROM spans_by_minute WHERE {minutes}")
        self._engine.command(f"DELETE FROM spans_by_hour WHERE {whole_hours}")
        # The hours come from the view behind the minutes.
        self._insert_view("spans_in_to_minute", "spans_by_minute", f"(SELECT * FROM spans WHERE {raw})")
        self._compare(raw, whole_hours)

    def _compare(self, raw: str, whole_hours: str) -> None:
        made = self._query(f"SELECT {_FACTS} FROM spans_by_hour WHERE {whole_hours}").rows
        stored = self._query(f"SELECT {_FACTS} FROM (SELECT {_RAW_FACTS} FROM spans WHERE {raw})").rows
        if made != stored:
            raise RollupsDiffer(
                f"The rollups hold {made[0][0]:,} spans, the raw rows {stored[0][0]:,}.",
                hint="Another server writes to this store. Run the command again when it does not.",
            )

    def _insert_view(self, view: str, target: str, relation: str) -> None:
        """Insert what a materialized view of the schema makes of another relation."""
        query = self._query(
            "SELECT as_select FROM system.tables WHERE database = currentDatabase() AND name = {view:String}",
            {"view": view},
        ).scalar()
        columns = self._query(
            "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {view:String} "
            "ORDER BY position",
            {"view": view},
        ).rows
        names = ", ".join(name for (name,) in columns)
        replaced, count = re.subn(r"\bFROM (?:\S+\.)?spans_in\b", f"FROM {relation}", query)
        assert count == 1, f"{view} does not read spans_in once"
        self._engine.command(f"INSERT INTO {target} ({names}) {replaced} {_NO_DEDUPLICATION}")
