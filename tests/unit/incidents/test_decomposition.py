"""Changes taken apart: parts add up, planted causes stand out, and chance does not."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.incidents.decomposition import (
    NOTHING,
    Kind,
    Measure,
    Slice,
    is_change,
    outcome_parts,
    parts,
    strongest,
)


def _whole(slices: list[Slice], when: str) -> Measure:
    measures = [getattr(one, when) for one in slices]
    count = sum(one.count for one in measures)
    total = sum((one.value or 0.0) * one.count for one in measures)
    return Measure(total / count if count else None, count)


def _measures() -> st.SearchStrategy[Measure]:
    return st.one_of(
        st.just(NOTHING),
        st.builds(Measure, st.floats(0, 1), st.integers(1, 50)),
    )


@given(st.lists(st.tuples(_measures(), _measures()), min_size=1, max_size=6))
def test_parts_of_a_mean_add_up_to_the_change(measures: list[tuple[Measure, Measure]]) -> None:
    """Also where values are new or gone, and each part is its two effects."""
    slices = [Slice(str(number), *pair) for number, pair in enumerate(measures)]
    before, now = _whole(slices, "before"), _whole(slices, "now")
    if before.value is None or now.value is None or abs(now.value - before.value) < 0.01:
        return
    found = parts(Kind.RATIO, before, now, slices)
    assert sum(part.share for part in found) == pytest.approx(1)
    for part in found:
        assert part.rate_effect is not None
        assert part.mix_effect is not None
        assert part.rate_effect + part.mix_effect == pytest.approx(part.share, abs=1e-9)


def test_value_that_became_worse_has_the_rate_effect() -> None:
    """One model of four fails."""
    slices = [Slice(name, Measure(0.01, 1000), Measure(0.01, 1000)) for name in "abc"]
    slices.append(Slice("d", Measure(0.01, 1000), Measure(0.41, 1000)))
    part = parts(Kind.RATIO, _whole(slices, "before"), _whole(slices, "now"), slices)[0]
    assert (part.slice.name, part.stands_out) == ("d", True)
    assert part.share == pytest.approx(1)
    assert part.rate_effect == pytest.approx(1)
    assert part.mix_effect == pytest.approx(0)


def test_value_that_there_is_more_of_has_the_mix_effect() -> None:
    """No model became worse; more calls go to the one that always failed often."""
    slices = [
        Slice("good", Measure(0.01, 9000), Measure(0.01, 5000)),
        Slice("poor", Measure(0.30, 1000), Measure(0.30, 5000)),
    ]
    part = parts(Kind.RATIO, _whole(slices, "before"), _whole(slices, "now"), slices)[0]
    assert (part.slice.name, part.stands_out) == ("poor", True)
    assert part.rate_effect == pytest.approx(0)
    assert part.mix_effect is not None
    assert part.mix_effect > 0.8


def test_new_value_is_told_by_its_weight() -> None:
    """A version that was not there before has no change of its own."""
    slices = [
        Slice("1.0", Measure(0.01, 2000), Measure(0.01, 1000)),
        Slice("1.1", NOTHING, Measure(0.2, 1000)),
    ]
    part = parts(Kind.RATIO, _whole(slices, "before"), _whole(slices, "now"), slices)[0]
    assert (part.slice.name, part.stands_out, part.rate_effect) == ("1.1", True, 0.0)


def test_thin_value_does_not_stand_out() -> None:
    """Three calls of which two failed say nothing beside a change of all."""
    slices = [
        Slice("many", Measure(0.02, 1000), Measure(0.10, 1000)),
        Slice("few", Measure(0.0, 3), Measure(0.67, 3)),
    ]
    found = parts(Kind.RATIO, _whole(slices, "before"), _whole(slices, "now"), slices)
    assert strongest({"model": found}) == []


def test_only_value_of_a_dimension_explains_nothing() -> None:
    """It holds everything, so it has its due."""
    slices = [Slice("voc-chat", Measure(0.01, 1000), Measure(0.3, 1000))]
    (part,) = parts(Kind.RATIO, slices[0].before, slices[0].now, slices)
    assert part.share == pytest.approx(1)
    assert not part.stands_out


def test_same_records_by_the_same_name_are_told_once() -> None:
    """The requested model is mostly the model."""
    slices = [Slice(name, Measure(0.01, 1000), Measure(0.01, 1000)) for name in "abc"]
    slices.append(Slice("d", Measure(0.01, 1000), Measure(0.41, 1000)))
    found = parts(Kind.RATIO, _whole(slices, "before"), _whole(slices, "now"), slices)
    assert [name for name, _ in strongest({"model": found, "request_model": found})] == ["model"]


def test_chance_does_not_stand_out() -> None:
    """All fail more; of two thousand equal values in dimensions of five, next to none stands out."""
    source = random.Random(20261120)
    hits = 0
    for _ in range(400):
        slices = [
            Slice(
                str(number),
                Measure(sum(source.random() < 0.03 for _ in range(200)) / 200, 200),
                Measure(sum(source.random() < 0.15 for _ in range(100)) / 100, 100),
            )
            for number in range(5)
        ]
        found = parts(Kind.RATIO, _whole(slices, "before"), _whole(slices, "now"), slices)
        hits += any(part.stands_out for part in found)
    assert hits <= 8


def test_sums_are_taken_apart_by_difference() -> None:
    """Cost doubled, all of it by one user."""
    slices = [
        Slice("a", Measure(50.0, 500), Measure(50.0, 500)),
        Slice("b", Measure(50.0, 500), Measure(150.0, 1500)),
    ]
    found = parts(Kind.SUM, Measure(100.0, 1000), Measure(200.0, 2000), slices)
    assert [(part.slice.name, round(part.share, 3), part.due) for part in found] == [
        ("b", 1.0, 0.5),
        ("a", 0.0, 0.5),
    ]
    assert found[0].stands_out


def test_sum_that_fell_names_what_is_gone() -> None:
    """A service that sends nothing any more."""
    slices = [
        Slice("a", Measure(1000.0, 1000), NOTHING),
        Slice("b", Measure(1000.0, 1000), Measure(990.0, 990)),
    ]
    found = parts(Kind.SUM, Measure(2000.0, 2000), Measure(990.0, 990), slices)
    assert (found[0].slice.name, found[0].stands_out) == ("a", True)


def test_quantile_is_what_it_would_be_without() -> None:
    """Without the slow version nothing changed; one that was always slow has no part in the change."""
    slices = [
        Slice("slow now", Measure(900.0, 500), Measure(9000.0, 500), 1000.0, 1000.0),
        Slice("always slow", Measure(2000.0, 500), Measure(2000.0, 500), 500.0, 8500.0),
    ]
    found = parts(Kind.OTHER, Measure(1000.0, 1000), Measure(9000.0, 1000), slices)
    assert [(part.slice.name, part.share) for part in found] == [("slow now", 1.0), ("always slow", 0.0)]
    assert [part.stands_out for part in found] == [True, False]


def test_outcomes_are_parts_of_all_records() -> None:
    """Of the failures that were added, nine of ten are timeouts."""
    slices = [
        Slice("", Measure(0.0, 980), Measure(0.0, 880)),
        Slice("timeout", Measure(1.0, 10), Measure(1.0, 100)),
        Slice("parse", Measure(1.0, 10), Measure(1.0, 20)),
    ]
    found = outcome_parts(Measure(0.02, 1000), Measure(0.12, 1000), slices)
    assert [(part.slice.name, round(part.share, 3)) for part in found] == [
        ("timeout", 0.9),
        ("parse", 0.1),
        ("", 0.0),
    ]


@pytest.mark.parametrize(
    ("kind", "before", "now", "expected"),
    [
        (Kind.RATIO, Measure(0.02, 1000), Measure(0.12, 200), True),
        (Kind.RATIO, Measure(0.02, 30), Measure(0.10, 20), False),
        (Kind.RATIO, Measure(0.10, 10**6), Measure(0.105, 10**6), False),
        (Kind.MEAN, Measure(100.0, 1000), Measure(200.0, 100), True),
        (Kind.MEAN, Measure(100.0, 20), Measure(150.0, 20), False),
        (Kind.SUM, Measure(1000.0, 1000), Measure(300.0, 300), True),
        (Kind.SUM, Measure(10.0, 10), Measure(14.0, 14), False),
        (Kind.OTHER, Measure(100.0, 100), Measure(300.0, 100), True),
        (Kind.RATIO, NOTHING, Measure(0.5, 100), False),
    ],
)
def test_change_is_more_than_chance_and_enough_to_matter(
    kind: Kind, before: Measure, now: Measure, expected: bool
) -> None:
    """Thin, tiny and unknown differences are none."""
    assert is_change(kind, before, now) is expected
