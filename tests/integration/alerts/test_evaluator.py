"""Rounds of evaluation on real stores: what fires, what is written, and what a restart does not change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from pitwall.alerts.evaluator import ProjectEvaluator
from pitwall.alerts.types import AlertState, Reason
from pitwall.core.vocabulary import Severity
from tests.integration.alerts.world import START, World
from tests.integration.signals.telemetry import insert_spans, make_span

MakeEvaluator = Callable[[], ProjectEvaluator]
MINUTE = timedelta(minutes=1)


def test_condition_that_lasts_fires_and_recovers(world: World) -> None:
    """Pending for two minutes, then told once with its numbers, then resolved after a quiet minute."""
    world.save()
    world.minutes(1, failed=30, passed=70)
    assert world.states() == {"voc-chat": AlertState.PENDING}
    assert world.kinds() == []
    world.minutes(2, failed=30, passed=70)
    (fired,) = world.events()
    assert (fired.kind.value, fired.severity, fired.labels) == (
        "fired",
        Severity.CRITICAL,
        {"service": "voc-chat"},
    )
    assert (fired.facts.value, fired.facts.count, fired.facts.limit) == (0.3, 100, "> 0.1")
    assert fired.active_since is not None
    assert fired.at - fired.active_since == 2 * MINUTE
    world.minutes(3, failed=0, passed=100)
    assert world.kinds() == ["fired", "resolved"]
    (alert,) = world.alerts()
    assert (alert.state, alert.resolved_reason) == (AlertState.RESOLVED, Reason.RECOVERED)


def test_value_of_the_present_minute_counts(world: World) -> None:
    """What came in a moment ago is evaluated now, not when its window is complete."""
    world.save(**{"for": "0s"})
    world.round(timedelta(seconds=5))
    world.requests(failed=30, passed=30)
    world.round()
    assert world.kinds() == ["fired"]
    assert world.clock.now() == START + timedelta(seconds=5)


def test_restart_does_not_begin_for_anew(world: World, make_evaluator: MakeEvaluator) -> None:
    """A process that dies while an alert is pending loses nothing: it fires after the rest of `for`."""
    world.save()
    world.minutes(1, failed=30, passed=70)
    world.evaluator = make_evaluator()
    world.minutes(1, failed=30, passed=70)
    world.evaluator = make_evaluator()
    world.requests(30, 70)
    world.round(timedelta(seconds=15))
    (fired,) = world.events()
    assert fired.active_since is not None
    assert fired.at - fired.active_since == 2 * MINUTE
    world.evaluator = make_evaluator()
    world.minutes(1, failed=30, passed=70)
    assert world.kinds() == ["fired"]


def test_round_that_could_not_be_written_is_done_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """State and events are one transaction: after one that fails the event is neither lost nor doubled."""
    world.save(**{"for": "0s"})
    world.requests(failed=30)
    with monkeypatch.context() as patch:
        patch.setattr("pitwall.alerts.repository.EventLog.append", _fail)
        with pytest.raises(ZeroDivisionError):
            world.round()
    assert (world.kinds(), world.alerts()) == ([], [])
    world.round()
    world.round()
    assert world.kinds() == ["fired"]


def _fail(*_: object) -> int:
    raise ZeroDivisionError


def test_no_data_keeps_an_alert_as_it_is(world: World) -> None:
    """Data that stops coming is no recovery: the alert goes on firing."""
    world.save()
    world.minutes(4, failed=50)
    world.minutes(10, failed=0, passed=0)
    assert world.kinds() == ["fired"]
    assert world.states() == {"voc-chat": AlertState.FIRING}


def test_edited_rule_ends_its_alerts_as_changed(world: World) -> None:
    """An alert of a rule that now means something else is over, and does not claim a recovery."""
    world.save()
    world.minutes(4, failed=50)
    world.save(title={"en": "Failures", "ko": "실패"})
    world.minutes(1, failed=50)
    assert world.kinds() == ["fired"]
    world.save(**{"for": "5m"})
    world.minutes(7, failed=50)
    assert world.kinds() == ["fired", "resolved", "fired"]
    assert [event.reason for event in world.events()] == [None, Reason.RULE_CHANGED, None]
    assert len({event.id for event in world.events()}) == 3


def test_rule_that_fails_leaves_the_others_going(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error is noted with its rule; the rule beside it fires all the same."""
    world.save(**{"for": "0s"})
    world.save(name="slow", when={"bands": "requests.p95_latency_ms"})
    world.requests(failed=50)
    world.round()
    broken = world.evaluator._rules["slow"].check
    monkeypatch.setattr(broken, "evaluate", _fail)
    world.round(timedelta(seconds=15))
    errors = world.service.rule_errors(world.project)
    assert list(errors) == ["slow"]
    assert "ZeroDivisionError" in errors["slow"]
    assert world.kinds() == ["fired"]


def test_ten_thousand_new_label_values_are_contained(world: World) -> None:
    """The label sets beyond the limit are counted and shown, and other rules go on."""
    world.save(name="calm")
    world.save(**{"for": "0s", "min_samples": 1})
    world.requests(failed=50)
    world.round()
    for number in range(0, 10_000, 2_000):
        _one_request_each(world, [f"service-{index}" for index in range(number, number + 2_000)])
    done = world.round(timedelta(seconds=15))
    assert done.dropped_series == 2 * (10_001 - 500)
    report = world.service.rule(world.project, "errors")
    assert report.evaluated is not None
    assert (report.evaluated.series, report.evaluated.dropped_series) == (500, 9_501)
    assert world.states()["voc-chat"] is AlertState.FIRING
    assert len(world.alerts()) <= 1_000


def _one_request_each(world: World, services: list[str]) -> None:
    insert_spans(
        world.engine,
        world.project,
        [
            make_span(kind="http", started_at=world.clock.now(), status="error", service=service)
            for service in services
        ],
    )
