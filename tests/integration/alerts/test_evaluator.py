"""Rounds of evaluation on real stores: what fires, what is written, and what a restart does not change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from pitwall.alerts.evaluator import ProjectEvaluator
from pitwall.alerts.types import AlertState, Reason
from pitwall.core.vocabulary import Severity
from pitwall.stores.telemetry.engine import StoreUnavailable
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
        patch.setattr("pitwall.alerts.repository.EventLog.extend", _fail)
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


def test_service_that_goes_silent_is_told_where_the_rule_says_so(world: World) -> None:
    """With its own labels, after `nodata_for`; data that returns ends it, and says so."""
    world.save(nodata="alert", nodata_for="2m")
    world.minutes(2, failed=0, passed=50)
    assert world.states() == {"voc-chat": AlertState.INACTIVE}
    world.minutes(4, failed=0)
    (silent,) = world.events()
    assert (silent.kind.value, silent.labels, silent.facts.value) == (
        "no_data",
        {"service": "voc-chat"},
        None,
    )
    world.minutes(1, failed=0, passed=50)
    assert [event.reason for event in world.events()] == [None, Reason.DATA_RETURNED]


def test_service_that_is_gone_for_good_is_given_up_and_may_come_back(world: World) -> None:
    """After a week it is over for want of data, and told no more; when it returns it is watched as before."""
    world.save(**{"for": "0s"}, nodata="alert", nodata_for="2m")
    world.requests(failed=50)
    world.round()
    for _ in range(9 * 24):
        world.round(timedelta(hours=1))
    assert [event.reason for event in world.events()] == [None, None, Reason.NO_DATA]
    world.requests(failed=50)
    world.round()
    assert world.kinds() == ["fired", "no_data", "resolved", "fired"]
    assert len({event.id for event in world.events()}) == 4


def test_store_that_does_not_answer_is_told_once_for_a_rule(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule itself is in error, with the reason, not each label set; its alerts stay as they are."""
    world.save(**{"for": "0s"}, error="alert", nodata_for="1m")
    world.requests(failed=50)
    world.round()
    with monkeypatch.context() as patch:
        patch.setattr(world.evaluator._signals, "query_many", _unavailable)
        for _ in range(10):
            world.round(timedelta(seconds=15))
    fired, error = world.events()
    assert (fired.kind.value, error.kind.value, error.labels) == ("fired", "error", {})
    assert error.facts.explanation is not None
    assert "is down" in error.facts.explanation.en
    assert "is down" in world.service.rule_errors(world.project)["errors"]
    assert world.states()["voc-chat"] is AlertState.FIRING
    world.requests(failed=50)
    world.round(timedelta(seconds=15))
    assert world.kinds() == ["fired", "error", "resolved"]
    assert world.service.rule_errors(world.project) == {}


def _unavailable(*_: object) -> None:
    raise StoreUnavailable("The store is down.")


def test_long_windows_are_asked_now_and_then(world: World) -> None:
    """What a day says hardly changes in fifteen seconds: it is asked every six minutes."""
    world.save(window="24h")
    asked = [world.round(timedelta(seconds=15)).questions for _ in range(48)]
    assert asked.count(1) == 2
    assert sum(asked) == 2


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
