"""What a judge is worth beside people: agreement, mistakes, and the pass rate without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pitwall.evals.comparison.notices import fill
from pitwall.evals.comparison.passing import passing
from pitwall.evals.comparison.types import MetricColumns
from pitwall.evals.trust.types import (
    ENOUGH_OF_EACH,
    Confusion,
    Consistency,
    Label,
    MetricTrust,
    TrustState,
)
from pitwall.evals.types import Direction
from pitwall.kit.i18n import Text
from pitwall.stats.agreement import (
    JudgeErrors,
    Level,
    Rate,
    cohens_kappa,
    corrected_rate,
    judge_errors,
    krippendorff_alpha,
)
from pitwall.stats.clusters import FloatArray
from pitwall.stats.ranking import roc_auc, spearman

_PASS = 0.5
_UNCALIBRATED = Text(
    "{metric}: uncalibrated. No case of it has a label of a person, so nobody knows how often it is wrong.",
    "{metric}: 보정 안 됨. 사람의 라벨이 있는 케이스가 없어 얼마나 틀리는지 알 수 없습니다.",
)
_FEW = Text(
    "{metric}: {passes} labelled passes and {fails} labelled fails are too few; take {least} of each.",
    "{metric}: 통과 라벨 {passes}개, 실패 라벨 {fails}개로는 부족합니다. 각각 {least}개가 필요합니다.",
)
_MEASURED = Text(
    "{metric}: the judge passes {tpr:.0%} of what people pass, and fails {tnr:.0%} of what they fail "
    "({n} cases).",
    "{metric}: 판정 모델은 사람이 통과시킨 것의 {tpr:.0%}를 통과시키고, 실패시킨 것의 {tnr:.0%}를 "
    "실패시킵니다(케이스 {n}개).",
)
_NO_THRESHOLD = Text(
    "{metric}: without a threshold it passes nobody, so only the order of scores is compared ({n} cases).",
    "{metric}: 임계값이 없어 점수의 순서만 비교합니다(케이스 {n}개).",
)


@dataclass(frozen=True, slots=True)
class _Joined:
    """Cases that the judge scored and people agree on."""

    scores: FloatArray
    labels: FloatArray

    @property
    def people_pass(self) -> NDArray[np.bool_]:
        return self.labels > _PASS


def calibrate(metric: MetricColumns, labels: Sequence[Label], answers: Mapping[str, str]) -> MetricTrust:
    """Hold the scores of a metric against labels.

    Args:
        labels: Of any metric and case; those of others are left out.
        answers: Fingerprint of the judged answer by case id, where it is known. A label that is about another
            answer says nothing of this one.
    """
    row_of = {case: row for row, case in enumerate(metric.case_ids)}
    mine = [label for label in labels if label.metric == metric.name and label.example_id in row_of]
    fitting = [label for label in mine if is_about(label, answers)]
    by_case: dict[str, dict[str, float]] = {}
    for label in fitting:
        by_case.setdefault(label.example_id, {})[label.rater] = label.value
    means = {case: sum(votes.values()) / len(votes) for case, votes in by_case.items()}
    disputed = {case for case, votes in by_case.items() if _is_disputed(list(votes.values()))}
    values = metric.values.tolist()
    scored = {case for case in by_case if values[row_of[case]] == values[row_of[case]]}
    cases = [case for case in by_case if case in scored and case not in disputed]
    joined = _Joined(
        np.array([values[row_of[case]] for case in cases], dtype=np.float64),
        np.array([means[case] for case in cases], dtype=np.float64),
    )
    counts = {
        "n_labelled": len(by_case),
        "n_joined": len(cases),
        "n_disputed": len(disputed & scored),
        "n_unscored": len(by_case) - len(scored),
        "n_other_answer": len(mine) - len(fitting),
        "raters": len({label.rater for label in fitting}),
    }
    return _measure(metric, joined, _alpha(by_case), counts)


def consistency(metric: MetricColumns, repeats: FloatArray) -> Consistency | None:
    """Return how far a judge agrees with itself; None if no case has two scores.

    Args:
        repeats: (repetitions, cases); NaN where a repetition has no score.
    """
    twice = (~np.isnan(repeats)).sum(axis=0) >= 2
    if not twice.any():
        return None
    scored = repeats[:, twice]
    flipped = None
    if metric.threshold is not None:
        passed = passing(scored, metric.threshold, metric.direction)
        failed = ~passed & ~np.isnan(scored)
        flipped = Rate(int((passed.any(axis=0) & failed.any(axis=0)).sum()), scored.shape[1])
    alpha = krippendorff_alpha(scored, Level.INTERVAL)
    return Consistency(repeats.shape[0], scored.shape[1], alpha, flipped)


def is_about(label: Label, answers: Mapping[str, str]) -> bool:
    """Whether a label is about the answer that was judged; it is taken to be where one of both is unknown."""
    known = answers.get(label.example_id)
    return not label.answer_hash or known is None or known == label.answer_hash


def _is_disputed(votes: Sequence[float]) -> bool:
    """Raters are divided or undecided: their mean is neither a pass nor a fail."""
    return sum(votes) / len(votes) == _PASS


def _alpha(by_case: Mapping[str, Mapping[str, float]]) -> float | None:
    raters = sorted({rater for votes in by_case.values() for rater in votes})
    if len(raters) < 2:
        return None
    ratings = np.array(
        [[votes.get(rater, np.nan) for votes in by_case.values()] for rater in raters], dtype=np.float64
    )
    values = np.unique(ratings[~np.isnan(ratings)])
    return krippendorff_alpha(ratings, Level.NOMINAL if values.size <= 2 else Level.INTERVAL)


def _measure(
    metric: MetricColumns, joined: _Joined, alpha: float | None, counts: Mapping[str, int]
) -> MetricTrust:
    people = joined.people_pass
    direction = 1.0 if metric.direction is Direction.HIGHER else -1.0
    is_graded = np.unique(joined.labels).size > 2
    threshold = metric.threshold
    judged = None if threshold is None else passing(joined.scores, threshold, metric.direction)
    errors = None if judged is None else judge_errors(judged.tolist(), people.tolist())
    confusion = None if judged is None else _confusion(judged, people)
    table = (
        None
        if confusion is None
        else np.array(
            [[confusion.both_fail, confusion.only_people], [confusion.only_judge, confusion.both_pass]]
        )
    )
    passed = _passed(metric)
    return MetricTrust(
        metric=metric.name,
        identity=metric.identity,
        threshold=threshold,
        state=_state(people),
        confusion=confusion,
        kappa=None if table is None else cohens_kappa(table),
        alpha=alpha,
        true_positive=None if errors is None else errors.true_positive,
        true_negative=None if errors is None else errors.true_negative,
        auc=roc_auc(direction * joined.scores, people),
        correlation=spearman(direction * joined.scores, joined.labels) if is_graded else None,
        passed=passed,
        corrected=None if passed is None or errors is None else corrected_rate(passed, errors),
        text=_say(metric, people, errors),
        consistency=None,
        **counts,
    )


def _confusion(judged: NDArray[np.bool_], people: NDArray[np.bool_]) -> Confusion:
    return Confusion(
        both_pass=int((judged & people).sum()),
        only_judge=int((judged & ~people).sum()),
        only_people=int((~judged & people).sum()),
        both_fail=int((~judged & ~people).sum()),
    )


def _passed(metric: MetricColumns) -> Rate | None:
    if metric.threshold is None:
        return None
    scored = metric.values[~np.isnan(metric.values)]
    return Rate(int(passing(scored, metric.threshold, metric.direction).sum()), scored.size)


def _state(people: NDArray[np.bool_]) -> TrustState:
    if not people.size:
        return TrustState.UNCALIBRATED
    fewest = min(int(people.sum()), int((~people).sum()))
    return TrustState.CALIBRATED if fewest >= ENOUGH_OF_EACH else TrustState.FEW_LABELS


def _say(metric: MetricColumns, people: NDArray[np.bool_], errors: JudgeErrors | None) -> Text:
    state, passes = _state(people), int(people.sum())
    if state is TrustState.UNCALIBRATED:
        return fill(_UNCALIBRATED, metric=metric.name)
    if state is TrustState.FEW_LABELS:
        fails = people.size - passes
        return fill(_FEW, metric=metric.name, passes=passes, fails=fails, least=ENOUGH_OF_EACH)
    if errors is None:
        return fill(_NO_THRESHOLD, metric=metric.name, n=people.size)
    return fill(
        _MEASURED,
        metric=metric.name,
        tpr=errors.true_positive.value,
        tnr=errors.true_negative.value,
        n=people.size,
    )
