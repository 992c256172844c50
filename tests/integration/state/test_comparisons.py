"""Comparing stored runs, gates and baselines, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import pytest

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.access.types import Principal
from pitwall.core.errors import NotPermitted
from pitwall.core.vocabulary import Scope
from pitwall.evals.comparison.errors import (
    BaselineNotFound,
    BaselineUnfinished,
    ComparisonInvalid,
    NotComparable,
)
from pitwall.evals.comparison.gate_types import GateExit
from pitwall.evals.comparison.service import CompareRequest, Comparisons, GateRequest
from pitwall.evals.comparison.slices import Slice
from pitwall.evals.comparison.types import CompareOptions, NoticeKind, Verdict
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.datasets.staging import NewVersion
from pitwall.evals.runs.errors import RunNotFound
from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.types import RunState
from pitwall.evals.types import Answer, Example
from pitwall.kit.clock import ManualClock
from pitwall.stores.state import AuditLog, Projects, StateStore
from tests.support.stored_eval_runs import make_score, store_run

BEFORE = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.95, 0.85, 0.75, 0.65]
AFTER = [value - 0.05 - 0.005 * place for place, value in enumerate(BEFORE)]


@pytest.fixture
def comparisons(any_store: StateStore, state_clock: ManualClock) -> Comparisons:
    return Comparisons(any_store, state_clock)


def test_stored_runs_are_compared(any_store: StateStore, comparisons: Comparisons) -> None:
    """Values, reasons and the plan come out of the store as they went in."""
    a = store_run(any_store, {"faithfulness": [*BEFORE, None, "not_applicable:no_claims"]})
    b = store_run(any_store, {"faithfulness": [*AFTER, 0.5, 0.5]})
    found = comparisons.compare("default", CompareRequest(a=a, b=b[:36])).comparison.metrics[0]
    assert (found.n, found.verdict) == (10, Verdict.WORSE)
    assert found.unpaired.reasons_a == {"error:judge_timeout": 1, "not_applicable:no_claims": 1}
    assert found.passes is not None
    assert (found.passes.threshold, found.passes.lost) == (0.7, 2)


def test_repetitions_of_a_case_are_one_case(any_store: StateStore, comparisons: Comparisons) -> None:
    """It has the mean of its values; one without any keeps its first reason."""
    a = store_run(
        any_store,
        {"m": [[0.25, 0.75], [None, 0.6], [None, "undetermined:few_verdicts"], [1.0, 1.0]]},
    )
    b = store_run(any_store, {"m": [0.5, 0.6, 0.5, 1.0]})
    found = comparisons.compare("default", CompareRequest(a=a, b=b)).comparison.metrics[0]
    assert (found.n, found.ties) == (3, 3)
    assert found.unpaired.reasons_a == {"error:judge_timeout": 1}


def test_metric_over_fewer_cases_keeps_its_own_ids(any_store: StateStore, comparisons: Comparisons) -> None:
    """Two metrics of a run share ids only if they judged the same cases."""
    a = store_run(any_store, {"m": [0.1] * 6, "n": [0.1] * 6})
    b = store_run(any_store, {"m": [0.1] * 6}, ids=list("uvwxyz"))
    with any_store.session() as session:
        Runs(session, "default").add_scores(b, [make_score("n", 4, 0, "c4", 0.3)])
    found = comparisons.compare("default", CompareRequest(a=a, b=b)).comparison.metrics
    assert [row.n for row in found] == [0]


def test_runs_of_other_projects_are_not_found(
    any_store: StateStore, comparisons: Comparisons, state_clock: ManualClock
) -> None:
    """Nor are their baselines."""
    with any_store.session() as session:
        Projects(session).create("shop", "Shop", now=state_clock.now())
    mine = store_run(any_store, {"m": BEFORE})
    theirs = store_run(any_store, {"m": BEFORE}, project_id="shop")
    comparisons.set_baseline(theirs, "main", by=LOCAL_OPERATOR.on_project("shop"))
    with pytest.raises(RunNotFound):
        comparisons.compare("default", CompareRequest(a=mine, b=theirs))
    with pytest.raises(RunNotFound):
        comparisons.set_baseline(theirs, "main", by=LOCAL_OPERATOR)
    assert comparisons.baselines("default", "faq") == []


def test_runs_without_a_common_metric_are_refused(any_store: StateStore, comparisons: Comparisons) -> None:
    """With what each of them has."""
    a, b = store_run(any_store, {"m": BEFORE}), store_run(any_store, {"n": BEFORE})
    with pytest.raises(ComparisonInvalid, match="has m; run_.* has n"):
        comparisons.compare("default", CompareRequest(a=a, b=b))


def test_metric_that_neither_run_has_is_refused(any_store: StateStore, comparisons: Comparisons) -> None:
    """A typing error is no empty comparison."""
    a, b = store_run(any_store, {"m": BEFORE}), store_run(any_store, {"m": BEFORE})
    request = CompareRequest(a=a, b=b, options=CompareOptions(metrics=("m", "faithfullness")))
    with pytest.raises(ComparisonInvalid, match="judges 'faithfullness'"):
        comparisons.compare("default", request)


def test_strict_refuses_another_ruler(any_store: StateStore, comparisons: Comparisons) -> None:
    """Without it the difference of judges is told, loudly, and compared."""
    a = store_run(any_store, {"m": BEFORE}, judge="qwen2.5:7b")
    b = store_run(any_store, {"m": AFTER}, judge="gpt-4o")
    request = CompareRequest(a=a, b=b, is_strict=True)
    with pytest.raises(NotComparable, match="another judge"):
        comparisons.compare("default", request)
    with pytest.raises(NotComparable):
        comparisons.gate("default", GateRequest(run=b, against=a, is_strict=True))
    loose = comparisons.compare("default", CompareRequest(a=a, b=b)).comparison
    assert loose.notices[0].kind is NoticeKind.JUDGE
    assert (loose.a.judge, loose.b.judge) == ("qwen2.5:7b", "gpt-4o")


def test_old_answers_judged_anew_tell_the_ruler(any_store: StateStore, comparisons: Comparisons) -> None:
    """The answers did not change; the new judge is stricter."""
    a = store_run(any_store, {"m": BEFORE}, judge="old")
    rejudged = store_run(any_store, {"m": AFTER}, judge="new")
    b = store_run(any_store, {"m": AFTER}, judge="new")
    found = comparisons.compare("default", CompareRequest(a=a, b=b, rejudged=rejudged)).ruler[0]
    assert "the ruler changed, not the answers" in found.text.en


def test_old_answers_have_to_be_judged_as_the_new_ones(
    any_store: StateStore, comparisons: Comparisons
) -> None:
    """Else the difference is that of a third ruler."""
    a = store_run(any_store, {"m": BEFORE}, judge="old")
    b = store_run(any_store, {"m": AFTER}, judge="new")
    third = store_run(any_store, {"m": AFTER}, judge="third")
    with pytest.raises(ComparisonInvalid, match="judged m as 'm@1:judge=third'"):
        comparisons.compare("default", CompareRequest(a=a, b=b, rejudged=third))


def _dataset(store: StateStore, clock: ManualClock, answer: str, questions: int = 40) -> tuple[str, str]:
    examples = [
        Example(
            id=f"c{number}",
            question=f"{number}번 질문?" if number % 2 else f"Question {number}?",
            language="ko" if number % 2 else "en",
            group=f"doc{number // 4}",
            answer=Answer(text=f"{answer} {number}"),
        )
        for number in range(questions)
    ]
    version = (
        Datasets(store, clock)
        .add("faq", examples, NewVersion(source={"kind": "test"}), by=LOCAL_OPERATOR)
        .version
    )
    return version.id, version.content_hash


def test_stored_cases_give_clusters_slices_and_what_was_asked(
    any_store: StateStore, comparisons: Comparisons, state_clock: ManualClock
) -> None:
    """Two versions that differ in their answers only are the same ruler; documents are clusters."""
    old, new = (_dataset(any_store, state_clock, answer) for answer in ("old", "new"))
    assert old[1] != new[1]
    before = [0.5 + 0.01 * number for number in range(40)]
    after = [value - 0.2 if number % 2 else value + 0.1 for number, value in enumerate(before)]
    a = store_run(any_store, {"m": before}, dataset_version_id=old[0], dataset_hash=old[1])
    b = store_run(any_store, {"m": after}, dataset_version_id=new[0], dataset_hash=new[1])
    found = comparisons.compare("default", CompareRequest(a=a, b=b, with_slices=True))
    assert found.comparison.notices == ()
    assert (found.comparison.metrics[0].n, found.comparison.metrics[0].units) == (40, 10)
    assert found.slices is not None
    assert (found.slices[0].slice, found.slices[0].verdict) == (Slice("language", "ko"), Verdict.WORSE)


def test_dataset_that_was_deleted_leaves_a_warning(any_store: StateStore, comparisons: Comparisons) -> None:
    """What cases asked is not known any more, so another hash is another ruler."""
    a = store_run(any_store, {"m": BEFORE}, dataset_version_id="gone", dataset_hash="aa" * 16)
    b = store_run(any_store, {"m": AFTER}, dataset_version_id="gone too", dataset_hash="bb" * 16)
    found = comparisons.compare("default", CompareRequest(a=a, b=b, with_slices=True))
    assert [notice.kind for notice in found.comparison.notices] == [NoticeKind.DATASET]
    assert found.slices == ()


def test_run_that_goes_on_is_read_anew(any_store: StateStore, comparisons: Comparisons) -> None:
    """What is kept in memory is that of runs that are over."""
    a = store_run(any_store, {"m": BEFORE})
    b = store_run(any_store, {"m": AFTER[:4]}, state=RunState.RUNNING)
    request = CompareRequest(a=a, b=b)
    first = comparisons.compare("default", request).comparison
    assert NoticeKind.INCOMPLETE in [notice.kind for notice in first.notices]
    with any_store.session() as session:
        Runs(session, "default").add_scores(b, [make_score("m", 4, 0, "c4", 0.1)])
    assert (first.metrics[0].n, comparisons.compare("default", request).comparison.metrics[0].n) == (4, 5)


def test_baseline_is_kept_replaced_and_audited(
    any_store: StateStore, comparisons: Comparisons, state_clock: ManualClock
) -> None:
    """One run for each name of a dataset."""
    a, b = store_run(any_store, {"m": BEFORE}), store_run(any_store, {"m": AFTER})
    comparisons.set_baseline(a, "main", by=LOCAL_OPERATOR)
    comparisons.set_baseline(a, "release", by=LOCAL_OPERATOR)
    found = comparisons.set_baseline(b, "main", dataset="faq", by=LOCAL_OPERATOR)
    assert comparisons.baseline("default", "faq", "main") == found
    assert (found.run_id, found.set_at, found.set_by) == (b, state_clock.now(), "local")
    assert [(one.name, one.run_id) for one in comparisons.baselines("default", "faq")] == [
        ("main", b),
        ("release", a),
    ]
    with any_store.session(read_only=True) as session:
        entry = AuditLog(session).list()[0]
    assert (entry.action, entry.object) == ("eval_baseline.set", "eval_baseline:faq/main")


def test_baseline_is_a_run_of_its_dataset_set_by_whom_may(
    any_store: StateStore, comparisons: Comparisons
) -> None:
    """And a dataset without one says how to set it."""
    run = store_run(any_store, {"m": BEFORE})
    with pytest.raises(ComparisonInvalid, match="of dataset 'faq', not of 'voc'"):
        comparisons.set_baseline(run, "main", dataset="voc", by=LOCAL_OPERATOR)
    reader = Principal(LOCAL_OPERATOR.kind, "reader", "default", frozenset({Scope.READ}), LOCAL_OPERATOR.role)
    with pytest.raises(NotPermitted):
        comparisons.set_baseline(run, "main", by=reader)
    with pytest.raises(BaselineNotFound, match="baseline set"):
        comparisons.baseline("default", "faq", "main")


def test_run_that_did_not_finish_is_no_baseline(any_store: StateStore, comparisons: Comparisons) -> None:
    """What it judged first may not be typical."""
    run = store_run(any_store, {"m": BEFORE}, state=RunState.STOPPED)
    with pytest.raises(BaselineUnfinished, match="--resume"):
        comparisons.set_baseline(run, "main", by=LOCAL_OPERATOR)


def test_gate_uses_the_baseline_of_the_dataset(any_store: StateStore, comparisons: Comparisons) -> None:
    """`main` if there is one, else thresholds alone; what is named or needed has to be there."""
    a = store_run(any_store, {"m": BEFORE}, threshold=None)
    b = store_run(any_store, {"m": AFTER}, threshold=None)
    alone = comparisons.gate("default", GateRequest(run=b))
    assert (alone.exit, alone.comparison) == (GateExit.PASSED, None)
    with pytest.raises(BaselineNotFound):
        comparisons.gate("default", GateRequest(run=b, needs_baseline=True))
    comparisons.set_baseline(a, "main", by=LOCAL_OPERATOR)
    held = comparisons.gate("default", GateRequest(run=b))
    assert (held.exit, held.baseline) == (GateExit.REGRESSION, "main")
    wide = comparisons.gate("default", GateRequest(run=b, options=CompareOptions(margin=0.2)))
    assert wide.exit is GateExit.PASSED
    with pytest.raises(BaselineNotFound):
        comparisons.gate("default", GateRequest(run=b, baseline="release"))
    against = comparisons.gate("default", GateRequest(run=a, against=b))
    assert (against.exit, against.baseline) == (GateExit.PASSED, None)
