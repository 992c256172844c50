"""Bands judge only with enough data; impossible bands and mixed units are found when a pack is loaded."""

from __future__ import annotations

import pytest

from pitwall.core.vocabulary import Band
from pitwall.signals.bands import Bands, Better, parse_limit, problems_of
from pitwall.signals.errors import ExpressionInvalid
from pitwall.signals.units import parse_unit

LIMITS = Bands(parse_limit("< 0.6"), parse_limit("< 0.4"), min_count=20)


@pytest.mark.parametrize(
    ("value", "count", "band"),
    [
        (0.9, 20, Band.NORMAL),
        (0.6, 20, Band.NORMAL),
        (0.59, 20, Band.WARNING),
        (0.39, 20, Band.CRITICAL),
        (0.0, 19, Band.NO_DATA),
        (None, 0, Band.NO_DATA),
        (None, 100, Band.NO_DATA),
    ],
)
def test_band_of_a_value(value: float | None, count: int, band: Band) -> None:
    """The stricter band wins; too few observations are no data, however bad the value looks."""
    assert LIMITS.judge(value, count) is band


@pytest.mark.parametrize(
    ("warning", "critical", "better", "complaint"),
    [
        ("> 1.2", None, Better.LOWER, "can never trigger"),
        ("< 0", None, Better.HIGHER, "can never trigger"),
        (">= 0", None, Better.LOWER, "always triggers"),
        ("< 0.4", "< 0.6", Better.HIGHER, "a warning must come before"),
        ("< 0.4", "< 0.4", Better.HIGHER, "a warning must come before"),
        ("> 0.4", None, Better.HIGHER, "points at the better values"),
    ],
)
def test_band_that_cannot_work_is_named(
    warning: str, critical: str | None, better: Better, complaint: str
) -> None:
    """A share lies between 0 and 1; a warning comes before its critical band and at the worse side."""
    bands = Bands(parse_limit(warning), None if critical is None else parse_limit(critical))
    assert complaint in " ".join(problems_of(bands, better, low=0.0, high=1.0))


@pytest.mark.parametrize(
    ("normal", "warning", "complaint"),
    [
        ("> 0.5", "< 0.6", "must lie outside '< 0.6'"),
        ("< 0.7", "< 0.6", "must lie outside '< 0.6'"),
        (">= 0.6", "<= 0.6", "must lie outside '<= 0.6'"),
        ("> 1", "< 0.6", "can never be met"),
        ("> 0.7", None, "needs a warning or critical"),
    ],
)
def test_good_zone_that_cannot_work_is_named(normal: str, warning: str | None, complaint: str) -> None:
    """The good zone lies outside what is not normal, where values can be."""
    bands = Bands(None if warning is None else parse_limit(warning), normal=parse_limit(normal))
    assert complaint in " ".join(problems_of(bands, Better.HIGHER, low=0.0, high=1.0))


def test_good_zone_may_begin_where_the_warning_ends() -> None:
    """Between the two there may be a gap, or none."""
    for normal in ("> 0.8", ">= 0.6"):
        bands = Bands(parse_limit("< 0.6"), normal=parse_limit(normal))
        assert problems_of(bands, Better.HIGHER, low=0.0, high=1.0) == []


def test_large_limits_are_written_out() -> None:
    """A million reads as a million, and is read as it was written."""
    assert str(parse_limit("> 10000000")) == "> 10000000"
    assert str(parse_limit("< 0.05")) == "< 0.05"


def test_sound_bands_have_no_problem() -> None:
    """What the documentation shows is accepted."""
    assert problems_of(LIMITS, Better.HIGHER, low=0.0, high=1.0) == []


@pytest.mark.parametrize("text", ["0.6", "= 3", "< x", "<", "< 1 2"])
def test_text_that_is_no_limit_is_refused(text: str) -> None:
    """A limit is an operator and a number."""
    with pytest.raises(ExpressionInvalid):
        parse_limit(text)


@pytest.mark.parametrize(
    ("one", "other", "fits"),
    [
        ("requests", "calls", True),
        ("ms", "s", False),
        ("usd/request", "usd/call", True),
        ("usd", "tokens", False),
        ("retries/call", "ratio", True),
        ("tokens/day", "tokens", False),
    ],
)
def test_units_fit_if_they_measure_the_same(one: str, other: str, fits: bool) -> None:
    """Counted things stand for each other; quantities and their scales do not."""
    assert parse_unit(one).fits(parse_unit(other)) is fits


def test_unknown_unit_is_named() -> None:
    """The message names the part that is unknown."""
    with pytest.raises(ExpressionInvalid, match="'parsecs'"):
        parse_unit("usd/parsecs")
