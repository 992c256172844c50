"""All SQL about anchors and their checks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, insert, select, update

from pitwall.evals.anchors.types import AnchorSet, Check, CheckState, Finding, NamedFinding
from pitwall.kit.durations import format_instant
from pitwall.stores.state.tables import eval_anchor_checks, eval_anchors
from pitwall.stores.state.upserts import insert_or_replace

_MEASURED = tuple(state.value for state in CheckState if state.is_measured)


class AnchorSets:
    """Anchor sets of one project with their checks, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def save(self, anchors: AnchorSet) -> None:
        """Keep an anchor set in place of what its name stood for."""
        row = {
            "project_id": self._project_id,
            "name": anchors.name,
            "set_id": anchors.set_id,
            "run_id": anchors.run_id,
            "metrics": list(anchors.metrics),
            "positions": list(anchors.positions),
            "profile": anchors.profile,
            "every_seconds": round(anchors.every.total_seconds()),
            "max_calls": anchors.max_calls,
            "margin": anchors.margin,
            "is_enabled": anchors.is_enabled,
            "due_at": anchors.due_at,
            "findings": findings_json(anchors.findings),
            "error": anchors.error,
            "updated_at": anchors.updated_at,
            "updated_by": anchors.updated_by,
        }
        insert_or_replace(self._connection, eval_anchors, [row])

    def all(self) -> list[AnchorSet]:
        """Return all of them by name."""
        query = select(eval_anchors).where(eval_anchors.c.project_id == self._project_id)
        return [
            _anchors(row) for row in self._connection.execute(query.order_by(eval_anchors.c.name)).mappings()
        ]

    def find(self, name: str) -> AnchorSet | None:
        """Return one, or None."""
        row = self._connection.execute(select(eval_anchors).where(self._is(name))).mappings().first()
        return None if row is None else _anchors(row)

    def remove(self, name: str) -> None:
        """Forget an anchor set with its checks."""
        of = eval_anchor_checks.c
        mine = and_(of.project_id == self._project_id, of.name == name)
        self._connection.execute(delete(eval_anchor_checks).where(mine))
        self._connection.execute(delete(eval_anchors).where(self._is(name)))

    def call_for(self, name: str, at: datetime) -> None:
        """Let an anchor set be checked at a time."""
        self._connection.execute(update(eval_anchors).where(self._is(name)).values(due_at=at))

    def checks(self, name: str, limit: int) -> list[Check]:
        """Return the last checks, the newest first, without what the judge said of each anchor."""
        of = eval_anchor_checks.c
        query = (
            select(*[column for column in of if column.name != "readings"])
            .where(of.project_id == self._project_id, of.name == name)
            .order_by(of.started_at.desc())
            .limit(limit)
        )
        return [_check(row) for row in self._connection.execute(query).mappings()]

    def first_measured(self, anchors: AnchorSet) -> Check | None:
        """Return the first check that measured these anchors, with what the judge said."""
        return self._one(anchors, eval_anchor_checks.c.state.in_(_MEASURED), is_newest=False)

    def last_measured(self, anchors: AnchorSet) -> Check | None:
        """Return the last check that measured these anchors."""
        return self._one(anchors, eval_anchor_checks.c.state.in_(_MEASURED), is_newest=True)

    def begin(self, check: Check, anchors: AnchorSet) -> Check:
        """Keep a check that begins; one of these anchors that was interrupted is gone on with instead."""
        running = eval_anchor_checks.c.state == CheckState.RUNNING.value
        interrupted = self._one(anchors, running, is_newest=True)
        if interrupted is not None:
            return interrupted
        self._connection.execute(
            insert(eval_anchor_checks).values(
                id=check.id,
                project_id=self._project_id,
                name=check.name,
                set_id=check.set_id,
                state=check.state.value,
                started_at=check.started_at,
                content={},
                readings={},
            )
        )
        return check

    def finish(self, check: Check) -> None:
        """Keep what a check came to."""
        self._connection.execute(
            update(eval_anchor_checks)
            .where(eval_anchor_checks.c.id == check.id)
            .values(
                state=check.state.value,
                finished_at=check.finished_at,
                content=dict(check.content),
                readings={metric: list(values) for metric, values in check.readings.items()},
            )
        )

    def note(
        self, anchors: AnchorSet, due_at: datetime, findings: Mapping[str, Finding], error: str | None
    ) -> None:
        """Note what came of the last check, unless other anchors were set meanwhile."""
        same = and_(self._is(anchors.name), eval_anchors.c.set_id == anchors.set_id)
        values = {"due_at": due_at, "findings": findings_json(findings), "error": error}
        self._connection.execute(update(eval_anchors).where(same).values(**values))

    def _one(self, anchors: AnchorSet, condition: ColumnElement[bool], *, is_newest: bool) -> Check | None:
        of = eval_anchor_checks.c
        query = select(eval_anchor_checks).where(
            of.project_id == self._project_id, of.name == anchors.name, of.set_id == anchors.set_id, condition
        )
        order = of.started_at.desc() if is_newest else of.started_at
        row = self._connection.execute(query.order_by(order).limit(1)).mappings().first()
        return None if row is None else _check(row)

    def _is(self, name: str) -> ColumnElement[bool]:
        return and_(eval_anchors.c.project_id == self._project_id, eval_anchors.c.name == name)


