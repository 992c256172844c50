"""What people are told of a report, and telling them by the routes of notifications."""

from __future__ import annotations

from typing import Final

from pitwall.checks.service import Notify
from pitwall.checks.types import ItemResult, ItemStatus, Report, ReportStatus
from pitwall.core.errors import Conflict
from pitwall.core.vocabulary import Severity
from pitwall.kit.i18n import Language, Text
from pitwall.notifications.announcing import Announcement
from pitwall.notifications.delivery_service import DeliveryService

_STATUSES: Final = {
    ReportStatus.PASSED: Text("passed", "통과"),
    ReportStatus.WARNING: Text("warnings", "주의"),
    ReportStatus.FAILED: Text("failed", "실패"),
}
_SEVERITIES: Final = {
    ReportStatus.PASSED: Severity.INFO,
    ReportStatus.WARNING: Severity.WARNING,
    ReportStatus.FAILED: Severity.CRITICAL,
}
_TITLE: Final = Text("[checks] {list}: {status}", "[점검] {list}: {status}")
_ALL_WELL: Final = Text("{count} items passed.", "{count}개 항목 통과.", en_one="1 item passed.")
_QUIET: Final = frozenset({ItemStatus.PASSED, ItemStatus.SKIPPED})


def tell_by(deliveries: DeliveryService) -> Notify:
    """Return what tells of a report; it raises if its labels lead to nobody."""

    def tell(project_id: str, report: Report) -> None:
        if not deliveries.announce(project_id, announcement_of(report)):
            raise Conflict(
                f"No channel is told of checklist {report.list!r} now.",
                hint="See `pitwall notifications routes test --label rule=checks." + report.list + "`.",
            )

    return tell


def announcement_of(report: Report) -> Announcement:
    """What people are told: how it went, and everything that has to be done."""
    return Announcement(
        title=Text(_title(report, Language.ENGLISH), _title(report, Language.KOREAN)),
        body=Text(_body(report, Language.ENGLISH), _body(report, Language.KOREAN)),
        labels={"rule": f"checks.{report.list}", "severity": _SEVERITIES[report.status].value},
        page=f"/checks/reports/{report.id}",
    )


def _title(report: Report, language: Language) -> str:
    return _TITLE.say(language, list=report.list, status=_STATUSES[report.status].say(language))


def _body(report: Report, language: Language) -> str:
    passed = sum(1 for item in report.items if item.finding.status is ItemStatus.PASSED)
    lines = [_line(item, language) for item in report.items if item.finding.status not in _QUIET]
    return "\n".join([*lines, _ALL_WELL.say(language, count=passed)])


def _line(item: ItemResult, language: Language) -> str:
    line = f"- {item.title.say(language)} ({item.finding.status.value}): {item.finding.detail.say(language)}"
    return line if item.todo is None else f"{line}\n  → {item.todo.say(language)}"
