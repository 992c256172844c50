"""All SQL about reports of checklists."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, insert, or_, select

from pitwall.checks.types import Report
from pitwall.checks.wire import read_report, report_view
from pitwall.stores.state.tables import check_reports

Position = tuple[datetime, str]


class StoredReports:
    """Reports of one project, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def add(self, report: Report) -> None:
        """Keep a report."""
        self._connection.execute(
            insert(check_reports).values(
                id=report.id,
                project_id=self._project_id,
                list=report.list,
                at=report.at,
                status=report.status.value,
                content=report_view(report),
            )
        )

    def find(self, report_id: str) -> Report | None:
        """Return one report, or None."""
        query = select(check_reports.c.content).where(
            check_reports.c.project_id == self._project_id, check_reports.c.id == report_id
        )
        content = self._connection.execute(query).scalar()
        return None if content is None else read_report(content)

    def page(self, name: str | None, after: Position | None, limit: int) -> list[Report]:
        """Return reports, newest first, of one list or of all, after a position."""
        query = select(check_reports.c.content).where(check_reports.c.project_id == self._project_id)
        if name is not None:
            query = query.where(check_reports.c.list == name)
        if after is not None:
            at, report_id = after
            is_older = check_reports.c.at < at
            is_later_in_id = and_(check_reports.c.at == at, check_reports.c.id < report_id)
            query = query.where(or_(is_older, is_later_in_id))
        ordered = query.order_by(check_reports.c.at.desc(), check_reports.c.id.desc()).limit(limit)
        return [read_report(content) for content in self._connection.execute(ordered).scalars()]

    def newest(self) -> dict[str, Report]:
        """Return the newest report of every list, by name."""
        names = select(check_reports.c.list).where(check_reports.c.project_id == self._project_id).distinct()
        found = {name: self.page(name, None, 1) for name in self._connection.execute(names).scalars()}
        return {name: reports[0] for name, reports in found.items() if reports}

    def keep(self, name: str, count: int) -> None:
        """Forget the oldest reports of a list beyond a number."""
        mine = (check_reports.c.project_id == self._project_id) & (check_reports.c.list == name)
        total = self._connection.execute(select(func.count()).where(mine)).scalar_one()
        if total <= count:
            return
        oldest = (
            select(check_reports.c.id)
            .where(mine)
            .order_by(check_reports.c.at, check_reports.c.id)
            .limit(total - count)
        )
        ids = list(self._connection.execute(oldest).scalars())
        self._connection.execute(delete(check_reports).where(check_reports.c.id.in_(ids)))
