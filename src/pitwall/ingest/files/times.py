"""Times as files have them: ISO 8601, Unix numbers, counted from an origin, or in a format of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from pitwall.ingest.files.errors import BadLine, LineReason
from pitwall.kit.clock import to_unix_nano

NANOS_BY_UNIT = {
    "ns": 1,
    "us": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# Unix numbers without a unit: seconds until the year 5138, milliseconds until 5138, and so on.
_LARGEST = 2**63
_UNIT_LIMITS = ((10**11, "s"), (10**14, "ms"), (10**17, "us"))


@dataclass(frozen=True, slots=True)
class TimeRule:
    """How a field tells a time.

    Attributes:
        unit: Key of `NANOS_BY_UNIT` for numbers; empty tells it from the size.
        origin_unix_nano: What numbers count from; None is 1970.
        format: As `datetime.strptime` takes it; empty for ISO 8601.
        zone: Of texts that name none.
    """

    unit: str = ""
    origin_unix_nano: int | None = None
    format: str = ""
    zone: tzinfo = UTC

    def read(self, name: str, value: Any) -> int:
        """Return nanoseconds since 1970.

        Raises:
            BadLine: The value is no time; the text names the field.
        """
        if type(value) is str:
            return self._read_text(name, value)
        if type(value) in (int, float):
            try:
                return self._read_number(value)
            except OverflowError:
                pass
        raise _no_time(name, value)

    def _read_text(self, name: str, text: str) -> int:
        if self.format:
            try:
                return to_unix_nano(self._in_zone(datetime.strptime(text, self.format)))  # noqa: DTZ007
            except ValueError:
                raise _no_time(name, text, f" in the format {self.format!r}") from None
        if not self.unit:
            try:
                return self._read_iso(text)
            except ValueError:
                pass
        try:
            return self._read_number(Decimal(text))
        except (InvalidOperation, ValueError, OverflowError):
            raise _no_time(name, text) from None

    def _read_iso(self, text: str) -> int:
        moment = self._in_zone(datetime.fromisoformat(text.removesuffix(" UTC")))
        micros = (moment - _EPOCH) // _MICROSECOND
        return micros * 1000 + _digits_below_micros(text)

    def _in_zone(self, moment: datetime) -> datetime:
        return moment.replace(tzinfo=self.zone) if moment.tzinfo is None else moment

    def _read_number(self, number: float | Decimal) -> int:
        size = abs(float(number))
        if size > _LARGEST:
            raise OverflowError
        unit = self.unit or next((unit for limit, unit in _UNIT_LIMITS if size < limit), "ns")
        if type(number) is float:
            # A float of seconds since 1970 is no better than a quarter of a microsecond.
            nanos = round(number * (NANOS_BY_UNIT[unit] / 1000)) * 1000
        else:
            nanos = int(number * NANOS_BY_UNIT[unit])
        return nanos + (self.origin_unix_nano or 0)


def _digits_below_micros(text: str) -> int:
    """Return the nanoseconds that `datetime` cuts off."""
    point = text.find(".")
    if point < 0 or len(text) < point + 8:
        return 0
    digits = ""
    for character in text[point + 7 : point + 10]:
        if not character.isdigit():
            break
        digits += character
    return int(digits.ljust(3, "0")) if digits else 0


def _no_time(name: str, value: Any, how: str = "") -> BadLine:
    return BadLine(LineReason.WRONG_TYPE, f"{name} is {value!r:.60}, which is no time{how}")
