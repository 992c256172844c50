"""All SQL about alerts and their history."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    RowMapping,
    bindparam,
    delete,
    func,
    insert,
    select,
    tuple_,
    update,
)

from pitwall.alerts.types import (
    EXTERNAL_PREFIX,
    TOPIC,
    Alert,
    AlertEvent,
    AlertState,
    EventKind,
    Facts,
    HistoryEntry,
    Reason,
)
from pitwall.core.vocabulary import Severity
from pitwall.stores.state.tables import alert_history, alerts
from pitwall.work.events import EventLog

_BATCH = 400


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """An alert with what the state machine needs to go on."""

    alert: Alert
    machine: Mapping[str, Any]


class Alerts:
    """Alerts of one project, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def find(self, alert_id: str) -> Alert | None:
        """Return one alert, or None."""
        mine = (alerts.c.project_id == self._project_id) & (alerts.c.id == alert_id)
        row = self._connection.execute(select(alerts).where(mine)).mappings().first()
        return None if row is None else _alert(row)

    def find_many(self, alert_ids: Collection[str]) -> dict[str, Alert]:
        """Return those of several alerts that exist, by id."""
        found: dict[str, Alert] = {}
        wanted = list(dict.fromkeys(alert_ids))
        for start in range(0, len(wanted), _BATCH):
            chosen = alerts.c.id.in_(wanted[start : start + _BATCH])
            query = select(alerts).where(alerts.c.project_id == self._project_id, chosen)
            found |= {row["id"]: _alert(row) for row in self._connection.execute(query).mappings()}
        return found

    def list(
        self,
        *,
        states: Collection[AlertState] = (),
        severity: Severity | None = None,
        rule: str | None = None,
        limit: int = 100,
        after: tuple[datetime, str] | None = None,
    ) -> list[Alert]:
        """Return alerts, the last changed first.

        Args:
            states: Only those in one of these states; empty for all.
            severity: Only those of this severity.
            rule: Only those of this rule.
            limit: How many at most.
            after: `(changed_at, id)` of the last one seen; the list goes on behind it.
        """
        query = select(alerts).where(alerts.c.project_id == self._project_id)
        if states:
            query = query.where(alerts.c.state.in_([state.value for state in states]))
        if severity is not None:
            query = query.where(alerts.c.severity == severity.value)
        if rule is not None:
            query = query.where(alerts.c.rule == rule)
        if after is not None:
            query = query.where(tuple_(alerts.c.changed_at, alerts.c.id) < after)
        query = query.order_by(alerts.c.changed_at.desc(), alerts.c.id.desc()).limit(limit)
        return [_alert(row) for row in self._connection.execute(query).mappings()]

    def counts(self) -> dict[str, dict[AlertState, int]]:
        """Return how many alerts of each rule are in each state."""
        query = (
            select(alerts.c.rule, alerts.c.state, func.count())
            .where(alerts.c.project_id == self._project_id)
            .group_by(alerts.c.rule, alerts.c.state)
        )
        found: dict[str, dict[AlertState, int]] = {}
        for rule, state, count in self._connection.execute(query):
            found.setdefault(rule, {})[AlertState(state)] = count
        return found

    def history(self, alert_id: str, *, limit: int = 200) -> Sequence[HistoryEntry]:
        """Return the events of an alert, newest first."""
        mine = (alert_history.c.project_id == self._project_id) & (alert_history.c.alert_id == alert_id)
        query = select(alert_history).where(mine).order_by(alert_history.c.sequence.desc()).limit(limit)
        return [
            HistoryEntry(
                at=row["at"],
                kind=EventKind(row["kind"]),
                severity=Severity(row["severity"]),
                value=row["value"],
                reason=None if row["reason"] is None else Reason(row["reason"]),
            )
            for row in self._connection.execute(query).mappings()
        ]

    def stored(self) -> Sequence[StoredAlert]:
        """Return all alerts of our own rules with the states of their machines."""
        is_external = alerts.c.rule.startswith(EXTERNAL_PREFIX, autoescape=True)
        query = select(alerts).where(alerts.c.project_id == self._project_id, ~is_external)
        rows = self._connection.execute(query).mappings()
        return [StoredAlert(_alert(row), row["machine"]) for row in rows]

    def write(self, changed: Iterable[StoredAlert]) -> None:
        """Write alerts as they stand now, new ones and those that are there."""
        rows = {one.alert.id: self._row(one) for one in changed}
        known = self._known(rows)
        new = [row for id_, row in rows.items() if id_ not in known]
        if new:
            self._connection.execute(insert(alerts), new)
        old = [{**row, "key": id_} for id_, row in rows.items() if id_ in known]
        if old:
            mine = (alerts.c.project_id == self._project_id) & (alerts.c.id == bindparam("key"))
            columns = [column.name for column in alerts.c if column.name not in ("project_id", "id")]
            changes = update(alerts).where(mine).values({name: bindparam(name) for name in columns})
            self._connection.execute(changes, old)

    def remove(self, alert_ids: Collection[str]) -> None:
        """Forget alerts; their history stays."""
        wanted = list(alert_ids)
        for start in range(0, len(wanted), _BATCH):
            chosen = alerts.c.id.in_(wanted[start : start + _BATCH])
            self._connection.execute(delete(alerts).where(alerts.c.project_id == self._project_id, chosen))

    def forget(self, before: datetime) -> int:
        """Delete alerts that have been over since before a time, with their history; returns how many."""
        mine = alerts.c.project_id == self._project_id
        over = alerts.c.state.in_([AlertState.RESOLVED.value, AlertState.INACTIVE.value])
        old = mine & over & (alerts.c.changed_at < before)
        ids = select(alerts.c.id).where(old)
        its = (alert_history.c.project_id == self._project_id) & alert_history.c.alert_id.in_(ids)
        self._connection.execute(delete(alert_history).where(its))
        return self._connection.execute(delete(alerts).where(old)).rowcount

    def tell(self, events: Iterable[AlertEvent]) -> int:
        """Publish events and add them to the history; one that was told already adds nothing.

        Returns:
            How many were new.
        """
        events = {event.id: event for event in events}.values()
        told = self._told_up_to({event.alert_id for event in events})
        new = [event for event in events if _number(event) > told.get(event.alert_id, 0)]
        if new:
            self._connection.execute(insert(alert_history), [self._history_row(event) for event in new])
            entries = ((event.at, event.to_json()) for event in new)
            EventLog(self._connection, TOPIC).extend(self._project_id, entries)
        return len(new)

    def _told_up_to(self, alert_ids: Collection[str]) -> dict[str, int]:
        """The number of the last event of alerts that have any."""
        told: dict[str, int] = {}
        wanted = list(alert_ids)
        for start in range(0, len(wanted), _BATCH):
            chosen = alert_history.c.alert_id.in_(wanted[start : start + _BATCH])
            query = (
                select(alert_history.c.alert_id, func.max(alert_history.c.sequence).label("last"))
                .where(alert_history.c.project_id == self._project_id, chosen)
                .group_by(alert_history.c.alert_id)
            )
            told |= {one.alert_id: one.last for one in self._connection.execute(query)}
        return told

    def _history_row(self, event: AlertEvent) -> dict[str, Any]:
        return {
            "project_id": self._project_id,
            "alert_id": event.alert_id,
            "sequence": _number(event),
            "at": event.at,
            "kind": event.kind.value,
            "severity": event.severity.value,
            "value": event.facts.value,
            "reason": None if event.reason is None else event.reason.value,
        }

    def _known(self, alert_ids: Collection[str]) -> set[str]:
        known: set[str] = set()
        wanted = list(alert_ids)
        for start in range(0, len(wanted), _BATCH):
            chosen = alerts.c.id.in_(wanted[start : start + _BATCH])
            query = select(alerts.c.id).where(alerts.c.project_id == self._project_id, chosen)
            known |= set(self._connection.execute(query).scalars())
        return known

    def _row(self, stored: StoredAlert) -> dict[str, Any]:
        alert = stored.alert
        return {
            "project_id": self._project_id,
            "id": alert.id,
            "rule": alert.rule,
            "state": alert.state.value,
            "severity": alert.severity.value,
            "is_flapping": alert.is_flapping,
            "labels": dict(alert.labels),
            "facts": alert.facts.to_json(),
            "machine": dict(stored.machine),
            "active_since": alert.active_since,
            "fired_at": alert.fired_at,
            "resolved_at": alert.resolved_at,
            "resolved_reason": None if alert.resolved_reason is None else alert.resolved_reason.value,
            "changed_at": alert.changed_at or alert.evaluated_at,
            "evaluated_at": alert.evaluated_at,
            "error": alert.error,
            "sequence": alert.sequence,
        }


def _number(event: AlertEvent) -> int:
    return int(event.id.rpartition("-")[2])


def _alert(row: RowMapping) -> Alert:
    reason, missing_since = row["resolved_reason"], row["machine"].get("missing_since")
    return Alert(
        id=row["id"],
        rule=row["rule"],
        state=AlertState(row["state"]),
        severity=Severity(row["severity"]),
        is_flapping=row["is_flapping"],
        labels=row["labels"],
        facts=Facts.from_json(row["facts"]),
        active_since=row["active_since"],
        fired_at=row["fired_at"],
        resolved_at=row["resolved_at"],
        resolved_reason=None if reason is None else Reason(reason),
        evaluated_at=row["evaluated_at"],
        error=row["error"],
        sequence=row["sequence"],
        changed_at=row["changed_at"],
        missing_since=None if missing_since is None else datetime.fromisoformat(missing_since),
    )
