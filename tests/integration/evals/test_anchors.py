"""Anchors are judged again by the judge of today, on both kinds of state store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.core.errors import NotPermitted
from pitwall.core.vocabulary import Scope
from pitwall.evals.anchors.checking import AnchorChecker, CheckerParts
from pitwall.evals.anchors.errors import AnchorsInvalid, AnchorsNotFound
from pitwall.evals.anchors.recording import encode_check
from pitwall.evals.anchors.service import Anchors
from pitwall.evals.anchors.types import AnchorOptions, AnchorState, Check
from pitwall.evals.metrics.registry import Registry
from pitwall.evals.runs.reading import RunReader
from pitwall.evals.trust.service import LabelBatch, Trust
from pitwall.evals.trust.standing import Standings
from pitwall.evals.trust.types import NewLabel
from pitwall.evals.types import Case, Score
from pitwall.kit.clock import ManualClock
from pitwall.llm.profiles import ModelProfile
from pitwall.llm.types import Api, ModelEndpoint, Models
from pitwall.stores.state import AuditLog, StateStore
from tests.support.eval_runs import AskingMetric, Lab, make_example
from tests.support.judge_server import Act, Asked, JudgeServer, running_judge
from tests.support.stored_eval_runs import store_run

N = 20
DAY = timedelta(days=1)


class Killed(BaseException):
    """The process ends here."""


class Dying(AskingMetric):
    """Asks about some anchors, then the process ends."""

    async def score(self, case: Case, models: Models | None) -> Score:
        found = await super().score(case, models)
        if case.example.id == "e12":
            raise Killed
        return found


def lenient(_asked: Asked) -> Act:
    return Act(json.dumps({"value": 0.9}))


def strict(_asked: Asked) -> Act:
    return Act(json.dumps({"value": 0.2}))


@dataclass
class World:
    """A project with a run whose judge passed everything, and the judge of today."""

    state: StateStore
    clock: ManualClock
    server: JudgeServer
    run: str
    metric: AskingMetric

    @property
    def anchors(self) -> Anchors:
        return Anchors(self.state, self.clock, registry=self._registry)

    def set(self, **options: Any) -> AnchorState:
        return self.anchors.save("core", AnchorOptions(run_id=self.run, **options), by=LOCAL_OPERATOR)

    def check(self) -> Check:
        """A process checks what is due; returns what it came to."""
        self.work()
        return self.anchors.get("default", "core").checks[0]

    def work(self) -> None:
        """A process checks what is due."""
        AnchorChecker(
            CheckerParts(
                state=self.state,
                clock=self.clock,
                reader=RunReader(self.state, Lab(self.state, self.clock).datasets),
                registry=self._registry,
                profile=lambda _name: ModelProfile("judge", self._endpoint),
            )
        ).run()

    def pass_time(self, length: timedelta) -> None:
        self.clock.advance(length.total_seconds())

    @property
    def _endpoint(self) -> ModelEndpoint:
        return ModelEndpoint(Api.OPENAI, "judge", self.server.openai_url)

    def _registry(self) -> Registry:
        return Registry((self.metric,), {}, ())


@contextmanager
def _world(state: StateStore, clock: ManualClock) -> Iterator[World]:
    version = Lab(state, clock).store([make_example(number) for number in range(N)])
    names = [f"e{number}" for number in range(N)]
    run = store_run(state, {"asking": [0.9] * N}, dataset_version_id=version.id, ids=names, judge="judge")
    with running_judge(lenient) as server:
        yield World(state, clock, server, run, AskingMetric())


@pytest.fixture
def any_world(any_store: StateStore, state_clock: ManualClock) -> Iterator[World]:
    with _world(any_store, state_clock) as world:
        yield world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    clock = ManualClock()
    store = StateStore.in_directory(tmp_path, clock=clock).open()
    with _world(store, clock) as world:
        yield world
    store.close()


def test_judge_is_asked_anew_each_time_it_is_due(any_world: World) -> None:
    """No stored answer of an earlier check or run is taken, and nothing is asked before its time."""
    any_world.set(every=DAY)
    assert any_world.check().state == "no_move_shown"
    assert len(any_world.server.chats) == N
    any_world.pass_time(DAY - timedelta(minutes=1))
    any_world.check()
    assert len(any_world.server.chats) == N
    any_world.pass_time(timedelta(minutes=1))
    assert any_world.check().content["calls"] == N
    assert len(any_world.server.chats) == 2 * N
    assert len(any_world.anchors.get("default", "core").checks) == 2


def test_judge_that_moved_is_told_and_its_calibration_counts_no_more(any_world: World) -> None:
    """Points for the alert say so, too."""
    labels = [NewLabel(f"e{number}", "asking", 1.0) for number in range(N)]
    trust = Trust(any_world.state, any_world.clock)
    trust.add(LabelBatch(labels=labels, run_id=any_world.run), by=LOCAL_OPERATOR)
    trust.keep(trust.measure("default", any_world.run), {"asking": {"n_joined": N}}, by=LOCAL_OPERATOR)
    any_world.set()
    any_world.pass_time(timedelta(minutes=1))
    any_world.check()
    assert _standing(any_world)["state"] == "few_labels"
    any_world.server.rule = strict
    any_world.pass_time(DAY)
    check = any_world.check()
    [drift] = check.content["metrics"]
    assert (check.state, drift["agreement"]["value"], drift["steadiness"]["lost"]) == ("moved", 0.0, N)
    assert (drift["people"]["before"]["value"], drift["people"]["now"]["value"]) == (1.0, 0.0)
    standing = _standing(any_world)
    assert (standing["state"], standing["has_moved"], standing["anchors"]) == ("moved", True, "core")
    points = {
        metric.name: metric.gauge.data_points[0].as_double
        for metric in encode_check(check, any_world.clock.now()).resource_metrics[0].scope_metrics[0].metrics
    }
    assert points == {
        "pitwall.eval.judge.moved": 1.0,
        "pitwall.eval.judge.anchor_agreement": 0.0,
        "pitwall.eval.judge.anchor_shift": pytest.approx(-0.7),
    }


def _standing(world: World) -> Any:
    run = Lab(world.state, world.clock).runs.get("default", world.run)
    return Standings(world.state, world.clock).of(run)["asking"]


def test_judge_that_does_not_answer_is_not_measured(world: World) -> None:
    """It is asked about a few anchors only, tried again within the hour, and leaves no point."""
    world.set()
    world.server.rule = lambda _asked: Act(status=401, body={"error": {"message": "no"}})
    check = world.check()
    [drift] = check.content["metrics"]
    assert (check.state, drift["reason"], drift["failed"]) == ("not_measured", "auth", N)
    assert len(world.server.chats) < N
    assert not encode_check(check, world.clock.now()).resource_metrics[0].scope_metrics[0].metrics
    world.server.rule = lenient
    world.pass_time(timedelta(hours=1))
    assert world.check().state == "no_move_shown"


def test_spent_budget_is_not_measured(world: World) -> None:
    world.set(max_calls=5)
    check = world.check()
    assert (check.state, check.content["metrics"][0]["reason"]) == ("not_measured", "budget_spent")
    assert len(world.server.chats) == 5


def test_killed_check_is_gone_on_with(any_world: World) -> None:
    """Another process takes it over after the hour, under the same id, and asks no finished call again."""
    any_world.set()
    any_world.metric = Dying()
    with pytest.raises(Killed):
        any_world.check()
    asked = len(any_world.server.chats)
    any_world.metric = AskingMetric()
    assert any_world.check().state == "running"
    any_world.pass_time(timedelta(hours=1))
    assert any_world.check().state == "no_move_shown"
    assert len(any_world.anchors.get("default", "core").checks) == 1
    assert asked <= len(any_world.server.chats) <= N + 1


def test_check_that_cannot_begin_is_told(world: World) -> None:
    """The anchors say why; no check is noted, and nothing is called moved."""
    world.set()
    world.metric = AskingMetric("another")
    world.work()
    found = world.anchors.get("default", "core")
    assert (found.checks, found.anchors.error) == ([], "There is no metric 'asking'.")


def test_setting_the_same_anchors_keeps_their_checks(world: World) -> None:
    """Another interval changes nothing about them; other cases are other anchors."""
    first = world.set().anchors
    world.check()
    same = world.set(every=2 * DAY).anchors
    assert (same.set_id, same.findings["asking"].has_moved) == (first.set_id, False)
    other = world.set(cases=10).anchors
    assert other.set_id != first.set_id
    assert (len(other.positions), other.max_calls, other.findings) == (10, 20, {})


def test_labelled_cases_are_anchors_first(world: World) -> None:
    labels = [NewLabel(f"e{number}", "asking", 1.0) for number in range(12, N)]
    Trust(world.state, world.clock).add(LabelBatch(labels=labels, run_id=world.run), by=LOCAL_OPERATOR)
    assert set(range(12, N)) < set(world.set(cases=10).anchors.positions)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"cases": 7}, "7 anchors can show nothing"),
    ({"metrics": ("exact",)}, "does not ask a judge about exact"),
    ({"every": timedelta(minutes=5)}, "Every 5m is too often"),
    ({"margin": 1.0}, "1.0 is no margin"),
    ({"max_calls": 0}, "With 0 calls"),
    ({"cases": 501}, "501 anchors"),
]


def test_anchors_that_cannot_be_checked_are_refused(world: World) -> None:
    for options, said in REFUSED:
        with pytest.raises(AnchorsInvalid, match=said):
            world.set(**options)


def test_changes_need_the_scope_act_and_are_in_the_audit_log(any_world: World) -> None:
    viewer = replace(LOCAL_OPERATOR, scopes=frozenset({Scope.READ}))
    any_world.set()
    any_world.anchors.call_for("core", by=LOCAL_OPERATOR)
    any_world.anchors.delete("core", by=LOCAL_OPERATOR)
    with pytest.raises(AnchorsNotFound, match="'core'"):
        any_world.anchors.get("default", "core")
    with any_world.state.session(read_only=True) as session:
        actions = [entry.action for entry in AuditLog(session).list(project_id="default")]
    assert actions[:3] == ["eval_anchors.deleted", "eval_anchors.called", "eval_anchors.set"]
    with pytest.raises(NotPermitted):
        any_world.anchors.save("core", AnchorOptions(run_id=any_world.run), by=viewer)
