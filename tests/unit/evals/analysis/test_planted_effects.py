"""Each part finds the effect that was planted, and none where there is only noise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.evals.analysis.nodes.associations import associations
from pitwall.evals.analysis.nodes.diagnostic import diagnostic
from pitwall.evals.analysis.nodes.failure_clusters import failure_clusters
from pitwall.evals.analysis.nodes.keywords import keywords
from pitwall.evals.analysis.nodes.low_cases import low_cases
from pitwall.evals.analysis.nodes.multiturn import multiturn
from pitwall.evals.analysis.nodes.priority import priority
from pitwall.evals.analysis.nodes.question_types import question_types
from pitwall.evals.analysis.nodes.retrieval import retrieval
from pitwall.evals.analysis.nodes.slices import slices
from pitwall.evals.analysis.nodes.statistics import statistics
from pitwall.evals.analysis.types import CaseText, NothingToSay
from pitwall.evals.types import Direction
from tests.support.analyses import make_data, make_metric

SCORES = st.lists(st.none() | st.floats(0.0, 1.0), min_size=1, max_size=20)


def _noise(seed: int, n: int = 120) -> list[float]:
    drawn: list[float] = np.random.default_rng(seed).beta(4.0, 1.5, n).tolist()
    return drawn


@settings(deadline=None)
@given(SCORES)
def test_statistics_count_only_what_is_scored(values: list[float | None]) -> None:
    """The mean is that of the scored; without one it is unknown, not 0."""
    row = statistics(make_data(make_metric("faithfulness", values)))["metrics"][0]
    scored = [value for value in values if value is not None]
    assert (row["n"], row["n_total"]) == (len(scored), len(values))
    if not scored:
        assert row["mean"] is None
        return
    assert row["mean"] == pytest.approx(np.mean(scored), abs=1e-6)
    assert row["lowest"] <= row["median"] <= row["highest"]


def test_statistics_find_metrics_that_go_together() -> None:
    """Two of three metrics share their order; the third is noise."""
    first = np.array(_noise(1))
    data = make_data(
        make_metric("a", first.tolist()), make_metric("b", (first**2).tolist()), make_metric("c", _noise(9))
    )
    found = {(row["a"], row["b"]): row for row in statistics(data)["correlations"]}
    assert found["a", "b"]["spearman"] == pytest.approx(1.0)
    assert found["a", "b"]["spearman_p_adjusted"] < 0.001
    assert found["a", "c"]["spearman_p_adjusted"] > 0.05


def test_slice_that_is_worse_is_found() -> None:
    """Cases of one product lost 0.3."""
    product = ["travel" if row % 5 == 0 else "life" for row in range(120)]
    values = [value - 0.3 * (product[row] == "travel") for row, value in enumerate(_noise(3))]
    data = make_data(make_metric("faithfulness", values), facts={"metadata.product": product})
    worst = slices(data)["found"][0]
    assert (worst["value"], worst["verdict"], worst["n"]) == ("travel", "worse", 24)


def test_slices_of_noise_are_found_no_more_often_than_alpha_says() -> None:
    """40 runs of noise with 30 parts each: about two of them at most may show something."""
    false_alarms = 0
    for seed in range(40):
        rng = np.random.default_rng(1000 + seed)
        facts = {f"metadata.f{k}": rng.integers(0, 5, 120).astype(str).tolist() for k in range(6)}
        false_alarms += bool(slices(make_data(make_metric("m", _noise(seed)), facts=facts))["found"])
    assert false_alarms <= 6


def test_rare_failures_in_a_small_slice_are_no_finding() -> None:
    """One failure among ten cases where one case in a hundred fails is chance, whatever a Gaussian says."""
    values = [0.0 if row == 0 else 1.0 for row in range(400)]
    values[200] = values[300] = values[399] = 0.0
    fact = ["small" if row < 10 else "big" for row in range(400)]
    assert slices(make_data(make_metric("m", values), facts={"metadata.size": fact}))["found"] == []


def test_cases_of_one_group_count_once() -> None:
    """Ten copies of one bad conversation are one case: no slice is shown."""
    values = [0.1] * 10 + _noise(5, 110)
    fact = ["a"] * 10 + ["b"] * 110
    groups = [0] * 10 + list(range(1, 111))
    data = make_data(make_metric("m", values), facts={"metadata.x": fact}, groups=groups)
    with pytest.raises(NothingToSay):
        slices(data)


def test_clusters_are_the_planted_topics() -> None:
    """Failures about refunds and about diagnoses fall into two clusters named by them."""
    about = ["해지 환급금은 언제 지급되나요", "암 진단비 보장 한도는 얼마인가요"]
    questions = [f"{about[row % 2]} {row}번?" for row in range(40)]
    found = failure_clusters(make_data(make_metric("faithfulness", [0.2] * 40), questions=questions))
    assert [one["n"] for one in found["clusters"]] == [20, 20]
    assert "환급금" in found["clusters"][0]["terms"]
    assert "진단비" in found["clusters"][1]["terms"]
    assert (
        found["clusters"]
        == failure_clusters(make_data(make_metric("faithfulness", [0.2] * 40), questions=questions))[
            "clusters"
        ]
    )


def test_questions_without_a_topic_form_no_large_cluster() -> None:
    """Words at random: what falls together by chance stays small."""
    rng = np.random.default_rng(2)
    questions = [" ".join(f"word{k}x" for k in rng.integers(0, 200, 6)) for _ in range(100)]
    found = failure_clusters(make_data(make_metric("m", [0.1] * 100), questions=questions))
    assert all(one["n"] <= 10 for one in found["clusters"])


def test_term_of_failing_questions_is_found_and_no_other() -> None:
    """Every question about refunds fails; words of all others say nothing."""
    rng = np.random.default_rng(4)
    is_refund = [row % 6 == 0 for row in range(180)]
    questions = [f"{'환급금' if bad else '보험료'} 안내 topic{rng.integers(0, 8)}x?" for bad in is_refund]
    values = [0.2 if bad or rng.random() < 0.1 else 0.9 for bad in is_refund]
    found = keywords(make_data(make_metric("m", values), questions=questions))
    assert [one["term"] for one in found["in_failing"]] == ["환급금"]


def test_association_is_found_and_noise_is_not() -> None:
    """Scores fall with the length of the context; the latency has nothing to do with them."""
    rng = np.random.default_rng(6)
    length = rng.uniform(100.0, 5000.0, 100)
    values = np.clip(1.0 - length / 6000.0 + rng.normal(0.0, 0.1, 100), 0.0, 1.0)
    numbers = {"context_chars": length.tolist(), "latency_ms": rng.uniform(0.0, 1.0, 100).tolist()}
    found = {
        row["factor"]: row
        for row in associations(make_data(make_metric("m", values.tolist()), numbers=numbers))["associations"]
    }
    assert found["context_chars"]["rho"] < -0.8
    assert found["context_chars"]["is_shown"]
    assert not found["latency_ms"]["is_shown"]


def test_associations_of_noise_stay_rare() -> None:
    """30 runs of ten unrelated facts each: the corrected test shows something in few of them."""
    shown = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        numbers = {f"f{k}": rng.normal(size=60).tolist() for k in range(10)}
        found = associations(make_data(make_metric("m", _noise(seed, 60)), numbers=numbers))
        shown += any(row["is_shown"] for row in found["associations"])
    assert shown <= 5


def test_low_and_first_cases_are_the_worst_ones() -> None:
    """The case that fails furthest stands first in both lists; a passing one in none."""
    data = make_data(make_metric("a", [0.9, 0.1, 0.6]), make_metric("b", [0.9, 0.2, 0.9]))
    assert [one["case"] for one in low_cases(data)["cases"]] == ["e1", "e2"]
    found = priority(data, failure_clusters=None)["cases"]
    assert [one["case"] for one in found] == ["e1", "e2"]
    expected = 0.6 * ((0.7 - 0.1) / 0.7 + (0.7 - 0.2) / 0.7) / 2.0 + 0.3
    assert found[0]["priority"] == pytest.approx(expected, abs=1e-5)


def test_gap_is_missed_only_if_chance_is_ruled_out() -> None:
    """A mean whose whole interval is below the threshold is missed; one that straddles it is open."""
    data = make_data(
        make_metric("low", [0.3, 0.4] * 20),
        make_metric("open", [0.4, 0.99] * 10 + [None] * 20),
        make_metric("lower_is_better", [0.9, 0.8] * 20, direction=Direction.LOWER),
    )
    said = diagnostic(data, statistics=statistics(data), retrieval=None)
    assert [row["verdict"] for row in said["gaps"]] == ["missed", "undecided", "missed"]


def test_rule_quotes_the_numbers_that_were_measured() -> None:
    """Answers without support on contexts that have what is needed point past the retriever."""
    data = make_data(make_metric("faithfulness", [0.4] * 12), make_metric("context_recall", [0.9] * 12))
    said = diagnostic(data, statistics=statistics(data), retrieval=None)["findings"]
    assert [one["code"] for one in said] == ["unfaithful_with_good_retrieval"]
    assert "0.400" in said[0]["text"]["en"]
    assert "0.900" in said[0]["text"]["ko"]


def test_rule_is_silent_where_chance_leaves_it_open() -> None:
    """A mean a little below its threshold blames nobody."""
    data = make_data(make_metric("faithfulness", [0.35, 1.0] * 10), make_metric("context_recall", [0.9] * 20))
    said = diagnostic(data, statistics=statistics(data), retrieval=None)
    assert said["gaps"][0]["verdict"] == "undecided"
    assert said["findings"] == []


def test_retrieval_counts_empty_contexts_and_unused_chunks() -> None:
    """Of four judged chunks one supports a claim; a fifth of the cases has nothing."""
    claims = [{"text": "a", "by_chunks": {"verdict": "supported", "chunks": [0]}}]
    texts = [
        CaseText(
            row=0, question="refund policy", reference="90일", contexts=("면책은 90 일", "x"), claims=claims
        ),
        CaseText(row=1, question="refund", contexts=("y", "z"), claims=[{"text": "b", "by_chunks": {}}]),
    ]
    numbers = {"context_count": [2.0, 2.0, 2.0, 2.0, 0.0]}
    said = retrieval(make_data(make_metric("m", [1.0] * 5), numbers=numbers, texts=texts))
    assert said["empty"] == {"n": 1, "share": 0.2}
    assert said["reference_verbatim"] == {"n": 1, "mean": 1.0}
    assert (said["chunks"]["unused"], said["chunks"]["unsupported_claims"]) == (3, 1)
    assert [one["share"] for one in said["chunks"]["used_by_rank"]] == [0.5, 0.0]


def test_question_types_have_their_own_means() -> None:
    """Why-questions score lower than what-questions, each with its n."""
    kinds = ["reasoning", "factual", "factual"]
    said = question_types(make_data(make_metric("m", [0.2, 0.8, 1.0]), facts={"question_type": kinds}))
    means = {one["type"]: (one["n"], one["metrics"][0]["mean"]) for one in said["types"]}
    assert means == {"factual": (2, 0.9), "reasoning": (1, 0.2)}


def test_turns_are_described_by_their_place() -> None:
    """The second turn is slower and less faithful."""
    turns: list[dict[str, Any]] = [
        {"turn": 1, "value": 1.0},
        {"turn": 2, "value": 0.5},
        {"turn": 3, "value": None},
    ]
    text = CaseText(row=0, question="q", turn_latencies_ms=(100.0, 300.0, None), turns=turns)
    said = multiturn(make_data(make_metric("m", [1.0]), texts=[text]))["by_turn"]
    assert [(one["latency_ms_p50"], one["faithfulness"]) for one in said] == [
        (100, 1.0),
        (300, 0.5),
        (None, None),
    ]
