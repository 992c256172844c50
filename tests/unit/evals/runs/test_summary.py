"""What a run says: only what has a value enters a mean, and everything else is counted with its reason."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pitwall.evals.runs.stored import read_summary, summary_json
from pitwall.evals.runs.summary import case_verdict, merge_repeats, summarise
from pitwall.evals.runs.types import (
    Plan,
    PlannedMetric,
    Progress,
    ScoreColumns,
    StoredScore,
    ThresholdFrom,
)
from pitwall.evals.types import Direction, ScoreStatus

Row = tuple[int, int, str, float | None, str | None]


def columns(*rows: Row) -> ScoreColumns:
    positions, samples, statuses, values, reasons = zip(*rows, strict=True) if rows else ((),) * 5
    ids = [f"e{position}" for position in positions]
    return ScoreColumns(positions, ids, samples, statuses, values, reasons, [None] * len(positions))


def scored(*values: float) -> ScoreColumns:
    return columns(*((at, 0, "scored", value, None) for at, value in enumerate(values)))


def metric(
    name: str = "m", threshold: float | None = 0.7, direction: Direction = Direction.HIGHER
) -> PlannedMetric:
    return PlannedMetric(name, 1, f"{name}@1", threshold, ThresholdFrom.DEFAULT, direction)


def test_errors_and_what_does_not_apply_never_enter_a_mean() -> None:
    """Two values and three reasons: the mean is of two, n of five is shown, nothing is 0."""
    found = columns(
        (0, 0, "scored", 1.0, None),
        (1, 0, "scored", 0.5, None),
        (2, 0, "error", None, "timeout"),
        (3, 0, "not_applicable", None, "no_claims"),
        (4, 0, "undetermined", None, "too_few_verdicts"),
    )
    summary = summarise(Plan(metrics=(metric(),)), {"m": found}, {}, Progress(cases=5, seconds=2.0))
    shown = summary.metrics["m"]
    assert (shown.mean, shown.n_scored, shown.n_total, shown.n_errors) == (0.75, 2, 5, 1)
    assert shown.reasons == {"timeout": 1, "no_claims": 1, "too_few_verdicts": 1}
    assert (shown.pass_rate, summary.decided_cases, summary.passed_cases) == (0.5, 2, 1)


def test_case_that_could_not_be_judged_neither_passes_nor_fails() -> None:
    """A judge that failed says nothing of the answer; what another metric found wrong stays wrong."""
    plan = Plan(metrics=(metric("judged"), metric("code")))
    failed = columns(*((at, 0, "error", None, "judge_timeout") for at in range(2)))
    summary = summarise(plan, {"judged": failed, "code": scored(1.0, 0.0)}, {}, Progress(cases=2))
    assert (summary.passed_cases, summary.decided_cases) == (0, 1)
    nothing = summarise(plan, {"judged": failed, "code": failed}, {}, Progress(cases=2))
    assert (nothing.pass_rate, nothing.decided_cases) == (None, 0)


def test_case_passes_if_all_its_metrics_do() -> None:
    """Also one that is better when lower; one without a threshold lets everybody be."""
    plan = Plan(
        metrics=(metric("up"), metric("down", 0.2, Direction.LOWER), metric("free", None)),
    )
    found = {"up": scored(0.9, 0.9, 0.1), "down": scored(0.1, 0.5, 0.1), "free": scored(0.0, 0.0, 0.0)}
    summary = summarise(plan, found, {}, Progress(cases=3))
    assert (summary.passed_cases, summary.decided_cases) == (1, 3)
    assert summary.metrics["down"].pass_rate == pytest.approx(2 / 3)
    assert summary.metrics["free"].pass_rate is None


@pytest.mark.parametrize(
    ("status", "reason", "other", "passed"),
    [
        ("error", "judge_timeout", 0.9, None),  # the judge's failure is no fail of the service
        ("error", "judge_timeout", 0.1, False),  # what the other metric says is known all the same
        ("undetermined", "low_coverage", 0.9, None),
        ("not_applicable", "no_claims", 0.9, True),
        ("error", "empty_answer", 0.9, False),  # without an answer there is nothing to let pass
        ("error", "target_failed", None, False),
        ("error", "judge_network", None, None),
    ],
)
def test_judge_that_fails_decides_no_case(
    status: str, reason: str, other: float | None, passed: bool | None
) -> None:
    """A judge that nobody reached is no pass rate of 0; the run and the case say the same."""
    plan = Plan(metrics=(metric("judged"), metric("other"), metric("free", None)))
    rest = scored() if other is None else scored(other)
    found = {"judged": columns((0, 0, status, None, reason)), "other": rest, "free": scored(0.0)}
    summary = summarise(plan, found, {}, Progress(cases=1))
    assert (summary.decided_cases, summary.passed_cases) == (int(passed is not None), int(passed is True))
    assert summary.pass_rate == (None if passed is None else float(passed))
    scores = [
        StoredScore(name, 0, 0, "e0", ScoreStatus(status), value, reason, None)
        for name, of in found.items()
        for status, value, reason in zip(of.statuses, of.values, of.reasons, strict=True)
    ]
    assert case_verdict(plan, scores) is passed


def test_case_with_repetitions_passes_by_their_mean() -> None:
    """As it is counted in the pass rate: 1, 1 and 0.4 pass at 0.7, though one of them does not."""
    plan = Plan(metrics=(metric(),))
    scores = [
        StoredScore("m", 0, sample, "e0", ScoreStatus.SCORED, value, None, value >= 0.7)
        for sample, value in enumerate((1.0, 1.0, 0.4))
    ]
    assert case_verdict(plan, scores) is True


def test_pass_rate_has_the_interval_of_wilson() -> None:
    """17 of 20: 0.6396 to 0.9476 (evaluation reference, golden cases)."""
    summary = summarise(
        Plan(metrics=(metric(),)), {"m": scored(*([1.0] * 17 + [0.0] * 3))}, {}, Progress(cases=20)
    )
    shown = summary.metrics["m"]
    assert shown.pass_low == pytest.approx(0.6396, abs=5e-4)
    assert shown.pass_high == pytest.approx(0.9476, abs=5e-4)
    assert summary.pass_low == shown.pass_low


def test_cases_of_one_group_count_as_one_for_the_interval() -> None:
    """Ten equal answers to one document tell less than ten documents do."""
    values = [0.2] * 10 + [0.8] * 10 + [0.5] * 10
    alone = summarise(Plan(metrics=(metric(),)), {"m": scored(*values)}, {}, Progress(cases=30))
    groups = {position: f"document {position // 10}" for position in range(30)}
    grouped = summarise(Plan(metrics=(metric(),)), {"m": scored(*values)}, groups, Progress(cases=30))

    def width(of: object) -> float:
        shown = of.metrics["m"]  # type: ignore[attr-defined]
        return float(shown.high - shown.low)

    assert width(grouped) > 1.5 * width(alone)
    assert "cluster" in (grouped.metrics["m"].method or "")


def test_repetitions_of_a_case_are_one_score() -> None:
    """Their mean where there are values; a repetition that failed does not make it 0."""
    found = columns(
        (0, 0, "scored", 1.0, None),
        (0, 1, "error", None, "timeout"),
        (0, 2, "scored", 0.5, None),
        (1, 0, "error", None, "timeout"),
        (1, 1, "error", None, "refused"),
    )
    merged = [(one.position, one.status, one.value, one.reason) for one in merge_repeats(found)]
    assert merged == [(0, "scored", 0.75, None), (1, "error", None, "timeout")]


@pytest.mark.parametrize("values", [[], [0.4]])
def test_too_little_has_no_interval(values: Sequence[float]) -> None:
    """No data is null, and one value tells nothing of its spread."""
    summary = summarise(Plan(metrics=(metric(),)), {"m": scored(*values)}, {}, Progress(cases=1))
    shown = summary.metrics["m"]
    assert shown.mean == (values[0] if values else None)
    assert (shown.low, shown.high) == (None, None)
    assert (summary.pass_rate is None) == (not values)


def test_summary_reads_back_from_its_json() -> None:
    """What is stored is what was found."""
    summary = summarise(
        Plan(metrics=(metric(),)), {"m": scored(0.1, 0.9, 0.5)}, {}, Progress(cases=3, cost_usd=0.5)
    )
    assert read_summary(summary_json(summary)) == summary
