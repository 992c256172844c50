"""Telling people something other than alerts, such as the report of a checklist: by the same routes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from pitwall.kit.i18n import Text
from pitwall.kit.ids import new_id
from pitwall.notifications.delivery_types import Delivery, DeliveryKind, DeliveryState
from pitwall.notifications.matchers import match_all
from pitwall.notifications.outbox import Outbox
from pitwall.notifications.planner import Situation
from pitwall.notifications.routing import find_ways
from pitwall.notifications.types import Way


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something that people are to be told once.

    Attributes:
        labels: What routes, silences and maintenance windows look at, such as `rule` and `severity`.
        page: Path of the page that has more; empty for none.
    """

    title: Text
    body: Text
    labels: Mapping[str, str] = field(default_factory=dict)
    page: str = ""


def announce(
    connection: Connection, situation: Situation, announcement: Announcement, now: datetime
) -> list[str]:
    """Put an announcement into the outbox for every channel its labels lead to; returns their names.

    A silence or maintenance window that matches keeps it back: it is told now or never.
    """
    labels = {**announcement.labels, "project": situation.project_id}
    if _is_quiet(situation, labels, now):
        return []
    told: dict[str, Way] = {}
    for way in find_ways(situation.root, labels):
        for name in way.receivers:
            channel = situation.channels.get(name)
            if channel is not None and channel.is_enabled:
                told.setdefault(name, way)
    outbox = Outbox(connection)
    for name, way in told.items():
        outbox.add(_delivery(situation.project_id, name, way, announcement, now))
    return list(told)


def _is_quiet(situation: Situation, labels: Mapping[str, str], now: datetime) -> bool:
    quiet = situation.quiet
    is_silenced = any(one.is_open(now) and match_all(one.matchers, labels) for one in quiet.silences)
    return is_silenced or any(window.mutes(labels, now) for window in quiet.windows)


def _delivery(project_id: str, channel: str, way: Way, announcement: Announcement, now: datetime) -> Delivery:
    return Delivery(
        id=new_id(),
        project_id=project_id,
        channel=channel,
        kind=DeliveryKind.REPORT,
        reason="report",
        group_id=None,
        payload={
            "title": {"en": announcement.title.en, "ko": announcement.title.ko},
            "body": {"en": announcement.body.en, "ko": announcement.body.ko},
            "labels": dict(announcement.labels),
            "page": announcement.page,
            "language": None if way.language is None else way.language.value,
        },
        state=DeliveryState.PENDING,
        created_at=now,
        due_at=now,
    )
