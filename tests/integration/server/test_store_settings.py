"""From a setting to the store: what is set is what the store does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pitwall.server.telemetry import TelemetryStore
from pitwall.settings import load_settings
from pitwall.stores.telemetry.engine import QueryTimedOut
from tests.support import settings_process
from tests.support.clickhouse_process import ClickHouseServer

ROOT = Path(__file__).resolve().parents[3]
RETENTION_PREFIX = "PITWALL_TELEMETRY_STORE__RETENTION__"
RETENTION = {
    "SPANS": ("spans", 2),
    "PAYLOADS": ("payloads", 3),
    "POINTS": ("points", 4),
    "LOGS": ("logs", 5),
    "SCORES": ("scores", 6),
    "ROLLUPS_MINUTE": ("spans_by_minute", 7),
    "ROLLUPS_HOUR": ("spans_by_hour", 8),
    "DEAD_LETTERS": ("dead_letters", 9),
}


def _look(data_dir: Path, **environ: str) -> dict[str, Any]:
    """Start a server with these settings and return what `settings_process` found in its store."""
    done = subprocess.run(
        [sys.executable, "-m", settings_process.__name__, str(data_dir)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]), **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_settings_of_the_store_are_in_force(tmp_path: Path) -> None:
    """Masking rules, each class of retention, the limits on memory and on queries; and a change of them."""
    retention = {f"{RETENTION_PREFIX}{name}_DAYS": str(days) for name, (_, days) in RETENTION.items()}
    found = _look(
        tmp_path / "data",
        PITWALL_MASKING__RULES="email,card",
        PITWALL_TELEMETRY_STORE__MAX_MEMORY_BYTES="900MiB",
        PITWALL_TELEMETRY_STORE__MAX_QUERY_SECONDS="7.5",
        **retention,
    )
    assert found["question"] == settings_process.QUESTION.replace(
        "kim@example.com", "[masked:email]"
    ).replace("4111 1111 1111 1111", "[masked:card]")
    assert found["retention_days"] == dict(RETENTION.values())
    assert found["memory_bytes"] == 900 * 1024**2
    assert found["query_seconds"] == 7.5


def test_settings_of_a_store_that_is_there_can_be_changed(tmp_path: Path) -> None:
    """The next start brings retention and masking to what is set then; the mode off masks nothing."""
    data_dir, days = tmp_path / "data", f"{RETENTION_PREFIX}SPANS_DAYS"
    first = _look(data_dir, **{days: "3"})
    assert "[masked:secret]" in first["question"]
    second = _look(data_dir, PITWALL_MASKING__MODE="off", **{days: "40"})
    assert (first["retention_days"]["spans"], second["retention_days"]["spans"]) == (3, 40)
    assert second["question"] == settings_process.QUESTION


@pytest.fixture
def clickhouse_server(tmp_path: Path) -> Iterator[ClickHouseServer]:
    """Return a ClickHouse server."""
    server = ClickHouseServer(tmp_path / "clickhouse").start()
    yield server
    server.stop()


def test_limit_on_queries_holds_on_a_server(clickhouse_server: ClickHouseServer, tmp_path: Path) -> None:
    """A query of a remote store is cut off by the server, which says so; other work may take longer."""
    environ = {
        "PITWALL_TELEMETRY_STORE__URL": clickhouse_server.url(),
        "PITWALL_TELEMETRY_STORE__MAX_QUERY_SECONDS": "0.5",
    }
    engine = TelemetryStore(load_settings(environ=environ, flags={"data_dir": tmp_path})).engine
    with pytest.raises(QueryTimedOut):
        engine.query("SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1")
    engine.command("SELECT sleep(1)")
    engine.close()
