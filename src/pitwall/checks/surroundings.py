"""What items look at: handed in by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pitwall.access.types import Principal
from pitwall.kit.clock import Clock
from pitwall.probes.running import Runner
from pitwall.probes.service import Probes
from pitwall.settings import Settings
from pitwall.signals.service import Signals
from pitwall.stores.state import IngestSource
from pitwall.stores.telemetry.engine import TelemetryEngine
from pitwall.traces.service import Traces


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A server as checklists see it.

    Attributes:
        sources: Returns how far the files of a project are imported.
        count_spans: Returns how many spans all projects of users hold.
    """

    settings: Settings
    signals: Signals
    traces: Traces
    engine: TelemetryEngine
    probes: Probes
    runner: Runner
    clock: Clock
    sources: Callable[[str], list[IngestSource]]
    count_spans: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Looking:
    """One run: where, for whom, and what the caller told.

    Attributes:
        settings: Settings as the caller would start a server with, by path, as text.
    """

    around: Surroundings
    by: Principal
    variables: Mapping[str, str]
    settings: Mapping[str, str]

    @property
    def project(self) -> str:
        """The project that is looked at."""
        return self.by.project_id


def folder(path: str) -> Path:
    """The directory that a text names."""
    return Path(path).expanduser()
