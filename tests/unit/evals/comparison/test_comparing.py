"""Comparing two runs: pairs by case id, direction, margin, what is missing, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.evals.comparison.comparing import compare, least_pairs
from pitwall.evals.comparison.errors import ComparisonInvalid
from pitwall.evals.comparison.types import CompareOptions, MetricComparison, Verdict
from pitwall.evals.types import Direction
from tests.unit.evals.comparison.builders import make_metric, make_run

BEFORE = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.95, 0.85, 0.75, 0.65]
STEPS = [0.04, 0.06, 0.05, 0.03, 0.07, 0.05, 0.02, 0.06, 0.05, 0.07]
AFTER = [a + step for a, step in zip(BEFORE, STEPS, strict=True)]


def _compare(
    a: Sequence[float | None],
    b: Sequence[float | None],
    *,
    direction: Direction = Direction.HIGHER,
    unit: str = "ratio",
    **options: object,
) -> MetricComparison:
    before, after = (make_run(make_metric(values, direction=direction, unit=unit)) for values in (a, b))
    return compare(before, after, CompareOptions(**options)).metrics[0]  # type: ignore[arg-type]


def test_small_steps_everywhere_are_found() -> None:
    """+0.05 on ten cases, which an unpaired test cannot see among cases that differ by 0.5."""
    found = _compare(BEFORE, AFTER)
    assert found.verdict is Verdict.BETTER
    assert found.difference == pytest.approx(0.05)
    assert found.p == pytest.approx(2 / 1024)
    assert (found.wins, found.ties, found.losses) == (10, 0, 0)
    assert found.effect_size == pytest.approx(3.062, abs=1e-3)


def test_the_other_way_round_is_worse() -> None:
    """The same numbers with the sides exchanged."""
    found = _compare(AFTER, BEFORE)
    assert found.verdict is Verdict.WORSE
    assert (found.wins, found.losses) == (0, 10)


def test_more_is_worse_where_less_is_better() -> None:
    """Latency that grows: the difference keeps its sign, the verdict knows the direction."""
    found = _compare(BEFORE, AFTER, direction=Direction.LOWER)
    assert found.verdict is Verdict.WORSE
    assert found.difference == pytest.approx(0.05)
    assert (found.wins, found.losses) == (0, 10)


def test_pairs_are_found_by_id() -> None:
    """The same cases in another order, one missing on each side: positions mean nothing."""
    a = make_run(make_metric([*BEFORE, 0.1], ids=[*"abcdefghij", "only_a"]))
    b = make_run(make_metric([0.2, *reversed(AFTER)], ids=["only_b", *reversed("abcdefghij")]))
    found = compare(a, b).metrics[0]
    assert found.n == 10
    assert found.difference == pytest.approx(0.05)
    assert (found.unpaired.only_in_a, found.unpaired.only_in_b) == (1, 1)


def test_case_without_a_score_is_left_out_and_told() -> None:
    """An error is never 0: it lowers the number of pairs, not the mean."""
    found = _compare([*BEFORE, None, 0.5, None], [*AFTER, None, None, 0.5])
    assert found.n == 10
    assert found.difference == pytest.approx(0.05)
    left_out = found.unpaired
    assert (left_out.unscored_a, left_out.unscored_b, left_out.unscored_both) == (1, 1, 1)
    assert left_out.reasons_a == {"error:judge_timeout": 2}


def test_no_pair_gives_no_number() -> None:
    """Nothing in common: not enough data, and every number is absent."""
    a, b = make_run(make_metric([0.5], ids=["x"])), make_run(make_metric([0.9], ids=["y"]))
    found = compare(a, b).metrics[0]
    assert found.verdict is Verdict.NOT_ENOUGH_DATA
    assert (found.difference, found.p, found.a.mean, found.passes) == (None, None, None, None)


@pytest.mark.parametrize(("cases", "verdict"), [(5, Verdict.NOT_ENOUGH_DATA), (6, Verdict.WORSE)])
def test_five_pairs_can_show_nothing(cases: int, verdict: Verdict) -> None:
    """Even if all of them fall, five coins fall alike one time in sixteen."""
    found = _compare([0.9] * cases, [0.5 + 0.01 * case for case in range(cases)])
    assert found.verdict is verdict


def test_equal_answers_show_no_difference() -> None:
    """Also with an interval of no width to speak of."""
    found = _compare(BEFORE, BEFORE)
    assert found.verdict is Verdict.NO_DIFFERENCE_SHOWN
    assert (found.ties, found.p, found.needed) == (10, 1.0, None)


def test_margin_is_what_does_not_matter() -> None:
    """0.05 better is better than nothing and the same as 0.1."""
    assert _compare(BEFORE, AFTER, margin=0.1).verdict is Verdict.NO_DIFFERENCE_SHOWN
    assert _compare(AFTER, BEFORE, margin=0.1).verdict is Verdict.NO_DIFFERENCE_SHOWN
    assert _compare(AFTER, BEFORE, margin=0.01).verdict is Verdict.WORSE


def test_margin_of_ratios_does_not_apply_to_milliseconds() -> None:
    """For other units it is given by metric."""
    slower = [value + 30 for value in AFTER]
    assert _compare(BEFORE, slower, direction=Direction.LOWER, unit="ms", margin=0.1).margin == 0.0
    found = _compare(
        BEFORE, slower, direction=Direction.LOWER, unit="ms", margin=0.1, margins={"faithfulness": 50.0}
    )
    assert found.verdict is Verdict.NO_DIFFERENCE_SHOWN


def test_many_metrics_do_not_find_something_by_chance() -> None:
    """p = .03 is a finding for one metric and none among four: Holm."""
    rng = np.random.default_rng(7)
    before = rng.random(30)
    after = np.clip(before - rng.normal(0.045, 0.1, size=30), 0, 1)
    a, b = (make_run(make_metric(values.tolist())) for values in (before, after))
    assert compare(a, b).metrics[0].verdict is Verdict.WORSE
    noise = [rng.random(30).tolist() for _ in range(6)]
    a, b = (
        make_run(
            make_metric(values.tolist()),
            *(make_metric(noise[2 * index + side], name=f"m{index}") for index in range(3)),
        )
        for side, values in enumerate((before, after))
    )
    found = compare(a, b).metrics[0]
    assert found.p is not None
    assert found.p_adjusted is not None
    assert found.p < 0.05 < found.p_adjusted
    assert found.verdict is Verdict.NO_DIFFERENCE_SHOWN


def test_too_few_pairs_for_so_many_metrics_are_not_enough_data() -> None:
    """Six pairs show something of one metric; beside seven others no outcome could have."""
    names = [f"m{index}" for index in range(8)]
    a, b = (make_run(*(make_metric([value] * 6, name=name) for name in names)) for value in (0.9, 0.1))
    found = compare(a, b)
    assert {row.verdict for row in found.metrics} == {Verdict.NOT_ENOUGH_DATA}
    assert least_pairs(0.05, len(names)) == 9
    alone = compare(make_run(make_metric([0.9] * 6)), make_run(make_metric([0.1] * 6)))
    assert alone.metrics[0].verdict is Verdict.WORSE


def test_cases_of_one_document_count_as_one() -> None:
    """Twelve cases of three documents are three units: too few to show anything."""
    groups = {f"c{row}": f"doc{row % 3}" for row in range(12)}
    a = make_run(make_metric(BEFORE + BEFORE[:2]), groups=groups)
    b = make_run(make_metric(AFTER + AFTER[:2]), groups=groups)
    found = compare(a, b).metrics[0]
    assert (found.n, found.units, found.verdict) == (12, 3, Verdict.NOT_ENOUGH_DATA)


def test_passes_are_compared_by_one_threshold() -> None:
    """Which cases were lost and gained; McNemar says whether by more than chance."""
    a = make_run(make_metric([0.8] * 10 + [0.2] * 2 + [0.9] * 8, threshold=0.5))
    b = make_run(make_metric([0.6] * 10 + [0.8] * 2 + [0.9] * 8, threshold=0.7))
    passes = compare(a, b).metrics[0].passes
    assert passes is not None
    assert (passes.lost, passes.gained, passes.threshold) == (10, 2, 0.7)
    assert passes.p == pytest.approx(0.03857, abs=5e-6)
    assert (passes.rate_a, passes.rate_b) == (0.9, 0.5)


def test_case_passes_if_every_metric_lets_it() -> None:
    """Over all metrics with a threshold; nothing to say is no fail, and where a judge failed nobody knows."""
    not_applicable = {1: "not_applicable:no_claims"}
    a = make_run(
        make_metric([0.9, 0.9, 0.9, 0.9]),
        make_metric([0.9, None, 0.9, 0.1], name="relevancy", reasons=not_applicable),
        make_metric([1000.0] * 4, name="latency_ms", threshold=None, unit="ms"),
    )
    b = make_run(
        make_metric([0.9, 0.9, 0.1, 0.9]),
        make_metric([None, None, 0.9, 0.9], name="relevancy", reasons=not_applicable),
        make_metric([9000.0] * 4, name="latency_ms", threshold=None, unit="ms"),
    )
    cases = compare(a, b).cases
    assert cases is not None
    assert (cases.n, cases.rate_a, cases.rate_b) == (3, 2 / 3, 2 / 3)
    assert (cases.lost, cases.gained) == (1, 1)


def test_outage_of_the_judge_is_no_loss_of_cases() -> None:
    """Cases that a judge failed on are left out; those that the service did not answer are lost."""
    a = make_run(make_metric([0.9] * 6))
    b = make_run(make_metric([0.9, None, None, None, None, 0.1], reasons={4: "error:empty_answer"}))
    cases = compare(a, b).cases
    assert cases is not None
    assert (cases.n, cases.lost, cases.rate_b) == (3, 2, 1 / 3)


def test_outage_of_the_judge_loses_no_case() -> None:
    """What was judged before and could not be judged again is left out; what is wrong anyway stays wrong."""
    a = make_run(make_metric([0.9] * 3), make_metric([0.9] * 3, name="relevancy"))
    b = make_run(make_metric([None, None, 0.9]), make_metric([0.9, 0.1, 0.9], name="relevancy"))
    cases = compare(a, b).cases
    assert cases is not None
    assert (cases.n, cases.lost, cases.gained) == (2, 1, 0)


def test_metrics_over_other_cases_still_meet_by_id() -> None:
    """A run that was stopped has fewer scores of its last metric."""
    ids = [f"c{row}" for row in range(6)]
    a = make_run(make_metric([0.9] * 6, ids=ids), make_metric([0.9] * 6, name="m", ids=ids))
    b = make_run(make_metric([0.9] * 6, ids=ids), make_metric([0.1, 0.9], name="m", ids=["c4", "c2"]))
    cases = compare(a, b).cases
    assert cases is not None
    assert (cases.n, cases.lost) == (6, 1)


def test_needed_cases_are_for_the_margin_or_for_what_was_seen() -> None:
    """A noisy difference that 20 cases could not show."""
    rng = np.random.default_rng(3)
    before = rng.random(20).tolist()
    after = [value + step for value, step in zip(before, rng.normal(0.03, 0.2, size=20), strict=True)]
    found = _compare(before, after)
    assert found.verdict is Verdict.NO_DIFFERENCE_SHOWN
    assert found.detectable is not None
    assert found.needed is not None
    assert abs(found.difference or 0) < found.detectable
    assert (found.needed.of, found.needed.difference) == ("observed", abs(found.difference or 0))
    wanted = _compare(before, after, margin=0.05).needed
    assert wanted is not None
    assert (wanted.of, wanted.difference) == ("margin", 0.05)
    # With so many cases the margin is what can be detected.
    assert found.detectable * np.sqrt(20 / (20 + wanted.more)) == pytest.approx(0.05, rel=0.01)


def test_a_case_that_comes_twice_is_refused() -> None:
    """Pairing by id needs ids."""
    a, b = make_run(make_metric([0.1, 0.2], ids=["x", "x"])), make_run(make_metric([0.1], ids=["x"]))
    with pytest.raises(ComparisonInvalid, match="'x' comes twice"):
        compare(a, b)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=25),
    st.randoms(use_true_random=False),
)
def test_neither_order_nor_side_changes_what_is_said(
    pairs: list[tuple[float, float]], random: object
) -> None:
    """Shuffled cases give the same numbers; exchanged sides give the opposite verdict."""
    ids = [f"c{row}" for row in range(len(pairs))]
    shuffled = list(zip(ids, pairs, strict=True))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    a = make_run(make_metric([one for one, _ in pairs], ids=ids))
    b = make_run(make_metric([one for _, (_, one) in shuffled], ids=[case for case, _ in shuffled]))
    there, back = compare(a, b).metrics[0], compare(b, a).metrics[0]
    assert there.difference == pytest.approx(-(back.difference or 0))
    assert (there.wins, there.losses) == (back.losses, back.wins)
    opposite = {Verdict.BETTER: Verdict.WORSE, Verdict.WORSE: Verdict.BETTER}
    if there.p is not None and abs(there.p - 0.05) > 0.02:
        assert back.verdict is opposite.get(there.verdict, there.verdict)
