"""Every kind of probe against the real thing: well, degraded, down and unknown are told apart."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from pitwall.probes.running import Runner
from pitwall.probes.types import PROBE, Outcome, ProbeStatus
from tests.integration.probes.http_service import running_service
from tests.support.services import (
    free_port,
    running_chroma,
    running_postgres,
    running_redis,
    running_simulator,
)

UP, DEGRADED, DOWN, UNKNOWN = ProbeStatus


@pytest.fixture
def service() -> Iterator[str]:
    with running_service() as (url, _):
        yield url


def _run(*, runner: Runner | None = None, **fields: Any) -> Outcome:
    probe = PROBE.validate_python({"name": "p", "retries": 0, **fields})
    return (runner or Runner({"token": SecretStr("s3cret")}, "/", pause_seconds=0.01)).run("default", probe)


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("/well", {}, UP),
        ("/well", {"contains": "healthy"}, UP),
        ("/well", {"contains": "Störung"}, DOWN),
        ("/well", {"json": {"path": "checks.0.name", "equals": "db"}}, UP),
        ("/well", {"json": {"path": "checks.0.ok", "equals": True}}, UP),
        ("/well", {"json": {"path": "checks.0.ok", "equals": 1}}, DOWN),
        ("/well", {"json": {"path": "checks.1.ok"}}, DOWN),
        ("/degraded", {"json": {"path": "status", "equals": "healthy", "degraded": "degraded"}}, DEGRADED),
        ("/degraded", {"json": {"path": "status", "equals": "healthy"}}, DOWN),
        ("/unhealthy", {}, DOWN),
        ("/unhealthy", {"status": [503]}, UP),
        ("/missing", {}, DOWN),
        ("/token", {}, DOWN),
        ("/token", {"secret": "token"}, UP),
        ("/token", {"secret": "other"}, UNKNOWN),
        ("/moved", {}, UP),
        ("/circle", {}, DOWN),
        ("/garbage", {}, DOWN),
        ("/endless", {}, UP),
        ("/well", {"slow_ms": 0.001}, DEGRADED),
    ],
)
def test_http_probe_judges_what_it_gets(
    service: str, path: str, fields: dict[str, Any], status: ProbeStatus
) -> None:
    """Status, text and JSON decide; why it is not up is said in both languages."""
    outcome = _run(kind="http", url=f"{service}{path}", **fields)
    assert outcome.status is status, outcome
    assert (outcome.error is None) is (status is UP)
    assert outcome.error is None or (outcome.error.en and outcome.error.ko)


def test_redirect_to_another_host_is_not_followed() -> None:
    """The other host is named and never asked; only what somebody configured is called."""
    with running_service() as (other, hits), running_service() as (url, _):
        outcome = _run(kind="http", url=f"{url}/elsewhere")
        assert outcome.status is DOWN
        assert outcome.error is not None
        assert "localhost:9" in outcome.error.en
        assert _run(kind="http", url=f"{url}/elsewhere", status=[302]).status is UP
        assert hits == {}
        assert other != url


@pytest.mark.parametrize("path", ["/hangs", "/drips"])
def test_answer_that_does_not_come_in_time_is_down_and_holds_nobody(service: str, path: str) -> None:
    """A target that hangs, or sends a byte now and then for ever, costs its probe the timeout and no more."""
    runner, began = Runner({}, "/"), time.monotonic()
    hanging = {"name": "stuck", "kind": "http", "url": f"{service}{path}", "timeout_seconds": 0.3}
    assert _run(runner=runner, **hanging).status is DOWN
    assert time.monotonic() - began < 2
    again = _run(runner=runner, **hanging)
    assert again.status is DOWN
    assert again.latency_ms is None
    assert _run(runner=runner, kind="http", url=f"{service}/well").status is UP


def test_two_who_ask_at_once_share_one_try() -> None:
    """A checklist that meets the schedule at a slow service hears what it says, not that it hangs."""
    runner = Runner({}, "/")
    with running_service() as (url, hits), ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(_run, runner=runner, kind="http", url=f"{url}/slow") for _ in range(4)]
        assert [one.result().status for one in asked] == [UP] * 4
        assert hits["/slow"] == 1


def test_retry_decides_between_a_hiccup_and_down() -> None:
    """One failure with a retry is up; without it is down."""
    with running_service() as (url, hits):
        assert _run(kind="http", url=f"{url}/flaky", retries=1).status is UP
        assert hits["/flaky"] == 2
        assert _run(kind="http", url=f"{url}/flaky").status is DOWN
        assert _run(kind="http", url=f"{url}/missing", retries=2).status is DOWN
        assert hits["/missing"] == 3


def test_tcp_probe_tells_a_port_that_listens_from_one_that_does_not() -> None:
    """A refused connection is down with its reason, and has no latency."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert _run(kind="tcp", address=f"127.0.0.1:{server.getsockname()[1]}").status is UP
    closed = _run(kind="tcp", address=f"127.0.0.1:{free_port()}")
    assert closed.status is DOWN
    assert closed.latency_ms is None
    assert closed.error is not None
    assert "refused" in closed.error.en


