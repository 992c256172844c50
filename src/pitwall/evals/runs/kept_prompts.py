"""Prompts of somebody's own that runs ask with: kept by the hash of their texts, so that a run can be gone on
with and made again, whatever became of the file."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from pitwall.evals.judging.errors import PromptNotFound
from pitwall.evals.judging.own_prompts import check_prompts
from pitwall.evals.judging.prompts import BUILT_IN, Prompts
from pitwall.evals.runs.types import EvalRun
from pitwall.stores.state.tables import eval_prompts
from pitwall.stores.state.upserts import insert_new


class KeptPrompts:
    """The prompts of one project, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        self._connection = connection
        self._project_id = project_id

    def keep(self, prompts: Prompts, now: datetime) -> None:
        """Keep the texts of prompts that are not Pitwall's own; those that are kept already stay."""
        if prompts.hash is None:
            return
        row = {"project_id": self._project_id, "hash": prompts.hash, "content": dict(prompts.own)}
        insert_new(self._connection, eval_prompts, [{**row, "created_at": now}])

    def of(self, run: EvalRun) -> Prompts:
        """Return what a run asks with.

        Raises:
            PromptNotFound: Its texts are not in the store.
            PromptsInvalid: They cannot be asked with any more: another version of Pitwall has other places.
        """
        planned = run.plan.prompts
        if planned is None:
            return BUILT_IN
        found = self._find(planned.hash)
        if found is None:
            raise PromptNotFound(
                f"The prompts {planned.hash} of the run {run.id} are not in the store.",
                hint="Begin a new run with --prompts.",
            )
        return found

    def _find(self, content_hash: str) -> Prompts | None:
        query = select(eval_prompts.c.content).where(
            eval_prompts.c.project_id == self._project_id, eval_prompts.c.hash == content_hash
        )
        content = self._connection.execute(query).scalar()
        return None if content is None else check_prompts(content)
