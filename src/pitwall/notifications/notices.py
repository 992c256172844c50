"""What the outbox keeps of a notice, and how it is read again when it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pitwall.alerts.types import AlertEvent
from pitwall.kit.i18n import Language
from pitwall.kit.ids import new_id
from pitwall.notifications.delivery_types import Delivery, DeliveryKind, DeliveryState
from pitwall.notifications.types import Condition, KnownAlert, Notice

MAX_ALERTS: Final = 20
"""How many alerts of each sort one message tells of one by one; the others are counted."""
MAX_SUMMED_UP: Final = 50
"""The same of a summary, which has one line for each."""


@dataclass(frozen=True, slots=True)
class ToldAlert:
    """An alert in a message.

    Attributes:
        condition: What is wrong, or what was.
        is_over: Whether it is told that it is over.
    """

    event: AlertEvent
    condition: Condition
    is_flapping: bool
    is_over: bool


@dataclass(frozen=True, slots=True)
class Content:
    """What a message about alerts tells.

    Attributes:
        alerts: Those that are active, worst first, then those that are over.
        active: How many are active, also those that are not in the list.
        over: How many are over.
        instead_of: The channel that could not take it.
        because: Why it could not.
    """

    alerts: tuple[ToldAlert, ...]
    active: int
    over: int
    group_labels: Mapping[str, str]
    path: str
    language: Language | None
    instead_of: str | None = None
    because: str | None = None

    @property
    def omitted(self) -> int:
        """How many alerts are only counted."""
        return self.active + self.over - len(self.alerts)


def delivery_of(notice: Notice, now: datetime) -> Delivery:
    """The delivery of a notice."""
    group = notice.group
    return Delivery(
        id=new_id(),
        project_id=group.project_id,
        channel=notice.channel,
        kind=DeliveryKind.ALERTS,
        reason=notice.reason.value,
        group_id=group.id,
        payload={
            "alerts": [_alert_view(one) for one in notice.alerts[:MAX_ALERTS]],
            "resolved": [_alert_view(one) for one in notice.resolved[:MAX_ALERTS]],
            "active": len(notice.alerts),
            "over": len(notice.resolved),
            "group_labels": dict(group.labels),
            "path": group.path,
            "language": None if notice.language is None else notice.language.value,
        },
        state=DeliveryState.PENDING,
        created_at=now,
        due_at=now,
    )


def content_of(payload: Mapping[str, Any]) -> Content:
    """What the payload of a delivery about alerts tells."""
    language = payload["language"]
    return Content(
        alerts=(
            *(_told_alert(one, is_over=False) for one in payload["alerts"]),
            *(_told_alert(one, is_over=True) for one in payload["resolved"]),
        ),
        active=payload["active"],
        over=payload["over"],
        group_labels=payload["group_labels"],
        path=payload["path"],
        language=None if language is None else Language(language),
        instead_of=payload.get("instead_of"),
        because=payload.get("because"),
    )


def summary_payload(deliveries: Sequence[Delivery]) -> dict[str, Any]:
    """What one message tells instead of several: every alert as it stood last, worst first."""
    last: dict[str, tuple[bool, dict[str, Any]]] = {}
    for delivery in deliveries:
        for key in ("alerts", "resolved"):
            for one in delivery.payload.get(key, ()):
                last[one["event"]["alert_id"]] = (key == "resolved", one)
    active = sorted((one for is_over, one in last.values() if not is_over), key=_rank)
    over = [one for is_over, one in last.values() if is_over]
    return {
        "held": sum(delivery.payload.get("held", 1) for delivery in deliveries),
        "language": deliveries[0].payload.get("language"),
        "alerts": active[:MAX_SUMMED_UP],
        "resolved": over[:MAX_SUMMED_UP],
        "active": len(active),
        "over": len(over),
        "group_labels": {},
        "path": "",
        "titles": [
            title
            for delivery in deliveries
            for title in (delivery.payload.get("titles") or [delivery.payload.get("title")])
            if title
        ],
    }


def _rank(alert: Mapping[str, Any]) -> int:
    rank = Condition(alert["condition"]).rank
    return 0 if rank is None else -rank


def _alert_view(alert: KnownAlert) -> dict[str, Any]:
    return {
        "event": alert.event.to_json(),
        "condition": alert.condition.value,
        "is_flapping": alert.is_flapping,
    }


def _told_alert(written: Mapping[str, Any], *, is_over: bool) -> ToldAlert:
    return ToldAlert(
        event=AlertEvent.from_json(written["event"]),
        condition=Condition(written["condition"]),
        is_flapping=written["is_flapping"],
        is_over=is_over,
    )
