"""A project under watch: telemetry that tests send, rules they save, and a clock they move."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.alerts.evaluator import ProjectEvaluator, Round
from pitwall.alerts.repository import Alerts
from pitwall.alerts.rulebook import RuleState
from pitwall.alerts.service import AlertService
from pitwall.alerts.types import TOPIC, Alert, AlertEvent, AlertState
from pitwall.alerts.wire import read_rule
from pitwall.kit.clock import ManualClock
from pitwall.stores.state import StateStore
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.work.events import EventLog
from tests.integration.signals.telemetry import insert_spans, make_span

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
ERRORS: dict[str, Any] = {
    "name": "errors",
    "title": {"en": "Errors", "ko": "오류"},
    "when": {"bands": "requests.error_rate"},
    "by": ["service"],
    "window": "1m",
    "for": "2m",
    "recover_for": "1m",
}


@dataclass
class World:
    """What a test acts on."""

    store: StateStore
    engine: TelemetryEngine
    service: AlertService
    evaluator: ProjectEvaluator
    clock: ManualClock
    project: str

    def save(self, **changes: Any) -> RuleState:
        """Save the rule `ERRORS` with some changes."""
        operator = replace(LOCAL_OPERATOR, project_id=self.project)
        return self.service.save(read_rule({**ERRORS, **changes}), by=operator)

    def requests(self, failed: int, passed: int = 0, **columns: Any) -> None:
        """Requests that happen now, some of which fail."""
        spans = [
            make_span(kind="http", started_at=self.clock.now(), status=status, **columns)
            for status, count in (("error", failed), ("ok", passed))
            for _ in range(count)
        ]
        insert_spans(self.engine, self.project, spans)

    def round(self, after: timedelta = timedelta()) -> Round:
        """Move the clock and evaluate."""
        self.clock.advance(after.total_seconds())
        return self.evaluator.run()

    def minutes(self, count: int, *, failed: int, passed: int = 0, **columns: Any) -> None:
        """Minutes with the same requests in each, evaluated four times a minute."""
        for _ in range(count):
            self.requests(failed, passed, **columns)
            for _ in range(4):
                self.round(timedelta(seconds=15))

    def alerts(self) -> list[Alert]:
        """All alerts that are stored."""
        with self.store.session(read_only=True) as session:
            return Alerts(session, self.project).list(limit=100_000)

    def states(self, rule: str = "errors") -> dict[str, AlertState]:
        """The state of each alert of a rule by the values of its labels."""
        return {",".join(alert.labels.values()): alert.state for alert in self.alerts() if alert.rule == rule}

    def events(self) -> list[AlertEvent]:
        """All that was told, oldest first."""
        with self.store.session(read_only=True) as session:
            unread = EventLog(session, TOPIC).unread("test", limit=100_000)
        return [AlertEvent.from_json(one.payload) for one in unread if one.project_id == self.project]

    def kinds(self) -> list[str]:
        """What was told, in short."""
        return [event.kind.value for event in self.events()]
