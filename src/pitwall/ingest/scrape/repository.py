"""All SQL about targets that teams added."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select, update

from pitwall.ingest.scrape.types import Target
from pitwall.stores.state.tables import scrape_targets


class StoredTargets:
    """Targets that were added through the API, within the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_project(self) -> list[tuple[str, Target]]:
        """Return all of them with their projects, by project and name."""
        query = select(scrape_targets).order_by(scrape_targets.c.project_id, scrape_targets.c.name)
        rows = self._connection.execute(query).mappings()
        return [(row["project_id"], Target(name=row["name"], **row["content"])) for row in rows]

    def put(self, project_id: str, target: Target) -> None:
        """Store a target in place of one of the same name."""
        content = {
            "url": target.url,
            "every_seconds": target.every_seconds,
            "timeout_seconds": target.timeout_seconds,
            "service": target.service,
            "instance": target.instance,
            "labels": dict(target.labels),
        }
        is_this = (scrape_targets.c.project_id == project_id) & (scrape_targets.c.name == target.name)
        changed = self._connection.execute(update(scrape_targets).where(is_this).values(content=content))
        if not changed.rowcount:
            values = {"project_id": project_id, "name": target.name, "content": content}
            self._connection.execute(insert(scrape_targets).values(**values))

    def remove(self, project_id: str, name: str) -> bool:
        """Forget a target; False if there was none."""
        is_this = (scrape_targets.c.project_id == project_id) & (scrape_targets.c.name == name)
        return bool(self._connection.execute(delete(scrape_targets).where(is_this)).rowcount)
