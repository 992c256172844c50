"""Alerts that an Alertmanager sends become alerts like Pitwall's own, of rules named `external.…`.

What counts is how an alert stands, not how often that was said: a delivery that is repeated, because an
answer was lost or because Alertmanager reminds people, changes nothing and tells nobody again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

import structlog

from pitwall.access.types import Principal
from pitwall.alerts.repository import Alerts, StoredAlert
from pitwall.alerts.types import (
    ACTIVE_STATES,
    EXTERNAL_PREFIX,
    Alert,
    AlertEvent,
    AlertState,
    EventKind,
    Facts,
    Reason,
    alert_id,
)
from pitwall.core.vocabulary import Severity
from pitwall.kit.clock import Clock
from pitwall.kit.hashing import content_hash
from pitwall.kit.i18n import Text
from pitwall.stores.state import Projects, StateStore

log = structlog.get_logger(__name__)

MAX_ACTIVE = 5000
"""Foreign alerts of a project that may be active at once."""
_UNNAMED = "unnamed"
_RULE_LENGTH = 64
_HASH_LENGTH = 8
_SEVERITIES: Mapping[str, Severity] = {
    "critical": Severity.CRITICAL,
    "error": Severity.CRITICAL,
    "page": Severity.CRITICAL,
    "emergency": Severity.CRITICAL,
    "info": Severity.INFO,
    "informational": Severity.INFO,
    "none": Severity.INFO,
}


class Status(StrEnum):
    """How an alert stands, as Alertmanager says it."""

    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class ExternalAlert:
    """One alert of a delivery.

    Attributes:
        fingerprint: What Alertmanager calls the label set; empty if it does not say.
        generator_url: Where the rule is; of a Prometheus it holds the expression.
    """

    status: Status
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    starts_at: datetime
    ends_at: datetime | None
    fingerprint: str
    generator_url: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a delivery changed.

    Attributes:
        unchanged: Alerts that stood like that before.
        dropped: New alerts for which there was no room.
    """

    fired: int
    resolved: int
    unchanged: int
    dropped: int = 0


class ExternalAlerts:
    """Takes deliveries; calls block.

    Args:
        state: Keeps alerts.
        clock: When something was taken.
        on_events: Called after events were written, to wake those who tell people.
    """

    def __init__(
        self, state: StateStore, clock: Clock, on_events: Sequence[Callable[[], object]] = ()
    ) -> None:
        self._state = state
        self._clock = clock
        self._on_events = on_events

    def receive(self, alerts: Sequence[ExternalAlert], *, by: Principal) -> Delivery:
        """Bring the alerts of the caller's project to what a delivery says, in one transaction."""
        now = self._clock.now()
        with self._state.session() as session:
            project_id = Projects(session).get(by.project_id).id
            repository = Alerts(session, project_id)
            told = {_id_of(project_id, alert): alert for alert in alerts}
            known = repository.find_many(told)
            told, dropped = _contained(told, known, _room(repository))
            steps = [_step(id_, alert, known.get(id_), now) for id_, alert in told.items()]
            changed = [step for step in steps if step is not None]
            repository.write(StoredAlert(after, {}) for after, _ in changed)
            events = [event for _, event in changed if event is not None]
            repository.tell(events)
        if events:
            for tell in self._on_events:
                tell()
        if dropped:
            log.warning("external_alerts.dropped", project=project_id, count=dropped, limit=MAX_ACTIVE)
        fired = sum(event.kind is EventKind.FIRED for event in events)
        return Delivery(fired, len(events) - fired, len(told) - len(events), dropped)


