"""What checks of anchors found as points of their project, for signals and alerts to have it.

A check happens once a day, an alert asks every few minutes: what the last check measured is recorded again
and again until it is too old to say anything of the judge of today.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from pitwall.core.errors import PitwallError
from pitwall.core.vocabulary import TelemetryType
from pitwall.evals.anchors.repository import AnchorQueue, AnchorSets
from pitwall.evals.anchors.types import AnchorSet, Check, CheckState
from pitwall.ingest.service import IngestService, Submission
from pitwall.ingest.wire import Parsed
from pitwall.kit.clock import Clock, to_unix_nano
from pitwall.stores.state import StateStore

log = structlog.get_logger(__name__)

INTERVAL_SECONDS: Final = 300.0
_DOOR: Final = "eval_anchors"
_GRACE: Final = timedelta(hours=2)
_UNITS: Final = {"moved": "1", "anchor_agreement": "1", "anchor_shift": "1"}


@dataclass(frozen=True, slots=True)
class AnchorRecorder:
    """Records what is known of judges by anchors; calls block."""

    state: StateStore
    ingest: IngestService
    clock: Clock

    def run(self) -> None:
        """Record all sets; one that fails leaves the others going."""
        with self.state.session(read_only=True) as session:
            sets = AnchorQueue(session).enabled()
        for anchors in sets:
            try:
                self._record(anchors)
            except PitwallError as error:
                log.warning("eval_anchors.not_recorded", anchors=anchors.name, error=str(error))

    def _record(self, anchors: AnchorSet) -> None:
        now = self.clock.now()
        with self.state.session(read_only=True) as session:
            check = AnchorSets(session, anchors.project_id).last_measured(anchors)
        if check is None or check.finished_at is None:
            return
        if now - check.finished_at > 2 * anchors.every + _GRACE:
            return
        request = encode_check(check, now)
        parsed = Parsed(request, request.SerializeToString())
        self.ingest.accept_blocking(Submission(TelemetryType.METRICS, anchors.project_id, _DOOR, parsed))


def encode_check(check: Check, at: datetime) -> ExportMetricsServiceRequest:
    """Write what a check measured as OTLP gauges of the service `pitwall`."""
    request = ExportMetricsServiceRequest()
    resource_metrics = request.resource_metrics.add()
    resource_metrics.resource.attributes.add(key="service.name").value.string_value = "pitwall"
    scope_metrics = resource_metrics.scope_metrics.add()
    scope_metrics.scope.name = "pitwall.evals.anchors"
    for drift in check.content["metrics"]:
        for name, value in _values(drift):
            metric = scope_metrics.metrics.add(name=f"pitwall.eval.judge.{name}", unit=_UNITS[name])
            point = metric.gauge.data_points.add(time_unix_nano=to_unix_nano(at), as_double=value)
            for key, text in (
                ("anchors", check.name),
                ("eval.metric", drift["metric"]),
                ("eval.judge", check.content["judge"]),
            ):
                point.attributes.add(key=key).value.string_value = text
    return request


def _values(drift: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """What a metric was measured to be; nothing where it was not."""
    state = CheckState(drift["state"])
    if not state.is_measured:
        return
    yield "moved", float(state is CheckState.MOVED)
    if drift["agreement"] is not None:
        yield "anchor_agreement", drift["agreement"]["value"]
    if drift["unit"] == "ratio":
        yield "anchor_shift", drift["shift"]["difference"]
