"""What is told to those who listen, and that nobody looks when nobody does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from pitwall.core.errors import LimitExceeded, Unavailable
from pitwall.kit.clock import ManualClock
from pitwall.live.arrivals import ArrivalFinder
from pitwall.live.feed import Lookout
from pitwall.live.freshness import FreshnessService
from pitwall.live.listener import Listener
from pitwall.live.service import Live
from pitwall.live.types import Audience
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.service import Traces
from tests.integration.live.conftest import Log
from tests.integration.traces.telemetry import (
    NOON,
    Row,
    as_hex,
    insert_spans,
    make_llm_span,
    make_span,
    trace_id,
)

NOW = NOON + timedelta(minutes=5)
EVERYBODY = Audience()


class Watcher:
    """Looks at one project again and again, two seconds apart."""

    def __init__(
        self,
        engine: TelemetryEngine,
        project: str,
        clock: ManualClock,
        freshness: FreshnessService,
        traces: Traces,
    ) -> None:
        self.project = project
        self.engine = engine
        self.clock = clock
        self.lookout = Lookout(project, freshness, traces)

    def arrive(
        self, *spans: Row, started_at: datetime | None = None, received_at: datetime | None = None
    ) -> None:
        """Store spans that arrive now and began a second ago, unless another time is given."""
        now = self.clock.now()
        times = {
            "started_at": started_at or now - timedelta(seconds=1),
            "received_at": received_at or now,
        }
        insert_spans(self.engine, self.project, [{**span, **times} for span in spans])

    def look(self, *audiences: Audience) -> dict[Audience, list[str]]:
        """Wait two seconds and look; names of the traces that are told to each audience."""
        self.clock.advance(2)
        found = self.lookout.arrivals(audiences or (EVERYBODY,), self.lookout.freshness())
        return {one: [row.name for row in arrivals.rows] for one, arrivals in found.items()}

    def news(self) -> list[str]:
        return self.look()[EVERYBODY]


@pytest.fixture
def watcher(
    telemetry_engine: TelemetryEngine,
    project: str,
    clock: ManualClock,
    freshness: FreshnessService,
    traces: Traces,
) -> Watcher:
    return Watcher(telemetry_engine, project, clock, freshness, traces)


def test_trace_is_told_once_as_long_as_it_stays_the_same(watcher: Watcher) -> None:
    """The looks overlap, so that nothing is missed; what has been told is not told again."""
    watcher.look()
    watcher.arrive(make_span(name="chat"))
    assert [watcher.news() for _ in range(8)] == [["chat"], *[[]] * 7]


def test_trace_that_grows_is_told_again_and_whole(watcher: Watcher) -> None:
    """A part may come first; with the root the trace has its name and all its spans, earlier ones too."""
    watcher.arrive(make_llm_span(name="answer"))
    assert watcher.news() == ["answer"]
    watcher.clock.advance(60)
    watcher.arrive(make_span(name="chat"))
    watcher.clock.advance(2)
    arrivals = watcher.lookout.arrivals([EVERYBODY], watcher.lookout.freshness())[EVERYBODY]
    assert [(row.name, row.span_count, row.input_tokens) for row in arrivals.rows] == [("chat", 2, 40)]


def test_what_waited_in_the_log_is_told_when_it_is_there(watcher: Watcher, wal: Log) -> None:
    """Arrival and being there may lie far apart; the watermark says from when on to look."""
    watcher.look()
    arrived_at = watcher.clock.now()
    for waited in range(2, 62, 2):
        wal.wait(float(waited), records=1)
        assert watcher.news() == []
    watcher.arrive(make_span(name="late"), received_at=arrived_at)
    wal.wait(0.0, records=0)
    assert watcher.news() == ["late"]


def test_clock_that_is_set_back_hides_nothing(watcher: Watcher) -> None:
    """Arrivals are stamped by the same clock; after a jump back they are still told, once."""
    watcher.arrive(make_span(name="before"))
    assert watcher.news() == ["before"]
    watcher.clock.jump(-600)
    watcher.arrive(make_span(2, name="after"))
    assert [watcher.news() for _ in range(3)] == [["after"], [], []]


def test_roots_come_first_and_at_most_twenty(watcher: Watcher) -> None:
    """Whole traces before parts, newest first; that there are more is said."""
    watcher.look()
    parts = [make_llm_span(number, name=f"part {number}") for number in range(1, 15)]
    watcher.arrive(*parts, *[make_span(number, name=f"root {number}") for number in range(101, 111)])
    watcher.clock.advance(2)
    arrivals = watcher.lookout.arrivals([EVERYBODY], watcher.lookout.freshness())[EVERYBODY]
    names = [row.name for row in arrivals.rows]
    assert (len(names), arrivals.has_more) == (20, True)
    assert all(name.startswith("root") for name in names[:10])
    assert all(name.startswith("part") for name in names[10:])


def test_audience_hears_of_its_own(watcher: Watcher) -> None:
    """Environment and service choose; everybody else hears of everything."""
    prod, bank = Audience("prod", None), Audience("prod", "bank")
    watcher.look(prod, bank)
    watcher.arrive(
        make_span(1, name="a", environment="prod", service="shop"),
        make_span(2, name="b", environment="prod", service="bank"),
        make_span(3, name="c", environment="test", service="bank"),
    )
    told = watcher.look(EVERYBODY, prod, bank)
    assert {one: sorted(names) for one, names in told.items()} == {
        EVERYBODY: ["a", "b", "c"],
        prod: ["a", "b"],
        bank: ["b"],
    }


def test_import_of_old_traces_is_no_news(watcher: Watcher) -> None:
    """What happened long ago is not live; that something arrived is told by its time."""
    watcher.look()
    watcher.arrive(make_span(), started_at=NOW - timedelta(hours=3))
    assert watcher.news() == []
    assert watcher.lookout.freshness().last_received_at == watcher.clock.now() - timedelta(seconds=2)


def test_other_projects_are_not_heard_of(watcher: Watcher, project: str) -> None:
    """A feed is about its own project."""
    watcher.look()
    insert_spans(watcher.engine, f"{project}-x", [make_span(received_at=NOW, started_at=NOW)])
    assert watcher.news() == []


def test_nothing_is_listed_while_nothing_arrives(
    traces: Traces, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a quiet project a look costs no list: the newest arrival says that there is nothing."""
    monkeypatch.setattr(traces, "list_traces", lambda query: pytest.fail("listed"))
    finder = ArrivalFinder(traces, project, EVERYBODY, NOW)
    assert finder.look(NOW, None).rows == ()
    assert finder.look(NOW + timedelta(hours=1), NOW - timedelta(seconds=1)).rows == ()


