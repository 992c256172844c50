"""Since when groups of failures are known: a walk through what is kept, no further than it takes.

A group that fails all the time is met in the first stretch from either end. What is left is rare, so that few
messages have to be compared for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.stores.telemetry.literals import quoted
from pitwall.traces.conditions import MINUTE, NANOS_PER_HOUR, joined, selected
from pitwall.traces.engine_settings import QUERY_SETTINGS
from pitwall.traces.error_groups.types import GroupKey, Seen
from pitwall.traces.failures import AT, GROUP_ID, GROUP_KEYS, MESSAGE, PLACEHOLDERS, failures, normalised
from pitwall.traces.filters import Sql
from pitwall.traces.types import Selection

_FIRST_NANO: Final = 24 * NANOS_PER_HOUR
_GROWTH: Final = 4
_FEW: Final = 8
"""For so many groups their messages narrow the reading."""
_OLDEST: Final = (
    f"SELECT toInt64(toUnixTimestamp({MINUTE})) * 1000000000 FROM spans WHERE project = {{project:String}} "
    f"ORDER BY {MINUTE} LIMIT 1"
)
_SPECIAL: Final = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


class ErrorHistory:
    """The past of groups over the telemetry store.

    Args:
        engine: The telemetry store; its calls block.
    """

    def __init__(self, engine: TelemetryEngine) -> None:
        self._engine = engine

    def before(
        self, selection: Selection, groups: Mapping[GroupKey, tuple[int, int] | None], looked_nano: int
    ) -> dict[GroupKey, Seen]:
        """Tell when groups were seen before a range.

        Args:
            selection: Its filters hold for the past, too.
            groups: With their first and last failure between `looked_nano` and the range, None without any.
            looked_nano: Up to where the past has still to be looked at.
        """
        known = {key: Seen(*(ends or (None, None))) for key, ends in groups.items()}
        oldest = self.oldest(selection.project)
        if oldest is None or oldest >= looked_nano:
            return known
        lasts = {key: seen.last_nano for key, seen in known.items() if seen.last_nano is not None}
        unknown = known.keys() - lasts.keys()
        lasts |= self._walk(selection, unknown, _backwards(oldest, looked_nano), "max")
        firsts = self._walk(selection, lasts, _forwards(oldest, looked_nano), "min")
        return {key: Seen(firsts.get(key, seen.first_nano), lasts.get(key)) for key, seen in known.items()}

    def key(self, project: str, group_id: str, stretches: Iterable[tuple[int, int]]) -> GroupKey | None:
        """Find what failures of a group have in common; None if no stretch of time has one."""
        for first, end in stretches:
            failed = failures(_between(Selection(project=project), first, end), _KEYED)
            sql = f"SELECT {GROUP_KEYS} FROM ({failed.text}) WHERE {GROUP_ID} = {{id:String}} LIMIT 1"
            rows = self._rows(sql, {**failed.parameters, "id": group_id})
            if rows:
                return GroupKey(*rows[0])
        return None

    def stretches(self, project: str, until_nano: int) -> Iterator[tuple[int, int]]:
        """All that is kept of a project, from the newest to the oldest."""
        oldest = self.oldest(project)
        return iter(()) if oldest is None else _backwards(oldest, until_nano)

    def oldest(self, project: str) -> int | None:
        """The start of the minute of the oldest span that is kept."""
        rows = self._rows(_OLDEST, {"project": project})
        return rows[0][0] if rows else None

    def _walk(
        self,
        selection: Selection,
        keys: Iterable[GroupKey],
        stretches: Iterator[tuple[int, int]],
        end_of: str,
    ) -> dict[GroupKey, int]:
        found: dict[GroupKey, int] = {}
        left = set(keys)
        for first, end in stretches:
            if not left:
                break
            met = self._met(_between(selection, first, end), left, end_of)
            found |= met
            left -= met.keys()
        return found

    def _met(self, selection: Selection, keys: Collection[GroupKey], end_of: str) -> dict[GroupKey, int]:
        narrowed = any_of_groups(keys)
        if len(keys) <= _FEW and not self._may_be_there(selection, narrowed):
            return {}
        failed = failures(selection, f"{_KEYED}, {AT}", narrowed)
        sql = f"SELECT {GROUP_KEYS}, {end_of}(at) FROM ({failed.text}) GROUP BY {GROUP_KEYS}"
        met = {GroupKey(*row[:-1]): row[-1] for row in self._rows(sql, failed.parameters)}
        return {key: nano for key, nano in met.items() if key in keys}

    def _may_be_there(self, selection: Selection, narrowed: Sql) -> bool:
        """Whether anything looks like it: a third of the work, where mostly nothing does."""
        where = joined([selected(selection), narrowed])
        sql = f"SELECT 1 FROM spans WHERE {where.text} AND status = 'error' LIMIT 1"
        return bool(self._rows(sql, where.parameters))

    def _rows(self, sql: str, parameters: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        return self._engine.query(sql, parameters, settings=QUERY_SETTINGS).rows


_KEYED: Final = f"error_class, error_type, {MESSAGE}, service, trace_id, span_id"


def one_group(key: GroupKey) -> Sql:
    """What holds for the failures of a group and for nothing else."""
    text = f"{any_of_groups([key]).text} AND {normalised('status_message')} = {{group_message:String}}"
    return Sql(text, {"group_message": key.message})


def any_of_groups(keys: Collection[GroupKey]) -> Sql:
    """What holds for the failures of groups, and for few others."""
    if len(keys) > _FEW:
        alike = {(key.error_class, key.error_type, key.service) for key in keys}
        listed = ", ".join(f"({', '.join(map(quoted, one))})" for one in sorted(alike))
        return Sql(f"(error_class, error_type, service) IN ({listed})")
    return Sql(f"({' OR '.join(map(_may_be, sorted(keys)))})")


def _may_be(key: GroupKey) -> str:
    parts = [f"{name} = {quoted(getattr(key, name))}" for name in ("error_class", "error_type", "service")]
    return f"({' AND '.join([*parts, f'status_message LIKE {quoted(like(key.message))}'])})"


def like(message: str) -> str:
    """A LIKE pattern that every message has which becomes this one without what differs each time."""
    pattern = message.translate(_SPECIAL)
    for placeholder in PLACEHOLDERS:
        pattern = pattern.replace(placeholder, "%")
    return f"%{pattern.replace(' ', '%')}%"


def _between(selection: Selection, first: int, end: int) -> Selection:
    return replace(selection, since_nano=first, until_nano=end)


def _backwards(oldest: int, end: int) -> Iterator[tuple[int, int]]:
    """Stretches from the newest to the oldest, each longer than the one before."""
    length = _FIRST_NANO
    while end > oldest:
        first = max(oldest, end - length)
        yield first, end
        end, length = first, length * _GROWTH


def _forwards(first: int, until: int) -> Iterator[tuple[int, int]]:
    """Stretches from the oldest to the newest, each longer than the one before."""
    length = _FIRST_NANO
    while first < until:
        end = min(until, first + length)
        yield first, end
        first, length = end, length * _GROWTH
