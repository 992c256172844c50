"""Gates: what fails with which exit code, what passes, and what real data shows."""

from __future__ import annotations

import csv
import gzip
import io
import re
from pathlib import Path

import numpy as np
import pytest

from pitwall.evals.comparison.comparing import compare
from pitwall.evals.comparison.gate import judge_run
from pitwall.evals.comparison.gate_types import (
    CheckKind,
    GateExit,
    GatePolicy,
    GateResult,
    RegressionRule,
)
from pitwall.evals.comparison.types import CompareOptions, RunColumns, Verdict
from pitwall.evals.types import Direction
from tests.support.data_sets import public_file
from tests.unit.evals.comparison.builders import make_metric, make_run

GOOD = [0.9, 0.8, 0.85, 0.95, 0.9, 0.8, 0.9, 0.85, 0.9, 0.95]


def _failed(result: GateResult) -> list[tuple[CheckKind, str | None]]:
    return [(check.kind, check.metric) for check in result.failed]


def test_good_run_passes_and_says_what_was_looked_at() -> None:
    """Means above their thresholds, every case with a verdict."""
    result = judge_run(make_run(make_metric(GOOD)), GatePolicy())
    assert (result.exit, result.exit.code) == (GateExit.PASSED, 0)
    assert [check.kind for check in result.checks] == [CheckKind.THRESHOLD, CheckKind.UNSCORED]


def test_mean_below_its_threshold_fails_with_1() -> None:
    """The policy's threshold goes before the plan's; less is better where the metric says so."""
    run = make_run(
        make_metric(GOOD),
        make_metric([900.0] * 10, name="latency_ms", direction=Direction.LOWER, unit="ms", threshold=800.0),
    )
    result = judge_run(run, GatePolicy(thresholds={"faithfulness": 0.95}))
    assert result.exit.code == 1
    assert _failed(result) == [(CheckKind.THRESHOLD, "faithfulness"), (CheckKind.THRESHOLD, "latency_ms")]
    assert "900 ms" in result.failed[1].text.en
    assert judge_run(run, GatePolicy(checks_thresholds=False)).exit is GateExit.PASSED


def test_mean_that_is_the_threshold_passes() -> None:
    """But for the last bit, which depends on the order in which values were added up."""
    values = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.1 + 0.2, 0.3, 0.9]
    threshold = float(np.nextafter(np.mean(values), 1.0))
    run = make_run(make_metric(values, threshold=threshold))
    assert judge_run(run, GatePolicy()).exit is GateExit.PASSED


def test_errors_are_no_silent_pass() -> None:
    """Three of a hundred cases without a verdict are too many by default."""
    run = make_run(make_metric([0.9] * 97 + [None] * 3))
    result = judge_run(run, GatePolicy())
    assert (result.exit.code, _failed(result)) == (1, [(CheckKind.UNSCORED, "faithfulness")])
    assert "judge_timeout" in result.failed[0].text.ko
    assert judge_run(run, GatePolicy(most_unscored=0.05)).exit is GateExit.PASSED


def test_run_of_no_case_says_so() -> None:
    """It fails, and not with the words of a run whose cases all have a verdict."""
    result = judge_run(make_run(make_metric([])), GatePolicy())
    assert result.exit.code == 1
    assert [check.text.en for check in result.failed if check.kind is CheckKind.UNSCORED] == [
        "faithfulness: no case was looked at."
    ]


def test_case_that_a_metric_has_nothing_to_say_of_is_no_gap() -> None:
    """A refusal has no claims; that is not an error."""
    reasons = dict.fromkeys(range(5), "not_applicable:no_claims")
    run = make_run(make_metric([*[None] * 5, *GOOD], reasons=reasons))
    said = judge_run(run, GatePolicy()).checks[-1].text
    assert ("10 of 15 cases" in said.en, "15개 중 10개" in said.ko, "no_claims" in said.en) == (True,) * 3
    assert judge_run(run, GatePolicy()).exit is GateExit.PASSED


def test_nothing_known_fails() -> None:
    """A metric without any score, one that the run does not have, a run that stopped early."""
    empty = make_run(make_metric([None] * 3, reasons=dict.fromkeys(range(3), "not_applicable:no_claims")))
    assert _failed(judge_run(empty, GatePolicy())) == [(CheckKind.THRESHOLD, "faithfulness")]
    assert judge_run(empty, GatePolicy(pass_rate=0.5)).checks[1].value is None
    missing = judge_run(make_run(make_metric(GOOD)), GatePolicy(metrics=("ndcg",)))
    assert _failed(missing) == [(CheckKind.THRESHOLD, "ndcg")]
    stopped = judge_run(make_run(make_metric(GOOD), is_complete=False), GatePolicy())
    assert (stopped.exit.code, _failed(stopped)) == (1, [(CheckKind.COMPLETE, None)])


