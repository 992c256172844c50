"""NAB's rules, held against scores that NAB itself published."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from benchmarks.anomaly.nab_scoring import (
    LOW_FALSE_ALARMS,
    PROFILES,
    STANDARD,
    Profile,
    Window,
    corpus_score,
    normalise,
    probation_points,
    reward_points,
    score_detections,
    sweep_thresholds,
)
from tests.support.data_sets import OWN

PUBLISHED: dict[str, Any] = json.loads((OWN / "anomaly" / "nab_published.json").read_text("utf-8"))
SERIES: dict[str, Any] = PUBLISHED["series"]


def _fired(points: int, indices: list[int]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    fired = np.zeros(points, dtype=np.bool_)
    fired[indices] = True
    return fired


def _rewards(name: str) -> Any:
    return reward_points(SERIES[name]["points"], [Window(*edges) for edges in SERIES[name]["windows"]])


@pytest.mark.parametrize("name", SERIES)
@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
@pytest.mark.parametrize("detector", PUBLISHED["detectors"])
def test_score_of_published_detections_is_the_published_score(
    detector: str, profile: Profile, name: str
) -> None:
    """Each series, each profile, two detectors: the number that NAB's own results hold."""
    detections, published = PUBLISHED["detectors"][detector][profile.name][name]
    score = score_detections(_rewards(name), _fired(SERIES[name]["points"], detections), profile)
    assert score == pytest.approx(published, abs=1e-6)


def test_scaled_total_is_the_published_result() -> None:
    """Numenta HTM's total over the whole corpus of 116 windows becomes its published score."""
    scaled = float(normalise(np.array(46.6344501971), -116.0, 116.0))
    assert scaled == pytest.approx(70.10105611943965, abs=1e-8)


def test_sweep_finds_what_scoring_at_the_threshold_says() -> None:
    """The fast way over all thresholds and the slow way at one agree, also where scores are equal."""
    random = np.random.default_rng(1)
    names = [name for name in SERIES if SERIES[name]["points"] < 3000]
    rewards = [_rewards(name) for name in names]
    scores = [np.round(random.random(SERIES[name]["points"]), 2) for name in names]
    for profile in PROFILES:
        sweep = sweep_thresholds(rewards, scores, profile)
        for index in (0, 1, len(sweep.thresholds) // 2, -1):
            fired = [one >= sweep.thresholds[index] for one in scores]
            assert sweep.scores[index] == pytest.approx(corpus_score(rewards, fired, profile))


def test_detector_that_never_fires_has_nothing_and_a_perfect_one_everything() -> None:
    """0 and 100 by definition; windows that lie in the first part of a series cost nobody anything."""
    rewards = [reward_points(1000, [Window(300, 399), Window(700, 799)])]
    assert corpus_score(rewards, [_fired(1000, [])], STANDARD) == 0.0
    assert corpus_score(rewards, [_fired(1000, [300, 700])], STANDARD) == pytest.approx(100.0)


def test_early_detection_is_worth_more_and_a_second_one_nothing() -> None:
    """Only the best detection of a window counts."""
    rewards = reward_points(1000, [Window(300, 399)])
    early, late, both = (
        score_detections(rewards, _fired(1000, fired), STANDARD) for fired in ([310], [390], [310, 390])
    )
    assert early > late > 0
    assert both == early


def test_false_alarm_costs_less_soon_after_a_window_and_double_in_the_strict_profile() -> None:
    """Far from windows it costs its whole weight."""
    rewards = reward_points(2000, [Window(400, 499)])
    soon, far = (score_detections(rewards, _fired(2000, [400, at]), STANDARD) - 1 for at in (505, 1900))
    assert far == pytest.approx(-0.11)
    assert far < soon < 0
    strict = score_detections(rewards, _fired(2000, [400, 1900]), LOW_FALSE_ALARMS) - 1
    assert strict == pytest.approx(2 * far)


def test_first_part_of_a_series_does_not_count() -> None:
    """15 % of the points, but at most 750."""
    assert (probation_points(1000), probation_points(20_000)) == (150, 750)
    assert score_detections(reward_points(1000, []), _fired(1000, [0, 149]), STANDARD) == 0.0
    assert score_detections(reward_points(1000, []), _fired(1000, [150]), STANDARD) < 0.0
