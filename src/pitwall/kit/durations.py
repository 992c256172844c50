"""Lengths of time and instants as people write them: `5m`, `1h30m`, `7d`, `now-1h`, ISO 8601."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_SECONDS_BY_UNIT = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdw])", re.ASCII)
_DURATION = re.compile(rf"(?:{_PART.pattern})+", re.ASCII)
_RELATIVE = re.compile(r"now(?:(?P<sign>[+-])(?P<length>\S+))?")


class InvalidDuration(ValueError):
    """The text is no length of time; the message shows how to write one."""


class InvalidInstant(ValueError):
    """The text is no instant; the message shows how to write one."""


def parse_duration(text: str) -> timedelta:
    """Read a length of time such as `5m`, `1h30m`, `24h`, `7d` or `250ms`.

    Raises:
        InvalidDuration: The text is no such length, or longer than can be counted.
    """
    compact = text.strip().lower()
    if not _DURATION.fullmatch(compact):
        raise InvalidDuration(f"{text!r} is no length of time; write for example 30s, 5m, 1h30m or 7d")
    try:
        return sum(
            (
                timedelta(seconds=float(number) * _SECONDS_BY_UNIT[unit])
                for number, unit in _PART.findall(compact)
            ),
            timedelta(),
        )
    except OverflowError as error:
        raise InvalidDuration(f"{text!r} is too long a time") from error


def format_duration(length: timedelta) -> str:
    """Write a length of time the way `parse_duration` reads it: `90s` becomes `1m30s`, zero becomes `0s`.

    Fractions of a millisecond are dropped.

    Raises:
        InvalidDuration: The length is negative.
    """
    if length < timedelta():
        raise InvalidDuration(f"a length of time cannot be negative: {length.total_seconds()} s")
    milliseconds = length // timedelta(milliseconds=1)
    parts = []
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, milliseconds = divmod(milliseconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def parse_instant(text: str, *, now: datetime) -> datetime:
    """Read an instant: `now`, `now-1h`, `-1h` or `1h` (both before now), an ISO 8601 date or time.

    Args:
        text: What the user wrote; a time without a zone is UTC.
        now: The present, aware.

    Returns:
        An aware UTC datetime.

    Raises:
        InvalidInstant: The text is none of these, or outside the years 1 to 9999.
    """
    compact = text.strip()
    ago = compact.lower().removeprefix("-")
    relative = _RELATIVE.fullmatch(f"now-{ago}" if _DURATION.fullmatch(ago) else compact.lower())
    try:
        if relative:
            return _shift(now, relative["sign"], relative["length"])
        moment = datetime.fromisoformat(compact)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInstant(
            f"{text!r} is no instant; write for example 1h (ago), now-1h, 2026-11-20 or 2026-11-20T09:00:00Z"
        ) from error


def _shift(now: datetime, sign: str | None, length: str | None) -> datetime:
    moment = now.astimezone(UTC)
    if length is None:
        return moment
    return moment - parse_duration(length) if sign == "-" else moment + parse_duration(length)


def format_instant(moment: datetime) -> str:
    """Write an aware datetime as ISO 8601 in UTC with a `Z`; fractions only if there are any.

    Raises:
        InvalidInstant: The datetime has no time zone.
    """
    if moment.tzinfo is None:
        raise InvalidInstant(f"{moment.isoformat()} has no time zone; use an aware datetime")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
