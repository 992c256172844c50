"""The wire shapes of notifications, and the limits of what may be saved."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from pitwall.kit.durations import InvalidDuration, format_duration, parse_duration
from pitwall.kit.text import check_line, check_storable
from pitwall.notifications.errors import MatcherInvalid
from pitwall.notifications.maintenance import WEEKDAYS
from pitwall.notifications.matchers import parse_matcher
from pitwall.notifications.templates import MAX_TEMPLATE

MAX_YAML = 256 * 1024
_MAX_CHILDREN = 200
_MAX_MATCHERS = 20
_LONGEST_HOURS = 24 * 31


def _matcher(text: str) -> str:
    try:
        return str(parse_matcher(text))
    except MatcherInvalid as error:
        raise ValueError(str(error)) from error


def _duration(text: object) -> object:
    if not isinstance(text, str):
        return text
    try:
        length = parse_duration(text)
    except InvalidDuration as error:
        raise ValueError(str(error)) from error
    if length.total_seconds() > _LONGEST_HOURS * 3600:
        raise ValueError(f"{text!r} is longer than 31 days")
    return format_duration(length)


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{name!r} is no time zone; write for example Asia/Seoul or UTC") from error
    return name


Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
LabelName = Annotated[str, StringConstraints(pattern=r"^([A-Za-z_][A-Za-z0-9_.-]{0,99}|\.\.\.)$")]
MatcherText = Annotated[
    str, StringConstraints(max_length=1000), AfterValidator(check_line), AfterValidator(_matcher)
]
Matchers = Annotated[list[MatcherText], Field(max_length=_MAX_MATCHERS)]
Duration = Annotated[str, StringConstraints(max_length=40), AfterValidator(_duration)]
Sentence = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400), AfterValidator(check_line)
]
LanguageName = Literal["en", "ko"]
Address = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
SecretText = Annotated[str, StringConstraints(max_length=1000), AfterValidator(check_line)]
TemplateText = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_TEMPLATE), AfterValidator(check_storable)
]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_time_zone)]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RateBody(_Written):
    """How many messages a channel takes; what is more waits and comes as one summary."""

    per_minute: Annotated[float, Field(gt=0, le=6000)] = 30.0
    burst: Annotated[int, Field(ge=1, le=1000)] = 10


class TemplateBody(_Written):
    """A team's own words with `$names`, such as `$name is $value $link`; null for the built-in ones."""

    title: TemplateText | None = None
    body: TemplateText | None = None


class ChannelBody(_Written):
    """A channel to save."""

    kind: Literal["webhook", "slack", "apprise"]
    url: Address | None = Field(
        default=None,
        description="Where to: https://… or an address of Apprise, or secret://env/NAME or "
        "secret://file/PATH. Null keeps the one that is stored.",
    )
    secret: SecretText | None = Field(
        default=None,
        description="What a webhook is signed with, in clear or by reference. Null keeps the one that is "
        "stored, empty removes it.",
    )
    language: LanguageName | None = Field(default=None, description="Null for that of the route.")
    send_resolved: bool = Field(default=True, description="Whether it is told when something is over.")
    rate: RateBody = RateBody()
    timeout_seconds: Annotated[float, Field(ge=0.5, le=60)] = 10.0
    fallback: Name | None = Field(
        default=None, description="The channel that takes over if this one is down."
    )
    template: TemplateBody = TemplateBody()
    is_enabled: bool = True


class ConditionView(BaseModel):
    """How a channel does."""

    status: Literal["unused", "ok", "failing", "down"]
    failures: int = Field(description="Attempts that failed in a row.")
    error: str | None
    failing_since: datetime | None
    paused_until: datetime | None
    delivered_at: datetime | None = Field(description="When it last took a message.")


class ChannelView(BaseModel):
    """A channel; its address and secret are never shown."""

    name: str
    kind: str
    url: str = Field(description="Scheme and host, or the reference; never a token.")
    has_secret: bool
    language: LanguageName | None
    send_resolved: bool
    rate: RateBody
    timeout_seconds: float
    fallback: str | None
    template: TemplateBody
    is_enabled: bool
    origin: Literal["settings", "team"]
    condition: ConditionView
    updated_at: datetime | None
    updated_by: str | None


