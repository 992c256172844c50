"""What makes costs: spend and its projection, advice, budgets, and the job that records them as points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pitwall.costs.advice.service import Advisor, AdvisorParts
from pitwall.costs.budgets.pack_files import load_budgets
from pitwall.costs.budgets.service import Budgets
from pitwall.costs.periods import Calendar
from pitwall.costs.recording import INTERVAL_SECONDS, CostRecorder, RecorderParts
from pitwall.costs.service import Costs
from pitwall.ingest.pricing.lookup import read_book
from pitwall.ingest.service import IngestService
from pitwall.kit.clock import Clock
from pitwall.settings import Settings
from pitwall.signals.service import Signals
from pitwall.stores.state import StateStore
from pitwall.work.jobs import PeriodicJob
from pitwall.work.leases import Lease

if TYPE_CHECKING:
    from pitwall.stores.telemetry.engine import TelemetryEngine


class CostParts:
    """Everything about costs."""

    def __init__(
        self,
        settings: Settings,
        state: StateStore,
        clock: Clock,
        engine: TelemetryEngine,
        signals: Signals,
        packs: Sequence[Path],
    ) -> None:
        self._clock = clock
        self.costs = Costs(signals, engine, Calendar.of(settings.costs.timezone))
        self.budgets = Budgets(state, load_budgets(packs), self.costs.periods, clock)
        self.advisor = Advisor(
            AdvisorParts(
                engine=engine,
                read_book=partial(read_book, engine),
                clock=clock,
                texts_kept=timedelta(days=settings.telemetry_store.retention.payloads_days),
            )
        )

    def job(
        self, projects: Callable[[], list[str]], ingest: IngestService, lease: Callable[[str], Lease | None]
    ) -> PeriodicJob:
        """Make the job that records the month and the use of budgets."""
        parts = RecorderParts(self.costs.periods, self.budgets, projects, ingest, self._clock)
        return PeriodicJob("costs", INTERVAL_SECONDS, CostRecorder(parts).run, lease=lease("costs"))
