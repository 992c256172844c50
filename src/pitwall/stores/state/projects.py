"""Projects: the walls between tenants."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select
from sqlalchemy.exc import IntegrityError

from pitwall.core.errors import Conflict, InvalidInput, NotFound
from pitwall.stores.state.tables import projects

DEFAULT_PROJECT = "default"
SELF_PROJECT = "_pitwall"
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_BUILT_IN = {DEFAULT_PROJECT: "Default", SELF_PROJECT: "Pitwall itself"}


@dataclass(frozen=True, slots=True)
class Project:
    """One tenant; all telemetry and all state belong to exactly one."""

    id: str
    name: str
    created_at: datetime


def check_project_id(project_id: str) -> str:
    """Return the id if it names a project: the built-in ones, or one that users may make.

    Raises:
        InvalidInput: It has other characters, is too long, or claims a reserved name.
    """
    if project_id in _BUILT_IN or _ID.fullmatch(project_id):
        return project_id
    raise InvalidInput(
        f"{project_id!r} is not a project id.",
        code="project.id_invalid",
        hint="Use 1 to 64 of a-z, 0-9, - and _, beginning with a letter or digit.",
    )


class Projects:
    """All SQL about projects, within the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> list[Project]:
        """Return all projects by id."""
        rows = self._connection.execute(select(projects).order_by(projects.c.id)).mappings()
        return [_project(row) for row in rows]

    def get(self, project_id: str) -> Project:
        """Return one project.

        Raises:
            NotFound: There is none of that id.
        """
        found = self.find(project_id)
        if found is None:
            raise NotFound(f"There is no project {project_id!r}.", code="project.not_found")
        return found

    def find(self, project_id: str) -> Project | None:
        """Return one project, or None."""
        row = self._connection.execute(select(projects).where(projects.c.id == project_id)).mappings().first()
        return None if row is None else _project(row)

    def create(self, project_id: str, name: str, *, now: datetime) -> Project:
        """Add a project.

        Raises:
            InvalidInput: The id is not one that a project may have.
            Conflict: A project of that id exists.
        """
        project = Project(check_project_id(project_id), name, now)
        try:
            with self._connection.begin_nested():
                self._connection.execute(
                    insert(projects).values(id=project.id, name=project.name, created_at=now)
                )
        except IntegrityError as exc:
            raise Conflict(f"Project {project_id!r} exists already.", code="project.exists") from exc
        return project

    def ensure_built_in(self, *, now: datetime) -> None:
        """Add the project of those who name none, and the one of Pitwall's own telemetry, where missing."""
        for project_id, name in _BUILT_IN.items():
            if self.find(project_id) is None:
                self.create(project_id, name, now=now)


def _project(row: RowMapping) -> Project:
    return Project(id=row["id"], name=row["name"], created_at=row["created_at"])
