"""Which objects make a server, in the order they start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pitwall.access.http import read_caller
from pitwall.access.jobs import KeyUsageRecorder
from pitwall.access.service import AccessService
from pitwall.access.types import Principal
from pitwall.alerts.jobs import AlertJob, AlertJobParts
from pitwall.alerts.metrics import alert_families
from pitwall.alerts.pack_files import load_rules
from pitwall.alerts.rulebook import RuleBook
from pitwall.alerts.service import AlertService
from pitwall.checks.pack_files import load_checklists
from pitwall.ingest.archive.service import Archive, ArchiveParts
from pitwall.ingest.files.jobs import TraceDirFollower
from pitwall.ingest.files.local import LocalSink
from pitwall.ingest.files.repository import StoredRecords
from pitwall.ingest.files.service import FileIngest, FileIngestParts
from pitwall.ingest.limits import IngestLimits
from pitwall.ingest.recompute.jobs import WrapperMarker
from pitwall.ingest.recompute.service import RecomputeParts, RecomputeService
from pitwall.ingest.scrape.jobs import ScrapeLoop
from pitwall.ingest.scrape.service import Scraping
from pitwall.ingest.scrape.wire import settings_targets
from pitwall.ingest.service import IngestService
from pitwall.kit.clock import Clock
from pitwall.server.anchor_parts import AnchorParts
from pitwall.server.cost_parts import CostParts
from pitwall.server.eval_parts import EvalParts
from pitwall.server.incident_parts import IncidentParts
from pitwall.server.lifecycle import Component, Mode, Pitwall
from pitwall.server.notification_parts import Notifying
from pitwall.server.online_parts import OnlineParts
from pitwall.server.probe_parts import ProbeParts
from pitwall.server.self_metrics import SelfMetrics, SelfReporter
from pitwall.server.telemetry import TelemetryLog, TelemetryStore, make_masker
from pitwall.settings import Settings
from pitwall.signals.catalogue import all_packs, load_catalogue
from pitwall.signals.metrics_files import MetricsFileWriter, ProjectMetricsFiles
from pitwall.signals.service import Signals
from pitwall.signals.watermark import Watermark
from pitwall.stores.state import DEFAULT_PROJECT, SELF_PROJECT, Projects, StateStore
from pitwall.work.events import forget_events
from pitwall.work.jobs import PeriodicJob
from pitwall.work.leases import Lease

if TYPE_CHECKING:
    from pitwall.server.web import WebFeatures

_FORGET_SECONDS = 3600.0
# The first pages after a start come before files that nobody has asked for.
_PAUSE_SECONDS = 5.0
_EVENTS_KEPT = timedelta(days=14)
_DAY_SECONDS = 86_400.0


class Telemetry:
    """Everything between a door and a number."""

    def __init__(
        self,
        settings: Settings,
        mode: Mode,
        clock: Clock,
        state: StateStore,
        store: TelemetryStore,
        environ: Mapping[str, str],
    ) -> None:
        self.settings = settings
        self._mode = mode
        self._clock = clock
        self._state = state
        self.store = store
        self.log = TelemetryLog(settings, self.store, clock, mode)
        masker = make_masker(settings)
        self.ingest = IngestService(self.log.log, clock, masker=masker, limits=_limits(settings))
        self.files = FileIngest(
            FileIngestParts(
                state=state,
                log=self.log.log,
                ingest=self.ingest,
                stored=StoredRecords(self.store.engine),
                lag_seconds=self.log.lag_seconds,
                masker=masker,
                clock=clock,
            )
        )
        self.scraping = Scraping(state, settings_targets(settings.scrape), self.ingest, clock)
        self.archive = Archive(
            ArchiveParts(
                directory=settings.archive_path,
                max_bytes=settings.archive.max_bytes,
                sink=lambda project: LocalSink(self.files, project),
                state=state,
                clock=clock,
            )
        )
        self.recompute = RecomputeService(
            RecomputeParts(
                engine=self.store.engine,
                writes=self.store.writes,
                state=state,
                clock=clock,
                is_cluster=self._is_cluster,
            )
        )
        packs = all_packs(settings.packs)
        self.signals = Signals(
            self.store.engine, load_catalogue(packs), Watermark(clock, self.log.lag_seconds)
        )
        self.rule_book = RuleBook(load_rules(packs, self.signals.catalogue), self.signals.catalogue)
        self.incidents = IncidentParts(
            settings.incidents, state, clock, self.store.engine, self.signals, lease=self._lease
        )
        self.notifying = Notifying(settings, state, clock, self.signals, environ, lease=self._lease)
        self.alert_job = self._alert_job()
        self.alerts = AlertService(state, self.rule_book, clock, changed=self.alert_job.wake)
        self.costs = CostParts(settings, state, clock, self.store.engine, self.signals, packs)
        self.probes = ProbeParts(settings, state, clock, self.ingest, self.signals, packs)
        self.evals = EvalParts(settings, state, clock, environ)
        self.online = OnlineParts(settings, state, clock, self.store.engine, environ, packs)
        self.anchors = AnchorParts(settings, state, clock, self.evals.reader, environ)
        self.checklists = load_checklists(packs, settings.checks.file, self.signals.catalogue)
        started = clock.monotonic()
        self.self_metrics = SelfMetrics(
            self.log.log.stats,
            self.ingest.metrics,
            lambda: clock.monotonic() - started,
            lambda: alert_families(self.alert_job.counters),
        )

    def web_features(self, pitwall: Pitwall) -> WebFeatures:
        """Collect what the features add; runs while the components start, so these may not be open yet."""
        from pitwall.server.features import web_features

        return web_features(self, pitwall)

    def components(self, access: AccessService) -> list[Component]:
        """What to start, in order, before requests are served."""
        components: list[Component] = [self.store, self.log]
        if self._mode is Mode.OFFLINE:
            return components
        components.append(KeyUsageRecorder(access))
        if self._mode is Mode.UP and self.settings.server.grpc_port:
            components.append(_grpc_door(self.settings, access, self.ingest))
        return components

    def background(self) -> list[Component]:
        """What works beside requests, in the order it starts."""
        settings, is_up = self.settings, self._mode is Mode.UP
        components: list[Component] = []
        if self._mode is Mode.OFFLINE:
            return components
        if settings.metrics_enabled and is_up:
            path, pause = settings.metrics_path, {"pause_seconds": _PAUSE_SECONDS}
            components += [
                MetricsFileWriter(self.signals, DEFAULT_PROJECT, path, **pause),
                ProjectMetricsFiles(self.signals, self._other_projects, path, **pause),
            ]
        if is_up:
            components += self._jobs()
        if settings.tracing_enabled:
            components.append(SelfReporter(self.self_metrics, self.ingest, self._clock))
        return components

    def _jobs(self) -> list[Component]:
        """What only a process that does everything has."""
        settings, lease = self.settings, self._lease
        components: list[Component] = [
            self.incidents.explainer,
            self.incidents.keeper,
            self.alert_job,
            *self.notifying.components(self._good_rounds),
            PeriodicJob("events", _FORGET_SECONDS, self._forget_events, lease=lease("events")),
            ScrapeLoop(self.scraping, self._clock, lease=lease("scrape")),
            self.costs.job(self._projects, self.ingest, lease),
            *self.evals.components(self.log.log, self.ingest, lease),
            *self.anchors.components(self.ingest, lease),
            self.online.job(self.log.log, self.ingest, self.log.lag_seconds, lease),
        ]
        trace_dir = settings.ingest.trace_dir if settings.ingest.trace_enable else None
        if trace_dir is not None:
            components.append(TraceDirFollower(self.files, trace_dir, DEFAULT_PROJECT))
            if settings.archive.after_days is not None:
                components.append(self._archive_job(trace_dir, settings.archive.after_days))
        if not self._is_cluster:
            components.append(WrapperMarker(self.recompute, self._projects, self._clock))
        if settings.probes.enabled:
            components.append(self.probes.job(lease))
        return components

    def _alert_job(self) -> AlertJob:
        return AlertJob(
            AlertJobParts(
                state=self._state,
                signals=self.signals,
                book=self.rule_book,
                clock=self._clock,
                projects=self._projects,
                arrived=self._applied_records,
                told=[self.incidents.keeper.wake, self.notifying.job.wake],
                lease=self._lease(AlertJob.name),
            )
        )

    def _good_rounds(self) -> int:
        """How often alert rules were evaluated without a failure; does not grow while that fails."""
        counters = self.alert_job.counters
        return counters.rounds - counters.failed_rounds

    def _lease(self, name: str) -> Lease | None:
        """The right to do a job; a state store that is embedded has this one process only."""
        is_alone = self.settings.state_store.is_embedded
        return None if is_alone else Lease(self._state, self._clock, name)

    def _applied_records(self) -> int:
        return sum(stream.applied_records for stream in self.log.log.stats().streams.values())

    def _forget_events(self) -> None:
        with self._state.session() as session:
            forget_events(session, self._clock.now() - _EVENTS_KEPT)

    def _archive_job(self, trace_dir: Path, after_days: int) -> PeriodicJob:
        run = partial(self.archive.run, DEFAULT_PROJECT, trace_dir, timedelta(days=after_days))
        return PeriodicJob("archive", _DAY_SECONDS, run, lease=self._lease("archive"))

    @property
    def _is_cluster(self) -> bool:
        return self.settings.telemetry_store.cluster is not None

    def _projects(self) -> list[str]:
        """Projects whose telemetry is somebody else's than Pitwall's own."""
        with self._state.session(read_only=True) as session:
            return [project.id for project in Projects(session).list() if project.id != SELF_PROJECT]

    def _other_projects(self) -> list[str]:
        """All of them but the one of those who name none."""
        return [project for project in self._projects() if project != DEFAULT_PROJECT]


def _grpc_door(settings: Settings, access: AccessService, ingest: IngestService) -> Component:
    from pitwall.ingest.otlp_grpc import GrpcAddress, OtlpGrpcDoor  # slow to import, and may be turned off

    def authenticate(metadata: Sequence[tuple[bytes, bytes]]) -> Principal:
        return access.authenticate(read_caller(metadata).credential)

    return OtlpGrpcDoor(ingest, authenticate, GrpcAddress(settings.server.host, settings.server.grpc_port))


def _limits(settings: Settings) -> IngestLimits:
    return IngestLimits(
        max_request_bytes=settings.ingest.max_request_bytes,
        max_body_bytes=settings.ingest.max_body_bytes,
        max_attributes=settings.ingest.max_attributes_per_span,
        max_events=settings.ingest.max_events_per_span,
    )
