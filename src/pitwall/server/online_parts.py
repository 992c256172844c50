"""What makes online evaluation: the rules, and the job that scores live traces by them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from pitwall.evals.feedback.repository import FeedbackPlaces
from pitwall.evals.feedback.service import Feedback
from pitwall.evals.metrics.registry import Registry, load
from pitwall.evals.online.arrivals import Arrivals
from pitwall.evals.online.pack_files import load_online_rules
from pitwall.evals.online.records import ScoreWriter
from pitwall.evals.online.scorer import INTERVAL_SECONDS, OnlineScorer, ScorerParts
from pitwall.evals.online.service import OnlineEvaluation
from pitwall.ingest.pricing.model_prices import priced
from pitwall.ingest.service import AppendLog, IngestService
from pitwall.kit.clock import Clock
from pitwall.llm.profiles import ModelProfile, chosen_profile
from pitwall.settings import Settings
from pitwall.stores.state import StateStore
from pitwall.traces.service import Traces
from pitwall.work.jobs import PeriodicJob
from pitwall.work.leases import Lease

if TYPE_CHECKING:
    from pitwall.stores.telemetry.engine import TelemetryEngine


class OnlineParts:
    """Everything about scoring live traces."""

    def __init__(
        self,
        settings: Settings,
        state: StateStore,
        clock: Clock,
        engine: TelemetryEngine,
        environ: Mapping[str, str],
        packs: Sequence[Path],
    ) -> None:
        self._packs = load_online_rules(packs, registry, clock.now())
        self._state = state
        self._clock = clock
        self._engine = engine
        self._profile = partial(find_profile, settings, environ, clock)
        self.registry = registry
        self.rules = OnlineEvaluation(state, clock, registry=registry, profile=self._profile)

    def feedback(self, log: AppendLog, ingest: IngestService) -> Feedback:
        """Make what takes in feedback."""
        return Feedback(FeedbackPlaces(self._engine), ScoreWriter(log, ingest), self._clock)

    def job(
        self,
        log: AppendLog,
        ingest: IngestService,
        lag_seconds: Callable[[], float],
        lease: Callable[[str], Lease | None],
    ) -> PeriodicJob:
        """Make the job that scores live traces."""
        parts = ScorerParts(
            state=self._state,
            clock=self._clock,
            arrivals=Arrivals(self._engine),
            traces=Traces(self._engine, self._clock),
            writer=ScoreWriter(log, ingest),
            registry=registry,
            lag_seconds=lag_seconds,
            profile=self._profile,
            packs=self._packs,
        )
        name = "online_evaluation"
        return PeriodicJob(name, INTERVAL_SECONDS, OnlineScorer(parts).run, lease=lease(name))


@cache
def registry() -> Registry:
    """Return the metrics, loaded when they are needed first."""
    return load()


def find_profile(
    settings: Settings, environ: Mapping[str, str], clock: Clock, name: str | None
) -> ModelProfile:
    """Return the models of a profile, with their prices of today.

    Raises:
        ProfilesInvalid, ProfileUnknown, ProfileUnusable: It cannot be used.
    """
    profile = chosen_profile(settings, environ, name)
    return priced(profile, clock.now().date(), user_file=settings.prices.file)
