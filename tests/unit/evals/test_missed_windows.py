"""The course of missed questions over a time range."""

from __future__ import annotations

from pitwall.evals.missed.windows import WINDOWS, Windows

HOUR = 3_600_000_000_000
SECOND = 1_000_000_000


def test_each_moment_counts_in_its_window() -> None:
    """Windows are half-open; the first moment of one belongs to it and not to the one before."""
    windows = Windows(since_nano=0, until_nano=HOUR, seen_since_nano=0)
    counts = windows.count([0, 120 * SECOND - 1, 120 * SECOND, HOUR - 1])
    assert windows.step_seconds == 120
    assert windows.starts_nano[:2] == [0, 120 * SECOND]
    assert counts == [2, 1, *[0] * (WINDOWS - 3), 1]


def test_window_that_was_not_looked_at_as_a_whole_has_no_number() -> None:
    """What was left out is no data, never 0."""
    windows = Windows(since_nano=0, until_nano=HOUR, seen_since_nano=120 * SECOND + 1)
    counts = windows.count([200 * SECOND, 250 * SECOND])
    assert counts[:3] == [None, None, 1]
    assert set(counts[3:]) == {0}
