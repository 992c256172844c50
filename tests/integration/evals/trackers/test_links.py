"""Links of runs to trackers in stores of both kinds."""

from __future__ import annotations

from dataclasses import replace

from pitwall.evals.runs.types import RunState, Where
from pitwall.evals.trackers.repository import TrackerLinks, came_to
from pitwall.evals.trackers.types import LinkState, Report, TrackerLink, TrackerName
from pitwall.kit.clock import SystemClock
from pitwall.stores.state import StateStore
from tests.support.stored_eval_runs import store_run


def test_link_is_claimed_once_and_noted_by_who_has_it(any_store: StateStore) -> None:
    """Only links of runs that are over are due; what was sent stays known while it is asked for again."""
    now = SystemClock().now()
    over, queued = (
        store_run(any_store, {"m": [0.5]}, state=state) for state in (RunState.FINISHED, RunState.QUEUED)
    )
    asked = [
        TrackerLink(
            run_id=run_id,
            project_id="default",
            tracker=TrackerName.MLFLOW,
            where=Where.SERVER,
            state=LinkState.WAITING,
            asked_at=now,
            asked_by="tests",
        )
        for run_id in (over, queued)
    ]
    with any_store.session() as session:
        links = TrackerLinks(session)
        links.put(asked)
        links.put(asked)
        (due,) = links.due(Where.SERVER, now, limit=5)
        assert due == asked[0]
        assert links.due(Where.CLI, now, limit=5) == []
        claimed = links.claim(due, "here:1:a", now)
        assert claimed is not None
        assert links.claim(due, "there:2:b", now) is None
        assert links.due(Where.SERVER, now, limit=5) == []
        report = Report(url="http://127.0.0.1/x", cases=3, cases_sent=2, scores_sent=4)
        links.note(came_to(claimed, report, LinkState.PARTLY, reason="Why.", sent_at=now))
        (noted,) = links.of_run(over)
        assert (noted.state, noted.cases_sent, noted.reason) == (LinkState.PARTLY, 2, "Why.")
        links.note(replace(noted, holder="there:2:b", state=LinkState.FAILED))
        assert links.of_run(over) == [noted]
