"""Events of alerts for tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pitwall.alerts.types import AlertEvent, EventKind, Facts, Reason, alert_id
from pitwall.core.vocabulary import Severity
from pitwall.kit.i18n import Text

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def make_event(
    kind: EventKind | str = EventKind.FIRED,
    number: int = 1,
    *,
    minutes: float = 0,
    rule: str = "failures",
    labels: Mapping[str, str] | None = None,
    severity: Severity | str = Severity.WARNING,
    project: str = "default",
    reason: Reason | None = None,
    signal: str = "llm.failure_rate",
    records: str = "",
) -> AlertEvent:
    """An event of the alert of a rule and labels; `number` counts the events of that alert."""
    labels = {"service": "voc-chat"} if labels is None else labels
    id_ = alert_id(project, rule, labels)
    at = NOON + timedelta(minutes=minutes)
    kind = EventKind(kind)
    return AlertEvent(
        id=f"{id_}-{number}",
        kind=kind,
        alert_id=id_,
        rule=rule,
        severity=Severity(severity),
        labels=labels,
        facts=Facts(
            title=Text("LLM failure rate", "LLM 실패율"),
            signal=signal,
            value=0.2,
            count=50,
            unit="ratio",
            limit="> 0.05",
            band="critical",
            peak=0.2,
            window_start=at - timedelta(minutes=5),
            window_end=at,
            where=f"{signal} > 0.05 over 5m by service",
            records=records,
        ),
        active_since=at - timedelta(minutes=1),
        fired_at=at,
        at=at,
        reason=Reason.RECOVERED if kind is EventKind.RESOLVED and reason is None else reason,
    )
