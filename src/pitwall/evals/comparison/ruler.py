"""Whether the answers changed or the ruler: old answers judged by the new judge stand between two runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pitwall.evals.comparison.comparing import shared_metrics, smallest_p
from pitwall.evals.comparison.notices import fill
from pitwall.evals.comparison.types import CompareOptions, MetricColumns, RunColumns
from pitwall.evals.comparison.wording import number
from pitwall.kit.i18n import Text
from pitwall.stats.clusters import FloatArray, IntArray, cluster_codes
from pitwall.stats.intervals import Interval
from pitwall.stats.multiplicity import holm
from pitwall.stats.paired import PairedDifference, differences_of, paired_difference


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a difference.

    Attributes:
        p: Adjusted by Holm over both parts of all metrics.
        is_shown: It is more than chance.
    """

    difference: float
    interval: Interval | None
    p: float
    is_shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RulerCheck:
    """The difference of a metric, taken apart.

    Attributes:
        n: Cases with a value in all three: old answers by the old ruler, by the new one, new answers.
        total: New run minus old run; the sum of both parts.
        ruler: Old answers by the new ruler, minus the same answers by the old one.
        answers: New answers minus old answers, both by the new ruler.
        text: What that says.
    """

    metric: str
    unit: str
    n: int
    total: float | None
    ruler: Part | None
    answers: Part | None
    text: Text


_BOTH = Text(
    "{metric}: both changed. The answers by {answers}, the ruler by {ruler}.",
    "{metric}: 답변과 측정 기준이 모두 바뀌었습니다. 답변 {answers}, 측정 기준 {ruler}.",
)
_RULER = Text(
    "{metric}: the ruler changed, not the answers: {ruler} of {total} come from judging old answers anew.",
    "{metric}: 답변이 아니라 측정 기준이 바뀌었습니다. {total} 중 {ruler}은(는) 이전 답변을 다시 평가해 생긴 "
    "차이입니다.",
)
_ANSWERS = Text(
    "{metric}: the answers changed by {answers}; the ruler is not shown to have changed.",
    "{metric}: 답변이 바뀌었습니다({answers}). 측정 기준이 바뀌었다고 볼 수는 없습니다.",
)
_NEITHER = Text(
    "{metric}: neither is shown to have changed (answers {answers}, ruler {ruler}).",
    "{metric}: 답변도 측정 기준도 바뀌었다고 볼 수 없습니다(답변 {answers}, 측정 기준 {ruler}).",
)
_THIN = Text(
    "{metric}: only {n} cases have a value in all three runs, too few to tell answers from ruler.",
    "{metric}: 세 실행 모두에 점수가 있는 케이스가 {n}개뿐이라 답변과 측정 기준을 구분할 수 없습니다.",
)


@dataclass(frozen=True, slots=True)
class _Measured:
    """Differences of one metric before they are judged."""

    metric: MetricColumns
    n: int
    units: int
    ruler: PairedDifference | None
    answers: PairedDifference | None


def separate(
    old: RunColumns, rejudged: RunColumns, new: RunColumns, options: CompareOptions
) -> tuple[RulerCheck, ...]:
    """Take the difference between two runs apart into that of the answers and that of the ruler.

    Args:
        old: Old answers, judged then.
        rejudged: The same old answers, judged as the new ones are.
        new: New answers.
    """
    names = [name for name in shared_metrics(old, new, options) if name in rejudged.metrics]
    groups = {**old.groups, **new.groups}
    measured = [
        _measure([run.metrics[name] for run in (old, rejudged, new)], groups, options) for name in names
    ]
    parts = [part for one in measured for part in (one.ruler, one.answers)]
    adjusted = holm(np.array([np.nan if part is None else part.test.p for part in parts]))
    return tuple(
        _check(one, adjusted[2 * index], adjusted[2 * index + 1], options.alpha)
        for index, one in enumerate(measured)
    )


def _measure(columns: Sequence[MetricColumns], groups: dict[str, str], options: CompareOptions) -> _Measured:
    cases, (old, rejudged, new) = _align(columns)
    codes = cluster_codes([groups.get(case) for case in cases]) if groups else None
    ruler = _difference(differences_of(old, rejudged), codes, options)
    answers = _difference(differences_of(rejudged, new), codes, options)
    return _Measured(columns[-1], len(cases), ruler.units if ruler else 0, ruler, answers)


def _align(columns: Sequence[MetricColumns]) -> tuple[list[str], list[FloatArray]]:
    """The cases that have a value in all, and these values."""
    scored = [
        {case: value for case, value in zip(one.case_ids, one.values.tolist(), strict=True) if value == value}
        for one in columns
    ]
    cases = [case for case in scored[0] if all(case in other for other in scored[1:])]
    return cases, [np.array([values[case] for case in cases], dtype=np.float64) for values in scored]


def _difference(
    differences: FloatArray, codes: IntArray | None, options: CompareOptions
) -> PairedDifference | None:
    if not differences.size:
        return None
    rng = np.random.default_rng(options.seed)
    return paired_difference(differences, codes, rng=rng, level=1.0 - options.alpha)


def _check(one: _Measured, p_ruler: float, p_answers: float, alpha: float) -> RulerCheck:
    unit = one.metric.unit
    ruler, answers = _part(one.ruler, p_ruler, alpha), _part(one.answers, p_answers, alpha)
    total = None if ruler is None or answers is None else ruler.difference + answers.difference
    return RulerCheck(
        metric=one.metric.name,
        unit=unit,
        n=one.n,
        total=total,
        ruler=ruler,
        answers=answers,
        text=_say(one, ruler, answers, alpha),
    )


def _part(found: PairedDifference | None, p: float, alpha: float) -> Part | None:
    if found is None:
        return None
    return Part(found.mean, found.interval, float(p), bool(p <= alpha))


def _say(one: _Measured, ruler: Part | None, answers: Part | None, alpha: float) -> Text:
    if ruler is None or answers is None or smallest_p(one.units) > alpha:
        return fill(_THIN, metric=one.metric.name, n=one.n)
    template = {(True, True): _BOTH, (True, False): _RULER, (False, True): _ANSWERS}.get(
        (ruler.is_shown, answers.is_shown), _NEITHER
    )
    unit = one.metric.unit
    return fill(
        template,
        metric=one.metric.name,
        total=number(ruler.difference + answers.difference, unit, signed=True),
        ruler=number(ruler.difference, unit, signed=True),
        answers=number(answers.difference, unit, signed=True),
    )
