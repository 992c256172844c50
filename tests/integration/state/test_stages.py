"""Stage events, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.core.errors import InvalidInput, NotPermitted
from pitwall.core.vocabulary import Scope
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.datasets.staging import NewVersion
from pitwall.evals.runs.repository import Runs
from pitwall.evals.runs.types import EvalRun, Plan, RunState, Where
from pitwall.evals.stages.errors import StageEventsInvalid, StageRunNotFound
from pitwall.evals.stages.labels import DatasetLabels
from pitwall.evals.stages.pack_files import load_rules
from pitwall.evals.stages.service import Stages
from pitwall.evals.stages.spans import NO_SPANS
from pitwall.evals.types import Example
from pitwall.ingest.mapping.masking import mask_text
from pitwall.kit.clock import ManualClock
from pitwall.signals.catalogue import core_pack
from pitwall.stores.state import AuditLog, Projects, StateStore
from pitwall.stores.state.tables import stage_events
from pitwall.stores.telemetry.engine import StoreUnavailable

SHOP = LOCAL_OPERATOR.on_project("shop")
RULES = load_rules([core_pack()])


def make_event(number: int = 1, run_id: str = "run-1", **more: Any) -> dict[str, Any]:
    """A search of the case `tc-1`, second best document right."""
    return {
        "run_id": run_id,
        "stage_id": f"stg-{number}",
        "stage_type": "retrieval",
        "duration_ms": 100.0 * number,
        "attributes": {"doc_ids": ["d9", "d1"], "scores": [0.9, 0.8]},
        "metadata": {"test_case_id": "tc-1"},
        **more,
    }


@pytest.fixture
def stages(any_store: StateStore, state_clock: ManualClock) -> Stages:
    with any_store.session() as session:
        Projects(session).create("shop", "Shop", now=state_clock.now())
    return Stages(
        any_store,
        state_clock,
        find_spans=lambda *_: NO_SPANS,
        find_labels=DatasetLabels(any_store).find,
        rules=RULES,
        mask=mask_text,
    )


def count(store: StateStore) -> int:
    with store.session(read_only=True) as session:
        return int(session.execute(select(func.count()).select_from(stage_events)).scalar_one())


def test_same_events_again_add_nothing(stages: Stages, any_store: StateStore) -> None:
    """Whole or in part, in the same request or another: each event is kept once; one audit entry says so."""
    first = stages.ingest([make_event(1), make_event(2), make_event(1)], by=SHOP)
    again = stages.ingest([make_event(2), make_event(3)], by=SHOP)
    assert (first.added, first.known, again.added, again.known) == (2, 1, 1, 1)
    assert count(any_store) == 3
    (run,) = stages.runs("shop").items
    assert (run.run_id, run.event_count) == ("run-1", 3)
    with any_store.session(read_only=True) as session:
        entries = AuditLog(session).list(project_id="shop")
    assert [(one.action, one.details["events"]) for one in entries] == [
        ("stage.ingested", 1),
        ("stage.ingested", 2),
    ]


def test_another_content_under_the_same_id_is_refused(stages: Stages, any_store: StateStore) -> None:
    """An event is never overwritten; a further attempt is another event."""
    stages.ingest([make_event(1)], by=SHOP)
    changed = make_event(1, duration_ms=5)
    with pytest.raises(StageEventsInvalid, match="event 2, stage_id: attempt 1 of stage 'stg-1'"):
        stages.ingest([make_event(2), changed], by=SHOP)
    assert count(any_store) == 1
    kept = stages.ingest([make_event(2), changed], skip_invalid=True, by=SHOP)
    assert (kept.added, kept.skipped_count, kept.skipped[0].code) == (1, 1, "says_something_else")
    assert stages.ingest([make_event(1, attempt=2)], by=SHOP).added == 1


def test_one_wrong_event_refuses_all(stages: Stages, any_store: StateStore) -> None:
    """Nothing is kept of a request that holds something else, unless it may be left out."""
    events = [make_event(1), {"run_id": "run-1"}, "x"]
    with pytest.raises(StageEventsInvalid, match="event 2, stage_type"):
        stages.ingest(events, by=SHOP)
    assert (count(any_store), stages.runs("shop").items) == (0, [])
    assert stages.ingest(events, skip_invalid=True, by=SHOP).skipped_count == 2


def test_two_at_once_add_each_event_once(stages: Stages, any_store: StateStore) -> None:
    """Two senders of the same file: every event is kept once, and the count is right."""
    events = [make_event(number) for number in range(60)]
    threads = [threading.Thread(target=stages.ingest, args=(events,), kwargs={"by": SHOP}) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(any_store) == 60
    assert stages.runs("shop").items[0].event_count == 60


def test_projects_are_apart(stages: Stages) -> None:
    """Another project sees neither run nor events, and may use the same ids."""
    stages.ingest([make_event(1)], by=SHOP)
    assert stages.runs("default").items == []
    with pytest.raises(StageRunNotFound):
        stages.report("default", "run-1")
    assert stages.ingest([make_event(1, duration_ms=1)], by=LOCAL_OPERATOR).added == 1


def test_reader_may_not_write(stages: Stages) -> None:
    """Taking events in and labelling need the scope act."""
    reader = replace(SHOP, scopes=frozenset({Scope.READ}))
    with pytest.raises(NotPermitted):
        stages.ingest([make_event(1)], by=reader)
    with pytest.raises(NotPermitted):
        stages.set_relevance("run-1", {}, by=reader)


def test_secrets_are_masked_before_they_are_kept(stages: Stages) -> None:
    """A key in a question does not reach the store; the same event again is still known."""
    event = make_event(attributes={"query": "use sk-abcdefghijklmnopqrstuvwx1234567890ABCDEF"})
    stages.ingest([event], by=SHOP)
    (kept,) = stages.events("shop", "run-1").items
    assert "sk-abcdef" not in kept.event.attributes["query"]
    assert stages.ingest([event], by=SHOP).known == 1


def test_lists_are_paged(stages: Stages) -> None:
    """Events in the order they came, runs newest first, each once; a cursor of another list is refused."""
    stages.ingest([make_event(number, stage_type="ab"[number % 2]) for number in range(5)], by=SHOP)
    stages.ingest([make_event(1, "run-2")], by=SHOP)
    first = stages.events("shop", "run-1", limit=3)
    second = stages.events("shop", "run-1", limit=3, cursor=first.next_cursor)
    ids = [one.event.stage_id for one in [*first.items, *second.items]]
    assert (ids, second.next_cursor) == ([f"stg-{number}" for number in range(5)], None)
    assert [one.event.stage_id for one in stages.events("shop", "run-1", stage_type="b").items] == [
        "stg-1",
        "stg-3",
    ]
    page = stages.runs("shop", limit=1)
    rest = stages.runs("shop", limit=1, cursor=page.next_cursor)
    assert [one.run_id for one in [*page.items, *rest.items]] == ["run-2", "run-1"]
    with pytest.raises(InvalidInput, match="cursor"):
        stages.events("shop", "run-2", cursor=first.next_cursor)


def test_labels_of_the_run_count(stages: Stages) -> None:
    """Labels are kept with the run; without them recall has no data."""
    stages.ingest([make_event(1)], by=SHOP)
    before = stages.report("shop", "run-1")
    stages.set_relevance("run-1", {"tc-1": ["d1", "d2"]}, by=SHOP)
    after = stages.report("shop", None)
    assert [_recall(before), _recall(after)] == [None, 0.5]
    assert [one.rule.name for one in after.findings] == ["recall_low"]


def test_dataset_of_an_evaluation_run_labels_its_cases(
    stages: Stages, any_store: StateStore, state_clock: ManualClock
) -> None:
    """Documents that the dataset calls right need not be named again; what is said of the run wins."""
    example = Example(id="tc-1", question="?", relevance={"d1": 1.0, "d9": 0.0})
    new = NewVersion(source={"kind": "test"})
    version = Datasets(any_store, state_clock).add("qa", [example], new, by=SHOP).version
    run = EvalRun(
        id="run_1",
        project_id="shop",
        name="qa",
        dataset="qa",
        dataset_version_id=version.id,
        dataset_hash=version.content_hash,
        state=RunState.FINISHED,
        where=Where.CLI,
        plan=Plan(metrics=()),
        created_at=state_clock.now(),
        created_by="me",
    )
    with any_store.session() as session:
        Runs(session, "shop").add(run)
    stages.ingest([make_event(1, "run_1")], by=SHOP)
    assert _recall(stages.report("shop", "run_1")) == 1.0
    stages.set_relevance("run_1", {"tc-1": ["other"]}, by=SHOP)
    assert _recall(stages.report("shop", "run_1")) == 0.0


def test_unknown_run_is_named(stages: Stages) -> None:
    """With the way out."""
    with pytest.raises(StageRunNotFound, match="'nothing'.*pitwall stage list"):
        stages.report("shop", "nothing")
    with pytest.raises(StageRunNotFound, match="no stage events"):
        stages.report("shop", None)


def test_events_are_shown_while_telemetry_is_down(any_store: StateStore, state_clock: ManualClock) -> None:
    """A telemetry store that does not answer costs the spans, and is told."""

    def down(*_: object) -> Any:
        raise StoreUnavailable("down")

    stages = Stages(any_store, state_clock, find_spans=down)
    stages.ingest([make_event(1)], by=LOCAL_OPERATOR)
    report = stages.report("default", "run-1")
    assert (report.are_spans_known, len(report.events)) == (False, 1)


def _recall(report: Any) -> float | None:
    (stage,) = report.events
    found: float | None = next(
        one.mean for one in stage.numbers if one.metric.name == "retrieval.recall_at_k"
    )
    return found
