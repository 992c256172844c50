"""The wire shapes of checklists and their reports."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pitwall.checks.service import ChecklistState
from pitwall.checks.types import ItemStatus, Report, ReportStatus
from pitwall.checks.wire import report_view, text_view

_MAX_YAML = 256 * 1024
_Word = Annotated[str, StringConstraints(max_length=2000)]


class ItemView(BaseModel):
    """What became of an item."""

    name: str
    title: dict[str, str] = Field(description="By language, `en` and `ko`.")
    status: ItemStatus = Field(description="`skipped` had nothing to look at, `error` could not look.")
    detail: dict[str, str] = Field(description="What is so, or why it was skipped.")
    todo: dict[str, str] | None = Field(description="What to do; null if nothing has to be done.")
    value: float | None
    unit: str | None
    duration_ms: float


class ReportView(BaseModel):
    """One run of a checklist."""

    id: str
    checklist: str = Field(alias="list", description="Name of the checklist.")
    at: datetime
    by: str = Field(description="Who ran it.")
    status: ReportStatus = Field(
        description="`failed` if an item failed or could not be looked at; a list that looked at nothing at "
        "all is a `warning`."
    )
    notified: bool | None = Field(description="Whether people were told; null if nobody asked for it.")
    items: list[ItemView]

    model_config = ConfigDict(serialize_by_alias=True)

    @classmethod
    def of(cls, report: Report) -> Self:
        """Return the view of a report."""
        return cls.model_validate(report_view(report))


class ReportPage(BaseModel):
    """Reports, newest first."""

    reports: list[ReportView]
    next_cursor: str | None = Field(description="Where the next page begins; null at the end.")


class ChecklistItemView(BaseModel):
    """What a list looks at."""

    name: str
    kind: str
    title: dict[str, str]


class ChecklistView(BaseModel):
    """A checklist with its newest report."""

    name: str
    title: dict[str, str]
    description: dict[str, str]
    items: list[ChecklistItemView]
    last_report: ReportView | None

    @classmethod
    def of(cls, state: ChecklistState) -> Self:
        """Return the view of a checklist."""
        checklist = state.checklist
        return cls(
            name=checklist.name,
            title=text_view(checklist.title),
            description=text_view(checklist.description),
            items=[
                ChecklistItemView(name=item.name, kind=item.kind, title=text_view(item.title.text()))
                for item in checklist.items
            ],
            last_report=None if state.last_report is None else ReportView.of(state.last_report),
        )


class ChecklistList(BaseModel):
    """All checklists."""

    lists: list[ChecklistView]


class RunBody(BaseModel):
    """How a list is to be run; everything may be left out."""

    model_config = ConfigDict(extra="forbid")

    variables: dict[str, _Word] = Field(
        default={}, description="Values that items name in braces; they win over those of the settings."
    )
    settings: dict[str, _Word] = Field(
        default={}, description="Settings that should be in force, by path, for items that compare them."
    )
    items: Annotated[str, StringConstraints(max_length=_MAX_YAML)] = Field(
        default="", description="YAML of further items."
    )
    notify: bool = Field(default=False, description="Tell people what came of it.")
