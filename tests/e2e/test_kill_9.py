"""`kill -9` of `pitwall up` at any moment under load: what was acknowledged is there, once, everywhere."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.support.mixed_clients import MixedClients, assert_all_stored_once
from tests.support.pitwall_process import PitwallServer, free_port
from tests.support.stores import open_store

KILLS = 30
SEED = 20261120
TABLES = ("logs", "points", "scores", "dead_letters")


@pytest.mark.slow
def test_acknowledged_records_survive_kill_9_exactly_once(tmp_path: Path) -> None:
    """Thirty kills, while starting, taking, applying, replaying: no acknowledged record is lost or doubled.

    Spans come by HTTP and gRPC, logs as JSON, points, scores by the Langfuse door, and among spans a bad one.
    """
    chance = random.Random(SEED)
    with PitwallServer(tmp_path / "data", grpc_port=free_port()) as server:
        patient = MixedClients(server.url, server.grpc_port, clients=2)
        impatient = MixedClients(server.url, server.grpc_port, clients=2, patient=False, first=1_000_000)
        with patient, impatient:
            start_seconds = _measure_start(server)
            for _ in range(KILLS):
                server.launch()
                if chance.random() < 0.7:
                    _wait_for_acknowledgement(server, patient)
                    time.sleep(chance.uniform(0.0, 0.6))
                else:
                    time.sleep(chance.uniform(0.0, start_seconds))
                server.kill()
            server.start()
            time.sleep(0.5)
        server.wait_until_applied()
        assert server.stop() == 0
    traces = patient.acknowledged | impatient.acknowledged
    records = {table: patient.records[table] | impatient.records[table] for table in TABLES}
    assert len(traces) > 300
    assert all(len(numbers) > 10 for numbers in records.values()), records
    with open_store(server.data_dir) as engine:
        assert_all_stored_once(engine, traces, records)


def _measure_start(server: PitwallServer) -> float:
    began = time.monotonic()
    server.start().kill()
    return time.monotonic() - began


def _wait_for_acknowledgement(server: PitwallServer, clients: MixedClients) -> None:
    before = len(clients.acknowledged)
    server.wait_for(lambda: len(clients.acknowledged) > before)
