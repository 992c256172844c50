"""The wire shapes of saved views."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from pitwall.kit.text import check_line, check_storable
from pitwall.views.types import NewView, SavedView

Page = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
ViewName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(check_line)
]
Parameter = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(check_line)]
Value = Annotated[str, StringConstraints(max_length=4000), AfterValidator(check_storable)]


class ViewBody(BaseModel):
    """A view to save."""

    model_config = ConfigDict(extra="forbid")

    name: ViewName = Field(description="Different for every view of a page.")
    page: Page = Field(description="Which page it is of, such as `traces`.")
    query: Annotated[dict[Parameter, Value], Field(max_length=50)] = Field(
        description="Query of the page's address, by parameter; its meaning is the page's own."
    )

    def view(self) -> NewView:
        """Return the view."""
        return NewView(self.name, self.page, self.query)


class SavedViewView(BaseModel):
    """A saved view."""

    id: str
    name: str
    page: str
    query: dict[str, str]
    created_at: datetime
    created_by: str

    @classmethod
    def of(cls, view: SavedView) -> Self:
        """Return the written form of a view."""
        return cls(
            id=view.id,
            name=view.name,
            page=view.page,
            query=dict(view.query),
            created_at=view.created_at,
            created_by=view.created_by,
        )


class ViewList(BaseModel):
    """Saved views by page and name."""

    views: list[SavedViewView]

    @classmethod
    def of(cls, views: Iterable[SavedView]) -> Self:
        """Return the written form of several views."""
        return cls(views=[SavedViewView.of(view) for view in views])
