"""The wire shapes of incidents."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from pitwall.alerts.views import AlertView
from pitwall.changes.schemas import ListedChangeView
from pitwall.core.vocabulary import Severity
from pitwall.incidents.types import IncidentState
from pitwall.kit.text import check_line, check_storable

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(check_line)
]
Prose = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000),
    AfterValidator(check_storable),
]
ByLanguage = dict[str, str]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Assignment(_Written):
    """Who takes care of an incident."""

    to: Name | None = Field(description="Null for nobody.")


class Comment(_Written):
    """What somebody says of an incident."""

    text: Prose


class Resolution(_Written):
    """Why an incident is over."""

    note: Prose | None = Field(default=None, description="What ended it.")


class IncidentRow(BaseModel):
    """An incident in a list."""

    id: str
    number: int = Field(description="Counts the incidents of the project.")
    title: ByLanguage
    state: IncidentState
    severity: Severity = Field(description="The worst that any of its alerts had.")
    labels: dict[str, str] = Field(description="What the labels of its alerts have in common.")
    opened_at: datetime
    updated_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    assignee: str | None
    resolved_at: datetime | None
    resolved_by: str | None = Field(description="Null if it ended because all its alerts were over.")
    alert_count: int
    active_alert_count: int


class IncidentCounts(BaseModel):
    """How many incidents of the project are in each state."""

    open: int
    acknowledged: int
    resolved: int


class IncidentList(BaseModel):
    """Incidents, newest first."""

    incidents: list[IncidentRow]
    counts: IncidentCounts
    next_cursor: str | None = Field(description="Where the next page begins; null at the end.")


class MemberView(AlertView):
    """An alert of an incident; one that is gone is shown by the last that was told of it."""

    is_active: bool = Field(description="Whether it keeps the incident from ending.")


class EntryView(BaseModel):
    """Something that happened."""

    id: str | None
    at: datetime
    kind: str = Field(
        description="`opened`, `alert_fired`, `alert_escalated`, `alert_eased`, `alert_resolved`, "
        "`alert_no_data`, `alert_error`, `alert_flapping`, `acknowledged`, `assigned`, `commented`, "
        "`resolved`, `reopened`, `change`."
    )
    by: str | None = Field(description="Null for what happened by itself.")
    text: ByLanguage
    alert_id: str | None
    rule: str | None
    severity: str | None
    value: float | None
    change: ListedChangeView | None


class Span(BaseModel):
    """A half-open stretch of time."""

    since: datetime
    until: datetime


class ContributionView(BaseModel):
    """The part that records with one value of a dimension have in a change."""

    dimension: str
    title: ByLanguage = Field(description="What the dimension is called for people.")
    value: str = Field(description="Empty for records that have none.")
    is_outcome: bool = Field(description="Whether it says how records ended, not what they were.")
    share: float = Field(
        description="Part of the whole change; of a quantile, of the records that were added beyond it."
    )
    rate_effect: float | None = Field(description="Part of the change because it became worse itself.")
    mix_effect: float | None = Field(description="Part of the change because more or less of all is of it.")
    before: float | None
    now: float | None
    without: float | None = Field(description="What the whole would be now without these records.")
    count: int = Field(description="Records now.")
    count_before: int
    traffic_before: float | None = Field(description="Its part of all records before.")
    traffic_now: float | None
    example_trace_ids: list[str]


class ElsewhereView(BaseModel):
    """The same signal for all other records of the service."""

    before: float | None
    now: float | None
    count_before: int
    count: int


class IncidentExplanationView(BaseModel):
    """What explains an incident, computed from telemetry."""

    status: str = Field(
        description="`explained`: one value stands out; `spread`: none does; `no_change`: it differs little "
        "from before; `not_enough_data`; `not_applicable`: the signal is gone or cannot be taken apart; "
        "`failed`: the store did not answer."
    )
    signal: str
    unit: str
    labels: dict[str, str]
    where: str
    before: float | None
    now: float | None
    count_before: int
    count: int
    window: Span
    baseline: Span | None
    elsewhere: ElsewhereView | None = Field(
        description="Of all other records of the service, where the alert is about some of them only."
    )
    contributions: list[ContributionView] = Field(description="What explains most first.")
    changes: list[ListedChangeView] = Field(description="What was changed around its beginning.")
    example_trace_ids: list[str]
    text: ByLanguage
    computed_at: datetime


class IncidentView(IncidentRow):
    """An incident with all that is known of it."""

    alerts: list[MemberView] = Field(description="Active ones first, at most 200.")
    timeline: list[EntryView] = Field(description="What happened and what was changed, oldest first.")
    changes: list[ListedChangeView] = Field(
        description="What was changed shortly before it began, and until it ended or a day after."
    )
    explanation: IncidentExplanationView | None = Field(description="Null until it has been computed.")
