"""Stages of runs: taking events in, and what events and spans say of a run together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog

from pitwall.access.types import Principal, require
from pitwall.core.errors import InvalidInput, Unavailable
from pitwall.core.vocabulary import Scope
from pitwall.evals.stages.errors import SHOWN_PROBLEMS, StageRunNotFound, events_invalid
from pitwall.evals.stages.guide import Finding, Rule, find
from pitwall.evals.stages.matching import Pair, pair
from pitwall.evals.stages.measures import is_metric_name
from pitwall.evals.stages.reading import EventInvalid, read_event
from pitwall.evals.stages.repository import StageEvents, StoredEvent, fingerprint
from pitwall.evals.stages.spans import NO_SPANS, FindSpans, RunSpans
from pitwall.evals.stages.summary import EventValues, StageSummary, event_values, missing_types, summarise
from pitwall.evals.stages.types import EventProblem, Ingested, StageEvent, StageRun
from pitwall.kit.clock import Clock
from pitwall.kit.i18n import Text
from pitwall.kit.paging import InvalidCursor, Page, decode_cursor, encode_cursor
from pitwall.stores.state import AuditEntry, AuditLog, Projects, StateStore

log = structlog.get_logger(__name__)

FindLabels = Callable[[str, str, Collection[str]], Mapping[str, tuple[str, ...]]]
"""Documents that the dataset of a run calls right: project, run and cases to documents by case."""

MAX_EVENTS: Final = 50_000
"""So many events of a run are looked at, the first ones."""
_RUNS = "stages.runs"
_EVENTS = "stages.events"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageReport:
    """What events and spans say of a run.

    Attributes:
        run: None for one that only spans speak of.
        missing: Stages that every pipeline has and neither events nor spans speak of.
        is_cut: There are more events or spans than were looked at.
        are_spans_known: False if the telemetry store did not answer.
        labelled_cases: How many cases it is known of which documents are right.
    """

    run_id: str
    run: StageRun | None
    events: Sequence[StageSummary]
    spans: Sequence[StageSummary]
    missing: Sequence[str]
    pairs: Sequence[Pair]
    findings: Sequence[Finding]
    is_cut: bool
    are_spans_known: bool
    labelled_cases: int


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
        self._find_spans = find_spans
        self._find_labels = find_labels
        self._rules = rules
        self._mask = mask

    def ingest(self, values: Sequence[Any], *, skip_invalid: bool = False, by: Principal) -> Ingested:
        """Keep events; those that are kept already add nothing.

        Raises:
            NotPermitted: The caller may not act.
            StageEventsInvalid: Something is no event, or says something else than the one that is kept under
                the same id; nothing is kept then.
        """
        require(by, Scope.ACT)
        events, problems = self._read(values)
        if problems and not skip_invalid:
            raise events_invalid(problems)
        with self._state.session() as session:
            Projects(session).get(by.project_id)
            kept = _Keeping(StageEvents(session, by.project_id), problems)
            for run_id, own in sorted(_by_run(events).items()):
                kept.keep(run_id, own, self._clock)
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
        return Page(event_values(events, self._relevance(project_id, run, events)), more)

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
        run, stored = self._load(project_id, run_id)
        if run is None and run_id is None:
            raise StageRunNotFound(
                "This project has no stage events.", hint="Take some in with `pitwall stage ingest FILE`."
            )
        name = run.run_id if run is not None else run_id or ""
        events = [one.event for one in stored[:MAX_EVENTS]]
        spans, are_known = self._spans(project_id, name, events)
        if run is None and not spans.events:
            raise _not_found(name)
        relevance = self._relevance(project_id, run, [*events, *spans.events])
        of_events = summarise(events, relevance, limits)
        of_spans = summarise(spans.events, relevance, limits)
        return StageReport(
            run_id=name,
            run=run,
            events=of_events,
            spans=of_spans,
            missing=missing_types([*events, *spans.events]),
            pairs=pair(events, spans.events),
            findings=find(self._rules, of_events, of_spans),
            is_cut=len(stored) > MAX_EVENTS or spans.is_cut,
            are_spans_known=are_known,
            labelled_cases=len(relevance),
        )

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

    def _read(self, values: Sequence[Any]) -> tuple[list[tuple[int, StageEvent]], list[EventProblem]]:
        events: list[tuple[int, StageEvent]] = []
        problems: list[EventProblem] = []
        for index, value in enumerate(values):
            try:
                event = read_event(value, index)
            except EventInvalid as error:
                problems.append(error.problem)
                continue
            masked = {name: self._masked(getattr(event, name)) for name in ("attributes", "metadata")}
            events.append((index, replace(event, **masked)))
        return events, problems

    def _masked(self, value: Any) -> Any:
        match value:
            case str():
                return self._mask(value)
            case dict():
                return {name: self._masked(member) for name, member in value.items()}
            case list():
                return [self._masked(item) for item in value]
            case _:
                return value

    def _load(self, project_id: str, run_id: str | None) -> tuple[StageRun | None, list[StoredEvent]]:
        with self._state.session(read_only=True) as session:
            stored = StageEvents(session, project_id)
            run = stored.newest_run() if run_id is None else stored.find_run(run_id)
            return run, [] if run is None else stored.events(run.run_id, limit=MAX_EVENTS + 1)

    def _spans(self, project_id: str, run_id: str, events: Iterable[StageEvent]) -> tuple[RunSpans, bool]:
        """Spans of a run; events are shown also while the telemetry store does not answer."""
        named = {event.trace_id for event in events if event.trace_id is not None}
        try:
            return self._find_spans(project_id, run_id, named), True
        except Unavailable as error:
            log.warning("stages.spans_not_asked", project=project_id, error=str(error))
            return NO_SPANS, False

    def _relevance(
        self, project_id: str, run: StageRun | None, events: Iterable[StageEvent]
    ) -> Mapping[str, tuple[str, ...]]:
        """What was said of the run, and of other cases what its dataset says."""
        said = {} if run is None else run.relevance
        cases = {event.case_id for event in events if event.case_id is not None} - set(said)
        if not cases or run is None:
            return said
        return {**self._find_labels(project_id, run.run_id, cases), **said}

    def _audit(self, kept: _Keeping, by: Principal) -> AuditEntry:
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


class _Keeping:
    """Keeps events and counts what became of them."""

    def __init__(self, stored: StageEvents, problems: Sequence[EventProblem]) -> None:
        self._stored = stored
        self.problems = list(problems)
        self.added: Counter[str] = Counter()
        self.known = 0

    def keep(self, run_id: str, events: Sequence[tuple[int, StageEvent]], clock: Clock) -> None:
        now = clock.now()
        self._stored.lock(run_id, now)
        hashes = self._stored.hashes(run_id, {event.stage_id for _, event in events})
        new = []
        for index, event in events:
            own, known = fingerprint(event), hashes.get(event.key)
            if known is None:
                hashes[event.key] = own
                new.append(event)
            elif known == own:
                self.known += 1
            else:
                self.problems.append(_conflict(index, event))
        if new:
            self._stored.add(run_id, new, now)
            self.added[run_id] += len(new)


def _by_run(events: Iterable[tuple[int, StageEvent]]) -> dict[str, list[tuple[int, StageEvent]]]:
    found: dict[str, list[tuple[int, StageEvent]]] = {}
    for index, event in events:
        found.setdefault(event.run_id, []).append((index, event))
    return found


def _conflict(index: int, event: StageEvent) -> EventProblem:
    text = Text(
        f"attempt {event.attempt} of stage {event.stage_id!r} in run {event.run_id!r} is kept already and "
        "says something else; give another try a higher `attempt`, another step a `stage_id` of its own.",
        f"실행 {event.run_id!r}의 스테이지 {event.stage_id!r} {event.attempt}번째 시도가 다른 내용으로 이미 "
        "저장되어 있습니다. 다시 시도한 것이면 `attempt`를 올리고, 다른 단계이면 `stage_id`를 다르게 하세요.",
    )
    return EventProblem(index, "says_something_else", text, "stage_id")


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
