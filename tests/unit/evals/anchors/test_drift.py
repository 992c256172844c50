"""Whether a judge moved."""

from __future__ import annotations

import csv
import gzip
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pitwall.evals.anchors.drift import Drift, Judged, find_drift, worst
from pitwall.evals.anchors.types import CheckState
from pitwall.evals.types import Direction
from pitwall.stats.clusters import FloatArray
from tests.support.data_sets import public_file

N = 100
PASS, FAIL = 0.9, 0.1
BASE = np.where(np.arange(N) < 60, PASS, FAIL)


def _flipped(values: FloatArray, share: float, rng: np.random.Generator) -> FloatArray:
    """Verdicts of a judge that gives another one in so many cases, whatever they were."""
    return np.where(rng.random(values.size) < share, PASS + FAIL - values, values)


def _judged(now: FloatArray, **values: Any) -> Judged:
    nothing = np.full(now.size, np.nan)
    facts: dict[str, Any] = {
        "metric": "m",
        "identity": "m@1:judge=j",
        "base_identity": "m@1:judge=j",
        "threshold": 0.7,
        "direction": Direction.HIGHER,
        "unit": "ratio",
        "cases": [f"c{row}" for row in range(now.size)],
        "base": BASE[: now.size],
        "first": None,
        "now": now,
        "people": nothing,
    }
    return Judged(**{**facts, **values})


def _drift(now: FloatArray, **values: Any) -> Drift:
    return find_drift([_judged(now, **values)])[0]


def test_judge_that_says_the_same_has_not_moved() -> None:
    found = _drift(BASE.copy(), first=BASE.copy())
    assert (found.state, found.n, found.flips) == (CheckState.NO_MOVE_SHOWN, N, [])
    assert found.agreement is not None
    assert found.agreement.value == 1.0


def test_stricter_judge_has_moved() -> None:
    """Twenty of sixty passes are fails now: the mean falls by 0.16."""
    now = np.where(np.arange(N) < 20, FAIL, BASE)
    found = _drift(now)
    assert found.state is CheckState.MOVED
    assert found.shift is not None
    assert found.shift.difference == pytest.approx(-0.16)
    assert found.shift.interval is not None
    assert found.shift.interval.high < 0
    assert [flip.example_id for flip in found.flips] == [f"c{row}" for row in range(20)]
    assert "-0.160" in found.text.ko


def test_judge_that_flips_both_ways_is_seen_beside_its_first_repetition() -> None:
    """Its mean is what it was; that it agrees with itself in 70 instead of 100 of 100 tells."""
    now = BASE.copy()
    now[:15], now[-15:] = FAIL, PASS
    assert _drift(now).state is CheckState.NO_MOVE_SHOWN
    found = _drift(now, first=BASE.copy())
    assert found.state is CheckState.MOVED
    assert found.shift is not None
    assert not found.shift.is_shown
    assert found.steadiness is not None
    assert (found.steadiness.lost, found.steadiness.gained) == (30, 0)


def test_judge_that_never_was_steady_has_not_moved() -> None:
    """It flips a tenth of its verdicts each time: in 60 checks no alarm, though it never repeats itself."""
    rng = np.random.default_rng(11)
    first = _flipped(BASE, 0.1, rng)
    states = [_drift(_flipped(BASE, 0.1, rng), first=first).state for _ in range(60)]
    assert states.count(CheckState.MOVED) <= 2


def test_judge_that_agrees_less_with_people_has_moved() -> None:
    """As many verdicts flip either way, and all of those that flip were right."""
    now = BASE.copy()
    now[:8], now[-8:] = FAIL, PASS
    found = _drift(now, people=(BASE > 0.5).astype(np.float64))
    assert found.state is CheckState.MOVED
    assert found.people is not None
    assert (found.people.before.value, found.people.now.value) == (1.0, 0.84)


def test_judge_that_comes_nearer_to_people_is_no_drop() -> None:
    """Only a fall of agreement counts; that scores shift is told all the same."""
    now = np.where(np.arange(N) < 20, FAIL, BASE)
    found = _drift(now, people=(now > 0.5).astype(np.float64))
    assert found.people is not None
    assert not found.people.is_shown


