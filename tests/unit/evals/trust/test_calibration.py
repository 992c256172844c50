"""A judge beside people: joined by case id, mistakes counted, the pass rate without them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest

from pitwall.evals.trust.calibration import calibrate, consistency
from pitwall.evals.trust.types import Confusion, Label, MetricTrust, TrustState
from pitwall.evals.types import Direction
from tests.unit.evals.comparison.builders import make_metric


def make_label(
    case: str, value: float, *, rater: str = "kim", answer: str = "", metric: str = "faithfulness"
) -> Label:
    return Label(
        dataset="faq",
        metric=metric,
        example_id=case,
        rater=rater,
        answer_hash=answer,
        value=value,
        comment=None,
        run_id=None,
        labelled_at=datetime(2026, 1, 1, tzinfo=UTC),
        labelled_by="tests",
    )


def _calibrate(scores: Sequence[float | None], labels: Sequence[Label], **answers: str) -> MetricTrust:
    return calibrate(make_metric(scores), labels, answers)


def test_perfect_judge_is_perfect_also_if_few_cases_are_labelled() -> None:
    """Labels join by case id: those of the last ten of a hundred cases are not those of the first ten."""
    rng = np.random.default_rng(1)
    truth = rng.random(100) < 0.5
    scores = np.where(truth, 0.9, 0.1).tolist()
    labels = [make_label(f"c{row}", float(truth[row])) for row in range(99, 89, -1)]
    found = _calibrate(scores, labels)
    assert (found.n_labelled, found.n_joined) == (10, 10)
    assert found.kappa is not None
    assert found.auc is not None
    assert (found.kappa.value, found.kappa.agreement, found.auc.value) == (1.0, 1.0, 1.0)


def test_mistakes_are_counted_either_way() -> None:
    """The judge passes 27 of 30 that people pass, and fails 16 of 20 that people fail."""
    scores = [0.9] * 27 + [0.1] * 3 + [0.9] * 4 + [0.1] * 16
    labels = [make_label(f"c{row}", float(row < 30)) for row in range(50)]
    found = _calibrate(scores, labels)
    assert found.confusion == Confusion(both_pass=27, only_judge=4, only_people=3, both_fail=16)
    assert found.true_positive is not None
    assert found.true_negative is not None
    assert (found.true_positive.value, found.true_negative.value) == (0.9, 0.8)
    assert found.state is TrustState.CALIBRATED
    assert "passes 90% of what people pass, and fails 80%" in found.text.en
    assert found.kappa is not None
    assert found.kappa.value == pytest.approx((0.86 - 0.524) / (1 - 0.524))


def test_pass_rate_of_the_whole_run_is_corrected() -> None:
    """62 of 100 pass by a judge that is right on 90 and 80 of a hundred: people would pass about 60."""
    labelled = [0.9] * 18 + [0.1] * 2 + [0.9] * 4 + [0.1] * 16
    labels = [make_label(f"c{row}", float(row < 20)) for row in range(40)]
    rest = [0.9] * 40 + [0.1] * 20
    found = _calibrate(labelled + rest, labels)
    assert found.passed is not None
    assert found.passed.value == 0.62
    assert found.corrected is not None
    assert found.corrected.value == pytest.approx(0.6)
    assert found.corrected.interval.high - found.corrected.interval.low > 0.2


def test_without_labels_a_judge_is_uncalibrated() -> None:
    """No number is given for what nobody measured."""
    found = _calibrate([0.9, 0.1], [make_label("other", 1.0), make_label("c0", 1.0, metric="relevancy")])
    assert (found.state, found.n_labelled, found.kappa, found.corrected) == (
        TrustState.UNCALIBRATED,
        0,
        None,
        None,
    )
    assert found.passed is not None
    assert "uncalibrated" in found.text.en


def test_few_labels_are_told() -> None:
    """Twenty of each kind are wanted, whatever their sum."""
    labels = [make_label(f"c{row}", float(row > 4)) for row in range(60)]
    found = _calibrate([0.9] * 60, labels)
    assert found.state is TrustState.FEW_LABELS
    assert "55 labelled passes and 5 labelled fails" in found.text.en


def test_what_cannot_be_joined_is_counted() -> None:
    """Disputed, unscored, and about another answer than the one that was judged."""
    labels = [
        make_label("c0", 1.0, rater="kim"),
        make_label("c0", 0.0, rater="lee"),
        make_label("c1", 1.0),
        make_label("c2", 1.0, answer="old"),
        make_label("c3", 1.0, answer="same"),
        make_label("c4", 1.0, answer="whatever"),
    ]
    found = _calibrate([0.9, None, 0.9, 0.9, 0.9], labels, c2="new", c3="same")
    assert (found.n_labelled, found.n_joined) == (4, 2)
    assert (found.n_disputed, found.n_unscored, found.n_other_answer) == (1, 1, 1)


def test_raters_are_held_against_each_other() -> None:
    """Two who always agree have an alpha of 1; one alone has none."""
    labels = [make_label(f"c{row}", float(row % 2), rater=who) for row in range(6) for who in ("kim", "lee")]
    found = _calibrate([0.9] * 6, labels)
    assert (found.raters, found.alpha, found.n_joined) == (2, 1.0, 6)
    assert _calibrate([0.9] * 6, labels[::2]).alpha is None


def test_lower_is_better_where_the_metric_says_so() -> None:
    """A judge of contradictions: what people pass has low scores."""
    metric = make_metric([0.0, 0.1, 0.9, 0.8], direction=Direction.LOWER, threshold=0.3)
    labels = [make_label(f"c{row}", float(row < 2)) for row in range(4)]
    found = calibrate(metric, labels, {})
    assert found.kappa is not None
    assert found.auc is not None
    assert (found.kappa.value, found.auc.value) == (1.0, 1.0)


def test_graded_labels_are_correlated_and_no_threshold_gives_the_order_alone() -> None:
    """Ratings of 1 to 5, and a metric that passes nobody."""
    metric = make_metric([0.1 * row for row in range(10)], threshold=None)
    labels = [make_label(f"c{row}", row // 2 / 4) for row in range(10)]
    found = calibrate(metric, labels, {})
    assert found.correlation is not None
    assert found.correlation.value > 0.9
    assert (found.confusion, found.passed, found.corrected) == (None, None, None)
    assert found.auc is not None


def test_judge_that_was_asked_several_times_is_held_against_itself() -> None:
    """Of three cases that were scored twice, one passes and fails; what was scored once does not count."""
    metric = make_metric([0.9, 0.5, 0.2, 0.9])
    repeats = np.array([[0.9, 0.9, 0.2, 0.9], [0.9, 0.1, 0.2, np.nan]])
    found = consistency(metric, repeats)
    assert found is not None
    assert found.flipped is not None
    assert (found.repeats, found.n, found.flipped.successes, found.flipped.n) == (2, 3, 1, 3)
    assert found.alpha is not None
    assert 0.0 < found.alpha < 1.0
    assert consistency(metric, repeats[:1]) is None
    equal = consistency(make_metric([0.9], threshold=None), np.array([[0.9], [0.9]]))
    assert equal is not None
    assert (equal.alpha, equal.flipped) == (None, None)
