"""Labels and calibrations in the state store, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import pytest

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.access.types import Principal
from pitwall.core.errors import NotPermitted
from pitwall.core.vocabulary import Scope
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.datasets.staging import NewVersion
from pitwall.evals.runs.repository import Runs
from pitwall.evals.trust.errors import LabelsInvalid
from pitwall.evals.trust.schemas import TrustView
from pitwall.evals.trust.service import LabelBatch, Trust
from pitwall.evals.trust.types import LabelQuery, NewLabel, TrustState
from pitwall.evals.types import Answer, Example
from pitwall.kit.clock import ManualClock
from pitwall.stores.state import AuditLog, Projects, StateStore
from tests.support.stored_eval_runs import store_run

SCORES = [0.9, 0.9, 0.1, 0.1]
LABELS = [NewLabel(f"c{case}", "m", float(case < 2), "kim") for case in range(4)]


@pytest.fixture
def trust(any_store: StateStore, state_clock: ManualClock) -> Trust:
    return Trust(any_store, state_clock)


def _batch(run_id: str, labels: list[NewLabel] = LABELS) -> LabelBatch:
    return LabelBatch(labels=labels, run_id=run_id)


def test_labels_are_kept_and_replaced_by_the_same_rater(any_store: StateStore, trust: Trust) -> None:
    """Another rater's stands beside it; cases that the run does not have are named."""
    run = store_run(any_store, {"m": SCORES})
    assert trust.add(_batch(run), by=LOCAL_OPERATOR).added == 4
    changed = [NewLabel("c0", "m", 0.0, "kim"), NewLabel("c0", "m", 1.0), NewLabel("c9", "m", 1.0)]
    added = trust.add(_batch(run, changed), by=LOCAL_OPERATOR)
    assert (added.added, added.unmatched) == (2, ["c9"])
    query = LabelQuery(dataset="faq", example_id="c0")
    found = trust.list("default", query).items
    assert [(one.rater, one.value, one.run_id) for one in found] == [("kim", 0.0, run), ("local", 1.0, run)]
    with any_store.session(read_only=True) as session:
        assert AuditLog(session).list()[0].action == "eval_labels.added"


def test_lists_page(any_store: StateStore, trust: Trust) -> None:
    """By metric, case and rater, each once."""
    run = store_run(any_store, {"m": SCORES})
    trust.add(_batch(run), by=LOCAL_OPERATOR)
    query = LabelQuery(dataset="faq", metric="m", limit=3)
    first = trust.list("default", query)
    rest = trust.list("default", query, first.next_cursor)
    assert [one.example_id for one in (*first.items, *rest.items)] == ["c0", "c1", "c2", "c3"]
    assert rest.next_cursor is None


def test_label_is_about_the_answer_that_was_given(
    any_store: StateStore, trust: Trust, state_clock: ManualClock
) -> None:
    """A run that answers otherwise is not judged by it, be the answer the target's or the dataset's."""
    old = store_run(any_store, {"m": SCORES})
    with any_store.session() as session:
        runs = Runs(session, "default")
        runs.add_answers(old, [(case, f"c{case}", {"text": f"old {case}"}) for case in range(4)])
    trust.add(_batch(old), by=LOCAL_OPERATOR)
    examples = [
        Example(id=f"c{case}", question="?", answer=Answer(text=f"{'old' if case else 'new'} {case}"))
        for case in range(4)
    ]
    new = NewVersion(source={"kind": "test"})
    version = Datasets(any_store, state_clock).add("faq", examples, new, by=LOCAL_OPERATOR).version
    later = store_run(any_store, {"m": SCORES}, dataset_version_id=version.id)
    assert trust.measure("default", old).metrics[0].n_joined == 4
    found = trust.measure("default", later).metrics[0]
    assert (found.n_joined, found.n_other_answer) == (3, 1)


def test_what_was_measured_is_kept_by_identity(any_store: StateStore, trust: Trust) -> None:
    """Until then the metric is uncalibrated; another judge's stays so."""
    run = store_run(any_store, {"m": SCORES, "n": SCORES}, judge="gpt-4o")
    identities = ["m@1:judge=gpt-4o", "n@1:judge=gpt-4o", "m@1:judge=other"]
    assert trust.calibrations("default", identities) == []
    trust.add(_batch(run), by=LOCAL_OPERATOR)
    for _ in range(2):
        found = trust.measure("default", run)
        trust.keep(found, TrustView.of(found).by_metric(), by=LOCAL_OPERATOR)
    kept = trust.calibrations("default", identities)
    assert [(one.identity, one.state, one.run_id) for one in kept] == [
        ("m@1:judge=gpt-4o", TrustState.FEW_LABELS, run)
    ]


def test_repetitions_are_held_against_each_other(any_store: StateStore, trust: Trust) -> None:
    """A metric that was asked once has nothing to say of itself."""
    run = store_run(any_store, {"m": [[0.9, 0.1], [0.8, 0.8], [None, 0.3]], "n": SCORES[:3]})
    twice, once = (metric.consistency for metric in trust.measure("default", run).metrics)
    assert twice is not None
    assert twice.flipped is not None
    assert (twice.repeats, twice.n, twice.flipped.successes) == (2, 2, 1)
    assert once is None


def test_queue_is_drawn_by_lot_and_shrinks(any_store: StateStore, trust: Trust) -> None:
    """Always in the same order, without what this rater has labelled or the judge has not scored."""
    run = store_run(any_store, {"m": [*SCORES, None]})
    queue = trust.queue("default", run, "m", rater="kim", limit=10)
    assert {one.example_id for one in queue} == {"c0", "c1", "c2", "c3"}
    assert {one.example_id: one.position for one in queue} == {f"c{case}": case for case in range(4)}
    trust.add(_batch(run, [NewLabel(queue[0].example_id, "m", 1.0, "kim")]), by=LOCAL_OPERATOR)
    assert trust.queue("default", run, "m", rater="kim", limit=10) == queue[1:]
    assert trust.queue("default", run, "m", rater="lee", limit=2) == queue[:2]
    with pytest.raises(LabelsInvalid, match="does not judge 'x'"):
        trust.queue("default", run, "x", rater="kim", limit=2)


def test_labels_belong_to_a_project_and_to_something(
    any_store: StateStore, trust: Trust, state_clock: ManualClock
) -> None:
    """And whoever may only look may not label."""
    with any_store.session() as session:
        Projects(session).create("shop", "Shop", now=state_clock.now())
    with pytest.raises(LabelsInvalid, match="belong to nothing"):
        trust.add(LabelBatch(labels=LABELS), by=LOCAL_OPERATOR)
    trust.add(LabelBatch(labels=LABELS, dataset="faq"), by=LOCAL_OPERATOR.on_project("shop"))
    assert trust.list("default", LabelQuery(dataset="faq")).items == []
    reader = Principal(LOCAL_OPERATOR.kind, "reader", "default", frozenset({Scope.READ}), LOCAL_OPERATOR.role)
    with pytest.raises(NotPermitted):
        trust.add(LabelBatch(labels=LABELS, dataset="faq"), by=reader)
