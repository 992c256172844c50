"""Samples of a page as OTLP metrics: counters, gauges, histograms and summaries of one resource."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, Metric

from pitwall.ingest.scrape.exposition import Exemplar, Family, Labels, Sample
from pitwall.ingest.scrape.types import Target
from pitwall.kit.clock import NANOS_PER_SECOND

_CUMULATIVE = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
_SCOPE = "pitwall.scrape"
# Prometheus names these labels of its own; a page's own labels of that name make way.
_TAKEN = frozenset({"job", "instance"})
_MAX_COUNT = 2**63


@dataclass(slots=True)
class _Group:
    """What histograms and summaries spread over several lines."""

    parts: dict[float, float] = field(default_factory=dict)
    exemplars: list[Exemplar] = field(default_factory=list)
    sum: float | None = None
    count: float | None = None
    created: float | None = None
    seconds: float | None = None


class PointsEncoder:
    """Writes the pages of one target; remembers which samples with a time of their own it has sent.

    Args:
        target: Whose pages.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._sent: dict[tuple[str, Labels], float] = {}

    def encode(
        self, families: Iterable[Family], at_unix_nano: int, dropped: Counter[str]
    ) -> ExportMetricsServiceRequest:
        """Return the request; `dropped` counts what cannot be a point."""
        request, metrics = self._request()
        for family in families:
            _FamilyWriter(family, metrics, at_unix_nano, dropped, self._is_new).write()
        return request

    def encode_own(self, values: dict[str, float], at_unix_nano: int) -> ExportMetricsServiceRequest:
        """Return a request with gauges that tell about the scrape itself, such as `up`."""
        request, metrics = self._request()
        for name, value in values.items():
            unit = "s" if name.endswith("_seconds") else ""
            point = metrics.add(name=name, unit=unit).gauge.data_points.add(time_unix_nano=at_unix_nano)
            point.as_double = value
        return request

    def _request(self) -> tuple[ExportMetricsServiceRequest, Any]:
        request = ExportMetricsServiceRequest()
        resource_metrics = request.resource_metrics.add()
        target = self._target
        attributes = {
            **target.labels,
            "service.name": target.service or target.name,
            "service.instance.id": target.instance or _host_and_port(target.url),
        }
        for key, value in attributes.items():
            resource_metrics.resource.attributes.add(key=key).value.string_value = value
        scope_metrics = resource_metrics.scope_metrics.add()
        scope_metrics.scope.name = _SCOPE
        return request, scope_metrics.metrics

    def _is_new(self, sample: Sample) -> bool:
        """A sample that says when it was taken is sent once, however often the page still shows it."""
        if sample.seconds is None:
            return True
        key = (sample.name, sample.labels)
        if self._sent.get(key, -math.inf) >= sample.seconds:
            return False
        self._sent[key] = sample.seconds
        return True


