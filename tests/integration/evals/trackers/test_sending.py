"""A run at each tracker: whole, masked, once; and what becomes of it when the tracker does not take it."""

from __future__ import annotations

import json
import socket
import subprocess
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.evals.runs.journal import make_holder
from pitwall.evals.runs.types import EvalRun, Where
from pitwall.evals.trackers import client, sending
from pitwall.evals.trackers.errors import AlreadySending, TrackerNotConfigured
from pitwall.evals.trackers.jobs import TrackerWorker
from pitwall.evals.trackers.outgoing import trace_id_of
from pitwall.evals.trackers.repository import TrackerLinks
from pitwall.evals.trackers.service import Stopped, Trackers
from pitwall.evals.trackers.types import LinkState, Report, TrackerLink, TrackerName
from pitwall.settings.tracker_groups import TrackersSettings
from pitwall.stores.state import AuditLog
from pitwall.stores.state.tables import eval_runs
from tests.integration.evals.trackers.conftest import (
    CARD,
    EMAIL,
    KEY,
    PERSON,
    PHONE,
    make_trackers,
    name_of,
    settings_for,
)
from tests.support.eval_runs import Lab
from tests.support.trackers import FakeMlflow, FakePhoenix, FakeTracker, Request, running_tracker


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_FIRST_PAUSE_SECONDS", 0.0)


def send(trackers: Trackers, run: EvalRun, name: str) -> TrackerLink:
    """Ask for a run to be sent, and send it."""
    asked = trackers.ask_again(run, [TrackerName(name)], Where.CLI, by=LOCAL_OPERATOR)
    (link,) = [link for link in asked if link.tracker == name]
    return trackers.send(link)


def test_run_arrives_whole_and_sending_it_again_makes_nothing_double(
    lab: Lab, run: EvalRun, tracker: FakeTracker
) -> None:
    """Three answers and one of contexts, each score with a value, the means; the same after twice."""
    trackers = make_trackers(lab, settings_for(tracker))
    link = send(trackers, run, name_of(tracker))
    assert (link.state, link.reason) == (LinkState.SENT, None)
    assert (link.cases, link.cases_sent, link.scores_sent) == (3, 3, 4)
    assert link.url is not None
    assert link.url.startswith(tracker.url)
    first = json.dumps([tracker.spans, *map(repr, tracker.scores), *map(repr, tracker.run_scores)])
    assert send(trackers, run, name_of(tracker)).state is LinkState.SENT
    assert json.dumps([tracker.spans, *map(repr, tracker.scores), *map(repr, tracker.run_scores)]) == first
    names = sorted(span["name"] for span in tracker.spans.values())
    assert names == ["answer", "answer", "answer", "contexts"]
    (failed,) = [span for span in tracker.spans.values() if span["status"] == 2]
    assert failed["trace_id"] == trace_id_of(run.id, 2)
    values = [value for value in _values(tracker) if value is not None]
    assert sorted(values) == [0.0, 0.25, 0.25, 1.0]


def test_nothing_personal_leaves(lab: Lab, run: EvalRun, tracker: FakeTracker) -> None:
    """Whatever masking is set for telemetry: no address, number or key is in any request, no long text."""
    send(make_trackers(lab, settings_for(tracker, max_characters=200)), run, name_of(tracker))
    sent = b"".join(request.body for request in tracker.requests)
    for secret in (EMAIL, PHONE, PERSON, CARD, KEY, "x1y2z3"):
        assert secret.encode() not in sent
    assert b"[masked:email]" in sent
    assert b"A" * 199 in sent
    assert b"A" * 200 not in sent


def test_unknown_is_not_told_as_zero(lab: Lab, run: EvalRun, tracker: FakeTracker) -> None:
    """A score without a value is no number anywhere; the case says why there is none."""
    send(make_trackers(lab, settings_for(tracker)), run, name_of(tracker))
    (answer,) = [
        span
        for span in tracker.spans.values()
        if span["name"] == "answer" and span["attributes"]["pitwall.example_id"] == "e3"
    ]
    assert answer["attributes"]["pitwall.unscored.short"] == "error: target_failed"
    assert "output.value" not in answer["attributes"]
    latencies = sorted(span["end"] - span["start"] for span in tracker.spans.values())
    assert latencies == [0, 0, 1_500_000_000, 1_500_000_000]


def test_mlflow_has_the_numbers_of_the_run_under_names_that_it_takes(lab: Lab, run: EvalRun) -> None:
    """`found@3` is no name for a metric there; a parameter says what the ruler was."""
    with running_tracker("mlflow") as tracker:
        send(make_trackers(lab, settings_for(tracker)), run, "mlflow")
    assert isinstance(tracker, FakeMlflow)
    assert tracker.run_scores["found_3"] == 0.5
    assert tracker.run_scores["short.scored"] == 2.0
    assert "cost_usd" not in tracker.run_scores
    (batch,) = [one.document for one in tracker.requests if one.path.endswith("log-batch")]
    assert {"key": "metric.found_3", "value": "found@3@1"} in batch["params"]


