"""Notifications as values: what is known of alerts, where they lead, who was told what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from pitwall.alerts.types import AlertEvent, EventKind
from pitwall.kit.hashing import json_hash
from pitwall.kit.i18n import Language
from pitwall.notifications.matchers import Matcher

DEFAULT_CHANNEL = "default"
"""The channel of the setting `alert_webhook_url`."""


class Reason(StrEnum):
    """Why a group is notified or not; the words are Alertmanager's."""

    FIRST = "first"
    NEW_ALERTS = "new_alerts"
    ALL_RESOLVED = "all_resolved"
    NEW_RESOLVED = "new_resolved"
    REPEAT_ELAPSED = "repeat_elapsed"
    DO_NOT_NOTIFY = "do_not_notify"


class Condition(StrEnum):
    """What is wrong, as far as people are told: a severity, no data, or a rule that fails."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"
    NO_DATA = "no_data"
    ERROR = "error"

    @property
    def rank(self) -> int | None:
        """How bad a value is; None where there is no value to judge."""
        return _RANKS.get(self)


_RANKS = {Condition.INFO: 0, Condition.WARNING: 1, Condition.CRITICAL: 2}


@dataclass(frozen=True, slots=True)
class Standing:
    """What a receiver was told of an alert, or would be told now."""

    condition: Condition
    is_flapping: bool = False


@dataclass(frozen=True, slots=True)
class KnownAlert:
    """What the events so far say of an alert.

    Attributes:
        event: The last one that changed how it stands.
        is_active: Whether people have something to know; False once it is over.
        since: When it became active.
    """

    project_id: str
    event: AlertEvent
    is_active: bool
    is_flapping: bool
    since: datetime

    @property
    def id(self) -> str:
        """The alert's id."""
        return self.event.alert_id

    @property
    def condition(self) -> Condition:
        """What is wrong with it, or was."""
        if self.event.kind in (EventKind.NO_DATA, EventKind.ERROR):
            return Condition(self.event.kind.value)
        return Condition(self.event.severity.value)

    @property
    def standing(self) -> Standing:
        """What a receiver would be told now."""
        return Standing(self.condition, self.is_flapping)

    @property
    def labels(self) -> dict[str, str]:
        """What routes, silences and inhibition look at: the labels, the rule's, and what Pitwall adds."""
        event = self.event
        return {
            **event.facts.rule_labels,
            **event.labels,
            "project": self.project_id,
            "rule": event.rule,
            "severity": event.severity.value,
            "signal": event.facts.signal,
            "state": self.condition.value if self.condition.rank is None else "firing",
        }

    def after(self, event: AlertEvent) -> KnownAlert:
        """The alert after another event."""
        if event.kind is EventKind.FLAPPING:
            return KnownAlert(self.project_id, self.event, self.is_active, True, self.since)
        is_active = event.kind is not EventKind.RESOLVED
        is_flapping = self.is_flapping and is_active
        since = self.since if self.is_active else event.at
        return KnownAlert(self.project_id, event, is_active, is_flapping, since)


