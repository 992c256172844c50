"""All SQL about runs: how they stand, who holds them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    SelectBase,
    and_,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from pitwall.evals.runs.errors import RunNotFound
from pitwall.evals.runs.results import Results
from pitwall.evals.runs.stored import (
    plan_json,
    progress_json,
    read_plan,
    read_progress,
    read_summary,
    summary_json,
)
from pitwall.evals.runs.types import (
    HOLDER_IS_GONE_AFTER,
    EvalRun,
    Progress,
    RunQuery,
    RunState,
    RunSummary,
    Where,
)
from pitwall.stores.state.tables import eval_baselines, eval_runs

LATEST = "latest"
"""What stands for the newest run of a project."""
_LISTED = [column for column in eval_runs.c if column.name != "snapshot"]  # of some ten kilobytes each


class Runs(Results):
    """Runs of one project with their answers and scores, within the caller's transaction."""

    def __init__(self, connection: Connection, project_id: str) -> None:
        super().__init__(connection)
        self._project_id = project_id

    def add(self, run: EvalRun) -> None:
        """Keep a new run."""
        values = {
            "id": run.id,
            "project_id": self._project_id,
            "name": run.name,
            "dataset": run.dataset,
            "dataset_version_id": run.dataset_version_id,
            "dataset_hash": run.dataset_hash,
            "state": run.state.value,
            "where": run.where.value,
            "plan": plan_json(run.plan),
            "created_at": run.created_at,
            "created_by": run.created_by,
            "started_at": run.started_at,
            "holder": run.holder,
            "heartbeat_at": run.heartbeat_at,
            "progress": progress_json(run.progress),
            "snapshot": run.snapshot,
        }
        self._connection.execute(insert(eval_runs).values(**values))

    def find(self, run_id: str) -> EvalRun | None:
        """Return one, or None."""
        row = self._connection.execute(select(eval_runs).where(self._is(run_id))).mappings().first()
        return None if row is None else _run(row)

    def get(self, run_id: str) -> EvalRun:
        """Return one, also by the beginning of its id if that is enough to know it, or as `latest`.

        Raises:
            RunNotFound: There is none, or several begin so.
        """
        run = self._newest() if run_id == LATEST else self.find(run_id) or self._find_beginning(run_id)
        if run is None:
            raise RunNotFound(
                f"There is no evaluation run {run_id!r} in this project.",
                hint="List them with `pitwall eval history`.",
            )
        return run

    def list(self, query: RunQuery, now: datetime) -> list[EvalRun]:
        """Return runs without their snapshots, newest first."""
        rows = self._connection.execute(
            select(*_LISTED)
            .where(eval_runs.c.project_id == self._project_id, *_conditions(query, now))
            .order_by(eval_runs.c.created_at.desc(), eval_runs.c.id.desc())
            .limit(query.limit)
        )
        return [_run(row) for row in rows.mappings()]

    def claim(self, run_id: str, holder: str, now: datetime, *, dead_holder: str | None = None) -> bool:
        """Take a run to work on it; False while another process does.

        Args:
            dead_holder: Who is known to be gone, however short its silence.
        """
        free = or_(
            eval_runs.c.state != RunState.RUNNING.value,
            eval_runs.c.heartbeat_at.is_(None),
            eval_runs.c.heartbeat_at < now - HOLDER_IS_GONE_AFTER,
            eval_runs.c.heartbeat_at > now + HOLDER_IS_GONE_AFTER,
        )
        if dead_holder is not None:
            free = or_(free, eval_runs.c.holder == dead_holder)
        taken = self._connection.execute(
            update(eval_runs)
            .where(self._is(run_id), free)
            .values(
                state=RunState.RUNNING.value,
                holder=holder,
                heartbeat_at=now,
                finished_at=None,
                stop_reason=None,
                error=None,
                published_at=None,
            )
        )
        if taken.rowcount:
            fresh = and_(self._is(run_id), eval_runs.c.started_at.is_(None))
            self._connection.execute(update(eval_runs).where(fresh).values(started_at=now))
        return bool(taken.rowcount)

    def beat(self, run_id: str, holder: str, now: datetime, progress: Progress) -> bool:
        """Say that a run goes on and how far it is; False if another process has it, or it was cancelled."""
        return self._change(run_id, holder, {"heartbeat_at": now, "progress": progress_json(progress)})

    def is_held(self, run_id: str, holder: str) -> bool:
        """Tell whether a process still has a run."""
        query = select(eval_runs.c.id).where(self._held(run_id, holder))
        return self._connection.execute(query).first() is not None

    def end(
        self,
        run_id: str,
        holder: str,
        now: datetime,
        *,
        state: RunState,
        progress: Progress,
        summary: RunSummary | None,
        stop_reason: str | None = None,
        error: str | None = None,
    ) -> bool:
        """Note what came of a run; False if another process has it, or it was cancelled."""
        return self._change(
            run_id,
            holder,
            {
                "state": state.value,
                "heartbeat_at": now,
                "finished_at": now,
                "holder": None,
                "progress": progress_json(progress),
                "summary": None if summary is None else summary_json(summary),
                "stop_reason": stop_reason,
                "error": error,
            },
        )

    def enqueue(self, run_id: str) -> bool:
        """Let the server go on with a run that nobody works on; False if somebody does."""
        idle = eval_runs.c.state != RunState.RUNNING.value
        queued = self._connection.execute(
            update(eval_runs)
            .where(self._is(run_id), idle)
            .values(state=RunState.QUEUED.value, where=Where.SERVER.value, finished_at=None)
        )
        return bool(queued.rowcount)

    def cancel(self, run_id: str, now: datetime, reason: str) -> bool:
        """End a run that is queued or under way; its process stops within a second."""
        active = eval_runs.c.state.in_([RunState.QUEUED.value, RunState.RUNNING.value])
        ended = self._connection.execute(
            update(eval_runs)
            .where(self._is(run_id), active)
            .values(state=RunState.CANCELLED.value, holder=None, finished_at=now, stop_reason=reason)
        )
        return bool(ended.rowcount)

    def replan(self, run: EvalRun) -> None:
        """Store another plan of a run: a bigger budget."""
        self._connection.execute(update(eval_runs).where(self._is(run.id)).values(plan=plan_json(run.plan)))

    def keep_snapshot(self, run_id: str, holder: str, snapshot: Mapping[str, Any]) -> None:
        """Keep what a run runs on; nothing happens if another process has it."""
        self._change(run_id, holder, {"snapshot": dict(snapshot)})

    def _change(self, run_id: str, holder: str, values: Mapping[str, Any]) -> bool:
        changed = self._connection.execute(update(eval_runs).where(self._held(run_id, holder)).values(values))
        return bool(changed.rowcount)

    def _newest(self) -> EvalRun | None:
        mine = eval_runs.c.project_id == self._project_id
        newest = select(eval_runs).where(mine).order_by(eval_runs.c.created_at.desc(), eval_runs.c.id.desc())
        row = self._connection.execute(newest.limit(1)).mappings().first()
        return None if row is None else _run(row)

    def _find_beginning(self, beginning: str) -> EvalRun | None:
        if len(beginning) < 8:
            return None
        pattern = beginning.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        mine = eval_runs.c.project_id == self._project_id
        query = select(eval_runs).where(mine, eval_runs.c.id.like(pattern, escape="\\")).limit(2)
        rows = self._connection.execute(query).mappings().all()
        return _run(rows[0]) if len(rows) == 1 else None

    def _is(self, run_id: str) -> ColumnElement[bool]:
        return and_(eval_runs.c.project_id == self._project_id, eval_runs.c.id == run_id)

    def _held(self, run_id: str, holder: str) -> ColumnElement[bool]:
        is_running = eval_runs.c.state == RunState.RUNNING.value
        return and_(self._is(run_id), eval_runs.c.holder == holder, is_running)


