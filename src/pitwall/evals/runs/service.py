"""Starting, resuming, cancelling and reading runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pitwall.access.types import Principal, require
from pitwall.core.errors import InvalidInput
from pitwall.core.vocabulary import Scope
from pitwall.evals.judging.prompts import BUILT_IN, Prompts
from pitwall.evals.runs.dataset_facts import DatasetFacts
from pitwall.evals.runs.errors import RunIsHeld, RunIsOver
from pitwall.evals.runs.journal import is_known_dead
from pitwall.evals.runs.kept_prompts import KeptPrompts
from pitwall.evals.runs.repository import RunQueue, Runs
from pitwall.evals.runs.so_far import MOST_IN_LISTS, SoFar
from pitwall.evals.runs.targets.opening import IMPORTED, check_server_target
from pitwall.evals.runs.types import (
    EvalRun,
    JudgeFacts,
    Plan,
    Progress,
    RunBudget,
    RunQuery,
    RunState,
    Where,
)
from pitwall.kit.clock import Clock, from_unix_nano, to_unix_nano
from pitwall.kit.ids import new_prefixed_id
from pitwall.kit.paging import InvalidCursor, Page, decode_cursor, encode_cursor
from pitwall.stores.state import AuditEntry, AuditLog, Projects, StateStore

_CURSOR = "eval_runs"
_PACED_BY = 50
"""Runs that are looked at for the pace of a judge, the newest."""
_CALLS_OF_A_PACE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """A run to begin.

    Attributes:
        calls: Model calls that it needs at most.
        cases: That it judges.
        prompts: What its judge is asked with; kept with it.
    """

    name: str
    dataset: DatasetFacts
    plan: Plan
    cases: int
    calls: int
    where: Where
    prompts: Prompts = BUILT_IN


class EvalRuns:
    """Runs of all projects; calls block."""

    def __init__(self, state: StateStore, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._so_far = SoFar(state, clock)

    def add(self, new: NewRun, *, by: Principal) -> EvalRun:
        """Keep a run that nobody works on yet.

        Raises:
            NotPermitted: The caller may not act.
        """
        return self._keep(self._make(new, by), new.prompts, by)

    def begin(self, new: NewRun, holder: str, *, by: Principal) -> EvalRun:
        """Keep a run that this process works on, so that it never looks as if it waited for another one.

        Raises:
            NotPermitted: The caller may not act.
        """
        made = self._make(new, by)
        at = made.created_at
        begun = replace(made, state=RunState.RUNNING, holder=holder, started_at=at, heartbeat_at=at)
        return self._keep(begun, new.prompts, by)

    def _make(self, new: NewRun, by: Principal) -> EvalRun:
        return EvalRun(
            id=new_prefixed_id("run"),
            project_id=by.project_id,
            name=new.name,
            dataset=new.dataset.name,
            dataset_version_id=new.dataset.version_id,
            dataset_hash=new.dataset.content_hash,
            state=RunState.QUEUED,
            where=new.where,
            plan=new.plan,
            created_at=self._clock.now(),
            created_by=by.actor,
            progress=Progress(cases=new.cases, calls=new.calls),
        )

    def _keep(self, run: EvalRun, prompts: Prompts, by: Principal) -> EvalRun:
        require(by, Scope.ACT)
        with self._state.session() as session:
            Projects(session).get(by.project_id)
            KeptPrompts(session, by.project_id).keep(prompts, self._clock.now())
            Runs(session, by.project_id).add(run)
            self._audit(AuditLog(session), "eval_run.created", run, by)
        return run

    def prompts_of(self, project_id: str, run_id: str) -> tuple[EvalRun, Prompts]:
        """Return a run with what its judge is asked with.

        Raises:
            RunNotFound: There is none.
        """
        with self._state.session(read_only=True) as session:
            run = Runs(session, project_id).get(run_id)
            return run, KeptPrompts(session, project_id).of(run)

    def claim(self, run_id: str, holder: str, *, project_id: str) -> EvalRun:
        """Take a run to work on it.

        Raises:
            RunNotFound: There is none.
            RunIsHeld: Another process works on it.
        """
        with self._state.session() as session:
            runs = Runs(session, project_id)
            run = runs.get(run_id)
            dead = run.holder if is_known_dead(run.holder) else None
            if not runs.claim(run.id, holder, self._clock.now(), dead_holder=dead):
                raise _held(run)
            return runs.get(run.id)

    def prepare_resume(self, run_id: str, budget: RunBudget, *, by: Principal) -> EvalRun:
        """Give a run the budget to go on with; what is None stays as it was.

        Raises:
            RunNotFound: There is none.
            RunIsOver: Every case of it is judged.
        """
        require(by, Scope.ACT)
        with self._state.session() as session:
            runs = Runs(session, by.project_id)
            run = runs.get(run_id)
            _refuse_finished(run)
            plan = replace(run.plan, budget=_merge(run.plan.budget, budget))
            resumed = replace(run, plan=plan)
            if plan != run.plan:
                runs.replan(resumed)
            self._audit(AuditLog(session), "eval_run.resumed", resumed, by)
        return resumed

    def enqueue(self, run_id: str, budget: RunBudget, *, by: Principal) -> EvalRun:
        """Let the server go on with a run.

        Raises:
            RunNotFound: There is none.
            RunIsOver: Nothing of it is left to do.
            RunIsHeld: Another process works on it.
            TargetInvalid: Only the command line can go on with it.
        """
        run = self.prepare_resume(run_id, budget, by=by)
        check_server_target(run.plan.target)
        with self._state.session() as session:
            runs = Runs(session, by.project_id)
            if not runs.enqueue(run.id):
                raise _held(run)
            return runs.get(run.id)

    def pace(self, project_id: str, judge: JudgeFacts) -> float | None:
        """Return the seconds that a call took in the last run with a judge; None if none says enough."""
        query = RunQuery(state=RunState.FINISHED, limit=_PACED_BY)
        with self._state.session(read_only=True) as session:
            found = Runs(session, project_id).list(query, self._clock.now())
        return next(
            (
                run.progress.seconds / run.progress.calls_made
                for run in found
                if run.progress.calls_made >= _CALLS_OF_A_PACE and _is_same(run.plan.judge, judge)
            ),
            None,
        )

    def waiting(self, *, limit: int) -> Sequence[tuple[str, str]]:
        """Return project and id of the server's runs that nobody works on, oldest first."""
        with self._state.session(read_only=True) as session:
            return RunQueue(session).waiting(self._clock.now(), limit=limit)

    def put_back(self, run: EvalRun) -> None:
        """Queue a run again that this process was interrupted in; one that is over stays so."""
        with self._state.session() as session:
            runs = Runs(session, run.project_id)
            if runs.get(run.id).state is RunState.INTERRUPTED:
                runs.enqueue(run.id)

    def fail(self, run: EvalRun, why: str) -> None:
        """Note that a run that this process holds cannot go on; one that it does not hold is left alone."""
        assert run.holder is not None
        with self._state.session() as session:
            runs = Runs(session, run.project_id)
            if runs.is_held(run.id, run.holder):
                runs.end(
                    run.id,
                    run.holder,
                    self._clock.now(),
                    state=RunState.FAILED,
                    progress=run.progress,
                    summary=run.summary,
                    error=why,
                )

    def cancel(self, run_id: str, *, by: Principal) -> EvalRun:
        """End a run that is queued or under way; its process stops within a second.

        Raises:
            RunNotFound: There is none.
            RunIsOver: Nobody works on it.
        """
        require(by, Scope.ACT)
        with self._state.session() as session:
            runs = Runs(session, by.project_id)
            run = runs.get(run_id)
            if not runs.cancel(run.id, self._clock.now(), f"Cancelled by {by.actor}."):
                raise RunIsOver(f"The run {run.id} is {run.state.value}; nothing works on it.")
            self._audit(AuditLog(session), "eval_run.cancelled", run, by)
            return runs.get(run.id)

    def get(self, project_id: str, run_id: str) -> EvalRun:
        """Return a run; one that has no summary yet with what it says so far.

        Raises:
            RunNotFound: There is none.
        """
        with self._state.session(read_only=True) as session:
            run = Runs(session, project_id).get(run_id)
        return self._so_far.fill(run)

    def list(self, project_id: str, query: RunQuery, cursor: str | None = None) -> Page[EvalRun]:
        """Return a page of runs, newest first, those without a summary with what they say so far.

        Raises:
            InvalidInput: The cursor belongs to another list.
        """
        after = None if cursor is None else _read_cursor(cursor)
        wanted = replace(query, after=after, limit=query.limit + 1)
        with self._state.session(read_only=True) as session:
            found = Runs(session, project_id).list(wanted, self._clock.now())
        page = [self._so_far.fill(run, most_scores=MOST_IN_LISTS) for run in found[: query.limit]]
        more = len(found) > query.limit
        if not more:
            return Page(page)
        last = page[-1]
        return Page(page, encode_cursor(_CURSOR, to_unix_nano(last.created_at), last.id))

    def _audit(self, log: AuditLog, action: str, run: EvalRun, by: Principal) -> None:
        details = {"dataset": run.dataset, "metrics": [metric.name for metric in run.plan.metrics]}
        entry = AuditEntry(
            at=self._clock.now(),
            actor=by.actor,
            action=action,
            object=f"eval_run:{run.id}",
            project_id=run.project_id,
            details=details,
        )
        log.record(entry)