def test_long_texts_go_in_requests_of_their_own(lab: Lab, run: EvalRun) -> None:
    """Where lengths are set far up, no request gets larger than trackers take."""
    with running_tracker("phoenix") as tracker:
        settings = settings_for(tracker, max_characters=5000)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sending, "_MOST_CHARACTERS", 4000)
            link = send(make_trackers(lab, settings), run, "phoenix")
    assert (link.state, link.cases_sent) == (LinkState.SENT, 3)
    assert len([one for one in tracker.requests if one.path == "/v1/traces"]) == 3


def test_phoenix_shows_cases_in_one_session_of_the_project(lab: Lab, run: EvalRun) -> None:
    with running_tracker("phoenix") as tracker:
        send(make_trackers(lab, settings_for(tracker)), run, "phoenix")
    assert isinstance(tracker, FakePhoenix)
    assert {span["resource"]["openinference.project.name"] for span in tracker.spans.values()} == {"pitwall"}
    assert {span["attributes"]["session.id"] for span in tracker.spans.values()} == {run.id}
    labels = {note["result"]["label"] for note in tracker.scores.values() if note["name"] == "found@3"}
    assert labels == {"pass", "fail", "error"}
    (mean,) = [note for note in tracker.run_scores.values() if note["name"] == "short"]
    assert mean["result"]["score"] == 0.25
    assert mean["result"]["explanation"].startswith("Mean of 2 of 3 cases")


def test_langfuse_takes_cases_as_items_of_an_experiment(lab: Lab, run: EvalRun) -> None:
    with running_tracker("langfuse") as tracker:
        link = send(make_trackers(lab, settings_for(tracker)), run, "langfuse")
    assert link.url == f"{tracker.url}/project/project-1/sessions/{run.id}"
    (first,) = [one for one in tracker.spans.values() if one["attributes"].get("pitwall.example_id") == "e1"]
    assert first["attributes"]["langfuse.experiment.id"] == run.id
    assert first["attributes"]["langfuse.experiment.item.expected_output"] == "Answer 1."
    (export,) = [one for one in tracker.requests if one.path.endswith("/traces")]
    assert export.headers["x-langfuse-ingestion-version"] == "4"
    assert {score["sessionId"] for score in tracker.run_scores.values()} == {run.id}


def _says(status: int, headers: dict[str, str] | None = None) -> Any:
    return lambda _request: (status, headers or {})


@pytest.mark.parametrize(
    ("answers", "said", "tries"),
    [
        (_says(401), "does not let us in (401): told so by [masked:email].", 1),
        (_says(404), "Check its address and that its version has this API.", 1),
        (_says(500), "answered 500: ", 3),
        (_says(429, {"retry-after": "0"}), "answered 429", 3),
        (_says(429, {"retry-after": "600"}), "It asks to wait 600 s.", 1),
        (_says(400), "refused it with 400", 1),
    ],
)
def test_tracker_that_does_not_take_it_is_told_in_words(
    lab: Lab, run: EvalRun, answers: Any, said: str, tries: int
) -> None:
    """The link says what failed, without what the tracker must not repeat, and can be sent again later."""
    with running_tracker("langfuse") as tracker:
        tracker.answers = answers
        trackers = make_trackers(lab, settings_for(tracker))
        link = send(trackers, run, "langfuse")
        assert link.state is LinkState.FAILED
        assert said in str(link.reason)
        assert len(tracker.requests) == tries
        assert trackers.links(run) == [link]
        tracker.answers = []
        assert send(trackers, run, "langfuse").state is LinkState.SENT


def test_tracker_that_is_down_or_slow_holds_nothing_up(lab: Lab, run: EvalRun) -> None:
    """An answer that takes too long, a limit on all of it, and a closed port."""
    with running_tracker("mlflow") as tracker:
        tracker.delay_seconds = 0.2
        slow = make_trackers(lab, settings_for(tracker, timeout_seconds=0.02))
        assert "did not answer within 0.02 s." in str(send(slow, run, "mlflow").reason)
        late = make_trackers(lab, settings_for(tracker, max_seconds=0.1))
        assert "took longer than 0.1 s" in str(send(late, run, "mlflow").reason)
    down = make_trackers(lab, settings_for(tracker))
    assert "cannot be reached: " in str(send(down, run, "mlflow").reason)


def test_what_may_pass_is_tried_again(lab: Lab, run: EvalRun) -> None:
    """Two failures in a row are no failure."""
    with running_tracker("mlflow") as tracker:
        tracker.answers = [(503, {}), (429, {"retry-after": "0"})]
        assert send(make_trackers(lab, settings_for(tracker)), run, "mlflow").state is LinkState.SENT


def test_scores_that_are_refused_leave_the_rest(lab: Lab, run: EvalRun, tracker: FakeTracker) -> None:
    """The cases are there; the link counts what is not, and says why the first was not."""

    def refuse_scores(request: Request) -> tuple[int, dict[str, str]] | None:
        is_score = request.path.endswith(("/scores", "annotations", "/mlflow/traces"))
        return (422, {}) if is_score else None

    tracker.answers = refuse_scores
    link = send(make_trackers(lab, settings_for(tracker)), run, name_of(tracker))
    assert (link.state, link.cases_sent, link.scores_sent) == (LinkState.PARTLY, 3, 0)
    assert "were refused. The first: " in str(link.reason)
    assert "422" in str(link.reason)


