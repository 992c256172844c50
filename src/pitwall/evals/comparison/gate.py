"""Whether a run may pass: thresholds, cases without a verdict, and whether it is worse than its baseline."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from pitwall.evals.comparison.comparing import improvement_bounds, least_pairs
from pitwall.evals.comparison.gate_types import (
    CheckKind,
    GateCheck,
    GateExit,
    GatePolicy,
    GateResult,
    RegressionRule,
)
from pitwall.evals.comparison.notices import fill
from pitwall.evals.comparison.pairing import Pairing
from pitwall.evals.comparison.passing import compare_cases
from pitwall.evals.comparison.types import (
    Comparison,
    MetricColumns,
    MetricComparison,
    RunColumns,
    Verdict,
)
from pitwall.evals.comparison.wording import difference, number
from pitwall.evals.types import Direction, ScoreStatus
from pitwall.kit.i18n import Text

_NO_VERDICT = (f"{ScoreStatus.ERROR}:", f"{ScoreStatus.UNDETERMINED}:")

_MEAN = Text(
    "{metric}: mean {value} of {n} cases, threshold {limit}.",
    "{metric}: 케이스 {n}개의 평균 {value}, 임계값 {limit}.",
)
_NO_MEAN = Text(
    "{metric}: none of the {total} cases has a score, so that nothing is known of it; threshold {limit}.",
    "{metric}: 케이스 {total}개 중 점수가 있는 것이 없어 알 수 없습니다. 임계값 {limit}.",
)
_PASS_RATE = Text(
    "{value:.1%} of {n} cases pass all metrics; {limit:.1%} have to.",
    "케이스 {n}개 중 {value:.1%}가 모든 메트릭을 통과했습니다. 기준 {limit:.1%}.",
)
_NO_PASS_RATE = Text(
    "No case has a verdict, so that nothing is known of the pass rate; {limit:.1%} have to pass.",
    "판정된 케이스가 없어 통과율을 알 수 없습니다. 기준 {limit:.1%}.",
)
_UNSCORED = Text(
    "{metric}: {count} of {total} cases ({value:.1%}) have no verdict; {limit:.1%} may. Mostly: {reason}.",
    "{metric}: 케이스 {total}개 중 {count}개({value:.1%})가 판정되지 않았습니다. 허용 {limit:.1%}. "
    "주된 이유: {reason}.",
)
_ALL_SCORED = Text(
    "{metric}: all of the {total} cases have a verdict.", "{metric}: 케이스 {total}개 모두 판정되었습니다."
)
_SOME_SCORED = Text(
    "{metric}: {n} of {total} cases have a verdict; of the others the metric has nothing to say. Mostly: "
    "{reason}.",
    "{metric}: 케이스 {total}개 중 {n}개가 판정되었습니다. 나머지는 메트릭이 해당하지 않습니다. 주된 이유: "
    "{reason}.",
)
_NO_CASES = Text("{metric}: no case was looked at.", "{metric}: 살펴본 케이스가 없습니다.")
_WORSE = Text(
    "{metric}: worse than the baseline by more than chance{beyond_en}: {difference} over {n} pairs.",
    "{metric}: 기준 실행보다 우연 이상으로 나빠졌습니다{beyond_ko}. 차이 {difference}, 쌍 {n}개.",
)
_LOWER = Text(
    "{metric}: lower than the baseline{beyond_en}, by chance or not: {difference} over {n} pairs.",
    "{metric}: 우연 여부와 관계없이 기준 실행보다 나쁩니다{beyond_ko}. 차이 {difference}, 쌍 {n}개.",
)
_NOT_WORSE = Text(
    "{metric}: not shown to be worse than the baseline{beyond_en}: {difference} over {n} pairs.",
    "{metric}: 기준 실행보다 나빠졌다고 볼 수 없습니다{beyond_ko}. 차이 {difference}, 쌍 {n}개.",
)
_THIN = Text(
    "{metric}: {n} pairs with the baseline are too few to show anything; take at least {least}.",
    "{metric}: 기준 실행과의 쌍이 {n}개뿐이라 아무것도 확인할 수 없습니다. 최소 {least}개가 필요합니다.",
)
_INCOMPLETE = Text(
    "The run did not judge all of its cases; go on with it: `pitwall eval run --resume {run}`.",
    "실행이 모든 케이스를 평가하지 못했습니다. 이어서 실행하세요: `pitwall eval run --resume {run}`.",
)
_UNKNOWN_METRIC = Text(
    "{metric}: the run does not judge it, so that it cannot pass.",
    "{metric}: 이 실행에 없는 메트릭이라 통과로 볼 수 없습니다.",
)


def judge_run(
    run: RunColumns, policy: GatePolicy, comparison: Comparison | None = None, baseline: str | None = None
) -> GateResult:
    """Look at everything that a policy demands of a run.

    Args:
        comparison: Of the baseline with the run; None without a baseline.
        baseline: Its name, if it was found by one.
    """
    checks = [*_checks_of_run(run, policy)]
    if comparison is not None:
        checks += [_regression(row, policy, comparison) for row in comparison.metrics]
    checks.sort(key=lambda check: (check.is_passed, check.kind is not CheckKind.REGRESSION))
    return GateResult(
        run_id=run.id,
        dataset=run.dataset,
        exit=_exit(checks),
        checks=tuple(checks),
        comparison=comparison,
        baseline=baseline,
    )


def _exit(checks: Sequence[GateCheck]) -> GateExit:
    failed = {check.kind for check in checks if not check.is_passed}
    if CheckKind.REGRESSION in failed:
        return GateExit.REGRESSION
    return GateExit.THRESHOLD if failed else GateExit.PASSED


def _checks_of_run(run: RunColumns, policy: GatePolicy) -> Iterator[GateCheck]:
    if not run.is_complete:
        yield GateCheck(CheckKind.COMPLETE, None, False, None, None, fill(_INCOMPLETE, run=run.id))
    for name in policy.metrics or run.metrics:
        metric = run.metrics.get(name)
        if metric is None:
            text = fill(_UNKNOWN_METRIC, metric=name)
            yield GateCheck(CheckKind.THRESHOLD, name, False, None, policy.thresholds.get(name), text)
            continue
        threshold = policy.thresholds.get(name, metric.threshold)
        if policy.checks_thresholds and threshold is not None:
            yield _threshold(metric, threshold)
        yield _unscored(metric, policy.most_unscored)
    if policy.pass_rate is not None:
        yield _pass_rate(run, policy, policy.pass_rate)


def _threshold(metric: MetricColumns, threshold: float) -> GateCheck:
    values = metric.values[~np.isnan(metric.values)]
    limit = number(threshold, metric.unit)
    if not values.size:
        text = fill(_NO_MEAN, metric=metric.name, total=len(metric.case_ids), limit=limit)
        return GateCheck(CheckKind.THRESHOLD, metric.name, False, None, threshold, text)
    mean = float(values.mean())
    is_beyond = mean >= threshold if metric.direction is Direction.HIGHER else mean <= threshold
    is_passed = is_beyond or math.isclose(mean, threshold, rel_tol=1e-9)  # rounding fails nobody
    text = fill(_MEAN, metric=metric.name, value=number(mean, metric.unit), n=values.size, limit=limit)
    return GateCheck(CheckKind.THRESHOLD, metric.name, is_passed, mean, threshold, text)


def _unscored(metric: MetricColumns, most: float) -> GateCheck:
    """Cases in error or undetermined; one that the metric has nothing to say of is no gap."""
    gaps = [reason for reason in metric.reasons.values() if reason.startswith(_NO_VERDICT)]
    total = len(metric.case_ids)
    share = len(gaps) / total if total else None
    is_passed = share is not None and share <= most
    text = _say_gaps(metric, gaps, most)
    return GateCheck(CheckKind.UNSCORED, metric.name, is_passed, share, most, text)


def _say_gaps(metric: MetricColumns, gaps: Sequence[str], most: float) -> Text:
    total = len(metric.case_ids)
    if not total:
        return fill(_NO_CASES, metric=metric.name)
    if gaps:
        values = {"count": len(gaps), "value": len(gaps) / total, "limit": most, "reason": _mostly(gaps)}
        return fill(_UNSCORED, metric=metric.name, total=total, **values)
    if metric.reasons:
        n, reason = total - len(metric.reasons), _mostly([*metric.reasons.values()])
        return fill(_SOME_SCORED, metric=metric.name, total=total, n=n, reason=reason)
    return fill(_ALL_SCORED, metric=metric.name, total=total)


def _mostly(reasons: Sequence[str]) -> str:
    return max(sorted(set(reasons)), key=reasons.count)


def _pass_rate(run: RunColumns, policy: GatePolicy, limit: float) -> GateCheck:
    names = [name for name in policy.metrics or run.metrics if name in run.metrics]
    cases = compare_cases(run, run, names, Pairing({}))
    if cases is None:
        return GateCheck(CheckKind.CASES, None, False, None, limit, fill(_NO_PASS_RATE, limit=limit))
    text = fill(_PASS_RATE, value=cases.rate_b, n=cases.n, limit=limit)
    return GateCheck(CheckKind.CASES, None, cases.rate_b >= limit, cases.rate_b, limit, text)


def _regression(row: MetricComparison, policy: GatePolicy, comparison: Comparison) -> GateCheck:
    if row.verdict is Verdict.NOT_ENOUGH_DATA and (
        policy.rule is RegressionRule.INTERVAL or row.difference is None
    ):
        least = least_pairs(comparison.options.alpha, len(comparison.metrics))
        text = fill(_THIN, metric=row.metric, n=row.units, least=least)
        return _regression_check(row, not policy.needs_enough_data, text)
    is_worse = _is_worse(row, policy.rule)
    bounds = None if row.interval is None else (row.interval.low, row.interval.high)
    worse = _WORSE if policy.rule is RegressionRule.INTERVAL else _LOWER
    text = fill(
        worse if is_worse else _NOT_WORSE,
        metric=row.metric,
        difference=difference(row.difference, bounds, row.unit),
        n=row.n,
        beyond_en=f" and the margin of {number(row.margin, row.unit)}" if row.margin else "",
        beyond_ko=f"(허용 폭 {number(row.margin, row.unit)})" if row.margin else "",
    )
    return _regression_check(row, not is_worse, text)


def _regression_check(row: MetricComparison, is_passed: bool, text: Text) -> GateCheck:
    return GateCheck(CheckKind.REGRESSION, row.metric, is_passed, row.difference, row.margin, text)


def _is_worse(row: MetricComparison, rule: RegressionRule) -> bool:
    if rule is RegressionRule.INTERVAL:
        return row.verdict is Verdict.WORSE and improvement_bounds(row)[1] < -row.margin
    if row.difference is None:
        return False
    improvement = row.difference if row.direction is Direction.HIGHER else -row.difference
    return improvement < -row.margin
