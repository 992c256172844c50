"""kill -9 while alerts fire: no event is lost between alert and incident, and none is entered twice."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from pitwall.alerts.types import TOPIC, AlertEvent
from pitwall.incidents.book import Book
from pitwall.incidents.jobs import IncidentKeeper
from pitwall.incidents.repository import Incidents
from pitwall.incidents.types import Grouping
from pitwall.kit.clock import ManualClock
from pitwall.stores.state import StateStore
from pitwall.stores.state.tables import incident_entries
from pitwall.work.events import EventLog
from tests.integration.incidents import keeper_child

KILLS = 12
SEED = 20261120


@pytest.mark.slow
def test_killed_at_any_moment_each_event_is_entered_once(tmp_path: Path) -> None:
    """What is there afterwards is what all events, read at once by nobody who dies, would have left."""
    moments = random.Random(SEED)
    for _ in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, keeper_child.__file__, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(moments.uniform(0.0, 0.4))
        process.kill()
        process.communicate()
    state = StateStore.in_directory(tmp_path).open()
    with state.session(read_only=True) as session:
        events = EventLog(session, TOPIC).unread("test", limit=10**6)
    told = [AlertEvent.from_json(one.payload) for one in events]
    IncidentKeeper(state, Grouping(), ManualClock(told[-1].at)).run()
    with state.session(read_only=True) as session:
        kept = Incidents(session, "default")
        found = [kept.find(str(one.number)) for one in reversed(kept.page(limit=10**6))]
        entered = list(session.execute(select(incident_entries.c.id)).scalars())
    state.close()
    assert len(told) > 10 * KILLS
    book = Book("default", Grouping(), [], 1)
    for event in told:
        book.enter(event)
    assert found == book.incidents
    assert sorted(entered) == sorted(entry.id for one in book.changed for entry in one.entries)
    assert {event.id for event in told} <= set(entered)
