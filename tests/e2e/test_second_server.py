"""Two servers on the same data: the second is refused by the name of the first, which goes on undisturbed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.support.pitwall_process import Clients, PitwallServer
from tests.support.stores import open_store
from tests.support.telemetry import assert_stored_once


def test_second_server_is_refused_while_the_first_takes_telemetry(tmp_path: Path) -> None:
    """The refusal names process and address, whatever its ports; the first loses nothing by it."""
    with (
        PitwallServer(tmp_path / "data") as first,
        PitwallServer(tmp_path / "data", log_path=tmp_path / "second.log") as second,
    ):
        with Clients(first.start().url) as clients:
            pid = first.process.pid if first.process else None
            for _ in range(2):
                assert second.run_to_its_end() == 1
            time.sleep(0.2)
        said = second.log_path.read_text()
        assert f"process {pid}" in said
        assert first.url in said
        assert "Traceback" not in said
        first.wait_until_applied()
        assert first.stop() == 0
    with open_store(first.data_dir) as engine:
        assert_stored_once(engine, clients.acknowledged)


@pytest.mark.slow
def test_successor_of_a_killed_server_takes_over(tmp_path: Path) -> None:
    """A killed server holds nothing: another one starts on its data and applies what it acknowledged."""
    with PitwallServer(tmp_path / "data") as first, PitwallServer(tmp_path / "data") as second:
        with Clients(first.start().url, patient=False) as clients:
            time.sleep(0.5)
            first.kill()
            second.start()
        second.wait_until_applied()
        assert second.stop() == 0
    assert clients.acknowledged
    with open_store(second.data_dir) as engine:
        assert_stored_once(engine, clients.acknowledged)
