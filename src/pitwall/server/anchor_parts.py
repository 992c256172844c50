"""What checks judges by anchors: the service, the job that judges them again, and the one that records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING

from pitwall.evals.anchors.recording import INTERVAL_SECONDS as RECORD_SECONDS
from pitwall.evals.anchors.recording import AnchorRecorder
from pitwall.evals.anchors.service import Anchors
from pitwall.evals.anchors.types import CHECK_SECONDS
from pitwall.evals.runs.reading import RunReader
from pitwall.ingest.service import IngestService
from pitwall.kit.clock import Clock
from pitwall.server.online_parts import find_profile, registry
from pitwall.settings import Settings
from pitwall.stores.state import StateStore
from pitwall.work.jobs import PeriodicJob
from pitwall.work.leases import Lease

if TYPE_CHECKING:
    from pitwall.evals.anchors.checking import AnchorChecker
    from pitwall.server.lifecycle import Component


class AnchorParts:
    """Everything about anchors."""

    def __init__(
        self,
        settings: Settings,
        state: StateStore,
        clock: Clock,
        reader: RunReader,
        environ: Mapping[str, str],
    ) -> None:
        self._state = state
        self._clock = clock
        self._reader = reader
        self._profile = partial(find_profile, settings, environ, clock)
        self._checks: PeriodicJob | None = None
        self.anchors = Anchors(state, clock, registry=registry, wake=self._wake)

    def components(self, ingest: IngestService, lease: Callable[[str], Lease | None]) -> list[Component]:
        """The jobs, in the order they start."""
        recorder = AnchorRecorder(self._state, ingest, self._clock)
        name = "eval-anchor-points"
        points = PeriodicJob(name, RECORD_SECONDS, recorder.run, lease=lease(name))

        def check() -> None:
            if self._checker.run():
                points.wake()

        name = "eval-anchors"
        self._checks = PeriodicJob(name, CHECK_SECONDS, check, lease=lease(name))
        return [points, self._checks]

    @cached_property
    def _checker(self) -> AnchorChecker:
        """Imported, with what judges and compares, by the job."""
        from pitwall.evals.anchors.checking import AnchorChecker, CheckerParts

        return AnchorChecker(
            CheckerParts(
                state=self._state,
                clock=self._clock,
                reader=self._reader,
                registry=registry,
                profile=self._profile,
            )
        )

    def _wake(self) -> None:
        if self._checks is not None:
            self._checks.wake()
