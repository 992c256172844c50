"""From spans that fail to an incident with its explanation, and `kill -9` at any moment in between."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.pitwall_process import PitwallServer

SEED = 20261120
KILLS = 6
RULE = {
    "name": "e2e.failures",
    "title": {"en": "Calls fail", "ko": "호출 실패"},
    "when": {"threshold": {"signal": "llm.failure_rate", "critical": {"enter": "> 0.3"}}},
    "by": ["service"],
    "min_samples": 1,
    "window": "1m",
}


class Caller:
    """An application that reports model calls."""

    def __init__(self, server: PitwallServer) -> None:
        self._server = server
        self._source = random.Random(SEED)

    def report(
        self, service: str, count: int, *, ago: float = 0, failing: float = 0, model: str = "a"
    ) -> None:
        """Report calls that ended just now or so many seconds ago, a share of which failed."""
        spans = [self._span(time.time() - ago, model, at < failing * count) for at in range(count)]
        resource = {"attributes": [_attribute("service.name", service)]}
        body = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]}
        answer = httpx.post(f"{self._server.url}/v1/traces", json=body, trust_env=False, timeout=30)
        assert answer.status_code == 200, answer.text

    def _span(self, ended: float, model: str, is_failed: bool) -> dict[str, Any]:
        end = int(ended * 1e9)
        names = {"gen_ai.operation.name": "chat", "gen_ai.request.model": model}
        span: dict[str, Any] = {
            "traceId": self._source.randbytes(16).hex(),
            "spanId": self._source.randbytes(8).hex(),
            "name": "chat",
            "startTimeUnixNano": str(end - 5_000_000),
            "endTimeUnixNano": str(end),
            "attributes": [_attribute(*pair) for pair in names.items()],
        }
        return {**span, "status": {"code": 2, "message": "boom"}} if is_failed else span


def _attribute(key: str, value: str) -> dict[str, Any]:
    return {"key": key, "value": {"stringValue": value}}


def _get(server: PitwallServer, path: str) -> Any:
    answer = httpx.get(f"{server.url}/api/v1{path}", trust_env=False, timeout=30)
    return answer.raise_for_status().json()


def _names_a_cause(server: PitwallServer) -> bool:
    """Whether the incident is explained; more alerts may join it, and it is explained again then."""
    explanation = _get(server, "/incidents/1")["explanation"]
    return explanation is not None and explanation["status"] == "explained"


def _watch(server: PitwallServer) -> None:
    """Save the rule of these tests."""
    rule = httpx.put(
        f"{server.url}/api/v1/alerts/rules/{RULE['name']}", json=RULE, trust_env=False, timeout=30
    )
    assert rule.status_code == 200, rule.text


def test_model_that_fails_becomes_an_incident_that_names_it(tmp_path: Path) -> None:
    """Within seconds, with the deployment that was told of a moment before."""
    with PitwallServer(tmp_path / "data").start() as server:
        _watch(server)
        caller = Caller(server)
        for minutes in range(10, 50):
            for model in ("a", "b"):
                caller.report("voc-chat", 5, ago=60 * minutes, model=model)
        told = {"kind": "deploy", "title": "voc-chat 1.8.2", "service": "voc-chat"}
        added = httpx.post(f"{server.url}/api/v1/changes", json=told, trust_env=False)
        assert added.status_code == 201, added.text
        caller.report("voc-chat", 30, model="a")
        caller.report("voc-chat", 30, failing=1, model="b")
        server.wait_for(lambda: bool(_get(server, "/incidents")["incidents"]), 20)
        server.wait_for(lambda: _names_a_cause(server), 60)
        incident = _get(server, "/incidents/1")
        assert "voc-chat" in incident["title"]["ko"]
        assert (incident["state"], incident["severity"]) == ("open", "critical")
        cause = incident["explanation"]["contributions"][0]
        assert (cause["dimension"], cause["value"], cause["now"]) == ("model", "b", 1.0)
        assert "voc-chat 1.8.2" in incident["explanation"]["text"]["en"]
        assert "change" in [entry["kind"] for entry in incident["timeline"]]
        assert server.stop() == 0


@pytest.mark.slow
def test_alerts_survive_kill_9_on_their_way_into_incidents(tmp_path: Path) -> None:
    """Each alert that fires is in one incident, and each thing it told of is in its timeline once."""
    moments = random.Random(SEED)
    with PitwallServer(tmp_path / "data").start() as server:
        _watch(server)
        services = [f"service-{number}" for number in range(3 * KILLS)]
        for kill in range(KILLS):
            for service in services[3 * kill : 3 * kill + 3]:
                Caller(server).report(service, 5, failing=1)
            time.sleep(moments.uniform(0, 4))
            server.kill()
            server.start()
        server.wait_for(lambda: _all_fire(server, services))
        server.wait_for(lambda: all(alert["incident_id"] for alert in _alerts(server)))
        incidents = _incidents(server)
        for alert in _alerts(server):
            detail = _get(server, f"/alerts/{alert['id']}")
            holding = [one for one in incidents if alert["id"] in _alert_ids(one)]
            assert [one["id"] for one in holding] == [alert["incident_id"]]
            entries = [one for one in holding[0]["timeline"] if one["alert_id"] == alert["id"]]
            assert len(entries) == len(detail["history"]), (entries, detail["history"])
        assert server.stop() == 0


def _all_fire(server: PitwallServer, services: list[str]) -> bool:
    """Whether the alerts of all services fire; calls of those that do not yet go on failing."""
    firing = {alert["labels"]["service"] for alert in _alerts(server)}
    for service in set(services) - firing:
        Caller(server).report(service, 5, failing=1)
    time.sleep(1)
    return firing == set(services)


def _alerts(server: PitwallServer) -> list[dict[str, Any]]:
    alerts: list[dict[str, Any]] = _get(server, f"/alerts?rule={RULE['name']}&state=firing")["alerts"]
    return alerts


def _incidents(server: PitwallServer) -> list[dict[str, Any]]:
    rows = _get(server, "/incidents?limit=500")["incidents"]
    return [_get(server, f"/incidents/{row['number']}") for row in rows]


def _alert_ids(incident: dict[str, Any]) -> set[str]:
    return {alert["id"] for alert in incident["alerts"]}
