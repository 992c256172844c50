"""What is said of a judge beside its scores."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pitwall.evals.anchors.types import Finding, NamedFinding
from pitwall.evals.runs.types import MetricSummary, PlannedMetric, ThresholdFrom
from pitwall.evals.trust.standing import CALIBRATION_LASTS, standing
from pitwall.evals.trust.types import Calibration, TrustState
from pitwall.evals.types import Direction

THEN = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
METRIC = PlannedMetric("m", 1, "m@1:judge=j", 0.7, ThresholdFrom.DEFAULT)
CONTENT = {
    "n_joined": 60,
    "threshold": 0.7,
    "kappa": {"value": 0.6, "interval": None, "agreement": 0.8, "n": 60},
    "true_positive": {"successes": 27, "n": 30, "value": 0.9, "interval": None},
    "true_negative": {"successes": 24, "n": 30, "value": 0.8, "interval": None},
}


def _kept(state: TrustState = TrustState.CALIBRATED) -> Calibration:
    return Calibration(METRIC.identity, "faq", "run_1", state, CONTENT, THEN, "kim")


def _anchor(*, has_moved: bool, at: datetime) -> NamedFinding:
    return NamedFinding("core", Finding(METRIC.identity, has_moved, at))


def _summary(threshold: float) -> MetricSummary:
    return MetricSummary(
        identity=METRIC.identity,
        n_total=100,
        n_scored=100,
        n_errors=0,
        reasons={},
        mean=0.6,
        low=None,
        high=None,
        method=None,
        pass_rate=0.62,
        pass_low=None,
        pass_high=None,
        threshold=threshold,
        direction=Direction.HIGHER,
        unit="ratio",
    )


@pytest.mark.parametrize(
    ("kept", "anchor", "now", "state"),
    [
        (None, None, THEN, "uncalibrated"),
        (None, _anchor(has_moved=True, at=THEN), THEN, "uncalibrated"),
        (_kept(), None, THEN + DAY, "calibrated"),
        (_kept(TrustState.FEW_LABELS), None, THEN + DAY, "few_labels"),
        (_kept(), _anchor(has_moved=True, at=THEN + DAY), THEN + 2 * DAY, "moved"),
        (_kept(), _anchor(has_moved=True, at=THEN - DAY), THEN + DAY, "calibrated"),
        (_kept(), None, THEN + CALIBRATION_LASTS + DAY, "expired"),
        (_kept(), _anchor(has_moved=False, at=THEN + 60 * DAY), THEN + CALIBRATION_LASTS + DAY, "calibrated"),
    ],
)
def test_state_follows_from_labels_anchors_and_time(
    kept: Calibration | None, anchor: NamedFinding | None, now: datetime, state: str
) -> None:
    """An anchor check counts after labels measured the judge; one that found it unchanged renews that."""
    found = standing(METRIC, kept, anchor, None, now)
    assert found["state"] == state
    assert found["text"]["en"].startswith("m: ")
    assert found["n_labels"] == (0 if kept is None else 60)


def test_pass_rate_is_corrected_at_the_threshold_of_the_measurement_only() -> None:
    """Rogan and Gladen: (0.62 + 0.8 - 1) / (0.9 + 0.8 - 1) = 0.6."""

    def corrected(threshold: float) -> Any:
        return standing(METRIC, _kept(), None, _summary(threshold), THEN)["corrected_rate"]

    assert corrected(0.7)["value"] == pytest.approx(0.6)
    assert corrected(0.7)["interval"]["low"] < 0.6 < corrected(0.7)["interval"]["high"]
    assert corrected(0.5) is None