def first_known(project_id: str, event: AlertEvent) -> KnownAlert:
    """An alert of which nothing was known before an event."""
    is_active = event.kind is not EventKind.RESOLVED
    return KnownAlert(project_id, event, is_active, event.kind is EventKind.FLAPPING, event.at)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How many messages a channel takes.

    Attributes:
        per_minute: In the long run.
        burst: At once.
    """

    per_minute: float = 30.0
    burst: int = 10


class ChannelKind(StrEnum):
    """How a channel is spoken to."""

    WEBHOOK = "webhook"
    """A POST of JSON, signed if there is a secret."""
    SLACK = "slack"
    """An incoming webhook of Slack, or of what takes the same form."""
    APPRISE = "apprise"
    """Anything Apprise has an address for: e-mail, Teams, Discord, Telegram, ..."""


class Origin(StrEnum):
    """Who brought a channel."""

    SETTINGS = "settings"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Template:
    """A team's own words, with `$names` to be filled in; None takes the built-in ones."""

    title: str | None = None
    body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Somewhere messages go.

    Attributes:
        url: Where to; an address in clear or a `secret://` reference.
        secret: What a webhook is signed with; in clear or a reference, None for no signature.
        language: None takes the route's, or that of the settings.
        fallback: The channel that takes over what this one cannot deliver.
    """

    name: str
    kind: ChannelKind
    url: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)
    language: Language | None = None
    send_resolved: bool = True
    rate: RateLimit = RateLimit()
    timeout_seconds: float = 10.0
    fallback: str | None = None
    template: Template = Template()
    is_enabled: bool = True
    origin: Origin = Origin.TEAM
    updated_at: datetime | None = None
    updated_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A node of the routing tree; what is None is as in the node above.

    Attributes:
        receivers: Names of channels.
        is_passed_on: Whether the nodes beside it are looked at as well (`continue`).
        group_by: Labels whose values make a group; `...` for every alert by itself.
    """

    matchers: tuple[Matcher, ...] = ()
    receivers: tuple[str, ...] | None = None
    group_by: tuple[str, ...] | None = None
    group_wait: timedelta | None = None
    group_interval: timedelta | None = None
    repeat_interval: timedelta | None = None
    language: Language | None = None
    is_passed_on: bool = False
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where an alert leads: a node of the tree with everything it inherits.

    Attributes:
        path: The conditions from the root to it, which name it in any order of the tree; empty for the root.
    """

    path: str
    receivers: tuple[str, ...]
    group_by: tuple[str, ...]
    group_wait: timedelta
    group_interval: timedelta
    repeat_interval: timedelta
    language: Language | None


@dataclass(frozen=True, slots=True)
class Inhibition:
    """While an alert meets `source`, those that meet `target` are not told of, if the `equal` labels agree.

    A label that one of them lacks does not agree.
    """

    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Routing:
    """The routing tree of a project and its inhibition rules; None before anybody wrote one.

    Attributes:
        root: None sends everything to every channel that is enabled.
    """

    root: Route | None = None
    inhibitions: tuple[Inhibition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Alerts of which nobody is told for a while; `ended_by` is who ended it before its time."""

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    reason: str
    created_by: str
    created_at: datetime
    ended_by: str | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether it is in force."""
        return self.starts_at <= now < self.ends_at


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why nobody is told of an alert.

    Attributes:
        muted_by: Names of maintenance windows.
        inhibited_by: Ids of alerts.
        silenced_by: Ids of silences.
    """

    muted_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()
    silenced_by: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.muted_by or self.inhibited_by or self.silenced_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Alerts of one way and one channel that share the values of its `group_by`, and what was told of them.

    Attributes:
        sent_at: When the channel was last notified of it; None if it never was.
        told: How each alert stood when it was last told of; those over and told so are gone.
        via: The channel that took over, if this one could not deliver.
    """

    project_id: str
    channel: str
    path: str
    labels: Mapping[str, str]
    created_at: datetime
    sent_at: datetime | None = None
    told: Mapping[str, Standing] = field(default_factory=dict)
    via: str | None = None

    @property
    def id(self) -> str:
        """Names the group: the same channel, way and labels always give the same id."""
        return group_id(self.project_id, self.channel, self.path, self.labels)


def group_id(project_id: str, channel: str, path: str, labels: Mapping[str, str]) -> str:
    """Name a group of alerts."""
    return json_hash([project_id, channel, path, sorted(labels.items())])


@dataclass(frozen=True, slots=True)
class Notice:
    """What a channel is to be told of a group now.

    Attributes:
        alerts: Those that are active and not suppressed, worst first.
        resolved: Those that are over and of which the channel was told.
    """

    group: Group
    channel: str
    reason: Reason
    language: Language | None
    alerts: tuple[KnownAlert, ...]
    resolved: tuple[KnownAlert, ...]
