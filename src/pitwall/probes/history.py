"""What is remembered of a probe's runs: the last result, since when it is so, and some before it."""

from __future__ import annotations

from datetime import datetime, timedelta

from pitwall.probes.types import Probe, ProbeRecord, ProbeStatus, RecentResult, Result

KEPT_RESULTS = 60
_STALE_RUNS = 3
_LEAST_STALE = timedelta(seconds=60)


def after(record: ProbeRecord | None, result: Result) -> ProbeRecord:
    """The record once a result is added; one that is older than the last changes nothing but the history."""
    recent = RecentResult(result.at, result.outcome.status, result.outcome.latency_ms)
    if record is None:
        return ProbeRecord(result, result.at, (recent,))
    kept = tuple(sorted((recent, *record.recent), key=lambda one: one.at, reverse=True)[:KEPT_RESULTS])
    if result.at < record.last.at:
        return ProbeRecord(record.last, record.since, kept)
    is_same = result.outcome.status is record.last.outcome.status
    return ProbeRecord(result, record.since if is_same else result.at, kept)


def status_now(probe: Probe, record: ProbeRecord | None, now: datetime) -> ProbeStatus:
    """How the service is as far as anybody knows: a result that is too old says nothing any more."""
    if record is None or not probe.is_enabled:
        return ProbeStatus.UNKNOWN
    longest_run = timedelta(seconds=(probe.timeout_seconds + 1) * (probe.retries + 1))
    patience = max(_LEAST_STALE, timedelta(seconds=_STALE_RUNS * probe.every_seconds)) + longest_run
    return ProbeStatus.UNKNOWN if now - record.last.at > patience else record.last.outcome.status