class AnchorQueue:
    """Anchor sets of all projects, within the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def enabled(self) -> list[AnchorSet]:
        """Return those that are to be checked at all."""
        query = select(eval_anchors).where(eval_anchors.c.is_enabled.is_(True))
        return [_anchors(row) for row in self._connection.execute(query).mappings()]

    def take(self, now: datetime, until: datetime) -> AnchorSet | None:
        """Take the one that is due for the longest, so that nobody else takes it before a time."""
        of = eval_anchors.c
        due = and_(of.is_enabled.is_(True), of.due_at <= now)
        row = (
            self._connection.execute(select(eval_anchors).where(due).order_by(of.due_at).limit(1))
            .mappings()
            .first()
        )
        if row is None:
            return None
        found = _anchors(row)
        same = and_(of.project_id == found.project_id, of.name == found.name, of.due_at == row["due_at"])
        taken = self._connection.execute(update(eval_anchors).where(same).values(due_at=until))
        return found if taken.rowcount else None


def findings_of(connection: Connection, project_id: str) -> dict[str, NamedFinding]:
    """Return the newest finding of each identity of scores."""
    newest: dict[str, NamedFinding] = {}
    for anchors in AnchorSets(connection, project_id).all():
        for found in anchors.findings.values():
            known = newest.get(found.identity)
            if known is None or known.finding.checked_at < found.checked_at:
                newest[found.identity] = NamedFinding(anchors.name, found)
    return newest


def findings_json(findings: Mapping[str, Finding]) -> dict[str, Any]:
    """Findings by metric as JSON."""
    return {
        metric: {
            "identity": one.identity,
            "has_moved": one.has_moved,
            "checked_at": format_instant(one.checked_at),
        }
        for metric, one in findings.items()
    }


def _finding(content: Mapping[str, Any]) -> Finding:
    return Finding(content["identity"], content["has_moved"], datetime.fromisoformat(content["checked_at"]))


def _anchors(row: RowMapping) -> AnchorSet:
    return AnchorSet(
        project_id=row["project_id"],
        name=row["name"],
        set_id=row["set_id"],
        run_id=row["run_id"],
        metrics=tuple(row["metrics"]),
        positions=tuple(row["positions"]),
        profile=row["profile"],
        every=timedelta(seconds=row["every_seconds"]),
        max_calls=row["max_calls"],
        margin=row["margin"],
        is_enabled=row["is_enabled"],
        due_at=row["due_at"],
        updated_at=row["updated_at"],
        updated_by=row["updated_by"],
        findings={metric: _finding(one) for metric, one in row["findings"].items()},
        error=row["error"],
    )


def _check(row: RowMapping) -> Check:
    return Check(
        id=row["id"],
        name=row["name"],
        set_id=row["set_id"],
        state=CheckState(row["state"]),
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        content=row["content"],
        readings=row.get("readings", {}),
    )
