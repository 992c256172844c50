"""All SQL about kept analyses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from pitwall.stores.state.tables import eval_analyses
from pitwall.stores.state.upserts import insert_or_replace


class KeptAnalyses:
    """Analyses of the runs of one project, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def find(self, run_id: str, key: str) -> Mapping[str, Any] | None:
        """Return the analysis of a run if it is of this key."""
        query = select(eval_analyses.c.content).where(
            eval_analyses.c.run_id == run_id,
            eval_analyses.c.project_id == self._project_id,
            eval_analyses.c.key == key,
        )
        found: Mapping[str, Any] | None = self._connection.execute(query).scalar()
        return found

    def put(self, run_id: str, key: str, content: Mapping[str, Any], made_at: datetime) -> None:
        """Keep an analysis in place of the one before."""
        row = {"run_id": run_id, "project_id": self._project_id, "key": key}
        insert_or_replace(
            self._connection, eval_analyses, [{**row, "content": dict(content), "made_at": made_at}]
        )
