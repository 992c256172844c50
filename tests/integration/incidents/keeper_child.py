"""A process in which alerts fire while incidents are kept, until it is killed; started by test_kill.

Usage: python keeper_child.py DIRECTORY. Prints `ready` once the store is open.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from pitwall.alerts.types import TOPIC, AlertEvent
from pitwall.incidents.jobs import IncidentKeeper
from pitwall.incidents.types import Grouping
from pitwall.kit.clock import ManualClock
from pitwall.stores.state import StateStore
from pitwall.work.events import EventLog
from tests.integration.incidents.telling import tell
from tests.unit.incidents.events import make_event

KINDS = ("fired", "escalated", "resolved")


def make_nth(number: int) -> AlertEvent:
    """The event of that number in a story that never ends: alerts of four services come and go."""
    alert, step = number % 12, number // 12
    return make_event(
        KINDS[step % 3],
        step + 1,
        minutes=number * 0.7,
        rule=f"r{alert}",
        labels={"service": str(alert % 4)},
    )


def _tell_on(state: StateStore, clock: ManualClock, number: int) -> None:
    while True:
        event = make_nth(number)
        tell(state, event)
        clock.jump((event.at - clock.now()).total_seconds())
        number += 1


def main(directory: Path) -> None:
    """Keep incidents until killed; it is always the time of the last event that was told."""
    state = StateStore.in_directory(directory).open()
    with state.session(read_only=True) as session:
        number = len(EventLog(session, TOPIC).unread("counter", limit=1_000_000))
    clock = ManualClock(make_nth(max(0, number - 1)).at)
    keeper = IncidentKeeper(state, Grouping(), clock)
    threading.Thread(target=_tell_on, args=(state, clock, number), daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        keeper.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
