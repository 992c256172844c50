"""From values to wire shapes and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from pitwall.kit.durations import format_duration, parse_duration
from pitwall.kit.i18n import Language
from pitwall.notifications.channel_service import ChannelState
from pitwall.notifications.channels import shown_url
from pitwall.notifications.delivery_types import OPEN_STATES, ChannelCondition, Delivery
from pitwall.notifications.maintenance import MaintenanceWindow, Once, Weekly
from pitwall.notifications.outbox import attempt_view
from pitwall.notifications.route_service import RoutingState, Trial
from pitwall.notifications.routing import GROUP_INTERVAL, GROUP_WAIT, REPEAT_INTERVAL
from pitwall.notifications.schemas import (
    ChannelBody,
    ChannelView,
    ConditionView,
    DeliveryView,
    MaintenanceBody,
    MaintenanceView,
    RoutingView,
    SilenceBody,
    SilenceView,
    WaysView,
    WayView,
    WholeDeliveryView,
)
from pitwall.notifications.settlement import FAILURES_UNTIL_DOWN
from pitwall.notifications.types import Channel, ChannelKind, RateLimit, Silence, Template
from pitwall.notifications.wire import (
    channel_content,
    matchers_view,
    read_matchers,
    routing_view,
    when_view,
)

_DEFAULT = {
    "group_by": ["rule"],
    "group_wait": format_duration(GROUP_WAIT),
    "group_interval": format_duration(GROUP_INTERVAL),
    "repeat_interval": format_duration(REPEAT_INTERVAL),
}


def channel_of(name: str, body: ChannelBody) -> Channel:
    """The channel of a body; an address that is left out is empty, and a secret None."""
    return Channel(
        name=name,
        kind=ChannelKind(body.kind),
        url=body.url or "",
        secret=body.secret or None,
        language=None if body.language is None else Language(body.language),
        send_resolved=body.send_resolved,
        rate=RateLimit(body.rate.per_minute, body.rate.burst),
        timeout_seconds=body.timeout_seconds,
        fallback=body.fallback,
        template=Template(body.template.title, body.template.body),
        is_enabled=body.is_enabled,
    )


def channel_view(state: ChannelState) -> ChannelView:
    """What may be shown of a channel."""
    channel = state.channel
    return ChannelView.model_validate(
        {
            **channel_content(channel),
            "name": channel.name,
            "url": shown_url(channel),
            "has_secret": channel.secret is not None,
            "origin": channel.origin.value,
            "condition": _condition_view(state.condition),
            "updated_at": channel.updated_at,
            "updated_by": channel.updated_by,
        }
    )


def routing_state_view(state: RoutingState) -> RoutingView:
    """A routing tree as it is in force."""
    return RoutingView(
        **routing_view(state.routing),
        revision=state.revision,
        default=_DEFAULT,
        updated_at=state.updated_at,
        updated_by=state.updated_by,
    )


def trial_view(trial: Trial) -> WaysView:
    """Where labels lead."""
    return WaysView(
        labels=dict(trial.labels),
        ways=[
            WayView.model_validate(
                {
                    "path": way.path,
                    "receivers": way.receivers,
                    "group_by": way.group_by,
                    "group_labels": labels,
                    "group_wait": format_duration(way.group_wait),
                    "group_interval": format_duration(way.group_interval),
                    "repeat_interval": format_duration(way.repeat_interval),
                    "language": None if way.language is None else way.language.value,
                }
            )
            for way, labels in trial.ways
        ],
        muted_by=list(trial.suppression.muted_by),
        silenced_by=list(trial.suppression.silenced_by),
        inhibited_by=list(trial.suppression.inhibited_by),
    )


def silence_end(body: SilenceBody) -> Any:
    """When a silence ends, or how long it lasts."""
    return body.ends_at if body.duration is None else parse_duration(body.duration)


def silence_view(silence: Silence, alerts: int, now: datetime) -> SilenceView:
    """A silence as it stands."""
    state = "pending" if now < silence.starts_at else "active" if now < silence.ends_at else "ended"
    return SilenceView.model_validate(
        {
            "id": silence.id,
            "state": state,
            "matchers": matchers_view(silence.matchers),
            "reason": silence.reason,
            "starts_at": silence.starts_at,
            "ends_at": silence.ends_at,
            "created_by": silence.created_by,
            "created_at": silence.created_at,
            "ended_by": silence.ended_by,
            "alerts": alerts,
        }
    )


def window_of(name: str, body: MaintenanceBody, *, now: datetime, by: str) -> MaintenanceWindow:
    """The maintenance window of a body."""
    return MaintenanceWindow(
        name=name,
        matchers=read_matchers(body.matchers),
        when=_when(body),
        reason=body.reason,
        updated_at=now,
        updated_by=by,
    )


def window_view(window: MaintenanceWindow, now: datetime) -> MaintenanceView:
    """A maintenance window as it stands."""
    return MaintenanceView.model_validate(
        {
            **when_view(window.when),
            "name": window.name,
            "is_open": window.when.is_open(now),
            "matchers": matchers_view(window.matchers),
            "reason": window.reason,
            "updated_at": window.updated_at,
            "updated_by": window.updated_by,
        }
    )


def delivery_view(delivery: Delivery) -> DeliveryView:
    """A delivery without what it says."""
    return DeliveryView.model_validate(_delivery_fields(delivery))


def whole_delivery_view(delivery: Delivery) -> WholeDeliveryView:
    """A delivery with what it says."""
    text = None if delivery.message is None else delivery.message["text"]
    return WholeDeliveryView.model_validate({**_delivery_fields(delivery), "text": text})


def _delivery_fields(delivery: Delivery) -> dict[str, Any]:
    message: Mapping[str, Any] = delivery.message or {}
    told = [*delivery.payload.get("alerts", ()), *delivery.payload.get("resolved", ())]
    return {
        "id": delivery.id,
        "channel": delivery.channel,
        "kind": delivery.kind.value,
        "reason": delivery.reason,
        "state": delivery.state.value,
        "title": message.get("title"),
        "alert_ids": [one["event"]["alert_id"] for one in told],
        "created_at": delivery.created_at,
        "due_at": delivery.due_at if delivery.state in OPEN_STATES else None,
        "finished_at": delivery.finished_at,
        "attempts": [attempt_view(attempt) for attempt in delivery.attempts],
        "error": delivery.error,
        "template_error": message.get("template_error"),
        "instead_of": delivery.payload.get("instead_of"),
        "led_to": delivery.led_to,
    }


def _condition_view(condition: ChannelCondition | None) -> ConditionView:
    if condition is None:
        return ConditionView(
            status="unused", failures=0, error=None, failing_since=None, paused_until=None, delivered_at=None
        )
    is_down = condition.failures >= FAILURES_UNTIL_DOWN
    return ConditionView(
        status="down" if is_down else "failing" if condition.failures else "ok",
        failures=condition.failures,
        error=condition.error,
        failing_since=condition.failing_since,
        paused_until=condition.paused_until,
        delivered_at=condition.delivered_at,
    )


def _when(body: MaintenanceBody) -> Once | Weekly:
    if body.starts_at is not None and body.ends_at is not None:
        return Once(body.starts_at, body.ends_at)
    assert body.days is not None  # the body has been checked to be one or the other
    assert body.begins is not None
    assert body.ends is not None
    return Weekly(
        tuple(body.days),
        time.fromisoformat(body.begins),
        time.fromisoformat(body.ends),
        body.time_zone or "UTC",
    )
