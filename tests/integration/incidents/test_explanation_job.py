"""When incidents are explained: at once, again while they are young, and once more at their end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from pitwall.incidents.explanation import Explanation, Status, Stretch, Subject
from pitwall.incidents.jobs import IncidentExplainer, IncidentKeeper
from pitwall.incidents.repository import Incidents
from pitwall.incidents.types import Grouping, Incident
from pitwall.kit.clock import ManualClock
from pitwall.kit.i18n import Text
from pitwall.stores.state import StateStore
from pitwall.stores.telemetry.engine import StoreUnavailable
from tests.integration.incidents.telling import tell
from tests.unit.incidents.events import make_event


class Doubling:
    """Stands for the comparison of telemetry: notes what it was asked, and fails as it is told."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.errors: dict[int, Exception] = {}
        self.takes: Callable[[], None] = lambda: None
        self.more = 0

    def explain(self, _project_id: str, incident: Incident, now: datetime) -> Explanation:
        self.asked.append(incident.number)
        self.takes()
        if (error := self.errors.get(incident.number)) is not None:
            raise error
        return self._found(Status.SPREAD, now)

    def go_on(self) -> None:
        self.more += 1

    def failed(self, _incident: Incident, now: datetime) -> Explanation:
        return self._found(Status.FAILED, now)

    def _found(self, status: Status, now: datetime) -> Explanation:
        subject = Subject("llm.failure_rate", Text("LLM failure rate", "LLM 실패율"), "ratio")
        window = Stretch(now, now + timedelta(minutes=1))
        return Explanation(status=status, subject=subject, window=window, computed_at=now, fired_at=now)


@pytest.fixture
def double() -> Doubling:
    return Doubling()


@pytest.fixture
def job(store: StateStore, double: Doubling, clock: ManualClock) -> IncidentExplainer:
    return IncidentExplainer(store, double, clock, on_more=double.go_on)  # type: ignore[arg-type]


def _open(store: StateStore, clock: ManualClock, *services: str) -> None:
    tell(store, *(make_event(labels={"service": name}) for name in services))
    IncidentKeeper(store, Grouping(), clock).run()


def _status(store: StateStore, number: int) -> str | None:
    with store.session(read_only=True) as session:
        incidents = Incidents(session, "default")
        incident = incidents.find(str(number))
        assert incident is not None
        found = incidents.explanation(incident.id)
    return None if found is None else found["status"]


def test_young_incident_is_explained_again_ever_more_seldom(
    store: StateStore, clock: ManualClock, job: IncidentExplainer, double: Doubling
) -> None:
    """At once, then every half minute, then after a fifth of its age; not after two hours."""
    _open(store, clock, "a")
    moments: list[int] = []
    for seconds in range(0, 4 * 3600, 10):
        job.run()
        if len(double.asked) > len(moments):
            moments.append(seconds)
        clock.advance(10)
    assert moments[:4] == [0, 30, 60, 90]
    assert 15 < len(moments) < 40
    assert moments[-1] < 7200


def test_end_of_an_incident_is_the_last_time(
    store: StateStore, clock: ManualClock, job: IncidentExplainer, double: Doubling
) -> None:
    """What it was until then is what is kept."""
    _open(store, clock, "a")
    job.run()
    tell(store, make_event("resolved", 2, minutes=1, labels={"service": "a"}))
    clock.advance(600)
    IncidentKeeper(store, Grouping(), clock).run()
    for _ in range(10):
        job.run()
        clock.advance(3600)
    assert double.asked == [1, 1]


def test_store_that_does_not_answer_is_asked_later(
    store: StateStore, clock: ManualClock, job: IncidentExplainer, double: Doubling
) -> None:
    """Nothing is written, and other incidents do not wait for it."""
    _open(store, clock, "a", "b")
    double.errors[2] = StoreUnavailable("The store is away.")
    with pytest.raises(StoreUnavailable):
        job.run()
    job.run()
    assert (_status(store, 1), _status(store, 2)) == ("spread", None)
    del double.errors[2]
    clock.advance(61)
    job.run()
    assert _status(store, 2) == "spread"


def test_failure_is_told_and_stops_nothing(
    store: StateStore, clock: ManualClock, job: IncidentExplainer, double: Doubling
) -> None:
    """A mistake of ours is no reason to say nothing of the others."""
    _open(store, clock, "a", "b")
    double.errors[1] = ZeroDivisionError()
    job.run()
    assert (_status(store, 1), _status(store, 2)) == ("failed", "spread")


def test_round_is_short_and_goes_on_at_once(
    store: StateStore, clock: ManualClock, double: Doubling, job: IncidentExplainer
) -> None:
    """A server that stops does not wait for many explanations."""
    _open(store, clock, *"abc")
    double.takes = lambda: clock.advance(2)
    for expected in (1, 2, 3):
        job.run()
        assert len(double.asked) == expected
    assert double.more == 2
