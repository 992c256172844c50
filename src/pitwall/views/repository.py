"""All SQL about saved views."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from pitwall.core.errors import Conflict
from pitwall.stores.state.tables import saved_views
from pitwall.views.types import SavedView


class SavedViews:
    """Saved views of one project, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def list(self, page: str | None = None) -> list[SavedView]:
        """Return the views of one page or of all, by page and name."""
        query = select(saved_views).where(saved_views.c.project_id == self._project_id)
        if page is not None:
            query = query.where(saved_views.c.page == page)
        rows = self._connection.execute(query.order_by(saved_views.c.page, saved_views.c.name)).mappings()
        return [_view(row) for row in rows]

    def find(self, view_id: str) -> SavedView | None:
        """Return one view, or None."""
        query = select(saved_views).where(
            saved_views.c.project_id == self._project_id, saved_views.c.id == view_id
        )
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _view(row)

    def count(self) -> int:
        """Return how many there are."""
        query = select(func.count()).where(saved_views.c.project_id == self._project_id)
        return self._connection.execute(query).scalar_one()

    def add(self, view: SavedView) -> None:
        """Store a new view.

        Raises:
            Conflict: The page has a view of that name.
        """
        values = {
            "id": view.id,
            "project_id": self._project_id,
            "page": view.page,
            "name": view.name,
            "query": dict(view.query),
            "created_at": view.created_at,
            "created_by": view.created_by,
        }
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(saved_views).values(**values))
        except IntegrityError as exc:
            raise Conflict(
                f"There is a view {view.name!r} of {view.page} already.",
                code="view.exists",
                hint="Choose another name, or delete that view first.",
            ) from exc

    def remove(self, view_id: str) -> None:
        """Forget a view."""
        self._connection.execute(
            delete(saved_views).where(
                saved_views.c.project_id == self._project_id, saved_views.c.id == view_id
            )
        )


def _view(row: RowMapping) -> SavedView:
    return SavedView(
        id=row["id"],
        name=row["name"],
        page=row["page"],
        query=row["query"],
        created_at=row["created_at"],
        created_by=row["created_by"],
    )
