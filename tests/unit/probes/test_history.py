"""What is remembered of runs: since when it is so, and how long a result says anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pitwall.probes.history import KEPT_RESULTS, after, status_now
from pitwall.probes.types import Outcome, Probe, ProbeRecord, ProbeStatus, Result, TcpProbe
from pitwall.probes.wire import read_record, record_view

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
RUNS = st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from(ProbeStatus)), min_size=1, max_size=120)


def _record(runs: list[tuple[int, ProbeStatus]]) -> ProbeRecord:
    record: ProbeRecord | None = None
    for seconds, status in runs:
        record = after(record, Result(START + timedelta(seconds=seconds), Outcome(status)))
    assert record is not None
    return record


def _probe(**fields: object) -> Probe:
    return TcpProbe.model_validate({"name": "p", "address": "127.0.0.1:1", **fields})


@given(RUNS)
def test_record_tells_since_when_it_is_so(runs: list[tuple[int, ProbeStatus]]) -> None:
    """`since` is the first of the last unbroken stretch of equal results, whatever was before."""
    ordered = sorted(enumerate(runs), key=lambda run: (run[1][0], run[0]))
    in_order = [run for _, run in ordered]
    record = _record(in_order)
    stretch = in_order[-1:]
    for run in reversed(in_order[:-1]):
        if run[1] is not in_order[-1][1]:
            break
        stretch.append(run)
    assert record.last.outcome.status is in_order[-1][1]
    assert record.since == START + timedelta(seconds=stretch[-1][0])


@given(RUNS)
def test_history_is_bounded_newest_first_and_survives_the_store(runs: list[tuple[int, ProbeStatus]]) -> None:
    """Results may come in any order; the newest is the last, and the written form says the same."""
    record = _record(runs)
    times = [one.at for one in record.recent]
    assert times == sorted(times, reverse=True)
    assert len(times) == min(len(runs), KEPT_RESULTS)
    assert record.last.at == max(START + timedelta(seconds=seconds) for seconds, _ in runs)
    assert read_record(record_view(record), record.since) == record


def test_result_that_is_too_old_says_nothing() -> None:
    """A server that stopped probing must not show `up` for ever; nor must a probe that is turned off."""
    record = _record([(0, ProbeStatus.UP)])
    probe = _probe(every_seconds=60, timeout_seconds=1, retries=0)
    assert status_now(probe, record, START + timedelta(seconds=170)) is ProbeStatus.UP
    assert status_now(probe, record, START + timedelta(seconds=200)) is ProbeStatus.UNKNOWN
    assert status_now(_probe(is_enabled=False), record, START) is ProbeStatus.UNKNOWN
    assert status_now(probe, None, START) is ProbeStatus.UNKNOWN
