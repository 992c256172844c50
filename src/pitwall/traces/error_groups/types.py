"""What a group of alike failures is, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from pitwall.traces.conditions import NANOS_PER_HOUR
from pitwall.traces.failures import group_id
from pitwall.traces.types import Selection

SILENCE_NANO: Final = 24 * NANOS_PER_HOUR
"""What comes back after so long a silence has regressed."""


class GroupStatus(StrEnum):
    """Where a group stands in a range."""

    NEW = "new"
    """First seen in it."""
    REGRESSED = "regressed"
    """Seen before, then silent for a day or longer, and back."""
    ONGOING = "ongoing"
    """Seen before, without such a silence."""
    QUIET = "quiet"
    """Seen before, and not in it."""


class GroupKey(NamedTuple):
    """What failures of a group have in common; empty where spans do not say."""

    error_class: str
    error_type: str
    message: str
    service: str

    @property
    def id(self) -> str:
        return group_id(*self)


class KnownKeys:
    """What ids of groups stand for, as far as they were met; made of nothing else, they stay true."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._keys: dict[str, GroupKey] = {}

    def get(self, group_id: str) -> GroupKey | None:
        return self._keys.get(group_id)

    def add(self, key: GroupKey) -> None:
        if len(self._keys) >= self._most:
            self._keys = {}
        self._keys[key.id] = key


class Seen(NamedTuple):
    """When a group was first seen as far as telemetry is kept, and last before a range; None if never."""

    first_nano: int | None
    last_nano: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A group as a range and the time of equal length before show it.

    Attributes:
        first_nano: Of the failures in the range; None if there are none. So `last_nano`.
        before_nano: Of the first and the last failure in the time before; None if there are none.
        models: With how many failures of the range each had, as `names` and `versions`.
        trend: Failures by bucket of the range.
        user_count: Users whom the failures of the range hit, as far as spans name them.
        example: Trace id and span id of the newest failure of both times.
    """

    key: GroupKey
    count: int
    previous_count: int
    first_nano: int | None
    last_nano: int | None
    before_nano: tuple[int, int] | None
    models: Mapping[str, int]
    names: Mapping[str, int]
    versions: Mapping[str, int]
    trend: Sequence[int]
    user_count: int
    session_count: int
    trace_count: int
    example: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group with what is known of its past.

    Attributes:
        first_nano: First seen as far as telemetry is kept; so `last_nano`, to the end of the range.
    """

    counted: Counted
    status: GroupStatus
    first_nano: int
    last_nano: int


@dataclass(frozen=True, slots=True)
class Trend:
    """Equal buckets over a range.

    Attributes:
        width_nano: The last bucket may reach past the end of the range.
    """

    since_nano: int
    until_nano: int
    count: int

    @property
    def width_nano(self) -> int:
        return max(1, -(-(self.until_nano - self.since_nano) // self.count))

    def spread(self, counts: Mapping[int, int]) -> list[int]:
        """Write counts by number of bucket as a list."""
        return [counts.get(index, 0) for index in range(self.count)]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupQuestion:
    """Which groups are asked for.

    Attributes:
        selection: With both limits; the time of equal length before is looked at, too.
        statuses: Only these; all if empty.
    """

    selection: Selection
    trend: Trend
    statuses: frozenset[GroupStatus] = frozenset()
    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a group stands in the list: most frequent first, then most frequent before."""

    count: int
    previous_count: int
    id: str


@dataclass(frozen=True, slots=True)
class GroupPage:
    """A page of groups.

    Attributes:
        trend: With the limits of the range that the page is about.
        total: All failures of the range, listed or not.
    """

    groups: Sequence[Group]
    trend: Trend
    total: int
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Split:
    """How many failures of a group had a value, in the range and in the time before."""

    value: str
    count: int
    previous_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One failure of a group, with its own message."""

    unix_nano: int
    trace_id: str
    span_id: str
    name: str
    message: str | None
    model: str | None
    version: str | None
    environment: str | None
    user_id: str | None
    session_id: str | None
    request_id: str | None
    duration_ms: float | None


class Stack(NamedTuple):
    """The stack trace of the newest sample that has one."""

    trace_id: str
    span_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGroup:
    """One group with its failures; splits by column."""

    group: Group
    splits: Mapping[str, Sequence[Split]]
    samples: Sequence[Sample]
    stack: Stack | None


def status_of(counted: Counted, seen: Seen) -> GroupStatus:
    """Tell where a group stands; pure.

    Args:
        seen: Before the range.
    """
    if counted.first_nano is None:
        return GroupStatus.QUIET
    if seen.last_nano is None:
        return GroupStatus.NEW
    is_back = counted.first_nano - seen.last_nano >= SILENCE_NANO
    return GroupStatus.REGRESSED if is_back else GroupStatus.ONGOING


def with_past(counted: Counted, seen: Seen) -> Group:
    """Join what a range shows with the past before it; one of both has the group."""
    firsts = [nano for nano in (seen.first_nano, counted.first_nano) if nano is not None]
    lasts = [nano for nano in (seen.last_nano, counted.last_nano) if nano is not None]
    return Group(
        counted=counted, status=status_of(counted, seen), first_nano=min(firsts), last_nano=max(lasts)
    )
