"""The server's sending: runs that are over and were to be sent, one after the other."""

from __future__ import annotations

import threading
from typing import Final

from pitwall.evals.runs.types import Where
from pitwall.evals.trackers.service import Stopped, Trackers
from pitwall.evals.trackers.types import Report, TrackerLink
from pitwall.work.jobs import PeriodicJob
from pitwall.work.leases import Lease

_LOOK_SECONDS: Final = 2.0


class TrackerWorker:
    """A component of the server that sends runs to trackers.

    When the server stops in the middle of a run, the next one sends it from its beginning: nothing is double.
    """

    name = "eval-trackers"

    def __init__(self, trackers: Trackers, lease: Lease | None = None) -> None:
        self._trackers = trackers
        self._is_stopping = threading.Event()
        self._looking = PeriodicJob(self.name, _LOOK_SECONDS, self.run, lease=lease)

    def start(self) -> None:
        """Begin to look for runs."""
        self._looking.start()

    def stop(self, timeout_seconds: float) -> None:
        """Put back what is on its way."""
        self._is_stopping.set()
        self._looking.stop(timeout_seconds)

    def wake(self) -> None:
        """Look now."""
        self._looking.wake()

    def run(self) -> None:
        """Send what is due."""
        for link in self._trackers.due(Where.SERVER):
            try:
                self._trackers.send(link, self._go_on)
            except Stopped:
                return

    def _go_on(self, _link: TrackerLink, _report: Report) -> None:
        if self._is_stopping.is_set():
            raise Stopped
