"""Anchors then and now side by side: what the run, the first check, this one and people say of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection

from pitwall.evals.anchors.drift import Judged
from pitwall.evals.anchors.judging import Verdicts
from pitwall.evals.anchors.repository import AnchorSets
from pitwall.evals.anchors.types import AnchorSet, Readings
from pitwall.evals.comparison.score_columns import ScoreReader
from pitwall.evals.comparison.types import MetricColumns
from pitwall.evals.runs.types import EvalRun
from pitwall.evals.trust.calibration import is_about
from pitwall.evals.trust.repository import JudgedAnswers, Labels
from pitwall.evals.trust.types import Label
from pitwall.stats.clusters import FloatArray

_PASS = 0.5


@dataclass(frozen=True, slots=True)
class Before:
    """What is known of anchors before they are judged again.

    Attributes:
        base: What the run says, by metric.
        first: What the first check said; None if there was none.
        people: 1 or 0 by metric and case, where people agree.
    """

    cases: Sequence[str]
    base: Mapping[str, MetricColumns]
    first: Readings | None
    people: Mapping[str, Mapping[str, float]]

    def judged(self, metric: str, identity: str, verdicts: Verdicts) -> Judged:
        """Put what the judge says of a metric now beside that."""
        base = self.base[metric]
        known = dict(zip(base.case_ids, base.values.tolist(), strict=True))
        first = None if self.first is None else self.first.get(metric)
        return Judged(
            metric=metric,
            identity=identity,
            base_identity=base.identity,
            threshold=base.threshold,
            direction=base.direction,
            unit=base.unit,
            cases=self.cases,
            base=_array([known.get(case) for case in self.cases]),
            first=None if first is None else _array(first),
            now=_array(verdicts.values[metric]),
            people=_array([self.people.get(metric, {}).get(case) for case in self.cases]),
            failed=verdicts.failed(metric),
            reason=verdicts.reason(metric),
        )


def read_before(connection: Connection, anchors: AnchorSet, run: EvalRun, cases: Sequence[str]) -> Before:
    """Read what is known of anchors.

    Args:
        cases: Their ids, in order.
    """
    first = AnchorSets(connection, anchors.project_id).first_measured(anchors)
    answers = JudgedAnswers(connection, anchors.project_id).hashes(run, cases)
    mine = set(cases)
    labels = [
        label
        for label in Labels(connection, anchors.project_id).of_dataset(run.dataset)
        if label.example_id in mine and is_about(label, answers)
    ]
    return Before(
        cases,
        ScoreReader(connection).run(run, anchors.metrics).metrics,
        None if first is None else first.readings,
        _people(labels),
    )


def _people(labels: Sequence[Label]) -> dict[str, dict[str, float]]:
    """What most people say of each case; nothing where they are divided."""
    votes: dict[tuple[str, str], list[float]] = {}
    for label in labels:
        votes.setdefault((label.metric, label.example_id), []).append(label.value)
    found: dict[str, dict[str, float]] = {}
    for (metric, case), values in votes.items():
        mean = sum(values) / len(values)
        if mean != _PASS:
            found.setdefault(metric, {})[case] = float(mean > _PASS)
    return found


def _array(values: Sequence[float | None]) -> FloatArray:
    return np.array(values, dtype=np.float64)  # None is NaN
