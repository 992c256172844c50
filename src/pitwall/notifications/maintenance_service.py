"""Maintenance windows: times in which nobody is told, once or every week."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pitwall.access.types import Principal
from pitwall.notifications.errors import MaintenanceInvalid, MaintenanceNotFound
from pitwall.notifications.maintenance import MaintenanceWindow
from pitwall.notifications.recording import Desk
from pitwall.notifications.repository import MaintenanceWindows
from pitwall.notifications.wire import matchers_view, when_view

MAX_WINDOWS = 200


class MaintenanceService:
    """Looks at maintenance windows and changes them; calls block."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def list(self, project_id: str) -> list[MaintenanceWindow]:
        """Return the windows of a project by name."""
        with self._desk.state.session(read_only=True) as connection:
            return MaintenanceWindows(connection, project_id).list()

    def get(self, project_id: str, name: str) -> MaintenanceWindow:
        """Return one window.

        Raises:
            MaintenanceNotFound: The project has none of that name.
        """
        with self._desk.state.session(read_only=True) as connection:
            window = MaintenanceWindows(connection, project_id).find(name)
        if window is None:
            raise _not_found(name)
        return window

    def save(self, wanted: MaintenanceWindow, *, by: Principal) -> MaintenanceWindow:
        """Save a window, a new one or one that is there.

        Raises:
            NotPermitted: The caller may not act.
            MaintenanceInvalid: The project has as many as it may.
        """
        details = {"matchers": matchers_view(wanted.matchers), **when_view(wanted.when)}
        with self._desk.change("maintenance.saved", f"maintenance:{wanted.name}", by, details) as change:
            windows = MaintenanceWindows(change.connection, change.project_id)
            names = {window.name for window in windows.list()}
            if wanted.name not in names and len(names) >= MAX_WINDOWS:
                raise MaintenanceInvalid(
                    f"A project has at most {MAX_WINDOWS} maintenance windows.",
                    hint="Delete one that is over: `pitwall notifications maintenance delete NAME`.",
                )
            window = replace(wanted, updated_at=change.at, updated_by=change.actor)
            windows.write(window)
        return window

    def delete(self, name: str, *, by: Principal) -> MaintenanceWindow:
        """Forget a window; returns what it was.

        Raises:
            NotPermitted: The caller may not act.
            MaintenanceNotFound: The project has none of that name.
        """
        with self._desk.change("maintenance.deleted", f"maintenance:{name}", by) as change:
            windows = MaintenanceWindows(change.connection, change.project_id)
            window = windows.find(name)
            if window is None:
                raise _not_found(name)
            windows.remove(name)
        return window

    def now(self) -> datetime:
        """The present, by which a window is open or not."""
        return self._desk.clock.now()


def _not_found(name: str) -> MaintenanceNotFound:
    return MaintenanceNotFound(
        f"There is no maintenance window {name!r}.", hint="See `pitwall notifications maintenance list`."
    )