class ChannelList(BaseModel):
    """The channels of a project, by name."""

    channels: list[ChannelView]


class RouteBody(_Written):
    """A node of the routing tree; what is left out is as in the node above."""

    matchers: Matchers = []
    receivers: Annotated[list[Name], Field(max_length=20)] | None = Field(
        default=None, description="Channels; an empty list tells nobody."
    )
    group_by: Annotated[list[LabelName], Field(max_length=20)] | None = Field(
        default=None, description="Labels that make a group; `...` for every alert by itself."
    )
    group_wait: Duration | None = None
    group_interval: Duration | None = None
    repeat_interval: Duration | None = None
    language: LanguageName | None = None
    is_passed_on: bool = Field(
        default=False, alias="continue", description="Whether the nodes beside it are looked at as well."
    )
    routes: Annotated[list[RouteBody], Field(max_length=_MAX_CHILDREN)] = []

    @model_validator(mode="after")
    def _check_repeat(self) -> Self:
        if self.repeat_interval is not None and parse_duration(self.repeat_interval).total_seconds() < 1:
            raise ValueError("repeat_interval must be at least 1s")
        return self


class InhibitBody(_Written):
    """While an alert meets `source`, those that meet `target` are not told of, where `equal` labels agree."""

    source: Annotated[Matchers, Field(min_length=1)]
    target: Annotated[Matchers, Field(min_length=1)]
    equal: Annotated[list[LabelName], Field(max_length=20)] = []


class RoutingBody(_Written):
    """A routing tree and its inhibition rules."""

    route: RouteBody | None = Field(default=None, description="Null sends everything to every channel.")
    inhibit: Annotated[list[InhibitBody], Field(max_length=_MAX_CHILDREN)] = []


class RoutingSave(RoutingBody):
    """A routing tree to save."""

    revision: str | None = Field(
        default=None, max_length=64, description="The one that was edited; null replaces whatever there is."
    )


class RoutingYamlSave(_Written):
    """A routing tree to save, as YAML."""

    yaml: Annotated[str, StringConstraints(max_length=MAX_YAML)]
    revision: str | None = Field(default=None, max_length=64)


class RoutingView(BaseModel):
    """The routing tree in force."""

    route: dict[str, Any] | None = Field(description="Null: everything goes to every channel.")
    inhibit: list[dict[str, Any]]
    revision: str
    default: dict[str, Any] = Field(description="What is meant where the tree says nothing.")
    updated_at: datetime | None
    updated_by: str | None


class RoutingYaml(BaseModel):
    """A routing tree as YAML."""

    yaml: str


class LabelsBody(_Written):
    """Labels of an alert to try."""

    labels: Annotated[dict[str, str], Field(max_length=50)]


class WayView(BaseModel):
    """Where labels lead to."""

    path: str = Field(description="The conditions from the root to the node; empty for the root.")
    receivers: list[str]
    group_by: list[str]
    group_labels: dict[str, str]
    group_wait: str
    group_interval: str
    repeat_interval: str
    language: LanguageName | None


class WaysView(BaseModel):
    """Where an alert with these labels would lead to, and what would keep people from being told now."""

    labels: dict[str, str]
    ways: list[WayView]
    muted_by: list[str]
    silenced_by: list[str]
    inhibited_by: list[str]


class SilenceBody(_Written):
    """A silence to make; `ends_at` or `duration` says until when."""

    matchers: Annotated[Matchers, Field(min_length=1)]
    reason: Sentence
    starts_at: datetime | None = Field(default=None, description="Null for now.")
    ends_at: datetime | None = None
    duration: Duration | None = None

    @model_validator(mode="after")
    def _check_end(self) -> Self:
        if (self.ends_at is None) == (self.duration is None):
            raise ValueError("give either ends_at or duration")
        if any(one is not None and one.tzinfo is None for one in (self.starts_at, self.ends_at)):
            raise ValueError("a time needs its time zone, such as 2026-11-28T09:00:00Z")
        return self


