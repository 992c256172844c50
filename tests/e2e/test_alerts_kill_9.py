"""`kill -9` of `pitwall up` while alerts are pending and firing: none lost, none twice, `for` not anew."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from pitwall.alerts.types import TOPIC
from pitwall.stores.state import StateStore
from pitwall.work.events import EventLog
from tests.support.pitwall_process import PROTOBUF, PitwallServer

HOLD_SECONDS = 10
SERVICES = ("shop", "search", "chat")
RULE: dict[str, Any] = {
    "name": "shop.errors",
    "title": {"en": "Errors", "ko": "오류"},
    "when": {"threshold": {"signal": "requests.error_rate", "critical": "> 0.5"}},
    "by": ["service"],
    "window": "1m",
    "for": f"{HOLD_SECONDS}s",
    "recover_for": "5s",
    "min_samples": 1,
}


def failing_requests(service: str, count: int = 3) -> bytes:
    """Requests of a service that fail now."""
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    resource.resource.attributes.add(key="service.name").value.string_value = service
    spans = resource.scope_spans.add().spans
    for _ in range(count):
        now = time.time_ns()
        span = spans.add(trace_id=os.urandom(16), span_id=os.urandom(8), name="POST /ask")
        span.start_time_unix_nano, span.end_time_unix_nano = now - 1_000_000, now
        span.status.code = Status.STATUS_CODE_ERROR
    return request.SerializeToString()


@contextmanager
def failing(server: PitwallServer) -> Iterator[None]:
    """All services fail as long as the block runs, whether the server lives or not."""
    over = threading.Event()

    def send() -> None:
        while not over.wait(0.5):
            for service in SERVICES:
                with suppress(httpx.TransportError):
                    httpx.post(
                        f"{server.url}/v1/traces",
                        content=failing_requests(service),
                        headers=PROTOBUF,
                        trust_env=False,
                    )

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(10)


def alerts(server: PitwallServer, state: str) -> dict[str, dict[str, Any]]:
    """The alerts of the rule in a state, by service."""
    answer = httpx.get(
        f"{server.url}/api/v1/alerts",
        params={"rule": RULE["name"], "state": state},
        trust_env=False,
        timeout=30,
    )
    return {one["labels"]["service"]: one for one in answer.raise_for_status().json()["alerts"]}


def start_with_rule(data_dir: Path) -> PitwallServer:
    """A server that evaluates the rule."""
    server = PitwallServer(data_dir).start()
    saved = httpx.put(f"{server.url}/api/v1/alerts/rules/{RULE['name']}", json=RULE, trust_env=False)
    assert saved.status_code == 200, saved.text
    return server


@pytest.mark.slow
def test_alerts_survive_kill_9(tmp_path: Path) -> None:
    """Killed while pending and again and again while firing: each service is told once, at its time."""
    chance = random.Random(20261128)
    with start_with_rule(tmp_path / "data") as server, failing(server):
        server.wait_for(lambda: set(alerts(server, "pending")) == set(SERVICES))
        began = {name: one["active_since"] for name, one in alerts(server, "pending").items()}
        server.kill()
        server.start()
        server.wait_for(lambda: set(alerts(server, "firing")) == set(SERVICES))
        fired = alerts(server, "firing")
        for _ in range(4):
            server.kill()
            server.launch()
            time.sleep(chance.uniform(0.5, 4.0))
        server.kill()
        server.start()
        server.wait_for(lambda: set(alerts(server, "firing")) == set(SERVICES))
        after = alerts(server, "firing")
    for name, alert in fired.items():
        assert alert["active_since"] == began[name]
        waited = moment(alert["fired_at"]) - moment(alert["active_since"])
        assert waited >= timedelta(seconds=HOLD_SECONDS)
        assert (after[name]["id"], after[name]["fired_at"]) == (alert["id"], alert["fired_at"])
    told = [event for event in events(tmp_path / "data") if event["rule"] == RULE["name"]]
    assert Counter(event["labels"]["service"] for event in told if event["kind"] == "fired") == dict.fromkeys(
        SERVICES, 1
    )
    assert len({event["id"] for event in told}) == len(told)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def events(data_dir: Path) -> list[dict[str, Any]]:
    """Everything that was told, from the store itself."""
    store = StateStore.in_directory(data_dir).open()
    try:
        with store.session(read_only=True) as session:
            return [dict(one.payload) for one in EventLog(session, TOPIC).unread("test", limit=10_000)]
    finally:
        store.close()