def rule_name(alertname: str) -> str:
    """The rule of a foreign alert: `HostOutOfMemory` is `external.host_out_of_memory`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", alertname)
    slug = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    name = f"{EXTERNAL_PREFIX}{slug or _UNNAMED}"
    if len(name) <= _RULE_LENGTH and (slug or not alertname):
        return name
    return f"{name[: _RULE_LENGTH - _HASH_LENGTH - 1]}_{content_hash(alertname)[:_HASH_LENGTH]}"


def _room(repository: Alerts) -> int:
    """How many more foreign alerts may be active."""
    active = sum(
        count
        for rule, states in repository.counts().items()
        if rule.startswith(EXTERNAL_PREFIX)
        for state, count in states.items()
        if state in ACTIVE_STATES
    )
    return max(0, MAX_ACTIVE - active)


def _contained(
    told: Mapping[str, ExternalAlert], known: Mapping[str, Alert], room: int
) -> tuple[dict[str, ExternalAlert], int]:
    """What of a delivery there is room for: all of it, but a label that takes ever new values."""
    kept: dict[str, ExternalAlert] = {}
    dropped = 0
    for id_, alert in told.items():
        is_active = id_ in known and known[id_].state in ACTIVE_STATES
        is_new = alert.status is Status.FIRING and not is_active
        if is_new and room == 0:
            dropped += 1
            continue
        room -= is_new
        kept[id_] = alert
    return kept, dropped


def _id_of(project_id: str, alert: ExternalAlert) -> str:
    identity = {"fingerprint": alert.fingerprint} if alert.fingerprint else alert.labels
    return alert_id(project_id, _rule_of(alert), identity)


def _rule_of(alert: ExternalAlert) -> str:
    return rule_name(alert.labels.get("alertname", ""))


def _step(
    id_: str, told: ExternalAlert, known: Alert | None, now: datetime
) -> tuple[Alert, AlertEvent | None] | None:
    """What becomes of an alert; None if there is nothing to keep."""
    is_active = known is not None and known.state in ACTIVE_STATES
    if told.status is Status.FIRING:
        if known is not None and is_active:
            return replace(known, facts=_facts(told), evaluated_at=now), None
        sequence = 1 if known is None else known.sequence + 1
        return _with_event(_firing(id_, told, sequence, now), EventKind.FIRED)
    if known is None or not is_active:
        return None
    resolved = replace(
        known,
        state=AlertState.RESOLVED,
        resolved_at=min(told.ends_at or now, now),
        resolved_reason=Reason.RECOVERED,
        evaluated_at=now,
        changed_at=now,
        sequence=known.sequence + 1,
    )
    return _with_event(resolved, EventKind.RESOLVED)


def _firing(id_: str, told: ExternalAlert, sequence: int, now: datetime) -> Alert:
    return Alert(
        id=id_,
        rule=_rule_of(told),
        state=AlertState.FIRING,
        severity=_SEVERITIES.get(told.labels.get("severity", "").lower(), Severity.WARNING),
        is_flapping=False,
        labels=dict(told.labels),
        facts=_facts(told),
        active_since=min(told.starts_at, now),
        fired_at=now,
        resolved_at=None,
        resolved_reason=None,
        evaluated_at=now,
        changed_at=now,
        error=None,
        sequence=sequence,
    )


def _facts(told: ExternalAlert) -> Facts:
    title = told.annotations.get("summary") or told.labels.get("alertname") or _UNNAMED
    description = told.annotations.get("description") or told.annotations.get("message")
    return Facts(
        title=Text(title, told.annotations.get("summary_ko") or title),
        signal="",
        runbook=told.annotations.get("runbook_url"),
        where=_expression(told.generator_url),
        explanation=None
        if not description
        else Text(description, told.annotations.get("description_ko") or description),
    )


def _expression(generator_url: str) -> str:
    """The expression in the address that a Prometheus gives for its rule; empty if there is none."""
    try:
        query: dict[str, list[str]] = parse_qs(urlsplit(generator_url).query)
    except ValueError:
        return ""
    return query.get("g0.expr", [""])[0]


def _with_event(alert: Alert, kind: EventKind) -> tuple[Alert, AlertEvent]:
    event = AlertEvent(
        id=f"{alert.id}-{alert.sequence}",
        kind=kind,
        alert_id=alert.id,
        rule=alert.rule,
        severity=alert.severity,
        labels=alert.labels,
        facts=alert.facts,
        active_since=alert.active_since,
        fired_at=alert.fired_at,
        at=alert.evaluated_at,
        reason=alert.resolved_reason,
    )
    return alert, event
