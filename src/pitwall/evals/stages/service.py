"""Stages of runs: what people and pipelines may do with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pitwall.access.types import Principal, require
from pitwall.core.errors import InvalidInput
from pitwall.core.vocabulary import Scope
from pitwall.evals.stages.errors import SHOWN_PROBLEMS, StageRunNotFound, events_invalid
from pitwall.evals.stages.guide import Rule
from pitwall.evals.stages.keeping import Keeping, by_run, read_events
from pitwall.evals.stages.measures import is_metric_name
from pitwall.evals.stages.reporting import MAX_EVENTS, FindLabels, StageReport, StageReporter
from pitwall.evals.stages.repository import StageEvents
from pitwall.evals.stages.spans import FindSpans
from pitwall.evals.stages.summary import EventValues, event_values
from pitwall.evals.stages.types import Ingested, StageEvent, StageRun
from pitwall.kit.clock import Clock
from pitwall.kit.paging import InvalidCursor, Page, decode_cursor, encode_cursor
from pitwall.stores.state import AuditEntry, AuditLog, Projects, StateStore

_RUNS = "stages.runs"
_EVENTS = "stages.events"


class Stages:
    """Stages of all projects; calls block.

    Args:
        state: Where events are kept.
        clock: When events came.
        find_spans: Finds the spans of a run.
        find_labels: Finds what the dataset of a run says is right.
        rules: The guide's.
        mask: Hides secrets in texts before they are kept.
    """

    def __init__(
        self,
        state: StateStore,
        clock: Clock,
        *,
        find_spans: FindSpans,
        find_labels: FindLabels = lambda *_: {},
        rules: Sequence[Rule] = (),
        mask: Callable[[str], str] = str,
    ) -> None:
        self._state = state
        self._clock = clock
        self._mask = mask
        self._reporter = StageReporter(find_spans=find_spans, find_labels=find_labels, rules=rules)

    def ingest(self, values: Sequence[Any], *, skip_invalid: bool = False, by: Principal) -> Ingested:
        """Keep events; those that are kept already add nothing.

        Raises:
            NotPermitted: The caller may not act.
            StageEventsInvalid: Something is no event, or says something else than the one that is kept under
                the same id; nothing is kept then.
        """
        require(by, Scope.ACT)
        events, problems = read_events(values, self._mask)
        if problems and not skip_invalid:
            raise events_invalid(problems)
        with self._state.session() as session:
            Projects(session).get(by.project_id)
            kept = Keeping(StageEvents(session, by.project_id), problems)
            for run_id, own in sorted(by_run(events).items()):
                kept.keep(run_id, own, self._clock.now())
            if kept.problems and not skip_invalid:
                raise events_invalid(kept.problems)
            if kept.added:
                AuditLog(session).record(self._audit(kept, by))
        return Ingested(
            added=sum(kept.added.values()),
            known=kept.known,
            run_ids=tuple(dict.fromkeys(event.run_id for _, event in events)),
            skipped=tuple(kept.problems[:SHOWN_PROBLEMS]),
            skipped_count=len(kept.problems),
        )

    def runs(self, project_id: str, *, limit: int = 50, cursor: str | None = None) -> Page[StageRun]:
        """Return runs that have events, those whose events came last first.

        Raises:
            InvalidInput: The cursor belongs to another list.
        """
        before = None if cursor is None else _position(_RUNS, cursor)
        with self._state.session(read_only=True) as session:
            found = StageEvents(session, project_id).runs(limit=limit + 1, before=before)
        more = encode_cursor(_RUNS, found[limit - 1].last_id) if len(found) > limit else None
        return Page(found[:limit], more)

    def events(
        self,
        project_id: str,
        run_id: str,
        *,
        stage_type: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[EventValues]:
        """Return events of a run in the order they came, each with its metrics.

        Raises:
            StageRunNotFound: No event belongs to the run.
            InvalidInput: The cursor belongs to another list.
        """
        kind = f"{_EVENTS}.{run_id}.{stage_type or ''}"
        after = None if cursor is None else _position(kind, cursor)
        with self._state.session(read_only=True) as session:
            stored = StageEvents(session, project_id)
            run = stored.find_run(run_id)
            if run is None:
                raise _not_found(run_id)
            found = stored.events(run_id, limit=limit + 1, after=after, stage_type=stage_type)
        events = [one.event for one in found[:limit]]
        more = encode_cursor(kind, found[limit - 1].id) if len(found) > limit else None
        return Page(event_values(events, self._reporter.relevance(project_id, run, events)), more)

    def report(
        self, project_id: str, run_id: str | None, thresholds: Mapping[str, float] | None = None
    ) -> StageReport:
        """Return what events and spans say of a run; without an id of the one whose events came last.

        Args:
            thresholds: Instead of a metric's own, by its name.

        Raises:
            StageRunNotFound: Nothing belongs to the run.
            InvalidInput: There is no metric of a name in `thresholds`.
        """
        limits = _check_thresholds(thresholds or {})
        run, events = self._load(project_id, run_id)
        if run is None and run_id is None:
            raise StageRunNotFound(
                "This project has no stage events.", hint="Take some in with `pitwall stage ingest FILE`."
            )
        name = run.run_id if run is not None else run_id or ""
        report = self._reporter.report(project_id, name, run, events, limits)
        if report is None:
            raise _not_found(name)
        return report

    def set_relevance(
        self, run_id: str, relevance: Mapping[str, Sequence[str]], *, by: Principal
    ) -> StageRun:
        """Say which documents are right, by case (`metadata.test_case_id` of the events).

        Raises:
            NotPermitted: The caller may not act.
            StageRunNotFound: No event belongs to the run.
        """
        require(by, Scope.ACT)
        with self._state.session() as session:
            stored = StageEvents(session, by.project_id)
            if stored.find_run(run_id) is None:
                raise _not_found(run_id)
            stored.set_relevance(run_id, relevance)
            details = {"cases": len(relevance)}
            AuditLog(session).record(self._entry("stage.labelled", f"stage_run:{run_id}", details, by))
            run = stored.find_run(run_id)
        assert run is not None
        return run

    def _load(self, project_id: str, run_id: str | None) -> tuple[StageRun | None, list[StageEvent]]:
        with self._state.session(read_only=True) as session:
            stored = StageEvents(session, project_id)
            run = stored.newest_run() if run_id is None else stored.find_run(run_id)
            found = [] if run is None else stored.events(run.run_id, limit=MAX_EVENTS + 1)
        return run, [one.event for one in found]

    def _audit(self, kept: Keeping, by: Principal) -> AuditEntry:
        runs = sorted(kept.added)
        details = {"runs": runs[:SHOWN_PROBLEMS], "events": sum(kept.added.values())}
        return self._entry("stage.ingested", f"stage_run:{runs[0]}", details, by)

    def _entry(self, action: str, what: str, details: Mapping[str, Any], by: Principal) -> AuditEntry:
        return AuditEntry(
            at=self._clock.now(),
            actor=by.actor,
            action=action,
            object=what,
            project_id=by.project_id,
            details=details,
        )


def _check_thresholds(thresholds: Mapping[str, float]) -> Mapping[str, float]:
    for name in thresholds:
        if not is_metric_name(name):
            raise InvalidInput(
                f"There is no stage metric {name!r}.",
                code="stage.unknown_metric",
                hint="Such as retrieval.recall_at_k or output.latency_ms; the guide on stages lists them.",
            )
    return thresholds


def _not_found(run_id: str) -> StageRunNotFound:
    return StageRunNotFound(
        f"No stage event of this project belongs to the run {run_id!r}, and no span carries its id.",
        hint="List the runs with `pitwall stage list`; take events in with `pitwall stage ingest FILE`.",
    )


def _position(kind: str, cursor: str) -> str:
    try:
        (position,) = decode_cursor(kind, cursor)
    except (InvalidCursor, ValueError) as error:
        raise InvalidInput(f"The {error}.", code="cursor.invalid") from error
    return str(position)
