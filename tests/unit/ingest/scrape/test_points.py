"""Samples become points: counters, gauges, histograms and summaries of one resource."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from pitwall.ingest.scrape.exposition import parse_page
from pitwall.ingest.scrape.points import PointsEncoder
from pitwall.ingest.scrape.types import Target

AT = 1_750_000_000 * 10**9
TARGET = Target("vllm", "http://user-free:8000/metrics", labels={"rack": "b2"})


def _encode(text: str, encoder: PointsEncoder | None = None) -> tuple[dict[str, Any], Counter[str]]:
    page = parse_page(text, is_openmetrics=False)
    request = (encoder or PointsEncoder(TARGET)).encode(page.families, AT, page.dropped)
    metrics = request.resource_metrics[0].scope_metrics[0].metrics
    return {metric.name: metric for metric in metrics}, page.dropped


def _labels(point: Any) -> dict[str, str]:
    return {one.key: one.value.string_value for one in point.attributes}


def test_resource_is_service_instance_and_labels() -> None:
    """The name of the target is the service unless it names one; host and port are the instance."""
    request = PointsEncoder(TARGET).encode_own({"up": 1.0}, AT)
    resource = request.resource_metrics[0].resource
    assert _labels(resource) == {
        "rack": "b2",
        "service.name": "vllm",
        "service.instance.id": "user-free:8000",
    }


def test_counter_is_a_cumulative_sum() -> None:
    """Under the name that stands on the page, with the time of the scrape."""
    metrics, _ = _encode('# TYPE calls_total counter\ncalls_total{path="/a"} 7')
    (point,) = metrics["calls_total"].sum.data_points
    assert (point.as_double, point.time_unix_nano, _labels(point)) == (7.0, AT, {"path": "/a"})
    assert metrics["calls_total"].sum.is_monotonic
    assert metrics["calls_total"].sum.aggregation_temporality == 2


def test_creation_time_is_the_start_of_a_counter() -> None:
    """So that what was counted before the first scrape is not lost; a start in the future is no start."""
    page = parse_page("# TYPE a counter\na_total 7\na_created 1749999000\n# EOF", is_openmetrics=True)
    request = PointsEncoder(TARGET).encode(page.families, AT, page.dropped)
    (metric,) = request.resource_metrics[0].scope_metrics[0].metrics
    assert metric.sum.data_points[0].start_time_unix_nano == 1_749_999_000 * 10**9


def test_histogram_keeps_its_buckets() -> None:
    """Cumulative buckets become the observations of each, one point for each label set."""
    lines = ["# TYPE w histogram"]
    for path, counts in (("a", (1, 3, 4)), ("b", (0, 0, 2))):
        lines += [
            f'w_bucket{{path="{path}",le="{le}"}} {n}'
            for le, n in zip(("0.1", "1", "+Inf"), counts, strict=True)
        ]
        lines += [f'w_sum{{path="{path}"}} 2.5', f'w_count{{path="{path}"}} {counts[-1]}']
    metrics, dropped = _encode("\n".join(lines))
    first, second = metrics["w"].histogram.data_points
    assert (list(first.explicit_bounds), list(first.bucket_counts)) == ([0.1, 1.0], [1, 2, 1])
    assert (first.count, first.sum, _labels(second)) == (4, 2.5, {"path": "b"})
    assert not dropped


@pytest.mark.parametrize(
    ("buckets", "reason"),
    [
        ('w_bucket{le="1"} 3\nw_bucket{le="+Inf"} 2', "invalid_histogram"),
        ('w_bucket{le="1"} 3', "invalid_histogram"),
        ('w_bucket{le="+Inf"} NaN', "invalid_histogram"),
        ('w_bucket{le="much"} 3\nw_bucket{le="+Inf"} 3', "invalid_bucket"),
    ],
)
def test_histogram_that_is_none_is_left_out(buckets: str, reason: str) -> None:
    """Buckets that fall, or have no end, are counted; nothing is made up."""
    _, dropped = _encode(f"# TYPE w histogram\n{buckets}")
    assert dropped[reason] == 1


def test_summary_keeps_its_quantiles() -> None:
    """With the count and the sum; a quantile without observations stays NaN."""
    metrics, _ = _encode('# TYPE s summary\ns{quantile="0.5"} 1.5\ns{quantile="0.9"} NaN\ns_sum 9\ns_count 6')
    (point,) = metrics["s"].summary.data_points
    assert (point.count, point.sum, len(point.quantile_values)) == (6, 9.0, 2)


def test_what_is_no_number_is_no_point() -> None:
    """NaN is how exporters say that there is nothing; infinity no store can add up."""
    metrics, dropped = _encode("a NaN\nb +Inf\nc 1")
    assert list(metrics) == ["c"]
    assert dropped == {"nan": 1, "infinite": 1}


def test_sample_with_its_own_time_is_sent_once() -> None:
    """An exporter may show the same old sample at every scrape."""
    encoder = PointsEncoder(TARGET)
    first, _ = _encode("x 1 1749999990000", encoder)
    again, dropped = _encode("x 1 1749999990000", encoder)
    newer, _ = _encode("x 1 1749999991000", encoder)
    assert first["x"].gauge.data_points[0].time_unix_nano == 1_749_999_990 * 10**9
    assert (again, dropped) == ({}, {"sent_before": 1})
    assert newer


def test_labels_of_prometheus_itself_make_way() -> None:
    """A page's own job and instance are exported_job and exported_instance, as in Prometheus."""
    metrics, _ = _encode('x{job="batch",instance="i"} 1')
    (point,) = metrics["x"].gauge.data_points
    assert _labels(point) == {"exported_job": "batch", "exported_instance": "i"}
