"""A trend is a line of scores of one ruler; all others stand aside and are counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pitwall.evals.analysis.nodes.trend import trend
from pitwall.evals.analysis.types import NothingToSay, PastMetric, PastRun
from tests.support.analyses import make_data, make_metric

START = datetime(2026, 1, 1, tzinfo=UTC)


def _past(number: int, mean: float | None, identity: str = "m@1") -> PastRun:
    metric = PastMetric(identity, mean, None, None, 10)
    return PastRun(f"run_{number}", START + timedelta(days=number), {"m": metric})


def test_scores_of_another_judge_are_left_out_and_counted() -> None:
    """Means of two judges in one line would show a change of the ruler."""
    history = [_past(1, 0.9, "m@1:judge=old"), _past(2, 0.5), _past(3, None), _past(4, 0.6)]
    line = trend(make_data(make_metric("m", [0.6]), history=history))["metrics"][0]
    assert [point["run"] for point in line["points"]] == ["run_2", "run_4"]
    assert line["left_out_other_identity"] == 1
    assert line["rho"] is None


def test_five_runs_that_fall_have_a_falling_trend() -> None:
    """Five points of one ruler are enough for a rank correlation with time."""
    history = [_past(number, 0.9 - 0.1 * number) for number in range(1, 7)]
    line = trend(make_data(make_metric("m", [0.3]), history=history))["metrics"][0]
    assert line["rho"] == -1.0


def test_first_run_has_no_trend() -> None:
    """One run is no line."""
    with pytest.raises(NothingToSay):
        trend(make_data(make_metric("m", [0.6]), history=[_past(1, 0.6)]))
