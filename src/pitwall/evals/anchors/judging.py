"""Judging anchors: each by each metric, until all are judged or nothing can be."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from pitwall.evals.metrics.scoring import score_case
from pitwall.evals.metrics.types import Metric
from pitwall.evals.runs.reading import JudgedCase
from pitwall.evals.types import Answer, Case, Score, ScoreStatus
from pitwall.llm.types import CallFailed, Models

_AT_ONCE: Final = 16
BUDGET: Final = "budget_spent"
NOT_ASKED: Final = "not_asked"
"""Of anchors that were left out because nothing before them could be judged."""


@dataclass(slots=True)
class Verdicts:
    """What the judge said of anchors, by metric.

    Attributes:
        values: One for each anchor, in their order; None where there is none.
        failures: Why anchors could not be judged, with how many.
    """

    values: dict[str, list[float | None]]
    failures: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, metric: str, score: Score | str) -> None:
        """Note a score, or why there is none."""
        if isinstance(score, str):
            self._fail(metric, score)
            return
        self.values[metric].append(score.value)
        if score.status is ScoreStatus.ERROR:
            self.failures.setdefault(metric, Counter())[score.reason or "error"] += 1

    def give_up(self, count: int) -> None:
        """Note that so many anchors are not asked about."""
        for metric in self.values:
            for _ in range(count):
                self._fail(metric, NOT_ASKED)

    @property
    def has_nothing(self) -> bool:
        """Everything so far failed."""
        return all(self.failed(metric) == len(values) for metric, values in self.values.items())

    def failed(self, metric: str) -> int:
        """How many anchors a metric could not judge."""
        return self.failures.get(metric, Counter()).total()

    def reason(self, metric: str) -> str | None:
        """Why it could not judge most of these."""
        known = [(count, reason) for reason, count in self.failures.get(metric, Counter()).items()]
        asked = [one for one in known if one[1] != NOT_ASKED] or known
        return max(asked)[1] if asked else None

    def _fail(self, metric: str, reason: str) -> None:
        self.values[metric].append(None)
        self.failures.setdefault(metric, Counter())[reason] += 1


async def judge_all(metrics: Sequence[Metric], cases: Sequence[JudgedCase], models: Models) -> Verdicts:
    """Judge anchors, some at once; if none of the first could be judged, the others are not asked about.

    Raises:
        Unavailable: Calls could not be kept.
    """
    verdicts = Verdicts({metric.spec.name: [] for metric in metrics})
    for start in range(0, len(cases), _AT_ONCE):
        some = cases[start : start + _AT_ONCE]
        await _judge_some(metrics, some, models, verdicts)
        if verdicts.has_nothing:
            verdicts.give_up(len(cases) - start - len(some))
            break
    return verdicts


async def _judge_some(
    metrics: Sequence[Metric], cases: Sequence[JudgedCase], models: Models, verdicts: Verdicts
) -> None:
    pairs = [(metric, _case(case)) for case in cases for metric in metrics]
    scores = await asyncio.gather(*(_score(metric, case, models) for metric, case in pairs))
    for (metric, _), score in zip(pairs, scores, strict=True):
        verdicts.add(metric.spec.name, score)


async def _score(metric: Metric, case: Case, models: Models) -> Score | str:
    """A score; once the budget is spent, the word for that."""
    try:
        return await score_case(metric, case, models)
    except CallFailed:
        return BUDGET


def _case(case: JudgedCase) -> Case:
    assert case.example is not None
    return Case(case.example, case.answer or Answer())
