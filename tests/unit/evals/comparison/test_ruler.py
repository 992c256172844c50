"""Answers or ruler: arithmetic and wording of a difference that is taken apart."""

from __future__ import annotations

import numpy as np
import pytest

from pitwall.evals.comparison.ruler import RulerCheck, separate
from pitwall.evals.comparison.types import CompareOptions
from tests.unit.evals.comparison.builders import make_metric, make_run

RNG = np.random.default_rng(11)
OLD = RNG.uniform(0.3, 0.8, size=40)
STEP = RNG.uniform(0.05, 0.15, size=40)
NOISE = RNG.normal(0, 0.01, size=40)


def _separate(rejudged: np.ndarray, new: np.ndarray) -> RulerCheck:
    first, again, last = (
        make_run(make_metric(values.tolist()), run_id=name)
        for name, values in (("old", OLD), ("rejudged", rejudged), ("new", new))
    )
    return separate(first, again, last, CompareOptions())[0]


@pytest.mark.parametrize(
    ("rejudged", "new", "shown", "words"),
    [
        (OLD - STEP, OLD - STEP + NOISE, (True, False), "the ruler changed, not the answers"),
        (OLD + NOISE, OLD + NOISE + STEP, (False, True), "the answers changed by +0.089"),
        (OLD - STEP, OLD - STEP + STEP**2 * 9, (True, True), "both changed"),
        (OLD + NOISE, OLD + NOISE[::-1], (False, False), "neither is shown to have changed"),
    ],
)
def test_difference_is_taken_apart(
    rejudged: np.ndarray, new: np.ndarray, shown: tuple[bool, bool], words: str
) -> None:
    """The parts add up to the whole, and the sentence says which of them is more than chance."""
    found = _separate(rejudged, new)
    assert found.ruler is not None
    assert found.answers is not None
    assert found.total == pytest.approx(float(np.mean(new - OLD)))
    assert found.ruler.difference == pytest.approx(float(np.mean(rejudged - OLD)))
    assert found.answers.difference == pytest.approx(float(np.mean(new - rejudged)))
    assert (found.ruler.is_shown, found.answers.is_shown) == shown
    assert words in found.text.en
    assert found.text.ko.startswith("faithfulness: ")


def test_only_cases_with_a_value_in_all_three_count() -> None:
    """Paired by id; one that the new judge could not judge is in neither part."""
    old = make_run(make_metric([0.9, 0.8, 0.7], ids=["a", "b", "c"]))
    rejudged = make_run(make_metric([None, 0.6, 0.5], ids=["a", "c", "b"]))
    new = make_run(make_metric([0.1, 0.9, 0.9], ids=["a", "b", "c"]))
    found = separate(old, rejudged, new, CompareOptions())[0]
    assert found.n == 2
    assert found.ruler is not None
    assert found.ruler.difference == pytest.approx(((0.5 - 0.8) + (0.6 - 0.7)) / 2)
    assert "only 2 cases" in found.text.en


def test_nothing_in_common_gives_no_parts() -> None:
    """None, not 0."""
    a, b, c = (make_run(make_metric([0.5], ids=[case])) for case in "abc")
    found = separate(a, b, c, CompareOptions())[0]
    assert (found.n, found.total, found.ruler, found.answers) == (0, None, None, None)
