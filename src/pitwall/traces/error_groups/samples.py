"""The failures of one group: by what they split, the newest of them, and where in the code they happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pitwall.ingest.mapping.values import decode_value
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.conditions import id_list
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
_UNKNOWN: Final = -1.0
_COLUMNS: Final = f"{AT}, trace_id, span_id, name, status_message, duration_ms, {', '.join(_TEXTS)}"
_SAMPLED: Final = (
    f"toString(name), status_message, ifNull(duration_ms, {_UNKNOWN}), "
    f"{', '.join(f'toString({name})' for name in _TEXTS)}"
)


class GroupFailures:
    """The failures of one group over the telemetry store.

    Args:
        engine: The telemetry store; its calls block.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def read(
        self, selection: Selection, group: Sql, since_nano: int, limit: int
    ) -> tuple[dict[str, list[Split]], list[Sample]]:
        """Count failures by the values of some columns, the most frequent first, and fetch the newest.

        Args:
            selection: The range with the time before.
            group: What holds for the failures of the group.
            since_nano: Start of the range.
            limit: Samples at most.
        """
        failed = failures(selection, f"{_COLUMNS}, at >= {since_nano} AS is_now", group)
        counted = ", ".join(
            f"sumMapIf(map({name}, toUInt64(1)), {when})" for name in SPLITS for when in _TIMES
        )
        newest = f"groupArraySorted({limit})((-at, span_id, trace_id, {_SAMPLED}))"
        rows = self._engine.query(
            f"SELECT {newest}, {counted} FROM ({failed.text})", failed.parameters, settings=QUERY_SETTINGS
        ).rows
        samples, *counts = rows[0]
        maps = iter(counts)
        return {name: _split(next(maps), next(maps)) for name in SPLITS}, list(map(_sample, samples))

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


def _sample(row: tuple[Any, ...]) -> Sample:
    at, span_id, trace_id, name, message, duration, *texts = row
    return Sample(
        unix_nano=-at,
        trace_id=trace_id.hex(),
        span_id=span_id.hex(),
        name=name,
        message=message or None,
        duration_ms=None if duration == _UNKNOWN else duration,
        **dict(zip(_TEXTS, (text or None for text in texts), strict=True)),
    )
