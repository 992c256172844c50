"""From a span that breaks a threshold to the webhook, through everything a server is made of."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.pitwall_process import PROTOBUF, PitwallServer
from tests.support.telemetry import TraceBatch
from tests.support.webhooks import running_receiver

RULE = {
    "name": "busy",
    "title": {"en": "Busy", "ko": "호출이 많음"},
    "description": {"en": "", "ko": ""},
    "when": {"threshold": {"signal": "llm.requests", "critical": {"enter": "> 4"}}},
    "by": ["service"],
    "window": "5m",
}


def _ask(server: PitwallServer, method: str, path: str, **options: Any) -> Any:
    answer = httpx.request(method, server.url + path, timeout=30, trust_env=False, **options)
    assert answer.is_success, answer.text
    return answer.json()


@pytest.mark.timeout(180)
def test_from_a_span_to_the_webhook(tmp_path: Path) -> None:
    """Soon, with the number, the incident and three traces; and the alert is the same on every page."""
    with (
        running_receiver() as receiver,
        PitwallServer(tmp_path / "data", {"PITWALL_ALERT_WEBHOOK_URL": receiver.url}) as server,
    ):
        server.start()
        _ask(server, "PUT", "/api/v1/alerts/rules/busy", json=RULE)
        time.sleep(3)
        batch = TraceBatch(traces=10, started_at=time.time() - 5, spacing_seconds=0.1)
        sent_at = time.monotonic()
        answer = httpx.post(
            f"{server.url}/v1/traces", content=batch.encode(), headers=PROTOBUF, trust_env=False
        )
        assert answer.status_code == 200
        receiver.wait(1, 60)
        took = receiver.received[0].at - sent_at
        document = next(one.document for one in receiver.received if "busy" in str(one.document))
        alert = next(one for one in document["alerts"] if one["rule"] == "busy")
        listed = _ask(server, "GET", "/api/v1/alerts?rule=busy")["alerts"]
        (found,) = [one for one in listed if one["rule"] == "busy"]
        silence = {"matchers": ["rule=busy"], "reason": "we know", "duration": "1h"}
        _ask(server, "POST", "/api/v1/notifications/silences", json=silence)
        quiet = _ask(server, "GET", f"/api/v1/alerts/{found['id']}")
    assert took < 15, "five seconds on a machine that does nothing else"
    assert (alert["value"], alert["labels"], alert["severity"]) == (10.0, {"service": "voc"}, "critical")
    assert alert["links"]["alert"].endswith(f"/alerts/{found['id']}")
    assert "/incidents/" in alert["links"]["incident"]
    assert alert["links"]["incident"].endswith(f"/incidents/{found['incident_id']}")
    assert len(alert["links"]["examples"]) == 3
    assert [one["reason"] for one in quiet["silenced_by"]] == ["we know"]
