"""Figures, verdicts, and the lag that a sender finds."""

from pathlib import Path

import pytest

from benchmarks.bench_ingest import Watch
from benchmarks.harness.load import Sent
from benchmarks.harness.quantiles import quantile
from benchmarks.harness.results import Bar, Figure, Report, StepRecord, Verdict, at_least, at_most, render


@pytest.mark.parametrize(
    ("value", "bar", "verdict"),
    [
        (10.0, at_least(10), Verdict.OK),
        (9.9, at_least(10), Verdict.MISSED),
        (10.0, at_most(10), Verdict.OK),
        (10.1, at_most(10), Verdict.MISSED),
        (10.0, None, Verdict.NO_BAR),
        (None, at_most(10), Verdict.NOT_MEASURED),
    ],
)
def test_verdict_follows_bar(value: float | None, bar: Bar | None, verdict: Verdict) -> None:
    """A bar is kept at its limit; what was not measured keeps and misses nothing."""
    assert Figure("claim", "size", "ms", value, bar).verdict is verdict


def make_record(*, is_quick: bool) -> StepRecord:
    figures = [Figure("ack p95", "4 clients", "ms", 31.5, at_most(30), "p50 9 ms")]
    return StepRecord("ingest.burst", "abc1234", "2026-11-20T12:00:00Z", 3.0, is_quick, 0.5, figures)


def test_report_is_read_back_as_written(tmp_path: Path) -> None:
    """A later run finds the records of an earlier one."""
    report = Report({"cpu": "2 x test"})
    report.add(make_record(is_quick=False))
    report.save(tmp_path / "results.json")
    again = Report({})
    again.load(tmp_path / "results.json")
    assert again.steps == report.steps


def test_quick_verdict_stands_in_brackets() -> None:
    """A figure of a small run does not look like a proof."""
    assert "(missed)" in render([make_record(is_quick=True)])
    assert "(missed)" not in render([make_record(is_quick=False)])


def test_quantile_is_nearest_rank() -> None:
    """The p95 of twenty values is the nineteenth, not something between two."""
    assert quantile([float(value) for value in range(1, 21)], 0.95) == 19
    assert quantile([5.0], 0.5) == 5.0


def test_lag_is_the_age_of_the_oldest_uncounted_acknowledgement() -> None:
    """At 10.0 two of three requests are counted: the one acknowledged at 9.4 lags 0.6 s; then none does."""
    sent = Sent(spans_per_request=500, acks=[9.0, 9.2, 9.4])
    watch = Watch(seen=[(10.0, 1000), (10.5, 1500)])
    assert watch.lags(sent) == pytest.approx([0.6, 0.0])
