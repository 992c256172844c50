"""Which traces are in a sample."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.evals.online.sampling import is_sampled

TRACE_IDS = st.binary(min_size=16, max_size=16).map(bytes.hex)
RATES = st.floats(min_value=0, max_value=1)


@given(TRACE_IDS, RATES, RATES)
def test_smaller_sample_is_part_of_larger(trace_id: str, one: float, other: float) -> None:
    """Rules with different rates meet on the same traces."""
    small, large = sorted((one, other))
    assert not is_sampled(trace_id, small) or is_sampled(trace_id, large)


@given(TRACE_IDS)
def test_rates_at_the_ends_take_none_and_all(trace_id: str) -> None:
    """Everything is everything, nothing is nothing."""
    assert is_sampled(trace_id, 1.0)
    assert not is_sampled(trace_id, 0.0)


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["random", "counting"])
def test_share_is_the_rate(rate: float, kind: str) -> None:
    """Within four standard deviations of a binomial share, also where ids are not random themselves."""
    chance, count = random.Random(7), 40_000
    ids = (
        chance.randbytes(16) if kind == "random" else number.to_bytes(16) for number in range(1, count + 1)
    )
    share = sum(is_sampled(one.hex(), rate) for one in ids) / count
    assert abs(share - rate) < 4 * (rate * (1 - rate) / count) ** 0.5
