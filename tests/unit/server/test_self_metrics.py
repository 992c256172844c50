"""Pitwall's own figures: one set of numbers, written as OpenMetrics and as OTLP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.counters import IngestMetrics, Outcome
from pitwall.server.self_metrics import SelfMetrics, encode_families
from pitwall.signals.openmetrics import Family, Sample, expose
from pitwall.stores.telemetry.wal import WriteAheadLog


@pytest.fixture
def log(tmp_path: Path) -> Iterator[WriteAheadLog]:
    log = WriteAheadLog(tmp_path / "wal")
    yield log
    log.close()


def _gather(log: WriteAheadLog, doors: IngestMetrics) -> dict[str, Family]:
    metrics = SelfMetrics(log.stats, doors, lambda: 12.5)
    return {family.name: family for family in metrics.families()}


def test_every_stream_has_its_lag(log: WriteAheadLog) -> None:
    """A stream that nothing came in on is there with 0, so that a dashboard does not have to guess."""
    lag = _gather(log, IngestMetrics())["pitwall_ingest_lag_seconds"]
    assert {sample.labels["stream"] for sample in lag.samples} == set(TelemetryType)
    assert all(sample.value == 0 for sample in lag.samples)


def test_records_that_wait_for_the_store_are_counted(log: WriteAheadLog) -> None:
    """Depth counts what is acknowledged and not applied yet."""
    log.append(TelemetryType.TRACES, "shop", b"\x0a\x00", 3, "otlp_http")
    log.flush()
    depth = _gather(log, IngestMetrics())["pitwall_ingest_depth_records"]
    assert {sample.labels["stream"]: sample.value for sample in depth.samples}[TelemetryType.TRACES] == 3


def test_rejected_records_are_counted_by_door(log: WriteAheadLog) -> None:
    """What a door refused is shown under its name, whatever the reason."""
    doors = IngestMetrics()
    doors.count_outcome("otlp_http", TelemetryType.TRACES, Outcome(5, ["bad_id", "bad_time"]))
    rejected = _gather(log, doors)["pitwall_door_rejected_records"]
    assert rejected.samples == (Sample(2, {"door": "otlp_http", "stream": "traces"}, "_total"),)


def test_the_same_numbers_go_out_both_ways(log: WriteAheadLog) -> None:
    """OpenMetrics and OTLP are two spellings of one list."""
    families = list(_gather(log, IngestMetrics()).values())
    request = encode_families(families, 1, 2)
    metrics = request.resource_metrics[0].scope_metrics[0].metrics
    assert [metric.name for metric in metrics] == [family.name for family in families]
    uptime = next(metric for metric in metrics if metric.name == "pitwall_uptime_seconds")
    assert uptime.gauge.data_points[0].as_double == 12.5
    assert "pitwall_uptime_seconds 12.5" in expose(families)


def test_counters_become_cumulative_sums(log: WriteAheadLog) -> None:
    """A reader of OTLP can tell a total from a level."""
    families = _gather(log, IngestMetrics())
    request = encode_families([families["pitwall_cpu_seconds"]], 1, 2)
    cpu = request.resource_metrics[0].scope_metrics[0].metrics[0]
    assert cpu.sum.is_monotonic
    assert cpu.sum.data_points[0].start_time_unix_nano == 1
