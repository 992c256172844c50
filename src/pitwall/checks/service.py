"""Which checklists there are, running one, and the reports of earlier runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from pitwall.access.types import Principal, require
from pitwall.checks.errors import ChecklistNotFound, ReportNotFound
from pitwall.checks.items import Item
from pitwall.checks.pack_files import parse_items
from pitwall.checks.repository import Position, StoredReports
from pitwall.checks.running import run_items
from pitwall.checks.surroundings import Looking, Surroundings
from pitwall.checks.types import Checklist, Report, RunRequest
from pitwall.core.errors import InvalidInput
from pitwall.core.vocabulary import Scope
from pitwall.kit.ids import new_id
from pitwall.stores.state import AuditEntry, AuditLog, Projects, StateStore

log = structlog.get_logger(__name__)

_KEPT_REPORTS = 500

Notify = Callable[[str, Report], None]
"""Tells the people of a project what a report found; raises if that is not possible."""


@dataclass(frozen=True, slots=True)
class ChecklistState:
    """A checklist and its newest report."""

    checklist: Checklist
    last_report: Report | None


class Checklists:
    """Lists, runs and remembers; calls block.

    Args:
        state: Keeps the reports.
        lists: What packs and files bring, in their order.
        around: What items look at.
        variables: Values that items name in braces.
        notify: Tells people; None while nothing can.
    """

    def __init__(
        self,
        state: StateStore,
        lists: Sequence[Checklist],
        around: Surroundings,
        variables: Mapping[str, str],
        *,
        notify: Notify | None = None,
    ) -> None:
        self._state = state
        self._lists = {one.name: one for one in lists}
        self._around = around
        self._variables = dict(variables)
        self._notify = notify

    def all(self, project_id: str) -> list[ChecklistState]:
        """Return the checklists with their newest reports."""
        with self._state.session(read_only=True) as session:
            newest = StoredReports(session, project_id).newest()
        return [ChecklistState(one, newest.get(name)) for name, one in self._lists.items()]

    def read_items(self, name: str, text: str) -> RunRequest:
        """Read the items that a caller adds to a list.

        Raises:
            ChecksInvalid: They are none.
        """
        return RunRequest(extra=parse_items(text, name, self._around.signals.catalogue))

    def run(self, name: str, request: RunRequest, *, by: Principal) -> Report:
        """Look at everything on a list, keep the report and return it.

        Raises:
            NotPermitted: The caller may not act.
            ChecklistNotFound: There is no such list, and the caller adds no item.
            InvalidInput: People are to be told, and nothing can tell them.
        """
        require(by, Scope.ACT)
        items = (*self._items(name, request), *request.extra)
        if request.notify and self._notify is None:
            raise InvalidInput(
                "Nobody can be told: no notification channel is set up.",
                code="checks.no_channel",
                hint="Run it without --notify, or set up a channel.",
            )
        looking = Looking(self._around, by, {**self._variables, **request.variables}, request.settings)
        at = self._around.clock.now()
        report = Report(new_id(), name, at, by.actor, run_items(items, looking))
        if request.notify:
            report = replace(report, notified=self._tell(by.project_id, report))
        self._keep(report, by)
        return report

    def report(self, project_id: str, report_id: str) -> Report:
        """Return one report.

        Raises:
            ReportNotFound: The project has none of that id.
        """
        with self._state.session(read_only=True) as session:
            found = StoredReports(session, project_id).find(report_id)
        if found is None:
            raise ReportNotFound(f"There is no report {report_id!r}.", hint="See `pitwall checks reports`.")
        return found

    def reports(self, project_id: str, name: str | None, after: Position | None, limit: int) -> list[Report]:
        """Return earlier reports, newest first, after a position."""
        with self._state.session(read_only=True) as session:
            return StoredReports(session, project_id).page(name, after, limit)

    def _items(self, name: str, request: RunRequest) -> Sequence[Item]:
        known = self._lists.get(name)
        if known is None and not request.extra:
            raise ChecklistNotFound(
                f"There is no checklist {name!r}.", hint=f"There are {', '.join(self._lists)}."
            )
        return () if known is None else known.items

    def _tell(self, project_id: str, report: Report) -> bool:
        assert self._notify is not None  # checked before anything was looked at
        try:
            self._notify(project_id, report)
        except Exception:
            log.exception("checks.not_notified", list=report.list)
            return False
        return True

    def _keep(self, report: Report, by: Principal) -> None:
        with self._state.session() as session:
            project = Projects(session).get(by.project_id)
            stored = StoredReports(session, project.id)
            stored.add(report)
            stored.keep(report.list, _KEPT_REPORTS)
            AuditLog(session).record(
                AuditEntry(
                    at=report.at,
                    actor=by.actor,
                    action="checks.run",
                    object=f"checklist:{report.list}",
                    project_id=by.project_id,
                    details={"report": report.id, "status": report.status.value},
                )
            )
