"""Records the month, its projection and the use of budgets as points, for signals and alerts to have them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

import structlog
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from pitwall.core.errors import PitwallError
from pitwall.core.vocabulary import TelemetryType
from pitwall.costs.budgets.service import Budgets
from pitwall.costs.budgets.types import Budget
from pitwall.costs.period_costs import PeriodCosts
from pitwall.costs.periods import Period
from pitwall.ingest.service import IngestService, Submission
from pitwall.ingest.wire import Parsed
from pitwall.kit.clock import Clock, to_unix_nano

log = structlog.get_logger(__name__)

INTERVAL_SECONDS: Final = 60.0
_DOOR: Final = "costs"
_MONTH: Final = ""
# What takes long to sum, as a user's month, is summed less often: never more than a hundredth of the time.
_LEAST_REST: Final = 100
_LONGEST_REST_SECONDS: Final = 600.0


@dataclass(frozen=True, slots=True)
class CostPoint:
    """A value of now; a budget's has its name."""

    name: str
    value: float
    unit: str
    budget: str = ""


@dataclass(frozen=True, slots=True)
class RecorderParts:
    """What a recorder works with.

    Attributes:
        projects: Returns the projects to look at.
        ingest: Takes the points in.
    """

    costs: PeriodCosts
    budgets: Budgets
    projects: Callable[[], Iterable[str]]
    ingest: IngestService
    clock: Clock


class CostRecorder:
    """Looks at the costs of projects again and again; a project without costs leaves no points.

    Args:
        parts: What it works with.
    """

    def __init__(self, parts: RecorderParts) -> None:
        self._parts = parts
        self._due: dict[tuple[str, str], float] = {}

    def run(self) -> None:
        """Look at everything that is due, once; a project that fails leaves the others going."""
        for project in self._parts.projects():
            try:
                self.record(project)
            except PitwallError as error:
                log.warning("costs.not_recorded", project=project, error=str(error))

    def record(self, project: str) -> None:
        """Record what is due of one project.

        Raises:
            PitwallError: The store cannot be asked, or the log refuses the points.
        """
        at = self._parts.clock.now()
        points = list(self._points(project, at))
        if points:
            request = encode_points(points, at)
            parsed = Parsed(request, request.SerializeToString())
            self._parts.ingest.accept_blocking(Submission(TelemetryType.METRICS, project, _DOOR, parsed))

    def _points(self, project: str, at: datetime) -> Iterator[CostPoint]:
        yield from self._if_due(project, _MONTH, lambda: self._month(project, at))
        for state in self._parts.budgets.list(project):
            budget = state.budget
            yield from self._if_due(project, budget.name, partial(self._budget, project, budget))

    def _if_due(
        self, project: str, name: str, look: Callable[[], Iterable[CostPoint]]
    ) -> Iterable[CostPoint]:
        started = self._parts.clock.monotonic()
        if started < self._due.get((project, name), started):
            return ()
        points = list(look())
        ended = self._parts.clock.monotonic()
        self._due[project, name] = ended + min((ended - started) * _LEAST_REST, _LONGEST_REST_SECONDS)
        return points

    def _month(self, project: str, at: datetime) -> Iterator[CostPoint]:
        month = self._parts.costs.calendar.containing(Period.MONTH, at)
        cost = self._parts.costs.look(project, month, at)
        if cost.spent_usd is None:
            return
        yield CostPoint("pitwall.cost.month_to_date", cost.spent_usd, "usd")
        if cost.projection.total is not None:
            yield CostPoint("pitwall.cost.projected_month", cost.projection.total.usd, "usd")

    def _budget(self, project: str, budget: Budget) -> Iterator[CostPoint]:
        use = self._parts.budgets.use(project, budget)
        if use.used is not None:
            yield CostPoint("pitwall.budget.used", use.used, "1", budget.name)
        if use.used is not None and use.projected is not None:
            yield CostPoint("pitwall.budget.projected", use.projected, "1", budget.name)


def encode_points(points: Iterable[CostPoint], at: datetime) -> ExportMetricsServiceRequest:
    """Write values as OTLP gauges of the service `pitwall`."""
    request = ExportMetricsServiceRequest()
    resource_metrics = request.resource_metrics.add()
    resource_metrics.resource.attributes.add(key="service.name").value.string_value = "pitwall"
    scope_metrics = resource_metrics.scope_metrics.add()
    scope_metrics.scope.name = "pitwall.costs"
    for one in points:
        metric = scope_metrics.metrics.add(name=one.name, unit=one.unit)
        point = metric.gauge.data_points.add(time_unix_nano=to_unix_nano(at), as_double=one.value)
        if one.budget:
            point.attributes.add(key="budget").value.string_value = one.budget
    return request
