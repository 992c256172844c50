"""`kill -9` of `pitwall up` at any moment under load: what was acknowledged is there, once, everywhere."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.support.pitwall_process import Clients, PitwallServer
from tests.support.stores import open_store
from tests.support.telemetry import assert_stored_once

KILLS = 30
SEED = 20261120


@pytest.mark.slow
def test_acknowledged_spans_survive_kill_9_exactly_once(tmp_path: Path) -> None:
    """Thirty kills, while starting, taking, applying, replaying: no acknowledged span is lost or doubled."""
    chance = random.Random(SEED)
    with PitwallServer(tmp_path / "data") as server:
        patient = Clients(server.url, clients=2)
        impatient = Clients(server.url, clients=2, patient=False, first=1_000_000)
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
    acknowledged = patient.acknowledged | impatient.acknowledged
    assert len(acknowledged) > 1000
    with open_store(server.data_dir) as engine:
        assert_stored_once(engine, acknowledged)


def _measure_start(server: PitwallServer) -> float:
    began = time.monotonic()
    server.start().kill()
    return time.monotonic() - began


def _wait_for_acknowledgement(server: PitwallServer, clients: Clients) -> None:
    before = len(clients.acknowledged)
    server.wait_for(lambda: len(clients.acknowledged) > before)
