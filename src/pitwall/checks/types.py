"""What a checklist looks at, and what it found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pitwall.checks.items import Item
from pitwall.kit.i18n import Text


class ItemStatus(StrEnum):
    """What became of an item: `skipped` had nothing to look at, `error` could not look."""

    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"


class ReportStatus(StrEnum):
    """What a report comes to."""

    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Checklist:
    """Items in their order."""

    name: str
    title: Text
    description: Text
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What an item found.

    Attributes:
        detail: What is so, or why it was skipped.
        value: The number behind it, if there is one.
        unit: Of the value.
    """

    status: ItemStatus
    detail: Text
    value: float | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class ItemResult:
    """A finding of one item of a report; `todo` says what to do, and is there if something has to be done."""

    name: str
    title: Text
    finding: Finding
    todo: Text | None
    duration_ms: float


@dataclass(frozen=True, slots=True)
class Report:
    """One run of a checklist.

    Attributes:
        list: Name of the checklist.
        by: Who ran it.
        notified: Whether people were told; None if nobody asked for it.
    """

    id: str
    list: str
    at: datetime
    by: str
    items: tuple[ItemResult, ...]
    notified: bool | None = None

    @property
    def status(self) -> ReportStatus:
        """Failed if anything failed or could not be looked at; a list that looked at nothing is no pass."""
        found = {item.finding.status for item in self.items}
        if found & {ItemStatus.FAILED, ItemStatus.ERROR}:
            return ReportStatus.FAILED
        if ItemStatus.WARNING in found or ItemStatus.PASSED not in found:
            return ReportStatus.WARNING
        return ReportStatus.PASSED


@dataclass(frozen=True, slots=True)
class RunRequest:
    """How a checklist is to be run.

    Attributes:
        variables: Values that items name in braces; they win over those of the settings.
        settings: Settings as the caller would start a server with, by path, as text; empty if unknown.
        extra: Items that the caller adds.
        notify: Tell people what came of it.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    extra: tuple[Item, ...] = ()
    notify: bool = False
