"""Agreement of raters: reference and published numbers, statsmodels, simulation."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa as their_kappa

from pitwall.stats.agreement import (
    JudgeErrors,
    Level,
    Rate,
    Weights,
    cohens_kappa,
    confusion_matrix,
    corrected_rate,
    judge_errors,
    krippendorff_alpha,
)

_ = np.nan
PUBLISHED = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ]
)


@pytest.mark.parametrize(("table", "kappa"), [([[40, 10], [5, 45]], 0.7), ([[90, 0], [10, 0]], 0.0)])
def test_kappa_gives_the_reference_numbers(table: list[list[int]], kappa: float) -> None:
    """The second agrees on 90 % and is still worth nothing."""
    found = cohens_kappa(np.array(table))
    assert found is not None
    assert found.value == pytest.approx(kappa)
    assert found.n == 100


@pytest.mark.parametrize(
    ("weights", "theirs"),
    [(Weights.NONE, None), (Weights.LINEAR, "linear"), (Weights.QUADRATIC, "quadratic")],
)
def test_kappa_and_its_interval_are_those_of_statsmodels(weights: Weights, theirs: str | None) -> None:
    """Five ordered categories."""
    table = np.random.default_rng(1).integers(0, 9, size=(5, 5)) + 12 * np.eye(5, dtype=np.int64)
    found, expected = cohens_kappa(table, weights=weights), their_kappa(table, wt=theirs)
    assert found is not None
    assert found.interval is not None
    assert (found.value, found.interval.low, found.interval.high) == pytest.approx(
        (expected.kappa, expected.kappa_low, expected.kappa_upp)
    )


def test_kappa_of_one_category_or_of_nothing_is_unknown() -> None:
    """All passed by both says that they agree, not that the judge can tell."""
    found = cohens_kappa(np.array([[0, 0], [0, 20]]))
    assert found is not None
    assert (found.value, found.agreement) == (None, 1.0)
    assert cohens_kappa(np.zeros((2, 2), dtype=np.int64)) is None


def test_confusion_counts_rows_by_the_first_rater() -> None:
    """Categories that nobody used are there, empty."""
    table = confusion_matrix([0, 0, 1, 2], [0, 1, 1, 2], 4)
    assert table.tolist() == [[1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize(
    ("level", "alpha"), [(Level.NOMINAL, 0.743), (Level.ORDINAL, 0.815), (Level.INTERVAL, 0.849)]
)
def test_alpha_gives_the_published_numbers(level: Level, alpha: float) -> None:
    """Krippendorff's example: four raters, twelve cases, some not rated by all, one by one rater only."""
    assert krippendorff_alpha(PUBLISHED, level) == pytest.approx(alpha, abs=5e-4)


def test_alpha_without_pairs_or_without_variation_is_unknown() -> None:
    """Nobody rated the same case, or all said the same: None, not 1."""
    assert krippendorff_alpha(np.array([[1.0, _], [_, 2.0]])) is None
    assert krippendorff_alpha(np.ones((2, 5))) is None


def test_errors_of_a_judge_are_counted_by_what_people_say() -> None:
    """Of three that people pass it passes two; of two that people fail it fails one."""
    found = judge_errors([True, True, False, True, False], [True, True, True, False, False])
    assert (found.true_positive, found.true_negative) == (Rate(2, 3), Rate(1, 2))
    assert found.true_positive.interval is not None


def test_corrected_rate_undoes_known_mistakes() -> None:
    """A true rate of 0.6 seen through 0.9 and 0.8 looks like 0.62; the correction finds 0.6 again."""
    errors = JudgeErrors(Rate(900, 1000), Rate(800, 1000))
    found = corrected_rate(Rate(620, 1000), errors)
    assert found is not None
    assert found.value == pytest.approx(0.6)
    assert 0.6 in found.interval
    few = corrected_rate(Rate(620, 1000), JudgeErrors(Rate(9, 10), Rate(8, 10)))
    assert few is not None
    assert few.interval.high - few.interval.low > 2 * (found.interval.high - found.interval.low)


def test_judge_that_knows_nothing_cannot_be_corrected() -> None:
    """As good as a coin, no labels of one kind, no case: no number is better than a wrong one."""
    coin = JudgeErrors(Rate(5, 10), Rate(5, 10))
    assert corrected_rate(Rate(6, 10), coin) is None
    assert corrected_rate(Rate(6, 10), JudgeErrors(Rate(9, 10), Rate(0, 0))) is None
    assert corrected_rate(Rate(0, 0), JudgeErrors(Rate(9, 10), Rate(9, 10))) is None


@pytest.mark.parametrize(("truth", "n_labels"), [(0.6, 40), (0.9, 100), (0.98, 30)])
def test_corrected_interval_holds_the_truth_about_as_often_as_it_says(truth: float, n_labels: int) -> None:
    """With the judge's mistakes known from some dozens of labels only."""
    rng, held = np.random.default_rng(3), 0
    sensitivity, specificity = 0.9, 0.8
    for _ in range(500):
        passed = rng.binomial(200, truth * sensitivity + (1 - truth) * (1 - specificity))
        errors = JudgeErrors(
            Rate(int(rng.binomial(n_labels, sensitivity)), n_labels),
            Rate(int(rng.binomial(n_labels, specificity)), n_labels),
        )
        found = corrected_rate(Rate(int(passed), 200), errors)
        held += found is not None and truth in found.interval
    assert held / 500 >= 0.93
