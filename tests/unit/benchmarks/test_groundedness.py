"""The figures of offline groundedness: areas by definition, labels by their rules, the public data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.grounding.agreement import area
from benchmarks.grounding.corpus import (
    CORPORA,
    Labelled,
    _expert_claim,
    _faithdial_row,
    token_overlap,
)
from pitwall.evals.metrics.offline_groundedness import METRICS
from pitwall.evals.metrics.types import CodeMetric
from pitwall.evals.types import Answer, Case, Context, Example
from tests.support.data_sets import shared_data


def _area(scores: Sequence[float], labels: Sequence[bool]) -> float:
    return area(np.array(scores), np.array(labels), np.ones(len(scores)))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5).map(float), st.booleans()), min_size=2, max_size=40))
def test_area_is_the_share_of_pairs_in_the_right_order(judged: list[tuple[float, bool]]) -> None:
    """By comparing every supported answer with every other one."""
    right = [score for score, is_right in judged if is_right]
    wrong = [score for score, is_right in judged if not is_right]
    if not right or not wrong:
        return
    pairs = [(one > other) + (one == other) / 2 for one in right for other in wrong]
    assert _area(*zip(*judged, strict=True)) == pytest.approx(sum(pairs) / len(pairs))


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Entailment", [True]),
        ("entailment,hallucination", [False]),
        ("Partial Hallucination", [False]),
        ("generic", []),
        ("", []),
    ],
)
def test_begin_labels(label: str, expected: list[bool]) -> None:
    """Partly hallucinated is not supported; what claims nothing is left out."""
    row = {"evidence": "e", "history": "h", "response": "r", "begin": label}
    assert [one.is_grounded for one in _faithdial_row(row)] == expected


@pytest.mark.parametrize(
    ("evidence", "support", "expected"),
    [
        (["[1] https://a.example\n\nText."], "Complete", [True]),
        (["[1] https://a.example\n\nText."], "Partial", [False]),
        (["[1] https://a.example/some-page"], "Complete", []),
        (["Text."], "N/A", []),
        ([], "Missing", []),
    ],
)
def test_expert_labels(evidence: list[str], support: str, expected: list[bool]) -> None:
    """An address is no evidence."""
    claim = {"evidence": evidence, "support": support, "claim_string": "c"}
    assert [one.is_grounded for one in _expert_claim("q", claim)] == expected


def test_token_overlap() -> None:
    """Distinct words, whatever their case."""
    assert token_overlap(Labelled("g", "en", "", "A b c a", ("a B",), True)) == pytest.approx(2 / 3)


@pytest.mark.slow
@pytest.mark.skipif(not (shared_data() / "rag_eval").exists(), reason="needs the public data")
@pytest.mark.parametrize("name", CORPORA)
def test_groundedness_is_above_token_overlap(name: str) -> None:
    """On the labelled answers of each public corpus."""
    labelled = list(CORPORA[name](shared_data()))
    metric = METRICS[0]
    assert isinstance(metric, CodeMetric)
    judged = [(one, metric.function(_case(one)).value) for one in labelled]
    known = [(one, value) for one, value in judged if value is not None]
    labels = [one.is_grounded for one, _ in known]
    rival = _area([token_overlap(one) for one, _ in known], labels)
    assert len(known) > 0.96 * len(labelled)
    assert _area([value for _, value in known], labels) > rival + 0.01


def _case(one: Labelled) -> Case:
    contexts = tuple(Context(text) for text in one.contexts)
    return Case(Example("1", one.question, language=one.language), Answer(one.answer, contexts=contexts))
