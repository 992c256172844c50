"""Keeping views of pages for the team."""

from __future__ import annotations

import re

from pitwall.access.types import Principal, require
from pitwall.core.errors import InvalidInput, NotFound
from pitwall.core.vocabulary import Scope
from pitwall.kit.clock import Clock
from pitwall.kit.ids import new_id
from pitwall.stores.state import AuditEntry, AuditLog, Projects, StateStore
from pitwall.views.repository import SavedViews
from pitwall.views.types import NewView, SavedView

MAX_VIEWS = 500
_ID = re.compile(r"[0-9a-f]{32}")


class Views:
    """Lists, keeps and forgets views; calls block."""

    def __init__(self, state: StateStore, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def list(self, project_id: str, page: str | None = None) -> list[SavedView]:
        """Return the views of one page or of all, by page and name."""
        with self._state.session(read_only=True) as session:
            return SavedViews(session, project_id).list(page)

    def save(self, view: NewView, *, by: Principal) -> SavedView:
        """Keep a view for the caller's project.

        Raises:
            NotPermitted: The caller may not act.
            Conflict: The page has a view of that name.
            InvalidInput: The project has as many views as it may.
        """
        require(by, Scope.ACT)
        saved = SavedView(new_id(), view.name, view.page, view.query, self._clock.now(), by.actor)
        with self._state.session() as session:
            views = SavedViews(session, Projects(session).get(by.project_id).id)
            _check_room(views.count())
            views.add(saved)
            AuditLog(session).record(self._audit("view.saved", saved, by))
        return saved

    def delete(self, view_id: str, *, by: Principal) -> SavedView:
        """Forget a view and return what it was.

        Raises:
            NotPermitted: The caller may not act.
            NotFound: The project has no such view.
        """
        require(by, Scope.ACT)
        with self._state.session() as session:
            views = SavedViews(session, by.project_id)
            view = views.find(view_id) if _ID.fullmatch(view_id) else None
            if view is None:
                raise NotFound(f"There is no saved view {view_id!r}.", code="view.not_found")
            views.remove(view.id)
            AuditLog(session).record(self._audit("view.deleted", view, by))
        return view

    def _audit(self, action: str, view: SavedView, by: Principal) -> AuditEntry:
        return AuditEntry(
            at=self._clock.now(),
            actor=by.actor,
            action=action,
            object=f"view:{view.id}",
            project_id=by.project_id,
            details={"name": view.name, "page": view.page, "query": dict(view.query)},
        )


def _check_room(count: int) -> None:
    if count >= MAX_VIEWS:
        raise InvalidInput(
            f"A project has at most {MAX_VIEWS} saved views.",
            code="view.too_many",
            hint="Delete some that nobody uses.",
        )