def test_share_of_cases_that_pass_everything() -> None:
    """Two of ten cases fail one metric each."""
    run = make_run(make_metric([0.1, *GOOD[1:]]), make_metric([*GOOD[1:], 0.1], name="relevancy"))
    assert judge_run(run, GatePolicy(pass_rate=0.8)).exit is GateExit.PASSED
    result = judge_run(run, GatePolicy(pass_rate=0.9))
    assert (_failed(result), result.failed[0].value) == ([(CheckKind.CASES, None)], 0.8)


def _against(
    before: list[float], after: list[float], policy: GatePolicy, options: CompareOptions | None = None
) -> GateResult:
    a, b = make_run(make_metric(before)), make_run(make_metric(after), run_id="run_b")
    return judge_run(b, policy, compare(a, b, options or CompareOptions()), baseline="main")


def test_worse_than_the_baseline_fails_with_2() -> None:
    """Also if every threshold is kept, and if one is not."""
    worse = [value - 0.06 + 0.002 * index for index, value in enumerate(GOOD)]
    result = _against(GOOD, worse, GatePolicy())
    assert (result.exit.code, _failed(result)) == (2, [(CheckKind.REGRESSION, "faithfulness")])
    assert _against(GOOD, worse, GatePolicy(thresholds={"faithfulness": 0.99})).exit.code == 2


def test_noise_is_no_regression_unless_points_are_asked_for() -> None:
    """A lower mean by chance passes by interval and fails by point; the margin forgives both."""
    rng = np.random.default_rng(5)
    before = (0.85 + rng.normal(0, 0.05, size=30)).tolist()
    after = [value + step for value, step in zip(before, rng.normal(-0.005, 0.06, size=30), strict=True)]
    assert np.mean(after) < np.mean(before)
    assert _against(before, after, GatePolicy()).exit is GateExit.PASSED
    point = GatePolicy(rule=RegressionRule.POINT)
    assert _against(before, after, point).exit is GateExit.REGRESSION
    assert _against(before, after, point, CompareOptions(margin=0.05)).exit is GateExit.PASSED


def test_too_few_pairs_are_told_and_fail_if_wanted() -> None:
    """Three cases cannot show a regression; whoever needs to know may demand enough."""
    result = _against(GOOD[:3], [0.1, 0.2, 0.3], GatePolicy(checks_thresholds=False))
    assert result.exit is GateExit.PASSED
    assert "too few" in next(c for c in result.checks if c.kind is CheckKind.REGRESSION).text.en
    demanding = GatePolicy(checks_thresholds=False, needs_enough_data=True)
    assert _against(GOOD[:3], [0.1, 0.2, 0.3], demanding).exit.code == 2


_ANSWER = re.compile(r"\[(yes|no)\]", re.IGNORECASE)


def _drift_runs(path: Path) -> dict[str, RunColumns]:
    """Whether each model called each number rightly prime: same questions, four models."""
    right: dict[str, dict[str, float]] = {}
    text = io.StringIO(gzip.decompress(path.read_bytes()).decode("utf-8"))
    for row in csv.DictReader(text):
        said = _ANSWER.search(row["answer"])
        is_right = said is not None and said[1].lower() == row["ref_answer"].lower()
        right.setdefault(row["model"].rpartition("/")[2], {})[row["query"]] = float(is_right)
    return {
        model: make_run(
            make_metric(list(cases.values()), name="exact_match", ids=list(cases), threshold=None),
            run_id=model,
        )
        for model, cases in right.items()
    }


@pytest.mark.parametrize("path", [public_file("llm_traces/llmdrift/PRIME_FULL_EVAL.csv.gz")])
def test_regression_that_happened_is_caught_and_the_improvement_is_not_called_one(path: Path) -> None:
    """GPT-4 fell from 0.84 to 0.50 between two versions; GPT-3.5 rose from 0.52 to 0.68."""
    runs = _drift_runs(path)
    policy = GatePolicy()
    fallen = compare(runs["gpt-4-0314"], runs["gpt-4-0613"])
    row = fallen.metrics[0]
    assert row.a.mean == pytest.approx(0.840, abs=1e-3)
    assert row.b.mean == pytest.approx(0.502, abs=1e-3)
    assert (row.losses, row.wins, row.verdict) == (477, 139, Verdict.WORSE)
    assert judge_run(runs["gpt-4-0613"], policy, fallen).exit.code == 2
    risen = compare(runs["gpt-3.5-turbo-0301"], runs["gpt-3.5-turbo-0613"])
    assert risen.metrics[0].a.mean == pytest.approx(0.517, abs=0.01)  # some answers say both
    assert risen.metrics[0].verdict is Verdict.BETTER
    assert judge_run(runs["gpt-3.5-turbo-0613"], policy, risen).exit.code == 0
