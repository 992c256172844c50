"""Events of alerts as the evaluator would tell them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from pitwall.alerts.types import TOPIC, AlertEvent, EventKind, Facts, Reason, alert_id
from pitwall.core.vocabulary import Severity
from pitwall.kit.i18n import Text
from pitwall.stores.state import StateStore
from pitwall.work.events import EventLog

_TITLE = Text("Error rate", "오류율")


def make_event(
    kind: str = "fired",
    *,
    rule: str = "errors",
    at: datetime,
    severity: str = "warning",
    labels: Mapping[str, str] | None = None,
    rule_labels: Mapping[str, str] | None = None,
    value: float | None = 0.124,
    number: int = 1,
    project: str = "default",
    title: Text = _TITLE,
) -> AlertEvent:
    """An event of the alert of a rule and labels."""
    labels = {"model": "gpt-4o"} if labels is None else labels
    identity = alert_id(project, rule, labels)
    return AlertEvent(
        id=f"{identity}-{number}",
        kind=EventKind(kind),
        alert_id=identity,
        rule=rule,
        severity=Severity(severity),
        labels=labels,
        facts=Facts(
            title=title,
            signal="llm.error_rate",
            rule_labels=rule_labels or {},
            value=value,
            count=120,
            unit="ratio",
            limit="> 0.05",
            band="critical" if severity == "critical" else "warning",
            peak=value,
            window_start=at - timedelta(minutes=5),
            window_end=at,
            runbook="restart-workers",
            where="error rate > 5 % for 1m",
        ),
        active_since=at - timedelta(minutes=1),
        fired_at=at,
        at=at,
        reason=Reason.RECOVERED if kind == "resolved" else None,
    )


def tell(state: StateStore, *events: AlertEvent, project: str = "default") -> None:
    """Publish events as the evaluator does."""
    with state.session() as connection:
        for event in events:
            EventLog(connection, TOPIC).append(project, event.at, event.to_json())
