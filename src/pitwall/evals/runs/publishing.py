"""Scores of finished runs beside the spans they are about, once each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

import structlog

from pitwall.core.vocabulary import TelemetryType
from pitwall.evals.runs.identity import is_judged, score_id
from pitwall.evals.runs.reading import JudgedCase, RunReader
from pitwall.evals.runs.repository import RunQueue
from pitwall.evals.runs.types import EvalRun, StoredScore
from pitwall.evals.types import ScoreStatus
from pitwall.ingest.counters import Outcome
from pitwall.ingest.mapping.records import Score, encode_scores
from pitwall.ingest.service import AppendLog, IngestService
from pitwall.kit.clock import Clock, to_unix_nano
from pitwall.kit.ids import InvalidId, parse_span_id, parse_trace_id
from pitwall.stores.state import StateStore

log = structlog.get_logger(__name__)

DOOR: Final = "evaluations"
_AT_ONCE = 500
_RUNS_AT_ONCE = 10
_TOLD = frozenset({ScoreStatus.SCORED, ScoreStatus.ERROR})


@dataclass(frozen=True, slots=True)
class ScorePublisher:
    """Publishes the scores of cases that have a trace; calls block.

    A score's id is made of what it is a score of: one that is sent again, after a crash or because a run was
    gone on with, replaces the earlier one.
    """

    state: StateStore
    reader: RunReader
    log: AppendLog
    ingest: IngestService
    clock: Clock

    def run(self) -> None:
        """Publish what is not published yet."""
        with self.state.session(read_only=True) as session:
            runs = RunQueue(session).unpublished(limit=_RUNS_AT_ONCE)
        for run in runs:
            sent = self._publish(run)
            with self.state.session() as session:
                RunQueue(session).published(run, self.clock.now())
            if sent:
                log.info("eval_run.scores_published", run_id=run.id, scores=sent)

    def _publish(self, run: EvalRun) -> int:
        sent = 0
        scores = scores_of_run(run, self.reader.all_cases(run, with_content=True))
        while batch := list(islice(scores, _AT_ONCE)):
            body = encode_scores(batch)
            self.log.append(TelemetryType.SCORES, run.project_id, body, len(batch), DOOR).result()
            self.ingest.metrics.count_outcome(DOOR, TelemetryType.SCORES, Outcome(accepted=len(batch)))
            sent += len(batch)
        return sent


def scores_of_run(run: EvalRun, cases: Iterable[JudgedCase]) -> Iterator[Score]:
    """Yield what a run says of traces; a score that does not apply says nothing."""
    sources = {metric.name: metric.identity for metric in run.plan.metrics}
    for case in cases:
        ids = _ids(case)
        if ids is None:
            continue
        for score in case.scores:
            if score.status in _TOLD:
                yield _score(run, score, ids, sources.get(score.metric, score.metric))


def _ids(case: JudgedCase) -> tuple[bytes, bytes] | None:
    """The trace of the answer, else the trace and span that the example was made of."""
    answer, example = case.answer, case.example
    try:
        if answer is not None and answer.trace_id:
            return parse_trace_id(answer.trace_id), b""
        if example is not None and example.trace_id:
            span = parse_span_id(example.span_id) if example.span_id else b""
            return parse_trace_id(example.trace_id), span
    except InvalidId:
        log.warning("eval_run.trace_id_unreadable", example_id=case.example_id)
    return None


def _score(run: EvalRun, score: StoredScore, ids: tuple[bytes, bytes], identity: str) -> Score:
    assert run.finished_at is not None
    return Score(
        score_id=score_id(run, score),
        name=score.metric,
        at_unix_nano=to_unix_nano(run.finished_at),
        value=score.value,
        label="" if score.passed is None else "pass" if score.passed else "fail",
        explanation=str((score.content or {}).get("explanation") or ""),
        trace_id=ids[0],
        span_id=ids[1],
        run_id=run.id,
        source="llm" if is_judged(run, identity) else "code",
        evaluator=identity,
        error_type=score.reason or "" if score.status is ScoreStatus.ERROR else "",
        attributes={"pitwall.example.id": score.example_id},
    )
