"""What of a run leaves for a tracker. Pure: sanitised, under ids made of the run and the position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pitwall.evals.runs.identity import is_judged, score_id
from pitwall.evals.runs.reading import JudgedCase
from pitwall.evals.runs.types import EvalRun, MetricSummary, PlannedMetric, StoredScore
from pitwall.evals.runs.wire import trace_of
from pitwall.evals.trackers.sanitising import MOST_ITEMS, Sanitiser
from pitwall.evals.trackers.types import (
    OutgoingCase,
    OutgoingContext,
    OutgoingMetric,
    OutgoingRun,
    OutgoingScore,
)
from pitwall.evals.types import Answer, Context
from pitwall.kit.clock import to_unix_nano
from pitwall.kit.hashing import json_hash

_NANOS_APART: Final = 1_000
_SPAN_DIGITS: Final = 16


def trace_id_of(run_id: str, position: int) -> str:
    """The trace of a case at every tracker."""
    return json_hash(["eval-tracker", run_id, position])


@dataclass(frozen=True, slots=True)
class Packer:
    """Makes what leaves of a run and its cases."""

    run: EvalRun
    sanitiser: Sanitiser

    def outgoing_run(self) -> OutgoingRun:
        """The run."""
        run, plan, say = self.run, self.run.plan, self.sanitiser.text
        summary = run.summary
        facts = {
            "dataset": say(run.dataset),
            "dataset_hash": run.dataset_hash,
            "dataset_version_id": run.dataset_version_id,
            "mode": plan.mode.value,
            "profile": None if plan.profile is None else say(plan.profile),
            "judge": None if plan.judge is None else say(plan.judge.model),
            "answers": str(plan.target.get("kind", "stored")),
            "repeats": str(plan.repeats),
        }
        numbers = {
            "cases": None if summary is None else summary.cases,
            "passed_cases": None if summary is None else summary.passed_cases,
            "decided_cases": None if summary is None else summary.decided_cases,
            "model_calls": None if summary is None else summary.calls,
            "cost_usd": None if summary is None else summary.cost_usd,
            "duration_s": None if summary is None else summary.duration_s,
        }
        return OutgoingRun(
            id=run.id,
            name=say(run.name),
            state=run.state.value,
            started_at=run.started_at or run.created_at,
            finished_at=run.finished_at or run.created_at,
            metrics=tuple(self._metric(metric) for metric in plan.metrics),
            pass_rate=None if summary is None else summary.pass_rate,
            facts={name: value for name, value in facts.items() if value is not None},
            numbers={name: float(value) for name, value in numbers.items() if value is not None},
        )

    def outgoing_case(self, case: JudgedCase) -> OutgoingCase:
        """A case."""
        example, answer, keep = case.example, case.answer, self.sanitiser
        contexts = None if answer is None else answer.contexts
        trace_id = trace_id_of(self.run.id, case.position)
        # One after the other from a time that does not change: trackers sort by it, and some tell equal
        # traces by it.
        start = to_unix_nano(self.run.created_at) + case.position * _NANOS_APART
        return OutgoingCase(
            position=case.position,
            example_id=keep.text(case.example_id),
            trace_id=trace_id,
            span_id=json_hash([trace_id, "answer"])[:_SPAN_DIGITS],
            retrieval_id=json_hash([trace_id, "retrieval"])[:_SPAN_DIGITS],
            start_unix_nano=start,
            latency_ms=None if answer is None else answer.latency_ms,
            question="" if example is None else keep.text(example.question),
            answer=None if answer is None else self._answer(answer),
            error=None if answer is None else keep.optional(answer.error),
            reference=None if example is None else keep.optional(example.reference),
            contexts=None if contexts is None else [self._context(one) for one in contexts[:MOST_ITEMS]],
            contexts_left_out=max(len(contexts or ()) - MOST_ITEMS, 0),
            metadata={} if example is None else keep.mapping(example.metadata),
            pitwall_trace_id=trace_of(case),
            passed=case.passed,
            scores=[self._score(score) for score in case.scores],
            facts=self._facts(case),
        )

    def _answer(self, answer: Answer) -> Any:
        keep = self.sanitiser
        if answer.turns:
            return [
                {"question": keep.text(turn.question), "answer": keep.optional(turn.answer)}
                for turn in answer.turns[:MOST_ITEMS]
            ]
        return keep.optional(answer.text)

    def _context(self, context: Context) -> OutgoingContext:
        keep = self.sanitiser
        return OutgoingContext(keep.context(context.text), keep.optional(context.id), context.score)

    def _facts(self, case: JudgedCase) -> dict[str, str | int | float | bool]:
        """What else is known of a case, and why metrics have no value for it."""
        example, answer = case.example, case.answer
        known = {
            "language": None if example is None else example.language,
            "group": None if example is None else self.sanitiser.optional(example.group),
            "passed": case.passed,
            "trace_id": trace_of(case),
            "input_tokens": None if answer is None else answer.input_tokens,
            "output_tokens": None if answer is None else answer.output_tokens,
            "cost_usd": None if answer is None else answer.cost_usd,
        }
        return {name: value for name, value in known.items() if value is not None} | _unscored(case.scores)

    def _score(self, score: StoredScore) -> OutgoingScore:
        identity = self._identity(score.metric)
        explanation = (score.content or {}).get("explanation")
        return OutgoingScore(
            id=score_id(self.run, score),
            metric=score.metric,
            sample=score.sample,
            status=score.status.value,
            value=score.value,
            passed=score.passed,
            reason=score.reason,
            explanation=self.sanitiser.text(explanation) if explanation else None,
            identity=identity,
            is_judged=is_judged(self.run, identity),
        )

    def _identity(self, name: str) -> str:
        return next((one.identity for one in self.run.plan.metrics if one.name == name), name)

    def _metric(self, planned: PlannedMetric) -> OutgoingMetric:
        summary = self.run.summary
        found: MetricSummary | None = None if summary is None else summary.metrics.get(planned.name)
        return OutgoingMetric(
            name=planned.name,
            identity=planned.identity,
            threshold=planned.threshold,
            mean=None if found is None else found.mean,
            low=None if found is None else found.low,
            high=None if found is None else found.high,
            n_scored=0 if found is None else found.n_scored,
            n_total=0 if found is None else found.n_total,
            pass_rate=None if found is None else found.pass_rate,
        )


def _unscored(scores: Sequence[StoredScore]) -> dict[str, str]:
    return {
        f"unscored.{score.metric}": score.status.value + (f": {score.reason}" if score.reason else "")
        for score in scores
        if score.value is None
    }
