"""Situations for the pure parts of notifications, and a world that plays them through time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pitwall.notifications.matchers import parse_matcher
from pitwall.notifications.planner import Plan, Situation, plan
from pitwall.notifications.suppression import Quiet
from pitwall.notifications.types import (
    Channel,
    ChannelKind,
    Group,
    Inhibition,
    KnownAlert,
    Notice,
    Routing,
    Silence,
    first_known,
)
from pitwall.notifications.wire import read_routing
from tests.support.alert_events import make_event

START = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


def make_channel(name: str = "ops", **options: Any) -> Channel:
    return Channel(name=name, kind=ChannelKind.WEBHOOK, url="http://127.0.0.1:1/", **options)


def make_alert(kind: str = "fired", *, at: datetime = START, **options: Any) -> KnownAlert:
    """What is known of an alert after one event."""
    return first_known("default", make_event(kind, at=at, **options))


def make_silence(*matchers: str, minutes: float = 60, at: datetime = START, name: str = "s1") -> Silence:
    return Silence(
        id=name,
        matchers=tuple(map(parse_matcher, matchers)),
        starts_at=at,
        ends_at=at + timedelta(minutes=minutes),
        reason="deploying",
        created_by="me",
        created_at=at,
    )


def make_inhibition(source: str, target: str, *equal: str) -> Inhibition:
    return Inhibition((parse_matcher(source),), (parse_matcher(target),), equal)


def make_routing(written: Mapping[str, Any] | None) -> Routing:
    return read_routing({"route": written, "inhibit": []})


@dataclass
class World:
    """Plays events through the planner as the notifier does, without a store."""

    routing: Routing = field(default_factory=Routing)
    channels: dict[str, Channel] = field(default_factory=lambda: {"ops": make_channel()})
    quiet: Quiet = field(default_factory=Quiet)
    now: datetime = START
    alerts: dict[str, KnownAlert] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    notices: list[tuple[float, Notice]] = field(default_factory=list)
    last: Plan | None = None

    def tell(self, kind: str = "fired", **options: Any) -> None:
        """Something happens to an alert now, and is planned for."""
        event = make_event(kind, at=self.now, **options)
        before = self.alerts.get(event.alert_id)
        self.alerts[event.alert_id] = first_known("default", event) if before is None else before.after(event)
        self.plan()

    def pass_time(self, seconds: float) -> None:
        """Let time pass, and plan at every moment at which the planner wants to look again."""
        end = self.now + timedelta(seconds=seconds)
        while self.last is not None and self.last.look_again_at is not None:
            at = max(self.last.look_again_at, self.now + timedelta(milliseconds=1))
            if at > end:
                break
            self.now = at
            self.plan()
        self.now = end
        self.plan()

    def plan(self) -> None:
        """Plan once."""
        self.last = plan(self.situation, self.now)
        for notice in self.last.notices:
            self.notices.append(((self.now - START).total_seconds(), notice))
        self.groups |= {group.id: group for group in self.last.groups}
        for group_id in self.last.finished:
            del self.groups[group_id]
        owed = {one for group in self.groups.values() for one in group.told}
        self.alerts = {key: one for key, one in self.alerts.items() if one.is_active or key in owed}

    @property
    def situation(self) -> Situation:
        return Situation("default", self.alerts, self.groups, self.routing, self.channels, self.quiet)

    @property
    def reasons(self) -> list[str]:
        return [notice.reason.value for _, notice in self.notices]

    @property
    def times(self) -> list[float]:
        return [at for at, _ in self.notices]

    def silence(self, *silences: Silence) -> None:
        self.quiet = replace(self.quiet, silences=silences)
