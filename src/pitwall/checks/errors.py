"""What can go wrong with checklists; that something they look at is wrong is none of it."""

from __future__ import annotations

from pitwall.core.errors import InvalidInput, NotFound


class ChecksInvalid(InvalidInput):
    """Checklists or items cannot be run as they are written; every problem has its file and line."""

    default_code = "checks.invalid"


class ChecklistNotFound(NotFound):
    """There is no checklist of this name."""

    default_code = "checks.list_not_found"


class ReportNotFound(NotFound):
    """There is no report with this id."""

    default_code = "checks.report_not_found"
