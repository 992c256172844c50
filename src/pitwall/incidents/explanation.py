"""What explains an incident, as a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from pitwall.changes.types import ListedChange
from pitwall.incidents.decomposition import NOTHING, Measure, Part
from pitwall.kit.i18n import Text

PLACES: Final = ("service", "environment")
"""Labels that say where an alert is, not what it is about."""


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
        title: What the dimension is called for people.
        is_outcome: The dimension says how records ended, such as the class of errors, not what they were.
        without: What the whole would be now without these records; None where that is a sum or no data.
    """

    dimension: str
    title: Text
    part: Part
    is_outcome: bool = False
    without: float | None = None
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
        elsewhere: The same before and now of all other records of the service, where the alert is about some
            of them only.
        contributions: What explains most first, values before outcomes.
        changes: What was changed around the beginning, the most telling first.
        fired_at: When the first alert fired.
        is_scaled: Whether the value before is of a longer time, as it would be in one as long as now.
        is_quantile: Whether parts are those of the records beyond the value before.
    """

    status: Status
    subject: Subject
    window: Stretch
    computed_at: datetime
    fired_at: datetime
    is_quantile: bool = False
    is_scaled: bool = False
    baseline: Stretch | None = None
    before: Measure = NOTHING
    now: Measure = NOTHING
    elsewhere: tuple[Measure, Measure] | None = None
    contributions: Sequence[Contribution] = ()
    changes: Sequence[ListedChange] = ()
    example_trace_ids: Sequence[str] = ()
