"""Metrics become rows of `points`, one a data point, with nothing of a point lost."""

from __future__ import annotations

from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from pitwall.core.vocabulary import TelemetryType
from tests.integration.ingest.mapping_rows import RECEIVED, Stages, key_values

_AT = RECEIVED - 1_000_000_000
_TIMES = {"start_time_unix_nano": _AT - 60_000_000_000, "time_unix_nano": _AT}


def _request() -> tuple[ExportMetricsServiceRequest, Any]:
    request = ExportMetricsServiceRequest()
    group = request.resource_metrics.add()
    group.resource.attributes.extend(
        key_values({"service.name": "shop", "deployment.environment.name": "prod"})
    )
    scope = group.scope_metrics.add()
    scope.scope.name, scope.scope.version = "meter", "2"
    return request, scope


def _points(stages: Stages, request: ExportMetricsServiceRequest) -> dict[str, dict[str, Any]]:
    stages.insert(TelemetryType.METRICS, request.SerializeToString())
    return {row["name"]: row for row in stages.rows("points")}


def test_gauge_and_sum(stages: Stages) -> None:
    """Integers and doubles, 0 included; a sum knows its temporality and direction."""
    request, scope = _request()
    gauge = scope.metrics.add(name="temp", unit="Cel", description="how warm")
    gauge.gauge.data_points.add(as_double=0.0, attributes=key_values({"room": "a"}), **_TIMES)
    total = scope.metrics.add(name="calls")
    total.sum.is_monotonic, total.sum.aggregation_temporality = True, 2
    total.sum.data_points.add(as_int=-3, **_TIMES)
    points = _points(stages, request)
    temp, calls = points["temp"], points["calls"]
    assert (temp["type"], temp["value"], temp["unit"], temp["description"]) == (
        "gauge",
        0.0,
        "Cel",
        "how warm",
    )
    assert (temp["attributes"], temp["service"], temp["environment"]) == ({"room": "a"}, "shop", "prod")
    assert (temp["scope_name"], temp["scope_version"]) == ("meter", "2")
    assert (calls["type"], calls["value"], calls["temporality"], calls["is_monotonic"]) == (
        "sum",
        -3.0,
        "cumulative",
        True,
    )


def test_series_has_an_id_of_its_own(stages: Stages) -> None:
    """Points of one series share an id; another attribute or another instance makes another series."""
    request, scope = _request()
    gauge = scope.metrics.add(name="temp").gauge
    for room in ("a", "a", "b"):
        gauge.data_points.add(as_double=1.0, attributes=key_values({"room": room}), **_TIMES)
    other, other_scope = _request()
    other.resource_metrics[0].resource.attributes.extend(key_values({"service.instance.id": "2"}))
    other_scope.metrics.add(name="temp").gauge.data_points.add(
        as_double=1.0, attributes=key_values({"room": "a"}), **_TIMES
    )
    stages.insert(TelemetryType.METRICS, request.SerializeToString(), other.SerializeToString())
    rooms = [(row["attributes"]["room"], row["series_id"]) for row in stages.rows("points")]
    assert sorted(room for room, _ in set(rooms)) == ["a", "a", "b"]
    assert len({series for _, series in rooms}) == 3


def test_histogram_keeps_its_buckets(stages: Stages) -> None:
    """Bounds, counts, sum and range, and exemplars with their trace."""
    request, scope = _request()
    histogram = scope.metrics.add(name="latency").histogram
    histogram.aggregation_temporality = 1
    point = histogram.data_points.add(count=6, sum=2.5, min=0.0, max=1.5, **_TIMES)
    point.bucket_counts.extend([1, 2, 3])
    point.explicit_bounds.extend([0.1, 1.0])
    point.exemplars.add(time_unix_nano=_AT, as_double=0.7, trace_id=b"t" * 16, span_id=b"s" * 8)
    row = _points(stages, request)["latency"]
    assert (row["type"], row["temporality"], row["count"], row["sum"]) == ("histogram", "delta", 6, 2.5)
    assert (row["min"], row["max"], row["value"]) == (0.0, 1.5, None)
    assert (row["bucket_bounds"], row["bucket_counts"]) == ([0.1, 1.0], [1, 2, 3])
    [exemplar] = row["exemplars"]
    assert list(exemplar.values() if isinstance(exemplar, dict) else exemplar)[1:] == [
        0.7,
        b"t" * 16,
        b"s" * 8,
    ]


def test_exponential_histogram_and_summary(stages: Stages) -> None:
    """Scale and offsets of one, quantiles of the other; a missing sum is no 0."""
    request, scope = _request()
    exponential = scope.metrics.add(name="size").exponential_histogram.data_points.add(
        count=4, scale=3, zero_count=1, **_TIMES
    )
    exponential.positive.offset = -2
    exponential.positive.bucket_counts.extend([1, 2])
    exponential.negative.offset = 5
    summary = scope.metrics.add(name="old").summary.data_points.add(count=2, sum=3.0, **_TIMES)
    summary.quantile_values.add(quantile=0.5, value=1.25)
    points = _points(stages, request)
    size, old = points["size"], points["old"]
    assert (size["scale"], size["zero_count"], size["positive_offset"], size["negative_offset"]) == (
        3,
        1,
        -2,
        5,
    )
    assert (size["positive_counts"], size["sum"], size["min"]) == ([1, 2], None, None)
    [quantile] = old["quantiles"]
    assert list(quantile.values() if isinstance(quantile, dict) else quantile) == [0.5, 1.25]
    assert (old["type"], old["count"], old["sum"]) == ("summary", 2, 3.0)


def test_points_of_one_request_are_all_there(stages: Stages) -> None:
    """Every data point of every metric is one row."""
    request, scope = _request()
    for number in range(5):
        metric = scope.metrics.add(name=f"m{number}")
        for value in range(number):
            metric.gauge.data_points.add(as_int=value, **_TIMES)
    stages.insert(TelemetryType.METRICS, request.SerializeToString())
    values = [(row["name"], row["value"]) for row in stages.rows("points")]
    assert sorted(values) == [(f"m{number}", float(v)) for number in range(5) for v in range(number)]


def test_no_name_of_a_point_holds_a_secret(stages: Stages) -> None:
    """Metric, unit, description, scope and keys are looked at like values."""
    secret = "sk-abcdefghijklmnopqrstuvwxyz"
    request, scope = _request()
    scope.scope.name, scope.scope.version = secret, secret
    gauge = scope.metrics.add(name=f"calls {secret}", unit=secret, description=secret)
    gauge.gauge.data_points.add(as_double=1.0, attributes=key_values({secret: secret}), **_TIMES)
    points = _points(stages, request)
    assert secret not in repr(points)
    [point] = points.values()
    assert point["name"] == "calls [masked:secret]"
    assert point["attributes"] == {"[masked:secret]": "[masked:secret]"}