class _FamilyWriter:
    def __init__(
        self, family: Family, metrics: Any, at_unix_nano: int, dropped: Counter[str], is_new: Any
    ) -> None:
        self._family = family
        self._metrics = metrics
        self._at = at_unix_nano
        self._dropped = dropped
        self._is_new = is_new

    def write(self) -> None:
        match self._family.type:
            case "counter":
                self._write_counter()
            case "histogram":
                self._write_groups(self._add_histogram, "le")
            case "summary":
                self._write_groups(self._add_summary, "quantile")
            case _:
                self._write_gauges()

    def _write_gauges(self) -> None:
        metrics: dict[str, Metric] = {}
        for sample in self._finite():
            metric = metrics.get(sample.name)
            if metric is None:
                metric = metrics[sample.name] = self._add_metric(sample.name)
            self._add_number(metric.gauge.data_points, sample)

    def _write_counter(self) -> None:
        created = {
            sample.labels: sample.value for sample in self._family.samples if _ends(sample, "_created")
        }
        metric = None
        for sample in self._finite():
            if _ends(sample, "_created"):
                continue
            if metric is None:
                metric = self._add_metric(sample.name)
                metric.sum.is_monotonic = True
                metric.sum.aggregation_temporality = _CUMULATIVE
            point = self._add_number(metric.sum.data_points, sample)
            self._set_start(point, created.get(sample.labels))

    def _finite(self) -> Iterator[Sample]:
        for sample in self._family.samples:
            if not math.isfinite(sample.value):
                self._dropped["nan" if math.isnan(sample.value) else "infinite"] += 1
            elif self._is_new(sample):
                yield sample
            else:
                self._dropped["sent_before"] += 1

    def _write_groups(self, add: Any, key: str) -> None:
        metric = None
        for labels, group in self._groups(key).items():
            if metric is None:
                metric = self._add_metric(self._family.name)
            add(metric, labels, group)

    def _groups(self, key: str) -> dict[Labels, _Group]:
        groups: dict[Labels, _Group] = defaultdict(_Group)
        for sample in self._family.samples:
            own = tuple(pair for pair in sample.labels if pair[0] != key)
            group = groups[own]
            group.seconds = sample.seconds
            if _ends(sample, "_sum"):
                group.sum = sample.value
            elif _ends(sample, "_count"):
                group.count = sample.value
            elif _ends(sample, "_created"):
                group.created = sample.value
            else:
                self._add_part(group, sample, key)
        return groups

    def _add_part(self, group: _Group, sample: Sample, key: str) -> None:
        try:
            bound = float(dict(sample.labels)[key])
        except (KeyError, ValueError):
            self._dropped["invalid_bucket" if key == "le" else "invalid_quantile"] += 1
            return
        group.parts[bound] = sample.value
        if sample.exemplar is not None:
            group.exemplars.append(sample.exemplar)

    def _add_histogram(self, metric: Metric, labels: Labels, group: _Group) -> None:
        counts = _bucket_counts(group)
        if counts is None:
            self._dropped["invalid_histogram"] += 1
            return
        metric.histogram.aggregation_temporality = _CUMULATIVE
        point = metric.histogram.data_points.add(time_unix_nano=self._time(group.seconds))
        point.explicit_bounds.extend(sorted(group.parts)[:-1])
        point.bucket_counts.extend(counts)
        point.count = sum(counts)
        if group.sum is not None and math.isfinite(group.sum):
            point.sum = group.sum
        self._set_start(point, group.created)
        self._add_attributes(point, labels)
        for exemplar in group.exemplars:
            self._add_exemplar(point, exemplar)

    def _add_summary(self, metric: Metric, labels: Labels, group: _Group) -> None:
        if group.count is None or not _is_count(group.count):
            self._dropped["invalid_summary"] += 1
            return
        point = metric.summary.data_points.add(time_unix_nano=self._time(group.seconds))
        point.count = int(group.count)
        if group.sum is not None and math.isfinite(group.sum):
            point.sum = group.sum
        for quantile, value in sorted(group.parts.items()):
            if 0 <= quantile <= 1:
                point.quantile_values.add(quantile=quantile, value=value)
            else:
                self._dropped["invalid_quantile"] += 1
        self._set_start(point, group.created)
        self._add_attributes(point, labels)

    def _add_metric(self, name: str) -> Metric:
        metric: Metric = self._metrics.add(name=name, description=self._family.help, unit=self._family.unit)
        return metric

    def _add_number(self, points: Any, sample: Sample) -> Any:
        point = points.add(time_unix_nano=self._time(sample.seconds), as_double=sample.value)
        self._add_attributes(point, sample.labels)
        if sample.exemplar is not None:
            self._add_exemplar(point, sample.exemplar)
        return point

    def _add_attributes(self, point: Any, labels: Labels) -> None:
        for name, value in labels:
            key = f"exported_{name}" if name in _TAKEN else name
            point.attributes.add(key=key).value.string_value = value

    def _add_exemplar(self, point: Any, exemplar: Exemplar) -> None:
        if not math.isfinite(exemplar.value):
            return
        added = point.exemplars.add(as_double=exemplar.value, time_unix_nano=self._time(exemplar.seconds))
        for name, value in exemplar.labels:
            digits = _hexadecimal(value)
            if name == "trace_id" and len(digits) == 16:
                added.trace_id = digits
            elif name == "span_id" and len(digits) == 8:
                added.span_id = digits
            else:
                added.filtered_attributes.add(key=name).value.string_value = value

    def _set_start(self, point: Any, created: float | None) -> None:
        if created is not None and math.isfinite(created) and created > 0:
            point.start_time_unix_nano = min(self._nano(created), point.time_unix_nano)

    def _time(self, seconds: float | None) -> int:
        is_known = seconds is not None and math.isfinite(seconds) and seconds > 0
        return self._nano(seconds or 0.0) if is_known else self._at

    def _nano(self, seconds: float) -> int:
        return min(int(seconds * NANOS_PER_SECOND), _MAX_COUNT - 1)


def _bucket_counts(group: _Group) -> list[int] | None:
    """The observations of each bucket; None if the buckets do not make a histogram."""
    bounds = sorted(group.parts)
    if not bounds or bounds[-1] != math.inf or any(math.isnan(bound) for bound in bounds):
        return None
    totals = [group.parts[bound] for bound in bounds]
    if not all(map(_is_count, totals)) or totals != sorted(totals):
        return None
    return [int(total) - int(before) for before, total in zip([0.0, *totals[:-1]], totals, strict=True)]


def _is_count(value: float) -> bool:
    return math.isfinite(value) and 0 <= value < _MAX_COUNT


def _ends(sample: Sample, suffix: str) -> bool:
    return sample.name.endswith(suffix)


def _hexadecimal(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _host_and_port(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2]
