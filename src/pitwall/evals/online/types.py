"""What evaluating live traffic is made of: rules, the traces that they chose, and how a day went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

DEFAULT_MAX_CALLS: Final = 1_000
DEFAULT_SETTLE_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleContent:
    """What a rule says.

    Attributes:
        metrics: As they are asked for: `offline_groundedness`, `json_valid`, `faithfulness`.
        filters: As `column:operator:value`; all hold for the root span.
        sample_rate: Share of the traces, above 0 and at most 1.
        settle_seconds: How long nothing of a trace must have arrived before it counts as complete.
        profile: Of models; None takes the one that settings choose.
        max_calls_per_day: Calls to models in a day of UTC.
        max_cost_usd_per_day: US dollars; None for no limit.
    """

    metrics: tuple[str, ...]
    filters: tuple[str, ...] = ()
    sample_rate: float = 1.0
    settle_seconds: float = DEFAULT_SETTLE_SECONDS
    profile: str | None = None
    max_calls_per_day: int = DEFAULT_MAX_CALLS
    max_cost_usd_per_day: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineRule:
    """A rule of a project.

    Attributes:
        begins_ms: Traces whose root arrived before are none of its business (unix milliseconds).
        position_ms: Traces whose root arrived before have been looked at.
        pack: The pack that brings it; None for one of the team.
        error: Why its last round failed, None if it did not.
    """

    id: str
    project_id: str
    name: str
    content: RuleContent
    is_enabled: bool
    begins_ms: int
    position_ms: int
    updated_at: datetime
    updated_by: str
    pack: str | None = None
    error: str | None = None
    error_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PackRule:
    """A rule that a pack brings, for one project."""

    pack: str
    project_id: str
    name: str
    content: RuleContent


class ScoringState(StrEnum):
    """What becomes of a trace that a rule chose."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A root span that arrived, and so a trace that a rule may choose."""

    trace_id: str
    span_id: str
    service: str
    environment: str
    arrived_ms: int


@dataclass(frozen=True, slots=True)
class Scoring:
    """A trace that a rule chose and that nobody else works on."""

    arrival: Arrival
    due_at: datetime


LEFT_OUT: Final = "left_out"
"""Status of a metric that was not computed because the budget of the day is spent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a metric said of a trace; `status` is one of `ScoreStatus`, or `LEFT_OUT`."""

    metric: str
    identity: str
    status: str
    value: float | None = None
    reason: str | None = None
    explanation: str | None = None
    is_judged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a metric said of a trace, and when."""

    trace_id: str
    at: datetime
    result: Result


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDay:
    """How a rule's day went so far.

    Attributes:
        day: In UTC, as `2026-11-28`.
        traces: That are done.
        scored: Scores with a value.
        left_out: Scores that the budget left out.
        calls: To models.
        cost_usd: Of the calls that have a price; None if calls were made and none has one.
        unpriced_calls: Calls without a price.
    """

    day: str
    traces: int = 0
    scored: int = 0
    not_applicable: int = 0
    errors: int = 0
    left_out: int = 0
    calls: int = 0
    cost_usd: Decimal | None = Decimal(0)
    unpriced_calls: int = 0
    last_scored_at: datetime | None = None

    def is_spent(self, content: RuleContent) -> bool:
        """Whether no further call fits into the day."""
        money = content.max_cost_usd_per_day
        return self.calls >= content.max_calls_per_day or (
            money is not None and (self.cost_usd or 0) >= money
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleState:
    """A rule with what it does.

    Attributes:
        waiting: Traces that were chosen and are not done.
        last: What it said last, newest first.
        failed: The errors of today, newest first.
    """

    rule: OnlineRule
    today: RuleDay
    waiting: int
    last: Sequence[Judged] = ()
    failed: Sequence[Judged] = ()


def content_view(content: RuleContent) -> dict[str, Any]:
    """A rule's content as it is stored and shown."""
    money = content.max_cost_usd_per_day
    return {
        "metrics": list(content.metrics),
        "filters": list(content.filters),
        "sample_rate": content.sample_rate,
        "settle_seconds": content.settle_seconds,
        "profile": content.profile,
        "max_calls_per_day": content.max_calls_per_day,
        "max_cost_usd_per_day": None if money is None else str(money),
    }


def read_content(stored: Mapping[str, Any]) -> RuleContent:
    """Read what `content_view` wrote."""
    money = stored["max_cost_usd_per_day"]
    return RuleContent(
        metrics=tuple(stored["metrics"]),
        filters=tuple(stored["filters"]),
        sample_rate=stored["sample_rate"],
        settle_seconds=stored["settle_seconds"],
        profile=stored["profile"],
        max_calls_per_day=stored["max_calls_per_day"],
        max_cost_usd_per_day=None if money is None else Decimal(money),
    )


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at arrivals found.

    Attributes:
        until_ms: All that arrived before is in it.
    """

    arrivals: Sequence[Arrival] = field(default_factory=tuple)
    until_ms: int = 0