class SilenceView(BaseModel):
    """A silence."""

    id: str
    state: Literal["pending", "active", "ended"]
    matchers: list[str]
    reason: str
    starts_at: datetime
    ends_at: datetime
    created_by: str
    created_at: datetime
    ended_by: str | None = Field(description="Who ended it before its time.")
    alerts: int = Field(description="How many alerts it keeps quiet now.")


class SilenceList(BaseModel):
    """Silences; the one that ends last first."""

    silences: list[SilenceView]
    next_cursor: str | None = Field(description="Pass it as `cursor` for the next page; null at the end.")


def _days(value: object) -> object:
    return [str(day).lower()[:3] for day in value] if isinstance(value, list) else value


Days = Annotated[
    list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]],
    BeforeValidator(_days),
    Field(min_length=1, max_length=len(WEEKDAYS)),
]


class MaintenanceBody(_Written):
    """A window: once (`starts_at`, `ends_at`) or weekly (`days`, `begins`, `ends`, `time_zone`)."""

    matchers: Matchers = Field(default=[], description="Which alerts; none for all.")
    reason: Sentence
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    days: Days | None = None
    begins: ClockTime | None = None
    ends: ClockTime | None = Field(default=None, description="At or before `begins`: on the next day.")
    time_zone: TimeZone | None = Field(default=None, description="Such as Asia/Seoul; UTC if left out.")

    @model_validator(mode="after")
    def _check_when(self) -> Self:
        once, weekly = (self.starts_at, self.ends_at), (self.days, self.begins, self.ends)
        is_once = all(one is not None for one in once) and not any((*weekly, self.time_zone))
        is_weekly = all(one is not None for one in weekly) and not any(once)
        if not is_once and not is_weekly:
            raise ValueError("give starts_at and ends_at, or days, begins and ends")
        if is_once and any(one is not None and one.tzinfo is None for one in once):
            raise ValueError("a time needs its time zone, such as 2026-11-28T09:00:00Z")
        if self.starts_at is not None and self.ends_at is not None and self.starts_at >= self.ends_at:
            raise ValueError("ends_at must be after starts_at")
        return self


class MaintenanceView(BaseModel):
    """A maintenance window."""

    name: str
    is_open: bool = Field(description="Whether it is in force now.")
    matchers: list[str]
    reason: str
    starts_at: datetime | None
    ends_at: datetime | None
    days: list[str] | None
    begins: str | None
    ends: str | None
    time_zone: str | None
    updated_at: datetime
    updated_by: str


class MaintenanceList(BaseModel):
    """Maintenance windows, by name."""

    maintenance: list[MaintenanceView]


class AttemptView(BaseModel):
    """One try to deliver."""

    at: datetime
    outcome: Literal["delivered", "refused", "failed", "interrupted"]
    duration_ms: float | None
    status: int | None
    error: str | None


class DeliveryView(BaseModel):
    """A message and what became of it."""

    id: str = Field(description="Also the idempotency key of every attempt.")
    channel: str
    kind: Literal["alerts", "summary", "report", "test"]
    reason: str = Field(description="Why it is sent: first, new_alerts, … report, held_back, test.")
    state: Literal["pending", "sending", "delivered", "failed", "diverted", "held"]
    title: str | None
    alert_ids: list[str]
    created_at: datetime
    due_at: datetime | None = Field(description="When it is tried next; null if it is finished.")
    finished_at: datetime | None
    attempts: list[AttemptView]
    error: str | None
    template_error: str | None = Field(description="Why the channel's own template was not used.")
    instead_of: str | None = Field(description="The channel that could not deliver it.")
    led_to: str | None = Field(description="The delivery that tells of it instead.")


class WholeDeliveryView(DeliveryView):
    """A delivery with what it says."""

    text: str | None = Field(description="Null before the first attempt.")


class DeliveryPage(BaseModel):
    """Deliveries, newest first."""

    deliveries: list[DeliveryView]
    next_cursor: str | None = Field(description="Pass it as `cursor` for the next page; null at the end.")