class RunQueue:
    """Runs of all projects that something is to be done about, within the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def waiting(self, now: datetime, *, limit: int) -> list[tuple[str, str]]:
        """Return project and id of the server's runs that nobody works on, oldest first."""
        state, beat = eval_runs.c.state, eval_runs.c.heartbeat_at
        is_abandoned = and_(
            state == RunState.RUNNING.value, or_(beat.is_(None), beat < now - HOLDER_IS_GONE_AFTER)
        )
        query = (
            select(eval_runs.c.project_id, eval_runs.c.id)
            .where(eval_runs.c.where == Where.SERVER.value, or_(state == RunState.QUEUED.value, is_abandoned))
            .order_by(eval_runs.c.created_at)
            .limit(limit)
        )
        return [(row[0], row[1]) for row in self._connection.execute(query)]

    def unpublished(self, *, limit: int) -> list[EvalRun]:
        """Return finished runs whose scores are not published yet, oldest first."""
        query = (
            select(eval_runs)
            .where(eval_runs.c.state == RunState.FINISHED.value, eval_runs.c.published_at.is_(None))
            .order_by(eval_runs.c.finished_at)
            .limit(limit)
        )
        return [_run(row) for row in self._connection.execute(query).mappings()]

    def published(self, run: EvalRun, now: datetime) -> None:
        """Note that the scores of a run are published, unless somebody went on with it meanwhile."""
        same = and_(
            eval_runs.c.project_id == run.project_id,
            eval_runs.c.id == run.id,
            eval_runs.c.state == RunState.FINISHED.value,
            eval_runs.c.finished_at == run.finished_at,
        )
        self._connection.execute(update(eval_runs).where(same).values(published_at=now))