def test_minutes_are_told_when_they_become_complete(watcher: Watcher) -> None:
    """Each once; several at once after a backlog; a clock that goes back takes none of them back."""
    at = watcher.lookout.window
    assert at(NOW) is None
    assert at(NOW + timedelta(seconds=59)) is None
    assert at(NOW + timedelta(seconds=61)) == (NOW, NOW + timedelta(minutes=1))
    assert at(NOW + timedelta(minutes=5)) == (NOW + timedelta(minutes=1), NOW + timedelta(minutes=5))
    assert at(NOW - timedelta(minutes=30)) is None
    assert at(NOW - timedelta(minutes=29)) == (NOW - timedelta(minutes=30), NOW - timedelta(minutes=29))


def test_freshness_is_told_when_it_changes_and_now_and_then(watcher: Watcher, wal: Log) -> None:
    """Time that passes is no change, but is told every ten seconds."""

    def told() -> bool:
        watcher.clock.advance(2)
        return watcher.lookout.is_worth_telling(watcher.lookout.freshness())

    assert [told() for _ in range(7)] == [True, False, False, False, False, True, False]
    wal.wait(4.0, records=3)
    assert [told(), told()] == [True, False]


class Ear:
    """Reads what a listener is told."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener

    async def hear(self, name: str) -> Any:
        """The data of the next event of a name."""
        async with asyncio.timeout(10):
            while True:
                event, data = (await self.listener.get()).decode().split("\n")[:2]
                if event == f"event: {name}":
                    return json.loads(data.removeprefix("data: "))


@pytest.fixture
async def live(freshness: FreshnessService, traces: Traces) -> AsyncIterator[Live]:
    live = Live(freshness, traces, interval_seconds=0.01)
    yield live
    live.close()


async def test_all_clients_of_a_project_are_told_the_same(
    live: Live, telemetry_engine: TelemetryEngine, clock: ManualClock, project: str
) -> None:
    """One look serves everybody: each listener gets freshness, the complete minute and the new trace."""
    ears = [Ear(live.listen(project, EVERYBODY)) for _ in range(3)]
    for ear in ears:
        assert (await ear.hear("freshness"))["completeness"] is None
    span = make_span(name="chat", started_at=NOW, received_at=NOW)
    await asyncio.to_thread(insert_spans, telemetry_engine, project, [span])
    clock.advance(60)
    for ear in ears:
        window = await ear.hear("window")
        assert window == {"start": "2026-11-20T12:04:00Z", "end": "2026-11-20T12:05:00Z"}
        told = await ear.hear("traces")
        assert ([row["trace_id"] for row in told["traces"]], told["more"]) == ([as_hex(trace_id(1))], False)
    assert live.projects == [project]


async def test_nobody_looks_when_nobody_listens(live: Live, project: str) -> None:
    """The last one to leave ends the looking; leaving twice is no error."""
    first, second = live.listen(project, EVERYBODY), live.listen(project, Audience("prod"))
    tasks = [task for task in asyncio.all_tasks() if task.get_name() == f"pitwall-live-{project}"]
    assert len(tasks) == 1
    live.leave(first)
    assert live.projects == [project]
    live.leave(second)
    live.leave(second)
    assert live.projects == []
    await asyncio.wait(tasks, timeout=5)
    assert tasks[0].cancelled()


async def test_look_that_fails_does_not_end_the_looking(
    live: Live, freshness: FreshnessService, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug or a fault in one look is logged; the next look is made."""
    ear = Ear(live.listen(project, EVERYBODY))
    monkeypatch.setattr(freshness._signals.watermark, "now", _failing_twice(freshness))
    assert await ear.hear("freshness")


