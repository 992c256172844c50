"""Probes of a project: saved, run, recorded as signals, shown with uptime; over HTTP and by the command."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.access.types import Principal
from pitwall.core.errors import Unavailable
from pitwall.ingest.service import IngestService, Submission
from pitwall.kit.clock import SystemClock
from pitwall.probes.errors import ProbeFromPack, ProbeNotFound
from pitwall.probes.recording import ResultRecorder
from pitwall.probes.running import Runner
from pitwall.probes.service import ProbeParts, Probes
from pitwall.probes.types import PROBE, DiskProbe, Outcome, PackProbe, Probe, ProbeStatus, Result
from pitwall.signals.types import SignalQuery
from pitwall.stores.state import AuditLog, tables
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.support.watched_store import WatchedStore, open_watched_store

CLOCK = SystemClock()


@pytest.fixture
def store(tmp_path: Path, telemetry_engine: TelemetryEngine, project: str) -> Iterator[WatchedStore]:
    with open_watched_store(tmp_path, telemetry_engine, project) as opened:
        yield opened


@pytest.fixture
def probes(store: WatchedStore) -> Probes:
    pack = PackProbe("pack core", store.project, DiskProbe(name="disk", path="/"))
    return Probes(
        ProbeParts(
            state=store.state,
            packs=[pack],
            runner=Runner({}, "/", pause_seconds=0.01),
            recorder=ResultRecorder(store.ingest),
            signals=store.signals,
            clock=CLOCK,
        )
    )


@pytest.fixture
def operator(project: str) -> Principal:
    return LOCAL_OPERATOR.on_project(project)


def _tcp(port: int, name: str = "db", **fields: object) -> Probe:
    return PROBE.validate_python(
        {
            "name": name,
            "kind": "tcp",
            "address": f"127.0.0.1:{port}",
            "retries": 0,
            "service": "shop",
            **fields,
        }
    )


def _signal(store: WatchedStore, name: str, *by: str) -> dict[tuple[str, ...], tuple[float | None, int]]:
    now = CLOCK.now()
    query = SignalQuery(name, store.project, now - timedelta(hours=1), now + timedelta(minutes=1), by=by)
    return {
        tuple(series.labels.values()): (series.values[0], series.counts[0])
        for series in store.signals.query(query).series
    }


def test_runs_become_signals_and_the_uptime_is_the_signals(
    probes: Probes, store: WatchedStore, operator: Principal, project: str
) -> None:
    """Three of four runs found it up: the API's uptime, the signal and its labels say the same."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        probes.save(_tcp(server.getsockname()[1]), by=operator)
        for _ in range(3):
            probes.run(project, "db")
    down = probes.run(project, "db")
    store.drain()
    assert down.record is not None
    assert down.record.last.outcome.status is ProbeStatus.DOWN
    assert [one.status for one in down.record.recent] == ["down", "up", "up", "up"]
    assert probes.uptimes(project)["db"] == {"24h": 0.75, "7d": 0.75}
    assert _signal(store, "probe.uptime", "probe", "service") == {("db", "shop"): (0.75, 4)}
    assert _signal(store, "probe.up", "probe") == {("db",): (0.0, 4)}
    assert _signal(store, "probe.latency_ms", "probe_kind")[("tcp",)][1] == 3


def test_probe_that_could_not_ask_is_no_data(
    probes: Probes, store: WatchedStore, operator: Principal, project: str
) -> None:
    """Without its secret nothing is known of the service: no point, no uptime, and the reason is shown."""
    probe = PROBE.validate_python({"name": "cache", "kind": "redis", "secret": "missing"})
    probes.save(probe, by=operator)
    state = probes.run(project, "cache")
    store.drain()
    assert state.record is not None
    assert state.record.last.outcome.status is ProbeStatus.UNKNOWN
    assert state.record.last.outcome.error is not None
    assert "missing" in state.record.last.outcome.error.ko
    assert probes.uptimes(project) == {}
    assert _signal(store, "probe.up") == {(): (None, 0)}


def test_team_changes_a_probe_of_a_pack_and_gets_it_back(
    probes: Probes, store: WatchedStore, operator: Principal, project: str
) -> None:
    """What the team saves wins, a turned off probe is not run, and every change is in the audit log."""
    with pytest.raises(ProbeFromPack):
        probes.delete("disk", by=operator)
    off = DiskProbe(name="disk", path="/", is_enabled=False)
    assert probes.save(off, by=operator).is_stored
    assert (project, "disk") not in [(owner, probe.name) for owner, probe in probes.in_force()]
    left = probes.delete("disk", by=operator)
    assert left is not None
    assert left.probe.is_enabled
    with pytest.raises(ProbeNotFound):
        probes.get(project, "nothing")
    with store.state.session(read_only=True) as session:
        actions = [entry.action for entry in AuditLog(session).list(project_id=project)]
    assert actions == ["probe.deleted", "probe.saved"]


def test_probe_that_this_version_cannot_run_leaves_the_others(
    probes: Probes, store: WatchedStore, operator: Principal, project: str
) -> None:
    """What another version saved is left out of the list and of the schedule, and the rest is there."""
    probes.save(_tcp(1), by=operator)
    with store.state.session() as session:
        content = {"name": "odd", "kind": "gopher"}
        row = {"project_id": project, "name": "odd", "content": content, "updated_by": "x"}
        session.execute(insert(tables.probes).values(**row, updated_at=CLOCK.now()))
    assert [state.probe.name for state in probes.list(project)] == ["db", "disk"]
    assert (project, "db") in [(owner, probe.name) for owner, probe in probes.in_force()]


class _ClosedDoor(IngestService):
    """Refuses until it is opened."""

    is_open = False

    def accept_blocking(self, submission: Submission) -> object:  # type: ignore[override]
        if not self.is_open:
            raise Unavailable("full")
        return super().accept_blocking(submission)


def test_results_wait_while_the_log_refuses_them(store: WatchedStore, project: str) -> None:
    """A full log costs no result: they go in with the next one, in their order."""
    door = store.ingest
    door.__class__ = _ClosedDoor
    recorder = ResultRecorder(door)
    probe, began = _tcp(1), CLOCK.now() - timedelta(seconds=10)
    for second in range(3):
        outcome = Outcome(ProbeStatus.UP if second else ProbeStatus.DOWN)
        recorder.record(project, probe, Result(began + timedelta(seconds=second), outcome))
    _ClosedDoor.is_open = True
    recorder.record(project, probe, Result(began + timedelta(seconds=3), Outcome(ProbeStatus.UP)))
    store.drain()
    assert _signal(store, "probe.uptime") == {(): (0.75, 4)}


def test_hundred_probes_cost_little(probes: Probes, store: WatchedStore, project: str) -> None:
    """A round of 100 probes of a local port, recorded and kept, takes little processor time."""
    with socket.create_server(("127.0.0.1", 0), backlog=200) as server:
        port = server.getsockname()[1]
        began = time.process_time()
        for number in range(100):
            probes.run_probe(project, _tcp(port, f"p{number}"))
        used = time.process_time() - began
    store.drain()
    assert len(_signal(store, "probe.uptime", "probe")) == 100
    assert used < 5.0
