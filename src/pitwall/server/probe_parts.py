"""What makes probes: the runner, the probes of packs and teams, and the job that runs them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

from pitwall.ingest.service import IngestService
from pitwall.kit.clock import Clock
from pitwall.probes.jobs import ProbeJob, Prober
from pitwall.probes.pack_files import load_probes
from pitwall.probes.recording import ResultRecorder
from pitwall.probes.running import Runner
from pitwall.probes.service import ProbeParts as ServiceParts
from pitwall.probes.service import Probes
from pitwall.probes.types import PackProbe
from pitwall.settings import Settings
from pitwall.signals.service import Signals
from pitwall.stores.state import SELF_PROJECT, StateStore
from pitwall.work.leases import Lease


class ProbeParts:
    """Everything about probes."""

    def __init__(
        self,
        settings: Settings,
        state: StateStore,
        clock: Clock,
        ingest: IngestService,
        signals: Signals,
        packs: Sequence[Path],
    ) -> None:
        self._clock = clock
        own = settings.probes
        self.runner = Runner(own.secrets, str(settings.data_dir), own.allowed_hosts)
        self.probes = Probes(
            ServiceParts(
                state=state,
                packs=_pack_probes(settings, packs),
                runner=self.runner,
                recorder=ResultRecorder(ingest),
                signals=signals,
                clock=clock,
            )
        )

    def job(self, lease: Callable[[str], Lease | None]) -> ProbeJob:
        """Make the job that runs probes when they are due."""
        probes = self.probes
        prober = Prober(probes.in_force, probes.revision, probes.run_probe, self._clock, random.Random())
        return ProbeJob(prober, lease=lease("probes"))


def _pack_probes(settings: Settings, packs: Sequence[Path]) -> list[PackProbe]:
    """The probes of packs and of the user's file; Pitwall's own only while it records its own work."""
    loaded = load_probes(packs, settings.probes.file)
    return [one for one in loaded if settings.tracing_enabled or one.project_id != SELF_PROJECT]
