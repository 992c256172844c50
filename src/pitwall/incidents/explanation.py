"""What explains an incident, as a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pitwall.changes.types import ListedChange
from pitwall.incidents.decomposition import NOTHING, Measure, Part
from pitwall.kit.i18n import Text


class Status(StrEnum):
    """How far the explanation goes."""

    EXPLAINED = "explained"
    SPREAD = "spread"
    NO_CHANGE = "no_change"
    NOT_ENOUGH_DATA = "not_enough_data"
    NOT_APPLICABLE = "not_applicable"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A half-open stretch of time."""

    since: datetime
    until: datetime

    @property
    def seconds(self) -> float:
        """Its length."""
        return (self.until - self.since).total_seconds()


@dataclass(frozen=True, slots=True)
class Contribution:
    """A value of a dimension that stands out, with traces behind it.

    Attributes:
        is_outcome: The dimension says how records ended, such as the class of errors, not what they were.
    """

    dimension: str
    part: Part
    is_outcome: bool = False
    example_trace_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What is explained: a signal with the labels and the condition of its alert."""

    signal: str
    title: Text
    unit: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What explains an incident.

    Attributes:
        window: The stretch of the incident that was looked at.
        baseline: What it is compared with; None if nothing is.
        before: The value then; of sums for as long a time as now.
        contributions: What explains most first, values before outcomes.
        changes: What was changed around the beginning, the most telling first.
        fired_at: When the first alert fired.
    """

    status: Status
    subject: Subject
    window: Stretch
    computed_at: datetime
    fired_at: datetime
    baseline: Stretch | None = None
    before: Measure = NOTHING
    now: Measure = NOTHING
    contributions: Sequence[Contribution] = ()
    changes: Sequence[ListedChange] = ()
    example_trace_ids: Sequence[str] = ()