def test_small_move_is_none_however_certain() -> None:
    """Each score is lower by 0.01: p is tiny, and nobody has to know."""
    found = _drift(BASE - 0.01)
    assert found.shift is not None
    assert found.shift.p < 1e-6
    assert found.state is CheckState.NO_MOVE_SHOWN
    assert find_drift([_judged(BASE - 0.01)], margin=0.005)[0].state is CheckState.MOVED


def test_judge_that_does_not_answer_is_not_measured() -> None:
    """Neither one that never answers nor one that leaves a quarter out is called moved."""
    nothing = np.full(N, np.nan)
    found = _drift(nothing, failed=N, reason="network")
    assert (found.state, found.shift) == (CheckState.NOT_MEASURED, None)
    assert "network" in found.text.en
    some = np.where(np.arange(N) < 25, np.nan, FAIL)
    assert _drift(some, failed=25, reason="timeout").state is CheckState.NOT_MEASURED
    assert _drift(some, failed=20, reason="timeout").state is CheckState.MOVED


def test_few_anchors_are_not_enough_data() -> None:
    assert _drift(np.full(7, FAIL)).state is CheckState.NOT_ENOUGH_DATA
    assert _drift(np.full(8, FAIL)).state is CheckState.MOVED


def test_metric_without_threshold_is_told_by_its_scores() -> None:
    found = _drift(BASE - 0.2, threshold=None)
    assert (found.state, found.agreement, found.steadiness) == (CheckState.MOVED, None, None)


def test_tests_of_all_metrics_are_adjusted_together() -> None:
    """Nine flips the same way are a finding alone, and none beside nineteen other questions."""
    now = BASE.copy()
    now[:9] = FAIL
    alone = _judged(now)
    others = [_judged(BASE + 0.001 * (-1.0) ** np.arange(N)) for _ in range(19)]
    assert find_drift([alone])[0].state is CheckState.MOVED
    assert find_drift([alone, *others])[0].state is CheckState.NO_MOVE_SHOWN


def test_other_ruler_is_named() -> None:
    assert _drift(BASE.copy(), identity="m@2:judge=j").is_other_ruler


def _prime_verdicts(path: Path) -> dict[str, list[float]]:
    """What each model said of whether numbers are prime, and the truth, where all of them answered."""
    said: dict[str, dict[str, float]] = {}
    for row in csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode("utf-8"))):
        found = re.search(r"\[(yes|no)\]", row["answer"], re.IGNORECASE)
        if found is not None:
            said.setdefault(row["model"], {})[row["query"]] = float(found[1].lower() == "yes")
            said.setdefault("truth", {})[row["query"]] = float(row["ref_answer"].lower() == "yes")
    shared = sorted(set.intersection(*(set(cases) for cases in said.values())))[:N]
    return {model.rpartition("/")[2]: [cases[one] for one in shared] for model, cases in said.items()}


@pytest.mark.parametrize("path", [public_file("llm_traces/llmdrift/PRIME_FULL_EVAL.csv.gz")])
def test_judge_that_changed_under_its_name_is_found(path: Path) -> None:
    """Two versions of GPT-4 on the same hundred questions: far less agreement with the truth."""
    said = {model: np.array(values) for model, values in _prime_verdicts(path).items()}
    verdicts = {"base": said["gpt-4-0314"], "people": said["truth"], "threshold": 0.5}
    found = _drift(said["gpt-4-0613"], **verdicts)
    assert found.state is CheckState.MOVED
    assert found.people is not None
    assert found.people.is_shown
    assert _drift(said["gpt-4-0314"].copy(), **verdicts).state is CheckState.NO_MOVE_SHOWN


@pytest.mark.parametrize(
    ("states", "state"),
    [
        (["no_move_shown", "moved", "not_measured"], "moved"),
        (["not_measured", "no_move_shown"], "no_move_shown"),
        (["not_measured", "not_enough_data"], "not_enough_data"),
        (["not_measured"], "not_measured"),
    ],
)
def test_check_is_what_matters_most_of_its_metrics(states: list[str], state: str) -> None:
    assert worst([CheckState(one) for one in states]) == CheckState(state)
