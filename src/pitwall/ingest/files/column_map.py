"""The column map: which field of a record comes from which column, in which unit.

    started_at=TIMESTAMP,input_tokens=ContextTokens      a field and its column
    duration_ms=latency:s                                a number in another unit: ns us ms s m h
    started_at=timestamp:ms@2026-01-01T00:00:00Z         a time counted from an origin
    started_at=when:%m/%d/%Y, %H:%M:%S                   a time in a format of its own (as strptime has it)
    model="Unnamed: 0"                                   a column whose name has a colon, an @ or a comma
    attributes.trail=trail                               any other attribute

Fields are those of `fields`. In JSONL a column is a key, and `usage.prompt` a key within an object.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pitwall.ingest.files.errors import BadLine, InvalidMap
from pitwall.ingest.files.fields import ALIASES, ATTRIBUTE_PREFIX, MODEL_CALL, NAMES, TIMES
from pitwall.ingest.files.times import NANOS_BY_UNIT, TimeRule

_NAME = r"[A-Za-z_]+(?:\.[^=,\s]+)?"
_SEPARATOR = re.compile(rf",(?=\s*{_NAME}=)")
_ENTRY = re.compile(
    rf"\s*(?P<field>{_NAME})=(?:\"(?P<quoted>[^\"]+)\"|(?P<column>[^:@,=]+))"
    r"(?::(?P<unit>(?:%.+|[a-z]+)))?(?:@(?P<origin>\S+))?\s*"
)
_DURATION_FIELDS = frozenset({"duration_ms", "ttft_ms"})
_EXAMPLE = "Write entries like started_at=TIMESTAMP,duration_ms=latency:s."


@dataclass(frozen=True, slots=True)
class Entry:
    """One field and where it comes from.

    Attributes:
        factor: For a length of time: what its number is multiplied by to become milliseconds.
        time: For a time: how it is read.
    """

    field: str
    column: str
    factor: float = 1.0
    time: TimeRule | None = None


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """A checked map: entries and the values of fields that no column has."""

    entries: tuple[Entry, ...]
    constants: Mapping[str, str]

    def check_columns(self, columns: Sequence[str]) -> None:
        """Make sure that every column exists.

        Raises:
            InvalidMap: One does not; the message names the nearest that does.
        """
        for entry in self.entries:
            if entry.column not in columns:
                raise InvalidMap(
                    f"There is no column {entry.column!r} (for {entry.field}).",
                    hint=f"{_nearest(entry.column, columns)}The columns are {', '.join(columns)}.",
                    details={"column": entry.column, "columns": list(columns)},
                )


def parse_map(mapping: Iterable[str], constants: Mapping[str, str], *, timezone: str = "UTC") -> ColumnMap:
    """Read a map.

    Args:
        mapping: Texts with one or more entries each, separated by commas.
        constants: Values by field.
        timezone: Zone of times that name none, such as `Asia/Seoul`.

    Raises:
        InvalidMap: An entry is malformed, a field does not exist or is given twice, or no time is mapped.
    """
    zone = find_zone(timezone)
    entries = [
        _parse_entry(text, zone) for part in mapping for text in _SEPARATOR.split(part) if text.strip()
    ]
    values = {_field_of(name): value for name, value in constants.items()}
    seen: set[str] = set()
    for name in [entry.field for entry in entries] + list(values):
        if name in seen:
            raise InvalidMap(f"The field {name!r} is given twice in the column map.")
        seen.add(name)
    if not seen & TIMES:
        raise InvalidMap(
            "The column map has no started_at: nobody would know when things happened.", hint=_EXAMPLE
        )
    if "kind" not in seen:
        values["kind"] = "llm" if seen & MODEL_CALL else "other"
    return ColumnMap(tuple(entries), values)


def find_zone(name: str) -> ZoneInfo:
    """Return a time zone by its name.

    Raises:
        InvalidMap: There is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidMap(
            f"{name!r} is not a time zone.", hint="Write it like UTC, Asia/Seoul or Europe/Berlin."
        ) from None


def _parse_entry(text: str, zone: ZoneInfo) -> Entry:
    match = _ENTRY.fullmatch(text)
    if match is None:
        raise InvalidMap(
            f"{text.strip()!r} is no entry of a column map.",
            hint=f"{_EXAMPLE} A column name with other signs than these stands in double quotes.",
        )
    column = match["quoted"] or match["column"].strip()
    field = _field_of(match["field"], column)
    unit, origin = match["unit"] or "", match["origin"]
    if field in TIMES:
        return Entry(field, column, time=_time_rule(text, unit, origin, zone))
    if origin is not None:
        raise InvalidMap(f"{text.strip()!r} has an origin, but {field} is no time.")
    return Entry(field, column, factor=_factor(text, field, unit))


def _time_rule(text: str, unit: str, origin: str | None, zone: ZoneInfo) -> TimeRule:
    if unit.startswith("%"):
        return TimeRule(format=unit, zone=zone)
    if unit and unit not in NANOS_BY_UNIT:
        raise _unknown_unit(text, unit)
    if origin is None:
        return TimeRule(unit, zone=zone)
    try:
        counted_from = TimeRule(zone=zone).read("the origin", origin)
    except BadLine as bad:
        raise InvalidMap(f"In {text.strip()!r} {bad.message}.") from None
    return TimeRule(unit or "s", counted_from, zone=zone)


def _factor(text: str, field: str, unit: str) -> float:
    if not unit:
        return 1.0
    if unit not in NANOS_BY_UNIT:
        raise _unknown_unit(text, unit)
    if field not in _DURATION_FIELDS:
        raise InvalidMap(f"{text.strip()!r} has a unit, but {field} is no length of time.")
    return NANOS_BY_UNIT[unit] / NANOS_BY_UNIT["ms"]


def _field_of(name: str, column: str = "") -> str:
    field = ALIASES.get(name, name)
    if field in NAMES or field.startswith(ATTRIBUTE_PREFIX):
        return field
    if column in NAMES:
        raise InvalidMap(f"{name!r} is not a field.", hint=f"The field stands first: write {column}={name}.")
    raise InvalidMap(
        f"{name!r} is not a field.",
        hint=f"{_nearest(name, sorted(NAMES))}Keep a column of another meaning with attributes.{name}.",
    )


def _nearest(name: str, names: Sequence[str]) -> str:
    lowered = {candidate.lower(): candidate for candidate in names}
    found = difflib.get_close_matches(name.lower(), lowered, n=1)
    return f"Did you mean {lowered[found[0]]}? " if found else ""


def _unknown_unit(text: str, unit: str) -> InvalidMap:
    return InvalidMap(
        f"The unit {unit!r} in {text.strip()!r} is not known.", hint=f"Use {', '.join(NANOS_BY_UNIT)}."
    )
