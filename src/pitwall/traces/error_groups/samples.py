"""The failures of one group: by what they split, the newest of them, and where in the code they happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pitwall.ingest.mapping.values import decode_value
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.conditions import UNIX_NANO, id_list
from pitwall.traces.engine_settings import QUERY_SETTINGS
from pitwall.traces.error_groups.types import Sample, Split, Stack
from pitwall.traces.failures import AT, failures
from pitwall.traces.filters import Sql
from pitwall.traces.types import Selection

SPLITS: Final = ("version", "model", "environment", "name")
_TIMES: Final = ("is_now", "NOT is_now")
_MAX_VALUES: Final = 50
_STACK: Final = "exception.stacktrace"
_TEXTS: Final = "model version environment user_id session_id request_id".split()


class GroupFailures:
    """The failures of one group over the telemetry store.

    Args:
        engine: The telemetry store; its calls block.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def splits(self, selection: Selection, group: Sql, since_nano: int) -> dict[str, list[Split]]:
        """Count failures by the values of some columns, the most frequent first.

        Args:
            selection: The range with the time before.
            group: What holds for the failures of the group.
            since_nano: Start of the range.
        """
        columns = f"{', '.join(SPLITS)}, trace_id, span_id, {UNIX_NANO} >= {since_nano} AS is_now"
        failed = failures(selection, columns, group)
        counted = ", ".join(
            f"sumMapIf(map({name}, toUInt64(1)), {when})"
            for name in SPLITS
            for when in ("is_now", "NOT is_now")
        )
        rows = self._engine.query(
            f"SELECT {counted} FROM ({failed.text})", failed.parameters, settings=QUERY_SETTINGS
        ).rows
        maps = iter(rows[0] if rows else ({},) * 2 * len(SPLITS))
        return {name: _split(next(maps), next(maps)) for name in SPLITS}

    def newest(self, selection: Selection, group: Sql, limit: int) -> list[Sample]:
        """Fetch the newest failures of a group."""
        columns = f"{AT}, trace_id, span_id, name, status_message, duration_ms, {', '.join(_TEXTS)}"
        failed = failures(selection, columns, group)
        sql = f"SELECT * FROM ({failed.text}) ORDER BY at DESC, span_id LIMIT {limit}"
        rows = self._engine.query(sql, failed.parameters, settings=QUERY_SETTINGS).dicts()
        return [_sample(row) for row in rows]

    def stack(self, project: str, samples: Sequence[Sample]) -> Stack | None:
        """Fetch the stack trace of the first sample that has one."""
        if not samples:
            return None
        first, last = (end(one.unix_nano for one in samples) for end in (min, max))
        listed = id_list(bytes.fromhex(one.span_id) for one in samples)
        sql = (
            "SELECT span_id, arrayFirst(t -> t != '', arrayConcat("
            f"arrayMap(e -> e.3['{_STACK}'], arrayReverse(events)), [attributes['{_STACK}']])) AS stack "
            f"FROM spans WHERE project = {{project:String}} AND span_id IN {listed} AND stack != '' "
            f"AND started_at BETWEEN fromUnixTimestamp64Nano({first}, 'UTC') "
            f"AND fromUnixTimestamp64Nano({last}, 'UTC')"
        )
        rows = self._engine.query(sql, {"project": project}, settings=QUERY_SETTINGS).rows
        stacks = {span_id.hex(): stack for span_id, stack in rows}
        found = next((one for one in samples if one.span_id in stacks), None)
        if found is None:
            return None
        return Stack(found.trace_id, found.span_id, str(decode_value(stacks[found.span_id])))


def _split(now: Mapping[str, int], before: Mapping[str, int]) -> list[Split]:
    values: Iterable[str] = now.keys() | before.keys()
    counts = [Split(value, now.get(value, 0), before.get(value, 0)) for value in values]
    return sorted(counts, key=lambda one: (-one.count, -one.previous_count, one.value))[:_MAX_VALUES]


def _sample(row: Mapping[str, Any]) -> Sample:
    return Sample(
        unix_nano=row["at"],
        trace_id=row["trace_id"].hex(),
        span_id=row["span_id"].hex(),
        name=row["name"],
        message=row["status_message"] or None,
        duration_ms=row["duration_ms"],
        **{name: row[name] or None for name in _TEXTS},
    )
