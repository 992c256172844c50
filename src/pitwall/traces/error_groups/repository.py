"""Groups of failures in a range, counted by the engine in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.engine_settings import QUERY_SETTINGS
from pitwall.traces.error_groups.types import Counted, GroupKey, Place, Trend
from pitwall.traces.failures import AT, GROUP_ID, GROUP_KEYS, MESSAGE, failures
from pitwall.traces.filters import Sql
from pitwall.traces.types import Selection

_NAMED: Final = ("model", "name", "version")
_COUNTED: Final = f"""
    {GROUP_ID} AS id,
    countIf(is_now) AS now,
    countIf(NOT is_now) AS before,
    minIf(at, is_now) AS first_now,
    maxIf(at, is_now) AS last_now,
    minIf(at, NOT is_now) AS first_before,
    maxIf(at, NOT is_now) AS last_before,
    {", ".join(f"sumMapIf(map({name}, toUInt64(1)), is_now AND {name} != '') AS {name}s" for name in _NAMED)},
    sumMapIf(map(bucket, toUInt64(1)), is_now) AS trend,
    uniqExactIf(user_id, is_now AND user_id != '') AS users,
    uniqExactIf(session_id, is_now AND session_id != '') AS sessions,
    uniqExactIf(trace_id, is_now) AS traces,
    argMax((trace_id, span_id, model, name, version), at) AS example"""


class ErrorGroupRepository:
    """Groups of alike failures over the telemetry store.

    Args:
        engine: The telemetry store; its calls block.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def groups(
        self, selection: Selection, trend: Trend, after: Place | None, limit: int
    ) -> tuple[list[Counted], int]:
        """Fetch groups that failed in a range or in the time of equal length before.

        Args:
            trend: Its limits are those of the range.
            after: Where the page before ended.

        Returns:
            At most `limit` groups, the most frequent first, and how many failures of the range there are.
        """
        failed = _failed(selection, trend)
        sql = (
            f"SELECT * FROM (SELECT {GROUP_KEYS}, {_COUNTED}, sum(now) OVER () AS total "
            f"FROM ({failed.text}) GROUP BY {GROUP_KEYS}) {_below(after)} "
            f"ORDER BY now DESC, before DESC, id LIMIT {limit}"
        )
        rows = self._engine.query(sql, failed.parameters, settings=QUERY_SETTINGS).dicts()
        return [_counted(row, trend) for row in rows], rows[0]["total"] if rows else 0

    def group(self, selection: Selection, trend: Trend, narrowed: Sql) -> Counted | None:
        """Fetch one group; None if it failed neither in the range nor in the time before.

        Args:
            narrowed: What holds for its failures.
        """
        failed = _failed(selection, trend, narrowed)
        sql = f"SELECT {GROUP_KEYS}, {_COUNTED} FROM ({failed.text}) GROUP BY {GROUP_KEYS}"
        rows = self._engine.query(sql, failed.parameters, settings=QUERY_SETTINGS).dicts()
        return _counted(rows[0], trend) if rows else None


def twice_as_long(selection: Selection, trend: Trend) -> Selection:
    """A selection with the time of equal length before."""
    length = trend.until_nano - trend.since_nano
    return replace(selection, since_nano=trend.since_nano - length, until_nano=trend.until_nano)


def _failed(selection: Selection, trend: Trend, narrowed: Sql | None = None) -> Sql:
    bucket = f"toUInt16(intDiv(greatest(at - {trend.since_nano}, 0), {trend.width_nano})) AS bucket"
    columns = (
        f"error_class, error_type, {MESSAGE}, service, {AT}, at >= {trend.since_nano} AS is_now, {bucket}, "
        "model, name, version, user_id, session_id, trace_id, span_id"
    )
    return failures(twice_as_long(selection, trend), columns, narrowed)


def _below(after: Place | None) -> str:
    if after is None:
        return ""
    return (
        f"WHERE now < {after.count} OR now = {after.count} AND (before < {after.previous_count} "
        f"OR before = {after.previous_count} AND id > '{after.id}')"
    )


def _counted(row: Mapping[str, Any], trend: Trend) -> Counted:
    trace_id, span_id, *newest = row["example"]
    has_now = row["now"] > 0
    # Of a group that is quiet now, its newest failure tells what it was about.
    values = {
        name: row[f"{name}s"] if has_now else {value: 0} if value else {}
        for name, value in zip(_NAMED, newest, strict=True)
    }
    return Counted(
        key=GroupKey(*(row[key] for key in GroupKey._fields)),
        count=row["now"],
        previous_count=row["before"],
        first_nano=row["first_now"] if has_now else None,
        last_nano=row["last_now"] if has_now else None,
        before_nano=(row["first_before"], row["last_before"]) if row["before"] else None,
        models=values["model"],
        names=values["name"],
        versions=values["version"],
        trend=trend.spread(row["trend"]),
        user_count=row["users"],
        session_count=row["sessions"],
        trace_count=row["traces"],
        example=(trace_id.hex(), span_id.hex()),
    )
