"""Tool calls: pairs that agree best, typed values, and what there is to say without calls."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.evals.metrics.errors import InvalidMetricOption
from pitwall.evals.metrics.matching import best_pairs
from pitwall.evals.metrics.tools import equal_json, pair_calls
from pitwall.evals.types import Answer, Case, Example, ScoreStatus, ToolCall
from tests.unit.evals.metrics.cases import OWN, score, value_of

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=6,
)
_METRICS = ("tool_name_precision", "tool_name_recall", "tool_argument_accuracy", "tool_order", "tool_exact")
_CALLS = st.lists(
    st.builds(
        ToolCall,
        st.sampled_from(["search", "open"]),
        st.dictionaries(st.sampled_from("ab"), st.integers(0, 2), max_size=2),
    ),
    max_size=5,
)


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 6), st.integers(1, 6), st.data())
def test_best_pairs_are_those_of_scipy(rows: int, columns: int, data: st.DataObject) -> None:
    """The total is the largest there is, and the shorter side is used up."""
    optimize = pytest.importorskip("scipy.optimize")
    row = st.lists(st.integers(0, 10).map(float), min_size=columns, max_size=columns)
    weights = data.draw(st.lists(row, min_size=rows, max_size=rows))
    pairs = best_pairs(weights)
    expected = optimize.linear_sum_assignment(weights, maximize=True)
    assert len(pairs) == min(rows, columns)
    assert len({one for one, _ in pairs}) == len({other for _, other in pairs}) == len(pairs)
    total = sum(weights[one][other] for one, other in zip(*expected, strict=True))
    assert sum(weights[one][other] for one, other in pairs) == pytest.approx(total)


def test_no_rows_make_no_pairs() -> None:
    """Nothing to pair is no failure."""
    assert best_pairs([]) == []


@settings(deadline=None)
@given(_JSON)
def test_value_is_equal_to_itself(value: Any) -> None:
    """Whatever it is."""
    assert equal_json(value, value)


@settings(deadline=None)
@given(_JSON, _JSON)
def test_equality_is_symmetrical(one: Any, other: Any) -> None:
    """Whichever is the right one."""
    assert equal_json(one, other) == equal_json(other, one)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ("1", 1, False),
        (None, False, False),
        (None, "", False),
        ("가", "\u1100\u1161", True),
        ([1, 2], [2, 1], False),
        ([1], {"0": 1}, False),
        ({"a": 1, "b": None}, {"b": None, "a": 1.0}, True),
        ({"a": 1}, {"a": 1, "b": None}, False),
    ],
)
def test_values_are_compared_with_their_types(one: Any, other: Any, equal: bool) -> None:
    """A number is not its text, true is not 1, an absent key is not null."""
    assert equal_json(one, other) is equal


@pytest.mark.parametrize(
    ("tolerance", "value"), [("0", 0.5), ("0.01", 1.0), ("price=0.01", 1.0), ("name=1", 0.5)]
)
async def test_tolerance_for_numbers(tolerance: str, value: float) -> None:
    """For all arguments, or for the one that is named."""
    case = _case(
        [ToolCall("buy", {"price": 100.4, "name": "x"})], [ToolCall("buy", {"price": 100, "name": "x"})]
    )
    assert await value_of(f"tool_argument_accuracy:tolerance={tolerance}", case) == value


@pytest.mark.parametrize("tolerance", ["-1", "a lot", "=0.1"])
def test_wrong_tolerance_is_refused(tolerance: str) -> None:
    """Before anything runs."""
    with pytest.raises(InvalidMetricOption, match="tool_exact"):
        OWN.find(f"tool_exact:tolerance={tolerance}")


def test_calls_are_paired_where_they_agree() -> None:
    """Not by their order: the second search is the first that was asked for."""
    made = [ToolCall("search", {"q": "b"}), ToolCall("search", {"q": "a"})]
    right = [ToolCall("search", {"q": "a"}), ToolCall("search", {"q": "b"})]
    assert pair_calls(made, right, {}) == [(0, 1, 1.0), (1, 0, 1.0)]


def _case(made: list[ToolCall], right: list[ToolCall]) -> Case:
    return Case(Example("1", "q", reference_tool_calls=tuple(right)), Answer("a", tool_calls=tuple(made)))


@settings(max_examples=60, deadline=None)
@given(_CALLS, _CALLS)
@pytest.mark.parametrize("metric", _METRICS)
async def test_values_lie_between_0_and_1(metric: str, made: list[ToolCall], right: list[ToolCall]) -> None:
    """Any calls give a value in range or a reason."""
    found = await score(metric, _case(made, right))
    assert found.reason != "metric_failed"
    assert found.value is None or 0 <= found.value <= 1


@settings(max_examples=40, deadline=None)
@given(_CALLS)
@pytest.mark.parametrize("metric", _METRICS)
async def test_right_calls_are_1(metric: str, calls: list[ToolCall]) -> None:
    """Where there is a call at all."""
    found = await score(metric, _case(calls, calls))
    assert found.value in (1.0, None)


@settings(max_examples=40, deadline=None)
@given(_CALLS, _CALLS, st.randoms())
async def test_order_matters_only_where_it_should(
    made: list[ToolCall], right: list[ToolCall], rng: Any
) -> None:
    """Names and arguments are the same whatever the order of the calls."""
    shuffled = rng.sample(made, len(made))
    for metric in ("tool_name_precision", "tool_name_recall", "tool_argument_accuracy"):
        first, second = await score(metric, _case(made, right)), await score(metric, _case(shuffled, right))
        assert first.value == pytest.approx(second.value)


@pytest.mark.parametrize(
    ("made", "right", "expected"),
    [
        (
            [],
            [],
            {
                "tool_name_precision": "no_calls_made",
                "tool_name_recall": "no_calls_expected",
                "tool_exact": 1.0,
            },
        ),
        (["a"], [], {"tool_name_precision": 0.0, "tool_order": "no_calls_expected", "tool_exact": 0.0}),
        (
            [],
            ["a"],
            {"tool_name_recall": 0.0, "tool_order": 0.0, "tool_argument_accuracy": "no_calls_paired"},
        ),
    ],
)
async def test_without_calls(made: list[str], right: list[str], expected: dict[str, Any]) -> None:
    """What there is nothing to say of is not 0."""
    case = _case([ToolCall(name) for name in made], [ToolCall(name) for name in right])
    for metric, told in expected.items():
        found = await score(metric, case)
        assert found.value == told if isinstance(told, float) else found.reason == told
        assert (found.status is ScoreStatus.SCORED) == isinstance(told, float)


async def test_evidence_names_what_is_missing_and_what_is_extra() -> None:
    """As often as it is."""
    case = _case([ToolCall("a"), ToolCall("c")], [ToolCall("a"), ToolCall("b"), ToolCall("b")])
    assert (await score("tool_name_recall", case)).evidence == {"missing": ["b", "b"], "extra": ["c"]}