@pytest.mark.parametrize(("days", "status"), [(300, UP), (5, DEGRADED)])
def test_certificate_that_ends_soon_is_degraded(tmp_path: Path, days: int, status: ProbeStatus) -> None:
    """The days left are measured; a certificate nobody vouches for is down."""
    pem = _certificate(tmp_path, days)
    with running_service(str(pem)) as (url, _):
        outcome = _run(kind="http", url=f"{url}/well", ca_file=str(pem))
        assert outcome.status is status, outcome
        assert outcome.measures["certificate_days"] == pytest.approx(days, abs=1.1)
        assert _run(kind="http", url=f"{url}/well").status is DOWN
        missing = _run(kind="http", url=f"{url}/well", ca_file=str(tmp_path / "none.pem"))
        assert missing.status is UNKNOWN


def _certificate(folder: Path, days: int) -> Path:
    key, pem = folder / "key.pem", folder / "cert.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    )
    subprocess.run(
        [*command.split(), "-days", str(days), "-keyout", str(key), "-out", str(pem)],
        check=True,
        capture_output=True,
    )
    both = folder / "both.pem"
    both.write_bytes(pem.read_bytes() + key.read_bytes())
    return both


def test_ollama_probe_knows_what_is_pulled_and_loaded() -> None:
    """A model that is not there is down, one that is not in memory degraded."""
    with running_simulator() as url:
        pulled = httpx.get(f"{url}/api/tags", trust_env=False).json()["models"][0]["name"]
        well = _run(kind="ollama", url=url, pulled=[pulled])
        assert well.status is UP, well
        assert pulled in well.detail["pulled"]
        assert _run(kind="ollama", url=url, pulled=["nobody:7b"]).status is DOWN
        loaded = well.detail["loaded"]
        absent = _run(kind="ollama", url=url, loaded=["nobody:7b"])
        assert absent.status is DEGRADED
        assert absent.measures["models_loaded"] == len(loaded)
    assert _run(kind="ollama", url=url).status is DOWN


def test_redis_probe_pings_and_weighs_memory() -> None:
    """A wrong password is down with what Redis says; memory near its limit is degraded."""
    with running_redis("s3cret") as port:
        url = f"redis://127.0.0.1:{port}"
        well = _run(kind="redis", url=url, secret="token")
        assert well.status is UP, well
        assert well.measures["memory_bytes"] > 100_000
        refused = _run(kind="redis", url=url)
        assert refused.status is DOWN
        assert refused.error is not None
        assert "NOAUTH" in refused.error.en
        _redis_command(
            port, "AUTH s3cret", f"CONFIG SET maxmemory {int(well.measures['memory_bytes'] * 1.05)}"
        )
        assert _run(kind="redis", url=url, secret="token").status is DEGRADED
    assert _run(kind="redis", url=url).status is DOWN


def _redis_command(port: int, *commands: str) -> None:
    with socket.create_connection(("127.0.0.1", port)) as talking:
        for command in commands:
            talking.sendall(f"{command}\r\n".encode())
            assert talking.recv(1000).startswith(b"+OK")


def test_postgres_probe_runs_a_query() -> None:
    """A database that does not exist, and a server that does not, are down."""
    with running_postgres() as url:
        well = _run(kind="postgres", url=url, timeout_seconds=20)
        assert well.status is UP, well
        assert well.detail["version"]
        missing = _run(kind="postgres", url=url.replace("/postgres", "/nothing"), timeout_seconds=20)
        assert missing.status is DOWN
        assert missing.error is not None
        assert "nothing" in missing.error.en
    assert _run(kind="postgres", url=url, timeout_seconds=20).status is DOWN


def test_chroma_probe_measures_a_collection() -> None:
    """A collection that is missing is down, one with too little degraded."""
    with running_chroma() as url:
        assert _run(kind="chroma", url=url, timeout_seconds=20).status is UP
        assert _run(kind="chroma", url=url, collection="docs", timeout_seconds=20).status is DOWN
        collections = f"{url}/api/v2/tenants/default_tenant/databases/default_database/collections"
        made = httpx.post(collections, json={"name": "docs"}, trust_env=False).json()
        records = {"ids": ["a", "b"], "embeddings": [[0.1, 0.2], [0.3, 0.4]]}
        httpx.post(f"{collections}/{made['id']}/add", json=records, trust_env=False).raise_for_status()
        well = _run(kind="chroma", url=url, collection="docs", timeout_seconds=20)
        assert (well.status, well.measures) == (UP, {"collection_size": 2.0})
        few = _run(kind="chroma", url=url, collection="docs", min_count=3, timeout_seconds=20)
        assert few.status is DEGRADED


def test_disk_probe_weighs_free_space() -> None:
    """The limits decide; a path that is not there is down, because its disk is not mounted."""
    well = _run(kind="disk", path="{data_dir}", warning_free_ratio=0, min_free_ratio=0)
    assert well.status is UP
    assert 0 < well.measures["free_ratio"] < 1
    assert _run(kind="disk", path="/", warning_free_ratio=1, min_free_ratio=0).status is DEGRADED
    assert _run(kind="disk", path="/", min_free_ratio=1).status is DOWN
    assert _run(kind="disk", path="/nowhere/at/all").status is DOWN
