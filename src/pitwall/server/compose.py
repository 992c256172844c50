"""The composition root: which objects make a server, in the order they start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pitwall.access.authenticators import LocalTokenAuthenticator
from pitwall.access.exposure import check_exposure
from pitwall.access.http import read_caller
from pitwall.access.jobs import KeyUsageRecorder
from pitwall.access.service import AccessService
from pitwall.access.types import Principal
from pitwall.ingest.files.jobs import TraceDirFollower
from pitwall.ingest.files.repository import StoredRecords
from pitwall.ingest.files.service import FileIngest, FileIngestParts
from pitwall.ingest.limits import IngestLimits
from pitwall.ingest.service import IngestService
from pitwall.kit.clock import Clock
from pitwall.server.lifecycle import Component, Mode, Pitwall
from pitwall.server.self_metrics import SelfMetrics, SelfReporter
from pitwall.server.telemetry import TelemetryLog, TelemetryStore, make_masker
from pitwall.settings import Settings, refuse_unsafe_production
from pitwall.settings.production import is_loopback_host
from pitwall.signals.catalogue import core_pack, load_catalogue
from pitwall.signals.metrics_files import MetricsFileWriter
from pitwall.signals.service import Signals
from pitwall.signals.watermark import Watermark
from pitwall.stores.state import DEFAULT_PROJECT, StateStore

if TYPE_CHECKING:
    from pitwall.server.web import WebFeatures


def compose(settings: Settings, mode: Mode, clock: Clock, *, local_token: str) -> Pitwall:
    """Open the state store, check that the settings are safe, and put the server together.

    Args:
        local_token: Lets the command line of the server's own user in.

    Raises:
        UnsafeProduction: The prod profile with unsafe settings.
        UnsafeBinding: A stranger could reach the server, and there is no API key.
        StateStoreTooNew: A newer version of Pitwall has used this state.
        StateUnavailable: The state store cannot be reached.
    """
    state = StateStore(settings.state_url, clock=clock).open()
    try:
        access = _access(settings, state, clock, local_token)
    except BaseException:
        state.close()
        raise
    telemetry = Telemetry(settings, clock, mode, state)
    return Pitwall(
        settings=settings,
        mode=mode,
        clock=clock,
        state=state,
        access=access,
        components=_components(settings, mode, access, telemetry, clock),
        web=telemetry.web_features,
    )


class Telemetry:
    """Everything between a door and a number."""

    def __init__(self, settings: Settings, clock: Clock, mode: Mode, state: StateStore) -> None:
        self.settings = settings
        self.store = TelemetryStore(settings)
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
        self.signals = Signals(
            self.store.engine, load_catalogue([core_pack()]), Watermark(clock, self.log.lag_seconds)
        )
        started = clock.monotonic()
        self.self_metrics = SelfMetrics(
            self.log.log.stats, self.ingest.metrics, lambda: clock.monotonic() - started
        )

    def web_features(self, pitwall: Pitwall) -> WebFeatures:
        """Collect what the features add; runs while the components start, so these may not be open yet."""
        from pitwall.server.features import web_features

        return web_features(self, pitwall)


def _components(
    settings: Settings, mode: Mode, access: AccessService, telemetry: Telemetry, clock: Clock
) -> list[Component]:
    components: list[Component] = [telemetry.store, telemetry.log]
    if mode is Mode.OFFLINE:
        return components
    components.append(KeyUsageRecorder(access))
    if settings.metrics_enabled and mode is Mode.UP:
        components.append(MetricsFileWriter(telemetry.signals, DEFAULT_PROJECT, settings.metrics_path))
    if settings.sdk.trace_dir is not None and settings.sdk.trace_enable and mode is Mode.UP:
        components.append(TraceDirFollower(telemetry.files, settings.sdk.trace_dir, DEFAULT_PROJECT))
    if settings.tracing_enabled:
        components.append(SelfReporter(telemetry.self_metrics, telemetry.ingest, clock))
    if settings.server.grpc_port and mode is Mode.UP:
        components.append(_grpc_door(settings, access, telemetry.ingest))
    return components


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
    )


def _access(settings: Settings, state: StateStore, clock: Clock, local_token: str) -> AccessService:
    host = settings.server.host
    access = AccessService(
        state,
        clock,
        allow_anonymous=settings.access.anonymous == "loopback" and is_loopback_host(host),
        authenticators=[LocalTokenAuthenticator(local_token)],
    )
    has_keys = access.has_keys()
    refuse_unsafe_production(settings, has_api_keys=has_keys)
    check_exposure(host, has_keys=has_keys)
    return access
