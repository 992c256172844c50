"""How far the judge of a metric can be believed, as it is shown beside the metric wherever a run is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from pitwall.evals.anchors.repository import findings_of
from pitwall.evals.anchors.types import NamedFinding
from pitwall.evals.runs.identity import is_judged
from pitwall.evals.runs.types import EvalRun, MetricSummary, PlannedMetric
from pitwall.evals.trust.repository import Calibrations
from pitwall.evals.trust.types import Calibration, TrustState
from pitwall.kit.clock import Clock
from pitwall.kit.durations import format_instant
from pitwall.kit.i18n import Language, Text
from pitwall.stores.state import StateStore

CALIBRATION_LASTS: Final = timedelta(days=90)
"""So long a measurement counts by itself; an anchor check that finds the judge as it was renews it."""

Json = dict[str, Any]


class StandingState(StrEnum):
    """What is known of the judge of a metric."""

    UNCALIBRATED = "uncalibrated"
    """Nobody has measured it by labels."""
    FEW_LABELS = "few_labels"
    """It was measured, by too few labels."""
    CALIBRATED = "calibrated"
    MOVED = "moved"
    """It was measured, and an anchor check found since that it judges otherwise by now."""
    EXPIRED = "expired"
    """It was measured long ago, and nothing has checked it since."""


_TEXTS: Final[Mapping[StandingState, Text]] = {
    StandingState.UNCALIBRATED: Text(
        "{metric}: uncalibrated. Nobody knows how often this judge is wrong; label cases and measure it with "
        "`pitwall eval trust RUN --keep`.",
        "{metric}: 보정 안 됨. 이 판정 모델이 얼마나 틀리는지 알 수 없습니다. 케이스에 라벨을 달고 "
        "`pitwall eval trust RUN --keep`으로 측정하세요.",
    ),
    StandingState.FEW_LABELS: Text(
        "{metric}: measured by {n} labels, too few to rely on.",
        "{metric}: 라벨 {n}개로 측정했습니다. 믿기에는 부족합니다.",
    ),
    StandingState.CALIBRATED: Text(
        "{metric}: calibrated by {n} labels on {at}.", "{metric}: {at}에 라벨 {n}개로 보정했습니다."
    ),
    StandingState.MOVED: Text(
        "{metric}: the judge moved. Calibrated by {n} labels on {at}, and on {moved_at} it judged the "
        "anchors {anchors} otherwise than before.",
        "{metric}: 판정 모델이 달라졌습니다. {at}에 라벨 {n}개로 보정했지만 {moved_at}에 앵커 "
        "{anchors}을(를) 전과 다르게 판정했습니다.",
    ),
    StandingState.EXPIRED: Text(
        "{metric}: calibrated by {n} labels on {at}, and not checked since; measure it again.",
        "{metric}: {at}에 라벨 {n}개로 보정한 뒤 점검하지 않았습니다. 다시 측정하세요.",
    ),
}
_DAY: Final = 10


class Standings:
    """What is known of the judges of a run's metrics; calls block."""

    def __init__(self, state: StateStore, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def of(self, run: EvalRun) -> Json:
        """Return what is known of each judged metric of a run, in its written form, by name."""
        judged = [metric for metric in run.plan.metrics if is_judged(run, metric.identity)]
        if not judged:
            return {}
        with self._state.session(read_only=True) as session:
            kept = Calibrations(session, run.project_id).of([metric.identity for metric in judged])
            anchors = findings_of(session, run.project_id)
        summaries = {} if run.summary is None else run.summary.metrics
        now = self._clock.now()
        return {
            one.name: standing(
                one,
                _nearest(one, run.dataset, kept),
                anchors.get(one.identity),
                summaries.get(one.name),
                now,
            )
            for one in judged
        }


def standing(
    metric: PlannedMetric,
    kept: Calibration | None,
    anchor: NamedFinding | None,
    summary: MetricSummary | None,
    now: datetime,
) -> Json:
    """Put together what is known of the judge of a metric.

    Args:
        kept: What was measured of it by labels.
        anchor: What the anchors say of it.
        summary: Of the run whose pass rate is to be corrected.
    """
    content: Mapping[str, Any] = {} if kept is None or not isinstance(kept.content, dict) else kept.content
    state = _state(kept, anchor, now)
    moved = anchor if anchor is not None and anchor.finding.has_moved else None
    values = {
        "metric": metric.name,
        "n": content.get("n_joined", 0),
        "at": None if kept is None else format_instant(kept.measured_at)[:_DAY],
        "moved_at": None if moved is None else format_instant(moved.finding.checked_at)[:_DAY],
        "anchors": None if moved is None else moved.anchors,
    }
    text = _TEXTS[state]
    return {
        "state": state.value,
        "text": {"en": text.say(Language.ENGLISH, **values), "ko": text.say(Language.KOREAN, **values)},
        "n_labels": content.get("n_joined", 0),
        "threshold": content.get("threshold"),
        "kappa": content.get("kappa"),
        "true_positive": content.get("true_positive"),
        "true_negative": content.get("true_negative"),
        "corrected_rate": _corrected(content, summary),
        "dataset": None if kept is None else kept.dataset,
        "run_id": None if kept is None else kept.run_id,
        "measured_at": None if kept is None else format_instant(kept.measured_at),
        "anchors": None if anchor is None else anchor.anchors,
        "anchors_checked_at": None if anchor is None else format_instant(anchor.finding.checked_at),
        "has_moved": None if anchor is None else anchor.finding.has_moved,
    }


def _nearest(metric: PlannedMetric, dataset: str, kept: Sequence[Calibration]) -> Calibration | None:
    """What was measured on the same dataset, else the newest; they come newest first."""
    mine = [one for one in kept if one.identity == metric.identity]
    return next((one for one in mine if one.dataset == dataset), mine[0] if mine else None)


def _state(kept: Calibration | None, anchor: NamedFinding | None, now: datetime) -> StandingState:
    if kept is None or kept.state is TrustState.UNCALIBRATED:
        return StandingState.UNCALIBRATED
    checked = anchor if anchor is not None and anchor.finding.checked_at > kept.measured_at else None
    if checked is not None and checked.finding.has_moved:
        return StandingState.MOVED
    last = kept.measured_at if checked is None else checked.finding.checked_at
    if now - last > CALIBRATION_LASTS:
        return StandingState.EXPIRED
    return StandingState.FEW_LABELS if kept.state is TrustState.FEW_LABELS else StandingState.CALIBRATED


def _corrected(content: Mapping[str, Any], summary: MetricSummary | None) -> Json | None:
    """The pass rate of a run without the judge's mistakes; those were measured at one threshold only."""
    right, wrong = content.get("true_positive"), content.get("true_negative")
    if summary is None or summary.pass_rate is None or right is None or wrong is None:
        return None
    if content.get("threshold") != summary.threshold:
        return None
    from pitwall.stats.agreement import JudgeErrors, Rate, corrected_rate  # numpy, only where it is needed

    passed = Rate(round(summary.pass_rate * summary.n_scored), summary.n_scored)
    errors = JudgeErrors(Rate(right["successes"], right["n"]), Rate(wrong["successes"], wrong["n"]))
    found = corrected_rate(passed, errors)
    if found is None:
        return None
    bounds = found.interval
    return {
        "value": found.value,
        "interval": {"low": bounds.low, "high": bounds.high, "method": bounds.method.value},
    }