def _failing_twice(freshness: FreshnessService) -> Callable[[], Any]:
    now, failures = freshness._signals.watermark.now, iter([ZeroDivisionError, ZeroDivisionError])

    def fail_or_tell() -> Any:
        for failure in failures:
            raise failure
        return now()

    return fail_or_tell


async def test_client_that_does_not_keep_up_is_let_go(live: Live, wal: Log, project: str) -> None:
    """Its queue is short, and the others go on hearing."""
    slow, quick = live.listen(project, EVERYBODY), Ear(live.listen(project, EVERYBODY))
    lag = 0.0
    async with asyncio.timeout(20):
        while not slow.over.is_set():
            lag += 1
            wal.wait(lag, records=1)
            assert (await quick.hear("freshness"))["lag_seconds"] >= 0
    assert not quick.listener.over.is_set()


async def test_closing_lets_everybody_go_and_nobody_in(live: Live, project: str) -> None:
    """A server that stops ends all streams at once."""
    listeners = [live.listen(project, EVERYBODY), live.listen(f"{project}-x", EVERYBODY)]
    live.close()
    assert all(listener.over.is_set() for listener in listeners)
    assert live.projects == []
    with pytest.raises(Unavailable, match="stopping"):
        live.listen(project, EVERYBODY)


async def test_too_many_clients_are_refused(
    live: Live, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit keeps forgotten pages from filling the server."""
    monkeypatch.setattr("pitwall.live.service.MAX_LISTENERS", 2)
    first = live.listen(project, EVERYBODY)
    live.listen(project, EVERYBODY)
    with pytest.raises(LimitExceeded, match="2 clients"):
        live.listen(project, EVERYBODY)
    live.leave(first)
    live.listen(project, EVERYBODY)
