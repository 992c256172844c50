"""The endpoints of every feature, put together; imports the web framework, so it is itself imported late."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from fastapi import APIRouter

from pitwall.access.http import authenticate_headers
from pitwall.alerts.endpoints import alerts_router
from pitwall.alerts.preview import Previewer
from pitwall.anomalies.endpoints import anomalies_router
from pitwall.anomalies.service import Anomalies
from pitwall.artifacts.endpoints import alertmanager_router
from pitwall.artifacts.external_alerts import ExternalAlerts
from pitwall.boards.endpoints import boards_router
from pitwall.boards.pack_files import load_boards
from pitwall.boards.service import Boards
from pitwall.changes.endpoints import changes_router
from pitwall.checks.endpoints import checks_router
from pitwall.checks.service import Checklists
from pitwall.checks.surroundings import Surroundings
from pitwall.checks.telling import tell_by
from pitwall.costs.budgets.endpoints import budgets_router
from pitwall.costs.endpoints import costs_router
from pitwall.incidents.endpoints import incidents_router
from pitwall.ingest.archive.endpoints import ArchiveDefaults, archive_router
from pitwall.ingest.dead_letters.endpoints import dead_letters_router
from pitwall.ingest.dead_letters.repository import DeadLetters
from pitwall.ingest.dead_letters.service import DeadLetterService
from pitwall.ingest.files.endpoints import sources_router
from pitwall.ingest.langfuse.endpoints import langfuse_router
from pitwall.ingest.langfuse.service import LangfuseDoor
from pitwall.ingest.otlp_http import otlp_routes
from pitwall.ingest.otlp_openapi import otlp_paths
from pitwall.ingest.pricing.endpoints import prices_router
from pitwall.ingest.pricing.lookup import read_book
from pitwall.ingest.pricing.service import Prices
from pitwall.ingest.recompute.endpoints import recompute_router
from pitwall.ingest.scrape.endpoints import scrape_router
from pitwall.live.endpoints import live_router
from pitwall.live.freshness import FreshnessService
from pitwall.live.repository import LastReceived
from pitwall.live.service import Live
from pitwall.notifications.endpoints import notifications_router
from pitwall.probes.endpoints import probes_router
from pitwall.server.totals import SpansByProject, TotalsCounter, count_spans
from pitwall.server.web import WebFeatures
from pitwall.signals.catalogue import all_packs
from pitwall.signals.endpoints import metrics_router, signals_router
from pitwall.signals.openmetrics import OpenMetricsExporter
from pitwall.traces.endpoints import traces_router
from pitwall.traces.error_groups.endpoints import error_groups_router
from pitwall.traces.error_groups.service import ErrorGroups
from pitwall.traces.explore_endpoints import explore_router
from pitwall.traces.exploring import TraceExplorer
from pitwall.traces.service import Traces
from pitwall.views.endpoints import views_router
from pitwall.views.service import Views

if TYPE_CHECKING:
    from pitwall.server.lifecycle import Pitwall
    from pitwall.server.parts import Telemetry


def web_features(telemetry: Telemetry, pitwall: Pitwall) -> WebFeatures:
    """Build routers and routes over the parts of a server."""
    settings, engine = pitwall.settings, telemetry.store.engine
    authenticate = partial(
        authenticate_headers, pitwall.access, allowed_origins=frozenset(settings.server.allowed_origins)
    )
    traces = Traces(engine, pitwall.clock)
    routers = [
        signals_router(telemetry.signals),
        anomalies_router(Anomalies(telemetry.signals)),
        # Before the traces: `/traces/columns` is no trace.
        explore_router(TraceExplorer(engine, pitwall.clock)),
        error_groups_router(ErrorGroups(engine, pitwall.clock)),
        traces_router(traces),
        _live(telemetry, pitwall, traces),
        sources_router(telemetry.files),
        langfuse_router(
            LangfuseDoor(telemetry.log.log, telemetry.ingest, pitwall.clock), version=pitwall.version
        ),
        dead_letters_router(
            DeadLetterService(DeadLetters(engine), telemetry.ingest, pitwall.state, pitwall.clock)
        ),
        prices_router(Prices(partial(read_book, engine), pitwall.clock)),
        recompute_router(telemetry.recompute),
        alertmanager_router(ExternalAlerts(pitwall.state, pitwall.clock, telemetry.alert_job.told)),
        scrape_router(telemetry.scraping),
        boards_router(_boards(telemetry, pitwall)),
        views_router(Views(pitwall.state, pitwall.clock)),
        notifications_router(telemetry.notifying.service),
        costs_router(telemetry.costs.costs, telemetry.costs.advisor),
        budgets_router(telemetry.costs.budgets),
        changes_router(telemetry.incidents.changes, pitwall.clock),
        incidents_router(telemetry.incidents.desk),
        alerts_router(
            telemetry.alerts,
            Previewer(telemetry.signals, telemetry.rule_book),
            telemetry.incidents.desk.of_alerts,
            telemetry.notifying.service.quiet,
        ),
        probes_router(telemetry.probes.probes, pitwall.clock),
        checks_router(_checklists(telemetry, pitwall, traces)),
        archive_router(
            telemetry.archive,
            ArchiveDefaults(settings.ingest.trace_dir, settings.archive.after_days),
            pitwall.clock,
        ),
    ]
    if settings.metrics_enabled:
        exporter = OpenMetricsExporter(telemetry.signals, telemetry.self_metrics.families)
        routers.append(metrics_router(exporter))
    return WebFeatures(
        routers=routers,
        late_routers=partial(_late_routers, telemetry, pitwall, traces),
        raw_routes=otlp_routes(telemetry.ingest, authenticate),
        raw_paths=otlp_paths(),
        # A remote store that is down does not close the doors: what is acknowledged waits in the log.
        checks={"telemetry_store": telemetry.store.check} if settings.telemetry_store.is_embedded else {},
        ingest_status=TotalsCounter(engine, telemetry.log.log.stats, pitwall.clock),
        count_spans=SpansByProject(engine, telemetry.log.log.stats, pitwall.clock),
    )


def _late_routers(telemetry: Telemetry, pitwall: Pitwall, traces: Traces) -> list[APIRouter]:
    from pitwall.server.eval_routers import eval_routers  # a fifth of the server's code

    return eval_routers(telemetry, pitwall, traces)


def _boards(telemetry: Telemetry, pitwall: Pitwall) -> Boards:
    catalogue = telemetry.signals.catalogue
    return Boards(
        pitwall.state, load_boards(all_packs(pitwall.settings.packs), catalogue), catalogue, pitwall.clock
    )


def _checklists(telemetry: Telemetry, pitwall: Pitwall, traces: Traces) -> Checklists:
    settings = pitwall.settings
    around = Surroundings(
        settings=settings,
        signals=telemetry.signals,
        traces=traces,
        engine=telemetry.store.engine,
        probes=telemetry.probes.probes,
        runner=telemetry.probes.runner,
        clock=pitwall.clock,
        sources=telemetry.files.all,
        count_spans=partial(count_spans, telemetry.store.engine),
    )
    trace_dir = settings.ingest.trace_dir
    known = {} if trace_dir is None else {"trace_dir": str(trace_dir)}
    variables = {**known, **settings.checks.variables}
    tell = tell_by(telemetry.notifying.service.deliveries)
    return Checklists(pitwall.state, telemetry.checklists, around, variables, notify=tell)


def _live(telemetry: Telemetry, pitwall: Pitwall, traces: Traces) -> APIRouter:
    last_received = LastReceived(telemetry.store.engine, pitwall.clock)
    freshness = FreshnessService(telemetry.signals, telemetry.log.log.stats, last_received, pitwall.clock)
    live = Live(freshness, traces, pitwall.state)
    pitwall.before_drain.append(live.close)
    return live_router(live, version=pitwall.version, started_at=pitwall.started_at)
