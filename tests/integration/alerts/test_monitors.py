"""Anomaly rules on a real store: what is learnt from history, and what a restart keeps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from pitwall.alerts.evaluator import ProjectEvaluator
from pitwall.alerts.monitors import Monitors
from pitwall.alerts.samples import Watch
from pitwall.alerts.types import AlertState
from pitwall.core.errors import PitwallError
from pitwall.core.vocabulary import Severity
from pitwall.signals.service import Signals
from pitwall.signals.watermark import Present
from pitwall.stores.state import StateStore
from pitwall.stores.state.tables import alert_monitors
from tests.integration.alerts.world import World
from tests.integration.signals.telemetry import insert_spans, make_span

ANOMALY = {"anomaly": {"signal": "requests.mean_latency_ms", "direction": "up"}}


def steady_history(world: World, minutes: int) -> None:
    """Requests of about 100 ms in each minute before now."""
    now = world.clock.now()
    insert_spans(
        world.engine,
        world.project,
        [
            make_span(
                kind="http",
                started_at=now - timedelta(minutes=minutes - index),
                duration_ms=100.0 + index % 7 + number,
            )
            for index in range(minutes)
            for number in range(3)
        ],
    )


def test_jump_after_a_steady_history_is_told_as_a_warning(
    world: World, make_evaluator: Callable[[], ProjectEvaluator]
) -> None:
    """History is learnt first, a jump is explained, and a restart goes on from what was kept."""
    steady_history(world, 600)
    world.save(when=ANOMALY, **{"for": "0s", "recover_for": "0s"})
    for _ in range(10):  # history is learnt in pieces
        world.round()
    assert world.kinds() == []
    world.evaluator.close()
    with world.store.session(read_only=True) as session:
        kept = session.execute(alert_monitors.select()).mappings().all()
    assert len([row for row in kept if row["project_id"] == world.project]) == 1
    world.evaluator = make_evaluator()
    for _ in range(3):
        world.requests(0, 5, duration_ms=9000.0)
        world.round(timedelta(minutes=1))
    world.round(timedelta(seconds=30))
    (event,) = [one for one in world.events() if one.kind.value == "fired"]
    assert event.severity is Severity.WARNING
    assert event.facts.explanation is not None
    assert "usual" in event.facts.explanation.en
    assert world.states() == {"voc-chat": AlertState.FIRING}


def test_series_without_room_are_told_as_unknown_and_take_the_place_of_those_that_went(
    world: World, store: StateStore, signals: Signals
) -> None:
    """Nothing is left out in silence, and names that come and go do not fill the watch for ever."""
    monitors = Monitors(world.project, store, signals, max_series=2)
    watch = Watch("requests.mean_latency_ms", ("service",), "", timedelta(minutes=1), "seasonal", 0.1)

    def learn(*services: str) -> dict[str, int]:
        for service in services:
            world.requests(0, 5, service=service)
        world.clock.advance(60)
        now = world.clock.now()
        for _ in range(10):  # history is learnt in pieces
            found = monitors.update([watch], Present(now, now))[watch]
        assert not isinstance(found, PitwallError)
        return {labels[0]: one.verdict.judgement.seen for labels, one in found.items()}

    assert learn("a", "b") == {"a": 0, "b": 0}
    assert learn("a", "b", "c") == {"a": 1, "b": 1, "c": 0}
    assert learn("b", "c") == {"b": 2, "c": 0}
    assert learn("b", "c", "a") == {"b": 3, "c": 1, "a": 0}