def runs_of_versions(connection: Connection, project_id: str, version_ids: Collection[str]) -> list[str]:
    """Return the ids of runs that judged versions of a dataset."""
    query = select(eval_runs.c.id).where(
        eval_runs.c.project_id == project_id, eval_runs.c.dataset_version_id.in_(version_ids)
    )
    return list(connection.execute(query.order_by(eval_runs.c.created_at)).scalars())


def runs_that_need_calls() -> SelectBase:
    """Ids of runs whose model calls stay: those that can be gone on with, and those others are held against.

    A run that is gone on with asks nothing that it was answered, and counts its calls for its budget. A
    baseline is what gates rest on, so whoever doubts one can look at what the judge said.
    """
    unfinished = select(eval_runs.c.id).where(eval_runs.c.state != RunState.FINISHED.value)
    return unfinished.union(select(eval_baselines.c.run_id))


def _conditions(query: RunQuery, now: datetime) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.dataset is not None:
        found.append(eval_runs.c.dataset == query.dataset)
    if query.state is not None:
        found.append(_is_in_state(query.state, now))
    if query.mode is not None:
        found.append(eval_runs.c.plan["mode"].as_string() == query.mode.value)
    if query.text:
        found.append(
            or_(
                eval_runs.c.name.icontains(query.text, autoescape=True),
                eval_runs.c.dataset.icontains(query.text, autoescape=True),
            )
        )
    if query.after is not None:
        found.append(tuple_(eval_runs.c.created_at, eval_runs.c.id) < query.after)
    return found


def _is_in_state(state: RunState, now: datetime) -> ColumnElement[bool]:
    """The condition of `EvalRun.seen_at`."""
    stored = eval_runs.c.state == state.value
    is_silent = and_(
        eval_runs.c.where == Where.CLI.value,
        or_(eval_runs.c.heartbeat_at.is_(None), eval_runs.c.heartbeat_at < now - HOLDER_IS_GONE_AFTER),
    )
    if state is RunState.RUNNING:
        return and_(stored, ~is_silent)
    if state is RunState.INTERRUPTED:
        return or_(stored, and_(eval_runs.c.state == RunState.RUNNING.value, is_silent))
    return stored


def _run(row: RowMapping) -> EvalRun:
    return EvalRun(
        id=row["id"],
        project_id=row["project_id"],
        name=row["name"],
        dataset=row["dataset"],
        dataset_version_id=row["dataset_version_id"],
        dataset_hash=row["dataset_hash"],
        state=RunState(row["state"]),
        where=Where(row["where"]),
        plan=read_plan(row["plan"]),
        created_at=row["created_at"],
        created_by=row["created_by"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        holder=row["holder"],
        heartbeat_at=row["heartbeat_at"],
        progress=read_progress(row["progress"]),
        summary=read_summary(row["summary"]),
        stop_reason=row["stop_reason"],
        error=row["error"],
        snapshot=row.get("snapshot"),
    )
