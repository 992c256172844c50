"""Judging one live trace by the metrics of a rule."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from pitwall.core.errors import NotFound
from pitwall.evals.datasets.traced_examples import trace_example
from pitwall.evals.metrics.registry import identity
from pitwall.evals.metrics.scoring import score_case
from pitwall.evals.metrics.types import Metric
from pitwall.evals.online.types import LEFT_OUT, Result
from pitwall.evals.types import Answer, Case, Example, ScoreStatus
from pitwall.llm.types import CallFailed, Models
from pitwall.traces.opening import MAX_PAGE_SPANS, OpenQuery, OpenTrace

GONE: Final = "gone"
_BUDGET: Final = "budget_spent"


class OpensTraces(Protocol):
    """Who knows traces."""

    def open_trace(self, query: OpenQuery) -> OpenTrace:
        """Return one trace, or raise NotFound."""
        ...


@dataclass(frozen=True, slots=True)
class Bench:
    """What a trace is judged with.

    Attributes:
        judge: Name of the judging model; None if no metric asks one.
        embedding: Name of the model that vectors come from, likewise.
    """

    metrics: Sequence[Metric]
    models: Models | None
    judge: str | None
    embedding: str | None = None

    async def judge_trace(self, traces: OpensTraces, project: str, trace_id: str) -> list[Result]:
        """Judge a trace; what it cannot be judged for is said, never a 0.

        Raises:
            Unavailable: A store does not answer.
        """
        example = await asyncio.to_thread(_example, traces, project, trace_id)
        if isinstance(example, str):
            return [self._unjudged(metric, example) for metric in self.metrics]
        case = Case(example, example.answer or Answer())
        return list(await asyncio.gather(*(self._judge(metric, case) for metric in self.metrics)))

    async def _judge(self, metric: Metric, case: Case) -> Result:
        try:
            score = await score_case(metric, case, self.models)
        except CallFailed:  # only a spent budget passes through
            return self._result(metric, LEFT_OUT, reason=_BUDGET)
        return self._result(
            metric, score.status.value, value=score.value, reason=score.reason, explanation=score.explanation
        )

    def _unjudged(self, metric: Metric, reason: str) -> Result:
        status = ScoreStatus.ERROR if reason == GONE else ScoreStatus.NOT_APPLICABLE
        return self._result(metric, status.value, reason=reason)

    def _result(
        self,
        metric: Metric,
        status: str,
        *,
        value: float | None = None,
        reason: str | None = None,
        explanation: str | None = None,
    ) -> Result:
        return Result(
            metric=metric.spec.name,
            identity=identity(metric, self.judge, self.embedding),
            status=status,
            value=value,
            reason=reason,
            explanation=explanation,
            is_judged=asks_models(metric),
        )


def asks_models(metric: Metric) -> bool:
    """Whether a metric asks models."""
    return bool(metric.spec.calls) or metric.spec.needs_embeddings


def _example(traces: OpensTraces, project: str, trace_id: str) -> Example | str:
    query = OpenQuery(project=project, trace_id=trace_id, limit=MAX_PAGE_SPANS)
    try:
        return trace_example(traces.open_trace(query))
    except NotFound:
        return GONE
