"""One scrape of one target: fetch, read, store; what goes wrong is in the report, never an exception."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime

import httpx
import structlog
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from pitwall.core.errors import PitwallError
from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.scrape.exposition import Page, PageIncomplete, parse_page
from pitwall.ingest.scrape.fetching import Fetched, ScrapeFailed, fetch
from pitwall.ingest.scrape.points import PointsEncoder
from pitwall.ingest.scrape.types import ScrapeReport, Target
from pitwall.ingest.service import AcceptResult, IngestService, Submission
from pitwall.ingest.wire import Parsed
from pitwall.kit.clock import Clock

log = structlog.get_logger(__name__)

_DOOR = "scrape"


class Scraper:
    """Scrapes one target of a project, again and again.

    Args:
        target: What to scrape.
        project: Where its points go.
        ingest: The ordinary path of points.
        clock: Time of the points.
    """

    def __init__(self, target: Target, project: str, ingest: IngestService, clock: Clock) -> None:
        self.target = target
        self._project = project
        self._ingest = ingest
        self._clock = clock
        self._encoder = PointsEncoder(target)

    async def scrape(self, client: httpx.AsyncClient) -> ScrapeReport:
        """Scrape once and store the points; `up` and the duration are points in any case."""
        at, at_unix_nano, started = self._clock.now(), self._clock.unix_nano(), self._clock.monotonic()
        try:
            fetched = await fetch(client, self.target)
            report = await asyncio.to_thread(self._store, fetched, at, at_unix_nano)
        except (ScrapeFailed, PageIncomplete, PitwallError) as error:
            report = ScrapeReport(at, is_up=False, error=str(error))
        except Exception as error:  # a page may be wrong in ways nobody thought of; the others go on
            log.exception("scrape.failed", target=self.target.name)
            report = ScrapeReport(at, is_up=False, error=type(error).__name__)
        report = replace(report, duration_seconds=self._clock.monotonic() - started)
        return await asyncio.to_thread(self._store_own, report, at_unix_nano)

    def _store(self, fetched: Fetched, at: datetime, at_unix_nano: int) -> ScrapeReport:
        page = parse_page(fetched.text, is_openmetrics=fetched.is_openmetrics)
        if page.problem is not None and not page.samples:
            raise ScrapeFailed(f"it is no page of metrics; {page.problem}")
        request = self._encoder.encode(page.families, at_unix_nano, page.dropped)
        return _report(at, page, self._accept(request))

    def _store_own(self, report: ScrapeReport, at_unix_nano: int) -> ScrapeReport:
        own = {"up": float(report.is_up), "scrape_duration_seconds": report.duration_seconds}
        if report.is_up:
            own["scrape_samples_scraped"] = float(report.samples)
        try:
            self._accept(self._encoder.encode_own(own, at_unix_nano))
        except PitwallError as error:
            return replace(report, error=report.error or f"its points were not stored: {error}")
        return report

    def _accept(self, request: ExportMetricsServiceRequest) -> AcceptResult:
        parsed = Parsed(request, request.SerializeToString())
        return self._ingest.accept_blocking(Submission(TelemetryType.METRICS, self._project, _DOOR, parsed))


def _report(at: datetime, page: Page, result: AcceptResult) -> ScrapeReport:
    dropped = Counter(page.dropped)
    dropped.update(record.reason.value for record in result.rejected)
    return ScrapeReport(
        at=at,
        is_up=True,
        samples=page.samples,
        points=result.accepted,
        dropped=dict(dropped),
        problem=page.problem,
    )
