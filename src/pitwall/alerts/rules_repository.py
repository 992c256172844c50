"""All SQL about alert rules that teams saved, and about how evaluations went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from pitwall.alerts.errors import RuleChanged
from pitwall.kit.ids import new_id
from pitwall.stores.state import Meta
from pitwall.stores.state.tables import alert_evaluations, alert_rules

ROUND = ""
"""Name under which the round as a whole is noted."""


@dataclass(frozen=True, slots=True)
class StoredRule:
    """What a team saved of a rule.

    Attributes:
        content: The rule as it was written; None where only `is_enabled` of a pack's rule was changed.
    """

    name: str
    content: Mapping[str, Any] | None
    is_enabled: bool
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, slots=True)
class Evaluated:
    """How the last evaluation of a rule went.

    Attributes:
        series: Label sets that were evaluated.
        dropped_series: Label sets beyond `max_series`, which were not.
    """

    rule: str
    at: datetime
    duration_ms: float
    series: int
    dropped_series: int = 0
    error: str | None = None


class StoredRules:
    """Alert rules of one project, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id
        self._version_key = f"alert_rules.version.{project_id}"

    def all(self) -> Sequence[StoredRule]:
        """Return all of them by name."""
        mine = alert_rules.c.project_id == self._project_id
        query = select(alert_rules).where(mine).order_by(alert_rules.c.name)
        return [_stored(row) for row in self._connection.execute(query).mappings()]

    def version(self) -> str | None:
        """Return what changes whenever a rule is saved or deleted; None if none ever was."""
        return Meta(self._connection).get(self._version_key)

    def count(self) -> int:
        """Return how many there are."""
        query = select(func.count()).where(alert_rules.c.project_id == self._project_id)
        return self._connection.execute(query).scalar_one()

    def find(self, name: str, *, will_change: bool = False) -> StoredRule | None:
        """Return one, or None; `will_change` keeps others from changing it until the transaction ends."""
        query = select(alert_rules).where(self._is(name))
        row = self._connection.execute(query.with_for_update() if will_change else query).mappings().first()
        return None if row is None else _stored(row)

    def add(self, stored: StoredRule) -> None:
        """Store a rule of a name that has none.

        Raises:
            RuleChanged: Somebody else stored one a moment ago.
        """
        key = {"project_id": self._project_id, "name": stored.name}
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(alert_rules).values(**key, **_values(stored)))
        except IntegrityError as exc:
            raise RuleChanged(f"Somebody else has just made the alert rule {stored.name!r}.") from exc
        self._note_change()

    def replace(self, stored: StoredRule) -> None:
        """Store another content for a rule."""
        self._connection.execute(update(alert_rules).where(self._is(stored.name)).values(**_values(stored)))
        self._note_change()

    def remove(self, name: str) -> None:
        """Forget a rule."""
        self._connection.execute(delete(alert_rules).where(self._is(name)))
        self._note_change()

    def _note_change(self) -> None:
        Meta(self._connection).set(self._version_key, new_id())

    def _is(self, name: str) -> ColumnElement[bool]:
        return (alert_rules.c.project_id == self._project_id) & (alert_rules.c.name == name)


class Evaluations:
    """How evaluations of one project went, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def by_rule(self) -> dict[str, Evaluated]:
        """Return the last evaluation of each rule; that of the round as a whole has the name `ROUND`."""
        query = select(alert_evaluations).where(alert_evaluations.c.project_id == self._project_id)
        return {
            row["rule"]: Evaluated(
                row["rule"],
                row["at"],
                row["duration_ms"],
                row["series"],
                row["dropped_series"],
                row["error"],
            )
            for row in self._connection.execute(query).mappings()
        }

    def write(self, evaluated: Iterable[Evaluated]) -> None:
        """Note evaluations in place of earlier ones."""
        rows: Sequence[dict[str, Any]] = [
            {
                "project_id": self._project_id,
                "rule": one.rule,
                "at": one.at,
                "duration_ms": one.duration_ms,
                "series": one.series,
                "dropped_series": one.dropped_series,
                "error": one.error,
            }
            for one in evaluated
        ]
        if rows:
            self.forget([str(row["rule"]) for row in rows])
            self._connection.execute(insert(alert_evaluations), list(rows))

    def forget(self, rules: Sequence[str]) -> None:
        """Forget how rules were evaluated."""
        for start in range(0, len(rules), 400):
            chosen = alert_evaluations.c.rule.in_(rules[start : start + 400])
            self._connection.execute(
                delete(alert_evaluations).where(alert_evaluations.c.project_id == self._project_id, chosen)
            )


def _values(stored: StoredRule) -> dict[str, object]:
    return {
        "content": None if stored.content is None else dict(stored.content),
        "is_enabled": stored.is_enabled,
        "updated_at": stored.updated_at,
        "updated_by": stored.updated_by,
    }


def _stored(row: RowMapping) -> StoredRule:
    return StoredRule(row["name"], row["content"], row["is_enabled"], row["updated_at"], row["updated_by"])
