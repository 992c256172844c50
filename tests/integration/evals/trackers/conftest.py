"""A finished run whose texts hold what must not leave."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from pitwall.evals.runs.reading import RunReader
from pitwall.evals.runs.types import EvalRun
from pitwall.evals.trackers.service import Trackers
from pitwall.evals.types import Answer, Context
from pitwall.settings.tracker_groups import TrackersSettings
from pitwall.stores.state import StateStore
from tests.support.eval_runs import Lab, code_metric, make_example
from tests.support.trackers import FAKES, FakeTracker, running_tracker

EMAIL, PHONE, PERSON, CARD = "kim@example.co.kr", "010-1234-5678", "900101-1234568", "4111-1111-1111-1111"
KEY = "sk-abcdefghijklmnopqrstuvwx"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One store for all: every test has a run of its own."""
    store = StateStore.in_directory(tmp_path_factory.mktemp("trackers")).open()
    yield Lab(store)
    store.close()


@pytest.fixture
def run(lab: Lab) -> EvalRun:
    """Three cases; the target of the last one failed, so that it has no score."""
    said = Answer(
        text=f"Call {PHONE} or {EMAIL}.",
        contexts=(Context(f"{PERSON} {CARD}", "d1", 0.5),),
        latency_ms=1500.0,
    )
    examples = [
        make_example(1, question=f"Whose is {KEY}?", answer=said, metadata={"api_key": "x1y2z3"}),
        make_example(2, answer=Answer(text="A" * 5000)),
        make_example(3, answer=Answer(text=None, error="The target timed out.")),
    ]
    version = lab.store(examples)
    metrics = [
        code_metric("found@3", lambda case: float(case.example.id == "e1")),
        code_metric("short", lambda case: None if case.answer.text is None else 0.25),
    ]
    run = lab.begin(version, metrics, thresholds={"found@3": 0.5})
    return asyncio.run(lab.work(run.id, metrics))


@pytest.fixture(params=sorted(FAKES))
def tracker(request: pytest.FixtureRequest) -> Iterator[FakeTracker]:
    """Each tracker in turn."""
    with running_tracker(request.param) as running:
        yield running


def settings_for(tracker: FakeTracker, **options: Any) -> TrackersSettings:
    """Settings that know one tracker."""
    name = name_of(tracker)
    given: dict[str, Any] = {"url": tracker.url}
    if name == "langfuse":
        given |= {"public_key": "pk-lf-1", "secret_key": "sk-lf-2"}
    return TrackersSettings.model_validate({name: given, **options})


def name_of(tracker: FakeTracker) -> str:
    return next(name for name, kind in FAKES.items() if type(tracker) is kind)


def make_trackers(lab: Lab, settings: TrackersSettings) -> Trackers:
    reader = RunReader(lab.state, lab.datasets)
    return Trackers(state=lab.state, clock=lab.clock, reader=reader, settings=settings)
