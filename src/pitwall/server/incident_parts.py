"""What makes changes and incidents: the log of changes, the desk of people, and two jobs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from pitwall.changes.service import ChangeLog
from pitwall.incidents.explainer import Explainer
from pitwall.incidents.jobs import IncidentExplainer, IncidentKeeper
from pitwall.incidents.service import IncidentDesk
from pitwall.incidents.types import Grouping
from pitwall.kit.clock import Clock
from pitwall.settings import IncidentSettings
from pitwall.signals.service import Signals
from pitwall.stores.state import StateStore
from pitwall.traces.changes import find_changes
from pitwall.traces.seen import SeenRepository
from pitwall.work.jobs import PeriodicJob
from pitwall.work.leases import Lease

if TYPE_CHECKING:
    from pitwall.stores.telemetry.engine import TelemetryEngine

_LOOK_SECONDS = 2.0
_EXPLAIN_SECONDS = 15.0


class IncidentParts:
    """Everything about changes and incidents.

    Attributes:
        keeper: Turns events of alerts into incidents; wake it when there are new ones.
        explainer: Explains incidents that are due.
    """

    def __init__(
        self,
        settings: IncidentSettings,
        state: StateStore,
        clock: Clock,
        engine: TelemetryEngine,
        signals: Signals,
        *,
        lease: Callable[[str], Lease | None],
    ) -> None:
        self.changes = ChangeLog(state, partial(find_changes, SeenRepository(engine)), clock)
        before = timedelta(minutes=settings.changes_minutes)
        self.desk = IncidentDesk(state, self.changes, clock, changes_before=before)
        explainer = Explainer(signals, self.changes.around)
        explain = IncidentExplainer(state, explainer, clock, on_more=self._go_on_explaining).run
        self.explainer = _job("incident-explanations", _EXPLAIN_SECONDS, explain, lease)
        keep = IncidentKeeper(state, _grouping(settings), clock, on_change=self.explainer.wake).run
        self.keeper = _job("incidents", _LOOK_SECONDS, keep, lease)

    def _go_on_explaining(self) -> None:
        self.explainer.wake()


def _job(
    name: str, seconds: float, run: Callable[[], None], lease: Callable[[str], Lease | None]
) -> PeriodicJob:
    return PeriodicJob(name, seconds, run, lease=lease(name))


def _grouping(settings: IncidentSettings) -> Grouping:
    return Grouping(
        by=settings.group_by,
        join_within=timedelta(minutes=settings.join_minutes),
        reopen_within=timedelta(minutes=settings.reopen_minutes),
        resolve_after=timedelta(minutes=settings.resolve_minutes),
    )
