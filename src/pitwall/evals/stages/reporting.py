"""What stage events and spans say of a run together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from pitwall.core.errors import Unavailable
from pitwall.evals.stages.guide import Finding, Rule, find
from pitwall.evals.stages.matching import Pair, pair
from pitwall.evals.stages.spans import NO_SPANS, FindSpans, RunSpans
from pitwall.evals.stages.summary import StageSummary, missing_types, summarise
from pitwall.evals.stages.types import StageEvent, StageRun

log = structlog.get_logger(__name__)

FindLabels = Callable[[str, str, Collection[str]], Mapping[str, tuple[str, ...]]]
"""Documents that the dataset of a run calls right: project, run and cases to documents by case."""
Relevance = Mapping[str, tuple[str, ...]]

MAX_EVENTS: Final = 50_000
"""So many events of a run are looked at, the first ones."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class StageReporter:
    """Sums up runs.

    Attributes:
        find_spans: Finds the spans of a run.
        find_labels: Finds what the dataset of a run says is right.
        rules: The guide's.
    """

    find_spans: FindSpans
    find_labels: FindLabels
    rules: Sequence[Rule] = ()

    def report(
        self,
        project_id: str,
        run_id: str,
        run: StageRun | None,
        found: Sequence[StageEvent],
        thresholds: Mapping[str, float],
    ) -> StageReport | None:
        """Sum up a run; None if there is neither an event nor a span of it.

        Args:
            found: Its events, one more than are looked at if there are more.
            thresholds: Instead of a metric's own, by its name.
        """
        events = found[:MAX_EVENTS]
        spans, are_known = self._spans(project_id, run_id, events)
        if run is None and not spans.events:
            return None
        relevance = self.relevance(project_id, run, [*events, *spans.events])
        of_events = summarise(events, relevance, thresholds)
        of_spans = summarise(spans.events, relevance, thresholds)
        return StageReport(
            run_id=run_id,
            run=run,
            events=of_events,
            spans=of_spans,
            missing=missing_types([*events, *spans.events]),
            pairs=pair(events, spans.events),
            findings=find(self.rules, of_events, of_spans),
            is_cut=len(found) > MAX_EVENTS or spans.is_cut,
            are_spans_known=are_known,
            labelled_cases=len(relevance),
        )

    def relevance(self, project_id: str, run: StageRun | None, events: Iterable[StageEvent]) -> Relevance:
        """What was said of the run, and of other cases what its dataset says."""
        said = {} if run is None else run.relevance
        cases = {event.case_id for event in events if event.case_id is not None} - set(said)
        if not cases or run is None:
            return said
        return {**self.find_labels(project_id, run.run_id, cases), **said}

    def _spans(self, project_id: str, run_id: str, events: Iterable[StageEvent]) -> tuple[RunSpans, bool]:
        """Spans of a run; events are shown also while the telemetry store does not answer."""
        named = {event.trace_id for event in events if event.trace_id is not None}
        try:
            return self.find_spans(project_id, run_id, named), True
        except Unavailable as error:
            log.warning("stages.spans_not_asked", project=project_id, error=str(error))
            return NO_SPANS, False
