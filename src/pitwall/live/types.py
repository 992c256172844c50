"""What there is to tell live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from pitwall.traces.types import TraceRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How fresh and how whole the numbers of a project are.

    Attributes:
        watermark: Time up to which data counts as complete, as in every answer of signals.
        lag_seconds: Age of the oldest acknowledged record of this server that cannot be queried yet; 0 if
            there is none.
        pending_records: How many such records there are.
        completeness: Share of the applications' spans of the last hour that reached the server, by their own
            count; None if nobody reports it, or the store does not answer.
        last_received_at: When the newest record of the project that can be queried arrived; None if there is
            none, or it is not known because the store has not answered yet.
    """

    now: datetime
    watermark: datetime
    lag_seconds: float
    pending_records: int
    completeness: float | None
    last_received_at: datetime | None

    def has_other_facts(self, earlier: Freshness) -> bool:
        """Whether more has changed than that time has passed."""
        return (self.lag_seconds, self.pending_records, self.completeness, self.last_received_at) != (
            earlier.lag_seconds,
            earlier.pending_records,
            earlier.completeness,
            earlier.last_received_at,
        )


class Window(NamedTuple):
    """Whole minutes that have become complete, half-open."""

    start: datetime
    end: datetime


class Audience(NamedTuple):
    """Whose traces a listener wants to hear of; None is everybody's."""

    environment: str | None = None
    service: str | None = None


class Arrivals(NamedTuple):
    """Traces of which something has newly arrived.

    Attributes:
        rows: Those with a new root span first, then by start, newest first.
        has_more: Whether there are others.
    """

    rows: Sequence[TraceRow]
    has_more: bool


class News(NamedTuple):
    """Events of a topic that have newly been published.

    Attributes:
        name: Of the live event.
        payloads: Oldest first.
        has_more: Whether there were earlier ones that are not told.
    """

    name: str
    payloads: Sequence[Mapping[str, Any]]
    has_more: bool