def test_something_else_than_the_tracker_is_named(lab: Lab, run: EvalRun) -> None:
    """Another product on the port answers 200 to everything."""
    with running_tracker("langfuse") as tracker:
        tracker.answers = _says(200)
        link = send(make_trackers(lab, settings_for(tracker)), run, "langfuse")
    assert link.state is LinkState.FAILED
    assert "with something else than its API says" in str(link.reason)


def test_tracker_without_an_address_is_refused_before_anything(lab: Lab, run: EvalRun) -> None:
    trackers = make_trackers(lab, TrackersSettings())
    with pytest.raises(TrackerNotConfigured, match="trackers.langfuse.secret_key are not set") as refused:
        trackers.ask(run, [TrackerName.LANGFUSE], Where.CLI, by=LOCAL_OPERATOR)
    assert "PITWALL_TRACKERS__LANGFUSE__URL" in str(refused.value.hint)
    assert trackers.links(run) == []


def test_run_is_sent_by_one_process_at_a_time(lab: Lab, run: EvalRun) -> None:
    """Asking while it is on its way is a conflict; a process that died is not waited for."""
    with running_tracker("phoenix") as tracker:
        trackers = make_trackers(lab, settings_for(tracker))
        (link,) = trackers.ask(run, [TrackerName.PHOENIX], Where.CLI, by=LOCAL_OPERATOR)
        with lab.state.session() as session:
            assert TrackerLinks(session).claim(link, make_holder(), lab.clock.now()) is not None
        with pytest.raises(AlreadySending):
            trackers.ask(run, [TrackerName.PHOENIX], Where.CLI, by=LOCAL_OPERATOR)
        assert trackers.send(link) == link
        assert not tracker.requests
        for gone in (
            {"started_at": lab.clock.now() - timedelta(hours=1)},
            {"holder": f"{socket.gethostname()}:{_ended_process()}:x", "state": LinkState.SENDING},
        ):
            with lab.state.session() as session:
                links = TrackerLinks(session)
                (stuck,) = links.of_run(run.id)
                links.put([replace(stuck, **gone)])
            if gone.get("holder"):
                assert trackers.links(run)[0].reason == "The process that was sending it ended."
            assert send(trackers, run, "phoenix").state is LinkState.SENT


def test_server_sends_what_is_due_and_puts_back_what_it_cannot_end(lab: Lab, run: EvalRun) -> None:
    """Its own links, once their runs are over; a stop in the middle lets the next server begin anew."""
    with running_tracker("phoenix") as tracker:
        trackers = make_trackers(lab, settings_for(tracker))
        trackers.ask(run, [TrackerName.PHOENIX], Where.CLI, by=LOCAL_OPERATOR)
        TrackerWorker(trackers).run()
        assert not tracker.requests
        (link,) = trackers.ask(run, [TrackerName.PHOENIX], Where.SERVER, by=LOCAL_OPERATOR)

        def stop(_link: TrackerLink, _report: Report) -> None:
            raise Stopped

        with pytest.raises(Stopped):
            trackers.send(link, stop)
        assert trackers.links(run)[0].state is LinkState.WAITING
        TrackerWorker(trackers).run()
        assert trackers.links(run)[0].state is LinkState.SENT
        assert trackers.due(Where.SERVER) == []
        _finish_later(lab, run)
        assert [link.run_id for link in trackers.due(Where.SERVER)] == [run.id]


def test_asking_is_in_the_audit_log(lab: Lab, run: EvalRun) -> None:
    with running_tracker("phoenix") as tracker:
        make_trackers(lab, settings_for(tracker)).ask(
            run, [TrackerName.PHOENIX], Where.CLI, by=LOCAL_OPERATOR
        )
    with lab.state.session(read_only=True) as session:
        entries = AuditLog(session).list(project_id="default")
    told = [entry for entry in entries if entry.object == f"eval_run:{run.id}"]
    (entry,) = [entry for entry in told if entry.action == "eval_run.tracked"]
    assert entry.details == {"trackers": ["phoenix"]}


def _finish_later(lab: Lab, run: EvalRun) -> None:
    """As if somebody had gone on with the run."""
    later = lab.clock.now() + timedelta(seconds=1)
    with lab.state.session() as session:
        session.execute(update(eval_runs).where(eval_runs.c.id == run.id).values(finished_at=later))


def _values(tracker: FakeTracker) -> list[float | None]:
    if isinstance(tracker, FakeMlflow):
        return [score["feedback"].get("value") for score in tracker.scores.values()]
    if isinstance(tracker, FakePhoenix):
        return [score["result"]["score"] for score in tracker.scores.values()]
    return [score["value"] for score in tracker.scores.values()]


def _ended_process() -> int:
    with subprocess.Popen(["true"]) as process:
        return process.pid
