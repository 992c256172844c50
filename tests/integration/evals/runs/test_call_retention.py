"""Old calls to models are let go of; those that something rests on stay."""

from __future__ import annotations

from datetime import datetime, timedelta

from pitwall.evals.comparison.repository import Baselines
from pitwall.evals.comparison.types import Baseline
from pitwall.evals.runs.repository import runs_that_need_calls
from pitwall.evals.runs.types import RunState
from pitwall.kit.clock import ManualClock, to_unix_nano
from pitwall.kit.ids import first_id_at, new_id
from pitwall.llm.calls import Call, CallKind
from pitwall.llm.repository import CallQuery, Calls
from pitwall.llm.retention import CallRetention
from pitwall.llm.types import Api, Usage
from pitwall.stores.state import StateStore
from tests.support.stored_eval_runs import store_run

KEPT = timedelta(days=90)


def test_old_calls_go_unless_a_run_needs_them(any_store: StateStore, state_clock: ManualClock) -> None:
    """A finished run has its scores; a stopped one goes on with its calls, a baseline is looked into."""
    now = state_clock.now()
    finished, baseline = store_run(any_store, {"m": [0.9]}), store_run(any_store, {"m": [0.9]})
    stopped = store_run(any_store, {"m": [0.9]}, state=RunState.STOPPED)
    old, young = now - KEPT - timedelta(minutes=1), now - KEPT + timedelta(minutes=1)
    with any_store.session() as session:
        Baselines(session, "default").put(Baseline("faq", "main", baseline, now, "tests"))
        Calls(session, "default").add(
            [
                _call(old, finished),
                _call(old, None),
                _call(old, stopped),
                _call(old, baseline),
                _call(young, finished),
            ]
        )
    retention = CallRetention(any_store, state_clock, KEPT, runs_that_need_calls())
    assert retention.run() == 2
    assert retention.run() == 0
    with any_store.session(read_only=True) as session:
        left = Calls(session, "default").list(CallQuery(limit=10))
    assert sorted((call.run_id or "", call.created_at) for call in left) == sorted(
        [(stopped, old), (baseline, old), (finished, young)]
    )


def _call(at: datetime, run_id: str | None) -> Call:
    return Call(
        id=first_id_at(to_unix_nano(at)) + new_id()[12:],
        key="key",
        run_id=run_id,
        kind=CallKind.CHAT,
        api=Api.OPENAI,
        endpoint="",
        model="judge",
        mode=None,
        sample=0,
        request="{}",
        reply="{}",
        finish_reason="stop",
        failure=None,
        error=None,
        usage=Usage(1, 1),
        cost_usd=None,
        latency_ms=1.0,
        attempts=1,
        created_at=at,
    )
