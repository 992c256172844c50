"""Sending from a command, in its own process: after a run, or a run that is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.access.types import Principal
from pitwall.evals.datasets.service import Datasets
from pitwall.evals.runs.reading import RunReader
from pitwall.evals.runs.service import EvalRuns
from pitwall.evals.runs.types import EvalRun, Where
from pitwall.evals.trackers.service import Trackers
from pitwall.evals.trackers.types import Report, TrackerLink, TrackerName
from pitwall.evals.trackers.wire import links_view
from pitwall.kit.cli_options import Target
from pitwall.kit.clock import Clock, SystemClock
from pitwall.settings import load_settings
from pitwall.settings.tracker_groups import TrackersSettings
from pitwall.stores.state import StateStore

Say = Callable[[str, int], None]
"""Told the tracker and how many cases have been sent."""


class LocalTrackers:
    """Trackers of a process that works on the state store itself."""

    def __init__(
        self, state: StateStore, datasets: Datasets, clock: Clock, settings: TrackersSettings, by: Principal
    ) -> None:
        reader = RunReader(state, datasets)
        self._trackers = Trackers(state=state, clock=clock, reader=reader, settings=settings)
        self._by = by

    def check(self, names: Sequence[str]) -> None:
        """Refuse trackers that the settings do not know.

        Raises:
            TrackerNotConfigured: A setting is missing.
        """
        self._trackers.check(_named(names))

    def ask(self, run: EvalRun, names: Sequence[str]) -> None:
        """Let a run be sent once it is over.

        Raises:
            TrackerNotConfigured: A setting is missing.
        """
        self._trackers.ask(run, _named(names), Where.CLI, by=self._by)

    def send_run(self, run: EvalRun, say: Say) -> list[dict[str, Any]]:
        """Send a run that has just ended, and return its links as JSON."""
        return links_view(self._trackers.send_run(run, _telling(say)))

    def track(self, run: EvalRun, names: Sequence[str], say: Say) -> list[dict[str, Any]]:
        """Send a run that is over now, and return those links as JSON.

        Raises:
            RunNotOver: It is not.
            TrackerNotConfigured: A setting is missing.
        """
        wanted = _named(names)
        links = self._trackers.ask_again(run, wanted, Where.CLI, by=self._by)
        asked = [link for link in links if link.tracker in wanted]
        return links_view([self._trackers.send(link, _telling(say)) for link in asked])


def track_here(target: Target, run_id: str, names: Sequence[str], say: Say) -> dict[str, Any]:
    """Send a run of the state store from this process; returns what the API would.

    Raises:
        PitwallError: There is no such run, it is not over, or a tracker is not configured.
    """
    settings = load_settings(environ=target.environ, config=target.config, flags=target.setting_flags())
    clock = SystemClock()
    state = StateStore(settings.state_url, clock=clock).open()
    try:
        by = LOCAL_OPERATOR.on_project(target.project)
        trackers = LocalTrackers(state, Datasets(state, clock), clock, settings.trackers, by)
        run = EvalRuns(state, clock).get(by.project_id, run_id)
        return {"run_id": run.id, "trackers": trackers.track(run, names, say)}
    finally:
        state.close()


def _named(names: Sequence[str]) -> list[TrackerName]:
    return [TrackerName(name) for name in names]


def _telling(say: Say) -> Callable[[TrackerLink, Report], None]:
    return lambda link, report: say(link.tracker.value, report.cases_sent)
