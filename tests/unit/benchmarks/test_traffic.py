"""What the benchmarks send: the profile that the ingest bars are defined by, and traces that tell more."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from benchmarks.harness.judgements import SCORES_PER_ANSWER, Judgements
from benchmarks.harness.reports import INSTANCES, Reports
from benchmarks.harness.templates import make_pool, make_pool_of
from benchmarks.harness.traffic import SPANS_PER_TRACE, Traffic

END = 1_800_000_000 * 10**9


def kinds_of(traffic: Traffic, spans: int) -> Counter[str]:
    request = traffic.request(spans)
    return Counter(
        item.value.string_value.lower()
        for span in request.resource_spans[0].scope_spans[0].spans
        for item in span.attributes
        if item.key in ("openinference.span.kind", "pitwall.span.kind")
    )


def test_ingest_traffic_keeps_its_profile() -> None:
    """The bars speak of RAG traces of five spans, about 1.5 KB each: more kinds must not change that."""
    assert kinds_of(Traffic(1), 50) == dict.fromkeys(
        ("chain", "embedding", "retriever", "reranker", "llm"), 10
    )
    assert make_pool(requests=2, spans=500, seed=1).bytes_per_span == pytest.approx(1500, rel=0.05)


def test_telling_traces_have_the_other_kinds() -> None:
    """They are as long, have one model call each, and can be filled like the others."""
    kinds = kinds_of(Traffic(1, telling_ratio=1.0), 50)
    assert kinds == dict.fromkeys(("chain", "cache", "retriever", "llm", "parser"), 10)
    mixed = kinds_of(Traffic(1, telling_ratio=0.2), 500)
    assert 0 < mixed["cache"] == mixed["parser"] < 50
    assert mixed["llm"] == 500 // SPANS_PER_TRACE
    pool = make_pool_of(Traffic(1, telling_ratio=0.2), requests=1, spans=500)
    assert pool.bytes_per_span == pytest.approx(1500, rel=0.1)


def points_of(request: ExportMetricsServiceRequest) -> dict[str, list[Any]]:
    metrics = request.resource_metrics[0].scope_metrics[0].metrics
    return {metric.name: list(metric.gauge.data_points or metric.sum.data_points) for metric in metrics}


def test_judgements_cover_the_days_to_their_end() -> None:
    """As many scores as told, none outside."""
    judged = Judgements(END, days=1, every_seconds=60)
    records = [
        record
        for request in judged.requests()
        for record in request.resource_logs[0].scope_logs[0].log_records
    ]
    assert len(records) == judged.scores == 1440 * SCORES_PER_ANSWER
    times = {record.time_unix_nano for record in records}
    assert (min(times), max(times)) == (END - 86_340 * 10**9, END)


def test_reports_cover_the_days_to_their_end() -> None:
    """As many points as told, none outside, and a counter never falls."""
    reports = Reports(END, days=1, every_seconds=60)
    found = [points_of(request) for request in reports.requests()]
    points = [point for by_name in found for listed in by_name.values() for point in listed]
    assert len(points) == reports.points == len(INSTANCES) * 1440 * 6
    times = {point.time_unix_nano for point in points}
    assert (min(times), max(times)) == (END - 86_340 * 10**9, END)
    for name in ("pitwall.sdk.spans.exported", "pitwall.sdk.spans.dropped"):
        values = [point.as_double for by_name in found[:: len(INSTANCES)] for point in by_name[name]]
        assert values == sorted(values)
        assert values[-1] > values[0]