def _is_same(planned: JudgeFacts | None, judge: JudgeFacts) -> bool:
    """Whether the calls of both take as long: the same model at the same address."""
    return planned is not None and (planned.model, planned.base_url) == (judge.model, judge.base_url)


def _held(run: EvalRun) -> RunIsHeld:
    return RunIsHeld(
        f"Another process works on the run {run.id}.",
        hint=f"Watch it with `pitwall eval show {run.id}`, or end it with `pitwall eval cancel {run.id}`.",
        details={"holder": run.holder},
    )


def _refuse_finished(run: EvalRun) -> None:
    if run.plan.target["kind"] == IMPORTED:
        raise RunIsOver(
            f"The scores of run {run.id} were imported; there is nothing to go on with.",
            hint=f"Judge its dataset with `pitwall eval run {run.dataset}`.",
        )
    summary = run.summary
    if run.state is not RunState.FINISHED or summary is None:
        return
    if not any(metric.n_errors for metric in summary.metrics.values()):
        raise RunIsOver(
            f"The run {run.id} is finished, and nothing in it failed.",
            hint=f"See them with `pitwall eval show {run.id}`.",
        )


def _merge(old: RunBudget, new: RunBudget) -> RunBudget:
    return RunBudget(
        max_calls=old.max_calls if new.max_calls is None else new.max_calls,
        max_cost_usd=old.max_cost_usd if new.max_cost_usd is None else new.max_cost_usd,
        max_minutes=old.max_minutes if new.max_minutes is None else new.max_minutes,
    )


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        at, run_id = decode_cursor(_CURSOR, cursor)
    except (InvalidCursor, ValueError) as error:
        raise InvalidInput(f"The {error}.", code="cursor.invalid") from error
    return from_unix_nano(int(at or 0)), str(run_id)
